/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times and durations as text; the calendar is checked against the C library's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "siaga/error.h"
#include "siaga/names.h"

#define SECOND UINT64_C (1000000)
#define NEVER UINT64_MAX /* what no text means */

/* The time of a text, or NEVER. */
static uint64_t
parsed (const char *text)
{
	uint64_t time_us = 12345;

	if (siaga_time_parse (&time_us, siaga_text (text)) == 0)
		return time_us;
	assert_int_equal (12345, time_us);
	return NEVER;
}

static void
assert_refused (const char *const *texts)
{
	for (; *texts; texts++)
		if (parsed (*texts) != NEVER)
			fail_msg ("taken: %s", *texts);
}

static void
test_time_begins_in_1970 (void **state)
{
	char text[SIAGA_TIME_TEXT];

	(void) state;
	siaga_time_text (text, 0);
	assert_string_equal ("1970-01-01T00:00:00.000000Z", text);
	assert_int_equal (0, parsed (text));
	assert_int_equal (1, parsed ("1970-01-01T00:00:00.000001Z"));
	assert_int_equal (0, parsed ("1970-01-01T07:00:00+07:00"));
	assert_true (parsed ("1969-12-31T23:59:59Z") == NEVER);
	assert_true (parsed ("1970-01-01T06:59:59+07:00") == NEVER);
}

static void
test_time_ends_with_9999 (void **state)
{
	char last[SIAGA_TIME_TEXT], beyond[SIAGA_TIME_TEXT];
	uint64_t time_us = parsed ("9999-12-31T23:59:59.999999Z");

	(void) state;
	assert_true (time_us != NEVER);
	siaga_time_text (last, time_us);
	assert_string_equal ("9999-12-31T23:59:59.999999Z", last);
	siaga_time_text (beyond, time_us + 1);
	assert_string_equal (last, beyond);
	siaga_time_text (beyond, UINT64_MAX);
	assert_string_equal (last, beyond);
	assert_true (parsed ("9999-12-31T23:59:59-00:01") == NEVER);
	assert_true (parsed ("9999-12-31T23:59:60Z") == NEVER);
}

static void
test_time_agrees_with_the_c_library_on_every_day_for_500_years (void **state)
{
	(void) state;
	for (uint64_t day = 0; day < 500 * 366; day++) {
		time_t seconds = (time_t) (day * 86400 + day * 7919 % 86400);
		char text[SIAGA_TIME_TEXT], want[64];
		struct tm tm;

		assert_non_null (gmtime_r (&seconds, &tm));
		assert_int_not_equal (
			0, strftime (want, sizeof want, "%Y-%m-%dT%H:%M:%S.654321Z", &tm));
		siaga_time_text (text, (uint64_t) seconds * SECOND + 654321);
		assert_string_equal (want, text);
		assert_int_equal ((uint64_t) seconds * SECOND + 654321, parsed (text));
	}
}

static void
test_time_knows_leap_years (void **state)
{
	static const char *const bad[] = {
		"1970-02-29T00:00:00Z",
		"2023-02-29T00:00:00Z",
		"2100-02-29T00:00:00Z",
		"2024-02-30T00:00:00Z",
		"2024-04-31T00:00:00Z",
		"2024-01-32T00:00:00Z",
		NULL,
	};

	(void) state;
	assert_int_equal (UINT64_C (1709164800) * SECOND, parsed ("2024-02-29T00:00:00Z"));
	assert_int_equal (UINT64_C (951782400) * SECOND, parsed ("2000-02-29T00:00:00Z"));
	assert_int_equal (UINT64_C (1709251200) * SECOND, parsed ("2024-03-01T00:00:00Z"));
	assert_refused (bad);
}

static void
test_time_takes_offsets_with_and_without_a_colon (void **state)
{
	uint64_t want = parsed ("2018-07-05T20:53:24.123456Z");

	(void) state;
	assert_int_equal (UINT64_C (1530824004123456), want);
	assert_int_equal (want, parsed ("2018-07-05T22:53:24.123456+0200"));
	assert_int_equal (want, parsed ("2018-07-05T22:53:24.123456+02:00"));
	assert_int_equal (want, parsed ("2018-07-06T03:53:24.123456+0700"));
	assert_int_equal (want, parsed ("2018-07-05T15:23:24.123456-05:30"));
	assert_int_equal (want, parsed ("2018-07-05T20:53:24.123456-00:00"));
	assert_int_equal (want, parsed ("2018-07-05t20:53:24.123456z"));
}

static void
test_time_cuts_fractions_to_microseconds (void **state)
{
	(void) state;
	assert_int_equal (5 * SECOND, parsed ("1970-01-01T00:00:05Z"));
	assert_int_equal (5500000, parsed ("1970-01-01T00:00:05.5Z"));
	assert_int_equal (5050000, parsed ("1970-01-01T00:00:05.05+00:00"));
	assert_int_equal (5123456, parsed ("1970-01-01T00:00:05.1234569Z"));
	assert_int_equal (5999999, parsed ("1970-01-01T00:00:05.999999999Z"));
	assert_int_equal (5000000, parsed ("1970-01-01T00:00:05.000000999Z"));
}

