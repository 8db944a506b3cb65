/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tile arithmetic (tiles.h). Every range of leaves that a root or a proof needs falls into complete,
 * aligned subtrees, largest first; each of these is the root of at most 128 neighbouring hashes of one
 * tile. The appender carries like a counter in base 256: a tile that fills up gives one hash to the
 * level above.
 */
#include "hub/tiles.h"

#include <assert.h>
#include <stdlib.h>

#include "siaga/error.h"

#define TILE_BITS 8
#define RANGE_SUBTREES_MAX 64

struct tile_edge {
	unsigned width; /* hashes in it, less than TILE_WIDTH */
	bool dirty;	/* differs from what the store has */
	uint8_t hashes[TILE_BYTES];
};

struct tile_appender {
	struct tile_store store;
	uint64_t size;
	struct tile_edge edges[TILE_LEVELS];
};

uint64_t
tile_level_hashes (uint64_t size, unsigned level)
{
	return level < TILE_LEVELS ? size >> (level * TILE_BITS) : 0;
}

/* The largest power of two, as an exponent, of a subtree that begins at `start` and fits in `left`. */
static unsigned
s_subtree_height (uint64_t left)
{
	unsigned height = 0;
	while (left >> (height + 1))
		height++;
	return height;
}

/* The root of the complete subtree of 2^height leaves that begins at `start`, a multiple of that. */
static int
s_subtree_root (const struct tile_store *store, uint64_t start, unsigned height, uint8_t *root)
{
	uint8_t hashes[TILE_BYTES];
	unsigned level = height / TILE_BITS;
	size_t count = (size_t) 1 << (height % TILE_BITS);
	uint64_t first = start >> (level * TILE_BITS);
	size_t offset = first % TILE_WIDTH;
	int error = store->load (store->arg, level, first / TILE_WIDTH, (unsigned) (offset + count),
				 hashes);
	if (error == 0)
		siaga_merkle_root (root, hashes + offset * SIAGA_HASH_BYTES, count);
	return error;
}

/* The root of leaves [start, end), not empty, where start is a multiple of the power of two that the range's
   size rounds up to: how RFC 6962 splits a tree. */
static int
s_range_root (const struct tile_store *store, uint64_t start, uint64_t end, uint8_t *root)
{
	uint8_t stack[RANGE_SUBTREES_MAX][SIAGA_HASH_BYTES];
	size_t depth = 0;
	for (uint64_t at = start; at < end; depth++) {
		unsigned height = s_subtree_height (end - at);
		int error = s_subtree_root (store, at, height, stack[depth]);
		if (error != 0)
			return error;
		at += UINT64_C (1) << height;
	}
	for (; depth > 1; depth--)
		siaga_merkle_node (stack[depth - 2], stack[depth - 2], stack[depth - 1]);
	memcpy (root, stack[0], SIAGA_HASH_BYTES);
	return 0;
}

int
tiles_root (const struct tile_store *store, uint64_t size, uint8_t root[SIAGA_HASH_BYTES])
{
	uint8_t hash[SIAGA_HASH_BYTES];
	if (size == 0) {
		siaga_merkle_root (root, NULL, 0);
		return 0;
	}
	int error = s_range_root (store, 0, size, hash);
	if (error == 0)
		memcpy (root, hash, SIAGA_HASH_BYTES);
	return error;
}

int
tiles_leaf (const struct tile_store *store, uint64_t index, uint8_t hash[SIAGA_HASH_BYTES])
{
	uint8_t out[SIAGA_HASH_BYTES];
	int error = s_subtree_root (store, index, 0, out);
	if (error == 0)
		memcpy (hash, out, SIAGA_HASH_BYTES);
	return error;
}

int
tiles_leaves (const struct tile_store *store, uint64_t index, size_t count, uint8_t *hashes)
{
	uint8_t tile[TILE_BYTES];
	while (count > 0) {
		size_t from = index % TILE_WIDTH, width = TILE_WIDTH - from;
		if (width > count)
			width = count;
		int error = store->load (store->arg, 0, index / TILE_WIDTH,
					 (unsigned) (from + width), tile);
		if (error != 0)
			return error;
		memcpy (hashes, tile + from * SIAGA_HASH_BYTES, width * SIAGA_HASH_BYTES);
		hashes += width * SIAGA_HASH_BYTES;
		index += width;
		count -= width;
	}
	return 0;
}

/* A range on its way down the tree, and where it divides: the left part is the largest complete subtree
   smaller than the whole. */
struct descent {
	uint64_t start;
	uint64_t end;
};

static uint64_t
s_descent_split (const struct descent *descent)
{
	return descent->start +
	       (UINT64_C (1) << s_subtree_height (descent->end - descent->start - 1));
}

