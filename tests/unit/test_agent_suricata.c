/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's events: every field of an alert arrives, everything else is passed over, and nothing
 * hostile in a line stops the alert or leaves its field.
 */
#include "parser_fixture.h"

#include "agent/suricata.h"

PARSER_SETUP (&parser_eve, SOURCE_EVE, NULL)

static const char s_line[] =
	"{\"timestamp\":\"2026-11-24T15:00:00.123456+0700\",\"flow_id\":9285320499245311234,\"in_iface\":\"eth0\","
	"\"event_type\":\"alert\",\"src_ip\":\"203.0.113.9\",\"src_port\":40000,\"dest_ip\":\"10.47.8.150\","
	"\"dest_port\":443,\"proto\":\"TCP\",\"app_proto\":\"http\",\"alert\":{\"action\":\"allowed\",\"gid\":1,"
	"\"signature_id\":2001219,\"rev\":20,\"signature\":\"ET SCAN Potential SSH Scan\","
	"\"category\":\"Attempted Information Leak\",\"severity\":2},"
	"\"http\":{\"hostname\":\"sirekap.kpu.example\",\"url\":\"\\/login?a=1\",\"status\":200}}";

static void
test_agent_suricata_maps_every_field (void **state)
{
	char time[SIAGA_TIME_TEXT];
	(void) state;
	s_defaults.system = siaga_text ("sirekap");
	s_defaults.tlp = SIAGA_TLP_GREEN;
	s_defaults.status = SIAGA_STATUS_EXERCISE;
	s_defaults.audience[0] = siaga_text ("bssn");
	s_defaults.audience_count = 1;
	assert_int_equal (map_string (s_line), 0);
	siaga_time_text (time, s_event.header.detected_us);
	assert_string_equal (time, "2026-11-24T08:00:00.123456Z");
	assert_int_equal (s_event.header.kind, SIAGA_KIND_ALERT);
	assert_int_equal (s_event.header.status, SIAGA_STATUS_EXERCISE);
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_MEDIUM);
	assert_int_equal (s_event.header.certainty, SIAGA_CERTAINTY_LIKELY);
	assert_int_equal (s_event.header.tlp, SIAGA_TLP_GREEN);
	assert_int_equal (s_event.header.expires_us, 0);
	assert_text (s_event.header.category, "information-gathering/scanner");
	assert_text (s_event.header.system, "sirekap");
	assert_int_equal (s_event.header.audience_count, 1);
	assert_text (s_event.header.audience[0], "bssn");
	assert_text (s_event.body.title, "ET SCAN Potential SSH Scan");
	assert_text (s_event.body.description,
		     "TCP, http, allowed, in eth0, Attempted Information Leak");
	assert_int_equal (s_event.body.source_count, 1);
	assert_text (s_event.body.source[0].ip, "203.0.113.9");
	assert_int_equal (s_event.body.source[0].port, 40000);
	assert_int_equal (s_event.body.target_count, 1);
	assert_text (s_event.body.target[0].ip, "10.47.8.150");
	assert_int_equal (s_event.body.target[0].port, 443);
	assert_text (s_event.body.target[0].host, "sirekap.kpu.example");
	assert_text (s_event.body.target[0].url, "/login?a=1");
	assert_text (s_event.body.detector.tool, "suricata");
	assert_text (s_event.body.detector.rule_id, "1:2001219:20");
	assert_text (s_event.body.detector.rule, "ET SCAN Potential SSH Scan");
	assert_text (s_event.body.detector.native_severity, "2");
	assert_int_equal (s_event.body.count, 0);
	assert_text (s_event.body.raw, s_line);
	assert_valid_entry ();
}

static void
test_agent_suricata_severity_one_is_high (void **state)
{
	static const struct {
		const char *json;
		enum siaga_severity severity;
	} cases[] = {
		{"1", SIAGA_SEVERITY_HIGH},   {"2", SIAGA_SEVERITY_MEDIUM},
		{"3", SIAGA_SEVERITY_LOW},    {"4", SIAGA_SEVERITY_INFO},
		{"255", SIAGA_SEVERITY_INFO}, {"0", SIAGA_SEVERITY_INFO},
		{"-1", SIAGA_SEVERITY_INFO},  {"\"1\"", SIAGA_SEVERITY_HIGH},
		{"1.0", SIAGA_SEVERITY_HIGH}, {"null", SIAGA_SEVERITY_INFO},
		{"[1]", SIAGA_SEVERITY_INFO},
	};
	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char line[256];
		snprintf (
			line, sizeof line,
			"{\"event_type\":\"alert\",\"alert\":{\"signature\":\"s\",\"severity\":%s}}",
			cases[i].json);
		assert_int_equal (map_string (line), 0);
		assert_int_equal (s_event.header.severity, cases[i].severity);
	}
}

