/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of what is known is bad: one function a rule. Where nothing is known at the moment a condition stays as
 * it was. Rules about an agent's own times compare that agent's clock with itself, or what passed here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "common/clock.h"
#include "hub/presence_private.h"

#define LATE_MS (3 * SIAGA_STATUS_INTERVAL_MS + SIAGA_STATUS_INTERVAL_MS / 2)
#define RHYTHM_GAPS 8	       /* so many quiet times must have ended for a rhythm to be known */
#define RHYTHM_TIMES 4	       /* stale is so many of the longest of them, and at least … */
#define RHYTHM_LEAST_MS 900000 /* … this */
#define GROWS_MAX 30	       /* heartbeats */
#define GROWS_WAITING 100      /* entries; fewer are no pile */
#define CLOCKS_MIN 3	       /* that must agree for it to be ours that is off */
#define DISK_LOOK_MS 10000

static void
s_judge (struct presence *self, enum condition_kind kind, const struct peer *peer,
	 const char *detail, enum condition_verdict verdict, uint64_t for_ms, const char *words)
{
	uint64_t now_us = clock_now_us ();
	uint64_t since_us = for_ms * 1000 < now_us ? now_us - for_ms * 1000 : 0;

	conditions_judge (self->conditions, kind, peer ? peer->name : "", detail, verdict, since_us,
			  words);
}

/* What is not bad needs no words, and most of all that is judged is not bad. */
static bool
s_is_settled (struct presence *self, enum condition_kind kind, const struct peer *peer,
	      const char *detail, enum condition_verdict verdict)
{
	if (verdict != CONDITION_BAD)
		conditions_judge (self->conditions, kind, peer ? peer->name : "", detail, verdict,
				  0, "");
	return verdict != CONDITION_BAD;
}

static bool
s_is_started (const struct presence *self)
{
	return self->up_ms >= self->conf.start_grace_us / 1000;
}

/* --- of a principal ---------------------------------------------------------------------------------- */

/* While it is connected one lost heartbeat is no silence, however short the limit. */
static void
s_rule_silent (struct presence *self, const struct peer *peer)
{
	char words[CONDITION_WORDS_MAX + 1], heard[SIAGA_TIME_TEXT];
	uint64_t limit_ms = self->conf.silent_after_us / 1000;
	enum condition_verdict verdict = CONDITION_UNSURE;

	if (peer->uplink && limit_ms < LATE_MS)
		limit_ms = LATE_MS;
	if (peer->quiet_ms >= limit_ms && s_is_started (self))
		verdict = CONDITION_BAD;
	else if (peer->uplink && peer->quiet_ms < limit_ms)
		verdict = CONDITION_FINE;
	if (s_is_settled (self, CONDITION_SILENT, peer, "", verdict))
		return;
	siaga_time_text (heard, peer->heard_us);
	snprintf (words, sizeof words, "no heartbeat; last heard %s; %s", heard,
		  peer->sessions > 0 ? "still connected" : "not connected");
	s_judge (self, CONDITION_SILENT, peer, "", verdict, peer->quiet_ms, words);
}

/* 0: not known. */
static uint64_t
s_source_limit_ms (const struct presence *self, const struct peer_source *source)
{
	uint64_t limit_ms = RHYTHM_TIMES * source->peak_ms;

	if (self->conf.source_quiet_us > 0)
		return self->conf.source_quiet_us / 1000;
	if (source->gaps < RHYTHM_GAPS)
		return 0;
	return limit_ms > RHYTHM_LEAST_MS ? limit_ms : RHYTHM_LEAST_MS;
}

static void
s_rule_source (struct presence *self, const struct peer *peer, const struct peer_source *source)
{
	char words[CONDITION_WORDS_MAX + 1];
	uint64_t limit_ms = s_source_limit_ms (self, source);
	enum condition_verdict verdict = CONDITION_UNSURE;

	if (peer->uplink && limit_ms > 0 && source->quiet_ms >= limit_ms)
		verdict = CONDITION_BAD;
	else if (peer->uplink && source->has_changed)
		verdict = CONDITION_FINE;
	if (s_is_settled (self, CONDITION_SOURCE_STALE, peer, source->name, verdict))
		return;
	snprintf (words, sizeof words,
		  "no new line from source %s for %" PRIu64 " s; its limit is %" PRIu64 " s%s",
		  source->name, source->quiet_ms / 1000, limit_ms / 1000,
		  self->conf.source_quiet_us > 0 ? "" : ", from its own rhythm");
	s_judge (self, CONDITION_SOURCE_STALE, peer, source->name, verdict, source->quiet_ms,
		 words);
}

