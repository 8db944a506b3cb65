/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One parser, one event, and lines through both: what the tests of all parsers share.
 */
#ifndef TESTS_PARSER_FIXTURE_H
#define TESTS_PARSER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/map.h"
#include "agent/parser.h"
#include "common/file.h"
#include "siaga/error.h"

#define NOW_US UINT64_C (1795507200000000) /* 2026-11-24T08:00:00Z */

static struct alert_defaults s_defaults;
static struct source_conf s_source;
static struct event s_event;
static const struct parser_class *s_class;
static void *s_parser;
static char s_words[PARSER_WORDS];

static inline void
begin_parser (const struct parser_class *class, int type, char *pattern)
{
	static char name[] = "test";
	setenv ("TZ", "UTC", 1);
	alert_defaults_init (&s_defaults);
	s_source = (struct source_conf){
		.name = name, .type = type, .keep_raw = true, .pattern = pattern, .priority = 4};
	s_class = class;
	s_parser = class->create (&s_source, s_words);
	assert_non_null (s_parser);
}

static inline void
end_parser (void)
{
	event_clear (&s_event);
	s_class->destroy (&s_parser);
}

static inline int
teardown (void **state)
{
	(void) state;
	end_parser ();
	return 0;
}

/* A test with a parser of its own, which setup () makes. */
#define PARSER_TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)
#define PARSER_SETUP(class, type, pattern)                                                         \
	static int setup (void **state)                                                            \
	{                                                                                          \
		(void) state;                                                                      \
		begin_parser (class, type, pattern);                                               \
		return 0;                                                                          \
	}

/* As the pipeline does it, without rules. */
static inline int
map (struct siaga_text line)
{
	event_clear (&s_event);
	s_event.source = s_source.name;
	s_event.line = line;
	s_event.keep_raw = s_source.keep_raw;
	s_words[0] = '\0';
	int rc = s_class->parse (s_parser, &s_event, NOW_US, s_words);
	return rc ? rc : s_class->map (s_parser, &s_defaults, &s_event, s_words);
}

static inline int
map_string (const char *line)
{
	return map (siaga_text (line));
}

static inline void
assert_text (struct siaga_text text, const char *expected)
{
	char copy[16384];
	snprintf (copy, sizeof copy, "%.*s", (int) text.size, text.size ? text.data : "");
	assert_string_equal (copy, expected);
}

static inline void
assert_time (uint64_t time_us, const char *expected)
{
	char text[SIAGA_TIME_TEXT];
	siaga_time_text (text, time_us);
	assert_string_equal (text, expected);
}

/* What is mapped must always make a valid entry. */
static inline void
assert_valid_entry (void)
{
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	siaga_uuid_make (s_event.header.id, 1, (const uint8_t *) "0123456789");
	s_event.header.origin = siaga_text ("bssn/soc-1");
	siaga_writer_init (&writer, buffer, sizeof buffer);
	int rc = siaga_entry_write (&writer, &s_event.header, &s_event.body);
	if (rc == SIAGA_ELIMIT) {
		s_event.body.raw = siaga_text (NULL);
		siaga_writer_init (&writer, buffer, sizeof buffer);
		rc = siaga_entry_write (&writer, &s_event.header, &s_event.body);
	}
	assert_int_equal (rc, 0);
}

/* A line with a field of `count` times `piece`. */
static inline char *
make_long (const char *before, const char *piece, size_t count, const char *after)
{
	size_t size = strlen (before) + strlen (piece) * count + strlen (after) + 1;
	char *line = malloc (size);
	assert_non_null (line);
	char *at = stpcpy (line, before);
	while (count-- > 0)
		at = stpcpy (at, piece);
	strcpy (at, after);
	return line;
}

/* Every line of a file: those that may not matter are no alerts, and each alert makes an entry. */
static inline size_t
map_file (const char *path)
{
	uint8_t *data;
	size_t size, alerts = 0;
	if (file_read (path, 1 << 22, &data, &size))
		return 0;
	for (char *line = (char *) data, *end; (end = strchr (line, '\n')); line = end + 1) {
		struct siaga_text text = {line, (size_t) (end - line)};
		int rc = map (text);
		if (rc)
			assert_int_equal (rc, SIAGA_ENOTFOUND);
		else
			assert_valid_entry ();
		if (s_class->may_matter)
			assert_int_equal (rc == 0, s_class->may_matter (s_parser, text));
		alerts += rc == 0;
	}
	free (data);
	return alerts;
}

/* A file under the directory that an environment variable names. */
static inline const char *
test_path (const char *variable, const char *file)
{
	static char path[4096];
	const char *directory = getenv (variable);
	snprintf (path, sizeof path, "%s/%s", directory ? directory : ".", file);
	return path;
}

#endif
