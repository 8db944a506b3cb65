/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/card.c: a line, its own signature, and its fingerprint.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "keys_fixture.h"
#include "siaga/error.h"

static void
test_card_round_trip_and_trailing_white_space (void **state)
{
	struct siaga_identity *identity = make_identity ();
	struct siaga_card card;
	char line[SIAGA_CARD_MAX], spaced[SIAGA_CARD_MAX + 8];

	(void) state;
	siaga_card_write (&identity->card, line);
	assert_int_equal (strncmp (line, "siaga-card-1 bssn/soc-1 ", 24), 0);
	snprintf (spaced, sizeof spaced, "%s \t\r\n", line);
	assert_int_equal (siaga_card_read (siaga_text (spaced), &card), 0);
	assert_memory_equal (card.signature, identity->card.signature, SIAGA_SIGNATURE_BYTES);
	assert_string_equal (card.principal, "bssn/soc-1");
	siaga_identity_destroy (&identity);
}

static void
test_card_refuses_every_flipped_bit (void **state)
{
	struct siaga_identity *identity = make_identity ();
	struct siaga_card card;
	char line[SIAGA_CARD_MAX];
	size_t size;

	(void) state;
	siaga_card_write (&identity->card, line);
	size = strlen (line);
	for (size_t i = 0; i < size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			line[i] = (char) (line[i] ^ 1 << bit);
			assert_int_not_equal (
				siaga_card_read ((struct siaga_text){line, size}, &card), 0);
			line[i] = (char) (line[i] ^ 1 << bit);
		}
	assert_int_equal (siaga_card_read ((struct siaga_text){line, size}, &card), 0);
	for (size_t less = 0; less < size; less++)
		assert_int_equal (siaga_card_read ((struct siaga_text){line, less}, &card),
				  SIAGA_EFORMAT);
	siaga_identity_destroy (&identity);
}

static void
test_card_under_another_name_does_not_verify (void **state)
{
	struct siaga_identity *identity = make_identity ();
	struct siaga_card card;
	char line[SIAGA_CARD_MAX];

	(void) state;
	strcpy (identity->card.principal, "bssn/soc-2");
	siaga_card_write (&identity->card, line);
	assert_int_equal (siaga_card_read (siaga_text (line), &card), SIAGA_ESIGNATURE);
	siaga_identity_destroy (&identity);
}

static void
test_card_with_a_weak_key_is_refused (void **state)
{
	static const uint8_t zero[SIAGA_KEY_BYTES];
	struct siaga_identity *identity = make_identity ();
	struct siaga_card card;
	char line[SIAGA_CARD_MAX];

	(void) state;
	memcpy (identity->card.seal, zero, sizeof zero);
	siaga_card_write (&identity->card, line);
	assert_int_equal (siaga_card_read (siaga_text (line), &card), SIAGA_EWEAKKEY);
	siaga_identity_destroy (&identity);
}

static void
test_card_fingerprint_is_base32_of_the_keys_hash (void **state)
{
	/* SHA-256 of 96 zero bytes begins 2ea9ab9198d1638007400cd2c3bef1cc (sha256sum); base32 of its first ten */
	static const struct siaga_card card;
	char text[SIAGA_FINGERPRINT_TEXT];

	(void) state;
	siaga_card_fingerprint (&card, text);
	assert_string_equal (text, "F2U2-XEMY-2FRY-AB2A");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_card_round_trip_and_trailing_white_space),
		cmocka_unit_test (test_card_refuses_every_flipped_bit),
		cmocka_unit_test (test_card_under_another_name_does_not_verify),
		cmocka_unit_test (test_card_with_a_weak_key_is_refused),
		cmocka_unit_test (test_card_fingerprint_is_base32_of_the_keys_hash),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
