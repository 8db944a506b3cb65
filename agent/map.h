/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a sensor's values to those of an alert: what the parsers share. A value of another type or shape than
 * expected is as good as absent; texts are cleaned, cut, and kept in the event's storage.
 */
#ifndef AGENT_MAP_H
#define AGENT_MAP_H

#include "agent/event.h"
#include "common/alert_json.h"

#define MAP_DESCRIPTION_MAX 512 /* bytes of the summary line */

/* An alert with the source's defaults in its header, and an empty body. */
void
map_begin (struct event *event, const struct alert_defaults *defaults);

/* A string; empty for anything else, and for "-", as logs write what they do not know. */
struct siaga_text
map_text (struct event *event, const json_t *value, size_t max);

/* The same for bytes. */
struct siaga_text
map_bytes (struct event *event, struct siaga_text text, size_t max);

/* Text by printf's rules. */
struct siaga_text
map_print (struct event *event, size_t max, const char *format, ...)
	__attribute__ ((format (printf, 3, 4)));

/* A whole number, be it written as an integer, a real or a string; -1 when it is none or out of range. */
int64_t
map_number (const json_t *value, int64_t max);

/* 0: none. */
uint32_t
map_port (const json_t *value);

/* The canonical spelling of an address. */
struct siaga_text
map_ip (struct event *event, const json_t *value);

/* RFC 3339 (without a zone: local time), or seconds since 1970 as a number or its text; 0: none. */
uint64_t
map_time (const json_t *value);
uint64_t
map_time_text (struct siaga_text text);

/* Also as web servers and other programs write it ("24/Nov/2026:08:00:00 +0700", "2026-11-24 08:00:00"). */
uint64_t
map_time_of_log (struct siaga_text text);

/* Local time; 0: none that an entry can hold. */
struct tm;
uint64_t
map_time_local (struct tm *when, uint64_t fraction_us);

/* Seconds with their fraction; 0: none that an entry can hold. */
uint64_t
map_time_seconds (double seconds);

/* The severity that a word means ("high", "warning", "err" …) or -1. */
int
map_severity_word (struct siaga_text word);

/* What a syslog priority (0 emergency to 7 debug) means. */
enum siaga_severity
map_severity_of_priority (unsigned priority);

/* Does the endpoint say anything? */
bool
map_says_something (const struct siaga_endpoint *endpoint);

/* Counts the first endpoints where they say something. */
void
map_count_endpoints (struct siaga_body *body);

/* "TCP, http, in eth0": the parts that are not empty. */
struct map_part {
	const char *before;
	struct siaga_text text;
};
struct siaga_text
map_join (struct event *event, const struct map_part *parts, size_t count, size_t max);

/* A borrowed string of the record; empty for anything else and "-". */
struct siaga_text
map_peek (const json_t *value);

/*
 * `raw`, where the event keeps it: the line itself where it can be, so that people find it again in the sensor's own
 * log; of the record where that says less. `without` are keys to leave out of the record, "a.b" of the object `a`,
 * NULL-terminated; NULL: nothing.
 */
void
map_raw (struct event *event, const char *const *without);

/* A table of words and what they mean; the first that fits. */
struct map_row {
	const char *
		word; /* "SSH::Password_Guessing"; one that ends in '*' stands for all that begin so */
	const char *category;
	int severity; /* -1: the table does not say */
};
const struct map_row *
map_find (const struct map_row *rows, size_t count, struct siaga_text word);

/* The first row whose word stands anywhere in the text. */
const struct map_row *
map_find_part (const struct map_row *rows, size_t count, struct siaga_text text);

/* Loads a line of JSON into the event's fields, tolerantly: numbers beyond 64 bits are read as reals, malformed UTF-8 as
   U+FFFD. 0, or SIAGA_EFORMAT or SIAGA_ENOMEM with words. */
int
map_load (struct event *event, char *words, size_t capacity);

/* Clean words, cut. */
void
map_words (char *words, size_t capacity, const char *text);

#endif
