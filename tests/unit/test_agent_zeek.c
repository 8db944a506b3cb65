/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's notices in both forms: the same alert comes of the same notice.
 */
#include "parser_fixture.h"

#include "agent/zeek_table.h"

PARSER_SETUP (&parser_zeek, SOURCE_ZEEK, NULL)

static void
assert_the_notice (void)
{
	assert_time (s_event.header.detected_us, "2026-11-24T08:00:00.500000Z");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_MEDIUM);
	assert_text (s_event.header.category, "intrusion-attempts/brute-force");
	assert_text (s_event.body.title, "203.0.113.9 appears to be guessing SSH passwords");
	assert_text (s_event.body.description,
		     "SSH::Password_Guessing, tcp, Sampled servers: 10.47.1.1");
	assert_text (s_event.body.detector.tool, "zeek");
	assert_text (s_event.body.detector.rule_id, "SSH::Password_Guessing");
	assert_text (s_event.body.source[0].ip, "203.0.113.9");
	assert_int_equal (s_event.body.source[0].port, 40022);
	assert_text (s_event.body.target[0].ip, "10.47.1.1");
	assert_int_equal (s_event.body.target[0].port, 22);
	assert_valid_entry ();
}

static void
test_agent_zeek_maps_json (void **state)
{
	static const char *const times[] = {"1795507200.5", "\"2026-11-24T08:00:00.500000Z\""};
	(void) state;
	for (size_t i = 0; i < 2; i++) {
		char line[512];
		snprintf (
			line, sizeof line,
			"{\"ts\":%s,\"uid\":\"C1\",\"id.orig_h\":\"203.0.113.9\",\"id.orig_p\":40022,\"id.resp_h\":"
			"\"10.47.1.1\",\"id.resp_p\":22,\"proto\":\"tcp\",\"note\":\"SSH::Password_Guessing\",\"msg\":"
			"\"203.0.113.9 appears to be guessing SSH passwords\",\"sub\":\"Sampled servers: 10.47.1.1\"}",
			times[i]);
		assert_int_equal (map_string (line), 0);
		assert_the_notice ();
		assert_text (s_event.body.raw, line);
	}
}

#define HEAD                                                                                       \
	"#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",       \
		"#path\tnotice", "#open\t2026-11-24-08-00-00"
#define FIELDS                                                                                     \
	"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tnote\tmsg\tsub\tactions"
#define TYPES "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tenum\tstring\tstring\tset[enum]"
#define VALUES                                                                                     \
	"1795507200.500000\tC1\t203.0.113.9\t40022\t10.47.1.1\t22\ttcp\tSSH::Password_Guessing\t"  \
	"203.0.113.9 appears to be guessing SSH passwords\tSampled servers: 10.47.1.1\t"           \
	"Notice::ACTION_LOG,Notice::ACTION_EMAIL"

static void
read_head (void)
{
	static const char *const lines[] = {HEAD, FIELDS, TYPES};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal (map_string (lines[i]), SIAGA_ENOTFOUND);
}

static void
test_agent_zeek_maps_the_classic_form (void **state)
{
	(void) state;
	read_head ();
	assert_int_equal (map_string (VALUES), 0);
	assert_the_notice ();
	assert_text (s_event.body.raw, VALUES);
	assert_string_equal (json_string_value (event_field (s_event.fields, "actions.1")),
			     "Notice::ACTION_EMAIL");
	assert_string_equal (json_string_value (event_field (s_event.fields, "id.orig_h")),
			     "203.0.113.9");
	assert_int_equal (map_string ("#close\t2026-11-24-09-00-00"), SIAGA_ENOTFOUND);
}

