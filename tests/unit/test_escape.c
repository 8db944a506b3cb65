/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/escape.c: what a hostile text cannot make a terminal do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>

#include "common/escape.h"

static char *
s_escape (const char *data, size_t size)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream (&text, &length);
	escape_write (out, (struct siaga_text){data, size});
	fclose (out);
	return text;
}

static void
s_assert_escaped (const char *data, size_t size, const char *expected)
{
	char *text = s_escape (data, size);
	assert_string_equal (text, expected);
	free (text);
}

static void
test_escape_shows_controls_instead_of_obeying_them (void **state)
{
	(void) state;
	s_assert_escaped ("\x1b[31mred\x1b[0m", 12, "\\u{1b}[31mred\\u{1b}[0m");
	s_assert_escaped ("a\r\n\tb\0\x7f", 7, "a\\u{d}\\u{a}\\u{9}b\\u{0}\\u{7f}");
	s_assert_escaped ("\xc2\x9b\x33\x31m", 5, "\\u{9b}31m"); /* CSI as C1 */
}

static void
test_escape_shows_bidirectional_controls (void **state)
{
	(void) state;
	s_assert_escaped ("\xe2\x80\xaa\xe2\x80\xae", 6, "\\u{202a}\\u{202e}");
	s_assert_escaped ("\xe2\x81\xa6\xe2\x81\xa9", 6, "\\u{2066}\\u{2069}");
	s_assert_escaped ("\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", 8, "\\u{200e}\\u{200f}\\u{61c}");
	s_assert_escaped ("\xf3\xa0\x81\x81", 4, "\\u{e0041}"); /* a tag character */
}

static void
test_escape_keeps_what_is_text (void **state)
{
	(void) state;
	static const char text[] = "Situs KPU diretas – \xe6\x97\xa5\xf0\x9f\x9a\xa8 \\ \"";
	s_assert_escaped (text, sizeof text - 1, text);
}

static void
test_escape_shows_bytes_that_are_not_utf8 (void **state)
{
	(void) state;
	s_assert_escaped ("\xff\x80", 2, "\\x{ff}\\x{80}");
	s_assert_escaped ("\xe2\x80", 2, "\\x{e2}\\x{80}");
	s_assert_escaped ("\xed\xa0\x80", 3, "\\x{ed}\\x{a0}\\x{80}"); /* a surrogate */
}

static void
test_escape_cut_never_exceeds_its_columns (void **state)
{
	(void) state;
	static const struct siaga_text hostile = {"ab\x1b\xe6\x97\xa5yz", 8};
	for (size_t columns = 0; columns < 20; columns++) {
		char *text = NULL;
		size_t length = 0;
		FILE *out = open_memstream (&text, &length);
		size_t used = escape_write_cut (out, hostile, columns);
		fclose (out);
		assert_true (used <= columns);
		assert_int_equal (used, escape_columns (siaga_text (text)));
		free (text);
	}
}

static void
test_escape_hostile_ranges_end_where_they_end (void **state)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0, 0x1f},	  {0x7f, 0x9f},	      {0x61c, 0x61c},	{0x200b, 0x200b},
		{0x200e, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x2069}, {0xfeff, 0xfeff},
		{0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	};
	uint32_t hostile = 0, expected = 0;

	(void) state;
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		expected += ranges[i].last - ranges[i].first + 1;
		for (uint32_t code = ranges[i].first; code <= ranges[i].last; code++)
			assert_true (escape_is_hostile (code));
	}
	for (uint32_t code = 0; code < 0x110000; code++)
		hostile += escape_is_hostile (code);
	assert_int_equal (hostile, expected);
}

static void
test_escape_columns_count_what_is_shown (void **state)
{
	(void) state;
	assert_int_equal (escape_columns (siaga_text ("abc")), 3);
	assert_int_equal (escape_columns (siaga_text ("\xe6\x97\xa5")), 2); /* a wide character */
	assert_int_equal (escape_columns (siaga_text ("e\xcc\x81")), 1);    /* a combining accent */
	assert_int_equal (escape_columns (siaga_text ("\x1b")), 6);	    /* \u{1b} */
	assert_int_equal (escape_columns (siaga_text (NULL)), 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_escape_shows_controls_instead_of_obeying_them),
		cmocka_unit_test (test_escape_shows_bidirectional_controls),
		cmocka_unit_test (test_escape_keeps_what_is_text),
		cmocka_unit_test (test_escape_shows_bytes_that_are_not_utf8),
		cmocka_unit_test (test_escape_cut_never_exceeds_its_columns),
		cmocka_unit_test (test_escape_hostile_ranges_end_where_they_end),
		cmocka_unit_test (test_escape_columns_count_what_is_shown),
	};

	setlocale (LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests (tests, NULL, NULL);
}
