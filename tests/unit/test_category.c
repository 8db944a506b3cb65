/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/category.c: the list is sound and closed, and a prefix is a whole class.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "siaga/names.h"

static void
test_category_list_is_valid_fits_and_repeats_nothing (void **state)
{
	size_t count = 0;

	(void) state;
	for (const char *name; (name = siaga_category_at (count)); count++) {
		assert_true (siaga_category_is_valid (siaga_text (name)));
		assert_true (strlen (name) <= SIAGA_CATEGORY_MAX);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal (name, siaga_category_at (i));
	}
	assert_int_equal (39, count);
	assert_null (siaga_category_at (SIZE_MAX));
}

static void
test_category_refuses_what_is_not_listed (void **state)
{
	static const char *const names[] = {
		"",
		"/",
		"availability",
		"availability/",
		"availability/ddo",
		"availability/ddos/",
		"/ddos",
		"Availability/ddos",
		"availability/spam",
		"availability/ddosx",
	};

	(void) state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_false (siaga_category_is_valid (siaga_text (names[i])));
	assert_true (siaga_category_is_valid (siaga_text ("availability/ddos")));
}

static void
test_category_lies_in_itself_and_in_its_class_only (void **state)
{
	struct siaga_text category = siaga_text ("availability/ddos");

	(void) state;
	assert_true (siaga_category_in (category, category));
	assert_true (siaga_category_in (category, siaga_text ("availability")));
	assert_false (siaga_category_in (category, siaga_text ("availability/")));
	assert_false (siaga_category_in (category, siaga_text ("availability/ddo")));
	assert_false (siaga_category_in (category, siaga_text ("availabilit")));
	assert_false (siaga_category_in (category, siaga_text ("ddos")));
	assert_false (siaga_category_in (category, siaga_text ("")));
	assert_false (siaga_category_in (siaga_text ("availability"), category));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_category_list_is_valid_fits_and_repeats_nothing),
		cmocka_unit_test (test_category_refuses_what_is_not_listed),
		cmocka_unit_test (test_category_lies_in_itself_and_in_its_class_only),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
