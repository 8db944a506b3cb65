/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two that speak several versions agree on the highest they share: what N and N - 1 rests on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "siaga/version.h"

static void
test_version_in_common_is_the_highest_of_both (void **state)
{
	static const struct {
		struct siaga_knock a, b;
		uint64_t common;
	} cases[] = {
		{{1, 1}, {1, 1}, 1}, {{1, 2}, {1, 1}, 1}, {{1, 2}, {1, 2}, 2},
		{{1, 2}, {2, 3}, 2}, {{1, 2}, {2, 2}, 2}, {{2, 3}, {1, 9}, 3},
		{{1, 1}, {2, 2}, 0}, {{1, 2}, {3, 4}, 0}, {{1, 1}, {2, 9}, 0},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal (siaga_version_common (&cases[i].a, &cases[i].b), cases[i].common);
		assert_int_equal (siaga_version_common (&cases[i].b, &cases[i].a), cases[i].common);
	}
}

static void
test_this_version_and_the_one_before_are_spoken (void **state)
{
	(void) state;
	assert_int_equal (siaga_versions.max_version, SIAGA_PROTOCOL_VERSION);
	assert_int_equal (siaga_versions.min_version,
			  SIAGA_PROTOCOL_VERSION > 1 ? SIAGA_PROTOCOL_VERSION - 1 : 1);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_version_in_common_is_the_highest_of_both),
		cmocka_unit_test (test_this_version_and_the_one_before_are_spoken),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
