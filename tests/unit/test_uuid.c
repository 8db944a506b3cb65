/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUIDv7 against the example of RFC 9562 appendix A.6.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "siaga/error.h"
#include "siaga/names.h"

#define EXAMPLE "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
#define EXAMPLE_TIME_MS UINT64_C (0x017f22e279b0)

static const uint8_t example_random[10] = {0x0c, 0xc3, 0x18, 0xc4, 0xdc,
					   0x0c, 0x0c, 0x07, 0x39, 0x8f};

static void
test_uuid_of_the_rfc (void **state)
{
	uint8_t id[SIAGA_ID_BYTES];
	char text[SIAGA_UUID_TEXT];

	(void) state;
	siaga_uuid_make (id, EXAMPLE_TIME_MS, example_random);
	siaga_uuid_text (text, id);
	assert_string_equal (EXAMPLE, text);
	assert_true (siaga_uuid_is_v7 (id));
}

static void
test_uuid_version_and_variant_stand_whatever_the_randomness (void **state)
{
	uint8_t id[SIAGA_ID_BYTES], random[10];
	char text[SIAGA_UUID_TEXT];

	(void) state;
	memset (random, 0xff, sizeof random);
	siaga_uuid_make (id, UINT64_MAX, random);
	siaga_uuid_text (text, id);
	assert_string_equal ("ffffffff-ffff-7fff-bfff-ffffffffffff", text);
	memset (random, 0, sizeof random);
	siaga_uuid_make (id, 0, random);
	siaga_uuid_text (text, id);
	assert_string_equal ("00000000-0000-7000-8000-000000000000", text);
	assert_true (siaga_uuid_is_v7 (id));
}

static void
test_uuid_bytes_ascend_with_time (void **state)
{
	uint8_t before[SIAGA_ID_BYTES], after[SIAGA_ID_BYTES], zeros[10] = {0};

	(void) state;
	for (unsigned shift = 0; shift < 47; shift++) {
		siaga_uuid_make (before, (UINT64_C (1) << shift) - 1, example_random);
		siaga_uuid_make (after, UINT64_C (1) << shift, zeros);
		assert_true (memcmp (before, after, sizeof before) < 0);
	}
}

static void
test_uuid_of_another_version_or_variant_is_not_v7 (void **state)
{
	static const char *const others[] = {
		"017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-8cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-18c4-dc0c0c07398f", "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	};

	(void) state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		uint8_t id[SIAGA_ID_BYTES];

		assert_int_equal (0, siaga_uuid_parse (id, siaga_text (others[i])));
		assert_false (siaga_uuid_is_v7 (id));
	}
}

static void
test_uuid_parse_takes_either_case (void **state)
{
	uint8_t lower[SIAGA_ID_BYTES], upper[SIAGA_ID_BYTES];
	char text[SIAGA_UUID_TEXT];

	(void) state;
	assert_int_equal (0, siaga_uuid_parse (lower, siaga_text (EXAMPLE)));
	assert_int_equal (
		0, siaga_uuid_parse (upper, siaga_text ("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")));
	assert_memory_equal (lower, upper, sizeof lower);
	siaga_uuid_text (text, upper);
	assert_string_equal (EXAMPLE, text);
}

static void
test_uuid_parse_refuses_other_spellings_and_writes_nothing (void **state)
{
	static const char *const bad[] = {
		"",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
		"017f22e279b07cc398c4dc0c0c07398f",
		"{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
		"017f22e279b0-7cc3-98c4-dc0c0c07398f-",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"017f22e2_79b0_7cc3_98c4_dc0c0c07398f",
		"017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4--c0c0c07398f",
	};
	uint8_t id[SIAGA_ID_BYTES] = {7};

	(void) state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal (SIAGA_EMALFORMED, siaga_uuid_parse (id, siaga_text (bad[i])));
	assert_int_equal (SIAGA_EMALFORMED, siaga_uuid_parse (id, siaga_text (NULL)));
	assert_int_equal (7, id[0]);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_uuid_of_the_rfc),
		cmocka_unit_test (test_uuid_version_and_variant_stand_whatever_the_randomness),
		cmocka_unit_test (test_uuid_bytes_ascend_with_time),
		cmocka_unit_test (test_uuid_of_another_version_or_variant_is_not_v7),
		cmocka_unit_test (test_uuid_parse_takes_either_case),
		cmocka_unit_test (test_uuid_parse_refuses_other_spellings_and_writes_nothing),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
