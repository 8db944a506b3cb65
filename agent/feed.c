/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From lines to the pipeline, and from its results to counts and complaints.
 */
#include "agent/feed.h"

#include <inttypes.h>

#include "agent/lines.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define MEBIBYTE (1 << 20)

int
feed_init (struct feed *self, const struct source_context *context)
{
	*self = (struct feed){.pipeline = pipeline_new (context)};
	complaint_init (&self->unreadable, NULL, "source-unreadable");
	complaint_init (&self->invalid, NULL, "source-invalid");
	complaint_init (&self->too_long, NULL, "source-long-line");
	if (!self->pipeline)
		return SIAGA_ENOMEM;
	feed_configure (self, context);
	return 0;
}

void
feed_finish (struct feed *self)
{
	complaint_finish (&self->unreadable);
	complaint_finish (&self->invalid);
	complaint_finish (&self->too_long);
	pipeline_destroy (&self->pipeline);
}

void
feed_configure (struct feed *self, const struct source_context *context)
{
	self->context = *context;
	self->parser = parser_of (context->source);
	self->name = context->source->name;
	self->unreadable.source = self->invalid.source = self->too_long.source = self->name;
	pipeline_configure (self->pipeline, context);
}

void *
feed_parser (struct feed *self)
{
	char words[PARSER_WORDS] = "out of memory";
	void *parser = self->parser->create (self->context.source, words);
	if (!parser)
		log_error ("source-failed", "%s: %s", self->name, words);
	return parser;
}

int
feed_begin (struct feed *self)
{
	if (!self->in_transaction)
		self->refused = intake_begin (self->context.intake);
	self->in_transaction = !self->refused;
	return self->refused;
}

static int
s_refuse (struct feed *self, int rc)
{
	if (rc < 0)
		self->refused = rc;
	return rc;
}

static int
s_store (struct feed *self, const struct feed_line *line, char words[PARSER_WORDS])
{
	int rc = feed_begin (self);
	return rc ? rc : s_refuse (self, pipeline_store (self->pipeline, line->origin, words));
}

static void
s_complain (struct feed *self, int result, const struct feed_line *line, const char *words)
{
	const char *place = line->place ? line->place : "a line";
	if (result == PIPELINE_UNREADABLE) {
		self->fresh.unreadable++;
		complaint_add (&self->unreadable, "%s: %zu bytes%s cannot be read: %s", place,
			       line->text.size, line->cut ? " of a longer line" : "", words);
	}
	if (result == PIPELINE_INVALID) {
		self->fresh.unreadable++;
		complaint_add (&self->invalid, "%s: makes no valid entry: %s", place, words);
	}
}

static void
s_complain_of_length (struct feed *self, const struct feed_line *line)
{
	const char *place = line->place ? line->place : "a line";
	self->fresh.long_lines++;
	if (line->text.size == MEBIBYTE)
		complaint_add (&self->too_long, "%s: more than 1 MiB: cut there, the rest skipped",
			       place);
	else
		complaint_add (&self->too_long,
			       "%s: more than %zu bytes: cut there, the rest skipped", place,
			       line->text.size);
}

int
feed_line (struct feed *self, void *parser, const struct feed_line *line,
	   enum pipeline_result *result, char words[PARSER_WORDS])
{
	self->fresh.lines++;
	if (line->cut)
		s_complain_of_length (self, line);
	int rc = pipeline_read (self->pipeline, self->parser, parser, line->text, words);
	if (rc == PIPELINE_READY)
		rc = s_store (self, line, words);
	if (rc < 0)
		return s_refuse (self, rc);
	self->fresh.alerts += rc == PIPELINE_ADDED || rc == PIPELINE_FOLDED;
	s_complain (self, rc, line, words);
	if (result)
		*result = (enum pipeline_result) rc;
	return 0;
}

bool
feed_is_blank (struct siaga_text line)
{
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] == '\0' || !strchr (" \t\r\v\f", line.data[i]))
			return false;
	return true;
}

int
feed_lines (struct feed *self, void *parser, struct lines *lines)
{
	char words[PARSER_WORDS];
	struct feed_line line = {.text = {NULL, 0}};
	size_t at = 0;
	int rc = 0;
	while (!rc && lines_next (lines, &at, &line.text)) {
		line.cut = lines_is_cut (lines, at);
		if (!feed_is_blank (line.text))
			rc = feed_line (self, parser, &line, NULL, words);
	}
	if (!rc)
		rc = feed_commit (self);
	if (rc)
		feed_rollback (self);
	else
		lines_drop (lines, at);
	return rc;
}

int
feed_position (struct feed *self, const char *key, const char *position)
{
	return s_refuse (self, intake_set_position (self->context.intake, key, position));
}

static void
s_count (struct feed *self)
{
	uint64_t now_us = clock_now_us ();
	if (self->fresh.lines > 0)
		self->last_line_us = now_us;
	if (self->fresh.alerts > 0)
		self->last_alert_us = now_us;
	self->counts.lines += self->fresh.lines;
	self->counts.alerts += self->fresh.alerts;
	self->counts.unreadable += self->fresh.unreadable;
	self->counts.long_lines += self->fresh.long_lines;
	self->fresh = (struct feed_counts){0};
}

int
feed_commit (struct feed *self)
{
	if (self->in_transaction && s_refuse (self, intake_commit (self->context.intake)))
		return self->refused;
	if (self->in_transaction)
		pipeline_committed (self->pipeline);
	self->in_transaction = false;
	self->refused = 0;
	s_count (self);
	return 0;
}

void
feed_rollback (struct feed *self)
{
	if (self->in_transaction)
		intake_rollback (self->context.intake);
	if (self->in_transaction)
		pipeline_rolled_back (self->pipeline);
	self->in_transaction = false;
	self->fresh = (struct feed_counts){0};
}

void
feed_describe (const struct feed *self, struct source_facts *facts)
{
	facts->lines = self->counts.lines;
	facts->alerts = self->counts.alerts;
	facts->unreadable = self->counts.unreadable;
	facts->long_lines = self->counts.long_lines;
	facts->last_line_us = self->last_line_us;
	facts->last_alert_us = self->last_alert_us;
}