static void
test_agent_suricata_knows_every_classification (void **state)
{
	size_t count = 0;
	(void) state;
	for (; suricata_category_at (count); count++) {
		struct siaga_text category = suricata_category (suricata_category_at (count));
		assert_true (siaga_category_is_valid (category));
	}
	assert_true (count >= 43);
	assert_text (suricata_category ("A Network Trojan was detected"),
		     "malicious-code/infected-system");
	assert_text (suricata_category ("a network trojan WAS detected"),
		     "malicious-code/infected-system");
	assert_text (suricata_category ("Attempted Denial of Service"), "availability/dos");
	assert_text (suricata_category ("Web Application Attack"), "intrusion-attempts/exploit");
	assert_text (suricata_category ("Misc Attack"), "intrusion-attempts/ids-alert");
	assert_text (suricata_category ("never heard of"), "intrusion-attempts/ids-alert");
	assert_text (suricata_category (""), "intrusion-attempts/ids-alert");
}

static void
test_agent_suricata_takes_the_server_name_from_tls (void **state)
{
	(void) state;
	assert_int_equal (
		map_string ("{\"event_type\":\"alert\",\"dest_ip\":\"2001:DB8::1\",\"alert\":"
			    "{\"signature\":\"s\"},\"tls\":{\"sni\":\"silon.kpu.example\"}}"),
		0);
	assert_text (s_event.body.target[0].host, "silon.kpu.example");
	assert_text (s_event.body.target[0].ip, "2001:db8::1");
	assert_int_equal (s_event.body.source_count, 0);
}

static void
test_agent_suricata_server_that_answers_is_the_source (void **state)
{
	(void) state;
	assert_int_equal (
		map_string (
			"{\"event_type\":\"alert\",\"direction\":\"to_client\",\"src_ip\":\"192.0.2.1\","
			"\"dest_ip\":\"10.47.1.1\",\"alert\":{\"signature\":\"s\"},"
			"\"http\":{\"hostname\":\"bad.example\",\"url\":\"/x.exe\"}}"),
		0);
	assert_text (s_event.body.source[0].host, "bad.example");
	assert_text (s_event.body.source[0].url, "/x.exe");
	assert_text (s_event.body.target[0].host, "");
}

static void
test_agent_suricata_passes_over_other_events (void **state)
{
	(void) state;
	assert_false (
		suricata_may_be_alert (siaga_text ("{\"event_type\":\"flow\",\"alerted\":true}")));
	assert_false (suricata_may_be_alert (siaga_text ("")));
	assert_false (suricata_may_be_alert (siaga_text ("{\"event_type\":\"alert")));
	assert_false (suricata_may_be_alert (siaga_text ("\"event_type\"")));
	assert_true (suricata_may_be_alert (siaga_text (s_line)));
	assert_true (suricata_may_be_alert (siaga_text ("{\"event_type\" :\t\"alert\"}")));
	/* Text inside a string is escaped and does not look so; a field below the top does, and is
	   parsed away. */
	assert_false (suricata_may_be_alert (siaga_text (
		"{\"event_type\":\"http\",\"url\":\"\\\"event_type\\\":\\\"alert\\\"\"}")));
	const char *nested = "{\"x\":{\"event_type\":\"alert\"},\"event_type\":\"flow\"}";
	assert_true (suricata_may_be_alert (siaga_text (nested)));
	assert_int_equal (map_string (nested), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("{\"event_type\":7}"), SIAGA_ENOTFOUND);
	assert_int_equal (map_string ("[\"event_type\",\"alert\"]"), SIAGA_ENOTFOUND);
}

