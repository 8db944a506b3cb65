/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merkle trees as in RFC 6962 section 2.1, over SHA-256: leaf hash SHA-256 (0x00 || data), node hash
 * SHA-256 (0x01 || left || right). Used twice: a batch's small tree (in memory) and the log's.
 */
#ifndef SIAGA_MERKLE_H
#define SIAGA_MERKLE_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

void
siaga_merkle_leaf (uint8_t hash[SIAGA_HASH_BYTES], const void *data, size_t size);

/* `hash` may be `left` or `right`. */
void
siaga_merkle_node (uint8_t hash[SIAGA_HASH_BYTES], const uint8_t left[SIAGA_HASH_BYTES],
		   const uint8_t right[SIAGA_HASH_BYTES]);

/* The tree head of `count` leaf hashes laid end to end; of none: SHA-256 of the empty string. */
void
siaga_merkle_root (uint8_t root[SIAGA_HASH_BYTES], const uint8_t *leaves, size_t count);

/* The number of hashes in the inclusion path of leaf `index` in a tree of `size`. */
size_t
siaga_merkle_path_length (uint64_t index, uint64_t size);

/* The path of leaf `index` (RFC 6962 section 2.1.1), lowest first, to `path` laid end to end; returns
   the number of hashes, siaga_merkle_path_length (). `index` < `count`. */
size_t
siaga_merkle_path (uint8_t *path, const uint8_t *leaves, size_t count, size_t index);

/* Checks an inclusion proof (RFC 9162 section 2.1.3.2): 0, SIAGA_EROOT when it leads to another root,
   SIAGA_EMALFORMED when index >= size or the path has not exactly the right length. */
int
siaga_merkle_verify (const uint8_t leaf[SIAGA_HASH_BYTES], uint64_t index, uint64_t size,
		     const uint8_t *path, size_t path_length, const uint8_t root[SIAGA_HASH_BYTES]);

/* Checks a consistency proof (RFC 9162 section 2.1.4.2) between two sizes; errors as above. */
int
siaga_merkle_verify_consistency (uint64_t size1, uint64_t size2, const uint8_t *path,
				 size_t path_length, const uint8_t root1[SIAGA_HASH_BYTES],
				 const uint8_t root2[SIAGA_HASH_BYTES]);

#endif
