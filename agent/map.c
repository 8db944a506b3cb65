/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values by their type and shape.
 */
#include "agent/map.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "common/json_load.h"
#include "siaga/error.h"

#define PRINT_MAX 2048

void
map_begin (struct event *event, const struct alert_defaults *defaults)
{
	memset (&event->body, 0, sizeof event->body);
	event->storage.used = 0;
	alert_defaults_apply (defaults, &event->header);
}

struct siaga_text
map_peek (const json_t *value)
{
	struct siaga_text text = {json_string_value (value), json_string_length (value)};
	if (siaga_text_is (text, "-"))
		text.size = 0;
	return text;
}

struct siaga_text
map_bytes (struct event *event, struct siaga_text text, size_t max)
{
	return event_keep (event, text.data, text.size, max);
}

struct siaga_text
map_text (struct event *event, const json_t *value, size_t max)
{
	return map_bytes (event, map_peek (value), max);
}

struct siaga_text
map_print (struct event *event, size_t max, const char *format, ...)
{
	char text[PRINT_MAX];
	va_list args;
	va_start (args, format);
	int size = vsnprintf (text, sizeof text, format, args);
	va_end (args);
	if (size < 0)
		return (struct siaga_text){NULL, 0};
	return event_keep (event, text,
			   (size_t) size < sizeof text ? (size_t) size : sizeof text - 1, max);
}

/* The whole of a text as a number, -1 when it is none. */
static double
s_real (const char *text)
{
	char *end;
	double real = *text >= '0' && *text <= '9' ? strtod (text, &end) : -1;
	return real >= 0 && *end ? -1 : real;
}

int64_t
map_number (const json_t *value, int64_t max)
{
	double real = -1;
	if (json_is_integer (value)) {
		int64_t number = json_integer_value (value);
		return number >= 0 && number <= max ? number : -1;
	}
	if (json_is_real (value))
		real = json_real_value (value);
	if (json_is_string (value))
		real = s_real (json_string_value (value));
	return real >= 0 && real <= (double) max && real == floor (real) ? (int64_t) real : -1;
}

uint32_t
map_port (const json_t *value)
{
	int64_t port = map_number (value, 65535);
	return port > 0 ? (uint32_t) port : 0;
}

struct siaga_text
map_ip (struct event *event, const json_t *value)
{
	char canonical[ALERT_IP_TEXT];
	if (!alert_ip (canonical, json_string_value (value)))
		return (struct siaga_text){NULL, 0};
	return event_keep (event, canonical, strlen (canonical), sizeof canonical);
}

uint64_t
map_time_seconds (double seconds)
{
	if (!(seconds > 0) || seconds * 1e6 >= (double) SIAGA_OSEQ_MAX)
		return 0;
	return (uint64_t) llround (seconds * 1e6);
}

uint64_t
map_time_local (struct tm *when, uint64_t fraction_us)
{
	when->tm_isdst = -1;
	time_t seconds = mktime (when);
	uint64_t time_us = seconds > 0 ? (uint64_t) seconds * 1000000 + fraction_us : 0;
	return time_us <= SIAGA_OSEQ_MAX ? time_us : 0;
}

/* "2026-11-24T08:00:00.123456" without its zone: this machine's. */
static uint64_t
s_time_without_zone (const char *text)
{
	struct tm when = {0};
	double fraction = 0;
	char *end = strptime (text, "%Y-%m-%dT%H:%M:%S", &when);
	if (!end || when.tm_year < 70)
		return 0;
	if (*end == '.')
		fraction = strtod (end, &end);
	return *end || !(fraction >= 0 && fraction < 1)
		       ? 0
		       : map_time_local (&when, (uint64_t) llround (fraction * 1e6));
}

uint64_t
map_time_text (struct siaga_text text)
{
	uint64_t time_us = 0;
	char copy[40];
	if (text.size == 0 || text.size >= sizeof copy)
		return 0;
	if (siaga_time_parse (&time_us, text) == 0)
		return time_us <= SIAGA_OSEQ_MAX ? time_us : 0;
	memcpy (copy, text.data, text.size);
	copy[text.size] = '\0';
	return strchr (copy, 'T') ? s_time_without_zone (copy) : map_time_seconds (s_real (copy));
}

