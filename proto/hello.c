/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HELLO and WELCOME: the two messages that carry a signature of their own, over the bytes of an inner
 * array. Signing, reading, verifying; whether the nonces are the right ones is the session's business.
 */
#include "hello.h"
#include "fields.h"
#include "siaga/keys.h"
#include "siaga/names.h"

#define HELLO_SIGNED_MAX 512
#define WELCOME_SIGNED_MAX (SIAGA_CHECKPOINT_MAX + 512)

static void
s_read_hello_signed (struct siaga_reader *reader, struct siaga_hello *hello)
{
	siaga_reader_array_of (reader, 10);
	hello->network = some_text (reader, SIAGA_NETWORK_MAX);
	siaga_reader_fixed (reader, hello->hub_nonce, SIAGA_NONCE_BYTES);
	siaga_reader_fixed (reader, hello->nonce, SIAGA_NONCE_BYTES);
	hello->principal = some_text (reader, SIAGA_PRINCIPAL_MAX);
	siaga_reader_fixed (reader, hello->key_id, SIAGA_KEY_ID_BYTES);
	siaga_reader_fixed (reader, hello->transport, SIAGA_KEY_BYTES);
	hello->software = siaga_reader_text (reader, SIAGA_SOFTWARE_MAX);
	hello->roster_serial = siaga_reader_uint_max (reader, NUMBER_MAX);
	hello->has_epoch = optional_fixed (reader, hello->epoch, SIAGA_EPOCH_BYTES);
	hello->last_oseq = siaga_reader_uint_max (reader, SIAGA_OSEQ_MAX);
	require (reader, hello->has_epoch || hello->last_oseq == 0);
	require (reader, siaga_network_is_valid (hello->network));
	require (reader, siaga_principal_is_valid (hello->principal));
}

static void
s_read_welcome_signed (struct siaga_reader *reader, struct siaga_welcome *welcome)
{
	siaga_reader_array_of (reader, 9);
	welcome->network = some_text (reader, SIAGA_NETWORK_MAX);
	siaga_reader_fixed (reader, welcome->hub_nonce, SIAGA_NONCE_BYTES);
	siaga_reader_fixed (reader, welcome->nonce, SIAGA_NONCE_BYTES);
	siaga_reader_fixed (reader, welcome->log_id, SIAGA_LOG_ID_BYTES);
	welcome->roster_serial = siaga_reader_uint_max (reader, NUMBER_MAX);
	welcome->held_oseq = siaga_reader_uint_max (reader, SIAGA_OSEQ_MAX);
	welcome->has_held = optional_fixed (reader, welcome->held_hash, SIAGA_HASH_BYTES);
	welcome->head = siaga_reader_uint_max (reader, NUMBER_MAX);
	welcome->checkpoint = siaga_reader_text (reader, SIAGA_CHECKPOINT_MAX);
	require (reader, welcome->has_held == (welcome->held_oseq > 0));
	require (reader, siaga_network_is_valid (welcome->network));
}

/* The outer bytes and their signature; opens a reader on the inner array. */
static struct siaga_bytes
s_begin_signed (struct siaga_reader *reader, struct siaga_reader *inner, size_t max,
		uint8_t *signature)
{
	struct siaga_bytes bytes = siaga_reader_bytes (reader, max);
	siaga_reader_fixed (reader, signature, SIAGA_SIGNATURE_BYTES);
	siaga_reader_init (inner, bytes.data, bytes.size);
	return bytes;
}

static void
s_end_signed (struct siaga_reader *reader, struct siaga_reader *inner)
{
	int rc = siaga_reader_end (inner);
	if (rc)
		siaga_reader_fail (reader, rc);
}

void
siaga_hello_read (struct siaga_reader *reader, struct siaga_hello *hello)
{
	struct siaga_reader inner;

	hello->signed_bytes = s_begin_signed (reader, &inner, HELLO_SIGNED_MAX, hello->signature);
	s_read_hello_signed (&inner, hello);
	s_end_signed (reader, &inner);
}

void
siaga_welcome_read (struct siaga_reader *reader, struct siaga_welcome *welcome)
{
	struct siaga_reader inner;

	welcome->signed_bytes =
		s_begin_signed (reader, &inner, WELCOME_SIGNED_MAX, welcome->signature);
	s_read_welcome_signed (&inner, welcome);
	s_end_signed (reader, &inner);
}