static void
test_time_takes_a_leap_second_only_at_the_end_of_a_day (void **state)
{
	static const char *const bad[] = {
		"2016-12-31T23:58:60Z",
		"2016-12-31T22:59:60Z",
		"2016-12-31T23:59:60+07:00",
		"2016-12-31T23:59:61Z",
		NULL,
	};

	(void) state;
	assert_int_equal (parsed ("2017-01-01T00:00:00Z"), parsed ("2016-12-31T23:59:60Z"));
	assert_int_equal (parsed ("2017-01-01T00:00:00Z"), parsed ("2017-01-01T06:59:60+07:00"));
	assert_refused (bad);
}

static void
test_time_refuses_what_is_not_rfc_3339 (void **state)
{
	static const char *const bad[] = {
		"",
		"Z",
		"2026",
		"2026-11-24",
		"2026-11-24T08:00:00",
		"2026-11-24 08:00:00Z",
		"2026-11-24T08:00Z",
		"2026-11-24T24:00:00Z",
		"2026-11-24T08:60:00Z",
		"2026-00-24T08:00:00Z",
		"2026-13-24T08:00:00Z",
		"2026-11-00T08:00:00Z",
		"2026-11-24T08:00:00.Z",
		"2026-11-24T08:00:00,5Z",
		"2026-11-24T08:00:00.1234567890Z",
		"2026-11-24T08:00:00.5",
		"2026-11-24T08:00:00+",
		"2026-11-24T08:00:00+7",
		"2026-11-24T08:00:00+07",
		"2026-11-24T08:00:00+07:",
		"2026-11-24T08:00:00+07:0",
		"2026-11-24T08:00:00+070",
		"2026-11-24T08:00:00+24:00",
		"2026-11-24T08:00:00+07:60",
		"2026-11-24T08:00:00Z ",
		" 2026-11-24T08:00:00Z",
		"2026-11-24T08:00:00ZZ",
		"2026-11-24T08:00:00+07:00Z",
		"2026-1-24T08:00:00Z",
		"26-11-24T08:00:00Z",
		"20261-11-24T08:00:00Z",
		"2026/11/24T08:00:00Z",
		"-026-11-24T08:00:00Z",
		"+026-11-24T08:00:00Z",
		"2026-11-24T 8:00:00Z",
		"2026-11-24T08:00:0xZ",
		"0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00Z",
		"20261124T080000Z",
		NULL,
	};
	uint64_t time_us;

	(void) state;
	assert_refused (bad);
	assert_int_equal (SIAGA_EMALFORMED, siaga_time_parse (&time_us, siaga_text (NULL)));
	assert_int_equal (
		SIAGA_EMALFORMED,
		siaga_time_parse (&time_us, (struct siaga_text){"2026-11-24T08:00:00Z\0", 21}));
}

/* The microseconds of a text, or NEVER. */
static uint64_t
duration (const char *text)
{
	uint64_t duration_us = 12345;

	if (siaga_duration_parse (&duration_us, siaga_text (text)) == 0)
		return duration_us;
	assert_int_equal (12345, duration_us);
	return NEVER;
}

static void
test_duration_takes_every_unit (void **state)
{
	(void) state;
	assert_int_equal (0, duration ("0s"));
	assert_int_equal (90 * SECOND, duration ("90s"));
	assert_int_equal (900 * SECOND, duration ("15m"));
	assert_int_equal (86400 * SECOND, duration ("24h"));
	assert_int_equal (7 * 86400 * SECOND, duration ("7d"));
	assert_int_equal (14 * 86400 * SECOND, duration ("2w"));
	assert_int_equal (60 * SECOND, duration ("01m"));
}

static void
test_duration_refuses_what_it_does_not_know (void **state)
{
	static const char *const bad[] = {
		"",	"s",	"90",	 "90S",	 "90 s", " 90s", "90s ", "-90s",
		"+90s", "1.5h", "1h30m", "90ms", "90y",	 "0x1s", NULL,
	};

	(void) state;
	for (const char *const *text = bad; *text; text++)
		assert_true (duration (*text) == NEVER);
}

static void
test_duration_refuses_what_overflows (void **state)
{
	(void) state;
	assert_int_equal (UINT64_C (9223372036854) * SECOND, duration ("9223372036854s"));
	assert_true (duration ("9223372036855s") == NEVER);
	assert_true (duration ("18446744073709551617s") == NEVER);
	assert_true (duration ("99999999999999999999999999999999w") == NEVER);
	assert_true (duration ("9223372036854w") == NEVER);
	assert_true (duration ("15250285w") == NEVER);
	assert_int_equal (UINT64_C (15250284) * 7 * 86400 * SECOND, duration ("15250284w"));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_time_begins_in_1970),
		cmocka_unit_test (test_time_ends_with_9999),
		cmocka_unit_test (test_time_agrees_with_the_c_library_on_every_day_for_500_years),
		cmocka_unit_test (test_time_knows_leap_years),
		cmocka_unit_test (test_time_takes_offsets_with_and_without_a_colon),
		cmocka_unit_test (test_time_cuts_fractions_to_microseconds),
		cmocka_unit_test (test_time_takes_a_leap_second_only_at_the_end_of_a_day),
		cmocka_unit_test (test_time_refuses_what_is_not_rfc_3339),
		cmocka_unit_test (test_duration_takes_every_unit),
		cmocka_unit_test (test_duration_refuses_what_it_does_not_know),
		cmocka_unit_test (test_duration_refuses_what_overflows),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
