/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga/filter.h: which entries a filter lets through, and its one encoding.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "make_entry.h"
#include "siaga/filter.h"

#define ACCEPTED_US (MAKE_TIME_US + 1)

/* One condition, and whether the full sample alert (bssn/soc-1, exercise, high, likely,
   intrusion-attempts/brute-force, sirekap) meets it. */
struct match {
	const char *claim;
	struct siaga_filter filter;
	bool matches;
};

#define TEXT(string)                                                                               \
	{                                                                                          \
		string, sizeof string - 1                                                          \
	}
#define LIST1(a)                                                                                   \
	{                                                                                          \
		1,                                                                                 \
		{                                                                                  \
			TEXT (a)                                                                   \
		}                                                                                  \
	}
#define LIST2(a, b)                                                                                \
	{                                                                                          \
		2,                                                                                 \
		{                                                                                  \
			TEXT (a), TEXT (b)                                                         \
		}                                                                                  \
	}

static const struct match s_matches[] = {
	{"nothing asked", {.min_severity = 0}, true},
	{"severity below", {.min_severity = SIAGA_SEVERITY_MEDIUM}, true},
	{"severity equal", {.min_severity = SIAGA_SEVERITY_HIGH}, true},
	{"severity above", {.min_severity = SIAGA_SEVERITY_CRITICAL}, false},
	{"certainty equal", {.min_certainty = SIAGA_CERTAINTY_LIKELY}, true},
	{"certainty above", {.min_certainty = SIAGA_CERTAINTY_OBSERVED}, false},
	{"category", {.categories = LIST1 ("intrusion-attempts/brute-force")}, true},
	{"its class", {.categories = LIST1 ("intrusion-attempts")}, true},
	{"another type of its class", {.categories = LIST1 ("intrusion-attempts/exploit")}, false},
	{"another class", {.categories = LIST1 ("availability")}, false},
	{"a prefix that is no class", {.categories = LIST1 ("intrusion")}, false},
	{"one of two categories",
	 {.categories = LIST2 ("availability", "intrusion-attempts")},
	 true},
	{"system", {.systems = LIST1 ("sirekap")}, true},
	{"another system", {.systems = LIST1 ("silon")}, false},
	{"one of two systems", {.systems = LIST2 ("silon", "sirekap")}, true},
	{"principal", {.origins = LIST1 ("bssn/soc-1")}, true},
	{"its member", {.origins = LIST1 ("bssn")}, true},
	{"another principal of its member", {.origins = LIST1 ("bssn/soc-2")}, false},
	{"another member", {.origins = LIST1 ("polri")}, false},
	{"a member's prefix", {.origins = LIST1 ("bss")}, false},
	{"status", {.statuses = 1U << SIAGA_STATUS_EXERCISE}, true},
	{"another status", {.statuses = 1U << SIAGA_STATUS_ACTUAL}, false},
	{"either status",
	 {.statuses = 1U << SIAGA_STATUS_ACTUAL | 1U << SIAGA_STATUS_EXERCISE},
	 true},
	{"kind", {.kinds = 1U << SIAGA_KIND_ALERT}, true},
	{"another kind", {.kinds = 1U << SIAGA_KIND_RESPONSE}, false},
	{"accepted then", {.accepted_from_us = ACCEPTED_US}, true},
	{"accepted later", {.accepted_from_us = ACCEPTED_US + 1}, false},
	{"two conditions, both met", {.min_severity = 2, .systems = LIST1 ("sirekap")}, true},
	{"two conditions, one met", {.min_severity = 2, .systems = LIST1 ("silon")}, false},
};

static void
test_filter_lets_through_what_meets_every_condition (void **state)
{
	(void) state;
	struct siaga_header header;
	make_full_header (&header);
	for (size_t i = 0; i < sizeof s_matches / sizeof *s_matches; i++)
		if (siaga_filter_matches (&s_matches[i].filter, &header, ACCEPTED_US) !=
		    s_matches[i].matches)
			fail_msg ("%s", s_matches[i].claim);
}

static void
test_filter_on_category_or_system_does_not_match_an_entry_without (void **state)
{
	(void) state;
	struct siaga_header header;
	struct siaga_body body;
	make_response (&header, &body);
	const struct siaga_filter categories = {.categories = LIST1 ("other")};
	const struct siaga_filter systems = {.systems = LIST1 ("sirekap")};
	assert_false (siaga_filter_matches (&categories, &header, 0));
	assert_false (siaga_filter_matches (&systems, &header, 0));
}

static int
s_read (const uint8_t *data, size_t size, struct siaga_filter *filter)
{
	struct siaga_reader reader;
	siaga_reader_init (&reader, data, size);
	siaga_filter_read (&reader, filter);
	return siaga_reader_end (&reader);
}

static void
s_assert_round_trip (const struct siaga_filter *filter)
{
	uint8_t first[8192], second[8192];
	struct siaga_writer writer, again;
	struct siaga_filter read;
	siaga_writer_init (&writer, first, sizeof first);
	siaga_filter_write (&writer, filter);
	assert_int_equal (writer.error, 0);
	assert_int_equal (s_read (first, writer.size, &read), 0);
	assert_int_equal (read.min_severity, filter->min_severity);
	assert_int_equal (read.min_certainty, filter->min_certainty);
	assert_int_equal (read.categories.count, filter->categories.count);
	assert_int_equal (read.systems.count, filter->systems.count);
	assert_int_equal (read.origins.count, filter->origins.count);
	assert_int_equal (read.statuses, filter->statuses);
	assert_int_equal (read.kinds, filter->kinds);
	assert_int_equal (read.accepted_from_us, filter->accepted_from_us);
	siaga_writer_init (&again, second, sizeof second);
	siaga_filter_write (&again, &read);
	assert_int_equal (again.size, writer.size);
	assert_memory_equal (first, second, writer.size);
}

