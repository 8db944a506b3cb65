/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peers: one for each principal of the roster in force, and what sessions and heartbeats tell of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/presence_private.h"
#include "siaga/error.h"

#define QUOTA_BAD_MS 60000 /* a refusal counts so long */

/* --- life ------------------------------------------------------------------------------------------- */

static void
s_mark_expected (struct presence *self)
{
	for (size_t i = 0; i < self->peer_count; i++)
		self->peers[i].is_expected = false;
	for (size_t i = 0; self->expected && i < self->expected->count; i++) {
		struct peer *peer =
			presence_peer_named (self, siaga_text (self->expected->items[i]));
		if (peer)
			peer->is_expected = true;
		else
			log_warn ("expected-unknown", "%s is expected, but not in the roster",
				  self->expected->items[i]);
	}
}

static int
s_make_peers (struct presence *self)
{
	const struct siaga_roster *roster = self->core->trust->roster;

	self->peers = calloc (roster->principal_count, sizeof *self->peers);
	self->clocks = calloc (roster->principal_count, sizeof *self->clocks);
	if (!self->peers || !self->clocks)
		return SIAGA_ENOMEM;
	self->peer_count = roster->principal_count;
	for (size_t i = 0; i < self->peer_count; i++)
		snprintf (self->peers[i].name, sizeof self->peers[i].name, "%s",
			  roster->principals[i].name);
	return 0;
}

int
presence_new (struct presence **self_p, struct core *core)
{
	struct presence *self = calloc (1, sizeof *self);

	if (!self)
		return SIAGA_ENOMEM;
	self->core = core;
	self->journal = CONDITION_UNSURE;
	self->conditions = conditions_new ();
	int error = self->conditions ? presence_conf_default (&self->conf) : SIAGA_ENOMEM;
	if (!error)
		error = s_make_peers (self);
	if (!error) {
		conditions_settle_after (self->conditions, self->conf.settle_us / 1000);
		error = presence_recall (self);
	}
	if (error)
		presence_destroy (&self);
	else
		*self_p = self;
	return error;
}

static void
s_free_peers (struct peer *peers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free (peers[i].sources);
	free (peers);
}

void
presence_destroy (struct presence **self_p)
{
	struct presence *self = *self_p;

	if (!self)
		return;
	s_free_peers (self->peers, self->peer_count);
	free (self->clocks);
	conditions_destroy (&self->conditions);
	free (self);
	*self_p = NULL;
}

void
presence_configure (struct presence *self, const struct presence_conf *conf,
		    const struct conf_strings *expected, const char *state_dir)
{
	self->conf = *conf;
	self->expected = expected;
	self->state_dir = state_dir;
	conditions_settle_after (self->conditions, conf->settle_us / 1000);
	s_mark_expected (self);
}

/* Everybody who is in both keeps what is known; a failure leaves nobody known, which time mends. */
void
presence_on_roster (struct presence *self)
{
	struct peer *old = self->peers;
	size_t old_count = self->peer_count;

	free (self->clocks);
	self->peers = NULL;
	self->peer_count = 0;
	if (s_make_peers (self) != 0) {
		s_free_peers (old, old_count);
		return;
	}
	for (size_t i = 0; i < old_count; i++) {
		struct peer *peer = presence_peer_named (self, siaga_text (old[i].name));
		if (!peer)
			continue;
		*peer = old[i];
		old[i].sources = NULL;
	}
	s_free_peers (old, old_count);
	s_mark_expected (self);
}

/* --- heartbeats ------------------------------------------------------------------------------------- */

static const struct peer_source *
s_source_known (const struct peer *peer, struct siaga_text name)
{
	for (size_t i = 0; i < peer->source_count; i++)
		if (siaga_text_is (name, peer->sources[i].name))
			return &peer->sources[i];
	return NULL;
}

/* New lines end a quiet time: what is the longest that this source has and wakes up from? It fades, so that one
   bad night is not the rule for ever. */
