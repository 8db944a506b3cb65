/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/cut.h: lines and words off the front of a text, and never more than is there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/cut.h"

static void
test_cut_line_gives_each_line_without_its_end (void **state)
{
	struct siaga_text text = siaga_text ("one\r\n\ntwo\rx\n\r\nthree");

	(void) state;
	assert_true (siaga_text_is (cut_line (&text), "one"));
	assert_true (siaga_text_is (cut_line (&text), ""));
	assert_true (siaga_text_is (cut_line (&text), "two\rx"));
	assert_true (siaga_text_is (cut_line (&text), ""));
	assert_int_equal (text.size, 5);
	assert_true (siaga_text_is (cut_line (&text), "three"));
	assert_int_equal (text.size, 0);
	assert_int_equal (cut_line (&text).size, 0);
}

static void
test_cut_word_takes_it_whole_or_not_at_all (void **state)
{
	struct siaga_text text = siaga_text ("card x"), part = {"card ", 4};

	(void) state;
	assert_false (cut_word (&text, "cart"));
	assert_false (cut_word (&text, "card x "));
	assert_true (siaga_text_is (text, "card x"));
	assert_true (cut_word (&text, "card "));
	assert_true (siaga_text_is (text, "x"));
	assert_true (cut_word (&text, "x"));
	assert_int_equal (text.size, 0);
	assert_false (cut_word (&part, "card ")); /* the space is beyond its end */
	assert_int_equal (part.size, 4);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_cut_line_gives_each_line_without_its_end),
		cmocka_unit_test (test_cut_word_takes_it_whole_or_not_at_all),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
