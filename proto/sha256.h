/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, private to proto/: the one place that knows whose it is. The few hashes of other files (keys, cards, rosters)
 * are libsodium's.
 */
#ifndef SIAGA_PROTO_SHA256_H
#define SIAGA_PROTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "siaga/limits.h"

void
siaga_sha256 (uint8_t hash[SIAGA_HASH_BYTES], const void *data, size_t size);

/* SHA-256 (tag || data): the domain separation of RFC 6962 section 2.1. */
void
siaga_sha256_tagged (uint8_t hash[SIAGA_HASH_BYTES], uint8_t tag, const void *data, size_t size);

#endif
