/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing and verifying with Ed25519 under a domain prefix (PROTOCOL.md section 2), key ids, and
 * the checks that a public key is a sound point of its curve. What is signed is the callers'
 * matter.
 */
#include "siaga/error.h"
#include "siaga/keys.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#define PREFIX_MAX 160 /* bytes of "siaga/1 <what> <network>\n" */

int
siaga_crypto_init (void)
{
	return sodium_init () < 0 ? SIAGA_EINTERNAL : 0;
}

void
siaga_key_id (uint8_t key_id[SIAGA_KEY_ID_BYTES], const uint8_t sign[SIAGA_KEY_BYTES])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256 (hash, sign, SIAGA_KEY_BYTES);
	memcpy (key_id, hash, SIAGA_KEY_ID_BYTES);
}

int
siaga_ed25519_check (const uint8_t sign[SIAGA_KEY_BYTES])
{
	return crypto_core_ed25519_is_valid_point (sign) == 1 ? 0 : SIAGA_EWEAKKEY;
}

/* Below 2^255 - 19, so that no key has two spellings? */
static bool
s_x25519_is_canonical (const uint8_t key[SIAGA_KEY_BYTES])
{
	if (key[31] != 0x7f)
		return key[31] < 0x7f;
	for (size_t i = 30; i > 0; i--)
		if (key[i] != 0xff)
			return true;
	return key[0] < 0xed;
}

int
siaga_x25519_check (const uint8_t key[SIAGA_KEY_BYTES])
{
	static const uint8_t scalar[crypto_scalarmult_SCALARBYTES] = {8};
	uint8_t point[crypto_scalarmult_BYTES];

	/* libsodium refuses small-order points and an all-zero result */
	if (!s_x25519_is_canonical (key) || crypto_scalarmult (point, scalar, key) != 0)
		return SIAGA_EWEAKKEY;
	return sodium_is_zero (point, sizeof point) ? SIAGA_EWEAKKEY : 0;
}

int
siaga_ed25519_verify (const uint8_t signature[SIAGA_SIGNATURE_BYTES], struct siaga_bytes bytes,
		      const uint8_t sign[SIAGA_KEY_BYTES])
{
	static const uint8_t nothing[1];
	const uint8_t *data = bytes.size > 0 ? bytes.data : nothing;

	return crypto_sign_verify_detached (signature, data, bytes.size, sign) == 0
		       ? 0
		       : SIAGA_ESIGNATURE;
}

/* Writes prefix and bytes to `out`; returns their size, or 0 when they do not fit. */
static size_t
s_signed_message (uint8_t out[SIAGA_SIGNED_MAX], const char *what, struct siaga_text network,
		  struct siaga_bytes bytes)
{
	char prefix[PREFIX_MAX];
	int length;

	if (network.size > SIAGA_NETWORK_MAX)
		return 0;
	length = snprintf (prefix, sizeof prefix, "siaga/%d %s%s%.*s\n", SIAGA_PROTOCOL_VERSION,
			   what, network.size > 0 ? " " : "", (int) network.size,
			   network.size > 0 ? network.data : "");
	if (length < 0 || (size_t) length >= sizeof prefix ||
	    bytes.size > SIAGA_SIGNED_MAX - (size_t) length)
		return 0;
	memcpy (out, prefix, (size_t) length);
	if (bytes.size > 0)
		memcpy (out + length, bytes.data, bytes.size);
	return (size_t) length + bytes.size;
}

void
siaga_sign (uint8_t signature[SIAGA_SIGNATURE_BYTES], const char *what, struct siaga_text network,
	    struct siaga_bytes bytes, const uint8_t sign_secret[64])
{
	uint8_t message[SIAGA_SIGNED_MAX];
	size_t size = s_signed_message (message, what, network, bytes);

	assert (size > 0);
	crypto_sign_detached (signature, NULL, message, size, sign_secret);
}

int
siaga_verify (const uint8_t signature[SIAGA_SIGNATURE_BYTES], const char *what,
	      struct siaga_text network, struct siaga_bytes bytes,
	      const uint8_t sign[SIAGA_KEY_BYTES])
{
	uint8_t message[SIAGA_SIGNED_MAX];
	size_t size = s_signed_message (message, what, network, bytes);

	if (size == 0)
		return SIAGA_ESIGNATURE;
	return siaga_ed25519_verify (signature, (struct siaga_bytes){message, size}, sign);
}
