/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/sha256.c: the published digests, and the tag in front.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/sha256.h"
#include "siaga/names.h"

static void
s_assert_hash (const uint8_t hash[SIAGA_HASH_BYTES], const char *expected)
{
	char hex[2 * SIAGA_HASH_BYTES + 1];

	siaga_hex (hex, hash, SIAGA_HASH_BYTES);
	assert_string_equal (hex, expected);
}

/* FIPS 180-4's examples, of no bytes and of "abc". */
static void
test_sha256_is_that_of_the_standard (void **state)
{
	uint8_t hash[SIAGA_HASH_BYTES];

	(void) state;
	siaga_sha256 (hash, NULL, 0);
	s_assert_hash (hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	siaga_sha256 (hash, "abc", 3);
	s_assert_hash (hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_sha256_tag_stands_before_the_bytes (void **state)
{
	uint8_t hash[SIAGA_HASH_BYTES], tagged[SIAGA_HASH_BYTES];

	(void) state;
	siaga_sha256 (hash, "abc", 3);
	siaga_sha256_tagged (tagged, 'a', "bc", 2);
	assert_memory_equal (hash, tagged, sizeof hash);
	/* the leaf of nothing, RFC 6962: SHA-256 of one zero byte */
	siaga_sha256_tagged (tagged, 0, NULL, 0);
	s_assert_hash (tagged, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_sha256_is_that_of_the_standard),
		cmocka_unit_test (test_sha256_tag_stands_before_the_bytes),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
