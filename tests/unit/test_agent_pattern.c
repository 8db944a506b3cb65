/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions over hostile texts: found as one expects, and given up in time when they explode.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/pattern.h"
#include "siaga/error.h"

#define SECOND INT64_C (1000000000)

static int64_t
now_ns (void)
{
	struct timespec now;
	clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static struct pattern *
good (const char *text)
{
	char reason[PATTERN_REASON] = "";
	struct pattern *pattern = NULL;
	if (pattern_new (&pattern, text, reason))
		fail_msg ("%s: %s", text, reason);
	return pattern;
}

static enum pattern_result
test (const char *text, struct siaga_text subject)
{
	struct pattern *pattern = good (text);
	struct pattern_work *work = pattern_work_new ();
	assert_non_null (work);
	enum pattern_result result = pattern_test (pattern, work, subject);
	pattern_work_destroy (&work);
	pattern_destroy (&pattern);
	return result;
}

static void
assert_found (const char *text, const char *subject, size_t from, size_t start, size_t end)
{
	struct pattern *pattern = good (text);
	struct pattern_work *work = pattern_work_new ();
	size_t at = SIZE_MAX, to = SIZE_MAX;
	assert_int_equal (pattern_find (pattern, work, siaga_text (subject), from, &at, &to),
			  PATTERN_YES);
	assert_int_equal (at, start);
	assert_int_equal (to, end);
	pattern_work_destroy (&work);
	pattern_destroy (&pattern);
}

static void
test_agent_pattern_finds (void **state)
{
	(void) state;
	assert_found ("[0-9]{3}", "ab 123 456", 0, 3, 6);
	assert_found ("[0-9]{3}", "ab 123 456", 6, 7, 10);
	assert_found ("\\b[0-9]{16}\\b", "NIK 3174012345678901.", 0, 4, 20);
	assert_found ("(?<=é)x", "ééx", 0, 4, 5);
	assert_found ("x",
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaax", 0,
		      71, 72);
	assert_found ("x*", "aaxx", 0, 2, 4);
	assert_int_equal (test ("^$", siaga_text ("")), PATTERN_YES);
	assert_int_equal (test ("^$", (struct siaga_text){NULL, 0}), PATTERN_YES);
	assert_int_equal (test ("x", siaga_text ("aé")), PATTERN_NO);
	assert_int_equal (test ("a\\x00b", (struct siaga_text){"a\0b", 3}), PATTERN_YES);
	assert_int_equal (test ("^.$", siaga_text ("語")), PATTERN_YES);
}

static void
test_agent_pattern_over_all_places_of_a_long_text (void **state)
{
	char *text = malloc (6001);
	(void) state;
	for (size_t i = 0; i < 6000; i += 3)
		memcpy (text + i, "語", 3);
	for (size_t place = 0; place < 6000; place += 3) {
		memcpy (text + place, "xyz", 3);
		if (place % 97 == 0 || place > 5900)
			assert_int_equal (test ("xyz", (struct siaga_text){text, 6000}),
					  PATTERN_YES);
		memcpy (text + place, "語", 3);
	}
	assert_int_equal (test ("xyz", (struct siaga_text){text, 6000}), PATTERN_NO);
	free (text);
}

static void
test_agent_pattern_looks_at_the_first_8_kib (void **state)
{
	size_t size = PATTERN_SUBJECT_MAX + 10;
	char *text = malloc (size);
	(void) state;
	memset (text, 'a', size);
	text[PATTERN_SUBJECT_MAX - 1] = 'x';
	assert_int_equal (test ("x", (struct siaga_text){text, size}), PATTERN_YES);
	text[PATTERN_SUBJECT_MAX - 1] = 'a';
	text[PATTERN_SUBJECT_MAX] = 'x';
	assert_int_equal (test ("x", (struct siaga_text){text, size}), PATTERN_NO);
	memcpy (text + PATTERN_SUBJECT_MAX - 1, "é", 2); /* is not cut in two */
	assert_int_equal (test ("a$", (struct siaga_text){text, size}), PATTERN_YES);
	free (text);
}

static void
test_agent_pattern_gives_up_in_time (void **state)
{
	static const char *const patterns[] = {
		"(a+)+$",   "(a|a)*b",	 "a*a*a*a*b", "(a*)*b",	 "(.*)*(.*)*x", "(?:a?a?a?)*b",
		"(a|aa)+$", "((a+)?)*c", "a*b",	      ".*.*=.*", "\\s*\\s*x$"};
	char *text = malloc (PATTERN_SUBJECT_MAX);
	(void) state;
	for (unsigned kind = 0; kind < 3; kind++) {
		memset (text, kind == 2 ? ' ' : 'a', PATTERN_SUBJECT_MAX);
		for (size_t i = 15; kind == 1 && i < PATTERN_SUBJECT_MAX; i += 16)
			text[i] = '!';
		memcpy (text + PATTERN_SUBJECT_MAX - 2, "cb", 2);
		for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
			int64_t before_ns = now_ns ();
			test (patterns[i], (struct siaga_text){text, PATTERN_SUBJECT_MAX});
			int64_t took_ns = now_ns () - before_ns;
			if (took_ns > 20 * SECOND) /* much less, without a sanitizer */
				fail_msg ("%s took %lld ms", patterns[i],
					  (long long) took_ns / 1000000);
		}
	}
	free (text);
}