static void
s_write_hello_signed (struct siaga_writer *writer, const struct siaga_hello *hello)
{
	siaga_writer_array (writer, 10);
	siaga_writer_text (writer, hello->network);
	siaga_writer_bytes (writer, hello->hub_nonce, SIAGA_NONCE_BYTES);
	siaga_writer_bytes (writer, hello->nonce, SIAGA_NONCE_BYTES);
	siaga_writer_text (writer, hello->principal);
	siaga_writer_bytes (writer, hello->key_id, SIAGA_KEY_ID_BYTES);
	siaga_writer_bytes (writer, hello->transport, SIAGA_KEY_BYTES);
	siaga_writer_text (writer, hello->software);
	siaga_writer_uint (writer, hello->roster_serial);
	siaga_writer_bytes (writer, hello->epoch, hello->has_epoch ? SIAGA_EPOCH_BYTES : 0);
	siaga_writer_uint (writer, hello->has_epoch ? hello->last_oseq : 0);
}

static void
s_write_welcome_signed (struct siaga_writer *writer, const struct siaga_welcome *welcome)
{
	siaga_writer_array (writer, 9);
	siaga_writer_text (writer, welcome->network);
	siaga_writer_bytes (writer, welcome->hub_nonce, SIAGA_NONCE_BYTES);
	siaga_writer_bytes (writer, welcome->nonce, SIAGA_NONCE_BYTES);
	siaga_writer_bytes (writer, welcome->log_id, SIAGA_LOG_ID_BYTES);
	siaga_writer_uint (writer, welcome->roster_serial);
	siaga_writer_uint (writer, welcome->held_oseq);
	siaga_writer_bytes (writer, welcome->held_hash, welcome->held_oseq ? SIAGA_HASH_BYTES : 0);
	siaga_writer_uint (writer, welcome->head);
	siaga_writer_text (writer, welcome->checkpoint);
}

/* [type, bytes, signature over them] */
static int
s_write_signed (struct siaga_writer *writer, enum siaga_message_type type, const char *what,
		struct siaga_text network, const struct siaga_writer *inner,
		const uint8_t *sign_secret)
{
	uint8_t signature[SIAGA_SIGNATURE_BYTES];

	if (inner->error) {
		if (!writer->error)
			writer->error = inner->error;
		return writer->error;
	}
	siaga_sign (signature, what, network, (struct siaga_bytes){inner->data, inner->size},
		    sign_secret);
	siaga_writer_array (writer, 3);
	siaga_writer_uint (writer, type);
	siaga_writer_bytes (writer, inner->data, inner->size);
	siaga_writer_bytes (writer, signature, SIAGA_SIGNATURE_BYTES);
	return writer->error;
}

int
siaga_hello_write (struct siaga_writer *writer, const struct siaga_hello *hello,
		   const uint8_t sign_secret[64])
{
	uint8_t buffer[HELLO_SIGNED_MAX];
	struct siaga_writer inner;

	siaga_writer_init (&inner, buffer, sizeof buffer);
	s_write_hello_signed (&inner, hello);
	return s_write_signed (writer, SIAGA_HELLO, "hello", hello->network, &inner, sign_secret);
}

int
siaga_welcome_write (struct siaga_writer *writer, const struct siaga_welcome *welcome,
		     const uint8_t sign_secret[64])
{
	uint8_t buffer[WELCOME_SIGNED_MAX];
	struct siaga_writer inner;

	siaga_writer_init (&inner, buffer, sizeof buffer);
	s_write_welcome_signed (&inner, welcome);
	return s_write_signed (writer, SIAGA_WELCOME, "welcome", welcome->network, &inner,
			       sign_secret);
}

int
siaga_hello_verify (const struct siaga_hello *hello, struct siaga_text network,
		    const uint8_t sign[SIAGA_KEY_BYTES])
{
	if (!siaga_text_equal (hello->network, network))
		return SIAGA_ENETWORK;
	return siaga_verify (hello->signature, "hello", network, hello->signed_bytes, sign);
}

int
siaga_welcome_verify (const struct siaga_welcome *welcome, struct siaga_text network,
		      const uint8_t sign[SIAGA_KEY_BYTES])
{
	if (!siaga_text_equal (welcome->network, network))
		return SIAGA_ENETWORK;
	return siaga_verify (welcome->signature, "welcome", network, welcome->signed_bytes, sign);
}
