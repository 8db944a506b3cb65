/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's notice.log: as JSON, with flat names ("id.orig_h") and a time that is a number or a text; or classic
 * (zeek_tsv.h). Both kinds may stand in one file. Lines of other logs, which have no `note`, are passed over.
 */
#include <stdlib.h>

#include "agent/parser.h"
#include "agent/zeek_table.h"
#include "agent/zeek_tsv.h"
#include "siaga/error.h"

#define SUBJECT_MAX 256 /* bytes of `sub` in the description */

static void *
s_create (const struct source_conf *source, char words[PARSER_WORDS])
{
	struct zeek_tsv *self = malloc (sizeof *self);
	(void) source;
	if (self)
		zeek_tsv_init (self);
	else
		map_words (words, PARSER_WORDS, siaga_strerror (SIAGA_ENOMEM));
	return self;
}

static int
s_say (int rc, char words[PARSER_WORDS], const char *text)
{
	map_words (words, PARSER_WORDS, text);
	return rc;
}

static int
s_parse_values (const struct zeek_tsv *self, struct event *event, char words[PARSER_WORDS])
{
	int rc = zeek_tsv_read (self, event->line, &event->fields);
	if (rc == SIAGA_ENOTFOUND)
		return s_say (SIAGA_EFORMAT, words,
			      "neither JSON nor behind a line that begins with #fields");
	return rc ? s_say (rc, words, "not as many values as #fields names") : 0;
}

static int
s_parse (void *arg, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	struct zeek_tsv *self = arg;
	struct siaga_text line = event->line;
	(void) now_us;
	if (line.size > 0 && line.data[0] == '#') {
		int rc = zeek_tsv_head (self, line);
		return rc ? s_say (rc, words, "too many fields") : SIAGA_ENOTFOUND;
	}
	int rc = line.size > 0 && line.data[0] == '{' ? map_load (event, words, PARSER_WORDS)
						      : s_parse_values (self, event, words);
	if (!rc && map_peek (json_object_get (event->fields, "note")).size == 0)
		return s_say (SIAGA_ENOTFOUND, words, "not a notice");
	return rc;
}

static const json_t *
s_first (const json_t *fields, const char *name, const char *other)
{
	const json_t *value = json_object_get (fields, name);
	return map_peek (value).size > 0 || json_is_number (value)
		       ? value
		       : json_object_get (fields, other);
}

static void
s_map_endpoints (struct event *event)
{
	const json_t *fields = event->fields;
	struct siaga_endpoint *source = &event->body.source[0], *target = &event->body.target[0];
	source->ip = map_ip (event, s_first (fields, "src", "id.orig_h"));
	source->port = map_port (json_object_get (fields, "id.orig_p"));
	target->ip = map_ip (event, s_first (fields, "dst", "id.resp_h"));
	target->port = map_port (s_first (fields, "p", "id.resp_p"));
	map_count_endpoints (&event->body);
}

static struct siaga_text
s_cut (struct siaga_text text, size_t max)
{
	return (struct siaga_text){text.data, text.size < max ? text.size : max};
}

static int
s_map (void *self, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	const json_t *fields = event->fields;
	struct siaga_text note = map_peek (json_object_get (fields, "note"));
	const struct map_row *row = zeek_row (note);
	struct siaga_header *header = &event->header;
	struct siaga_body *body = &event->body;
	(void) self;
	if (note.size == 0)
		return s_say (SIAGA_ENOTFOUND, words, "not a notice");
	map_begin (event, defaults);
	header->detected_us = map_time (json_object_get (fields, "ts"));
	header->severity = (enum siaga_severity) row->severity;
	header->certainty = SIAGA_CERTAINTY_LIKELY;
	header->category = siaga_text (row->category);
	body->detector.tool = siaga_text ("zeek");
	body->detector.rule_id = body->detector.rule = map_bytes (event, note, SIAGA_FIELD_MAX);
	body->title = map_text (event, s_first (fields, "msg", "note"), SIAGA_TITLE_MAX);
	const struct map_part parts[] = {
		{"", s_cut (note, SUBJECT_MAX)},
		{"", s_cut (map_peek (json_object_get (fields, "proto")), SUBJECT_MAX)},
		{"", s_cut (map_peek (json_object_get (fields, "sub")), SUBJECT_MAX)},
	};
	body->description =
		map_join (event, parts, sizeof parts / sizeof *parts, MAP_DESCRIPTION_MAX);
	s_map_endpoints (event);
	map_raw (event, NULL);
	return 0;
}

static void
s_destroy (void **self_p)
{
	if (*self_p)
		zeek_tsv_finish (*self_p);
	free (*self_p);
	*self_p = NULL;
}

const struct parser_class parser_zeek = {
	.create = s_create,
	.parse = s_parse,
	.map = s_map,
	.destroy = s_destroy,
	.has_head = true,
};
