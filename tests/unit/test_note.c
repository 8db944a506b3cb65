/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/note.c, held to notes that others signed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>

#include "proto/base64.h"
#include "proto/note.h"
#include "siaga/error.h"
#include "siaga/keys.h"

/* From the documentation of Go's golang.org/x/mod/sumdb/note. */
#define GO_KEY "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_NOTE                                                                                     \
	"If you think cryptography is the answer to your problem,\n"                                \
	"then you don't know what your problem is.\n"                                               \
	"\n"                                                                                        \
	"\xE2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNX" \
	"gKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

/* From the specification, c2sp.org/signed-note. */
#define C2SP_KEY "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define C2SP_NOTE                                                                                   \
	"This is an example message.\n"                                                             \
	"\n"                                                                                        \
	"\xE2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZ" \
	"XsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"

static void
s_key (uint8_t sign[SIAGA_KEY_BYTES], const char *base64)
{
	uint8_t bytes[1 + SIAGA_KEY_BYTES];

	assert_int_equal (siaga_crypto_init (), 0);
	assert_int_equal (base64_exactly (siaga_text (base64), bytes, sizeof bytes,
					  sodium_base64_VARIANT_ORIGINAL),
			  0);
	assert_int_equal (bytes[0], 1);
	memcpy (sign, bytes + 1, SIAGA_KEY_BYTES);
}

static int
s_verify (const char *note, const char *name, const char *key)
{
	uint8_t sign[SIAGA_KEY_BYTES];

	s_key (sign, key);
	return note_verify (siaga_text (note), siaga_text (name), sign);
}

static void
test_note_takes_what_others_signed (void **state)
{
	(void) state;
	assert_int_equal (s_verify (GO_NOTE, "PeterNeumann", GO_KEY), 0);
	assert_int_equal (s_verify (C2SP_NOTE, "example.com/foo", C2SP_KEY), 0);
	/* A second signature, of somebody we do not know, takes nothing from it. */
	assert_int_equal (s_verify (GO_NOTE "\xE2\x80\x94 witness AAAA\n", "PeterNeumann", GO_KEY),
			  0);
}

static void
test_note_refuses_another_name_key_or_text (void **state)
{
	char note[sizeof GO_NOTE];

	(void) state;
	assert_int_equal (s_verify (GO_NOTE, "PeterNeuman", GO_KEY), SIAGA_EUNKNOWN);
	assert_int_equal (s_verify (GO_NOTE, "PeterNeumann", C2SP_KEY), SIAGA_EUNKNOWN);
	memcpy (note, GO_NOTE, sizeof note);
	note[0] ^= 1;
	assert_int_equal (s_verify (note, "PeterNeumann", GO_KEY), SIAGA_ESIGNATURE);
}

static void
test_note_refuses_every_shorter_note (void **state)
{
	uint8_t sign[SIAGA_KEY_BYTES];

	(void) state;
	s_key (sign, GO_KEY);
	for (size_t less = 0; less < sizeof GO_NOTE - 1; less++)
		assert_int_equal (note_verify ((struct siaga_text){GO_NOTE, less},
					       siaga_text ("PeterNeumann"), sign),
				  SIAGA_EMALFORMED);
}

static void
test_note_refuses_lines_that_are_no_signatures (void **state)
{
	static const char *const tails[] = {"x",
					    "x\n",
					    "\xE2\x80\x94\n",
					    "\xE2\x80\x94 name\n",
					    "\xE2\x80\x94  AAAA\n",
					    "\xE2\x80\x94 name \n",
					    "-- name AAAA\n"};
	char note[sizeof GO_NOTE + 32];

	(void) state;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		snprintf (note, sizeof note, "%s%s", GO_NOTE, tails[i]);
		assert_int_equal (s_verify (note, "PeterNeumann", GO_KEY), SIAGA_EMALFORMED);
	}
	assert_int_equal (s_verify ("\n\nx\n", "x", GO_KEY), SIAGA_EMALFORMED);
}

static void
test_note_bounds_its_signatures (void **state)
{
	char note[4096] = GO_NOTE;

	(void) state;
	for (size_t i = 1; i < NOTE_SIGNATURES_MAX; i++)
		strcat (note, "\xE2\x80\x94 n AAAA\n");
	assert_int_equal (s_verify (note, "PeterNeumann", GO_KEY), 0);
	strcat (note, "\xE2\x80\x94 n AAAA\n");
	assert_int_equal (s_verify (note, "PeterNeumann", GO_KEY), SIAGA_EMALFORMED);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_note_takes_what_others_signed),
		cmocka_unit_test (test_note_refuses_another_name_key_or_text),
		cmocka_unit_test (test_note_refuses_every_shorter_note),
		cmocka_unit_test (test_note_refuses_lines_that_are_no_signatures),
		cmocka_unit_test (test_note_bounds_its_signatures),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
