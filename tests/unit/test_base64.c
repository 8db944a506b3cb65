/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/base64.c: one spelling for each value, and nothing around it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/base64.h"
#include "siaga/error.h"

#define URL sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define PADDED sodium_base64_VARIANT_ORIGINAL

static int
s_read (const char *string, size_t size, int variant)
{
	uint8_t out[64];

	return base64_exactly (siaga_text (string), out, size, variant);
}

/* RFC 4648 section 10. */
static void
test_base64_reads_the_vectors_of_the_rfc (void **state)
{
	static const char foobar[] = "foobar";
	static const char *const padded[] = {"Zg==",	 "Zm8=",     "Zm9v",
					     "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
	static const char *const bare[] = {"Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
	uint8_t out[8];

	(void) state;
	for (size_t size = 1; size <= 6; size++) {
		assert_int_equal (base64_exactly (siaga_text (padded[size - 1]), out, size, PADDED),
				  0);
		assert_memory_equal (out, foobar, size);
		assert_int_equal (base64_exactly (siaga_text (bare[size - 1]), out, size, URL), 0);
		assert_memory_equal (out, foobar, size);
	}
}

static void
test_base64_refuses_another_size (void **state)
{
	(void) state;
	assert_int_equal (s_read ("Zm9v", 2, URL), SIAGA_EFORMAT);
	assert_int_equal (s_read ("Zm9v", 4, URL), SIAGA_EFORMAT);
	assert_int_equal (s_read ("", 0, URL), SIAGA_EFORMAT);
	assert_int_equal (s_read (NULL, 0, URL), SIAGA_EFORMAT);
}

static void
test_base64_refuses_second_spellings (void **state)
{
	(void) state;
	assert_int_equal (s_read ("Zh", 1, URL), SIAGA_EFORMAT); /* bits left over */
	assert_int_equal (s_read ("Zg==", 1, URL), SIAGA_EFORMAT);
	assert_int_equal (s_read ("Zg", 1, PADDED), SIAGA_EFORMAT);
	assert_int_equal (s_read ("Zg=", 1, PADDED), SIAGA_EFORMAT);
	assert_int_equal (s_read ("__8", 2, URL), 0);
	assert_int_equal (s_read ("//8", 2, URL), SIAGA_EFORMAT); /* the other alphabet */
	assert_int_equal (s_read ("__8=", 2, PADDED), SIAGA_EFORMAT);
}

/* Each byte in each place of "AAAA": only those of the alphabet pass, also beyond ASCII. */
static void
test_base64_takes_no_byte_outside_its_alphabet (void **state)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	(void) state;
	for (size_t at = 0; at < 4; at++)
		for (int byte = 0; byte < 256; byte++) {
			char text[4] = {'A', 'A', 'A', 'A'};
			bool is_in = byte != 0 && strchr (alphabet, byte) != NULL;
			uint8_t out[3];

			text[at] = (char) byte;
			assert_int_equal (
				base64_exactly ((struct siaga_text){text, 4}, out, 3, URL),
				is_in ? 0 : SIAGA_EFORMAT);
		}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_base64_reads_the_vectors_of_the_rfc),
		cmocka_unit_test (test_base64_refuses_another_size),
		cmocka_unit_test (test_base64_refuses_second_spellings),
		cmocka_unit_test (test_base64_takes_no_byte_outside_its_alphabet),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
