/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/handle.c: the end of an id, never to be taken for a log number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/handle.h"

static uint8_t s_id[SIAGA_ID_BYTES];

static const char *
handle_of (const char *id)
{
	static char handle[HANDLE_TEXT];
	assert_int_equal (siaga_uuid_parse (s_id, siaga_text (id)), 0);
	handle_write (handle, s_id);
	return handle;
}

static void
test_handle_is_the_end_of_an_id_with_a_letter_in_it (void **state)
{
	(void) state;
	assert_string_equal (handle_of ("0192f3c4-5d6e-7f80-9a0b-1c2d3e4f5061"), "4f5061");
	assert_string_equal (handle_of ("0192f3c4-5d6e-7f80-9a0b-1c2d3e405061"), "e405061");
	assert_string_equal (handle_of ("01920364-5060-7080-9000-100200405061"),
			     "01920364506070809000100200405061");
	assert_true (handle_matches (siaga_text ("E405061"),
				     (handle_of ("0192f3c4-5d6e-7f80-9a0b-1c2d3e405061"), s_id)));
	assert_true (handle_matches (siaga_text ("1c2d3e405061"), s_id));
	assert_false (handle_matches (siaga_text ("f405061"), s_id));
}

static void
test_handle_is_told_from_numbers_and_ids (void **state)
{
	static const char *const valid[] = {"4f5061", "abcd", "ABCD", "1c2d3e4f50611c2d3e4f5061"};
	static const char *const invalid[] = {
		"",	  "abc",   "4711",    "123456",
		"4g5061", "#4711", "4f 5061", "0192f3c45d6e7f809a0b1c2d3e4f5061"};
	(void) state;
	for (size_t i = 0; i < sizeof valid / sizeof *valid; i++)
		assert_true (handle_is_valid (siaga_text (valid[i])));
	for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
		assert_false (handle_is_valid (siaga_text (invalid[i])));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_handle_is_the_end_of_an_id_with_a_letter_in_it),
		cmocka_unit_test (test_handle_is_told_from_numbers_and_ids),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