uint64_t
map_time (const json_t *value)
{
	if (json_is_number (value))
		return map_time_seconds (json_number_value (value));
	return map_time_text (map_peek (value));
}

uint64_t
map_time_of_log (struct siaga_text text)
{
	static const char *const formats[] = {
		"%d/%b/%Y:%H:%M:%S %z", /* web servers */
		"%Y-%m-%d %H:%M:%S",	"%Y/%m/%d %H:%M:%S",
		"%a %b %d %H:%M:%S %Y", "%d-%m-%Y %H:%M:%S",
	};
	char copy[40];
	uint64_t time_us = map_time_text (text);
	if (time_us || text.size == 0 || text.size >= sizeof copy)
		return time_us;
	memcpy (copy, text.data, text.size);
	copy[text.size] = '\0';
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		struct tm when = {0};
		if (!strptime (copy, formats[i], &when))
			continue;
		long east_s = when.tm_gmtoff;
		if (!strstr (formats[i], "%z"))
			return map_time_local (&when, 0);
		time_t seconds = timegm (&when) - east_s;
		return map_time_seconds ((double) seconds);
	}
	return 0;
}

int
map_severity_word (struct siaga_text word)
{
	static const struct {
		const char *word;
		enum siaga_severity severity;
	} words[] = {
		{"critical", SIAGA_SEVERITY_CRITICAL},	{"emerg", SIAGA_SEVERITY_CRITICAL},
		{"emergency", SIAGA_SEVERITY_CRITICAL}, {"alert", SIAGA_SEVERITY_CRITICAL},
		{"fatal", SIAGA_SEVERITY_CRITICAL},	{"panic", SIAGA_SEVERITY_CRITICAL},
		{"crit", SIAGA_SEVERITY_HIGH},		{"high", SIAGA_SEVERITY_HIGH},
		{"severe", SIAGA_SEVERITY_HIGH},	{"err", SIAGA_SEVERITY_MEDIUM},
		{"error", SIAGA_SEVERITY_MEDIUM},	{"medium", SIAGA_SEVERITY_MEDIUM},
		{"moderate", SIAGA_SEVERITY_MEDIUM},	{"warn", SIAGA_SEVERITY_LOW},
		{"warning", SIAGA_SEVERITY_LOW},	{"low", SIAGA_SEVERITY_LOW},
		{"minor", SIAGA_SEVERITY_LOW},		{"notice", SIAGA_SEVERITY_INFO},
		{"info", SIAGA_SEVERITY_INFO},		{"informational", SIAGA_SEVERITY_INFO},
		{"debug", SIAGA_SEVERITY_INFO},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen (words[i].word) == word.size &&
		    strncasecmp (words[i].word, word.data, word.size) == 0)
			return (int) words[i].severity;
	return -1;
}

enum siaga_severity
map_severity_of_priority (unsigned priority)
{
	static const enum siaga_severity severities[] = {
		SIAGA_SEVERITY_CRITICAL, SIAGA_SEVERITY_CRITICAL, SIAGA_SEVERITY_HIGH,
		SIAGA_SEVERITY_MEDIUM,	 SIAGA_SEVERITY_LOW,
	};
	return priority < sizeof severities / sizeof *severities ? severities[priority]
								 : SIAGA_SEVERITY_INFO;
}

bool
map_says_something (const struct siaga_endpoint *endpoint)
{
	return endpoint->port || endpoint->ip.size || endpoint->host.size || endpoint->user.size ||
	       endpoint->url.size || endpoint->hash.size || endpoint->mac.size ||
	       endpoint->email.size || endpoint->file.size || endpoint->process.size;
}

void
map_count_endpoints (struct siaga_body *body)
{
	body->source_count = map_says_something (&body->source[0]);
	body->target_count = map_says_something (&body->target[0]);
}

struct siaga_text
map_join (struct event *event, const struct map_part *parts, size_t count, size_t max)
{
	char text[PRINT_MAX];
	size_t at = 0;
	for (size_t i = 0; i < count && at < sizeof text; i++) {
		const struct map_part *part = &parts[i];
		if (part->text.size > 0)
			at += (size_t) snprintf (text + at, sizeof text - at, "%s%s%.*s",
						 at ? ", " : "", part->before,
						 part->text.size < PRINT_MAX ? (int) part->text.size
									     : PRINT_MAX,
						 part->text.data);
	}
	return event_keep (event, text, at < sizeof text ? at : sizeof text - 1, max);
}

