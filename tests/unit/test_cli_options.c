/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/options.h and cli/compose.h: what a person may write on the command line, and what becomes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/cmd.h"
#include "cli/compose.h"
#include "cli/options.h"
#include "siaga/error.h"

#define NOW_US UINT64_C (1795507200000000)

static void
s_assert_duration (const char *text, int status, uint64_t expected_ms)
{
	uint64_t duration_ms = 0;
	assert_int_equal (options_duration ("x", text, &duration_ms), status);
	assert_int_equal (duration_ms, expected_ms);
}

static void
test_options_duration_takes_units_and_plain_seconds (void **state)
{
	(void) state;
	s_assert_duration ("30", CMD_OK, 30000);
	s_assert_duration ("500ms", CMD_OK, 500);
	s_assert_duration ("90s", CMD_OK, 90000);
	s_assert_duration ("15m", CMD_OK, 900000);
	s_assert_duration ("24h", CMD_OK, 86400000);
	s_assert_duration ("", CMD_USAGE, 0);
	s_assert_duration ("soon", CMD_USAGE, 0);
	s_assert_duration ("-1", CMD_USAGE, 0);
	s_assert_duration ("99999999999999999999", CMD_USAGE, 0);
}

static void
test_options_number_is_digits_within_its_bound (void **state)
{
	(void) state;
	uint64_t number = 7;
	assert_int_equal (options_number ("x", "42", 42, &number), CMD_OK);
	assert_int_equal (number, 42);
	assert_int_equal (options_number ("x", "43", 42, &number), CMD_USAGE);
	assert_int_equal (options_number ("x", "", 42, &number), CMD_USAGE);
	assert_int_equal (options_number ("x", "+1", 42, &number), CMD_USAGE);
	assert_int_equal (options_number ("x", "18446744073709551617", 42, &number), CMD_USAGE);
	assert_int_equal (number, 42);
}

static int
s_take (struct options_filter *filter, int option, const char *arg)
{
	return options_take_filter (filter, option, arg, NOW_US);
}

static void
test_options_since_is_a_number_an_age_or_a_time (void **state)
{
	(void) state;
	struct options_filter filter = {0};
	assert_int_equal (s_take (&filter, OPTIONS_SINCE, "4711"), CMD_OK);
	assert_true (filter.has_since);
	assert_int_equal (filter.since_number, 4711);
	assert_int_equal (filter.since_us, 0);
	assert_int_equal (s_take (&filter, OPTIONS_SINCE, "15m"), CMD_OK);
	assert_int_equal (filter.since_number, 0);
	assert_int_equal (filter.since_us, NOW_US - UINT64_C (900000000));
	assert_int_equal (s_take (&filter, OPTIONS_SINCE, "2026-11-24T08:00:00Z"), CMD_OK);
	assert_int_equal (filter.since_us, NOW_US);
	assert_int_equal (s_take (&filter, OPTIONS_SINCE, "yesterday"), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_SINCE, ""), CMD_USAGE);
}

static void
test_options_lists_are_given_again_or_with_commas (void **state)
{
	(void) state;
	struct options_filter filter = {0};
	assert_int_equal (s_take (&filter, OPTIONS_CATEGORY, "intrusions,availability/ddos"),
			  CMD_OK);
	assert_int_equal (s_take (&filter, OPTIONS_CATEGORY, "fraud"), CMD_OK);
	assert_int_equal (filter.filter.categories.count, 3);
	assert_true (siaga_text_is (filter.filter.categories.items[1], "availability/ddos"));
	assert_int_equal (s_take (&filter, OPTIONS_FROM, "bssn,polri/dewi"), CMD_OK);
	assert_int_equal (filter.filter.origins.count, 2);
	assert_int_equal (s_take (&filter, OPTIONS_SYSTEM, "sipol"), CMD_OK);
	assert_int_equal (s_take (&filter, OPTIONS_MIN_SEVERITY, "high"), CMD_OK);
	assert_int_equal (filter.filter.min_severity, SIAGA_SEVERITY_HIGH);
}