static void
test_agent_pattern_budget_is_of_one_event (void **state)
{
	struct pattern *pattern = good ("(a+)+$"), *quick = good ("b");
	struct pattern_work *work = pattern_work_new ();
	char text[4096];
	unsigned count = 0;
	(void) state;
	memset (text, 'a', sizeof text);
	for (size_t i = 15; i < sizeof text; i += 16)
		text[i] = 'b';
	struct siaga_text subject = {text, sizeof text};
	int64_t before_ns = now_ns ();
	while (pattern_test (quick, work, subject) != PATTERN_GAVE_UP && count++ < 1000)
		pattern_test (pattern, work, subject);
	assert_in_range (count, 1, 999);
	assert_true (now_ns () - before_ns < 20 * SECOND);
	pattern_work_begin (work);
	assert_int_equal (pattern_test (quick, work, subject), PATTERN_YES);
	pattern_work_destroy (&work);
	pattern_destroy (&pattern);
	pattern_destroy (&quick);
}

static void
test_agent_pattern_gives_up_on_what_is_not_utf8 (void **state)
{
	(void) state;
	assert_int_equal (test ("a", siaga_text ("a\xff")), PATTERN_GAVE_UP);
}

static void
test_agent_pattern_refuses (void **state)
{
	static const char *const bad[] = {"(",	 "[",  "*",	  "a{2,1}", "(?<n>a)(?<n>b)",
					  "\\C", "\\", "(?<=a*)b"};
	(void) state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct pattern *pattern = NULL;
		char reason[PATTERN_REASON] = "";
		if (pattern_new (&pattern, bad[i], reason) != SIAGA_EFORMAT || reason[0] == '\0')
			fail_msg ("\"%s\" was taken", bad[i]);
	}
	pattern_destroy (&(struct pattern *){NULL});
	pattern_work_destroy (&(struct pattern_work *){NULL});
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_pattern_finds),
		cmocka_unit_test (test_agent_pattern_over_all_places_of_a_long_text),
		cmocka_unit_test (test_agent_pattern_looks_at_the_first_8_kib),
		cmocka_unit_test (test_agent_pattern_gives_up_in_time),
		cmocka_unit_test (test_agent_pattern_budget_is_of_one_event),
		cmocka_unit_test (test_agent_pattern_gives_up_on_what_is_not_utf8),
		cmocka_unit_test (test_agent_pattern_refuses),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
