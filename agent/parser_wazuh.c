/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wazuh 4's alerts.json. Values under `data` are strings, whatever they mean. A Suricata alert that Wazuh passed on is
 * mapped as Suricata's own, so that it is known by its signature wherever it was seen.
 */
#include <inttypes.h>
#include <stdio.h>

#include "agent/jail.h"
#include "agent/map.h"
#include "agent/parser.h"
#include "agent/suricata.h"
#include "agent/wazuh_table.h"
#include "siaga/error.h"

#define ID_MAX 256   /* bytes of an event's own name */
#define PART_MAX 300 /* bytes of a part of the description */
#define HASH_MAX 80  /* "sha256:" and 64 digits */
#define HASH_DIGITS 64

/* What Suricata's packets held. The whole line stands in full_log once more. */
static const char *const s_payload[] = {
	"data.payload",
	"data.payload_printable",
	"data.packet",
	"data.http.http_request_body",
	"data.http.http_request_body_printable",
	"data.http.http_response_body",
	"data.http.http_response_body_printable",
	"full_log",
	NULL,
};

/* The event's own name: the manager counts them. */
static void
s_name (struct event *event, char text[ID_MAX])
{
	struct siaga_text id = map_peek (json_object_get (event->fields, "id"));
	struct siaga_text manager = map_peek (event_field (event->fields, "manager.name"));
	if (id.size == 0 || id.size + manager.size > ID_MAX / 2)
		return;
	snprintf (text, ID_MAX, "wazuh %.*s %.*s", (int) manager.size,
		  manager.size ? manager.data : "", (int) id.size, id.data);
}

static int
s_parse (void *self, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	(void) self;
	(void) now_us;
	int rc = map_load (event, words, PARSER_WORDS);
	if (rc || json_is_object (json_object_get (event->fields, "rule")))
		return rc;
	map_words (words, PARSER_WORDS, "no rule: not an alert of Wazuh 4");
	return SIAGA_EFORMAT;
}

/* The first of these paths, NULL-terminated, where there is a text. */
static const json_t *
s_first (const struct event *event, const char *const *paths)
{
	for (; *paths; paths++) {
		const json_t *value = event_field (event->fields, *paths);
		if (map_peek (value).size > 0 || json_is_number (value))
			return value;
	}
	return NULL;
}

#define FIRST(event, ...) s_first ((event), (const char *const[]){__VA_ARGS__, NULL})

static void
s_map_source (struct event *event, struct siaga_endpoint *source)
{
	source->ip = map_ip (event, FIRST (event, "data.srcip", "data.src_ip",
					   "data.win.eventdata.ipAddress",
					   "data.aws.sourceIPAddress", "data.office365.ClientIP"));
	source->port = map_port (
		FIRST (event, "data.srcport", "data.src_port", "data.win.eventdata.ipPort"));
	source->user = map_text (
		event, FIRST (event, "data.srcuser", "data.win.logFileCleared.subjectUserName"),
		SIAGA_FIELD_MAX);
	source->host = map_text (
		event, FIRST (event, "data.srchost", "data.win.eventdata.workstationName"),
		SIAGA_FIELD_MAX);
}

static void
s_map_file (struct event *event, struct siaga_endpoint *target)
{
	struct siaga_text hash = map_peek (event_field (event->fields, "syscheck.sha256_after"));
	target->file =
		map_text (event, event_field (event->fields, "syscheck.path"), SIAGA_FIELD_MAX);
	if (hash.size == HASH_DIGITS)
		target->hash = map_print (event, HASH_MAX, "sha256:%.*s", HASH_DIGITS, hash.data);
}

/* The machine it happened on, where the event names no other. */
static void
s_map_machine (struct event *event, struct siaga_endpoint *target)
{
	if (target->ip.size > 0)
		return;
	target->ip = map_ip (event, event_field (event->fields, "agent.ip"));
	if (target->host.size == 0)
		target->host =
			map_text (event, FIRST (event, "data.win.system.computer", "agent.name"),
				  SIAGA_FIELD_MAX);
}

static void
s_map_target (struct event *event, struct siaga_endpoint *target)
{
	target->ip = map_ip (event, FIRST (event, "data.dstip", "data.dest_ip"));
	target->port = map_port (FIRST (event, "data.dstport", "data.dest_port"));
	target->user =
		map_text (event, FIRST (event, "data.dstuser", "data.win.eventdata.targetUserName"),
			  SIAGA_FIELD_MAX);
	target->url = map_text (event, event_field (event->fields, "data.url"), SIAGA_FIELD_MAX);
	s_map_file (event, target);
	s_map_machine (event, target);
}