static void
test_agent_suricata_refuses_what_is_no_alert (void **state)
{
	(void) state;
	assert_int_equal (map_string (""), SIAGA_EFORMAT);
	assert_int_equal (map_string ("{\"event_type\":\"alert\""), SIAGA_EFORMAT);
	assert_true (s_words[0] != '\0');
	assert_int_equal (map_string ("{\"event_type\":\"alert\"}"), SIAGA_EFORMAT);
	assert_int_equal (map_string ("{\"event_type\":\"alert\",\"alert\":[]}"), SIAGA_EFORMAT);
	assert_int_equal (map_string ("{\"event_type\":\"alert\",\"alert\":{\"signature\":\"\"}}"),
			  SIAGA_EFORMAT);
	assert_int_equal (map_string ("{\"event_type\":\"alert\",\"alert\":{\"signature_id\":5}}"),
			  0);
	assert_text (s_event.body.title, "Suricata rule 1:5:0");
}

static void
test_agent_suricata_leaves_out_what_has_the_wrong_type (void **state)
{
	(void) state;
	assert_int_equal (
		map_string (
			"{\"event_type\":\"alert\",\"timestamp\":5,\"src_ip\":\"not an ip\",\"src_port\":"
			"\"80\",\"dest_ip\":{},\"dest_port\":99999,\"proto\":7,\"in_iface\":[],\"http\":"
			"\"x\",\"tls\":[1],\"alert\":{\"signature\":\"s\",\"category\":9,\"gid\":\"x\","
			"\"signature_id\":\"12\",\"rev\":1e99}}"),
		0);
	assert_int_equal (s_event.header.detected_us, 0);
	assert_text (s_event.header.category, "intrusion-attempts/ids-alert");
	assert_int_equal (s_event.body.source_count, 1);
	assert_text (s_event.body.source[0].ip, "");
	assert_int_equal (s_event.body.source[0].port, 80);
	assert_int_equal (s_event.body.target_count, 0);
	assert_text (s_event.body.description, "");
	assert_text (s_event.body.detector.rule_id, "1:12:0");
	assert_valid_entry ();
}

static void
test_agent_suricata_keeps_payload_only_when_asked (void **state)
{
	static const char line[] =
		"{\"event_type\":\"alert\",\"alert\":{\"signature\":\"s\"},\"payload\":\"c2VjcmV0\","
		"\"payload_printable\":\"secret\",\"packet\":\"AAAA\",\"flow_id\":12,"
		"\"http\":{\"url\":\"/\",\"http_response_body\":\"c2VjcmV0\"}}";
	(void) state;
	assert_int_equal (map_string (line), 0);
	assert_text (s_event.body.raw,
		     "{\"event_type\":\"alert\",\"alert\":{\"signature\":\"s\"},\"flow_id\":12,"
		     "\"http\":{\"url\":\"/\"}}");
	s_source.keep_payload = true;
	assert_int_equal (map_string (line), 0);
	assert_text (s_event.body.raw, line);
	s_source.keep_raw = false;
	assert_int_equal (map_string (line), 0);
	assert_text (s_event.body.raw, "");
}

static void
test_agent_suricata_cuts_long_texts_at_a_character (void **state)
{
	char *line = make_long ("{\"event_type\":\"alert\",\"alert\":{\"signature\":\"",
				"\xe2\x82\xac", 20000, "\"},\"src_port\":1}");
	(void) state;
	assert_int_equal (map_string (line), 0);
	assert_int_equal (s_event.body.title.size, SIAGA_TITLE_MAX / 3 * 3);
	assert_int_equal (s_event.body.detector.rule.size, SIAGA_FIELD_MAX / 3 * 3);
	assert_true (s_event.body.raw.size <= SIAGA_RAW_MAX &&
		     s_event.body.raw.size > SIAGA_RAW_MAX - 4);
	assert_true (siaga_utf8_is_valid (s_event.body.raw));
	assert_valid_entry ();
	free (line);
}

