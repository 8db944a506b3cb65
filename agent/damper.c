/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is folded and when it is told: see damper.h for the life of a fold.
 */
#include "agent/damper_private.h"

#include <stdlib.h>

#include "common/clock.h"
#include "siaga/error.h"

#define TICK_ENDS_MAX 256  /* folds ended by one tick */
#define TICK_EARLY_MS 2000 /* ends so near are dealt with in one wake-up */

void
damper_configure (struct damper *self, const struct damper_conf *conf)
{
	uint64_t now_ms = clock_mono_ms (), now_us = clock_now_us ();
	self->window_us = conf->window_us;
	self->rate = (uint64_t) conf->rate;
	self->parts = damper_parts (&conf->key);
	self->enabled = conf->enabled;
	uint64_t window_us = conf->enabled ? conf->window_us : 0;
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++) {
		struct fold *fold;
		TAILQ_FOREACH (fold, &self->order[i], order)
		if (fold->end_ms > now_ms + window_us / 1000) {
			fold->end_ms = now_ms + window_us / 1000;
			fold->end_us = now_us + window_us;
		}
	}
}

/* Loading is not a change: nothing is to be written back. */
static int
s_load (struct damper *self)
{
	int error = fold_load (self);
	damper_committed (self);
	return error;
}

struct damper *
damper_new (const struct damper_conf *conf, struct outbox *outbox, struct intake *intake)
{
	struct damper *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->outbox = outbox;
	self->intake = intake;
	SLIST_INIT (&self->touched);
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++)
		TAILQ_INIT (&self->order[i]);
	for (size_t i = 0; i < FOLD_BUCKETS; i++)
		LIST_INIT (&self->buckets[i]);
	damper_configure (self, conf);
	if (s_load (self))
		damper_destroy (&self);
	if (self)
		intake_set_damper (intake, self);
	return self;
}

void
damper_destroy (struct damper **self_p)
{
	struct damper *self = *self_p;
	if (!self)
		return;
	intake_set_damper (self->intake, NULL);
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++)
		while (!TAILQ_EMPTY (&self->order[i])) {
			struct fold *fold = TAILQ_FIRST (&self->order[i]);
			fold_destroy (self, &fold);
		}
	for (size_t i = 0; i < self->rate_count; i++)
		free ((char *) self->rates[i].source);
	free (self);
	*self_p = NULL;
}

/* -- the rate -- */

/* NULL: too many sources, or no memory: not limited. */
static struct damper_rate *
s_rate (struct damper *self, const char *source)
{
	for (size_t i = 0; i < self->rate_count; i++)
		if (strcmp (self->rates[i].source, source) == 0)
			return &self->rates[i];
	if (self->rate_count == DAMPER_RATES_MAX)
		return NULL;
	struct damper_rate *rate = &self->rates[self->rate_count];
	rate->source = strdup (source);
	if (!rate->source)
		return NULL;
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++) {
		rate->tokens[i] = (double) self->rate;
		rate->filled_ms[i] = clock_mono_ms ();
	}
	self->rate_count++;
	return rate;
}

/* May one more alert go out by itself? Each severity has its own allowance: a flood of low ones hides no critical
   one. */
static bool
s_may_send (struct damper *self, const struct event *event)
{
	struct damper_rate *rate = self->rate ? s_rate (self, event->source) : NULL;
	if (!rate)
		return true;
	unsigned i = event->header.severity;
	uint64_t now_ms = clock_mono_ms ();
	rate->tokens[i] +=
		(double) (now_ms - rate->filled_ms[i]) * (double) self->rate / DAMPER_MINUTE_MS;
	rate->filled_ms[i] = now_ms;
	if (rate->tokens[i] > (double) self->rate)
		rate->tokens[i] = (double) self->rate;
	if (rate->tokens[i] < 1)
		return false;
	rate->tokens[i] -= 1;
	return true;
}

/* -- counting -- */

static int
s_end (struct damper *self, struct fold *fold)
{
	int error = fold_touch (self, fold);
	if (!error)
		error = fold_tell (self, fold, true);
	if (!error)
		error = fold_delete (self, fold); /* now: another of its kind may begin at once */
	if (!error)
		fold->now.ended = true;
	return error;
}