/* Takes the key out; what is on the way to it is copied first, for it is shared. */
static bool
s_delete (json_t *object, const char *path)
{
	const char *dot = strchr (path, '.');
	if (!dot)
		return json_object_del (object, path) == 0;
	size_t size = (size_t) (dot - path);
	json_t *inner = json_object_getn (object, path, size);
	if (!json_is_object (inner))
		return false;
	json_t *copy = json_copy (inner);
	json_object_setn_new (object, path, size, copy);
	return copy && s_delete (copy, dot + 1);
}

/* A copy of the object without what must not be told; NULL when nothing was there to leave out, or no memory. */
static json_t *
s_strip (const json_t *fields, const char *const *without)
{
	json_t *copy = json_copy ((json_t *) fields);
	bool any = false;
	for (; copy && *without; without++)
		any |= s_delete (copy, *without);
	if (any)
		return copy;
	json_decref (copy);
	return NULL;
}

static void
s_raw_of (struct event *event, const json_t *fields)
{
	char *text = json_dumps (fields, JSON_COMPACT);
	if (text)
		event->body.raw = event_keep (event, text, strlen (text), SIAGA_RAW_MAX);
	free (text);
}

void
map_raw (struct event *event, const char *const *without)
{
	if (!event->keep_raw)
		return;
	json_t *stripped = without ? s_strip (event->fields, without) : NULL;
	if (stripped)
		s_raw_of (event, stripped);
	else if (event->redacted)
		s_raw_of (event, event->fields);
	else
		event->body.raw = map_bytes (event, event->line, SIAGA_RAW_MAX);
	json_decref (stripped);
}

const struct map_row *
map_find (const struct map_row *rows, size_t count, struct siaga_text word)
{
	for (size_t i = 0; i < count; i++) {
		size_t size = strlen (rows[i].word);
		bool open = size > 0 && rows[i].word[size - 1] == '*';
		if (open)
			size--;
		if ((open ? word.size >= size : word.size == size) &&
		    strncasecmp (rows[i].word, word.data, size) == 0)
			return &rows[i];
	}
	return NULL;
}

const struct map_row *
map_find_part (const struct map_row *rows, size_t count, struct siaga_text text)
{
	for (size_t i = 0; text.size > 0 && i < count; i++)
		if (memmem (text.data, text.size, rows[i].word, strlen (rows[i].word)))
			return &rows[i];
	return NULL;
}

void
map_words (char *words, size_t capacity, const char *text)
{
	siaga_utf8_clean (words, capacity, text, strlen (text));
}

/* Integers beyond 64 bits fail the whole parse; then all are read as reals. Bytes that are not UTF-8, likewise: then a
   cleaned copy is read. NULL without words: out of memory. */
static json_t *
s_load (struct siaga_text line, json_error_t *error)
{
	static const size_t tolerant = JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
	json_t *root = json_load (line.size ? line.data : "", line.size, JSON_ALLOW_NUL, error);
	if (root)
		return root;
	enum json_error_code code = json_error_code (error);
	if (!error->text[0])
		return NULL;
	if (code == json_error_numeric_overflow)
		return json_load (line.data, line.size, tolerant, error);
	if (code != json_error_invalid_utf8)
		return NULL;
	size_t capacity = line.size * 3 + 1; /* U+FFFD is 3 bytes */
	char *clean = malloc (capacity);
	error->text[0] = '\0';
	if (!clean)
		return NULL;
	size_t size = siaga_utf8_clean (clean, capacity, line.data, line.size);
	root = json_load (clean, size, tolerant, error);
	free (clean);
	return root;
}

int
map_load (struct event *event, char *words, size_t capacity)
{
	json_error_t error;
	event->fields = s_load (event->line, &error);
	if (event->fields)
		return 0;
	map_words (words, capacity, error.text);
	return error.text[0] ? SIAGA_EFORMAT : SIAGA_ENOMEM;
}
