/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_clock.c: moments in the zones people live in.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "common/render_text.h"

static void
test_render_clock_knows_the_zones_of_indonesia (void **state)
{
	(void) state;
	struct render_style style = {.zone = RENDER_ZONE_UTC, .dates = true};
	char text[RENDER_CLOCK_TEXT];
	render_clock (text, UINT64_C (1795507200000000) + UINT64_C (43200000000), &style);
	assert_string_equal (text, "2026-11-24 20:00:00 UTC");
	style.zone = RENDER_ZONE_WIT;
	render_clock (text, UINT64_C (1795507200000000) + UINT64_C (43200000000), &style);
	assert_string_equal (text, "2026-11-25 05:00:00 WIT");
	style.dates = false;
	style.zone = RENDER_ZONE_WITA;
	render_clock (text, UINT64_C (1795507200000000), &style);
	assert_string_equal (text, "16:00:00 WITA");
}

static void
test_render_clock_of_the_system_follows_tz (void **state)
{
	struct render_style style = {.zone = RENDER_ZONE_SYSTEM, .dates = true};
	char text[RENDER_CLOCK_TEXT];

	(void) state;
	setenv ("TZ", "WAKTU-5:30", 1);
	tzset ();
	render_clock (text, UINT64_C (1795507200999999), &style);
	assert_string_equal (text, "2026-11-24 13:30:00 WAKTU");
	setenv ("TZ", "UTC", 1);
	tzset ();
	render_clock (text, 0, &style);
	assert_string_equal (text, "1970-01-01 00:00:00 UTC");
}

static void
test_render_clock_bears_the_last_moment (void **state)
{
	struct render_style style = {.zone = RENDER_ZONE_WIT, .dates = true};
	char text[RENDER_CLOCK_TEXT];

	(void) state;
	render_clock (text, UINT64_MAX, &style);
	assert_string_equal (text, "586524-01-19 17:01:49 WIT");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_render_clock_knows_the_zones_of_indonesia),
		cmocka_unit_test (test_render_clock_of_the_system_follows_tz),
		cmocka_unit_test (test_render_clock_bears_the_last_moment),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
