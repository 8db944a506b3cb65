/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log's tree in tiles, against the plain tree over all leaves (merkle.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hub/tiles.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define LEAVES 600
#define FAR_LEAVES 66000 /* more than 256 tiles: three levels */
#define TILES_MAX 300

/* Tiles by level and index; what is stored narrower later is a mistake. */
struct tiles {
	uint8_t (*hashes)[TILE_BYTES];
	unsigned width[3][TILES_MAX];
	size_t stores;
	int store_error;
};

static uint8_t *
tile_of (struct tiles *tiles, unsigned level, uint64_t index)
{
	assert_true (level < 3 && index < TILES_MAX);
	return tiles->hashes[level * TILES_MAX + index];
}

static int
load (void *arg, unsigned level, uint64_t index, unsigned width, uint8_t *hashes)
{
	struct tiles *tiles = arg;
	assert_true (width >= 1 && width <= TILE_WIDTH);
	if (level >= 3 || index >= TILES_MAX || tiles->width[level][index] < width)
		return SIAGA_ENOTFOUND;
	memcpy (hashes, tile_of (tiles, level, index), (size_t) width * SIAGA_HASH_BYTES);
	return 0;
}

static int
store (void *arg, unsigned level, uint64_t index, unsigned width, const uint8_t *hashes)
{
	struct tiles *tiles = arg;
	if (tiles->store_error != 0)
		return tiles->store_error;
	assert_true (width >= tiles->width[level][index]);
	memcpy (tile_of (tiles, level, index), hashes, (size_t) width * SIAGA_HASH_BYTES);
	tiles->width[level][index] = width;
	tiles->stores++;
	return 0;
}

struct fixture {
	struct tiles tiles;
	struct tile_store store;
	uint8_t *leaves;
};

static int
setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	self->tiles.hashes = calloc (3 * TILES_MAX, TILE_BYTES);
	self->leaves = malloc ((size_t) FAR_LEAVES * SIAGA_HASH_BYTES);
	self->store = (struct tile_store){load, store, &self->tiles};
	for (uint32_t i = 0; i < FAR_LEAVES; i++)
		siaga_merkle_leaf (self->leaves + (size_t) i * SIAGA_HASH_BYTES, &i, sizeof i);
	*state = self;
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	free (self->tiles.hashes);
	free (self->leaves);
	free (self);
	return 0;
}

static void
append (struct fixture *self, uint64_t from, uint64_t to)
{
	struct tile_appender *appender = NULL;
	assert_int_equal (tile_appender_new (&appender, &self->store, from), 0);
	for (uint64_t i = from; i < to; i++)
		assert_int_equal (tile_appender_add (appender, self->leaves + i * SIAGA_HASH_BYTES),
				  0);
	assert_int_equal (tile_appender_flush (appender), 0);
	assert_int_equal (tile_appender_size (appender), to);
	tile_appender_destroy (&appender);
}

static void
assert_root (struct fixture *self, uint64_t size)
{
	uint8_t root[SIAGA_HASH_BYTES], expected[SIAGA_HASH_BYTES];
	assert_int_equal (tiles_root (&self->store, size, root), 0);
	siaga_merkle_root (expected, self->leaves, size);
	assert_memory_equal (root, expected, sizeof root);
}

static void
test_tiles_give_the_root_of_every_size_while_growing (void **state)
{
	struct fixture *self = *state;
	for (uint64_t size = 0; size < LEAVES; size++) {
		assert_root (self, size);
		append (self, size, size + 1);
	}
	assert_root (self, LEAVES);
}

static void
test_tiles_give_the_roots_of_former_sizes (void **state)
{
	struct fixture *self = *state;
	append (self, 0, LEAVES);
	for (uint64_t size = 0; size <= LEAVES; size++)
		assert_root (self, size);
}

static void
test_tiles_reach_the_third_level (void **state)
{
	static const uint64_t sizes[] = {255, 256, 257, 65535, 65536, 65537, FAR_LEAVES};
	struct fixture *self = *state;
	append (self, 0, FAR_LEAVES);
	assert_int_equal (self->tiles.width[2][0], 1);
	assert_int_equal (self->tiles.width[1][0], TILE_WIDTH);
	assert_int_equal (self->tiles.width[1][1], tile_level_hashes (FAR_LEAVES, 1) - TILE_WIDTH);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		assert_root (self, sizes[i]);
}

static void
test_tiles_store_a_complete_tile_once (void **state)
{
	struct fixture *self = *state;
	append (self, 0, TILE_WIDTH);
	/* The complete tile, and the one hash of it above. */
	assert_int_equal (self->tiles.stores, 2);
}

