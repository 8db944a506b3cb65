/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text log through a pattern: its named groups become the alert.
 */
#include "parser_fixture.h"

static char s_pattern[] =
	"^(?<time>\\S+ \\S+) (?<severity>\\w+) (?<src_ip>\\S+):(?<src_port>\\d+) -> (?<dst_ip>\\S+):(?<dst_port>\\d+)"
	"(?: user=(?<user>\\S+))?(?: host=(?<host>\\S+))?(?: url=(?<url>\\S+))?(?: cat=(?<category>\\S+))?"
	"(?: rule=(?<rule_id>\\S+))?: (?<title>.*?)(?: \\[(?<own>.*)\\])?$";

PARSER_SETUP (&parser_lines, SOURCE_LINES, s_pattern)

static void
test_agent_lines_maps_named_groups (void **state)
{
	static const char line[] =
		"2026-11-24 08:00:00 HIGH 203.0.113.9:4444 -> 10.47.1.1:80 user=budi host=silon url=/x "
		"cat=availability/dos rule=r7: Too many requests [extra]";
	(void) state;
	assert_int_equal (map_string (line), 0);
	assert_time (s_event.header.detected_us, "2026-11-24T08:00:00.000000Z");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_HIGH);
	assert_text (s_event.header.category, "availability/dos");
	assert_text (s_event.body.title, "Too many requests");
	assert_text (s_event.body.source[0].ip, "203.0.113.9");
	assert_int_equal (s_event.body.source[0].port, 4444);
	assert_text (s_event.body.target[0].ip, "10.47.1.1");
	assert_int_equal (s_event.body.target[0].port, 80);
	assert_text (s_event.body.target[0].user, "budi");
	assert_text (s_event.body.target[0].host, "silon");
	assert_text (s_event.body.target[0].url, "/x");
	assert_text (s_event.body.detector.tool, "test");
	assert_text (s_event.body.detector.rule_id, "r7");
	assert_text (s_event.body.detector.native_severity, "HIGH");
	assert_string_equal (json_string_value (event_field (s_event.fields, "own")), "extra");
	assert_string_equal (json_string_value (event_field (s_event.fields, "message")), line);
	assert_text (s_event.body.raw, line);
	assert_valid_entry ();
}

static void
test_agent_lines_passes_over_what_does_not_match (void **state)
{
	(void) state;
	assert_int_equal (map_string ("something else"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string (""), SIAGA_ENOTFOUND);
}

static void
test_agent_lines_leaves_out_what_has_another_shape (void **state)
{
	(void) state;
	assert_int_equal (
		map_string ("no time whatever nobody:1 -> 10.47.1.1:99999 cat=x/y: words"), 0);
	assert_int_equal (s_event.header.detected_us, 0);
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_MEDIUM);
	assert_text (s_event.header.category, "other/undetermined");
	assert_text (s_event.body.source[0].ip, "");
	assert_int_equal (s_event.body.source[0].port, 1);
	assert_int_equal (s_event.body.target[0].port, 0);
	assert_valid_entry ();
}

static void
test_agent_lines_takes_any_bytes (void **state)
{
	(void) state;
	assert_int_equal (map_string ("a b c d:1 -> e:2: caf\xe9 \xff"), 0);
	assert_text (s_event.body.title, "caf\xef\xbf\xbd \xef\xbf\xbd");
	assert_valid_entry ();
	char *line = make_long ("a b c d:1 -> e:2: ", "x", 100000, "");
	assert_int_equal (map_string (line), 0);
	assert_int_equal (s_event.body.title.size, SIAGA_TITLE_MAX);
	assert_valid_entry ();
	free (line);
}

static void
test_agent_lines_gives_up_on_a_pattern_that_takes_for_ever (void **state)
{
	static char evil[] = "^(?<title>(a+)+)$";
	(void) state;
	end_parser ();
	begin_parser (&parser_lines, SOURCE_LINES, evil);
	char *line = make_long ("", "a", 5000, "!");
	assert_int_equal (map_string (line), SIAGA_EFORMAT);
	assert_non_null (strstr (s_words, "too long"));
	assert_int_equal (map_string ("aaa"), 0);
	assert_text (s_event.body.title, "aaa");
	free (line);
}

static void
test_agent_lines_without_a_title_is_the_whole_line (void **state)
{
	static char pattern[] = "from (?<src_ip>[0-9.]+)";
	(void) state;
	end_parser ();
	begin_parser (&parser_lines, SOURCE_LINES, pattern);
	assert_int_equal (map_string ("denied from 192.0.2.1 at noon"), 0);
	assert_text (s_event.body.title, "denied from 192.0.2.1 at noon");
	assert_text (s_event.body.source[0].ip, "192.0.2.1");
	assert_int_equal (s_event.body.target_count, 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		PARSER_TEST (test_agent_lines_maps_named_groups),
		PARSER_TEST (test_agent_lines_passes_over_what_does_not_match),
		PARSER_TEST (test_agent_lines_leaves_out_what_has_another_shape),
		PARSER_TEST (test_agent_lines_takes_any_bytes),
		PARSER_TEST (test_agent_lines_gives_up_on_a_pattern_that_takes_for_ever),
		PARSER_TEST (test_agent_lines_without_a_title_is_the_whole_line),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
