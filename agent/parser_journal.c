/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry of systemd's journal, which source_journal.c gives as a JSON object of its fields (MESSAGE, PRIORITY,
 * _SYSTEMD_UNIT …), so that rules name them as journalctl(1) does.
 */
#include <stdio.h>

#include "agent/parser.h"
#include "agent/syslog_line.h"
#include "agent/syslog_map.h"
#include "siaga/error.h"

#define PIECE_MAX 256 /* bytes of host or program in `raw` */

/* The first of these fields, NULL-terminated, that says something. */
static struct siaga_text
s_first (const json_t *fields, const char *const *names)
{
	struct siaga_text text = {NULL, 0};
	for (; *names && text.size == 0; names++)
		text = map_peek (json_object_get (fields, *names));
	return text;
}

static void
s_read (const json_t *fields, struct syslog_message *message)
{
	static const char *const programs[] = {"SYSLOG_IDENTIFIER", "_COMM", NULL};
	static const char *const hosts[] = {"_HOSTNAME", NULL};
	const json_t *own = json_object_get (fields, "_SOURCE_REALTIME_TIMESTAMP");
	int64_t time_us = map_number (own, (int64_t) SIAGA_OSEQ_MAX);
	if (time_us <= 0)
		time_us = map_number (json_object_get (fields, "__REALTIME_TIMESTAMP"),
				      (int64_t) SIAGA_OSEQ_MAX);
	*message = (struct syslog_message){
		.priority = (int) map_number (json_object_get (fields, "PRIORITY"),
					      SYSLOG_PRIORITIES - 1),
		.time_us = time_us > 0 ? (uint64_t) time_us : 0,
		.host = s_first (fields, hosts),
		.program = s_first (fields, programs),
		.text = map_peek (json_object_get (fields, "MESSAGE")),
	};
}

static int
s_parse (void *self, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	const struct source_conf *source = self;
	struct syslog_message message;
	(void) now_us;
	int rc = map_load (event, words, PARSER_WORDS);
	if (rc)
		return rc;
	s_read (event->fields, &message);
	if (message.text.size > 0 && syslog_urgency (&message) <= (unsigned) source->priority)
		return 0;
	map_words (words, PARSER_WORDS, "less urgent than min_priority");
	return SIAGA_ENOTFOUND;
}

/* As journalctl(1) shows it: "host program: message". */
static void
s_keep_raw (struct event *event, const struct syslog_message *message)
{
	struct siaga_text host = message->host, program = message->program;
	if (!event->keep_raw)
		return;
	char text[SIAGA_RAW_MAX + 3 * PIECE_MAX];
	int size = snprintf (
		text, sizeof text, "%.*s %.*s: %.*s",
		host.size < PIECE_MAX ? (int) host.size : PIECE_MAX, host.size ? host.data : "",
		program.size < PIECE_MAX ? (int) program.size : PIECE_MAX,
		program.size ? program.data : "",
		message->text.size < SIAGA_RAW_MAX ? (int) message->text.size : SIAGA_RAW_MAX,
		message->text.data);
	event->body.raw = event_keep (event, text, (size_t) size, SIAGA_RAW_MAX);
}

static int
s_map (void *self, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	struct syslog_message message;
	(void) self;
	s_read (event->fields, &message);
	map_begin (event, defaults);
	int rc = syslog_map (event, &message);
	if (rc)
		map_words (words, PARSER_WORDS, "no MESSAGE");
	else
		s_keep_raw (event, &message);
	return rc;
}

const struct parser_class parser_journal = {
	.create = parser_create_stateless,
	.parse = s_parse,
	.map = s_map,
	.destroy = parser_destroy_stateless,
};
