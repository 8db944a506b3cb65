/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints: three lines of text in a signed note. The origin is also the name of the key, as witnesses expect.
 */
#include "siaga/checkpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "base64.h"
#include "note.h"
#include "siaga/error.h"
#include "siaga/names.h"

#define PREFIX "siaga/"
#define SIZE_DIGITS_MAX 16 /* of 2^53 - 1 */
#define ORIGIN_MAX (sizeof PREFIX + SIAGA_NETWORK_MAX + 1 + 2 * SIAGA_LOG_ID_BYTES)
#define SIGNED_MAX (SIAGA_CHECKPOINT_MAX - NOTE_SIGNATURE_MAX - ORIGIN_MAX - 1)

static size_t
s_write_origin (const struct siaga_checkpoint *self, char out[ORIGIN_MAX])
{
	char id[2 * SIAGA_LOG_ID_BYTES + 1];

	siaga_hex (id, self->log_id, sizeof self->log_id);
	return (size_t) snprintf (out, ORIGIN_MAX, PREFIX "%s/%s", self->network, id);
}

void
siaga_checkpoint_write (const struct siaga_checkpoint *self, const uint8_t sign_secret[64],
			char note[SIAGA_CHECKPOINT_MAX], size_t *size)
{
	char origin[ORIGIN_MAX], root[sodium_base64_ENCODED_LEN (SIAGA_HASH_BYTES, 1)];

	assert (siaga_network_is_valid (siaga_text (self->network)));
	size_t origin_size = s_write_origin (self, origin);
	sodium_bin2base64 (root, sizeof root, self->root, sizeof self->root,
			   sodium_base64_VARIANT_ORIGINAL);
	int written =
		snprintf (note, SIGNED_MAX, "%s\n%" PRIu64 "\n%s\n", origin, self->size, root);
	*size = note_sign (note, (size_t) written, (struct siaga_text){origin, origin_size},
			   sign_secret);
}

/* The next line of a text, without its line feed; empty when there is none. */
static struct siaga_text
s_take_line (struct siaga_text *rest)
{
	const char *end = rest->size ? memchr (rest->data, '\n', rest->size) : NULL;
	struct siaga_text line = {NULL, 0};

	if (!end)
		return line;
	line = (struct siaga_text){rest->data, (size_t) (end - rest->data)};
	rest->data = end + 1;
	rest->size -= line.size + 1;
	return line;
}

static int
s_read_origin (struct siaga_text line, struct siaga_checkpoint *self)
{
	size_t prefix = sizeof PREFIX - 1, tail = 1 + 2 * SIAGA_LOG_ID_BYTES;

	if (line.size <= prefix + tail || line.size - prefix - tail > SIAGA_NETWORK_MAX ||
	    memcmp (line.data, PREFIX, prefix) != 0)
		return SIAGA_EMALFORMED;
	struct siaga_text network = {line.data + prefix, line.size - prefix - tail};
	struct siaga_text id = {network.data + network.size + 1, tail - 1};
	if (network.data[network.size] != '/' || !siaga_network_is_valid (network) ||
	    siaga_hex_parse (self->log_id, sizeof self->log_id, id) != 0)
		return SIAGA_EMALFORMED;
	memcpy (self->network, network.data, network.size);
	self->network[network.size] = '\0';
	/* Hex has two spellings, an origin one. */
	char origin[ORIGIN_MAX];
	size_t size = s_write_origin (self, origin);
	return siaga_text_equal (line, (struct siaga_text){origin, size}) ? 0 : SIAGA_EMALFORMED;
}

static int
s_read_size (struct siaga_text line, uint64_t *size)
{
	uint64_t value = 0;

	if (line.size == 0 || line.size > SIZE_DIGITS_MAX || (line.data[0] == '0' && line.size > 1))
		return SIAGA_EMALFORMED;
	for (size_t i = 0; i < line.size; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return SIAGA_EMALFORMED;
		value = value * 10 + (uint64_t) (line.data[i] - '0');
	}
	*size = value;
	return value <= SIAGA_OSEQ_MAX ? 0 : SIAGA_EMALFORMED;
}

/* Lines behind the third are extensions: C2SP lets them be, and forbids empty ones. */
static int
s_read_text (struct siaga_text text, struct siaga_checkpoint *self)
{
	int error = s_read_origin (s_take_line (&text), self);

	if (!error)
		error = s_read_size (s_take_line (&text), &self->size);
	if (!error && base64_exactly (s_take_line (&text), self->root, sizeof self->root,
				      sodium_base64_VARIANT_ORIGINAL) != 0)
		error = SIAGA_EMALFORMED;
	while (!error && text.size > 0)
		if (s_take_line (&text).size == 0)
			error = SIAGA_EMALFORMED;
	return error;
}

int
siaga_checkpoint_read (struct siaga_text note, struct siaga_checkpoint *self)
{
	struct siaga_text text, signatures;
	struct siaga_checkpoint read;

	if (note.size > SIAGA_CHECKPOINT_MAX)
		return SIAGA_ELIMIT;
	memset (&read, 0, sizeof read);
	int error = note_split (note, &text, &signatures);
	if (!error)
		error = s_read_text (text, &read);
	if (!error)
		*self = read;
	return error;
}

int
siaga_checkpoint_verify (struct siaga_text note, struct siaga_text network,
			 const uint8_t sign[SIAGA_KEY_BYTES], struct siaga_checkpoint *self)
{
	struct siaga_checkpoint read;
	char origin[ORIGIN_MAX];

	int error = siaga_checkpoint_read (note, &read);
	if (error)
		return error;
	if (!siaga_text_is (network, read.network))
		return SIAGA_ENETWORK;
	size_t size = s_write_origin (&read, origin);
	error = note_verify (note, (struct siaga_text){origin, size}, sign);
	if (!error)
		*self = read;
	return error;
}
