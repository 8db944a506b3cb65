/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stations, in their order; and the memory of what sensors call their own events, so that one that is written twice
 * is told once.
 */
#include "agent/pipeline.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "siaga/error.h"

#define SEEN_MAX 4096 /* events of sensors that name them */

struct pipeline {
	struct source_context context;
	struct alert_defaults defaults;
	struct rules_result result;
	uint64_t *seen; /* a ring of hashes; NULL: none yet */
	size_t seen_next;
	size_t seen_unsure; /* of them: not durable yet */
	struct event event;
};

struct pipeline *
pipeline_new (const struct source_context *context)
{
	struct pipeline *self = calloc (1, sizeof *self);
	if (self)
		pipeline_configure (self, context);
	return self;
}

void
pipeline_destroy (struct pipeline **self_p)
{
	struct pipeline *self = *self_p;
	if (!self)
		return;
	event_clear (&self->event);
	free (self->seen);
	free (self);
	*self_p = NULL;
}

void
pipeline_configure (struct pipeline *self, const struct source_context *context)
{
	event_clear (&self->event);
	self->context = *context;
	self->result = (struct rules_result){.rule = NULL};
	agent_conf_defaults (context->conf, context->source, &self->defaults);
}

/* -- what was seen -- */

static uint64_t
s_hash (struct siaga_text text)
{
	uint64_t hash;
	uint8_t bytes[crypto_generichash_BYTES_MIN];
	crypto_generichash (bytes, sizeof bytes, (const uint8_t *) text.data, text.size, NULL, 0);
	memcpy (&hash, bytes, sizeof hash);
	return hash | 1; /* never an empty place */
}

static bool
s_was_seen (const struct pipeline *self, uint64_t hash)
{
	for (size_t i = 0; self->seen && i < SEEN_MAX; i++)
		if (self->seen[i] == hash)
			return true;
	return false;
}

static void
s_remember (struct pipeline *self, uint64_t hash)
{
	if (!self->seen)
		self->seen = calloc (SEEN_MAX, sizeof *self->seen);
	if (!self->seen)
		return; /* then the id alone must tell */
	self->seen[self->seen_next] = hash;
	self->seen_next = (self->seen_next + 1) % SEEN_MAX;
	self->seen_unsure++;
}

void
pipeline_committed (struct pipeline *self)
{
	self->seen_unsure = 0;
}

void
pipeline_rolled_back (struct pipeline *self)
{
	for (; self->seen_unsure > 0; self->seen_unsure--) {
		self->seen_next = (self->seen_next + SEEN_MAX - 1) % SEEN_MAX;
		self->seen[self->seen_next] = 0;
	}
}

/* -- up to the rules -- */

static int
s_result_of (int rc)
{
	return rc == 0		       ? PIPELINE_READY
	       : rc == SIAGA_ENOTFOUND ? PIPELINE_NO_ALERT
	       : rc == SIAGA_ENOMEM    ? rc
				       : PIPELINE_UNREADABLE;
}

static int
s_map (struct pipeline *self, const struct parser_class *parser, void *state,
       char words[PARSER_WORDS])
{
	return s_result_of (parser->map (state, &self->defaults, &self->event, words));
}

/* The first rule that matches may hide more of the event, or keep what the source would not. */
static int
s_rule (struct pipeline *self, const struct parser_class *parser, void *state,
	char words[PARSER_WORDS])
{
	const struct rules *rules = self->context.rules;
	struct event *event = &self->event;
	rules_match (rules, event, &self->result);
	if (self->result.rule && self->result.drop)
		return PIPELINE_DROPPED;
	bool again = self->result.rule && rules_redact_by (rules, &self->result, event);
	if (self->result.keep_raw && !event->keep_raw)
		again = event->keep_raw = true;
	int result = again ? s_map (self, parser, state, words) : PIPELINE_READY;
	if (result != PIPELINE_READY)
		return result;
	if (self->result.strip_raw)
		event->body.raw = siaga_text (NULL);
	rules_apply (rules, &self->result, event);
	return PIPELINE_READY;
}