static void
test_tiles_know_each_leaf (void **state)
{
	struct fixture *self = *state;
	uint8_t hash[SIAGA_HASH_BYTES];
	append (self, 0, LEAVES);
	for (uint64_t i = 0; i < LEAVES; i++) {
		assert_int_equal (tiles_leaf (&self->store, i, hash), 0);
		assert_memory_equal (hash, self->leaves + i * SIAGA_HASH_BYTES, sizeof hash);
	}
	assert_int_equal (tiles_leaf (&self->store, LEAVES, hash), SIAGA_ENOTFOUND);
}

static void
assert_included (struct fixture *self, uint64_t index, uint64_t size)
{
	uint8_t path[TILE_PATH_MAX * SIAGA_HASH_BYTES], root[SIAGA_HASH_BYTES];
	size_t length = 0;
	assert_int_equal (tiles_root (&self->store, size, root), 0);
	assert_int_equal (tiles_path (&self->store, index, size, path, &length), 0);
	assert_int_equal (siaga_merkle_verify (self->leaves + index * SIAGA_HASH_BYTES, index, size,
					       path, length, root),
			  0);
}

static void
test_tiles_prove_inclusion (void **state)
{
	struct fixture *self = *state;
	append (self, 0, FAR_LEAVES);
	for (uint64_t size = 1; size <= LEAVES; size += 7)
		for (uint64_t index = 0; index < size; index += 1 + size / 13)
			assert_included (self, index, size);
	assert_included (self, 65535, FAR_LEAVES);
	assert_included (self, 65536, FAR_LEAVES);
	assert_included (self, FAR_LEAVES - 1, FAR_LEAVES);
}

static void
assert_consistent (struct fixture *self, uint64_t size1, uint64_t size2)
{
	uint8_t path[TILE_CONSISTENCY_MAX * SIAGA_HASH_BYTES];
	uint8_t root1[SIAGA_HASH_BYTES], root2[SIAGA_HASH_BYTES];
	size_t length = 0;
	assert_int_equal (tiles_root (&self->store, size1, root1), 0);
	assert_int_equal (tiles_root (&self->store, size2, root2), 0);
	assert_int_equal (tiles_consistency (&self->store, size1, size2, path, &length), 0);
	assert_int_equal (
		siaga_merkle_verify_consistency (size1, size2, path, length, root1, root2), 0);
}

static void
test_tiles_prove_consistency (void **state)
{
	struct fixture *self = *state;
	append (self, 0, FAR_LEAVES);
	for (uint64_t size2 = 1; size2 <= LEAVES; size2 += 11)
		for (uint64_t size1 = 1; size1 <= size2; size1 += 1 + size2 / 17)
			assert_consistent (self, size1, size2);
	assert_consistent (self, 256, FAR_LEAVES);
	assert_consistent (self, 65535, FAR_LEAVES);
	assert_consistent (self, 65536, FAR_LEAVES);
}

static void
test_tiles_refuse_what_is_beyond_the_size (void **state)
{
	struct fixture *self = *state;
	uint8_t path[TILE_CONSISTENCY_MAX * SIAGA_HASH_BYTES], root[SIAGA_HASH_BYTES];
	size_t length = 0;
	append (self, 0, 10);
	assert_int_equal (tiles_path (&self->store, 10, 10, path, &length), SIAGA_EUSAGE);
	assert_int_equal (tiles_consistency (&self->store, 3, 2, path, &length), SIAGA_EUSAGE);
	assert_int_equal (tiles_root (&self->store, 11, root), SIAGA_ENOTFOUND);
}

static void
test_appender_goes_back_after_a_failed_store (void **state)
{
	struct fixture *self = *state;
	struct tile_appender *appender = NULL;
	append (self, 0, 250);
	assert_int_equal (tile_appender_new (&appender, &self->store, 250), 0);
	self->tiles.store_error = SIAGA_EDISK;
	for (uint64_t i = 250; i < 255; i++)
		assert_int_equal (tile_appender_add (appender, self->leaves), 0);
	assert_int_equal (tile_appender_add (appender, self->leaves), SIAGA_EDISK);
	self->tiles.store_error = 0;
	assert_int_equal (tile_appender_reload (appender, 250), 0);
	for (uint64_t i = 250; i < LEAVES; i++)
		assert_int_equal (tile_appender_add (appender, self->leaves + i * SIAGA_HASH_BYTES),
				  0);
	assert_int_equal (tile_appender_flush (appender), 0);
	assert_root (self, LEAVES);
	tile_appender_destroy (&appender);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_tiles_give_the_root_of_every_size_while_growing),
		TEST (test_tiles_give_the_roots_of_former_sizes),
		TEST (test_tiles_reach_the_third_level),
		TEST (test_tiles_store_a_complete_tile_once),
		TEST (test_tiles_know_each_leaf),
		TEST (test_tiles_prove_inclusion),
		TEST (test_tiles_prove_consistency),
		TEST (test_tiles_refuse_what_is_beyond_the_size),
		TEST (test_appender_goes_back_after_a_failed_store),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
