/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/open_table.c: what is open after a stretch of the log, and in which order; expired, unknown, and too much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/open_table.h"
#include "render_fixture.h"

static struct open_table *s_table;
static struct render_fixture s_fixture;
static uint64_t s_number;

static int
begin (void **state)
{
	(void) state;
	s_table = open_table_new ();
	assert_non_null (s_table);
	render_fixture_init (&s_fixture);
	s_number = 0;
	return 0;
}

static int
end (void **state)
{
	(void) state;
	open_table_destroy (&s_table);
	return 0;
}

/* An alert whose id and leaf are made of its number; in the table under that number. */
static struct siaga_ref
add_alert (enum siaga_severity severity, uint64_t expires_us)
{
	struct siaga_header *header = &s_fixture.header;
	struct siaga_ref ref;
	s_fixture.entry.number = s_number++;
	memcpy (header->id + 8, &s_fixture.entry.number, 8);
	memcpy (s_fixture.entry.leaf, header->id, SIAGA_ID_BYTES);
	header->kind = SIAGA_KIND_ALERT;
	header->action = SIAGA_ACTION_NONE;
	header->ref_count = 0;
	header->severity = severity;
	header->expires_us = expires_us ? header->created_us + expires_us : 0;
	assert_int_equal (open_table_add (s_table, &s_fixture.entry, &s_fixture.roster), 0);
	memcpy (ref.id, header->id, sizeof ref.id);
	memcpy (ref.leaf, s_fixture.entry.leaf, sizeof ref.leaf);
	return ref;
}

static void
add_deed (struct siaga_ref ref, enum siaga_kind kind, enum siaga_action action)
{
	struct siaga_header *header = &s_fixture.header;
	s_fixture.entry.number = s_number++;
	header->kind = kind;
	header->action = action;
	header->ref_count = 1;
	header->refs[0] = ref;
	s_fixture.body.outcome = SIAGA_OUTCOME_BENIGN;
	assert_int_equal (open_table_add (s_table, &s_fixture.entry, &s_fixture.roster), 0);
}

/* The numbers of what is open `later_us` after all was accepted, as text. */
static const char *
look (uint64_t later_us)
{
	static char text[256];
	size_t count = 0, size = 0;
	const struct open_alert **list =
		open_table_list (s_table, s_fixture.entry.accepted_us + later_us, &count);
	assert_non_null (list);
	text[0] = '\0';
	for (size_t i = 0; i < count && size < sizeof text; i++)
		size += (size_t) snprintf (text + size, sizeof text - size, "%s%d", i ? " " : "",
					   (int) list[i]->number);
	free (list);
	return text;
}

static void
test_open_is_sorted_by_severity_and_age (void **state)
{
	(void) state;
	add_alert (SIAGA_SEVERITY_LOW, 0);
	add_alert (SIAGA_SEVERITY_CRITICAL, 0);
	struct siaga_ref ref = add_alert (SIAGA_SEVERITY_LOW, 0);
	add_alert (SIAGA_SEVERITY_CRITICAL, 0);
	assert_string_equal (look (0), "1 3 0 2");
	s_fixture.header.severity = SIAGA_SEVERITY_HIGH;
	add_deed (ref, SIAGA_KIND_UPDATE, SIAGA_ACTION_NONE);
	assert_string_equal (look (0), "1 3 2 0");
}

static void
test_open_has_what_is_real_before_exercises (void **state)
{
	(void) state;
	s_fixture.header.status = SIAGA_STATUS_EXERCISE;
	add_alert (SIAGA_SEVERITY_CRITICAL, 0);
	s_fixture.header.status = SIAGA_STATUS_ACTUAL;
	add_alert (SIAGA_SEVERITY_LOW, 0);
	s_fixture.header.status = SIAGA_STATUS_TEST;
	add_alert (SIAGA_SEVERITY_HIGH, 0);
	assert_string_equal (look (0), "1 0 2");
}

static void
test_open_follows_lives_by_the_very_bytes_meant (void **state)
{
	(void) state;
	struct siaga_ref ref = add_alert (SIAGA_SEVERITY_LOW, 0);
	struct siaga_ref other = ref;
	other.leaf[31] ^= 1;
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_TAKE);
	add_deed (other, SIAGA_KIND_RESPONSE, SIAGA_ACTION_RESOLVE);
	assert_string_equal (look (0), "0");
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_RESOLVE);
	assert_string_equal (look (0), "");
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_REOPEN);
	assert_string_equal (look (0), "0");
	add_deed (ref, SIAGA_KIND_CANCEL, SIAGA_ACTION_NONE);
	assert_string_equal (look (0), "");
}

