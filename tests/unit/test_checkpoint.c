/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/checkpoint.c: what is written is read, one spelling, and only the key's own word counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "make_checkpoint.h"
#include "siaga/error.h"

#define LOG "siaga/pemilu-2024/101112131415161718191a1b1c1d1e1f"
#define ROOT "YGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8="

static void
test_checkpoint_is_written_as_documented (void **state)
{
	char note[SIAGA_CHECKPOINT_MAX];
	struct siaga_text text = make_checkpoint_note (note);

	(void) state;
	assert_memory_equal (text.data, LOG "\n4711\n" ROOT "\n\n\xE2\x80\x94 " LOG " ",
			     sizeof LOG + sizeof ROOT + 10);
	assert_int_equal (strlen (note), text.size);
}

static void
test_checkpoint_round_trip (void **state)
{
	char note[SIAGA_CHECKPOINT_MAX];
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	struct siaga_checkpoint made, read;
	struct siaga_text text = make_checkpoint_note (note);

	(void) state;
	make_keys (sign, sign_secret);
	make_checkpoint (&made);
	assert_int_equal (siaga_checkpoint_read (text, &read), 0);
	assert_memory_equal (&made, &read, sizeof made);
	assert_int_equal (siaga_checkpoint_verify (text, siaga_text (MAKE_NETWORK), sign, &read),
			  0);
	assert_memory_equal (&made, &read, sizeof made);
	assert_int_equal (siaga_checkpoint_verify (text, siaga_text ("other"), sign, &read),
			  SIAGA_ENETWORK);
	sign[0] ^= 1;
	assert_int_equal (siaga_checkpoint_verify (text, siaga_text (MAKE_NETWORK), sign, &read),
			  SIAGA_EUNKNOWN);
}

static void
test_checkpoint_refuses_every_flipped_bit (void **state)
{
	char note[SIAGA_CHECKPOINT_MAX];
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	struct siaga_checkpoint read;
	struct siaga_text text = make_checkpoint_note (note);

	(void) state;
	make_keys (sign, sign_secret);
	for (size_t i = 0; i < text.size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			note[i] = (char) (note[i] ^ 1 << bit);
			assert_int_not_equal (siaga_checkpoint_verify (
						      text, siaga_text (MAKE_NETWORK), sign, &read),
					      0);
			note[i] = (char) (note[i] ^ 1 << bit);
		}
	for (size_t less = 0; less < text.size; less++)
		assert_int_not_equal (
			siaga_checkpoint_read ((struct siaga_text){note, less}, &read), 0);
}

static int
s_read (const char *origin, const char *size, const char *rest)
{
	char note[512];
	struct siaga_checkpoint read;

	snprintf (note, sizeof note, "%s\n%s\n%s\n\xE2\x80\x94 x AAAA\n", origin, size, rest);
	return siaga_checkpoint_read (siaga_text (note), &read);
}

static void
test_checkpoint_has_one_spelling (void **state)
{
	static const char *const origins[] = {"",
					      "siaga/",
					      "siaga//101112131415161718191a1b1c1d1e1f",
					      "siaga/pemilu-2024/101112131415161718191A1b1c1d1e1f",
					      "siaga/pemilu-2024/101112131415161718191a1b1c1d1e1g",
					      "siaga/pemilu 2024/101112131415161718191a1b1c1d1e1f",
					      "siaga/pemilu-2024/101112131415161718191a1b1c1d1e",
					      "other/pemilu-2024/101112131415161718191a1b1c1d1e1f",
					      "siaga/pemilu-2024101112131415161718191a1b1c1d1e1f"};
	static const char *const sizes[] = {"",
					    "-1",
					    "+1",
					    "01",
					    " 1",
					    "1 ",
					    "0x1",
					    "9007199254740992",
					    "99999999999999999999"};

	(void) state;
	assert_int_equal (s_read (LOG, "0", ROOT "\n"), 0);
	assert_int_equal (s_read (LOG, "9007199254740991", ROOT "\nan extension\n"), 0);
	for (size_t i = 0; i < sizeof origins / sizeof *origins; i++)
		assert_int_equal (s_read (origins[i], "1", ROOT "\n"), SIAGA_EMALFORMED);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		assert_int_equal (s_read (LOG, sizes[i], ROOT "\n"), SIAGA_EMALFORMED);
	assert_int_equal (s_read (LOG, "1", "YGE=\n"), SIAGA_EMALFORMED);
	assert_int_equal (s_read (LOG, "1", ROOT "\n\nafter an empty line\n"), SIAGA_EMALFORMED);
}

static void
test_checkpoint_is_bounded (void **state)
{
	static char note[SIAGA_CHECKPOINT_MAX + 1];
	struct siaga_checkpoint read;

	(void) state;
	memset (note, 'x', sizeof note);
	assert_int_equal (siaga_checkpoint_read ((struct siaga_text){note, sizeof note}, &read),
			  SIAGA_ELIMIT);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_checkpoint_is_written_as_documented),
		cmocka_unit_test (test_checkpoint_round_trip),
		cmocka_unit_test (test_checkpoint_refuses_every_flipped_bit),
		cmocka_unit_test (test_checkpoint_has_one_spelling),
		cmocka_unit_test (test_checkpoint_is_bounded),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