static void
test_options_refuse_names_that_do_not_exist (void **state)
{
	(void) state;
	struct options_filter filter = {0};
	assert_int_equal (s_take (&filter, OPTIONS_CATEGORY, "intrusion"), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_CATEGORY, "fraud,"), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_CATEGORY, ""), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_FROM, "BSSN"), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_STATUS, "real"), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_KIND, "alerts"), CMD_USAGE);
	assert_int_equal (s_take (&filter, OPTIONS_MIN_SEVERITY, "urgent"), CMD_USAGE);
	assert_int_equal (s_take (&filter, 'x', "y"), -1);
}

static void
test_options_refuse_more_values_than_a_filter_holds (void **state)
{
	(void) state;
	struct options_filter filter = {0};
	for (unsigned i = 0; i < SIAGA_FILTER_ITEMS_MAX; i++)
		assert_int_equal (s_take (&filter, OPTIONS_SYSTEM, "sipol"), CMD_OK);
	assert_int_equal (s_take (&filter, OPTIONS_SYSTEM, "sipol"), CMD_USAGE);
}

static void
test_options_hide_voids_and_roster_entries_unless_told (void **state)
{
	(void) state;
	struct options_filter filter = {0};
	options_filter_finish (&filter);
	assert_int_equal (filter.filter.kinds, 0x2f);
	memset (&filter, 0, sizeof filter);
	assert_int_equal (s_take (&filter, OPTIONS_KIND, "void,roster"), CMD_OK);
	options_filter_finish (&filter);
	assert_int_equal (filter.filter.kinds, 0x50);
	assert_int_equal (s_take (&filter, OPTIONS_KIND, "all"), CMD_OK);
	assert_int_equal (filter.filter.kinds, 0x7f);
	assert_int_equal (s_take (&filter, OPTIONS_STATUS, "actual,test"), CMD_OK);
	assert_int_equal (filter.filter.statuses, 0x5);
}

static void
test_options_common_are_taken_by_every_verb (void **state)
{
	(void) state;
	struct options_common common = {0};
	assert_int_equal (options_take_common (&common, 'c', "file"), CMD_OK);
	assert_string_equal (common.conf, "file");
	assert_int_equal (options_take_common (&common, OPTIONS_FORMAT, "json"), CMD_OK);
	assert_int_equal (common.format, OPTIONS_FORMAT_JSON);
	assert_int_equal (options_take_common (&common, OPTIONS_FORMAT, "xml"), CMD_USAGE);
	assert_int_equal (options_take_common (&common, OPTIONS_TIMEOUT, "3s"), CMD_OK);
	assert_true (common.has_timeout);
	assert_int_equal (common.timeout_ms, 3000);
	assert_int_equal (options_take_common (&common, '?', NULL), CMD_USAGE);
	assert_int_equal (options_take_common (&common, OPTIONS_OWN, NULL), -1);
}

static struct siaga_roster s_roster = {.hub = "kpu/hub"};
static struct siaga_principal s_ani = {.name = "bssn/ani", .roles = SIAGA_ROLE_PUBLISH};
static struct siaga_principal s_reader = {.name = "bssn/tv", .roles = SIAGA_ROLE_READ};

static int
s_compose (const struct siaga_principal *principal, const char *text, struct composed_list *list,
	   char words[COMPOSE_WORDS])
{
	struct compose_origin origin = {&s_roster, principal, NOW_US};
	return compose_text (&origin, siaga_text (text), list, words);
}

static void
test_compose_takes_objects_one_behind_the_other (void **state)
{
	(void) state;
	struct composed_list list = {0};
	char words[COMPOSE_WORDS];
	struct siaga_header header;
	struct siaga_body body;
	assert_int_equal (s_compose (&s_ani,
				     "{\"title\":\"a\"}\n{\"title\":\n \"b\",\"severity\":\"high\"}"
				     "{\"title\":\"c\"}\n\n",
				     &list, words),
			  0);
	assert_int_equal (list.count, 3);
	assert_string_equal (list.items[2].title, "c");
	struct siaga_bytes entry = {list.items[1].entry, list.items[1].size};
	assert_int_equal (siaga_entry_read (entry, &header, &body), 0);
	assert_memory_equal (header.id, list.items[1].id, SIAGA_ID_BYTES);
	assert_true (siaga_uuid_is_v7 (header.id));
	assert_true (siaga_text_is (header.origin, "bssn/ani"));
	assert_int_equal (header.created_us, NOW_US);
	assert_int_equal (header.severity, SIAGA_SEVERITY_HIGH);
	assert_memory_not_equal (list.items[0].id, list.items[1].id, SIAGA_ID_BYTES);
	composed_list_finish (&list);
}

