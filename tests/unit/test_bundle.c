/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/bundle.c: the file's shape and bounds, and whose checkpoint counts. Whole bundles, and ones that were tampered
 * with, are tests/e2e/test_verify.py's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "common/bundle.h"
#include "make_checkpoint.h"
#include "siaga/error.h"

static struct bundle s_bundle, s_read;
static uint8_t s_bytes[BUNDLE_BYTES_MAX];

static size_t
s_write (size_t path_length)
{
	struct siaga_writer writer;

	memset (&s_bundle, 0, sizeof s_bundle);
	s_bundle.roster = (struct siaga_bytes){(const uint8_t *) "roster", 6};
	s_bundle.signature_count = 2;
	s_bundle.signatures[0] = siaga_text ("one");
	s_bundle.signatures[1] = siaga_text ("two");
	s_bundle.note = siaga_text ("note\n");
	s_bundle.deliveries = (struct siaga_bytes){(const uint8_t *) "\x80", 1};
	s_bundle.path_length = path_length;
	make_run (s_bundle.path, sizeof s_bundle.path, 0);
	siaga_writer_init (&writer, s_bytes, sizeof s_bytes);
	assert_int_equal (bundle_write (&writer, &s_bundle), 0);
	return writer.size;
}

static void
test_bundle_round_trip (void **state)
{
	(void) state;
	for (size_t length = 0; length <= SIAGA_LOG_PATH_MAX; length += 16) {
		size_t size = s_write (length);
		assert_int_equal (bundle_read ((struct siaga_bytes){s_bytes, size}, &s_read), 0);
		assert_int_equal (s_read.path_length, length);
		assert_memory_equal (s_read.path, s_bundle.path, length * SIAGA_HASH_BYTES);
		assert_int_equal (s_read.signature_count, 2);
		assert_true (siaga_text_is (s_read.signatures[1], "two"));
		assert_true (siaga_text_is (s_read.note, "note\n"));
	}
}

static void
test_bundle_refuses_what_is_cut_or_goes_on (void **state)
{
	size_t size = s_write (3);

	(void) state;
	for (size_t less = 0; less < size; less++)
		assert_int_not_equal (bundle_read ((struct siaga_bytes){s_bytes, less}, &s_read),
				      0);
	s_bytes[size] = 0;
	assert_int_equal (bundle_read ((struct siaga_bytes){s_bytes, size + 1}, &s_read),
			  SIAGA_EMALFORMED);
	s_bytes[2] ^= 1; /* of the magic word */
	assert_int_equal (bundle_read ((struct siaga_bytes){s_bytes, size}, &s_read),
			  SIAGA_EFORMAT);
}

/* Hands over a proof answer: note, number, path of that length. */
static int
s_take (uint64_t said, size_t length, uint64_t asked)
{
	static uint8_t bytes[SIAGA_LOG_PATH_MAX * 40 + 64];
	static const uint8_t hash[SIAGA_HASH_BYTES];
	struct siaga_writer writer;

	siaga_writer_init (&writer, bytes, sizeof bytes);
	siaga_writer_array (&writer, 3);
	siaga_writer_text (&writer, siaga_text ("note\n"));
	siaga_writer_uint (&writer, said);
	siaga_writer_array (&writer, length);
	for (size_t i = 0; i < length; i++)
		siaga_writer_bytes (&writer, hash, sizeof hash);
	assert_int_equal (writer.error, 0);
	return bundle_take_proof (&s_read, (struct siaga_bytes){bytes, writer.size}, asked);
}

static void
test_bundle_takes_the_proof_that_was_asked_for (void **state)
{
	(void) state;
	assert_int_equal (s_take (7, 5, 7), 0);
	assert_int_equal (s_read.path_length, 5);
	assert_int_equal (s_take (8, 5, 7), SIAGA_EMALFORMED);
	assert_int_equal (s_take (7, SIAGA_LOG_PATH_MAX, 7), 0);
	assert_int_not_equal (s_take (7, SIAGA_LOG_PATH_MAX + 1, 7), 0);
}

static void
test_a_note_counts_while_the_hubs_key_does (void **state)
{
	char note[SIAGA_CHECKPOINT_MAX];
	uint8_t secret[64];
	struct siaga_checkpoint checkpoint;
	struct siaga_roster_key keys[2];
	struct siaga_principal hub = {.name = "kpu/hub", .key_count = 2, .keys = keys};
	struct siaga_roster roster = {.network = MAKE_NETWORK,
				      .hub = "kpu/hub",
				      .principal_count = 1,
				      .principals = &hub};
	struct siaga_text text = make_checkpoint_note (note);

	(void) state;
	memset (keys, 0, sizeof keys);
	keys[0].card.sign[0] = 1; /* another one of the hub's */
	make_keys (keys[1].card.sign, secret);
	assert_int_equal (bundle_check_note (&roster, text, 1000, &checkpoint), 0);
	assert_int_equal (checkpoint.size, 4711);
	keys[1].until_us = 1000;
	assert_int_equal (bundle_check_note (&roster, text, 999, &checkpoint), 0);
	assert_int_equal (bundle_check_note (&roster, text, 1000, &checkpoint), SIAGA_EREVOKED);
	keys[1].until_us = 0;
	keys[1].untrusted_from_us = 500;
	assert_int_equal (bundle_check_note (&roster, text, 1000, &checkpoint), SIAGA_EREVOKED);
	hub.key_count = 1;
	assert_int_equal (bundle_check_note (&roster, text, 0, &checkpoint), SIAGA_EUNKNOWN);
	hub.name[0] = 'x'; /* the roster's hub is nobody it knows */
	assert_int_equal (bundle_check_note (&roster, text, 0, &checkpoint), SIAGA_EUNKNOWN);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_bundle_round_trip),
		cmocka_unit_test (test_bundle_refuses_what_is_cut_or_goes_on),
		cmocka_unit_test (test_bundle_takes_the_proof_that_was_asked_for),
		cmocka_unit_test (test_a_note_counts_while_the_hubs_key_does),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
