/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mapping, field by field, over jansson. Values are found by path; every text is copied,
 * cleaned and cut, into the storage, so that the JSON tree is gone before the caller sees the
 * records.
 */
#include "agent/suricata.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

#define DESCRIPTION_MAX 512 /* bytes of the summary line */
#define RULE_ID_MAX 64	    /* "gid:sid:rev" */
#define NUMBER_TEXT 24	    /* a 64-bit number with sign and NUL */

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

/* Copies cleaned bytes into the storage, at most `max` of them. Nothing left to say: empty. */
static struct siaga_text
s_keep (struct suricata_storage *storage, const void *data, size_t size, size_t max)
{
	size_t room = sizeof storage->text - storage->used;
	if (size == 0 || room < 2)
		return (struct siaga_text){NULL, 0};
	char *out = storage->text + storage->used;
	size_t written = siaga_utf8_clean (out, max + 1 < room ? max + 1 : room, data, size);
	storage->used += written + 1;
	return (struct siaga_text){written ? out : NULL, written};
}

static struct siaga_text
s_keep_string (struct suricata_storage *storage, const json_t *value, size_t max)
{
	return s_keep (storage, json_string_value (value), json_string_length (value), max);
}

/* A whole number, be it written as an integer, a real or a string; -1 when it is none or out of
   range. */
static int64_t
s_number (const json_t *value, int64_t max)
{
	double real = -1;
	if (json_is_integer (value))
		return json_integer_value (value) >= 0 && json_integer_value (value) <= max
			       ? json_integer_value (value)
			       : -1;
	if (json_is_real (value))
		real = json_real_value (value);
	if (json_is_string (value)) {
		char *end;
		const char *text = json_string_value (value);
		real = *text >= '0' && *text <= '9' ? strtod (text, &end) : -1;
		if (real >= 0 && *end)
			return -1;
	}
	return real >= 0 && real <= (double) max && real == floor (real) ? (int64_t) real : -1;
}

static uint32_t
s_port (const json_t *value)
{
	int64_t port = s_number (value, 65535);
	return port > 0 ? (uint32_t) port : 0;
}

static struct siaga_text
s_ip (struct suricata_storage *storage, const json_t *value)
{
	char canonical[ALERT_IP_TEXT];
	if (!alert_ip (canonical, json_string_value (value)))
		return (struct siaga_text){NULL, 0};
	return s_keep (storage, canonical, strlen (canonical), sizeof canonical);
}

