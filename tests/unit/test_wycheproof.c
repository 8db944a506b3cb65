/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 verification against the 151 cases of project Wycheproof, which are not in this tree:
 * they are read from $SIAGA_SHARED/vectors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>

#include "siaga/error.h"
#include "siaga/keys.h"
#include "siaga/names.h"

#define CASES 151
#define MESSAGE_MAX 1024 /* bytes; the longest is 1023 */

static json_t *vectors;

static size_t
from_hex (uint8_t out[MESSAGE_MAX], const json_t *object, const char *key)
{
	const char *text = json_string_value (json_object_get (object, key));

	assert_non_null (text);
	assert_true (strlen (text) / 2 <= MESSAGE_MAX);
	assert_int_equal (siaga_hex_parse (out, strlen (text) / 2, siaga_text (text)), 0);
	return strlen (text) / 2;
}

static void
check_case (const uint8_t *key, const json_t *one)
{
	uint8_t message[MESSAGE_MAX], signature[MESSAGE_MAX];
	size_t size = from_hex (message, one, "msg");
	size_t signature_size = from_hex (signature, one, "sig");
	const char *result = json_string_value (json_object_get (one, "result"));
	bool valid =
		signature_size == SIAGA_SIGNATURE_BYTES &&
		siaga_ed25519_verify (signature, (struct siaga_bytes){message, size}, key) == 0;

	if (valid != (strcmp (result, "valid") == 0))
		fail_msg ("case %lld is not %s",
			  (long long) json_integer_value (json_object_get (one, "tcId")), result);
}

static void
test_ed25519_agrees_with_wycheproof (void **state)
{
	uint8_t key[MESSAGE_MAX];
	json_t *group, *one;
	size_t i, k, count = 0;

	(void) state;
	json_array_foreach (json_object_get (vectors, "testGroups"), i, group)
	{
		assert_int_equal (from_hex (key, json_object_get (group, "publicKey"), "pk"),
				  SIAGA_KEY_BYTES);
		json_array_foreach (json_object_get (group, "tests"), k, one)
		{
			check_case (key, one);
			count++;
		}
	}
	assert_int_equal (count, CASES);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test (test_ed25519_agrees_with_wycheproof)};
	const char *shared = getenv ("SIAGA_SHARED");
	char path[1024];
	int status;

	snprintf (path, sizeof path, "%s/vectors/ed25519_wycheproof.json",
		  shared != NULL ? shared : "../shared");
	vectors = json_load_file (path, 0, NULL);
	if (vectors == NULL) {
		fprintf (stderr, "skipped: %d cases of %s could not be read (set SIAGA_SHARED)\n",
			 CASES, path);
		return 77;
	}
	status = siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
	json_decref (vectors);
	return status;
}
