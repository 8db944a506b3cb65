/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text log, through a regular expression whose named groups become the fields of the event; those with a known
 * name become values of the alert. Lines that do not match are passed over.
 */
#include <stdlib.h>

#include "agent/endpoint.h"
#include "agent/map.h"
#include "agent/parser.h"
#include "agent/pattern.h"
#include "siaga/error.h"

#define MESSAGE "message" /* the field that is the whole line, where no group has the name */

struct lines_parser {
	const struct source_conf *source;
	struct pattern *pattern;
	struct pattern_work *work;
};

static const struct {
	const char *group;
	const char *place;
} s_places[] = {
	{"src_ip", "source.ip"},       {"src_port", "source.port"}, {"src_host", "source.host"},
	{"src_user", "source.user"},   {"mac", "source.mac"},	    {"email", "source.email"},
	{"dst_ip", "target.ip"},       {"dst_port", "target.port"}, {"dst_host", "target.host"},
	{"host", "target.host"},       {"dst_user", "target.user"}, {"user", "target.user"},
	{"url", "target.url"},	       {"file", "target.file"},	    {"hash", "target.hash"},
	{"process", "target.process"},
};

static void
s_destroy (void **self_p)
{
	struct lines_parser *self = *self_p;
	if (!self)
		return;
	pattern_destroy (&self->pattern);
	pattern_work_destroy (&self->work);
	free (self);
	*self_p = NULL;
}

static void *
s_create (const struct source_conf *source, char words[PARSER_WORDS])
{
	char reason[PATTERN_REASON] = "out of memory";
	struct lines_parser *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->source = source;
	self->work = pattern_work_new ();
	if (self->work && pattern_new (&self->pattern, source->pattern, reason) == 0)
		return self;
	map_words (words, PARSER_WORDS, reason);
	s_destroy ((void *[]){self});
	return NULL;
}

static int
s_set (struct event *event, const char *name, struct siaga_text text)
{
	json_t *value = text.size ? json_stringn (text.data, text.size) : NULL;
	if (text.size > 0 && json_object_set_new (event->fields, name, value))
		return SIAGA_ENOMEM;
	return 0;
}

static int
s_make_fields (const struct lines_parser *self, struct event *event, struct siaga_text text)
{
	event->fields = json_object ();
	int rc = event->fields ? s_set (event, MESSAGE, text) : SIAGA_ENOMEM;
	for (size_t i = 0; !rc && i < pattern_group_count (self->pattern); i++)
		rc = s_set (event, pattern_group_name (self->pattern, i),
			    pattern_group (self->pattern, self->work, text, i));
	return rc;
}

static int
s_parse (void *arg, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	struct lines_parser *self = arg;
	(void) now_us;
	/* A clean copy, no longer than what is searched. */
	struct siaga_text text = map_bytes (event, event->line, PATTERN_SUBJECT_MAX);
	pattern_work_begin (self->work);
	switch (pattern_test (self->pattern, self->work, text)) {
	case PATTERN_YES: {
		int rc = s_make_fields (self, event, text);
		event->storage.used = 0;
		return rc;
	}
	case PATTERN_NO:
		map_words (words, PARSER_WORDS, "does not match the pattern");
		return SIAGA_ENOTFOUND;
	default:
		map_words (words, PARSER_WORDS, "the pattern takes too long on it");
		return SIAGA_EFORMAT;
	}
}

static const json_t *
s_get (const struct event *event, const char *name)
{
	return json_object_get (event->fields, name);
}

static void
s_place (struct event *event, const char *name, const json_t *value)
{
	struct endpoint_place place;
	if (!value || !endpoint_place_parse (&place, name))
		return;
	struct siaga_endpoint *endpoint =
		place.is_target ? &event->body.target[0] : &event->body.source[0];
	struct siaga_text *text = endpoint_text (endpoint, place.member);
	if (place.member->is_port)
		endpoint->port = map_port (value);
	else if (place.member->is_ip)
		*text = map_ip (event, value);
	else
		*text = map_text (event, value, SIAGA_FIELD_MAX);
}

static void
s_map_header (struct event *event)
{
	struct siaga_header *header = &event->header;
	struct siaga_text category = map_peek (s_get (event, "category"));
	int severity = map_severity_word (map_peek (s_get (event, "severity")));
	header->detected_us = map_time_of_log (map_peek (s_get (event, "time")));
	if (severity >= 0)
		header->severity = (enum siaga_severity) severity;
	if (siaga_category_is_valid (category))
		header->category = map_bytes (event, category, SIAGA_CATEGORY_MAX);
}

static int
s_map (void *arg, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	const struct lines_parser *self = arg;
	struct siaga_body *body = &event->body;
	map_begin (event, defaults);
	s_map_header (event);
	body->title = map_text (event, s_get (event, "title"), SIAGA_TITLE_MAX);
	if (body->title.size == 0)
		body->title = map_text (event, s_get (event, MESSAGE), SIAGA_TITLE_MAX);
	if (body->title.size == 0) {
		map_words (words, PARSER_WORDS, "an empty line");
		return SIAGA_EFORMAT;
	}
	body->description = map_text (event, s_get (event, "description"), SIAGA_TEXT_MAX);
	body->detector.tool = map_text (event, s_get (event, "tool"), SIAGA_FIELD_MAX);
	if (body->detector.tool.size == 0)
		body->detector.tool = siaga_text (self->source->name);
	body->detector.rule = map_text (event, s_get (event, "rule"), SIAGA_FIELD_MAX);
	body->detector.rule_id = map_text (event, s_get (event, "rule_id"), SIAGA_FIELD_MAX);
	body->detector.native_severity =
		map_text (event, s_get (event, "severity"), SIAGA_FIELD_MAX);
	for (size_t i = 0; i < sizeof s_places / sizeof *s_places; i++)
		s_place (event, s_places[i].place, s_get (event, s_places[i].group));
	map_count_endpoints (body);
	map_raw (event, NULL);
	return 0;
}

const struct parser_class parser_lines = {
	.create = s_create,
	.parse = s_parse,
	.map = s_map,
	.destroy = s_destroy,
};
