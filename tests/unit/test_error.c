/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error list: every code has words and an id of its own, and no number has two meanings.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <limits.h>
#include <string.h>

#include <cmocka.h>

#include "siaga/error.h"

static const int codes[] = {
#define CODE(name, number, id, words) SIAGA_E##name,
	SIAGA_ERRORS (CODE)
#undef CODE
};

#define COUNT (sizeof codes / sizeof *codes)

static void
test_error_has_words_and_id_for_either_sign (void **state)
{
	(void) state;
	assert_string_equal ("conflict", siaga_error_id (SIAGA_ECONFLICT));
	assert_string_equal ("conflict", siaga_error_id (13));
	assert_string_equal ("signature does not verify", siaga_strerror (SIAGA_ESIGNATURE));
	for (size_t i = 0; i < COUNT; i++) {
		assert_true (codes[i] < 0);
		assert_ptr_equal (siaga_strerror (codes[i]), siaga_strerror (-codes[i]));
		assert_ptr_equal (siaga_error_id (codes[i]), siaga_error_id (-codes[i]));
	}
}

static void
test_error_ids_are_distinct_and_not_the_fallback (void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT; i++) {
		assert_string_not_equal (siaga_error_id (INT_MAX), siaga_error_id (codes[i]));
		assert_string_not_equal (siaga_error_id (0), siaga_error_id (codes[i]));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal (siaga_error_id (codes[i]),
						 siaga_error_id (codes[j]));
	}
}

static void
test_error_ids_are_lower_case_words (void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal (
			strlen (siaga_error_id (codes[i])),
			strspn (siaga_error_id (codes[i]), "abcdefghijklmnopqrstuvwxyz-"));
}

static void
test_error_is_never_null_for_any_number (void **state)
{
	static const int odd[] = {0, 28, 63, -28, 1000, INT_MAX, INT_MIN};

	(void) state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		assert_non_null (siaga_strerror (odd[i]));
		assert_non_null (siaga_error_id (odd[i]));
	}
	assert_string_equal ("ok", siaga_error_id (0));
	assert_string_equal ("unrecognised", siaga_error_id (INT_MIN));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_error_has_words_and_id_for_either_sign),
		cmocka_unit_test (test_error_ids_are_distinct_and_not_the_fallback),
		cmocka_unit_test (test_error_ids_are_lower_case_words),
		cmocka_unit_test (test_error_is_never_null_for_any_number),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
