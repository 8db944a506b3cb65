/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/hex.c: every byte there and back; nothing else is taken.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "siaga/error.h"
#include "siaga/names.h"

static void
test_hex_round_trips_every_byte (void **state)
{
	uint8_t bytes[256], back[256];
	char hex[513];

	(void) state;
	for (size_t i = 0; i < 256; i++)
		bytes[i] = (uint8_t) i;
	siaga_hex (hex, bytes, 256);
	assert_int_equal (512, strlen (hex));
	assert_memory_equal ("000102", hex, 6);
	assert_string_equal ("fdfeff", hex + 506);
	assert_int_equal (0, siaga_hex_parse (back, 256, siaga_text (hex)));
	assert_memory_equal (bytes, back, 256);
	siaga_hex (hex, NULL, 0);
	assert_string_equal ("", hex);
}

static void
test_hex_refuses_other_lengths_and_characters_and_writes_nothing (void **state)
{
	static const char *const bad[] = {"",
					  "0",
					  "012",
					  "01234",
					  "012g",
					  "0 12",
					  "0x12",
					  "-123",
					  "01\xff"
					  "2"};
	uint8_t out[2] = {7, 7};

	(void) state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal (SIAGA_EMALFORMED, siaga_hex_parse (out, 2, siaga_text (bad[i])));
	assert_memory_equal ("\7\7", out, 2);
	assert_int_equal (0, siaga_hex_parse (out, 2, siaga_text ("aBCd")));
	assert_memory_equal ("\xab\xcd", out, 2);
	assert_int_equal (0, siaga_hex_parse (out, 0, siaga_text ("")));
	assert_int_equal (SIAGA_EMALFORMED, siaga_hex_parse (out, SIZE_MAX, siaga_text ("00")));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_hex_round_trips_every_byte),
		cmocka_unit_test (test_hex_refuses_other_lengths_and_characters_and_writes_nothing),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