/* The first line of a text, without the quotes and spaces before it and the full stop behind it. */
static struct siaga_text
s_first_line (struct siaga_text text)
{
	while (text.size > 0 && strchr ("\" \r\n\t", text.data[0])) {
		text.data++;
		text.size--;
	}
	size_t size = 0;
	while (size < text.size && size < PART_MAX && text.data[size] != '\n' &&
	       text.data[size] != '\r')
		size++;
	if (size > 0 && text.data[size - 1] == '.')
		size--;
	return (struct siaga_text){text.data, size};
}

/* "An account failed to log on, in WinEventLog, MITRE: Brute Force": what the sensor saw, and where. */
static void
s_describe (struct event *event)
{
	struct siaga_text log = map_peek (FIRST (event, "data.win.system.message", "full_log"));
	const struct map_part parts[] = {
		{"", s_first_line (log)},
		{"in ", s_first_line (map_peek (event_field (event->fields, "location")))},
		{"MITRE: ",
		 s_first_line (map_peek (event_field (event->fields, "rule.mitre.technique.0")))},
	};
	event->body.description =
		map_join (event, parts, sizeof parts / sizeof *parts, 2 * MAP_DESCRIPTION_MAX);
}

static struct siaga_text
s_category (const struct event *event, const json_t *rule)
{
	const char *category = wazuh_category (rule);
	struct siaga_text jail = map_peek (event_field (event->fields, "data.service"));
	if (jail.size > 0 &&
	    siaga_text_is (map_peek (event_field (event->fields, "decoder.name")), "fail2ban"))
		category = jail_category (jail);
	return siaga_text (category);
}

static int
s_map_rule (struct event *event, const json_t *rule)
{
	struct siaga_header *header = &event->header;
	struct siaga_body *body = &event->body;
	int64_t level = map_number (json_object_get (rule, "level"), INT32_MAX);
	int64_t number = map_number (json_object_get (rule, "id"), INT64_C (1) << 53);
	if (level >= 0)
		header->severity = wazuh_severity (level);
	header->certainty = SIAGA_CERTAINTY_LIKELY;
	header->category = s_category (event, rule);
	body->detector.tool = siaga_text ("wazuh");
	body->detector.rule_id =
		number >= 0 ? map_print (event, SIAGA_FIELD_MAX, "%" PRId64, number)
			    : map_text (event, json_object_get (rule, "id"), SIAGA_FIELD_MAX);
	body->detector.rule =
		map_text (event, json_object_get (rule, "description"), SIAGA_FIELD_MAX);
	if (level >= 0)
		body->detector.native_severity = map_print (event, 24, "%" PRId64, level);
	body->title = map_text (event, json_object_get (rule, "description"), SIAGA_TITLE_MAX);
	if (body->title.size == 0 && body->detector.rule_id.size > 0)
		body->title = map_print (event, SIAGA_TITLE_MAX, "Wazuh rule %s",
					 body->detector.rule_id.data);
	if (body->title.size == 0)
		return SIAGA_EFORMAT;
	s_describe (event);
	s_map_source (event, &body->source[0]);
	s_map_target (event, &body->target[0]);
	map_count_endpoints (body);
	return 0;
}

static int
s_map (void *self, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	const struct source_conf *source = self;
	const json_t *data = json_object_get (event->fields, "data");
	char name[ID_MAX] = "";
	map_begin (event, defaults);
	s_name (event, name);
	event->own_id = event_keep (event, name, strlen (name), ID_MAX);
	event->header.detected_us = map_time (json_object_get (event->fields, "timestamp"));
	bool is_suricata =
		suricata_is_alert (data) && json_is_object (json_object_get (data, "alert"));
	int rc = is_suricata ? suricata_map (event, data)
			     : s_map_rule (event, json_object_get (event->fields, "rule"));
	if (rc)
		map_words (words, PARSER_WORDS, "a rule without description and id");
	else
		map_raw (event, is_suricata && !source->keep_payload ? s_payload : NULL);
	return rc;
}

const struct parser_class parser_wazuh = {
	.create = parser_create_stateless,
	.parse = s_parse,
	.map = s_map,
	.destroy = parser_destroy_stateless,
};
