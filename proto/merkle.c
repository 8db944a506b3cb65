/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merkle trees (merkle.h) without allocation and without recursion: roots by a binary counter of
 * finished subtrees, proofs by the bits of index and size.
 *
 * A proof's hashes fall into two runs, lowest first. `inner`: below the point where the leaf's path
 * and the path of the tree's last leaf meet; there the index's bits say which side a hash is on.
 * `border`: above it, along the tree's right edge; there every hash is on the left.
 */
#include "siaga/merkle.h"
#include "sha256.h"
#include "siaga/error.h"
#include "subtrees.h"

#include <assert.h>

#define LEAF_TAG 0x00
#define NODE_TAG 0x01
#define LEVELS_MAX 64 /* of a tree whose size is a uint64_t */

void
siaga_merkle_leaf (uint8_t hash[SIAGA_HASH_BYTES], const void *data, size_t size)
{
	siaga_sha256_tagged (hash, LEAF_TAG, data, size);
}

void
siaga_merkle_node (uint8_t hash[SIAGA_HASH_BYTES], const uint8_t left[SIAGA_HASH_BYTES],
		   const uint8_t right[SIAGA_HASH_BYTES])
{
	uint8_t both[2 * SIAGA_HASH_BYTES];

	memcpy (both, left, SIAGA_HASH_BYTES);
	memcpy (both + SIAGA_HASH_BYTES, right, SIAGA_HASH_BYTES);
	siaga_sha256_tagged (hash, NODE_TAG, both, sizeof both);
}

void
siaga_merkle_root (uint8_t root[SIAGA_HASH_BYTES], const uint8_t *leaves, size_t count)
{
	struct subtrees subtrees;

	if (count == 0) {
		siaga_sha256 (root, "", 0);
		return;
	}
	subtrees.count = 0;
	subtrees.depth = 0;
	for (size_t i = 0; i < count; i++)
		subtrees_add (&subtrees, leaves + i * SIAGA_HASH_BYTES);
	memcpy (root, subtrees_root (&subtrees), SIAGA_HASH_BYTES);
}

static size_t
s_bit_length (uint64_t value)
{
	size_t length = 0;

	for (; value; value >>= 1)
		length++;
	return length;
}

static size_t
s_bit_count (uint64_t value)
{
	size_t count = 0;

	for (; value; value &= value - 1)
		count++;
	return count;
}

/* `index` < `size` */
static size_t
s_inner_length (uint64_t index, uint64_t size)
{
	return s_bit_length (index ^ (size - 1));
}

static size_t
s_border_length (uint64_t index, size_t inner)
{
	return inner < LEVELS_MAX ? s_bit_count (index >> inner) : 0;
}

size_t
siaga_merkle_path_length (uint64_t index, uint64_t size)
{
	size_t inner;

	if (index >= size)
		return 0;
	inner = s_inner_length (index, size);
	return inner + s_border_length (index, inner);
}

/* The largest power of two smaller than `count` (> 1). */
static size_t
s_split (size_t count)
{
	return (size_t) 1 << (s_bit_length (count - 1) - 1);
}

size_t
siaga_merkle_path (uint8_t *path, const uint8_t *leaves, size_t count, size_t index)
{
	size_t length = siaga_merkle_path_length (index, count);

	assert (index < count);
	for (uint8_t *at = path + length * SIAGA_HASH_BYTES; count > 1;) {
		size_t k = s_split (count);

		at -= SIAGA_HASH_BYTES;
		if (index < k) {
			siaga_merkle_root (at, leaves + k * SIAGA_HASH_BYTES, count - k);
			count = k;
		} else {
			siaga_merkle_root (at, leaves, k);
			leaves += k * SIAGA_HASH_BYTES;
			count -= k;
			index -= k;
		}
	}
	return length;
}

/* Climbs the inner run: a hash stands on the left where `index` has a 1. `rights` false leaves out the
   hashes on the right: they are not in the smaller tree of a consistency proof. */
