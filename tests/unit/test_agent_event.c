/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event's storage, and the way to a value of its record.
 */
#include "parser_fixture.h"

static json_t *
load (const char *text)
{
	json_t *object = json_loads (text, 0, NULL);
	assert_non_null (object);
	return object;
}

static void
test_agent_event_finds_values_by_path (void **state)
{
	json_t *record =
		load ("{\"alert\":{\"signature_id\":7},\"rule\":{\"groups\":[\"a\",\"b\"]},"
		      "\"id.orig_h\":\"192.0.2.1\",\"id\":{\"orig_h\":\"nested\",\"x\":1},"
		      "\"a.b\":{\"c.d\":{\"e\":5}},\"list\":[[1,2],{\"k\":3}]}");
	(void) state;
	assert_int_equal (json_integer_value (event_field (record, "alert.signature_id")), 7);
	assert_string_equal (json_string_value (event_field (record, "rule.groups.1")), "b");
	assert_string_equal (json_string_value (event_field (record, "id.orig_h")), "192.0.2.1");
	assert_int_equal (json_integer_value (event_field (record, "id.x")), 1);
	assert_int_equal (json_integer_value (event_field (record, "a.b.c.d.e")), 5);
	assert_int_equal (json_integer_value (event_field (record, "list.0.1")), 2);
	assert_int_equal (json_integer_value (event_field (record, "list.1.k")), 3);
	assert_true (json_is_object (event_field (record, "alert")));
	static const char *const none[] = {"",
					   ".",
					   "alert.",
					   ".alert",
					   "nothing",
					   "alert.x",
					   "rule.groups.2",
					   "rule.groups.x",
					   "rule.groups.-1",
					   "rule.groups.99999999",
					   "alert.signature_id.x"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_null (event_field (record, none[i]));
	json_decref (record);
}

static void
test_agent_event_goes_back_from_a_key_that_leads_nowhere (void **state)
{
	json_t *record = load ("{\"a.b\":{\"x\":1},\"a\":{\"b\":{\"c\":2}}}");
	(void) state;
	assert_int_equal (json_integer_value (event_field (record, "a.b.c")), 2);
	assert_int_equal (json_integer_value (event_field (record, "a.b.x")), 1);
	assert_null (event_field (record, "a.b.d"));
	json_decref (record);
}

static void
test_agent_event_keeps_clean_cut_text (void **state)
{
	static struct event event;
	(void) state;
	event_clear (&event);
	assert_text (event_keep (&event, "a\0b\xff", 4, 100), "a\xef\xbf\xbd"
							      "b\xef\xbf\xbd");
	assert_text (event_keep (&event, "\xe2\x82\xac\xe2\x82\xac", 6, 5), "\xe2\x82\xac");
	assert_text (event_keep (&event, "x", 0, 5), "");
	char *text = make_long ("", "x", EVENT_STORAGE_BYTES, "");
	struct siaga_text kept =
		event_keep (&event, text, EVENT_STORAGE_BYTES, EVENT_STORAGE_BYTES);
	assert_true (kept.size > EVENT_STORAGE_BYTES - 64 && kept.size < EVENT_STORAGE_BYTES);
	assert_int_equal (event_keep (&event, text, 10, 10).size, 0);
	event.fields = json_object ();
	event.header.detected_us = 5;
	event_clear (&event);
	assert_null (event.fields);
	assert_int_equal (event.header.detected_us, 0);
	assert_int_equal (event_keep (&event, text, 10, 10).size, 10);
	event_clear (&event);
	free (text);
}

static void
test_agent_map_reads_times_as_logs_write_them (void **state)
{
	(void) state;
	setenv ("TZ", "UTC", 1);
	assert_time (map_time_of_log (siaga_text ("2026-11-24T15:00:00.5+0700")),
		     "2026-11-24T08:00:00.500000Z");
	assert_time (map_time_of_log (siaga_text ("2026-11-24T08:00:00.25")),
		     "2026-11-24T08:00:00.250000Z");
	assert_time (map_time_of_log (siaga_text ("1795507200.25")), "2026-11-24T08:00:00.250000Z");
	assert_time (map_time_of_log (siaga_text ("24/Nov/2026:15:00:00 +0700")),
		     "2026-11-24T08:00:00.000000Z");
	assert_time (map_time_of_log (siaga_text ("2026-11-24 08:00:00")),
		     "2026-11-24T08:00:00.000000Z");
	assert_time (map_time_of_log (siaga_text ("2026/11/24 08:00:00")),
		     "2026-11-24T08:00:00.000000Z");
	static const char *const none[] = {"",	    "-",  "yesterday",	      "T",
					   "1e300", "-5", "9999999999999999", "nan"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal (map_time_of_log (siaga_text (none[i])), 0);
}

static void
test_agent_map_knows_words_of_severity (void **state)
{
	(void) state;
	assert_int_equal (map_severity_word (siaga_text ("CRITICAL")), SIAGA_SEVERITY_CRITICAL);
	assert_int_equal (map_severity_word (siaga_text ("Error")), SIAGA_SEVERITY_MEDIUM);
	assert_int_equal (map_severity_word (siaga_text ("warn")), SIAGA_SEVERITY_LOW);
	assert_int_equal (map_severity_word (siaga_text ("")), -1);
	assert_int_equal (map_severity_word (siaga_text ("what")), -1);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_event_finds_values_by_path),
		cmocka_unit_test (test_agent_event_goes_back_from_a_key_that_leads_nowhere),
		cmocka_unit_test (test_agent_event_keeps_clean_cut_text),
		cmocka_unit_test (test_agent_map_reads_times_as_logs_write_them),
		cmocka_unit_test (test_agent_map_knows_words_of_severity),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
