/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log's Merkle tree (RFC 6962) kept as tiles, laid out as in C2SP tlog-tiles: tile (level L, index N)
 * holds up to 256 hashes, each the root of a complete subtree of 256^L leaves; the rightmost of a level
 * may be partial. Where tiles are kept is the owner's business, behind two functions. From them comes the
 * root of every size the tree ever had, and every proof.
 */
#ifndef SIAGA_HUB_TILES_H
#define SIAGA_HUB_TILES_H

#include "siaga/merkle.h"

#define TILE_WIDTH 256 /* hashes in a complete tile */
#define TILE_BYTES (TILE_WIDTH * SIAGA_HASH_BYTES)
#define TILE_LEVELS 8		/* 0 … 7: more leaves than fit a log number */
#define TILE_PATH_MAX 64	/* hashes in an inclusion path */
#define TILE_CONSISTENCY_MAX 65 /* hashes in a consistency path */

/* Where tiles are kept. Both return 0 or a negative error, which comes out of what called them. */
struct tile_store {
	/* The first `width` hashes of the tile; it was stored at least as wide. SIAGA_ENOTFOUND when not. */
	int (*load) (void *arg, unsigned level, uint64_t index, unsigned width, uint8_t *hashes);
	/* Keeps the tile, instead of a narrower one of the same place. */
	int (*store) (void *arg, unsigned level, uint64_t index, unsigned width,
		      const uint8_t *hashes);
	void *arg;
};

/* The hashes a level holds in a tree of `size` leaves, complete and partial tiles together. */
uint64_t
tile_level_hashes (uint64_t size, unsigned level);

/* The root of the tree of the first `size` leaves: 0 or the store's error. */
int
tiles_root (const struct tile_store *store, uint64_t size, uint8_t root[SIAGA_HASH_BYTES]);

/* The leaf hash at `index`: 0 or the store's error. */
int
tiles_leaf (const struct tile_store *store, uint64_t index, uint8_t hash[SIAGA_HASH_BYTES]);

/* `count` leaf hashes from `index` on: 0 or the store's error. */
int
tiles_leaves (const struct tile_store *store, uint64_t index, size_t count, uint8_t *hashes);

/* The inclusion path of leaf `index` in the tree of `size` leaves, lowest first; *length gets its number of
   hashes, at most TILE_PATH_MAX. 0, SIAGA_EUSAGE (index >= size), or the store's error. */
int
tiles_path (const struct tile_store *store, uint64_t index, uint64_t size, uint8_t *path,
	    size_t *length);

/* The consistency path between two sizes (RFC 6962 section 2.1.2), at most TILE_CONSISTENCY_MAX hashes; empty
   when the sizes are equal or the first is 0. 0, SIAGA_EUSAGE (size1 > size2), or the store's error. */
int
tiles_consistency (const struct tile_store *store, uint64_t size1, uint64_t size2, uint8_t *path,
		   size_t *length);

/* Adds leaves at the right edge. Holds the rightmost tile of each level (64 KiB in all). */
struct tile_appender;

/* Of a tree that has `size` leaves in the store, which is copied: 0, SIAGA_ENOMEM, or the store's error. */
int
tile_appender_new (struct tile_appender **self_p, const struct tile_store *store, uint64_t size);

void
tile_appender_destroy (struct tile_appender **self_p);

/* Adds one leaf hash. A tile that it completes is stored at once. 0 or the store's error: then reload. */
int
tile_appender_add (struct tile_appender *self, const uint8_t leaf[SIAGA_HASH_BYTES]);

/* Stores the partial tiles that changed since the last flush: 0 or the store's error: then reload. */
int
tile_appender_flush (struct tile_appender *self);

/* Goes back to what the store holds for `size` leaves, after a rollback. */
int
tile_appender_reload (struct tile_appender *self, uint64_t size);

uint64_t
tile_appender_size (const struct tile_appender *self);

#endif
