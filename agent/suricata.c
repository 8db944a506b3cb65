/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mapping, field by field. Values are found by path; who could send the traffic wrote part of them.
 */
#include "agent/suricata.h"

#include <inttypes.h>
#include <strings.h>

#include "agent/map.h"
#include "siaga/error.h"

#define RULE_ID_MAX 64 /* "gid:sid:rev" */
#define NUMBER_TEXT 24 /* a 64-bit number with sign and NUL */
#define PART_MAX 128   /* bytes of a part of the description */

bool
suricata_may_be_alert (struct siaga_text line)
{
	static const char name[] = "\"event_type\"";
	static const char value[] = "\"alert\"";
	const char *at = line.data, *end = line.data ? line.data + line.size : NULL;
	while (at && (at = memmem (at, (size_t) (end - at), name, sizeof name - 1))) {
		at += sizeof name - 1;
		const char *next = at;
		while (next < end && (*next == ' ' || *next == '\t' || *next == ':'))
			next++;
		if ((size_t) (end - next) >= sizeof value - 1 &&
		    memcmp (next, value, sizeof value - 1) == 0)
			return true;
	}
	return false;
}

static const json_t *
s_get (const json_t *object, const char *name)
{
	return json_object_get (object, name);
}

bool
suricata_is_alert (const json_t *eve)
{
	const char *type = json_string_value (s_get (eve, "event_type"));
	return type && strcmp (type, "alert") == 0;
}

static enum siaga_severity
s_severity (const json_t *value, enum siaga_severity fallback)
{
	if (!value)
		return fallback;
	switch (map_number (value, INT32_MAX)) {
	case 1:
		return SIAGA_SEVERITY_HIGH;
	case 2:
		return SIAGA_SEVERITY_MEDIUM;
	case 3:
		return SIAGA_SEVERITY_LOW;
	default:
		return SIAGA_SEVERITY_INFO;
	}
}

static void
s_map_header (struct siaga_header *header, const json_t *eve, const json_t *alert)
{
	const char *category = json_string_value (s_get (alert, "category"));
	const char *signature = json_string_value (s_get (alert, "signature"));
	uint64_t detected_us = map_time_text (map_peek (s_get (eve, "timestamp")));
	if (detected_us)
		header->detected_us = detected_us;
	header->severity = s_severity (s_get (alert, "severity"), header->severity);
	header->certainty = SIAGA_CERTAINTY_LIKELY;
	header->category =
		suricata_category_of_rule (category ? category : "", signature ? signature : "");
}

/* "gid:sid:rev"; empty without a signature's number. */
static struct siaga_text
s_rule_id (struct event *event, const json_t *alert)
{
	int64_t gid = map_number (s_get (alert, "gid"), UINT32_MAX);
	int64_t sid = map_number (s_get (alert, "signature_id"), UINT32_MAX);
	int64_t rev = map_number (s_get (alert, "rev"), UINT32_MAX);
	if (sid < 0)
		return (struct siaga_text){NULL, 0};
	return map_print (event, RULE_ID_MAX, "%" PRId64 ":%" PRId64 ":%" PRId64, gid < 0 ? 1 : gid,
			  sid, rev < 0 ? 0 : rev);
}

static struct siaga_text
s_native_severity (struct event *event, const json_t *value)
{
	int64_t number = map_number (value, INT32_MAX);
	return number < 0 ? map_text (event, value, NUMBER_TEXT)
			  : map_print (event, NUMBER_TEXT, "%" PRId64, number);
}

static void
s_map_detector (struct event *event, const json_t *alert)
{
	struct siaga_detector *detector = &event->body.detector;
	detector->tool = siaga_text ("suricata");
	detector->rule_id = s_rule_id (event, alert);
	detector->rule = map_text (event, s_get (alert, "signature"), SIAGA_FIELD_MAX);
	detector->native_severity = s_native_severity (event, s_get (alert, "severity"));
}

/* The names are those of the server: where the packet that matched came from it, they belong to the source. */
static void
s_map_server (struct event *event, const json_t *eve, struct siaga_endpoint *server)
{
	const json_t *http = s_get (eve, "http");
	server->host = map_text (event, s_get (http, "hostname"), SIAGA_FIELD_MAX);
	if (server->host.size == 0)
		server->host = map_text (event, s_get (s_get (eve, "tls"), "sni"), SIAGA_FIELD_MAX);
	server->url = map_text (event, s_get (http, "url"), SIAGA_FIELD_MAX);
}

static void
s_map_endpoints (struct event *event, const json_t *eve)
{
	const char *direction = json_string_value (s_get (eve, "direction"));
	struct siaga_body *body = &event->body;
	struct siaga_endpoint *source = &body->source[0], *target = &body->target[0];

	source->ip = map_ip (event, s_get (eve, "src_ip"));
	source->port = map_port (s_get (eve, "src_port"));
	target->ip = map_ip (event, s_get (eve, "dest_ip"));
	target->port = map_port (s_get (eve, "dest_port"));
	s_map_server (event, eve,
		      direction && strcmp (direction, "to_client") == 0 ? source : target);
	map_count_endpoints (body);
}

static struct siaga_text
s_part (const json_t *value)
{
	struct siaga_text text = map_peek (value);
	if (text.size > PART_MAX)
		text.size = PART_MAX;
	return text;
}

/* "TCP, http, allowed, in eth0, Web Application Attack": what is there of it. */
static void
s_describe (struct event *event, const json_t *eve, const json_t *alert)
{
	struct map_part parts[] = {
		{"", s_part (s_get (eve, "proto"))},	  {"", s_part (s_get (eve, "app_proto"))},
		{"", s_part (s_get (alert, "action"))},	  {"in ", s_part (s_get (eve, "in_iface"))},
		{"", s_part (s_get (alert, "category"))},
	};
	if (siaga_text_is (parts[1].text, "failed"))
		parts[1].text.size = 0;
	event->body.description =
		map_join (event, parts, sizeof parts / sizeof *parts, MAP_DESCRIPTION_MAX);
}

int
suricata_map (struct event *event, const json_t *eve)
{
	const json_t *alert = s_get (eve, "alert");
	struct siaga_body *body = &event->body;

	s_map_header (&event->header, eve, alert);
	s_map_detector (event, alert);
	body->title = map_text (event, s_get (alert, "signature"), SIAGA_TITLE_MAX);
	if (body->title.size == 0 && body->detector.rule_id.size == 0)
		return SIAGA_EFORMAT;
	if (body->title.size == 0)
		body->title = map_print (event, SIAGA_TITLE_MAX, "Suricata rule %s",
					 body->detector.rule_id.data);
	s_describe (event, eve, alert);
	s_map_endpoints (event, eve);
	return 0;
}
