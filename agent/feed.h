/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every source of lines has: its pipeline, the transaction its lines go into, what it complains of, and its counts.
 * A transaction begins with the first line that needs one.
 *
 *	feed_line (…) == 0, feed_line (…) == 0 …; feed_commit (key, position)     or, on any error, feed_rollback ()
 */
#ifndef AGENT_FEED_H
#define AGENT_FEED_H

#include "agent/complaint.h"
#include "agent/pipeline.h"

struct feed_counts {
	uint64_t lines;
	uint64_t alerts; /* told of, by themselves or counted with others */
	uint64_t unreadable;
	uint64_t long_lines;
};

struct feed {
	struct source_context context;
	const char *name;
	const struct parser_class *parser;
	struct pipeline *pipeline;
	bool in_transaction;
	int refused; /* the outbox's error since the last rollback or commit; 0: none */
	struct feed_counts counts;
	struct feed_counts fresh; /* of them: not durable yet */
	uint64_t last_line_us;
	uint64_t last_alert_us;
	struct complaint unreadable;
	struct complaint invalid;
	struct complaint too_long;
};

/* Is there nothing on this line? */
bool
feed_is_blank (struct siaga_text line);

/* Where a line comes from. */
struct feed_line {
	struct siaga_text text;
	const struct intake_origin *origin; /* NULL: it can not be read again */
	const char *place; /* for complaints: "eve.json at byte 17"; NULL: nothing to say */
	bool cut;	   /* the text is not all of it */
};

/* 0 or SIAGA_ENOMEM; finish either way. `context` is copied. */
int
feed_init (struct feed *self, const struct source_context *context);
void
feed_finish (struct feed *self);

/* Another context (SIGHUP): parsers' states must be made anew. */
void
feed_configure (struct feed *self, const struct source_context *context);

/* A state for one file or connection; NULL is logged. */
void *
feed_parser (struct feed *self);

/* 0, or the outbox's error, also in self->refused. *result may be NULL and gets what became of the line, `words` what is
   wrong with one that is unreadable or invalid. */
int
feed_line (struct feed *self, void *parser, const struct feed_line *line,
	   enum pipeline_result *result, char words[PARSER_WORDS]);

/* All complete lines of a pipe or a connection in one transaction; blank ones are none. 0, and they are dropped; or the
   outbox's error, also in self->refused, and they stay. */
struct lines;
int
feed_lines (struct feed *self, void *parser, struct lines *lines);

/* Begins a transaction where there is none. 0 or the outbox's error, also in self->refused. */
int
feed_begin (struct feed *self);

/* Within the transaction. */
int
feed_position (struct feed *self, const char *key, const char *position);

/* Makes all durable. 0 or the outbox's error, also in self->refused. Without a transaction only counts. */
int
feed_commit (struct feed *self);

void
feed_rollback (struct feed *self);

/* Lines, alerts and their times; the rest is the source's to say. */
void
feed_describe (const struct feed *self, struct source_facts *facts);

#endif
