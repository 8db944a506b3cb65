/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/conf_value.c: single values at the ends of their ranges, places that keep what they held, and guesses at
 * misspelt words.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "common/conf_value.h"
#include "siaga/error.h"

static char reason[CONF_REASON_MAX];

static int
set (const struct conf_field *field, const char *text, void *place)
{
	reason[0] = '\0';
	return conf_value_set_text (field, text, "/etc/siaga/x.conf", place, reason);
}

struct quantity_case {
	const char *text;
	uint64_t value;
};

static void
assert_quantities (enum conf_type type, const struct quantity_case *cases, size_t count)
{
	const struct conf_field field = {.type = type};

	for (size_t i = 0; i < count; i++) {
		uint64_t value = 0;

		assert_int_equal (set (&field, cases[i].text, &value), 0);
		assert_int_equal (value, cases[i].value);
	}
}

static void
assert_refused (enum conf_type type, const char *const *texts, size_t count, const char *words)
{
	const struct conf_field field = {.type = type};

	for (size_t i = 0; i < count; i++) {
		uint64_t value = 77;

		if (set (&field, texts[i], &value) != SIAGA_ECONF)
			fail_msg ("\"%s\" is taken", texts[i]);
		assert_non_null (strstr (reason, words));
		assert_int_equal (value, 77);
	}
}

#define COUNT(array) (sizeof (array) / sizeof *(array))

static void
test_conf_value_int_reaches_both_ends_of_64_bits (void **state)
{
	static const struct quantity_case good[] = {
		{"0", 0},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", (uint64_t) INT64_MIN},
	};
	static const char *const bad[] = {"", "1x", "x", "9223372036854775808", "1.5"};

	(void) state;
	assert_quantities (CONF_INT, good, COUNT (good));
	assert_refused (CONF_INT, bad, COUNT (bad), "must be a number");
}

static void
test_conf_value_size_has_units_of_1024 (void **state)
{
	static const struct quantity_case good[] = {
		{"0", 0},
		{"1", 1},
		{"64K", 65536},
		{"2M", 2 << 20},
		{"3G", UINT64_C (3) << 30},
		{"9223372036854775807", INT64_MAX},
		{"8589934591G", UINT64_C (8589934591) << 30},
	};
	static const char *const bad[] = {
		"",
		"K",
		"1k",
		"1KB",
		"1 K",
		"-1",
		"+1",
		" 1",
		"1.5M",
		"9223372036854775808",
		"8589934592G",
		"99999999999999999999",
	};

	(void) state;
	assert_quantities (CONF_SIZE, good, COUNT (good));
	assert_refused (CONF_SIZE, bad, COUNT (bad), "must be a size");
}

static void
test_conf_value_duration_knows_milliseconds_too (void **state)
{
	static const struct quantity_case good[] = {
		{"1ms", 1000},
		{"500ms", 500000},
		{"9999999999ms", UINT64_C (9999999999000)},
		{"90s", 90000000},
		{"2w", UINT64_C (1209600000000)},
	};
	static const char *const bad[] = {
		"", "ms", "1", "s", "-1ms", "1.5ms", "x1ms", "1 ms", "10000000000000ms", "1ns"};

	(void) state;
	assert_quantities (CONF_DURATION, good, COUNT (good));
	assert_refused (CONF_DURATION, bad, COUNT (bad), "must be a duration");
}

static void
test_conf_value_path_is_relative_to_the_file (void **state)
{
	const struct conf_field field = {.type = CONF_PATH};
	char *path = NULL;

	(void) state;
	assert_int_equal (set (&field, "lib/a", &path), 0);
	assert_string_equal (path, "/etc/siaga/lib/a");
	free (path);
	assert_int_equal (set (&field, "/lib/a", &path), 0);
	assert_string_equal (path, "/lib/a");
	free (path);
	assert_int_equal (conf_directory ("x.conf"), 0);
	assert_int_equal (conf_directory ("/x.conf"), 1);
	assert_int_equal (conf_directory ("a/b/x.conf"), 4);
}

static void
test_conf_value_text_is_measured_in_bytes_and_not_stored_when_wrong (void **state)
{
	const struct conf_field field = {.type = CONF_STRING, .min = 2, .max = 4};
	char kept[] = "kept", *place = kept;

	(void) state;
	assert_int_equal (set (&field, "", &place), SIAGA_ECONF);
	assert_string_equal (reason, "must not be empty");
	assert_int_equal (set (&field, "a", &place), SIAGA_ECONF);
	assert_int_equal (set (&field, "ab\xc3\xa9x", &place), SIAGA_ECONF);
	assert_string_equal (reason, "must have 2 to 4 bytes");
	assert_ptr_equal (place, kept);
	assert_int_equal (set (&field, "ab\xc3\xa9", &place), 0);
	assert_string_equal (place, "ab\xc3\xa9");
	free (place);
}

static bool
never (const void *value, char why[CONF_REASON_MAX])
{
	(void) value;
	strcpy (why, "never");
	return false;
}

static void
test_conf_value_checker_has_the_last_word (void **state)
{
	const struct conf_field number = {.type = CONF_INT, .check = never};
	const struct conf_field string = {.type = CONF_STRING, .check = never};
	int64_t value = 77;
	char *text = NULL;

	(void) state;
	assert_int_equal (set (&number, "1", &value), SIAGA_ECONF);
	assert_string_equal (reason, "never");
	assert_int_equal (value, 77);
	assert_int_equal (set (&string, "a", &text), SIAGA_ECONF);
	assert_string_equal (reason, "never");
	assert_null (text);
}

static void
test_conf_value_list_or_group_is_no_single_value (void **state)
{
	const struct conf_field field = {.type = CONF_STRING_LIST};
	int place = 0;

	(void) state;
	assert_int_equal (set (&field, "a", &place), SIAGA_ECONF);
	assert_string_equal (reason, "is not a single value");
}

static const char *
word_at (const void *arg, size_t i)
{
	return ((const char *const *) arg)[i];
}

/* The longest that is guessed at, and one more. */
#define WORD_48 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define WORD_49 WORD_48 "a"

static void
test_conf_value_guesses_at_most_two_slips (void **state)
{
	static const char *const known[] = {"severity", "serial", "path", WORD_48, NULL};
	static const struct {
		const char *word, *meant;
	} cases[] = {
		{"serail", "serial"}, {"serial", "serial"},
		{"srial", "serial"},  {"seriall", "serial"},
		{"seriallyx", NULL},  {"sevreity", "severity"},
		{"x", NULL},	      {"pa", NULL},
		{"paht", "path"},     {"", NULL},
		{WORD_48, WORD_48},   {WORD_49, NULL},
	};

	(void) state;
	for (size_t i = 0; i < COUNT (cases); i++) {
		const char *meant = conf_did_you_mean (cases[i].word, word_at, known);

		if (cases[i].meant == NULL)
			assert_null (meant);
		else
			assert_string_equal (meant, cases[i].meant);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_conf_value_int_reaches_both_ends_of_64_bits),
		cmocka_unit_test (test_conf_value_size_has_units_of_1024),
		cmocka_unit_test (test_conf_value_duration_knows_milliseconds_too),
		cmocka_unit_test (test_conf_value_path_is_relative_to_the_file),
		cmocka_unit_test (
			test_conf_value_text_is_measured_in_bytes_and_not_stored_when_wrong),
		cmocka_unit_test (test_conf_value_checker_has_the_last_word),
		cmocka_unit_test (test_conf_value_list_or_group_is_no_single_value),
		cmocka_unit_test (test_conf_value_guesses_at_most_two_slips),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
