/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/clock.h: units, growth, and a test's own clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "common/clock.h"

struct fake {
	uint64_t now_us;
	uint64_t mono_ms;
};

static uint64_t
s_fake_now_us (void *context)
{
	return ((struct fake *) context)->now_us;
}

static uint64_t
s_fake_mono_ms (void *context)
{
	return ((struct fake *) context)->mono_ms;
}

static void
test_clock_now_is_in_microseconds_since_1970 (void **state)
{
	(void) state;
	uint64_t before_s = (uint64_t) time (NULL);
	uint64_t now_us = clock_now_us ();
	/* time () may read a coarser clock that is a tick behind. */
	assert_in_range (now_us / 1000000, before_s, (uint64_t) time (NULL) + 1);
}

static void
test_clock_mono_never_steps_back (void **state)
{
	(void) state;
	uint64_t last_ms = clock_mono_ms ();
	for (int round = 0; round < 1000; round++) {
		uint64_t now_ms = clock_mono_ms ();
		assert_true (now_ms >= last_ms);
		last_ms = now_ms;
	}
}

static void
test_clock_mono_is_in_milliseconds (void **state)
{
	(void) state;
	struct timespec before;
	struct timespec after;
	clock_gettime (CLOCK_MONOTONIC, &before);
	uint64_t now_ms = clock_mono_ms ();
	clock_gettime (CLOCK_MONOTONIC, &after);
	assert_in_range (now_ms,
			 (uint64_t) before.tv_sec * 1000 + (uint64_t) before.tv_nsec / 1000000,
			 (uint64_t) after.tv_sec * 1000 + (uint64_t) after.tv_nsec / 1000000);
}

static void
test_clock_set_replaces_both_clocks_until_unset (void **state)
{
	(void) state;
	struct fake fake = {.now_us = 1795507200123456, .mono_ms = 42};
	struct clock_source source = {s_fake_now_us, s_fake_mono_ms, &fake};
	clock_set (&source);
	assert_int_equal (clock_now_us (), 1795507200123456);
	assert_int_equal (clock_mono_ms (), 42);
	fake.now_us -= 1000000;
	assert_int_equal (clock_now_us (), 1795507199123456);

	clock_set (NULL);
	assert_int_not_equal (clock_now_us (), 1795507199123456);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_clock_now_is_in_microseconds_since_1970),
		cmocka_unit_test (test_clock_mono_never_steps_back),
		cmocka_unit_test (test_clock_mono_is_in_milliseconds),
		cmocka_unit_test (test_clock_set_replaces_both_clocks_until_unset),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
