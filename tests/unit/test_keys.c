/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities and cards: what is written is read again, with and without a passphrase, through files
 * too; and not one bit of a card or an identity can change unnoticed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <sys/stat.h>

#include "common/identity_file.h"
#include "common/log.h"
#include "roster_fixture.h"
#include "siaga/error.h"

static struct siaga_identity *
make_identity (void)
{
	struct siaga_identity *identity = siaga_identity_new (siaga_text ("bssn/soc-1"));

	assert_non_null (identity);
	return identity;
}

static void
assert_same (const struct siaga_identity *a, const struct siaga_identity *b)
{
	assert_string_equal (a->card.principal, b->card.principal);
	assert_memory_equal (a->card.sign, b->card.sign, SIAGA_KEY_BYTES);
	assert_memory_equal (a->card.transport, b->card.transport, SIAGA_KEY_BYTES);
	assert_memory_equal (a->card.seal, b->card.seal, SIAGA_KEY_BYTES);
	assert_memory_equal (a->card.signature, b->card.signature, SIAGA_SIGNATURE_BYTES);
	assert_memory_equal (a->sign_secret, b->sign_secret, 64);
	assert_memory_equal (a->transport_secret, b->transport_secret, SIAGA_KEY_BYTES);
	assert_memory_equal (a->seal_secret, b->seal_secret, SIAGA_KEY_BYTES);
}

static void
test_identity_new_refuses_what_is_no_principal (void **state)
{
	(void) state;
	assert_null (siaga_identity_new (siaga_text ("bssn")));
	assert_null (siaga_identity_new (siaga_text ("Bssn/soc")));
	assert_null (siaga_identity_new (siaga_text ("")));
}

static void
test_identity_round_trip_without_passphrase (void **state)
{
	struct siaga_identity *identity = make_identity (), *again;
	char text[SIAGA_IDENTITY_TEXT_MAX];

	(void) state;
	assert_int_equal (siaga_identity_write (identity, NULL, text, sizeof text), 0);
	assert_false (siaga_identity_is_locked (siaga_text (text)));
	assert_int_equal (siaga_identity_read (siaga_text (text), NULL, &again), 0);
	assert_same (identity, again);
	assert_int_equal (siaga_identity_write (identity, "", text, 100), SIAGA_ELIMIT);
	siaga_identity_destroy (&again);
	siaga_identity_destroy (&identity);
	assert_null (identity);
	siaga_identity_destroy (&identity);
}

static void
test_identity_round_trip_with_passphrase (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	char text[SIAGA_IDENTITY_TEXT_MAX];

	(void) state;
	assert_int_equal (siaga_identity_write (identity, "siaga satu", text, sizeof text), 0);
	assert_true (siaga_identity_is_locked (siaga_text (text)));
	assert_int_equal (siaga_identity_read (siaga_text (text), NULL, &again), SIAGA_EPASSPHRASE);
	assert_int_equal (siaga_identity_read (siaga_text (text), "", &again), SIAGA_EPASSPHRASE);
	assert_int_equal (siaga_identity_read (siaga_text (text), "siaga dua", &again),
			  SIAGA_EPASSPHRASE);
	assert_null (again);
	assert_int_equal (siaga_identity_read (siaga_text (text), "siaga satu", &again), 0);
	assert_same (identity, again);
	siaga_identity_destroy (&again);
	siaga_identity_destroy (&identity);
}

/* Where the parts that people write begin: changes in the comment line do no harm. */
static size_t
after_comment (const char *text)
{
	return (size_t) (strchr (text, '\n') - text) + 1;
}

static void
test_identity_refuses_every_flipped_bit (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	char text[SIAGA_IDENTITY_TEXT_MAX];
	size_t size;

	(void) state;
	assert_int_equal (siaga_identity_write (identity, NULL, text, sizeof text), 0);
	size = strlen (text) - 1; /* the last newline may go */
	for (size_t i = after_comment (text); i < size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			text[i] = (char) (text[i] ^ 1 << bit);
			assert_int_not_equal (
				siaga_identity_read ((struct siaga_text){text, size}, NULL, &again),
				0);
			text[i] = (char) (text[i] ^ 1 << bit);
		}
	assert_null (again);
	siaga_identity_destroy (&identity);
}

static void
test_identity_refuses_every_shorter_and_longer_text (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	char text[SIAGA_IDENTITY_TEXT_MAX];

	(void) state;
	assert_int_equal (siaga_identity_write (identity, NULL, text, sizeof text), 0);
	for (size_t size = 0; size + 1 < strlen (text); size++)
		assert_int_equal (
			siaga_identity_read ((struct siaga_text){text, size}, NULL, &again),
			SIAGA_EFORMAT);
	strcat (text, "secret plain x\n");
	assert_int_equal (siaga_identity_read (siaga_text (text), NULL, &again), SIAGA_EFORMAT);
	siaga_identity_destroy (&identity);
}

static void
test_identity_refuses_another_card (void **state)
{
	struct siaga_identity *identity = make_identity (), *other = make_identity (),
			      *again = NULL;
	char text[SIAGA_IDENTITY_TEXT_MAX], line[SIAGA_CARD_MAX];
	char *place;

	(void) state;
	assert_int_equal (siaga_identity_write (identity, NULL, text, sizeof text), 0);
	siaga_card_write (&other->card, line);
	place = strstr (text, "\ncard ") + 6;
	memcpy (place, line, strlen (line));
	assert_int_equal (siaga_identity_read (siaga_text (text), NULL, &again), SIAGA_EFORMAT);
	siaga_identity_destroy (&identity);
	siaga_identity_destroy (&other);
}