static void
s_rule_clock (struct presence *self, const struct peer *peer, int64_t median_us)
{
	char words[CONDITION_WORDS_MAX + 1];
	int64_t off_us = peer->clock_off_us - median_us;
	enum condition_verdict verdict = CONDITION_UNSURE;

	if (peer->uplink && peer->has_clock)
		verdict = (uint64_t) llabs (off_us) > self->conf.clock_off_us ? CONDITION_BAD
									      : CONDITION_FINE;
	if (s_is_settled (self, CONDITION_CLOCK, peer, "", verdict))
		return;
	snprintf (words, sizeof words, "it is %.1f s %s the %s", (double) llabs (off_us) / 1e6,
		  off_us < 0 ? "behind" : "ahead of", median_us ? "other agents'" : "hub's");
	s_judge (self, CONDITION_CLOCK, peer, "", verdict, 0, words);
}

/* How long its oldest entry waits, by its own clock. */
static uint64_t
s_oldest_us (const struct siaga_status_message *status)
{
	return status->waiting > 0 && status->oldest_us > 0 && status->now_us > status->oldest_us
		       ? status->now_us - status->oldest_us
		       : 0;
}

static void
s_rule_outbox (struct presence *self, const struct peer *peer)
{
	char words[CONDITION_WORDS_MAX + 1];
	uint64_t oldest_us = peer->uplink ? s_oldest_us (&peer->uplink->status) : 0;
	enum condition_verdict verdict = CONDITION_UNSURE;

	if (peer->uplink)
		verdict =
			oldest_us >= self->conf.outbox_age_us ||
					peer->waiting >= (uint64_t) self->conf.outbox_waiting ||
					(peer->grows >= GROWS_MAX && peer->waiting >= GROWS_WAITING)
				? CONDITION_BAD
				: CONDITION_FINE;
	if (s_is_settled (self, CONDITION_OUTBOX, peer, "", verdict))
		return;
	snprintf (words, sizeof words, "%" PRIu64 " entries wait, the oldest for %" PRIu64 " s%s",
		  peer->waiting, oldest_us / 1000000,
		  peer->grows >= GROWS_MAX ? ", more and more" : "");
	s_judge (self, CONDITION_OUTBOX, peer, "", verdict, 0, words);
}

static void
s_rule_behind (struct presence *self, const struct peer *peer)
{
	char words[CONDITION_WORDS_MAX + 1];
	enum condition_verdict verdict =
		peer->behind_ms >= self->conf.behind_us / 1000 ? CONDITION_BAD : CONDITION_FINE;

	if (s_is_settled (self, CONDITION_READER_BEHIND, peer, "", verdict))
		return;
	snprintf (words, sizeof words,
		  "its slowest subscription is %" PRIu64 " entries behind, for %" PRIu64 " s",
		  peer->behind, peer->behind_ms / 1000);
	s_judge (self, CONDITION_READER_BEHIND, peer, "", verdict, peer->behind_ms, words);
}

/* Of an agent that was seen, its silence says the same. */
static void
s_rule_absent (struct presence *self, const struct peer *peer)
{
	char words[CONDITION_WORDS_MAX + 1], heard[SIAGA_TIME_TEXT];
	enum condition_verdict verdict = CONDITION_UNSURE;

	if (peer->away_ms == 0)
		verdict = CONDITION_FINE;
	else if (peer->away_ms >= self->conf.absent_after_us / 1000 && s_is_started (self))
		verdict = CONDITION_BAD;
	if (s_is_settled (self, CONDITION_ABSENT, peer, "", verdict))
		return;
	siaga_time_text (heard, peer->heard_us);
	snprintf (words, sizeof words, "%s, last heard %s",
		  peer->sessions > 0 ? "connected, but it does not read" : "not connected",
		  peer->heard_us ? heard : "never");
	s_judge (self, CONDITION_ABSENT, peer, "", verdict, peer->away_ms, words);
}

/* When the last of its keys that count ends: 0 when one has no end, or none counts. */
static uint64_t
s_keys_end_us (const struct siaga_principal *principal, uint64_t now_us)
{
	uint64_t end_us = 0;

	for (size_t i = 0; i < principal->key_count; i++) {
		const struct siaga_roster_key *key = &principal->keys[i];
		if (siaga_roster_key_check (key, now_us) != 0)
			continue;
		if (key->until_us == 0)
			return 0;
		if (key->until_us > end_us)
			end_us = key->until_us;
	}
	return end_us;
}

static void
s_rule_key (struct presence *self, const struct peer *peer, const struct siaga_principal *principal)
{
	char words[CONDITION_WORDS_MAX + 1], end[SIAGA_TIME_TEXT];
	uint64_t now_us = clock_now_us ();
	uint64_t end_us = s_keys_end_us (principal, now_us);

	if (end_us == 0 || end_us > now_us + self->conf.expiry_us)
		return;
	siaga_time_text (end, end_us);
	snprintf (words, sizeof words, "it counts until %s", end);
	s_judge (self, CONDITION_KEY_EXPIRY, peer, "", CONDITION_BAD, 0, words);
}

