/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of conditions and their life (conditions.h): closed, opening, open, closing, closed.
 */
#include "hub/conditions.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "hub/hub_limits.h"

#define BUCKETS 4096 /* a power of two */

struct conditions {
	uint64_t settle_ms;
	uint64_t round;
	size_t count;
	uint8_t key[crypto_shorthash_KEYBYTES]; /* source names are the peers' choice */
	struct condition *buckets[BUCKETS];
};

struct conditions *
conditions_new (void)
{
	struct conditions *self = calloc (1, sizeof *self);

	if (self)
		randombytes_buf (self->key, sizeof self->key);
	return self;
}

void
conditions_destroy (struct conditions **self_p)
{
	struct conditions *self = *self_p;
	struct condition *condition;

	for (size_t i = 0; self && i < BUCKETS; i++)
		while ((condition = self->buckets[i])) {
			self->buckets[i] = condition->next;
			free (condition);
		}
	free (self);
	*self_p = NULL;
}

void
conditions_settle_after (struct conditions *self, uint64_t settle_ms)
{
	self->settle_ms = settle_ms;
}

/* --- the table ------------------------------------------------------------------------------------------ */

static size_t
s_bucket_of (const struct conditions *self, enum condition_kind kind, const char *subject,
	     const char *detail)
{
	uint8_t hash[crypto_shorthash_BYTES];
	char text[SIAGA_PRINCIPAL_MAX + CONDITION_DETAIL_MAX + 16];
	uint64_t at;

	int size = snprintf (text, sizeof text, "%d %s %s", (int) kind, subject, detail);
	crypto_shorthash (hash, (const uint8_t *) text, (size_t) size, self->key);
	memcpy (&at, hash, sizeof at);
	return (size_t) at & (BUCKETS - 1);
}

struct condition *
conditions_find (const struct conditions *self, enum condition_kind kind, const char *subject,
		 const char *detail)
{
	struct condition *it = self->buckets[s_bucket_of (self, kind, subject, detail)];

	while (it && (it->kind != kind || strcmp (it->subject, subject) != 0 ||
		      strcmp (it->detail, detail) != 0))
		it = it->next;
	return it;
}

/* Records of one kind and principal: a peer chooses how many sources it has, and what they are called. */
static size_t
s_count_alike (const struct conditions *self, enum condition_kind kind, const char *subject)
{
	size_t count = 0;

	for (const struct condition *it = conditions_next (self, NULL); it;
	     it = conditions_next (self, it))
		count += it->kind == kind && strcmp (it->subject, subject) == 0;
	return count;
}

static struct condition *
s_add (struct conditions *self, enum condition_kind kind, const char *subject, const char *detail)
{
	struct condition **bucket = &self->buckets[s_bucket_of (self, kind, subject, detail)];

	if (self->count >= HUB_CONDITIONS_MAX ||
	    (detail[0] != '\0' && s_count_alike (self, kind, subject) >= HUB_CONDITIONS_ALIKE_MAX))
		return NULL;
	struct condition *condition = calloc (1, sizeof *condition);
	if (!condition)
		return NULL;
	condition->kind = kind;
	snprintf (condition->subject, sizeof condition->subject, "%s", subject);
	snprintf (condition->detail, sizeof condition->detail, "%s", detail);
	condition->next = *bucket;
	*bucket = condition;
	self->count++;
	return condition;
}

static void
s_remove (struct conditions *self, struct condition *condition)
{
	struct condition **at = &self->buckets[s_bucket_of (self, condition->kind,
							    condition->subject, condition->detail)];

	while (*at != condition)
		at = &(*at)->next;
	*at = condition->next;
	self->count--;
	free (condition);
}

struct condition *
conditions_next (const struct conditions *self, const struct condition *previous)
{
	size_t bucket = 0;

	if (previous && previous->next)
		return previous->next;
	if (previous)
		bucket =
			s_bucket_of (self, previous->kind, previous->subject, previous->detail) + 1;
	while (bucket < BUCKETS && !self->buckets[bucket])
		bucket++;
	return bucket < BUCKETS ? self->buckets[bucket] : NULL;
}

size_t
conditions_open_count (const struct conditions *self)
{
	size_t count = 0;

	for (const struct condition *it = conditions_next (self, NULL); it;
	     it = conditions_next (self, it))
		count += it->state != CONDITION_CLOSED;
	return count;
}

/* --- judging -------------------------------------------------------------------------------------------- */

/* They become part of an entry: whole characters only. */
static void
s_keep_words (struct condition *condition, const char *words)
{
	struct siaga_text rest = siaga_text (words ? words : "");
	size_t size = 0, character;
	uint32_t code;

	while (rest.size > 0 && (character = siaga_utf8_decode (rest, &code)) > 0 &&
	       size + character <= CONDITION_WORDS_MAX) {
		memcpy (condition->words + size, rest.data, character);
		size += character;
		rest.data += character;
		rest.size -= character;
	}
	condition->words[size] = '\0';
}