static void
test_filter_round_trips_each_condition (void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof s_matches / sizeof *s_matches; i++)
		s_assert_round_trip (&s_matches[i].filter);
}

static void
test_filter_round_trips_everything_at_its_limit (void **state)
{
	(void) state;
	struct siaga_filter filter = {.min_severity = 4,
				      .min_certainty = 4,
				      .statuses = 15,
				      .kinds = 127,
				      .accepted_from_us = SIAGA_OSEQ_MAX};
	for (size_t i = 0; i < SIAGA_FILTER_ITEMS_MAX; i++) {
		filter.categories.items[i] = siaga_text (siaga_category_at (i));
		filter.systems.items[i] = siaga_text ("sirekap");
		filter.origins.items[i] = siaga_text (i % 2 ? "bssn/soc-1" : "kpu");
	}
	filter.categories.count = filter.systems.count = filter.origins.count =
		SIAGA_FILTER_ITEMS_MAX;
	s_assert_round_trip (&filter);
}

static void
test_filter_that_asks_nothing_is_an_empty_map (void **state)
{
	(void) state;
	uint8_t bytes[8];
	struct siaga_writer writer;
	const struct siaga_filter filter = {.min_severity = 0};
	siaga_writer_init (&writer, bytes, sizeof bytes);
	siaga_filter_write (&writer, &filter);
	assert_int_equal (writer.size, 1);
	assert_int_equal (bytes[0], 0xa0);
}

static void
test_filter_with_17_items_is_not_written (void **state)
{
	(void) state;
	uint8_t bytes[64];
	struct siaga_writer writer;
	const struct siaga_filter filter = {.systems.count = SIAGA_FILTER_ITEMS_MAX + 1};
	siaga_writer_init (&writer, bytes, sizeof bytes);
	siaga_filter_write (&writer, &filter);
	assert_int_equal (writer.error, SIAGA_ELIMIT);
	assert_int_equal (writer.size, 0);
}

static void
test_filter_refuses_what_is_not_its_one_encoding (void **state)
{
	(void) state;
	static const struct {
		const char *claim;
		const char *hex;
		int error;
	} cases[] = {
		{"severity 0 is left out", "a10100", SIAGA_EMALFORMED},
		{"severity 5 is for later", "a10105", SIAGA_EUPGRADE},
		{"certainty 0 is left out", "a10200", SIAGA_EMALFORMED},
		{"certainty 5 is for later", "a10205", SIAGA_EUPGRADE},
		{"no empty list of categories", "a10380", SIAGA_EMALFORMED},
		{"no empty category", "a1038160", SIAGA_EMALFORMED},
		{"a category this version lacks matches nothing", "a103816178", 0},
		{"no empty list of systems", "a10480", SIAGA_EMALFORMED},
		{"a system has its shape", "a104816158", SIAGA_EMALFORMED},
		{"an origin has its shape", "a1058163612f2f", SIAGA_EMALFORMED},
		{"17 origins",
		 "a10591616161616161616161616161616161616161616161616161616161616161616161",
		 SIAGA_ELIMIT},
		{"statuses 0 are left out", "a10600", SIAGA_EMALFORMED},
		{"a status for later", "a10610", SIAGA_EUPGRADE},
		{"all kinds", "a107187f", 0},
		{"a kind for later", "a1071880", SIAGA_EUPGRADE},
		{"accepted from 0 is left out", "a10800", SIAGA_EMALFORMED},
		{"a condition for later", "a10900", SIAGA_EUPGRADE},
		{"a condition 0", "a10000", SIAGA_EUPGRADE},
		{"a condition twice", "a201010101", SIAGA_EMALFORMED},
		{"conditions out of order", "a202010101", SIAGA_EMALFORMED},
		{"not a map", "80", SIAGA_EMALFORMED},
		{"cut", "a101", SIAGA_EMALFORMED},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[64];
		struct siaga_filter filter;
		size_t size = strlen (cases[i].hex) / 2;
		assert_int_equal (siaga_hex_parse (bytes, size, siaga_text (cases[i].hex)), 0);
		int rc = s_read (bytes, size, &filter);
		if (rc != cases[i].error)
			fail_msg ("%s: got %s", cases[i].claim, siaga_error_id (rc));
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_filter_lets_through_what_meets_every_condition),
		cmocka_unit_test (
			test_filter_on_category_or_system_does_not_match_an_entry_without),
		cmocka_unit_test (test_filter_round_trips_each_condition),
		cmocka_unit_test (test_filter_round_trips_everything_at_its_limit),
		cmocka_unit_test (test_filter_that_asks_nothing_is_an_empty_map),
		cmocka_unit_test (test_filter_with_17_items_is_not_written),
		cmocka_unit_test (test_filter_refuses_what_is_not_its_one_encoding),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