/* Room for one more: the oldest of this severity ends early. */
static int
s_make_room (struct damper *self, unsigned severity)
{
	struct fold *fold;
	if (self->open[severity] < DAMPER_FOLDS_MAX)
		return 0;
	TAILQ_FOREACH (fold, &self->order[severity], order)
	if (!fold->now.ended)
		return s_end (self, fold);
	return 0;
}

static int
s_count (struct damper *self, struct fold *fold, const struct event *event)
{
	int error = fold_touch (self, fold);
	if (error)
		return error;
	uint64_t lines = event->body.count ? event->body.count : 1;
	uint64_t seen_us = event->header.detected_us ? event->header.detected_us : clock_now_us ();
	struct fold_state *now = &fold->now;
	now->count += lines;
	if (seen_us > now->last_us)
		now->last_us = seen_us;
	if (seen_us < now->first_us)
		now->first_us = seen_us;
	if (now->rules)
		fold_count_rule (fold, damper_rule_name (event), lines);
	self->folded += lines;
	if (now->count < now->next)
		return DAMPER_FOLDED;
	while (now->next <= now->count)
		now->next *= FOLD_STEP;
	error = fold_tell (self, fold, false);
	return error ? error : DAMPER_FOLDED;
}

/* Over the rate: into the summary of its source and severity. */
static int
s_summarize (struct damper *self, const struct event *event)
{
	uint8_t key[FOLD_KEY_BYTES];
	damper_summary_key (key, event);
	struct fold *fold = fold_find (self, key);
	if (fold)
		return s_count (self, fold, event);
	int error = s_make_room (self, event->header.severity);
	if (!error)
		error = fold_begin_summary (self, key, event);
	self->folded += event->body.count ? event->body.count : 1;
	return error ? error : DAMPER_FOLDED;
}

int
damper_take (struct damper *self, const struct event *event)
{
	uint8_t key[FOLD_KEY_BYTES];
	if (!self->enabled || event->header.kind != SIAGA_KIND_ALERT)
		return DAMPER_SEND;
	damper_key (key, self->parts, event);
	struct fold *fold = fold_find (self, key);
	if (fold && fold->end_ms > clock_mono_ms ())
		return s_count (self, fold, event);
	if (fold) {
		int error = s_end (self, fold);
		if (error)
			return error;
	}
	return s_may_send (self, event) ? DAMPER_SEND : s_summarize (self, event);
}

/* What its updates will be made from: without the original event and the words about it. */
static int
s_keep_entry (struct damper *self, const struct fold *fold, const struct event *event)
{
	struct siaga_writer writer;
	struct siaga_body body = event->body;
	body.raw = body.description = body.instruction = siaga_text (NULL);
	siaga_writer_init (&writer, self->buffer, sizeof self->buffer);
	int error = siaga_entry_write (&writer, &event->header, &body);
	if (error)
		return error;
	return fold_write_entry (self, fold, (struct siaga_bytes){self->buffer, writer.size});
}

int
damper_sent (struct damper *self, const struct event *event)
{
	uint8_t key[FOLD_KEY_BYTES];
	if (!self->enabled || event->header.kind != SIAGA_KIND_ALERT ||
	    intake_result (self->intake) != INTAKE_ADDED)
		return 0;
	unsigned severity = event->header.severity;
	uint8_t leaf[SIAGA_HASH_BYTES];
	damper_leaf (self, leaf);
	int error = s_make_room (self, severity);
	if (error)
		return error;
	damper_key (key, self->parts, event);
	struct fold *fold = fold_new (self, key, severity, false);
	if (!fold)
		return SIAGA_ENOMEM;
	uint64_t now_us = clock_now_us ();
	memcpy (fold->now.leaf, leaf, sizeof leaf);
	memcpy (fold->alert_id, event->header.id, SIAGA_ID_BYTES);
	memcpy (fold->now.last_id, event->header.id, SIAGA_ID_BYTES);
	fold->end_us = now_us + self->window_us;
	fold->end_ms = clock_mono_ms () + self->window_us / 1000;
	fold->now.count = fold->now.told = event->body.count ? event->body.count : 1;
	fold->now.next = FOLD_STEP;
	while (fold->now.next <= fold->now.count)
		fold->now.next *= FOLD_STEP;
	fold->now.first_us = event->body.first_seen_us	 ? event->body.first_seen_us
			     : event->header.detected_us ? event->header.detected_us
							 : now_us;
	fold->now.last_us =
		event->body.last_seen_us ? event->body.last_seen_us : fold->now.first_us;
	return s_keep_entry (self, fold, event);
}