static void
s_source_changed (struct peer_source *source)
{
	uint64_t faded_ms = source->peak_ms - source->peak_ms / 64;

	if (source->has_changed) {
		source->peak_ms = source->quiet_ms > faded_ms ? source->quiet_ms : faded_ms;
		source->gaps += source->gaps < UINT32_MAX;
	}
	source->has_changed = true;
	source->quiet_ms = 0;
}

static void
s_source_hear (const struct peer *peer, struct peer_source *source, const struct siaga_source *told)
{
	const struct peer_source *known = s_source_known (peer, told->name);

	if (known)
		*source = *known;
	snprintf (source->name, sizeof source->name, "%.*s", (int) told->name.size,
		  told->name.data);
	bool is_same =
		known && source->last_line_us == told->last_line_us && source->lines == told->lines;
	source->last_line_us = told->last_line_us;
	source->lines = told->lines;
	if (known && !is_same && told->lines > 0)
		s_source_changed (source);
}

/* Only what this heartbeat tells of is kept. */
static void
s_hear_sources (struct peer *peer, const struct session *session)
{
	struct siaga_bytes told = session->status.sources;
	struct siaga_source source;
	struct siaga_reader reader;

	if (told.size == 0)
		return;
	siaga_reader_init (&reader, told.data, told.size);
	size_t count = siaga_sources_begin (&reader);
	struct peer_source *sources = calloc (count ? count : 1, sizeof *sources);
	if (!sources)
		return;
	for (size_t i = 0; i < count && !reader.error; i++) {
		siaga_source_read (&reader, &source);
		if (!reader.error)
			s_source_hear (peer, &sources[i], &source);
	}
	free (peer->sources);
	peer->sources = sources;
	peer->source_count = reader.error ? 0 : count;
	peer->is_new = peer->is_new || !peer->is_agent;
	peer->is_agent = true;
}

void
presence_on_status (struct presence *self, const struct session *session)
{
	if (self->peer_count == 0)
		return;
	struct peer *peer = presence_peer_of (self, session->principal);
	const struct siaga_status_message *status = &session->status;

	peer->is_dirty = true;
	if (status->sources.size == 0)
		return;
	s_hear_sources (peer, session);
	peer->has_clock = true;
	peer->clock_off_us = (int64_t) status->now_us - (int64_t) clock_now_us ();
	if (status->waiting < peer->waiting)
		peer->grows = 0;
	else
		peer->grows += status->waiting > peer->waiting;
	peer->waiting = status->waiting;
}

static void
s_take_over (struct peer *peer, const struct session *session)
{
	if (session->heard_us > peer->heard_us)
		peer->heard_us = session->heard_us;
	peer->roster_serial = session->roster_serial;
	snprintf (peer->software, sizeof peer->software, "%s", session->software);
	peer->is_dirty = true;
}

/* By name: while another roster is taken, the session's principal may be of either. */
void
presence_on_end (struct presence *self, const struct session *session)
{
	struct peer *peer =
		session->state == SESSION_OPEN
			? presence_peer_named (self, siaga_text (session->principal->name))
			: NULL;

	if (peer)
		s_take_over (peer, session);
}

void
presence_on_published (struct presence *self, const struct journal_job *job)
{
	struct peer *peer = presence_peer_named (self, job->batch.head.origin);

	if (!peer)
		return;
	peer->entries += job->batch.head.count;
	peer->bytes += job->size;
	for (uint32_t i = 0; i < job->batch.head.count; i++)
		if (job->headers[i].kind == SIAGA_KIND_ALERT)
			peer->last_alert_us = job->result.accepted_us;
	peer->is_dirty = true;
}

void
presence_on_quota (struct presence *self, const char *principal)
{
	conditions_report (self->conditions, CONDITION_QUOTA, principal, QUOTA_BAD_MS,
			   clock_now_us (), "publishes were refused with \"quota\"");
}

void
presence_on_journal (struct presence *self, bool is_well, const char *words)
{
	self->journal = is_well ? CONDITION_FINE : CONDITION_BAD;
	snprintf (self->journal_words, sizeof self->journal_words, "%s", words ? words : "");
}

/* --- a look ------------------------------------------------------------------------------------------ */