static void
s_be_bad (struct condition *condition, uint64_t since_us, const char *words)
{
	bool is_new = condition->state == CONDITION_CLOSED && condition->bad_ms == 0 &&
		      condition->verdict != CONDITION_BAD;

	if (is_new || condition->since_us == 0)
		condition->since_us = since_us;
	s_keep_words (condition, words);
	condition->verdict = CONDITION_BAD;
}

void
conditions_judge (struct conditions *self, enum condition_kind kind, const char *subject,
		  const char *detail, enum condition_verdict verdict, uint64_t since_us,
		  const char *words)
{
	char subject_kept[SIAGA_PRINCIPAL_MAX + 1], detail_kept[CONDITION_DETAIL_MAX + 1];

	if (self->count == 0 && verdict != CONDITION_BAD)
		return;
	snprintf (subject_kept, sizeof subject_kept, "%s", subject);
	snprintf (detail_kept, sizeof detail_kept, "%s", detail);
	struct condition *condition = conditions_find (self, kind, subject_kept, detail_kept);
	if (!condition && verdict == CONDITION_BAD)
		condition = s_add (self, kind, subject_kept, detail_kept);
	if (!condition)
		return;
	condition->round = self->round;
	condition->until_ms = 0;
	if (verdict == CONDITION_BAD)
		s_be_bad (condition, since_us, words);
	else
		condition->verdict = verdict;
}

void
conditions_report (struct conditions *self, enum condition_kind kind, const char *subject,
		   uint64_t for_ms, uint64_t now_us, const char *words)
{
	conditions_judge (self, kind, subject, "", CONDITION_BAD, now_us, words);
	struct condition *condition = conditions_find (self, kind, subject, "");
	if (condition)
		condition->until_ms = for_ms;
}

/* --- time ----------------------------------------------------------------------------------------------- */

/* How long it must be fine: twice as long after each time it came back. */
static uint64_t
s_close_after (const struct conditions *self, const struct condition *condition)
{
	unsigned flaps = condition->flaps < HUB_CONDITION_FLAPS_MAX ? condition->flaps
								    : HUB_CONDITION_FLAPS_MAX;

	return self->settle_ms << flaps;
}

static void
s_step_bad (const struct conditions *self, struct condition *condition, uint64_t passed_ms)
{
	bool holds = condition_facts[condition->kind].holds;

	condition->fine_ms = 0;
	condition->bad_ms += passed_ms;
	if (condition->state == CONDITION_CLOSED &&
	    (!holds || condition->bad_ms >= self->settle_ms))
		condition->state = CONDITION_OPENING;
}

static void
s_step_fine (const struct conditions *self, struct condition *condition, uint64_t passed_ms)
{
	condition->bad_ms = 0;
	condition->fine_ms += passed_ms;
	if (condition->state == CONDITION_OPEN &&
	    condition->fine_ms >= s_close_after (self, condition))
		condition->state = CONDITION_CLOSING;
}

/* What was reported is fine when its time is over; what should have been judged and was not is gone. */
static enum condition_verdict
s_verdict (const struct conditions *self, struct condition *condition, uint64_t passed_ms)
{
	if (condition->until_ms > 0) {
		condition->until_ms -=
			passed_ms < condition->until_ms ? passed_ms : condition->until_ms;
		return condition->until_ms > 0 ? CONDITION_BAD : CONDITION_FINE;
	}
	return condition->round == self->round ? condition->verdict : CONDITION_FINE;
}

/* Nothing of it needs to be remembered any more. */
static bool
s_is_forgotten (const struct condition *condition)
{
	return condition->state == CONDITION_CLOSED && condition->verdict != CONDITION_BAD &&
	       (condition->flaps == 0 || condition->fine_ms >= HUB_CONDITION_MEMORY_MS);
}

void
conditions_step (struct conditions *self, uint64_t passed_ms)
{
	struct condition *next;

	for (struct condition *it = conditions_next (self, NULL); it; it = next) {
		next = conditions_next (self, it);
		it->verdict = s_verdict (self, it, passed_ms);
		if (it->verdict == CONDITION_BAD)
			s_step_bad (self, it, passed_ms);
		else if (it->verdict == CONDITION_FINE)
			s_step_fine (self, it, passed_ms);
		if (s_is_forgotten (it))
			s_remove (self, it);
	}
	self->round++;
}

void
conditions_logged (struct conditions *self, struct condition *condition)
{
	(void) self;
	assert (condition->state == CONDITION_OPENING || condition->state == CONDITION_CLOSING);
	if (condition->state == CONDITION_OPENING) {
		condition->state = CONDITION_OPEN;
		return;
	}
	condition->state = CONDITION_CLOSED;
	condition->flaps++;
	condition->since_us = 0;
}
