/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/shape.c: what is a name, and what is none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "siaga/names.h"

static bool
all (bool (*is_valid) (struct siaga_text), const char *const *names, bool wanted)
{
	for (; *names; names++)
		if (is_valid (siaga_text (*names)) != wanted) {
			print_error ("%s\n", *names);
			return false;
		}
	return true;
}

#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
test_shape_of_a_member_and_a_system (void **state)
{
	static const char *const good[] = {"kpu", "a", "bssn-2", "a-", "z9", A32, NULL};
	static const char *const bad[] = {
		"",	"9a",	"-a",	     "Kpu",   "k.pu",  "k_pu",
		"k/pu", "k pu", "k\xc3\xa9", "kpu\n", A32 "a", NULL,
	};

	(void) state;
	assert_true (all (siaga_member_is_valid, good, true));
	assert_true (all (siaga_member_is_valid, bad, false));
	assert_true (all (siaga_system_is_valid, good, true));
	assert_true (all (siaga_system_is_valid, bad, false));
	assert_false (siaga_member_is_valid ((struct siaga_text){"kpu\0", 4}));
}

static void
test_shape_of_a_network (void **state)
{
	static const char *const good[] = {"siaga.kpu.go.id", "0", "demo-2026", A32 A32, NULL};
	static const char *const bad[] = {"",	 "Siaga", "a b",       "a/b",
					  "a_b", "a\n",	  A32 A32 "a", NULL};

	(void) state;
	assert_true (all (siaga_network_is_valid, good, true));
	assert_true (all (siaga_network_is_valid, bad, false));
}

static void
test_shape_of_a_principal (void **state)
{
	static const char *const good[] = {
		"bssn/soc-1", "polri/dewi", "a/b", A32 "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL,
	};
	static const char *const bad[] = {
		"",	     "/",     "bssn",	  "bssn/",     "/soc",	  "bssn/soc/1", "bssn//soc",
		"bssn/1soc", "1/soc", "bssn/Soc", A32 "/" A32, A32 "a/b", "a/" A32 "a", NULL,
	};

	(void) state;
	assert_true (all (siaga_principal_is_valid, good, true));
	assert_true (all (siaga_principal_is_valid, bad, false));
}

static void
test_member_of_a_principal_is_what_stands_before_the_slash (void **state)
{
	(void) state;
	assert_true (siaga_text_is (siaga_member_of (siaga_text ("bssn/soc-1")), "bssn"));
	assert_true (siaga_text_is (siaga_member_of (siaga_text ("a/b/c")), "a"));
	assert_int_equal (0, siaga_member_of (siaga_text ("bssn")).size);
	assert_int_equal (0, siaga_member_of (siaga_text ("/soc")).size);
	assert_int_equal (0, siaga_member_of (siaga_text (NULL)).size);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_shape_of_a_member_and_a_system),
		cmocka_unit_test (test_shape_of_a_network),
		cmocka_unit_test (test_shape_of_a_principal),
		cmocka_unit_test (test_member_of_a_principal_is_what_stands_before_the_slash),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
