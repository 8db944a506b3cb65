/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card: a principal's public keys as one self-signed line of text, and its fingerprint to read
 * out on the phone. Whether to believe a card is the roster's matter.
 */
#include "card.h"
#include "base64.h"
#include "cut.h"
#include "siaga/error.h"
#include "siaga/names.h"

#include <sodium.h>
#include <stdio.h>

#define CARD_WORD "siaga-card-1 "
#define CARD_BYTES (3 * SIAGA_KEY_BYTES + SIAGA_SIGNATURE_BYTES)
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* What the signature covers after the prefix: <principal> "\n" sign transport seal. */
static size_t
s_card_signed_bytes (const struct siaga_card *card,
		     uint8_t out[SIAGA_PRINCIPAL_MAX + 1 + 3 * SIAGA_KEY_BYTES])
{
	size_t name = strlen (card->principal);

	memcpy (out, card->principal, name);
	out[name++] = '\n';
	memcpy (out + name, card->sign, SIAGA_KEY_BYTES);
	memcpy (out + name + SIAGA_KEY_BYTES, card->transport, SIAGA_KEY_BYTES);
	memcpy (out + name + 2 * SIAGA_KEY_BYTES, card->seal, SIAGA_KEY_BYTES);
	return name + 3 * SIAGA_KEY_BYTES;
}

void
card_sign (struct siaga_card *card, const uint8_t sign_secret[64])
{
	uint8_t bytes[SIAGA_PRINCIPAL_MAX + 1 + 3 * SIAGA_KEY_BYTES];
	size_t size = s_card_signed_bytes (card, bytes);

	siaga_sign (card->signature, "card", siaga_text (NULL), (struct siaga_bytes){bytes, size},
		    sign_secret);
}

static int
s_card_check (const struct siaga_card *card)
{
	uint8_t bytes[SIAGA_PRINCIPAL_MAX + 1 + 3 * SIAGA_KEY_BYTES];
	size_t size = s_card_signed_bytes (card, bytes);

	if (siaga_ed25519_check (card->sign) != 0 || siaga_x25519_check (card->transport) != 0 ||
	    siaga_x25519_check (card->seal) != 0)
		return SIAGA_EWEAKKEY;
	return siaga_verify (card->signature, "card", siaga_text (NULL),
			     (struct siaga_bytes){bytes, size}, card->sign);
}

void
siaga_card_write (const struct siaga_card *card, char out[SIAGA_CARD_MAX])
{
	uint8_t bytes[CARD_BYTES];
	int length = snprintf (out, SIAGA_CARD_MAX, CARD_WORD "%s ", card->principal);

	memcpy (bytes, card->sign, SIAGA_KEY_BYTES);
	memcpy (bytes + SIAGA_KEY_BYTES, card->transport, SIAGA_KEY_BYTES);
	memcpy (bytes + 2 * SIAGA_KEY_BYTES, card->seal, SIAGA_KEY_BYTES);
	memcpy (bytes + 3 * SIAGA_KEY_BYTES, card->signature, SIAGA_SIGNATURE_BYTES);
	sodium_bin2base64 (out + length, SIAGA_CARD_MAX - (size_t) length, bytes, sizeof bytes,
			   VARIANT);
}

static bool
s_is_space (char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cuts the name, up to its space, off `rest`. */
static int
s_card_read_name (struct siaga_text *rest, char out[SIAGA_PRINCIPAL_MAX + 1])
{
	const char *space = rest->size > 0 ? memchr (rest->data, ' ', rest->size) : NULL;
	struct siaga_text name;

	if (space == NULL)
		return SIAGA_EFORMAT;
	name = (struct siaga_text){rest->data, (size_t) (space - rest->data)};
	if (!siaga_principal_is_valid (name))
		return SIAGA_EFORMAT;
	memset (out, 0, SIAGA_PRINCIPAL_MAX + 1);
	memcpy (out, name.data, name.size);
	rest->data += name.size + 1;
	rest->size -= name.size + 1;
	return 0;
}

static int
s_card_read_keys (struct siaga_text text, struct siaga_card *card)
{
	uint8_t bytes[CARD_BYTES];

	if (base64_exactly (text, bytes, sizeof bytes, VARIANT) != 0)
		return SIAGA_EFORMAT;
	memcpy (card->sign, bytes, SIAGA_KEY_BYTES);
	memcpy (card->transport, bytes + SIAGA_KEY_BYTES, SIAGA_KEY_BYTES);
	memcpy (card->seal, bytes + 2 * SIAGA_KEY_BYTES, SIAGA_KEY_BYTES);
	memcpy (card->signature, bytes + 3 * SIAGA_KEY_BYTES, SIAGA_SIGNATURE_BYTES);
	return 0;
}

int
siaga_card_read (struct siaga_text line, struct siaga_card *card)
{
	struct siaga_card read;
	int error;

	while (line.size > 0 && s_is_space (line.data[line.size - 1]))
		line.size--;
	if (line.size >= SIAGA_CARD_MAX || !cut_word (&line, CARD_WORD))
		return SIAGA_EFORMAT;
	error = s_card_read_name (&line, read.principal);
	if (error == 0)
		error = s_card_read_keys (line, &read);
	if (error == 0)
		error = s_card_check (&read);
	if (error == 0)
		*card = read;
	return error;
}

void
siaga_card_fingerprint (const struct siaga_card *card, char out[SIAGA_FINGERPRINT_TEXT])
{
	static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	crypto_hash_sha256_state state;
	uint8_t hash[crypto_hash_sha256_BYTES];
	size_t at = 0;

	crypto_hash_sha256_init (&state);
	crypto_hash_sha256_update (&state, card->sign, SIAGA_KEY_BYTES);
	crypto_hash_sha256_update (&state, card->transport, SIAGA_KEY_BYTES);
	crypto_hash_sha256_update (&state, card->seal, SIAGA_KEY_BYTES);
	crypto_hash_sha256_final (&state, hash);
	for (size_t bit = 0; bit < 80; bit += 5) {
		unsigned pair = (unsigned) hash[bit / 8] << 8 | hash[bit / 8 + 1];

		if (bit > 0 && bit % 20 == 0)
			out[at++] = '-';
		out[at++] = base32[pair >> (11 - bit % 8) & 31];
	}
	out[at] = '\0';
}
