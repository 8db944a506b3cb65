/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by libsodium (sha256.h). It needs no sodium_init () and can not fail.
 */
#include "sha256.h"

#include <sodium.h>

void
siaga_sha256 (uint8_t hash[SIAGA_HASH_BYTES], const void *data, size_t size)
{
	crypto_hash_sha256 (hash, data, size);
}

void
siaga_sha256_tagged (uint8_t hash[SIAGA_HASH_BYTES], uint8_t tag, const void *data, size_t size)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init (&state);
	crypto_hash_sha256_update (&state, &tag, 1);
	crypto_hash_sha256_update (&state, data, size);
	crypto_hash_sha256_final (&state, hash);
}