static enum siaga_severity
s_severity (const json_t *value, enum siaga_severity fallback)
{
	if (!value)
		return fallback;
	switch (s_number (value, INT32_MAX)) {
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

static uint64_t
s_time (const json_t *value)
{
	uint64_t time_us = 0;
	struct siaga_text text = {json_string_value (value), json_string_length (value)};
	if (siaga_time_parse (&time_us, text) || time_us > SIAGA_OSEQ_MAX)
		return 0;
	return time_us;
}

static void
s_map_header (const json_t *event, const json_t *alert, const struct alert_defaults *defaults,
	      struct siaga_header *header)
{
	const char *category = json_string_value (s_get (alert, "category"));

	memset (header, 0, sizeof *header);
	header->kind = SIAGA_KIND_ALERT;
	header->status = defaults->status;
	header->detected_us = s_time (s_get (event, "timestamp"));
	header->severity = s_severity (s_get (alert, "severity"), defaults->severity);
	header->certainty = SIAGA_CERTAINTY_LIKELY;
	header->category = suricata_category (category ? category : "");
	header->system = defaults->system;
	header->tlp = defaults->tlp;
	header->audience_count = defaults->audience_count;
	memcpy (header->audience, defaults->audience, sizeof header->audience);
}

/* "gid:sid:rev"; empty without a signature's number. */
static struct siaga_text
s_rule_id (struct suricata_storage *storage, const json_t *alert)
{
	int64_t gid = s_number (s_get (alert, "gid"), UINT32_MAX);
	int64_t sid = s_number (s_get (alert, "signature_id"), UINT32_MAX);
	int64_t rev = s_number (s_get (alert, "rev"), UINT32_MAX);
	char text[RULE_ID_MAX];
	if (sid < 0)
		return (struct siaga_text){NULL, 0};
	int size = snprintf (text, sizeof text, "%" PRId64 ":%" PRId64 ":%" PRId64,
			     gid < 0 ? 1 : gid, sid, rev < 0 ? 0 : rev);
	return s_keep (storage, text, (size_t) size, RULE_ID_MAX);
}

static struct siaga_text
s_native_severity (struct suricata_storage *storage, const json_t *value)
{
	char text[NUMBER_TEXT];
	int64_t number = s_number (value, INT32_MAX);
	if (number < 0)
		return s_keep_string (storage, value, NUMBER_TEXT);
	int size = snprintf (text, sizeof text, "%" PRId64, number);
	return s_keep (storage, text, (size_t) size, NUMBER_TEXT);
}

static void
s_map_detector (struct suricata_storage *storage, const json_t *alert,
		struct siaga_detector *detector)
{
	detector->tool = siaga_text ("suricata");
	detector->rule_id = s_rule_id (storage, alert);
	detector->rule = s_keep_string (storage, s_get (alert, "signature"), SIAGA_FIELD_MAX);
	detector->native_severity = s_native_severity (storage, s_get (alert, "severity"));
}

/* The names are those of the server: where the packet that matched came from it, they belong to the
   source. */
static void
s_map_server (struct suricata_storage *storage, const json_t *event, struct siaga_endpoint *server)
{
	const json_t *http = s_get (event, "http");
	server->host = s_keep_string (storage, s_get (http, "hostname"), SIAGA_FIELD_MAX);
	if (server->host.size == 0)
		server->host = s_keep_string (storage, s_get (s_get (event, "tls"), "sni"),
					      SIAGA_FIELD_MAX);
	server->url = s_keep_string (storage, s_get (http, "url"), SIAGA_FIELD_MAX);
}

static bool
s_says_something (const struct siaga_endpoint *endpoint)
{
	return endpoint->ip.size || endpoint->port || endpoint->host.size || endpoint->url.size;
}

static void
s_map_endpoints (struct suricata_storage *storage, const json_t *event, struct siaga_body *body)
{
	const char *direction = json_string_value (s_get (event, "direction"));
	struct siaga_endpoint *source = &body->source[0], *target = &body->target[0];

	source->ip = s_ip (storage, s_get (event, "src_ip"));
	source->port = s_port (s_get (event, "src_port"));
	target->ip = s_ip (storage, s_get (event, "dest_ip"));
	target->port = s_port (s_get (event, "dest_port"));
	s_map_server (storage, event,
		      direction && strcmp (direction, "to_client") == 0 ? source : target);
	body->source_count = s_says_something (source);
	body->target_count = s_says_something (target);
}

/* "TCP, http, allowed, in eth0, Web Application Attack": what is there of it. */
static struct siaga_text
s_description (struct suricata_storage *storage, const json_t *event, const json_t *alert)
{
	const char *app = json_string_value (s_get (event, "app_proto"));
	const struct {
		const char *before;
		const char *text;
	} parts[] = {
		{"", json_string_value (s_get (event, "proto"))},
		{"", app && strcmp (app, "failed") != 0 ? app : NULL},
		{"", json_string_value (s_get (alert, "action"))},
		{"in ", json_string_value (s_get (event, "in_iface"))},
		{"", json_string_value (s_get (alert, "category"))},
	};
	char text[2 * DESCRIPTION_MAX];
	size_t at = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts && at < sizeof text; i++)
		if (parts[i].text && *parts[i].text)
			at += (size_t) snprintf (text + at, sizeof text - at, "%s%s%.128s",
						 at ? ", " : "", parts[i].before, parts[i].text);
	return s_keep (storage, text, at < sizeof text ? at : sizeof text - 1, DESCRIPTION_MAX);
}

static bool
s_delete (json_t *object, const char *name)
{
	return json_object_del (object, name) == 0;
}

/* What the packets held is the member's own: it leaves only when asked for. True when there was
   any. */
static bool
s_strip_payload (json_t *event)
{
	json_t *http = json_object_get (event, "http");
	bool any = s_delete (event, "payload");
	any |= s_delete (event, "payload_printable");
	any |= s_delete (event, "packet");
	any |= s_delete (http, "http_request_body");
	any |= s_delete (http, "http_request_body_printable");
	any |= s_delete (http, "http_response_body");
	any |= s_delete (http, "http_response_body_printable");
	return any;
}

/* The line itself where it can be, so that people find it again in the sensor's own log. */
static struct siaga_text
s_raw (struct suricata_storage *storage, struct siaga_text line, json_t *event,
       const struct suricata_options *options)
{
	if (!options->keep_raw)
		return (struct siaga_text){NULL, 0};
	if (options->keep_payload || !s_strip_payload (event))
		return s_keep (storage, line.data, line.size, SIAGA_RAW_MAX);
	char *text = json_dumps (event, JSON_COMPACT);
	struct siaga_text raw = {NULL, 0};
	if (text)
		raw = s_keep (storage, text, strlen (text), SIAGA_RAW_MAX);
	free (text);
	return raw;
}

/* Longest first-come storage: title, detector, endpoints and description are bounded well below
   what is left for the raw event, which comes last. */
static int
s_map_event (struct siaga_text line, json_t *event, const struct suricata_options *options,
	     struct siaga_header *header, struct siaga_body *body, struct suricata_storage *storage)
{
	const json_t *alert = s_get (event, "alert");

	s_map_header (event, alert, options->defaults, header);
	memset (body, 0, sizeof *body);
	s_map_detector (storage, alert, &body->detector);
	body->title = s_keep_string (storage, s_get (alert, "signature"), SIAGA_TITLE_MAX);
	if (body->title.size == 0) {
		char title[sizeof "Suricata rule " + RULE_ID_MAX];
		if (body->detector.rule_id.size == 0)
			return SIAGA_EFORMAT;
		int size = snprintf (title, sizeof title, "Suricata rule %s",
				     body->detector.rule_id.data);
		body->title = s_keep (storage, title, (size_t) size, SIAGA_TITLE_MAX);
	}
	body->description = s_description (storage, event, alert);
	s_map_endpoints (storage, event, body);
	body->raw = s_raw (storage, line, event, options);
	return 0;
}

/* Integers beyond 64 bits fail the whole parse; then all are read as reals. Bytes that are not
   UTF-8, likewise: then a cleaned copy is read. */
static json_t *
s_load (struct siaga_text line, json_error_t *error)
{
	static const size_t tolerant = JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
	json_t *root = json_loadb (line.size ? line.data : "", line.size, JSON_ALLOW_NUL, error);
	if (root)
		return root;
	enum json_error_code code = json_error_code (error);
	if (code == json_error_numeric_overflow)
		return json_loadb (line.data, line.size, tolerant, error);
	if (code != json_error_invalid_utf8)
		return NULL;
	size_t capacity = line.size * 3 + 1; /* U+FFFD is 3 bytes */
	char *clean = malloc (capacity);
	if (!clean)
		return NULL;
	size_t size = siaga_utf8_clean (clean, capacity, line.data, line.size);
	root = json_loadb (clean, size, tolerant, error);
	free (clean);
	return root;
}

static void
s_words (char words[ALERT_JSON_WORDS], const char *text)
{
	siaga_utf8_clean (words, ALERT_JSON_WORDS, text, strlen (text));
}

int
suricata_map (struct siaga_text line, const struct suricata_options *options,
	      struct siaga_header *header, struct siaga_body *body,
	      struct suricata_storage *storage, char words[ALERT_JSON_WORDS])
{
	json_error_t error;
	json_t *event = s_load (line, &error);
	storage->used = 0;
	if (!event) {
		s_words (words, error.text);
		return json_error_code (&error) == json_error_out_of_memory ? SIAGA_ENOMEM
									    : SIAGA_EFORMAT;
	}
	int rc = SIAGA_ENOTFOUND;
	const char *type = json_string_value (s_get (event, "event_type"));
	s_words (words, "not an alert");
	if (type && strcmp (type, "alert") == 0) {
		rc = s_map_event (line, event, options, header, body, storage);
		s_words (words, rc ? "an alert without signature and signature_id" : "");
	}
	json_decref (event);
	return rc;
}