static void
s_climb_inner (uint8_t hash[SIAGA_HASH_BYTES], uint64_t index, const uint8_t *path, size_t length,
	       bool rights)
{
	for (size_t i = 0; i < length; i++, path += SIAGA_HASH_BYTES) {
		if (index >> i & 1)
			siaga_merkle_node (hash, path, hash);
		else if (rights)
			siaga_merkle_node (hash, hash, path);
	}
}

static void
s_climb_border (uint8_t hash[SIAGA_HASH_BYTES], const uint8_t *path, size_t length)
{
	for (size_t i = 0; i < length; i++, path += SIAGA_HASH_BYTES)
		siaga_merkle_node (hash, path, hash);
}

int
siaga_merkle_verify (const uint8_t leaf[SIAGA_HASH_BYTES], uint64_t index, uint64_t size,
		     const uint8_t *path, size_t path_length, const uint8_t root[SIAGA_HASH_BYTES])
{
	uint8_t hash[SIAGA_HASH_BYTES];
	size_t inner;

	if (index >= size || path_length != siaga_merkle_path_length (index, size))
		return SIAGA_EMALFORMED;
	inner = s_inner_length (index, size);
	memcpy (hash, leaf, sizeof hash);
	s_climb_inner (hash, index, path, inner, true);
	if (path_length > inner)
		s_climb_border (hash, path + inner * SIAGA_HASH_BYTES, path_length - inner);
	return memcmp (hash, root, sizeof hash) == 0 ? 0 : SIAGA_EROOT;
}

/* Does the path lead from `seed` to `root`: the larger tree's with `rights`, else the smaller's? */
static bool
s_leads_to (const uint8_t root[SIAGA_HASH_BYTES], const uint8_t seed[SIAGA_HASH_BYTES],
	    uint64_t index, const uint8_t *path, size_t inner, size_t border, bool rights)
{
	uint8_t hash[SIAGA_HASH_BYTES];

	memcpy (hash, seed, sizeof hash);
	s_climb_inner (hash, index, path, inner, rights);
	s_climb_border (hash, path + inner * SIAGA_HASH_BYTES, border);
	return memcmp (hash, root, sizeof hash) == 0;
}

static size_t
s_trailing_zeros (uint64_t value)
{
	return s_bit_length (value & -value) - 1;
}

/* The proof for size1 < size2. It starts from the largest complete subtree at size1's right edge; when
   that is the whole smaller tree its root is known and not sent. */
static int
s_verify_growth (uint64_t size1, uint64_t size2, const uint8_t *path, size_t path_length,
		 const uint8_t root1[SIAGA_HASH_BYTES], const uint8_t root2[SIAGA_HASH_BYTES])
{
	size_t shift = s_trailing_zeros (size1);
	size_t inner = s_inner_length (size1 - 1, size2);
	size_t border = s_border_length (size1 - 1, inner);
	size_t sent = size1 >> shift == 1 ? 0 : 1; /* is the seed in the path? */
	uint64_t index = (size1 - 1) >> shift;
	const uint8_t *seed = sent ? path : root1;

	inner -= shift;
	if (path_length != sent + inner + border)
		return SIAGA_EMALFORMED;
	path += sent * SIAGA_HASH_BYTES;
	if (!s_leads_to (root1, seed, index, path, inner, border, false) ||
	    !s_leads_to (root2, seed, index, path, inner, border, true))
		return SIAGA_EROOT;
	return 0;
}

int
siaga_merkle_verify_consistency (uint64_t size1, uint64_t size2, const uint8_t *path,
				 size_t path_length, const uint8_t root1[SIAGA_HASH_BYTES],
				 const uint8_t root2[SIAGA_HASH_BYTES])
{
	if (size1 == 0 || size1 > size2)
		return SIAGA_EMALFORMED; /* of an empty tree there is nothing to prove */
	if (size1 < size2)
		return s_verify_growth (size1, size2, path, path_length, root1, root2);
	if (path_length != 0)
		return SIAGA_EMALFORMED;
	return memcmp (root1, root2, SIAGA_HASH_BYTES) == 0 ? 0 : SIAGA_EROOT;
}