static void
test_identity_refuses_a_lock_of_monstrous_cost (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	char text[SIAGA_IDENTITY_TEXT_MAX], *place;

	(void) state;
	assert_int_equal (siaga_identity_write (identity, "x", text, sizeof text), 0);
	place = strstr (text, "locked 3 ");
	memcpy (place, "locked 9999999 ", 9);
	assert_int_equal (siaga_identity_read (siaga_text (text), "x", &again), SIAGA_EFORMAT);
	siaga_identity_destroy (&identity);
}

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
test_keys_weak_ones_are_refused (void **state)
{
	static const uint8_t zero[SIAGA_KEY_BYTES], one[SIAGA_KEY_BYTES] = {1};
	uint8_t key[SIAGA_KEY_BYTES];
	struct siaga_identity *identity = make_identity ();
	struct siaga_card card;
	char line[SIAGA_CARD_MAX];

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
	memcpy (identity->card.seal, zero, sizeof zero);
	siaga_card_write (&identity->card, line);
	assert_int_equal (siaga_card_read (siaga_text (line), &card), SIAGA_EWEAKKEY);
	siaga_identity_destroy (&identity);
}

static void
test_fingerprint_is_base32_of_the_keys_hash (void **state)
{
	/* SHA-256 of 96 zero bytes begins 2ea9ab9198d1638007400cd2c3bef1cc (sha256sum); base32 of its first ten */
	static const struct siaga_card card;
	char text[SIAGA_FINGERPRINT_TEXT];

	(void) state;
	siaga_card_fingerprint (&card, text);
	assert_string_equal (text, "F2U2-XEMY-2FRY-AB2A");
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

static int
answer (void *arg, const char *path, char out[PASSPHRASE_MAX])
{
	(void) path;
	snprintf (out, PASSPHRASE_MAX, "%s", (const char *) arg);
	return 0;
}

static void
test_identity_file_round_trip_and_modes (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	struct conf_error error;
	struct stat stat_of;
	char directory[64];

	(void) state;
	fixture_enter (directory);
	assert_int_equal (identity_save ("a", identity, NULL, &error), 0);
	assert_int_equal (stat ("a", &stat_of), 0);
	assert_int_equal (stat_of.st_mode & 07777, 0600);
	assert_int_equal (identity_save ("a", identity, NULL, &error), SIAGA_EEXISTS);
	assert_int_equal (identity_load ("a", NULL, NULL, &again, &error), 0);
	assert_same (identity, again);
	siaga_identity_destroy (&again);
	assert_int_equal (chmod ("a", 0640), 0);
	assert_int_equal (identity_load ("a", NULL, NULL, &again, &error), SIAGA_EIO);
	assert_non_null (strstr (error.words, "chmod 600"));
	assert_int_equal (identity_load ("none", NULL, NULL, &again, &error), SIAGA_ENOTFOUND);
	assert_int_equal (identity_load (".", NULL, NULL, &again, &error), SIAGA_EIO);
	assert_null (again);
	fixture_leave (directory);
	siaga_identity_destroy (&identity);
}

static void
test_identity_file_asks_for_its_passphrase (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	struct conf_error error;
	char directory[64], right[] = "rahasia", wrong[] = "salah";

	(void) state;
	fixture_enter (directory);
	assert_int_equal (identity_save ("a", identity, right, &error), 0);
	assert_int_equal (identity_load ("a", NULL, NULL, &again, &error), SIAGA_EPASSPHRASE);
	assert_int_equal (identity_load ("a", answer, wrong, &again, &error), SIAGA_EPASSPHRASE);
	assert_null (again);
	assert_int_equal (identity_load ("a", answer, right, &again, &error), 0);
	assert_same (identity, again);
	siaga_identity_destroy (&again);
	siaga_identity_destroy (&identity);
	fixture_leave (directory);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_identity_new_refuses_what_is_no_principal),
		cmocka_unit_test (test_identity_round_trip_without_passphrase),
		cmocka_unit_test (test_identity_round_trip_with_passphrase),
		cmocka_unit_test (test_identity_refuses_every_flipped_bit),
		cmocka_unit_test (test_identity_refuses_every_shorter_and_longer_text),
		cmocka_unit_test (test_identity_refuses_another_card),
		cmocka_unit_test (test_identity_refuses_a_lock_of_monstrous_cost),
		cmocka_unit_test (test_card_round_trip_and_trailing_white_space),
		cmocka_unit_test (test_card_refuses_every_flipped_bit),
		cmocka_unit_test (test_card_under_another_name_does_not_verify),
		cmocka_unit_test (test_keys_weak_ones_are_refused),
		cmocka_unit_test (test_fingerprint_is_base32_of_the_keys_hash),
		cmocka_unit_test (test_sign_covers_what_network_and_bytes),
		cmocka_unit_test (test_sign_prefix_is_the_protocols),
		cmocka_unit_test (test_identity_file_round_trip_and_modes),
		cmocka_unit_test (test_identity_file_asks_for_its_passphrase),
	};

	log_open ("test_keys", LOG_TO_NOTHING, 0);
	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