static void
s_judge_peer (struct presence *self, size_t index, int64_t median_us)
{
	const struct siaga_principal *principal = &self->core->trust->roster->principals[index];
	const struct peer *peer = &self->peers[index];

	if (peer->is_agent && (principal->roles & SIAGA_ROLE_PUBLISH) != 0) {
		s_rule_silent (self, peer);
		for (size_t i = 0; i < peer->source_count; i++)
			s_rule_source (self, peer, &peer->sources[i]);
		s_rule_clock (self, peer, median_us);
		s_rule_outbox (self, peer);
	} else if (peer->is_expected) {
		s_rule_absent (self, peer);
	}
	s_rule_behind (self, peer);
	s_rule_key (self, peer, principal);
}

/* --- of the hub -------------------------------------------------------------------------------------- */

static int
s_compare (const void *a, const void *b)
{
	int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

	return (x > y) - (x < y);
}

/* Where most clocks differ from ours alike it is ours that is off, and theirs are compared with each other: what
   to take from each. */
static int64_t
s_rule_hub_clock (struct presence *self)
{
	char words[CONDITION_WORDS_MAX + 1] = "";
	size_t count = 0;
	int64_t median_us = 0;

	for (size_t i = 0; i < self->peer_count; i++)
		if (self->peers[i].uplink && self->peers[i].has_clock)
			self->clocks[count++] = self->peers[i].clock_off_us;
	if (count >= CLOCKS_MIN) {
		qsort (self->clocks, count, sizeof *self->clocks, s_compare);
		median_us = self->clocks[count / 2];
	}
	bool is_off = (uint64_t) llabs (median_us) > self->conf.clock_off_us;
	snprintf (words, sizeof words, "half of %zu agents' clocks are %.1f s or more %s", count,
		  (double) llabs (median_us) / 1e6, median_us < 0 ? "behind it" : "ahead of it");
	s_judge (self, CONDITION_HUB_CLOCK, NULL, "",
		 is_off		       ? CONDITION_BAD
		 : count >= CLOCKS_MIN ? CONDITION_FINE
				       : CONDITION_UNSURE,
		 0, words);
	return is_off ? median_us : 0;
}

static void
s_rule_roster (struct presence *self)
{
	const struct siaga_roster *roster = self->core->trust->roster;
	char words[CONDITION_WORDS_MAX + 1], end[SIAGA_TIME_TEXT], serial[24];
	uint64_t now_us = clock_now_us ();

	if (roster->expires_us > now_us + self->conf.expiry_us)
		return;
	siaga_time_text (end, roster->expires_us);
	snprintf (serial, sizeof serial, "%" PRIu64, roster->serial);
	snprintf (words, sizeof words, "roster %s expires %s; it works on for %" PRIu64 " days",
		  serial, end, roster->grace_us / 86400000000);
	s_judge (self, CONDITION_ROSTER_EXPIRY, NULL, serial, CONDITION_BAD, 0, words);
}

static void
s_rule_disk (struct presence *self)
{
	struct statvfs status;
	char words[CONDITION_WORDS_MAX + 1];
	uint64_t low = self->conf.disk_low_bytes;
	enum condition_verdict verdict = CONDITION_UNSURE;

	if (!self->state_dir)
		return;
	if ((self->disk_ms == 0 || self->up_ms - self->disk_ms >= DISK_LOOK_MS) &&
	    statvfs (self->state_dir, &status) == 0) {
		self->disk_ms = self->up_ms + 1;
		self->disk_free = (uint64_t) status.f_bavail * status.f_frsize;
	}
	if (self->disk_ms > 0 && self->disk_free < low)
		verdict = CONDITION_BAD;
	else if (self->disk_free > low + low / 4)
		verdict = CONDITION_FINE;
	snprintf (words, sizeof words,
		  "%" PRIu64 " MiB are free for the journal; less than %" PRIu64 " MiB is low",
		  self->disk_free >> 20, low >> 20);
	s_judge (self, CONDITION_DISK, NULL, "", verdict, 0, words);
}

void
presence_judge (struct presence *self)
{
	int64_t median_us = s_rule_hub_clock (self);

	for (size_t i = 0; i < self->peer_count; i++)
		s_judge_peer (self, i, median_us);
	s_rule_roster (self);
	s_rule_disk (self);
	s_judge (self, CONDITION_JOURNAL, NULL, "", self->journal, 0, self->journal_words);
}
