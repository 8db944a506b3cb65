/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/names.c: the names of enumerations.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "siaga/error.h"
#include "siaga/names.h"

static const struct {
	const struct siaga_names *names;
	size_t count;
} lists[] = {
	{&siaga_kind_names, SIAGA_KIND_ROSTER + 1},
	{&siaga_action_names, SIAGA_ACTION_REOPEN + 1},
	{&siaga_status_names, SIAGA_STATUS_SYSTEM + 1},
	{&siaga_severity_names, SIAGA_SEVERITY_CRITICAL + 1},
	{&siaga_certainty_names, SIAGA_CERTAINTY_OBSERVED + 1},
	{&siaga_tlp_names, SIAGA_TLP_RED + 1},
	{&siaga_outcome_names, SIAGA_OUTCOME_DUPLICATE + 1},
};

#define LISTS (sizeof lists / sizeof *lists)

static void
test_names_cover_every_value_and_read_back (void **state)
{
	(void) state;
	for (size_t i = 0; i < LISTS; i++) {
		assert_int_equal (lists[i].count, lists[i].names->count);
		for (unsigned value = 0; value < lists[i].count; value++) {
			const char *name = siaga_name_of (lists[i].names, value);

			assert_non_null (name);
			assert_int_equal (value,
					  siaga_name_value (lists[i].names, siaga_text (name)));
		}
	}
}

static void
test_names_are_those_of_the_standards (void **state)
{
	(void) state;
	assert_string_equal ("amber+strict",
			     siaga_name_of (&siaga_tlp_names, SIAGA_TLP_AMBER_STRICT));
	assert_string_equal ("exercise",
			     siaga_name_of (&siaga_status_names, SIAGA_STATUS_EXERCISE));
	assert_string_equal ("observed",
			     siaga_name_of (&siaga_certainty_names, SIAGA_CERTAINTY_OBSERVED));
	assert_string_equal ("acknowledge",
			     siaga_name_of (&siaga_action_names, SIAGA_ACTION_ACKNOWLEDGE));
}

static void
test_names_out_of_range_are_unknown (void **state)
{
	(void) state;
	for (size_t i = 0; i < LISTS; i++) {
		assert_string_equal ("unknown",
				     siaga_name_of (lists[i].names, (unsigned) lists[i].count));
		assert_string_equal ("unknown", siaga_name_of (lists[i].names, UINT32_MAX));
	}
}

static void
test_names_that_are_not_exact_are_not_found (void **state)
{
	static const char *const names[] = {"", "HIGH", "hig", "highh", " high", "High"};

	(void) state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal (SIAGA_ENOTFOUND,
				  siaga_name_value (&siaga_severity_names, siaga_text (names[i])));
	assert_int_equal (SIAGA_ENOTFOUND, siaga_name_value (&siaga_severity_names,
							     (struct siaga_text){"high\0", 5}));
	assert_int_equal (SIAGA_ENOTFOUND,
			  siaga_name_value (&siaga_severity_names, siaga_text (NULL)));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_names_cover_every_value_and_read_back),
		cmocka_unit_test (test_names_are_those_of_the_standards),
		cmocka_unit_test (test_names_out_of_range_are_unknown),
		cmocka_unit_test (test_names_that_are_not_exact_are_not_found),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
