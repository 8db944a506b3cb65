/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every proof in $SIAGA_SHARED/vectors/rfc6962 (transparency-dev/merkle), good and bad. The vectors are
 * not ours to copy: without them this exits 77, which counts as skipped.
 *
 * Our functions take hashes of exactly 32 bytes. A leaf or a path's hash of another size is therefore
 * refused before them, as a message with one is. A root of another size is filled up with zeros: some
 * vectors compare short made-up roots.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <ftw.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "siaga/merkle.h"

#define HASH SIAGA_HASH_BYTES
#define PROOF_MAX 64
#define FILES_EACH 98 /* how many the collection has of either kind: none may be lost */
#define DESCRIPTORS_MAX 8
#define EXIT_SKIPPED 77

/* nftw () has no argument for its caller. */
static size_t files_run, files_wrong;
static int (*verdict_of) (json_t *vector);

/* The bytes of a base64 value, at most HASH, filled up with zeros; their number, or -1. */
static int
decode (const json_t *value, uint8_t hash[HASH])
{
	const char *text = json_string_value (value);
	size_t size = 0;

	memset (hash, 0, HASH);
	if (!text || sodium_base642bin (hash, HASH, text, strlen (text), NULL, &size, NULL,
					sodium_base64_VARIANT_ORIGINAL))
		return -1;
	return (int) size;
}

/* The proof's hashes laid end to end; their number, or -1 when one has not its size. */
static int
decode_proof (const json_t *vector, uint8_t *path)
{
	const json_t *proof = json_object_get (vector, "proof");
	size_t count = json_array_size (proof); /* of null: 0 */

	assert_true (count <= PROOF_MAX);
	for (size_t i = 0; i < count; i++)
		if (decode (json_array_get (proof, i), path + i * HASH) != HASH)
			return -1;
	return (int) count;
}

/* Numbers are loaded as reals, for jansson has no integers beyond INT64_MAX: exact as far as the vectors
   go, but for the -1 that some write as 2^64 - 1, which rounds up to 2^64. */
static uint64_t
number (const json_t *vector, const char *key)
{
	const json_t *value = json_object_get (vector, key);
	double real = json_real_value (value);

	assert_true (json_is_real (value) && real >= 0);
	assert_true (real < 0x1p53 || real == 0x1p64);
	return real < 0x1p53 ? (uint64_t) real : UINT64_MAX;
}

static int
inclusion_verdict (json_t *vector)
{
	uint8_t path[PROOF_MAX * HASH], leaf[HASH], root[HASH];
	int length = decode_proof (vector, path);

	if (length < 0 || decode (json_object_get (vector, "leafHash"), leaf) != HASH)
		return -1;
	assert_true (decode (json_object_get (vector, "root"), root) >= 0);
	return siaga_merkle_verify (leaf, number (vector, "leafIdx"), number (vector, "treeSize"),
				    path, (size_t) length, root);
}

static int
consistency_verdict (json_t *vector)
{
	uint8_t path[PROOF_MAX * HASH], root1[HASH], root2[HASH];
	int length = decode_proof (vector, path);

	if (length < 0)
		return -1;
	assert_true (decode (json_object_get (vector, "root1"), root1) >= 0);
	assert_true (decode (json_object_get (vector, "root2"), root2) >= 0);
	return siaga_merkle_verify_consistency (number (vector, "size1"), number (vector, "size2"),
						path, (size_t) length, root1, root2);
}

static int
run_file (const char *path, const struct stat *status, int type, struct FTW *where)
{
	json_t *vector, *want;

	(void) status;
	(void) where;
	if (type != FTW_F)
		return 0;
	vector = json_load_file (path, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
	want = json_object_get (vector, "wantErr");
	if (!json_is_boolean (want) || json_is_true (want) != (verdict_of (vector) != 0)) {
		print_error ("%s: other than wanted\n", path);
		files_wrong++;
	}
	files_run++;
	json_decref (vector);
	return 0;
}

static const char *
shared (void)
{
	const char *directory = getenv ("SIAGA_SHARED");

	return directory && *directory ? directory : "../shared";
}

static void
run_all (const char *kind, int (*verdict) (json_t *vector))
{
	char path[PATH_MAX];

	snprintf (path, sizeof path, "%s/vectors/rfc6962/%s", shared (), kind);
	files_run = 0;
	files_wrong = 0;
	verdict_of = verdict;
	assert_int_equal (0, nftw (path, run_file, DESCRIPTORS_MAX, FTW_PHYS));
	print_message ("%s: %zu vectors run\n", kind, files_run);
	assert_true (files_run >= FILES_EACH);
	assert_int_equal (0, files_wrong);
}

static void
test_merkle_every_inclusion_vector_gets_its_verdict (void **state)
{
	(void) state;
	run_all ("inclusion", inclusion_verdict);
}

static void
test_merkle_every_consistency_vector_gets_its_verdict (void **state)
{
	(void) state;
	run_all ("consistency", consistency_verdict);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_merkle_every_inclusion_vector_gets_its_verdict),
		cmocka_unit_test (test_merkle_every_consistency_vector_gets_its_verdict),
	};
	char path[PATH_MAX];

	snprintf (path, sizeof path, "%s/vectors/rfc6962", shared ());
	if (access (path, R_OK | X_OK)) {
		printf ("skipped: no %s, so %d RFC 6962 vectors were not run (set SIAGA_SHARED)\n",
			path, 2 * FILES_EACH);
		return EXIT_SKIPPED;
	}
	return cmocka_run_group_tests (tests, NULL, NULL);
}