static void
test_compose_of_nothing_is_nothing (void **state)
{
	(void) state;
	struct composed_list list = {0};
	char words[COMPOSE_WORDS];
	assert_int_equal (s_compose (&s_ani, " \n", &list, words), 0);
	assert_int_equal (s_compose (&s_ani, "", &list, words), 0);
	assert_int_equal (list.count, 0);
	composed_list_finish (&list);
}

static void
test_compose_names_the_line_that_is_wrong (void **state)
{
	(void) state;
	static const struct {
		const char *text;
		const char *words;
	} cases[] = {
		{"{\"title\":\"a\"}\n{\"titel\":\"b\"}\n", "line 2: titel"},
		{"{\"title\":\"a\"}\n\n{\"title\":\n", "line 4, column"},
		{"[]", "line 1"},
		{"{\"title\":\"a\",\"expires\":\"2026-11-24T07:59:59Z\"}",
		 "line 1: expires: has passed"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct composed_list list = {0};
		char words[COMPOSE_WORDS] = "";
		assert_int_not_equal (s_compose (&s_ani, cases[i].text, &list, words), 0);
		assert_non_null (strstr (words, cases[i].words));
		composed_list_finish (&list);
	}
}

static void
test_compose_asks_the_roster_first (void **state)
{
	(void) state;
	struct composed_list list = {0};
	char words[COMPOSE_WORDS] = "";
	assert_int_equal (s_compose (&s_reader, "{\"title\":\"a\"}", &list, words), SIAGA_EROLE);
	assert_non_null (strstr (words, "does not let bssn/tv publish"));
	composed_list_finish (&list);
}

static void
test_options_find_words_in_a_title_whatever_their_case (void **state)
{
	static const struct {
		const char *text, *title;
		bool found;
	} cases[] = {
		{NULL, "anything", true},
		{"", "", true},
		{"a", "", false},
		{"login", "LOGIN", true},
		{"Login", "a login", true},
		{"logins", "a login", false},
		{"n p", "login page", true},
		{"\xc3\x84", "\xc3\xa4", false}, /* ASCII letters only */
		{"long text", "short", false},
	};

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct options_filter filter = {.text = cases[i].text};
		assert_int_equal (options_filter_has_text (&filter, siaga_text (cases[i].title)),
				  cases[i].found);
	}
	/* A title is not ended by a NUL. */
	struct options_filter filter = {.text = "ab"};
	assert_false (options_filter_has_text (&filter, (struct siaga_text){"ab", 1}));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_options_duration_takes_units_and_plain_seconds),
		cmocka_unit_test (test_options_number_is_digits_within_its_bound),
		cmocka_unit_test (test_options_since_is_a_number_an_age_or_a_time),
		cmocka_unit_test (test_options_lists_are_given_again_or_with_commas),
		cmocka_unit_test (test_options_refuse_names_that_do_not_exist),
		cmocka_unit_test (test_options_refuse_more_values_than_a_filter_holds),
		cmocka_unit_test (test_options_hide_voids_and_roster_entries_unless_told),
		cmocka_unit_test (test_options_find_words_in_a_title_whatever_their_case),
		cmocka_unit_test (test_options_common_are_taken_by_every_verb),
		cmocka_unit_test (test_compose_takes_objects_one_behind_the_other),
		cmocka_unit_test (test_compose_of_nothing_is_nothing),
		cmocka_unit_test (test_compose_names_the_line_that_is_wrong),
		cmocka_unit_test (test_compose_asks_the_roster_first),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