/* Collected from the root down; a path is told from the leaf up. */
static void
s_reverse_hashes (uint8_t *path, size_t length)
{
	uint8_t hash[SIAGA_HASH_BYTES];
	for (size_t i = 0; i < length / 2; i++) {
		uint8_t *low = path + i * SIAGA_HASH_BYTES;
		uint8_t *high = path + (length - 1 - i) * SIAGA_HASH_BYTES;
		memcpy (hash, low, SIAGA_HASH_BYTES);
		memcpy (low, high, SIAGA_HASH_BYTES);
		memcpy (high, hash, SIAGA_HASH_BYTES);
	}
}

int
tiles_path (const struct tile_store *store, uint64_t index, uint64_t size, uint8_t *path,
	    size_t *length)
{
	struct descent at = {0, size};
	size_t count = 0;
	if (index >= size)
		return SIAGA_EUSAGE;
	while (at.end - at.start > 1) {
		uint64_t split = s_descent_split (&at);
		uint8_t *hash = path + count++ * SIAGA_HASH_BYTES;
		int error = index < split ? s_range_root (store, split, at.end, hash)
					  : s_range_root (store, at.start, split, hash);
		if (error != 0)
			return error;
		if (index < split)
			at.end = split;
		else
			at.start = split;
	}
	s_reverse_hashes (path, count);
	*length = count;
	return 0;
}

int
tiles_consistency (const struct tile_store *store, uint64_t size1, uint64_t size2, uint8_t *path,
		   size_t *length)
{
	struct descent at = {0, size2};
	size_t count = 0;
	int error = 0;
	if (size1 > size2)
		return SIAGA_EUSAGE;
	if (size1 == 0)
		at.end = 0;
	while (error == 0 && at.end > size1) {
		uint64_t split = s_descent_split (&at);
		uint8_t *hash = path + count++ * SIAGA_HASH_BYTES;
		if (size1 <= split) {
			error = s_range_root (store, split, at.end, hash);
			at.end = split;
		} else {
			error = s_range_root (store, at.start, split, hash);
			at.start = split;
		}
	}
	/* The old tree's last subtree; when that is the whole old tree the reader knows it. */
	if (error == 0 && at.start > 0)
		error = s_range_root (store, at.start, at.end, path + count++ * SIAGA_HASH_BYTES);
	if (error != 0)
		return error;
	s_reverse_hashes (path, count);
	*length = count;
	return 0;
}

int
tile_appender_new (struct tile_appender **self_p, const struct tile_store *store, uint64_t size)
{
	struct tile_appender *self = calloc (1, sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	self->store = *store;
	int error = tile_appender_reload (self, size);
	if (error != 0)
		tile_appender_destroy (&self);
	else
		*self_p = self;
	return error;
}

void
tile_appender_destroy (struct tile_appender **self_p)
{
	assert (self_p);
	free (*self_p);
	*self_p = NULL;
}

int
tile_appender_reload (struct tile_appender *self, uint64_t size)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_edge *edge = &self->edges[level];
		uint64_t hashes = tile_level_hashes (size, level);
		edge->dirty = false;
		edge->width = hashes % TILE_WIDTH;
		if (edge->width == 0)
			continue;
		int error = self->store.load (self->store.arg, level, hashes / TILE_WIDTH,
					      edge->width, edge->hashes);
		if (error != 0)
			return error;
	}
	self->size = size;
	return 0;
}

int
tile_appender_add (struct tile_appender *self, const uint8_t leaf[SIAGA_HASH_BYTES])
{
	uint8_t hash[SIAGA_HASH_BYTES];
	memcpy (hash, leaf, SIAGA_HASH_BYTES);
	self->size++;
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_edge *edge = &self->edges[level];
		memcpy (edge->hashes + (size_t) edge->width * SIAGA_HASH_BYTES, hash,
			SIAGA_HASH_BYTES);
		edge->dirty = true;
		if (++edge->width < TILE_WIDTH)
			return 0;
		uint64_t index = tile_level_hashes (self->size, level) / TILE_WIDTH - 1;
		int error =
			self->store.store (self->store.arg, level, index, TILE_WIDTH, edge->hashes);
		if (error != 0)
			return error;
		edge->width = 0;
		edge->dirty = false;
		siaga_merkle_root (hash, edge->hashes, TILE_WIDTH);
	}
	return 0;
}

int
tile_appender_flush (struct tile_appender *self)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile_edge *edge = &self->edges[level];
		if (!edge->dirty)
			continue;
		uint64_t index = tile_level_hashes (self->size, level) / TILE_WIDTH;
		int error = self->store.store (self->store.arg, level, index, edge->width,
					       edge->hashes);
		if (error != 0)
			return error;
		edge->dirty = false;
	}
	return 0;
}

uint64_t
tile_appender_size (const struct tile_appender *self)
{
	return self->size;
}
