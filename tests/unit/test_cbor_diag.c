/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/cbor_diag.c: every type of the subset, and items that are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "common/cbor_diag.h"

static void
s_assert_diag (const char *bytes, size_t size, const char *expected)
{
	char *text = cbor_diag ((struct siaga_bytes){(const uint8_t *) bytes, size});
	assert_string_equal (text, expected);
	free (text);
}

static void
test_cbor_diag_writes_every_type (void **state)
{
	(void) state;
	s_assert_diag ("\x18\x64", 2, "100");
	s_assert_diag ("\x42\x01\xff", 3, "h'01ff'");
	s_assert_diag ("\x63\x61\x22\x5c", 4, "\"a\\\"\\\\\"");
	s_assert_diag ("\xa2\x01\xf5\x02\x81\xf4", 6, "{1: true, 2: [false]}");
	s_assert_diag ("\x80", 1, "[]");
}

static void
test_cbor_diag_ends_malformed_items_in_an_ellipsis (void **state)
{
	(void) state;
	s_assert_diag ("\x82\x01\x1c", 3, "[1, 0]…");
	s_assert_diag ("", 0, "…");
	s_assert_diag ("\x01\x01", 2, "1…");
	s_assert_diag ("\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01", 13,
		       "[[[[[[[[[]]]]]]]]]…");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_cbor_diag_writes_every_type),
		cmocka_unit_test (test_cbor_diag_ends_malformed_items_in_an_ellipsis),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
