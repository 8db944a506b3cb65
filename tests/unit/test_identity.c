/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/identity.c: what is written is read again, with and without a passphrase; and not one bit of it can
 * change unnoticed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keys_fixture.h"
#include "siaga/error.h"

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
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
