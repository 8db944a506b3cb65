/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of syslog. What is less urgent than the source's `min_priority` is passed over before anything is made of it,
 * so that not a whole syslog is sent; messages known to mean something (a failed login) go by that, not by the
 * priority they came with.
 */
#include "agent/parser.h"
#include "agent/syslog_line.h"
#include "agent/syslog_map.h"
#include "siaga/error.h"

#define DATA_MAX 64 /* parameters of structured data that are looked at */

static void
s_set (struct event *event, const char *name, struct siaga_text text)
{
	struct siaga_text clean;
	event->storage.used = 0; /* only on the way */
	clean = event_keep (event, text.data, text.size, EVENT_STORAGE_BYTES);
	if (clean.size > 0)
		json_object_set_new (event->fields, name, json_stringn (clean.data, clean.size));
}

/* data = {"exampleSDID@32473": {"iut": "3"}}. Escapes stay as they are. */
static void
s_set_data (struct event *event, struct siaga_text data)
{
	struct siaga_text rest = data, id = {NULL, 0}, name, value;
	json_t *all = data.size > 0 ? json_object () : NULL;
	for (unsigned i = 0; all && i < DATA_MAX && syslog_data_next (&rest, &id, &name, &value);
	     i++) {
		json_t *element = json_object_getn (all, id.data, id.size);
		if (!element) {
			json_object_setn_new (all, id.data, id.size, json_object ());
			element = json_object_getn (all, id.data, id.size);
		}
		json_object_setn_new (element, name.data, name.size,
				      json_stringn (value.data, value.size));
	}
	if (json_object_size (all) > 0)
		json_object_set (event->fields, "data", all);
	json_decref (all);
}

static int
s_make_fields (struct event *event, const struct syslog_line *line)
{
	char time[SIAGA_TIME_TEXT];
	event->fields = json_object ();
	if (!event->fields)
		return SIAGA_ENOMEM;
	if (line->time_us > 0) {
		siaga_time_text (time, line->time_us);
		s_set (event, "timestamp", siaga_text (time));
	}
	if (line->priority >= 0) {
		json_object_set_new (event->fields, "priority", json_integer (line->priority));
		json_object_set_new (event->fields, "facility", json_integer (line->facility));
	}
	s_set (event, "host", line->host);
	s_set (event, "program", line->program);
	s_set (event, "pid", line->pid);
	s_set (event, "msgid", line->msgid);
	s_set (event, "message", line->message);
	s_set_data (event, line->data);
	event->storage.used = 0;
	return 0;
}

static int
s_parse (void *self, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	const struct source_conf *source = self;
	struct syslog_line line;
	if (!syslog_line_read (&line, event->line, now_us)) {
		map_words (words, PARSER_WORDS, "not syslog as in RFC 5424 or RFC 3164");
		return SIAGA_EFORMAT;
	}
	struct syslog_message message = {line.priority, line.time_us, line.host, line.program,
					 line.message};
	if (syslog_urgency (&message) > (unsigned) source->priority) {
		map_words (words, PARSER_WORDS, "less urgent than min_priority");
		return SIAGA_ENOTFOUND;
	}
	return s_make_fields (event, &line);
}

static int
s_map (void *self, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	const json_t *fields = event->fields;
	struct syslog_message message = {
		.priority = (int) map_number (json_object_get (fields, "priority"),
					      SYSLOG_PRIORITIES - 1),
		.time_us = map_time (json_object_get (fields, "timestamp")),
		.host = map_peek (json_object_get (fields, "host")),
		.program = map_peek (json_object_get (fields, "program")),
		.text = map_peek (json_object_get (fields, "message")),
	};
	(void) self;
	map_begin (event, defaults);
	int rc = syslog_map (event, &message);
	if (rc)
		map_words (words, PARSER_WORDS, "no message");
	else
		map_raw (event, NULL);
	return rc;
}

const struct parser_class parser_syslog = {
	.create = parser_create_stateless,
	.parse = s_parse,
	.map = s_map,
	.destroy = parser_destroy_stateless,
};
