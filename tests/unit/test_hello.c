/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/hello.c: HELLO and WELCOME are signed for one key, one network and one purpose, and say in their
 * absence what they do not have.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "make_message.h"

static struct siaga_message s_message, s_read;
static uint8_t s_buffer[SIAGA_MESSAGE_MAX + 1];

static struct siaga_bytes
s_frame (enum siaga_message_type type)
{
	make_message (&s_message, type);
	return make_frame (s_buffer, SIAGA_MESSAGE_MAX, &s_message);
}

static void
test_hello_verifies_with_its_key_and_network_only (void **state)
{
	(void) state;
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64], other[SIAGA_KEY_BYTES], seed[32] = {9};
	make_keys (sign, sign_secret);
	assert_int_equal (siaga_message_read (s_frame (SIAGA_HELLO), &s_read), 0);
	struct siaga_hello *hello = &s_read.hello;
	assert_memory_equal (hello->hub_nonce, s_message.hello.hub_nonce, SIAGA_NONCE_BYTES);
	assert_memory_equal (hello->nonce, s_message.hello.nonce, SIAGA_NONCE_BYTES);
	assert_memory_equal (hello->transport, s_message.hello.transport, SIAGA_KEY_BYTES);
	assert_int_equal (hello->last_oseq, 41);
	assert_int_equal (siaga_hello_verify (hello, siaga_text (MAKE_NETWORK), sign), 0);
	assert_int_equal (siaga_hello_verify (hello, siaga_text ("pemilu-2029"), sign),
			  SIAGA_ENETWORK);
	crypto_sign_seed_keypair (other, sign_secret, seed);
	assert_int_equal (siaga_hello_verify (hello, siaga_text (MAKE_NETWORK), other),
			  SIAGA_ESIGNATURE);
	siaga_sign (hello->signature, "welcome", siaga_text (MAKE_NETWORK), hello->signed_bytes,
		    sign_secret);
	assert_int_equal (siaga_hello_verify (hello, siaga_text (MAKE_NETWORK), other),
			  SIAGA_ESIGNATURE);
}

static void
test_welcome_verifies_with_its_key_and_network_only (void **state)
{
	(void) state;
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64], other[SIAGA_KEY_BYTES], seed[32] = {9};
	make_keys (sign, sign_secret);
	assert_int_equal (siaga_message_read (s_frame (SIAGA_WELCOME), &s_read), 0);
	struct siaga_welcome *welcome = &s_read.welcome;
	assert_memory_equal (welcome->log_id, s_message.welcome.log_id, SIAGA_LOG_ID_BYTES);
	assert_int_equal (welcome->held_oseq, 40);
	assert_true (welcome->has_held);
	assert_int_equal (welcome->head, 4711);
	assert_int_equal (siaga_welcome_verify (welcome, siaga_text (MAKE_NETWORK), sign), 0);
	assert_int_equal (siaga_welcome_verify (welcome, siaga_text ("pemilu-2029"), sign),
			  SIAGA_ENETWORK);
	crypto_sign_seed_keypair (other, sign_secret, seed);
	assert_int_equal (siaga_welcome_verify (welcome, siaga_text (MAKE_NETWORK), other),
			  SIAGA_ESIGNATURE);
	siaga_sign (welcome->signature, "hello", siaga_text (MAKE_NETWORK), welcome->signed_bytes,
		    sign_secret);
	assert_int_equal (siaga_welcome_verify (welcome, siaga_text (MAKE_NETWORK), other),
			  SIAGA_ESIGNATURE);
}

static int
s_verify (const struct siaga_message *message, const uint8_t sign[SIAGA_KEY_BYTES])
{
	if (message->type == SIAGA_HELLO)
		return siaga_hello_verify (&message->hello, siaga_text (MAKE_NETWORK), sign);
	if (message->type == SIAGA_WELCOME)
		return siaga_welcome_verify (&message->welcome, siaga_text (MAKE_NETWORK), sign);
	return SIAGA_EGRAMMAR;
}

static void
test_hello_and_welcome_let_no_bit_flip (void **state)
{
	(void) state;
	static const enum siaga_message_type types[] = {SIAGA_HELLO, SIAGA_WELCOME};
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	make_keys (sign, sign_secret);
	for (size_t t = 0; t < 2; t++) {
		struct siaga_bytes frame = s_frame (types[t]);
		for (size_t bit = 0; bit < 8 * frame.size; bit++) {
			s_buffer[bit / 8] ^= (uint8_t) (1U << bit % 8);
			int rc = siaga_message_read (frame, &s_read);
			assert_int_not_equal (rc ? rc : s_verify (&s_read, sign), 0);
			s_buffer[bit / 8] ^= (uint8_t) (1U << bit % 8);
		}
	}
}

static void
test_hello_without_an_epoch_publishes_nothing (void **state)
{
	(void) state;
	make_message (&s_message, SIAGA_HELLO);
	s_message.hello.has_epoch = false;
	struct siaga_bytes frame = make_frame (s_buffer, sizeof s_buffer, &s_message);
	assert_int_equal (siaga_message_read (frame, &s_read), 0);
	assert_false (s_read.hello.has_epoch);
	assert_int_equal (s_read.hello.last_oseq, 0);
}

static void
test_welcome_that_holds_nothing_has_no_hash (void **state)
{
	(void) state;
	make_message (&s_message, SIAGA_WELCOME);
	s_message.welcome.held_oseq = 0;
	struct siaga_bytes frame = make_frame (s_buffer, sizeof s_buffer, &s_message);
	assert_int_equal (siaga_message_read (frame, &s_read), 0);
	assert_false (s_read.welcome.has_held);
}

static void
test_hello_that_does_not_fit_is_an_error (void **state)
{
	(void) state;
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	struct siaga_writer writer;
	make_keys (sign, sign_secret);
	make_message (&s_message, SIAGA_HELLO);
	siaga_writer_init (&writer, s_buffer, 200);
	assert_int_equal (siaga_hello_write (&writer, &s_message.hello, sign_secret), SIAGA_ELIMIT);
	s_message.hello.software = make_long_text (1000);
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	assert_int_equal (siaga_hello_write (&writer, &s_message.hello, sign_secret), SIAGA_ELIMIT);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_hello_verifies_with_its_key_and_network_only),
		cmocka_unit_test (test_welcome_verifies_with_its_key_and_network_only),
		cmocka_unit_test (test_hello_and_welcome_let_no_bit_flip),
		cmocka_unit_test (test_hello_without_an_epoch_publishes_nothing),
		cmocka_unit_test (test_welcome_that_holds_nothing_has_no_hash),
		cmocka_unit_test (test_hello_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