static void
test_agent_zeek_reads_marks_and_escapes (void **state)
{
	(void) state;
	read_head ();
	assert_int_equal (
		map_string (
			"1\t-\t-\t-\t-\t-\t-\tScan::Port_Scan\ta\\x09b\\x5cxff\t(empty)\t(empty)"),
		0);
	assert_text (s_event.body.title, "a\tb\\xff");
	assert_int_equal (s_event.body.source_count, 0);
	assert_null (event_field (s_event.fields, "uid"));
	assert_string_equal (json_string_value (event_field (s_event.fields, "sub")), "");
	assert_int_equal (json_array_size (event_field (s_event.fields, "actions")), 0);
	assert_valid_entry ();
	/* Another log's head: another order, another separator. */
	assert_int_equal (map_string ("#separator \\x7c"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("#fields|note|msg"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("Weird::Activity|odd"), 0);
	assert_text (s_event.body.title, "odd");
}

static void
test_agent_zeek_refuses_values_without_their_names (void **state)
{
	(void) state;
	assert_int_equal (map_string (VALUES), SIAGA_EFORMAT);
	assert_non_null (strstr (s_words, "#fields"));
	read_head ();
	assert_int_equal (map_string ("too\tfew"), SIAGA_EFORMAT);
	assert_int_equal (map_string (VALUES "\tmany"), SIAGA_EFORMAT);
	assert_int_equal (map_string (""), SIAGA_EFORMAT);
	assert_int_equal (map_string ("#"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("#fields"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string (VALUES), 0); /* what was known stays */
	char *many = make_long ("#fields", "\tx", 300, "");
	assert_int_equal (map_string (many), SIAGA_EFORMAT);
	free (many);
}

static void
test_agent_zeek_passes_over_other_logs (void **state)
{
	(void) state;
	assert_int_equal (map_string ("{\"_path\":\"conn\",\"uid\":\"C1\"}"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("{\"note\":7}"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("{\"note\":\"-\"}"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("{\"note\""), SIAGA_EFORMAT);
}

static void
test_agent_zeek_knows_notices_by_a_table (void **state)
{
	(void) state;
	for (size_t i = 0; zeek_row_at (i); i++) {
		assert_true (siaga_category_is_valid (siaga_text (zeek_row_at (i)->category)));
		assert_in_range (zeek_row_at (i)->severity, 0, SIAGA_SEVERITY_CRITICAL);
		/* None stands behind one that takes its notices. */
		assert_ptr_equal (zeek_row (siaga_text (zeek_row_at (i)->word)), zeek_row_at (i));
	}
	assert_int_equal (
		zeek_row (siaga_text ("Heartbleed::SSL_Heartbeat_Attack_Success"))->severity,
		SIAGA_SEVERITY_CRITICAL);
	assert_string_equal (zeek_row (siaga_text ("Scan::Address_Scan"))->category,
			     "information-gathering/scanner");
	assert_string_equal (zeek_row (siaga_text ("My::Own_Notice"))->category,
			     "intrusion-attempts/ids-alert");
	assert_int_equal (map_string ("{\"note\":\"My::Own_Notice\"}"), 0);
	assert_text (s_event.body.title, "My::Own_Notice");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_MEDIUM);
}

static void
test_agent_zeek_maps_real_notices (void **state)
{
	(void) state;
	size_t alerts = map_file (test_path ("SIAGA_SHARED", "data/zeek-notice.json"));
	if (alerts == 0) {
		print_message ("no SIAGA_SHARED: real data not tested\n");
		skip ();
	}
	assert_int_equal (alerts, 207);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		PARSER_TEST (test_agent_zeek_maps_json),
		PARSER_TEST (test_agent_zeek_maps_the_classic_form),
		PARSER_TEST (test_agent_zeek_reads_marks_and_escapes),
		PARSER_TEST (test_agent_zeek_refuses_values_without_their_names),
		PARSER_TEST (test_agent_zeek_passes_over_other_logs),
		PARSER_TEST (test_agent_zeek_knows_notices_by_a_table),
		PARSER_TEST (test_agent_zeek_maps_real_notices),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
