/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8: every code point is taken, every other sequence of up to four bytes is not, whether it is
 * met by the fast path or beside it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "siaga/names.h"

static bool
is_valid (const char *data, size_t size)
{
	return siaga_utf8_is_valid ((struct siaga_text){data, size});
}

/* The plain encoder; returns the size. */
static size_t
encode (char out[4], uint32_t point)
{
	static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

	for (size_t i = size; i-- > 1; point >>= 6)
		out[i] = (char) (0x80 | (point & 0x3f));
	out[0] = (char) (marks[size == 1 ? 0 : size] | point);
	return size;
}

static void
test_utf8_takes_every_code_point_but_nul_and_surrogates (void **state)
{
	(void) state;
	for (uint32_t point = 0; point < 0x120000; point++) {
		bool good = point > 0 && point < 0x110000 && (point < 0xd800 || point > 0xdfff);
		char bytes[4];
		size_t size = encode (bytes, point);

		if (is_valid (bytes, size) != good)
			fail_msg ("U+%04X", point);
	}
}

static void
test_utf8_refuses_every_pair_that_is_no_character (void **state)
{
	(void) state;
	for (unsigned first = 0; first < 256; first++)
		for (unsigned second = 0; second < 256; second++) {
			char bytes[2] = {(char) first, (char) second};
			bool ascii = first > 0 && first < 0x80 && second > 0 && second < 0x80;
			bool pair =
				first >= 0xc2 && first <= 0xdf && second >= 0x80 && second <= 0xbf;

			assert_int_equal (ascii || pair, is_valid (bytes, 2));
		}
}

static void
test_utf8_refuses_the_classic_malformed_sequences (void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"\xf0\x9f\x98",
		"\xe2\x82\x41",
		"\xf0\x9f\x98\x41",
		"\xf0\x9f\x41\x80",
	};

	(void) state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false (is_valid (bad[i], strlen (bad[i])));
}

/* In memory of its own size, at each place of a text longer than the fast path's stride. */
static void
test_utf8_finds_a_bad_byte_at_every_place (void **state)
{
	static const char bad[] = {'\0', '\x80', '\xff', '\xc3'};

	(void) state;
	for (size_t size = 1; size <= 40; size++) {
		char *text = malloc (size);

		assert_non_null (text);
		memset (text, 'a', size);
		assert_true (is_valid (text, size));
		for (size_t at = 0; at < size; at++)
			for (size_t i = 0; i < sizeof bad; i++) {
				text[at] = bad[i];
				assert_false (is_valid (text, size));
				text[at] = 'a';
			}
		free (text);
	}
}

static void
test_utf8_takes_the_empty_text_and_ascii_next_to_nul_values (void **state)
{
	(void) state;
	assert_true (is_valid (NULL, 0));
	assert_true (is_valid ("\x01\x01\x01\x01\x01\x01\x01\x01", 8));
	assert_true (is_valid ("\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f", 8));
	assert_false (is_valid ("\x01\x01\x01\x01\x01\x01\x01\x00", 8));
	assert_false (is_valid ("\x00\x01\x01\x01\x01\x01\x01\x01", 8));
}

/* What cleaning `data` into room for `capacity` gives. */
static void
assert_cleaned (const char *want, size_t capacity, const char *data, size_t size)
{
	char *out = malloc (capacity);

	assert_non_null (out);
	assert_int_equal (strlen (want), siaga_utf8_clean (out, capacity, data, size));
	assert_string_equal (want, out);
	assert_true (is_valid (out, strlen (out)));
	free (out);
}

#define FFFD "\xef\xbf\xbd"

static void
test_utf8_clean_keeps_what_is_well_formed (void **state)
{
	(void) state;
	assert_cleaned ("", 10, NULL, 0);
	assert_cleaned ("siaga", 10, "siaga", 5);
	assert_cleaned ("h\xc3\xa9 \xf0\x9f\x98\x80\n", 20, "h\xc3\xa9 \xf0\x9f\x98\x80\n", 9);
}

static void
test_utf8_clean_replaces_each_malformed_byte_and_nul (void **state)
{
	(void) state;
	assert_cleaned ("a" FFFD "b", 20, "a\0b", 3);
	assert_cleaned (FFFD FFFD FFFD "x", 20, "\xed\xa0\x80x", 4);
	assert_cleaned ("a" FFFD, 20, "a\xc3", 2);
	assert_cleaned (FFFD FFFD FFFD, 20, "\xf0\x9f\x98", 3);
	assert_cleaned (FFFD "x", 20, "\xffx", 2);
}

static void
test_utf8_clean_cuts_at_a_characters_end (void **state)
{
	(void) state;
	assert_cleaned ("", 1, "abc", 3);
	assert_cleaned ("ab", 3, "abc", 3);
	assert_cleaned ("abc", 4, "abc", 3);
	assert_cleaned ("a", 3, "a\xc3\xa9", 3);
	assert_cleaned ("a\xc3\xa9", 4, "a\xc3\xa9", 3);
	assert_cleaned ("", 3, "\xff", 1);
	assert_cleaned (FFFD, 4, "\xff", 1);
	assert_int_equal (0, siaga_utf8_clean (NULL, 0, "abc", 3));
}

static void
test_utf8_clean_of_any_bytes_is_valid (void **state)
{
	uint32_t seed = 1;

	(void) state;
	for (unsigned round = 0; round < 20000; round++) {
		char out[32];
		uint8_t in[12];

		for (size_t i = 0; i < sizeof in; i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (uint8_t) (seed >> 24);
		}
		assert_true (is_valid (
			out, siaga_utf8_clean (out, 1 + round % sizeof out, in, sizeof in)));
	}
}

static void
test_utf8_decodes_every_code_point_and_leaves_the_rest (void **state)
{
	(void) state;
	for (uint32_t point = 0; point < 0x120000; point++) {
		bool good = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
		uint32_t code = UINT32_MAX;
		char bytes[5] = {0, 0, 0, 0, 'x'};
		size_t size = encode (bytes, point);

		assert_int_equal (siaga_utf8_decode ((struct siaga_text){bytes, 5}, &code),
				  good ? size : 0);
		assert_int_equal (code, good ? point : UINT32_MAX);
		for (size_t less = 1; less < size; less++)
			assert_int_equal (
				siaga_utf8_decode ((struct siaga_text){bytes, less}, &code), 0);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_utf8_takes_every_code_point_but_nul_and_surrogates),
		cmocka_unit_test (test_utf8_refuses_every_pair_that_is_no_character),
		cmocka_unit_test (test_utf8_refuses_the_classic_malformed_sequences),
		cmocka_unit_test (test_utf8_finds_a_bad_byte_at_every_place),
		cmocka_unit_test (test_utf8_takes_the_empty_text_and_ascii_next_to_nul_values),
		cmocka_unit_test (test_utf8_clean_keeps_what_is_well_formed),
		cmocka_unit_test (test_utf8_clean_replaces_each_malformed_byte_and_nul),
		cmocka_unit_test (test_utf8_clean_cuts_at_a_characters_end),
		cmocka_unit_test (test_utf8_clean_of_any_bytes_is_valid),
		cmocka_unit_test (test_utf8_decodes_every_code_point_and_leaves_the_rest),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