static int
s_read (struct pipeline *self, const struct parser_class *parser, void *state,
	struct siaga_text line, char words[PARSER_WORDS])
{
	const struct rules *rules = self->context.rules;
	struct event *event = &self->event;
	words[0] = '\0';
	if (parser->may_matter && !parser->may_matter (state, line))
		return PIPELINE_NO_ALERT;
	event_clear (event);
	event->source = self->context.source->name;
	event->line = line;
	event->keep_raw = self->context.source->keep_raw;
	self->result = (struct rules_result){.rule = NULL};
	int result = s_result_of (parser->parse (state, event, clock_now_us (), words));
	if (result != PIPELINE_READY)
		return result;
	if (rules)
		rules_redact (rules, event);
	result = s_map (self, parser, state, words);
	return result == PIPELINE_READY && rules ? s_rule (self, parser, state, words) : result;
}

/* Words may quote the line, and go to the log. */
int
pipeline_read (struct pipeline *self, const struct parser_class *parser, void *state,
	       struct siaga_text line, char words[PARSER_WORDS])
{
	int result = s_read (self, parser, state, line, words);
	if (result == PIPELINE_UNREADABLE && self->context.rules)
		rules_redact_words (self->context.rules, words, PARSER_WORDS);
	return result;
}

/* -- and behind them -- */

static int
s_add (struct pipeline *self, const struct intake_origin *origin, char words[PARSER_WORDS])
{
	struct event *event = &self->event;
	struct intake *intake = self->context.intake;
	int rc = intake_add (intake, &event->header, &event->body, origin);
	if (rc == SIAGA_EMALFORMED || rc == SIAGA_ELIMIT) {
		snprintf (words, PARSER_WORDS, "alert: %s", siaga_strerror (rc));
		return PIPELINE_INVALID;
	}
	if (rc)
		return rc;
	switch (intake_result (intake)) {
	case INTAKE_KNOWN:
		return PIPELINE_KNOWN;
	case INTAKE_LOST:
		return PIPELINE_LOST;
	default:
		rc = self->context.damper ? damper_sent (self->context.damper, event) : 0;
		return rc ? rc : PIPELINE_ADDED;
	}
}

static int
s_take (struct pipeline *self, const struct intake_origin *origin, char words[PARSER_WORDS])
{
	int verdict = self->context.damper ? damper_take (self->context.damper, &self->event)
					   : DAMPER_SEND;
	if (verdict == DAMPER_FOLDED)
		return PIPELINE_FOLDED;
	return verdict < 0 ? verdict : s_add (self, origin, words);
}

/* A sensor's own name for an event makes the alert's id, wherever and how often the event is read. */
static int
s_take_named (struct pipeline *self, char words[PARSER_WORDS])
{
	struct event *event = &self->event;
	uint64_t hash = s_hash (event->own_id);
	struct intake_origin origin = {.source = "", .line = event->own_id};
	if (s_was_seen (self, hash))
		return PIPELINE_KNOWN;
	int result = s_take (self, &origin, words);
	if (result >= 0)
		s_remember (self, hash);
	return result;
}

int
pipeline_store (struct pipeline *self, const struct intake_origin *origin, char words[PARSER_WORDS])
{
	struct event *event = &self->event;
	if (event->header.expires_us > 0 && event->header.expires_us <= clock_now_us ()) {
		snprintf (words, PARSER_WORDS, "expires: must be in the future");
		return PIPELINE_INVALID;
	}
	if (origin && event->own_id.size > 0)
		return s_take_named (self, words);
	if (!origin)
		return s_take (self, NULL, words);
	struct intake_origin whole = *origin;
	whole.source = event->source;
	whole.line = event->line;
	return s_take (self, &whole, words);
}

const struct event *
pipeline_event (const struct pipeline *self)
{
	return &self->event;
}

const char *
pipeline_rule (const struct pipeline *self)
{
	return self->result.rule;
}

const struct rules_result *
pipeline_matched (const struct pipeline *self)
{
	return &self->result;
}
