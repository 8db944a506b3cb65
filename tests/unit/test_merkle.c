/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merkle trees against the known roots of Certificate Transparency's reference tree, and against
 * RFC 6962's recursive definitions written down again here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "siaga/error.h"
#include "siaga/merkle.h"
#include "siaga/names.h"

#define HASH SIAGA_HASH_BYTES
#define SIZE_MAX_TESTED 70
#define HASHES_MAX 64

static uint8_t leaves[SIAGA_BATCH_ENTRIES_MAX * HASH];

/* The leaves of the reference tree. */
static const struct {
	const char *data;
	size_t size;
} reference[] = {
	{"", 0},
	{"\x00", 1},
	{"\x10", 1},
	{"\x20\x21", 2},
	{"\x30\x31", 2},
	{"\x40\x41\x42\x43", 4},
	{"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
	{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
};

static const char *const reference_roots[] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static int
setup_leaves (void **state)
{
	(void) state;
	for (uint16_t i = 0; i < SIAGA_BATCH_ENTRIES_MAX; i++)
		siaga_merkle_leaf (leaves + i * HASH, &i, sizeof i);
	return 0;
}

static size_t
split (size_t count)
{
	size_t k = 1;

	while (2 * k < count)
		k *= 2;
	return k;
}

/* MTH of RFC 6962 section 2.1 */
static void
mth (uint8_t root[HASH], const uint8_t *from, size_t count)
{
	uint8_t left[HASH], right[HASH];

	if (count == 1) {
		memcpy (root, from, HASH);
		return;
	}
	mth (left, from, split (count));
	mth (right, from + split (count) * HASH, count - split (count));
	siaga_merkle_node (root, left, right);
}

/* PATH of RFC 6962 section 2.1.1; returns the number of hashes. */
static size_t
path_of (uint8_t *path, size_t m, const uint8_t *from, size_t count)
{
	size_t k, length;

	if (count == 1)
		return 0;
	k = split (count);
	if (m < k) {
		length = path_of (path, m, from, k);
		mth (path + length * HASH, from + k * HASH, count - k);
	} else {
		length = path_of (path, m - k, from + k * HASH, count - k);
		mth (path + length * HASH, from, k);
	}
	return length + 1;
}

/* SUBPROOF of RFC 6962 section 2.1.2 */
static size_t
subproof (uint8_t *path, size_t m, const uint8_t *from, size_t count, bool whole)
{
	size_t k, length;

	if (m == count) {
		if (!whole)
			mth (path, from, count);
		return whole ? 0 : 1;
	}
	k = split (count);
	if (m <= k) {
		length = subproof (path, m, from, k, whole);
		mth (path + length * HASH, from + k * HASH, count - k);
	} else {
		length = subproof (path, m - k, from + k * HASH, count - k, false);
		mth (path + length * HASH, from, k);
	}
	return length + 1;
}

static void
test_merkle_roots_of_the_reference_tree (void **state)
{
	uint8_t hashes[8 * HASH], root[HASH];
	char hex[2 * HASH + 1];

	(void) state;
	for (size_t i = 0; i < 8; i++)
		siaga_merkle_leaf (hashes + i * HASH, reference[i].data, reference[i].size);
	for (size_t size = 0; size <= 8; size++) {
		siaga_merkle_root (root, hashes, size);
		siaga_hex (hex, root, HASH);
		assert_string_equal (reference_roots[size], hex);
	}
}

static void
test_merkle_root_is_the_recursive_definition (void **state)
{
	uint8_t root[HASH], want[HASH];

	(void) state;
	for (size_t size = 1; size <= SIAGA_BATCH_ENTRIES_MAX; size += size < 70 ? 1 : 53) {
		siaga_merkle_root (root, leaves, size);
		mth (want, leaves, size);
		assert_memory_equal (want, root, HASH);
	}
	siaga_merkle_root (root, leaves, SIAGA_BATCH_ENTRIES_MAX);
	mth (want, leaves, SIAGA_BATCH_ENTRIES_MAX);
	assert_memory_equal (want, root, HASH);
}

static void
test_merkle_node_may_write_over_its_children (void **state)
{
	uint8_t want[HASH], a[HASH], b[HASH];

	(void) state;
	siaga_merkle_node (want, leaves, leaves + HASH);
	memcpy (a, leaves, HASH);
	memcpy (b, leaves + HASH, HASH);
	siaga_merkle_node (a, a, b);
	assert_memory_equal (want, a, HASH);
	siaga_merkle_node (b, leaves, b);
	assert_memory_equal (want, b, HASH);
}

static void
test_merkle_paths_are_the_recursive_definition_and_verify (void **state)
{
	uint8_t path[HASHES_MAX * HASH], want[HASHES_MAX * HASH], root[HASH];

	(void) state;
	for (size_t size = 1; size <= SIZE_MAX_TESTED; size++) {
		siaga_merkle_root (root, leaves, size);
		for (size_t i = 0; i < size; i++) {
			size_t length = path_of (want, i, leaves, size);

			assert_int_equal (length, siaga_merkle_path_length (i, size));
			assert_int_equal (length, siaga_merkle_path (path, leaves, size, i));
			assert_memory_equal (want, path, length * HASH);
			assert_int_equal (0, siaga_merkle_verify (leaves + i * HASH, i, size, path,
								  length, root));
		}
	}
}

static void
test_merkle_path_of_a_full_batch_has_ten_hashes (void **state)
{
	uint8_t path[SIAGA_PATH_MAX * HASH], root[HASH];

	(void) state;
	siaga_merkle_root (root, leaves, SIAGA_BATCH_ENTRIES_MAX);
	for (size_t i = 0; i < SIAGA_BATCH_ENTRIES_MAX; i += 93) {
		assert_int_equal (SIAGA_PATH_MAX,
				  siaga_merkle_path (path, leaves, SIAGA_BATCH_ENTRIES_MAX, i));
		assert_int_equal (0, siaga_merkle_verify (leaves + i * HASH, i,
							  SIAGA_BATCH_ENTRIES_MAX, path,
							  SIAGA_PATH_MAX, root));
	}
}

static void
test_merkle_path_length_at_the_ends_of_its_range (void **state)
{
	(void) state;
	assert_int_equal (0, siaga_merkle_path_length (0, 0));
	assert_int_equal (0, siaga_merkle_path_length (0, 1));
	assert_int_equal (0, siaga_merkle_path_length (1, 1));
	assert_int_equal (64, siaga_merkle_path_length (0, UINT64_MAX));
	assert_int_equal (64, siaga_merkle_path_length (UINT64_MAX - 2, UINT64_MAX));
	assert_int_equal (63, siaga_merkle_path_length (UINT64_MAX - 1, UINT64_MAX));
	assert_int_equal (1,
			  siaga_merkle_path_length (UINT64_C (1) << 63, (UINT64_C (1) << 63) + 1));
	assert_int_equal (0, siaga_merkle_path_length (UINT64_MAX, UINT64_MAX));
}

/* The error after flipping one bit of `bytes`. */
static int
flipped (uint8_t *bytes, size_t bit, size_t index, size_t size, const uint8_t *leaf,
	 const uint8_t *path, size_t length, const uint8_t *root)
{
	int error;

	bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
	error = siaga_merkle_verify (leaf, index, size, path, length, root);
	bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
	return error;
}

static void
test_merkle_each_bit_flip_of_a_proof_is_refused (void **state)
{
	uint8_t path[HASHES_MAX * HASH], root[HASH], leaf[HASH];

	(void) state;
	for (size_t size = 1; size <= 13; size++)
		for (size_t i = 0; i < size; i++) {
			size_t length = siaga_merkle_path (path, leaves, size, i);

			siaga_merkle_root (root, leaves, size);
			memcpy (leaf, leaves + i * HASH, HASH);
			for (size_t bit = 0; bit < 8 * HASH; bit++) {
				assert_int_equal (SIAGA_EROOT, flipped (leaf, bit, i, size, leaf,
									path, length, root));
				assert_int_equal (SIAGA_EROOT, flipped (root, bit, i, size, leaf,
									path, length, root));
			}
			for (size_t bit = 0; bit < 8 * HASH * length; bit++)
				assert_int_equal (SIAGA_EROOT, flipped (path, bit, i, size, leaf,
									path, length, root));
		}
}

static void
test_merkle_proof_holds_for_no_other_index (void **state)
{
	uint8_t path[HASHES_MAX * HASH], root[HASH];

	(void) state;
	for (size_t size = 1; size <= 33; size++)
		for (size_t i = 0; i < size; i++) {
			size_t length = siaga_merkle_path (path, leaves, size, i);

			siaga_merkle_root (root, leaves, size);
			for (size_t other = 0; other < size + 2; other++)
				if (other != i)
					assert_int_not_equal (
						0, siaga_merkle_verify (leaves + i * HASH, other,
									size, path, length, root));
		}
}

static void
test_merkle_path_of_another_length_is_malformed (void **state)
{
	uint8_t path[(HASHES_MAX + 1) * HASH] = {0}, root[HASH];

	(void) state;
	for (size_t size = 1; size <= 20; size++)
		for (size_t i = 0; i < size; i++) {
			size_t length = siaga_merkle_path (path, leaves, size, i);

			siaga_merkle_root (root, leaves, size);
			for (size_t other = 0; other <= HASHES_MAX; other++)
				if (other != length)
					assert_int_equal (SIAGA_EMALFORMED,
							  siaga_merkle_verify (leaves + i * HASH, i,
									       size, path, other,
									       root));
		}
}

static void
test_merkle_index_beyond_the_tree_is_malformed (void **state)
{
	uint8_t path[HASH] = {0};

	(void) state;
	assert_int_equal (SIAGA_EMALFORMED, siaga_merkle_verify (leaves, 0, 0, path, 0, leaves));
	assert_int_equal (SIAGA_EMALFORMED, siaga_merkle_verify (leaves, 1, 1, path, 0, leaves));
	assert_int_equal (SIAGA_EMALFORMED,
			  siaga_merkle_verify (leaves, UINT64_MAX, 1, path, 0, leaves));
	assert_int_equal (SIAGA_EMALFORMED,
			  siaga_merkle_verify (leaves, UINT64_MAX, UINT64_MAX, path, 0, leaves));
	assert_int_equal (0, siaga_merkle_verify (leaves, 0, 1, NULL, 0, leaves));
}

static void
test_merkle_consistency_proofs_of_the_recursive_definition_verify (void **state)
{
	uint8_t path[HASHES_MAX * HASH], root1[HASH], root2[HASH];

	(void) state;
	for (size_t size2 = 1; size2 <= SIZE_MAX_TESTED; size2++)
		for (size_t size1 = 1; size1 <= size2; size1++) {
			size_t length = subproof (path, size1, leaves, size2, true);

			siaga_merkle_root (root1, leaves, size1);
			siaga_merkle_root (root2, leaves, size2);
			assert_int_equal (0, siaga_merkle_verify_consistency (
						     size1, size2, path, length, root1, root2));
		}
}

static int
flipped_consistency (uint8_t *bytes, size_t bit, size_t size1, size_t size2, const uint8_t *path,
		     size_t length, const uint8_t *root1, const uint8_t *root2)
{
	int error;

	bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
	error = siaga_merkle_verify_consistency (size1, size2, path, length, root1, root2);
	bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
	return error;
}

static void
test_merkle_each_bit_flip_of_a_consistency_proof_is_refused (void **state)
{
	uint8_t path[HASHES_MAX * HASH], root1[HASH], root2[HASH];

	(void) state;
	for (size_t size2 = 1; size2 <= 13; size2++)
		for (size_t size1 = 1; size1 <= size2; size1++) {
			size_t length = subproof (path, size1, leaves, size2, true);

			siaga_merkle_root (root1, leaves, size1);
			siaga_merkle_root (root2, leaves, size2);
			for (size_t bit = 0; bit < 8 * HASH; bit++) {
				assert_int_equal (SIAGA_EROOT,
						  flipped_consistency (root1, bit, size1, size2,
								       path, length, root1, root2));
				assert_int_equal (SIAGA_EROOT,
						  flipped_consistency (root2, bit, size1, size2,
								       path, length, root1, root2));
			}
			for (size_t bit = 0; bit < 8 * HASH * length; bit++)
				assert_int_equal (SIAGA_EROOT,
						  flipped_consistency (path, bit, size1, size2,
								       path, length, root1, root2));
		}
}

static void
test_merkle_consistency_path_of_another_length_is_malformed (void **state)
{
	uint8_t path[(HASHES_MAX + 1) * HASH] = {0}, root1[HASH], root2[HASH];

	(void) state;
	for (size_t size2 = 1; size2 <= 20; size2++)
		for (size_t size1 = 1; size1 <= size2; size1++) {
			size_t length = subproof (path, size1, leaves, size2, true);

			siaga_merkle_root (root1, leaves, size1);
			siaga_merkle_root (root2, leaves, size2);
			for (size_t other = 0; other <= HASHES_MAX; other++)
				if (other != length)
					assert_int_equal (
						SIAGA_EMALFORMED,
						siaga_merkle_verify_consistency (
							size1, size2, path, other, root1, root2));
		}
}

static void
test_merkle_consistency_from_nothing_or_backwards_is_malformed (void **state)
{
	(void) state;
	assert_int_equal (SIAGA_EMALFORMED,
			  siaga_merkle_verify_consistency (0, 0, NULL, 0, leaves, leaves));
	assert_int_equal (SIAGA_EMALFORMED,
			  siaga_merkle_verify_consistency (0, 5, NULL, 0, leaves, leaves));
	assert_int_equal (SIAGA_EMALFORMED,
			  siaga_merkle_verify_consistency (5, 4, NULL, 0, leaves, leaves));
	assert_int_equal (0, siaga_merkle_verify_consistency (5, 5, NULL, 0, leaves, leaves));
	assert_int_equal (SIAGA_EROOT,
			  siaga_merkle_verify_consistency (5, 5, NULL, 0, leaves, leaves + HASH));
}

static void
test_merkle_consistency_bears_the_largest_sizes (void **state)
{
	static const uint64_t sizes[] = {
		1,
		2,
		3,
		UINT64_C (1) << 62,
		UINT64_C (1) << 63,
		(UINT64_C (1) << 63) + 1,
		UINT64_MAX - 1,
		UINT64_MAX,
	};
	uint8_t path[(HASHES_MAX + 1) * HASH] = {0};

	(void) state;
	for (size_t i = 0; i < 8; i++)
		for (size_t j = 0; j < 8; j++)
			for (size_t length = 0; length <= HASHES_MAX + 1; length++)
				assert_true (siaga_merkle_verify_consistency (sizes[i], sizes[j],
									      path, length, leaves,
									      leaves + HASH) < 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_merkle_roots_of_the_reference_tree),
		cmocka_unit_test (test_merkle_root_is_the_recursive_definition),
		cmocka_unit_test (test_merkle_node_may_write_over_its_children),
		cmocka_unit_test (test_merkle_paths_are_the_recursive_definition_and_verify),
		cmocka_unit_test (test_merkle_path_of_a_full_batch_has_ten_hashes),
		cmocka_unit_test (test_merkle_path_length_at_the_ends_of_its_range),
		cmocka_unit_test (test_merkle_each_bit_flip_of_a_proof_is_refused),
		cmocka_unit_test (test_merkle_proof_holds_for_no_other_index),
		cmocka_unit_test (test_merkle_path_of_another_length_is_malformed),
		cmocka_unit_test (test_merkle_index_beyond_the_tree_is_malformed),
		cmocka_unit_test (
			test_merkle_consistency_proofs_of_the_recursive_definition_verify),
		cmocka_unit_test (test_merkle_each_bit_flip_of_a_consistency_proof_is_refused),
		cmocka_unit_test (test_merkle_consistency_path_of_another_length_is_malformed),
		cmocka_unit_test (test_merkle_consistency_from_nothing_or_backwards_is_malformed),
		cmocka_unit_test (test_merkle_consistency_bears_the_largest_sizes),
	};

	return cmocka_run_group_tests (tests, setup_leaves, NULL);
}
