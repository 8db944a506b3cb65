/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of enumerations, categories, the shapes of names, and hex.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "siaga/error.h"
#include "siaga/names.h"

static const struct {
	const struct siaga_names *names;
	size_t count;
} lists[] = {
	{&siaga_kind_names, SIAGA_KIND_ROSTER + 1},
	{&siaga_action_names, SIAGA_ACTION_REOPEN + 1},
	{&siaga_status_names, SIAGA_STATUS_SYSTEM + 1},
	{&siaga_severity_names, SIAGA_SEVERITY_CRITICAL + 1},
	{&siaga_certainty_names, SIAGA_CERTAINTY_OBSERVED + 1},
	{&siaga_tlp_names, SIAGA_TLP_RED + 1},
	{&siaga_outcome_names, SIAGA_OUTCOME_DUPLICATE + 1},
};

#define LISTS (sizeof lists / sizeof *lists)

static void
test_names_cover_every_value_and_read_back (void **state)
{
	(void) state;
	for (size_t i = 0; i < LISTS; i++) {
		assert_int_equal (lists[i].count, lists[i].names->count);
		for (unsigned value = 0; value < lists[i].count; value++) {
			const char *name = siaga_name_of (lists[i].names, value);

			assert_non_null (name);
			assert_int_equal (value,
					  siaga_name_value (lists[i].names, siaga_text (name)));
		}
	}
}

static void
test_names_are_those_of_the_standards (void **state)
{
	(void) state;
	assert_string_equal ("amber+strict",
			     siaga_name_of (&siaga_tlp_names, SIAGA_TLP_AMBER_STRICT));
	assert_string_equal ("exercise",
			     siaga_name_of (&siaga_status_names, SIAGA_STATUS_EXERCISE));
	assert_string_equal ("observed",
			     siaga_name_of (&siaga_certainty_names, SIAGA_CERTAINTY_OBSERVED));
	assert_string_equal ("acknowledge",
			     siaga_name_of (&siaga_action_names, SIAGA_ACTION_ACKNOWLEDGE));
}

static void
test_names_out_of_range_are_unknown (void **state)
{
	(void) state;
	for (size_t i = 0; i < LISTS; i++) {
		assert_string_equal ("unknown",
				     siaga_name_of (lists[i].names, (unsigned) lists[i].count));
		assert_string_equal ("unknown", siaga_name_of (lists[i].names, UINT32_MAX));
	}
}

static void
test_names_that_are_not_exact_are_not_found (void **state)
{
	static const char *const names[] = {"", "HIGH", "hig", "highh", " high", "High"};

	(void) state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_int_equal (SIAGA_ENOTFOUND,
				  siaga_name_value (&siaga_severity_names, siaga_text (names[i])));
	assert_int_equal (SIAGA_ENOTFOUND, siaga_name_value (&siaga_severity_names,
							     (struct siaga_text){"high\0", 5}));
	assert_int_equal (SIAGA_ENOTFOUND,
			  siaga_name_value (&siaga_severity_names, siaga_text (NULL)));
}

static void
test_category_list_is_valid_fits_and_repeats_nothing (void **state)
{
	size_t count = 0;

	(void) state;
	for (const char *name; (name = siaga_category_at (count)); count++) {
		assert_true (siaga_category_is_valid (siaga_text (name)));
		assert_true (strlen (name) <= SIAGA_CATEGORY_MAX);
		for (size_t i = 0; i < count; i++)
			assert_string_not_equal (name, siaga_category_at (i));
	}
	assert_int_equal (39, count);
	assert_null (siaga_category_at (SIZE_MAX));
}

static void
test_category_refuses_what_is_not_listed (void **state)
{
	static const char *const names[] = {
		"",
		"/",
		"availability",
		"availability/",
		"availability/ddo",
		"availability/ddos/",
		"/ddos",
		"Availability/ddos",
		"availability/spam",
		"availability/ddosx",
	};

	(void) state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_false (siaga_category_is_valid (siaga_text (names[i])));
	assert_true (siaga_category_is_valid (siaga_text ("availability/ddos")));
}

static void
test_category_lies_in_itself_and_in_its_class_only (void **state)
{
	struct siaga_text category = siaga_text ("availability/ddos");

	(void) state;
	assert_true (siaga_category_in (category, category));
	assert_true (siaga_category_in (category, siaga_text ("availability")));
	assert_false (siaga_category_in (category, siaga_text ("availability/")));
	assert_false (siaga_category_in (category, siaga_text ("availability/ddo")));
	assert_false (siaga_category_in (category, siaga_text ("availabilit")));
	assert_false (siaga_category_in (category, siaga_text ("ddos")));
	assert_false (siaga_category_in (category, siaga_text ("")));
	assert_false (siaga_category_in (siaga_text ("availability"), category));
}

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

static void
test_hex_round_trips_every_byte (void **state)
{
	uint8_t bytes[256], back[256];
	char hex[513];

	(void) state;
	for (size_t i = 0; i < 256; i++)
		bytes[i] = (uint8_t) i;
	siaga_hex (hex, bytes, 256);
	assert_int_equal (512, strlen (hex));
	assert_memory_equal ("000102", hex, 6);
	assert_string_equal ("fdfeff", hex + 506);
	assert_int_equal (0, siaga_hex_parse (back, 256, siaga_text (hex)));
	assert_memory_equal (bytes, back, 256);
	siaga_hex (hex, NULL, 0);
	assert_string_equal ("", hex);
}

static void
test_hex_refuses_other_lengths_and_characters_and_writes_nothing (void **state)
{
	static const char *const bad[] = {"",
					  "0",
					  "012",
					  "01234",
					  "012g",
					  "0 12",
					  "0x12",
					  "-123",
					  "01\xff"
					  "2"};
	uint8_t out[2] = {7, 7};

	(void) state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal (SIAGA_EMALFORMED, siaga_hex_parse (out, 2, siaga_text (bad[i])));
	assert_memory_equal ("\7\7", out, 2);
	assert_int_equal (0, siaga_hex_parse (out, 2, siaga_text ("aBCd")));
	assert_memory_equal ("\xab\xcd", out, 2);
	assert_int_equal (0, siaga_hex_parse (out, 0, siaga_text ("")));
	assert_int_equal (SIAGA_EMALFORMED, siaga_hex_parse (out, SIZE_MAX, siaga_text ("00")));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_names_cover_every_value_and_read_back),
		cmocka_unit_test (test_names_are_those_of_the_standards),
		cmocka_unit_test (test_names_out_of_range_are_unknown),
		cmocka_unit_test (test_names_that_are_not_exact_are_not_found),
		cmocka_unit_test (test_category_list_is_valid_fits_and_repeats_nothing),
		cmocka_unit_test (test_category_refuses_what_is_not_listed),
		cmocka_unit_test (test_category_lies_in_itself_and_in_its_class_only),
		cmocka_unit_test (test_shape_of_a_member_and_a_system),
		cmocka_unit_test (test_shape_of_a_network),
		cmocka_unit_test (test_shape_of_a_principal),
		cmocka_unit_test (test_member_of_a_principal_is_what_stands_before_the_slash),
		cmocka_unit_test (test_hex_round_trips_every_byte),
		cmocka_unit_test (test_hex_refuses_other_lengths_and_characters_and_writes_nothing),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
