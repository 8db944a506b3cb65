/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/sign.c: what a signature covers, and which keys are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keys_fixture.h"
#include "siaga/error.h"

static void
test_sign_refuses_weak_keys_and_second_spellings (void **state)
{
	static const uint8_t zero[SIAGA_KEY_BYTES], one[SIAGA_KEY_BYTES] = {1};
	uint8_t key[SIAGA_KEY_BYTES];
	struct siaga_identity *identity = make_identity ();

	(void) state;
	assert_int_equal (siaga_ed25519_check (zero), SIAGA_EWEAKKEY);
	assert_int_equal (siaga_ed25519_check (one), SIAGA_EWEAKKEY);
	assert_int_equal (siaga_x25519_check (zero), SIAGA_EWEAKKEY);
	assert_int_equal (siaga_x25519_check (one), SIAGA_EWEAKKEY);
	assert_int_equal (siaga_ed25519_check (identity->card.sign), 0);
	assert_int_equal (siaga_x25519_check (identity->card.transport), 0);
	/* the same key spelt twice: with the top bit, and as p + 9 */
	memcpy (key, identity->card.seal, sizeof key);
	key[31] |= 0x80;
	assert_int_equal (siaga_x25519_check (key), SIAGA_EWEAKKEY);
	memset (key, 0xff, sizeof key);
	key[0] = 0xed + 9;
	key[31] = 0x7f;
	assert_int_equal (siaga_x25519_check (key), SIAGA_EWEAKKEY);
	siaga_identity_destroy (&identity);
}

static void
test_sign_covers_what_network_and_bytes (void **state)
{
	struct siaga_identity *identity = make_identity ();
	struct siaga_bytes bytes = {(const uint8_t *) "hello", 5},
			   less = {(const uint8_t *) "hello", 4};
	static uint8_t large[SIAGA_SIGNED_MAX];
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
	const uint8_t *sign = identity->card.sign;

	(void) state;
	siaga_sign (signature, "batch", siaga_text ("net"), bytes, identity->sign_secret);
	assert_int_equal (siaga_verify (signature, "batch", siaga_text ("net"), bytes, sign), 0);
	assert_int_equal (siaga_verify (signature, "hello", siaga_text ("net"), bytes, sign),
			  SIAGA_ESIGNATURE);
	assert_int_equal (siaga_verify (signature, "batch", siaga_text ("ne"), bytes, sign),
			  SIAGA_ESIGNATURE);
	assert_int_equal (siaga_verify (signature, "batch", siaga_text (""), bytes, sign),
			  SIAGA_ESIGNATURE);
	assert_int_equal (siaga_verify (signature, "batch", siaga_text ("net"), less, sign),
			  SIAGA_ESIGNATURE);
	assert_int_equal (siaga_verify (signature, "batch", siaga_text ("net"),
					(struct siaga_bytes){large, sizeof large}, sign),
			  SIAGA_ESIGNATURE);
	siaga_identity_destroy (&identity);
}

static void
test_sign_prefix_is_the_protocols (void **state)
{
	struct siaga_identity *identity = make_identity ();
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
	static const char message[] = "siaga/1 batch net\nx", bare[] = "siaga/1 card\nx";

	(void) state;
	siaga_sign (signature, "batch", siaga_text ("net"),
		    (struct siaga_bytes){(const uint8_t *) "x", 1}, identity->sign_secret);
	assert_int_equal (siaga_ed25519_verify (signature,
						(struct siaga_bytes){(const uint8_t *) message,
								     sizeof message - 1},
						identity->card.sign),
			  0);
	siaga_sign (signature, "card", siaga_text (NULL),
		    (struct siaga_bytes){(const uint8_t *) "x", 1}, identity->sign_secret);
	assert_int_equal (
		siaga_ed25519_verify (signature,
				      (struct siaga_bytes){(const uint8_t *) bare, sizeof bare - 1},
				      identity->card.sign),
		0);
	siaga_identity_destroy (&identity);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_sign_refuses_weak_keys_and_second_spellings),
		cmocka_unit_test (test_sign_covers_what_network_and_bytes),
		cmocka_unit_test (test_sign_prefix_is_the_protocols),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