static void
test_open_expired_is_over_unless_somebody_has_it (void **state)
{
	(void) state;
	add_alert (SIAGA_SEVERITY_LOW, 1000);
	struct siaga_ref ref = add_alert (SIAGA_SEVERITY_LOW, 1000);
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_TAKE);
	assert_string_equal (look (999), "0 1");
	assert_string_equal (look (1000), "1");
}

/* What is overdue so long after the last entry, and since when, of the only alert. */
static enum open_overdue
overdue (uint64_t later_us, uint64_t since_us)
{
	size_t count = 0;
	uint64_t now_us = s_fixture.entry.accepted_us + later_us, since = 0;
	const struct open_alert **list = open_table_list (s_table, now_us, &count);
	assert_int_equal (count, 1);
	enum open_overdue what = open_alert_overdue (list[0], now_us, &since);
	free (list);
	if (what != OPEN_IN_TIME)
		assert_int_equal (since, s_fixture.entry.accepted_us + since_us);
	return what;
}

static void
test_open_says_what_is_overdue (void **state)
{
	struct siaga_terms *terms = &s_fixture.play.terms.always;
	(void) state;
	s_fixture.play.system[0] = '\0';
	s_fixture.play.min_severity = SIAGA_SEVERITY_HIGH;
	terms->acknowledge_within_us = 10;
	terms->take_within_us = 20;
	terms->resolve_within_us = 30;
	struct siaga_ref ref = add_alert (SIAGA_SEVERITY_LOW, 0);
	assert_int_equal (overdue (100, 0), OPEN_IN_TIME);
	s_fixture.entry.accepted_us += 1000;
	s_fixture.header.severity = SIAGA_SEVERITY_HIGH;
	add_deed (ref, SIAGA_KIND_UPDATE, SIAGA_ACTION_NONE);
	assert_int_equal (overdue (9, 0), OPEN_IN_TIME);
	assert_int_equal (overdue (10, 10), OPEN_ACKNOWLEDGE);
	assert_int_equal (overdue (20, 20), OPEN_TAKE);
	assert_int_equal (overdue (30, 30), OPEN_RESOLVE);
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_ACKNOWLEDGE);
	assert_int_equal (overdue (19, 0), OPEN_IN_TIME);
	assert_int_equal (overdue (20, 20), OPEN_TAKE);
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_TAKE);
	assert_int_equal (overdue (29, 0), OPEN_IN_TIME);
	assert_int_equal (overdue (30, 30), OPEN_RESOLVE);
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_RESOLVE);
	s_fixture.entry.accepted_us += 1000;
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_REOPEN);
	assert_int_equal (overdue (9, 0), OPEN_IN_TIME);
	assert_int_equal (overdue (10, 10), OPEN_ACKNOWLEDGE);
}

static void
test_open_drops_the_oldest_and_says_how_many (void **state)
{
	size_t count = 0;
	(void) state;
	struct siaga_ref ref = add_alert (SIAGA_SEVERITY_LOW, 0);
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_TAKE);
	for (size_t i = 1; i < OPEN_ALERTS_MAX + 3; i++)
		add_alert (SIAGA_SEVERITY_LOW, 0);
	assert_int_equal (open_table_dropped (s_table), 3);
	const struct open_alert **list = open_table_list (s_table, 1, &count);
	assert_int_equal (count, OPEN_ALERTS_MAX);
	assert_int_equal (list[0]->number, 4); /* 0 to 3 without 1, which was the deed */
	free (list);
	add_deed (ref, SIAGA_KIND_RESPONSE, SIAGA_ACTION_RESOLVE); /* of one that is gone */
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		CASE (test_open_is_sorted_by_severity_and_age),
		CASE (test_open_has_what_is_real_before_exercises),
		CASE (test_open_follows_lives_by_the_very_bytes_meant),
		CASE (test_open_expired_is_over_unless_somebody_has_it),
		CASE (test_open_says_what_is_overdue),
		CASE (test_open_drops_the_oldest_and_says_how_many),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
