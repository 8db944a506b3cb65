/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Merkle root while the leaves come, one after the other (RFC 6962 section 2.1): the roots of the complete
 * subtrees so far, largest first, one for each bit set in `count`.
 */
#ifndef PROTO_SUBTREES_H
#define PROTO_SUBTREES_H

#include "siaga/merkle.h"

#define SUBTREES_MAX 64 /* of a tree whose size is a uint64_t */

/* Begins with count and depth 0; the roots need no initialising. */
struct subtrees {
	uint64_t count;
	size_t depth;
	uint8_t roots[SUBTREES_MAX][SIAGA_HASH_BYTES];
};

static inline void
subtrees_join (struct subtrees *self)
{
	uint8_t *left = self->roots[self->depth - 2];

	siaga_merkle_node (left, left, self->roots[self->depth - 1]);
	self->depth--;
}

static inline void
subtrees_add (struct subtrees *self, const uint8_t leaf[SIAGA_HASH_BYTES])
{
	memcpy (self->roots[self->depth++], leaf, SIAGA_HASH_BYTES);
	self->count++;
	for (uint64_t left = self->count; (left & 1) == 0; left >>= 1)
		subtrees_join (self);
}

/* The root of all leaves, of which there is one at least; nothing may be added afterwards. */
static inline const uint8_t *
subtrees_root (struct subtrees *self)
{
	while (self->depth > 1)
		subtrees_join (self);
	return self->roots[0];
}

#endif