/* A reader is behind while it has not reached the head that was when it last had reached the head. */
static void
s_look_subscription (struct presence *self, struct peer *peer, struct subscription *subscription)
{
	uint64_t head = self->core->head;

	if (subscription->next >= subscription->target) {
		subscription->target = head;
		subscription->behind_ms = 0;
	} else {
		subscription->behind_ms += self->passed_ms;
	}
	uint64_t behind = head > subscription->next ? head - subscription->next : 0;
	peer->subscriptions++;
	if (behind > peer->behind)
		peer->behind = behind;
	if (subscription->behind_ms > peer->behind_ms)
		peer->behind_ms = subscription->behind_ms;
}

static void
s_look_session (struct presence *self, struct session *session)
{
	struct peer *peer = presence_peer_of (self, session->principal);

	if (peer->sessions++ == 0 || session->since_us < peer->since_us)
		peer->since_us = session->since_us;
	peer->is_new = peer->is_new || peer->heard_us == 0;
	if (session->heard_us > peer->heard_us)
		s_take_over (peer, session);
	if (session->status.sources.size > 0 &&
	    (!peer->uplink || session->quiet_ticks <= peer->uplink_quiet_ticks)) {
		peer->uplink = session;
		peer->uplink_quiet_ticks = session->quiet_ticks;
	}
	for (size_t i = 0; i < SIAGA_SUBSCRIPTIONS_MAX; i++)
		if (session->subscriptions[i])
			s_look_subscription (self, peer, session->subscriptions[i]);
}

static void
s_begin_peer (struct peer *peer)
{
	peer->sessions = peer->subscriptions = 0;
	peer->since_us = 0;
	peer->uplink = NULL;
	peer->uplink_quiet_ticks = 0;
	peer->behind = peer->behind_ms = 0;
}

static void
s_end_peer (struct presence *self, struct peer *peer)
{
	if (peer->uplink)
		peer->quiet_ms = (uint64_t) peer->uplink_quiet_ticks * HUB_TICK_MS;
	else
		peer->quiet_ms += self->passed_ms;
	if (peer->uplink || peer->subscriptions > 0)
		peer->away_ms = 0;
	else
		peer->away_ms += self->passed_ms;
	for (size_t i = 0; peer->uplink && i < peer->source_count; i++)
		peer->sources[i].quiet_ms += self->passed_ms;
}

static void
s_look (struct presence *self)
{
	for (size_t i = 0; i < self->peer_count; i++)
		s_begin_peer (&self->peers[i]);
	for (struct session *session = session_table_next (self->core->sessions, NULL);
	     session && self->peer_count > 0;
	     session = session_table_next (self->core->sessions, session))
		if (session->state == SESSION_OPEN)
			s_look_session (self, session);
	for (size_t i = 0; i < self->peer_count; i++)
		s_end_peer (self, &self->peers[i]);
}

void
presence_on_tick (struct presence *self)
{
	uint64_t now_ms = clock_mono_ms ();
	uint64_t passed_ms = self->has_looked ? now_ms - self->looked_ms : 0;

	if (self->has_looked && passed_ms < HUB_PRESENCE_MS)
		return;
	self->has_looked = true;
	self->looked_ms = now_ms;
	self->passed_ms =
		passed_ms < HUB_PRESENCE_PASSED_MAX_MS ? passed_ms : HUB_PRESENCE_PASSED_MAX_MS;
	if (!self->core->is_ready) /* nobody can come while the gate does not listen */
		self->passed_ms = 0;
	self->up_ms += self->passed_ms;
	s_look (self);
	presence_judge (self);
	conditions_step (self->conditions, self->passed_ms);
	presence_say (self);
}

/* --- what is known ----------------------------------------------------------------------------------- */

const struct peer *
presence_peers (const struct presence *self, size_t *count)
{
	*count = self->peer_count;
	return self->peers;
}

struct conditions *
presence_conditions (const struct presence *self)
{
	return self->conditions;
}

uint64_t
presence_disk_free (const struct presence *self)
{
	return self->disk_free;
}