bool
damper_dropped (struct damper *self, const uint8_t id[SIAGA_ID_BYTES])
{
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++) {
		struct fold *fold;
		TAILQ_FOREACH (fold, &self->order[i], order)
		{
			bool alert = memcmp (fold->alert_id, id, SIAGA_ID_BYTES) == 0;
			if (!alert && memcmp (fold->now.last_id, id, SIAGA_ID_BYTES) != 0)
				continue;
			if (fold->now.ended || fold_touch (self, fold))
				return false;
			if (alert) {
				fold->now.alone = true;
				fold->now.base = 0;
			}
			fold->now.told = fold->now.base;
			return true;
		}
	}
	return false;
}

/* -- the transaction -- */

int
damper_flush (struct damper *self)
{
	struct fold *fold;
	int error = 0;
	SLIST_FOREACH (fold, &self->touched, touched)
	{
		if (error)
			break;
		error = fold->now.ended ? 0 : fold_write (self, fold);
	}
	return error;
}

void
damper_committed (struct damper *self)
{
	while (!SLIST_EMPTY (&self->touched)) {
		struct fold *fold = SLIST_FIRST (&self->touched);
		SLIST_REMOVE_HEAD (&self->touched, touched);
		free (fold->saved.rules);
		fold->saved.rules = NULL;
		fold->is_touched = fold->is_fresh = false;
		if (fold->now.ended)
			fold_destroy (self, &fold);
	}
}

void
damper_rollback (struct damper *self)
{
	while (!SLIST_EMPTY (&self->touched)) {
		struct fold *fold = SLIST_FIRST (&self->touched);
		SLIST_REMOVE_HEAD (&self->touched, touched);
		if (fold->is_fresh)
			fold_destroy (self, &fold);
		else
			fold_restore (fold);
	}
}

/* -- time -- */

/* Ends what is due, a bounded number. */
static int
s_end_due (struct damper *self, uint64_t now_ms)
{
	size_t ended = 0;
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++) {
		struct fold *fold;
		TAILQ_FOREACH (fold, &self->order[i], order)
		{
			if (fold->end_ms > now_ms + TICK_EARLY_MS || ended == TICK_ENDS_MAX)
				break;
			int error = s_end (self, fold);
			if (error)
				return error;
			ended++;
		}
	}
	return 0;
}

int
damper_tick (struct damper *self)
{
	uint64_t now_ms = clock_mono_ms ();
	int64_t due_ms = damper_due_ms (self);
	if (due_ms < 0 || due_ms > TICK_EARLY_MS)
		return 0;
	int error = intake_begin (self->intake);
	if (!error)
		error = s_end_due (self, now_ms);
	if (!error)
		error = intake_commit (self->intake);
	if (error)
		intake_rollback (self->intake);
	return error;
}

int64_t
damper_due_ms (const struct damper *self)
{
	uint64_t now_ms = clock_mono_ms (), end_ms = UINT64_MAX;
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++) {
		const struct fold *first = TAILQ_FIRST (&self->order[i]);
		if (first && first->end_ms < end_ms)
			end_ms = first->end_ms;
	}
	if (end_ms == UINT64_MAX)
		return -1;
	return end_ms > now_ms ? (int64_t) (end_ms - now_ms) : 0;
}

size_t
damper_open (const struct damper *self)
{
	size_t open = 0;
	for (size_t i = 0; i < DAMPER_SEVERITIES; i++)
		open += self->open[i];
	return open;
}

uint64_t
damper_folded (const struct damper *self)
{
	return self->folded;
}
