/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of one event, the same for every source:
 *
 *	line -> parser -> redact -> map -> rules: match, redact, apply -> damper -> intake
 *
 * pipeline_read () goes as far as the rules and touches nothing but its own event; pipeline_store () does the rest,
 * within intake's transaction.
 */
#ifndef AGENT_PIPELINE_H
#define AGENT_PIPELINE_H

#include "agent/parser.h"
#include "agent/rules.h"
#include "agent/source.h"

struct pipeline;

enum pipeline_result {
	PIPELINE_READY,	     /* of read: to be stored */
	PIPELINE_NO_ALERT,   /* not an event that is worth one, or a head */
	PIPELINE_DROPPED,    /* a rule says so: pipeline_rule () */
	PIPELINE_UNREADABLE, /* with words */
	PIPELINE_INVALID,    /* it makes no valid entry; with words */
	PIPELINE_ADDED,
	PIPELINE_FOLDED, /* counted with an earlier one */
	PIPELINE_KNOWN,	 /* the same event was added before */
	PIPELINE_LOST,	 /* no room in the outbox: counted there */
};

/* One for each source. What the context points to is borrowed. NULL when out of memory. */
struct pipeline *
pipeline_new (const struct source_context *context);

void
pipeline_destroy (struct pipeline **self_p);

/* Another context (SIGHUP). */
void
pipeline_configure (struct pipeline *self, const struct source_context *context);

/* A line through `parser` with its state. A result of the first five, or SIAGA_ENOMEM with words. The line is borrowed
   until the next call. */
int
pipeline_read (struct pipeline *self, const struct parser_class *parser, void *state,
	       struct siaga_text line, char words[PARSER_WORDS]);

/* After PIPELINE_READY, within a transaction. `origin` is where the line stands, or NULL when it can not be read again;
   its `line` and `source` need not be set. A result from PIPELINE_INVALID on, or the outbox's error. */
int
pipeline_store (struct pipeline *self, const struct intake_origin *origin,
		char words[PARSER_WORDS]);

/* The transaction became durable, or is as if it had not been. */
void
pipeline_committed (struct pipeline *self);
void
pipeline_rolled_back (struct pipeline *self);

/* The event read last; borrowed. */
const struct event *
pipeline_event (const struct pipeline *self);

/* The name of the rule that matched it; NULL: none. */
const char *
pipeline_rule (const struct pipeline *self);

/* All about it; without a rule where none matched. */
const struct rules_result *
pipeline_matched (const struct pipeline *self);

#endif