static void
test_agent_suricata_survives_every_field_at_its_longest (void **state)
{
	char *name = make_long ("", "h", 5000, "");
	char *line;
	(void) state;
	assert_true (
		asprintf (
			&line,
			"{\"event_type\":\"alert\",\"alert\":{\"signature\":\"%s\",\"category\":\"%s\","
			"\"action\":\"%s\",\"severity\":\"%s\"},\"proto\":\"%s\",\"app_proto\":\"%s\",\"in_iface\":"
			"\"%s\",\"http\":{\"hostname\":\"%s\",\"url\":\"%s\"},\"src_port\":1}",
			name, name, name, name, name, name, name, name, name) > 0);
	assert_int_equal (map_string (line), 0);
	assert_int_equal (s_event.body.target[0].host.size, SIAGA_FIELD_MAX);
	assert_int_equal (s_event.body.target[0].url.size, SIAGA_FIELD_MAX);
	assert_int_equal (s_event.body.raw.size, SIAGA_RAW_MAX);
	assert_valid_entry ();
	free (line);
	free (name);
}

static void
test_agent_suricata_cleans_nul_and_broken_utf8 (void **state)
{
	(void) state;
	assert_int_equal (
		map_string ("{\"event_type\":\"alert\",\"alert\":{\"signature\":\"a\\u0000b\xff"
			    "c\"}}"),
		0);
	assert_text (s_event.body.title, "a\xef\xbf\xbd"
					 "b\xef\xbf\xbd"
					 "c");
	assert_valid_entry ();
	assert_int_equal (
		map_string ("{\"event_type\":\"alert\",\"alert\":{\"signature\":\"\\ud800x\"}}"),
		SIAGA_EFORMAT);
}

static void
test_agent_suricata_survives_a_depth_bomb (void **state)
{
	char *line =
		make_long ("{\"event_type\":\"alert\",\"alert\":{\"signature\":\"s\"},\"x\":", "[",
			   300000, "");
	(void) state;
	assert_true (suricata_may_be_alert (siaga_text (line)));
	assert_int_equal (map_string (line), SIAGA_EFORMAT);
	free (line);
}

static void
test_agent_suricata_takes_numbers_beyond_64_bits (void **state)
{
	(void) state;
	assert_int_equal (
		map_string (
			"{\"event_type\":\"alert\",\"flow_id\":99999999999999999999,\"src_port\":80,"
			"\"alert\":{\"signature\":\"s\",\"severity\":1,\"signature_id\":7}}"),
		0);
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_HIGH);
	assert_int_equal (s_event.body.source[0].port, 80);
	assert_text (s_event.body.detector.rule_id, "1:7:0");
}

static void
test_agent_suricata_maps_the_demonstration (void **state)
{
	(void) state;
	size_t alerts = map_file (test_path ("SIAGA_SOURCE_DIR", "doc/demo/eve.json"));
	assert_true (alerts >= 25);
}

static void
test_agent_suricata_maps_real_alerts (void **state)
{
	(void) state;
	size_t wrccdc = map_file (test_path ("SIAGA_SHARED", "data/eve-wrccdc-2018.json"));
	size_t honeypot = map_file (test_path ("SIAGA_SHARED", "data/eve-honeypot-2018.json"));
	if (wrccdc + honeypot == 0) {
		print_message ("no SIAGA_SHARED: real data not tested\n");
		skip ();
	}
	assert_int_equal (wrccdc, 207);
	assert_int_equal (honeypot, 44);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		PARSER_TEST (test_agent_suricata_maps_every_field),
		PARSER_TEST (test_agent_suricata_severity_one_is_high),
		PARSER_TEST (test_agent_suricata_knows_every_classification),
		PARSER_TEST (test_agent_suricata_takes_the_server_name_from_tls),
		PARSER_TEST (test_agent_suricata_server_that_answers_is_the_source),
		PARSER_TEST (test_agent_suricata_passes_over_other_events),
		PARSER_TEST (test_agent_suricata_refuses_what_is_no_alert),
		PARSER_TEST (test_agent_suricata_leaves_out_what_has_the_wrong_type),
		PARSER_TEST (test_agent_suricata_keeps_payload_only_when_asked),
		PARSER_TEST (test_agent_suricata_cuts_long_texts_at_a_character),
		PARSER_TEST (test_agent_suricata_survives_every_field_at_its_longest),
		PARSER_TEST (test_agent_suricata_cleans_nul_and_broken_utf8),
		PARSER_TEST (test_agent_suricata_survives_a_depth_bomb),
		PARSER_TEST (test_agent_suricata_takes_numbers_beyond_64_bits),
		PARSER_TEST (test_agent_suricata_maps_the_demonstration),
		PARSER_TEST (test_agent_suricata_maps_real_alerts),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
