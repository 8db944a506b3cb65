/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wazuh's alerts: levels, groups and tactics, endpoints from the many names that `data` has for them, and Suricata's
 * alerts within them.
 */
#include "parser_fixture.h"

#include "agent/jail.h"
#include "agent/wazuh_table.h"

PARSER_SETUP (&parser_wazuh, SOURCE_WAZUH, NULL)

static const char s_line[] =
	"{\"timestamp\":\"2026-11-24T15:00:00.123+0700\",\"rule\":{\"level\":10,\"description\":\"sshd: brute force\","
	"\"id\":\"5712\",\"groups\":[\"syslog\",\"sshd\",\"authentication_failures\"],\"mitre\":{\"id\":[\"T1110\"],"
	"\"tactic\":[\"Credential Access\"],\"technique\":[\"Brute Force\"]}},\"agent\":{\"id\":\"003\",\"name\":\"silon-db\","
	"\"ip\":\"10.47.2.9\"},\"manager\":{\"name\":\"wazuh1\"},\"id\":\"1795507200.77\",\"decoder\":{\"name\":\"sshd\"},"
	"\"full_log\":\"Failed password for root\\nmore\",\"location\":\"/var/log/auth.log\","
	"\"data\":{\"srcip\":\"203.0.113.9\",\"srcport\":\"40022\",\"dstuser\":\"root\"}}";

static void
test_agent_wazuh_maps_every_field (void **state)
{
	(void) state;
	assert_int_equal (map_string (s_line), 0);
	assert_time (s_event.header.detected_us, "2026-11-24T08:00:00.123000Z");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_MEDIUM);
	assert_text (s_event.header.category, "intrusion-attempts/brute-force");
	assert_text (s_event.body.title, "sshd: brute force");
	assert_text (s_event.body.description,
		     "Failed password for root, in /var/log/auth.log, MITRE: Brute Force");
	assert_int_equal (s_event.body.source_count, 1);
	assert_text (s_event.body.source[0].ip, "203.0.113.9");
	assert_int_equal (s_event.body.source[0].port, 40022);
	assert_int_equal (s_event.body.target_count, 1);
	assert_text (s_event.body.target[0].ip, "10.47.2.9");
	assert_text (s_event.body.target[0].host, "silon-db");
	assert_text (s_event.body.target[0].user, "root");
	assert_text (s_event.body.detector.tool, "wazuh");
	assert_text (s_event.body.detector.rule_id, "5712");
	assert_text (s_event.body.detector.rule, "sshd: brute force");
	assert_text (s_event.body.detector.native_severity, "10");
	assert_text (s_event.own_id, "wazuh wazuh1 1795507200.77");
	assert_text (s_event.body.raw, s_line);
	assert_valid_entry ();
}

static void
test_agent_wazuh_levels_are_severities (void **state)
{
	static const enum siaga_severity severities[] = {
		0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4,
	};
	(void) state;
	for (int level = 0; level < 17; level++) {
		char line[128];
		assert_int_equal (wazuh_severity (level), severities[level]);
		snprintf (line, sizeof line, "{\"rule\":{\"level\":\"%d\",\"description\":\"d\"}}",
			  level);
		assert_int_equal (map_string (line), 0);
		assert_int_equal (s_event.header.severity, severities[level]);
	}
}

static struct siaga_text
category_of (const char *rule)
{
	char line[512];
	snprintf (line, sizeof line, "{\"rule\":{\"description\":\"d\",%s}}", rule);
	assert_int_equal (map_string (line), 0);
	return s_event.header.category;
}

static void
test_agent_wazuh_groups_are_categories (void **state)
{
	(void) state;
	for (size_t i = 0; wazuh_row_at (i); i++)
		assert_true (siaga_category_is_valid (siaga_text (wazuh_row_at (i)->category)));
	assert_text (
		category_of (
			"\"groups\":[\"windows\",\"authentication_success\"],\"mitre\":{\"tactic\":[\"Initial Access\"]}"),
		"other/other");
	assert_text (category_of ("\"groups\":[\"syslog\",\"authentication_failed\",\"attack\"]"),
		     "intrusion-attempts/exploit");
	assert_text (
		category_of ("\"groups\":[\"ossec\",\"syscheck\",\"syscheck_entry_modified\"]"),
		"information-content-security/unauthorised-information-modification");
	assert_text (category_of ("\"groups\":[\"x\"],\"mitre\":{\"tactic\":[\"Exfiltration\"]}"),
		     "information-content-security/data-leak");
	assert_text (category_of ("\"groups\":\"x\",\"mitre\":[]"), "intrusion-attempts/ids-alert");
	assert_string_equal (jail_category (siaga_text ("http-get-dos")), "availability/dos");
	assert_string_equal (jail_category (siaga_text ("sshd")), "intrusion-attempts/brute-force");
	assert_string_equal (jail_category (siaga_text (NULL)), "intrusion-attempts/brute-force");
}

static void
test_agent_wazuh_maps_a_changed_file (void **state)
{
	(void) state;
	assert_int_equal (
		map_string (
			"{\"rule\":{\"level\":7,\"description\":\"Integrity checksum changed.\",\"groups\":[\"syscheck\"]},"
			"\"agent\":{\"name\":\"web1\"},\"syscheck\":{\"path\":\"/etc/passwd\",\"sha256_after\":"
			"\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}}"),
		0);
	assert_text (s_event.body.target[0].file, "/etc/passwd");
	assert_text (s_event.body.target[0].hash,
		     "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_text (s_event.body.target[0].host, "web1");
	assert_valid_entry ();
}

static void
test_agent_wazuh_recognises_suricata (void **state)
{
	static const char line[] =
		"{\"timestamp\":\"2026-11-24T15:00:01+0700\",\"rule\":{\"level\":3,\"description\":\"Suricata: Alert - x\",\"id\":\"86601\","
		"\"groups\":[\"ids\",\"suricata\"]},\"id\":\"1.2\",\"full_log\":\"{...secret...}\",\"data\":{\"event_type\":\"alert\","
		"\"timestamp\":\"2026-11-24T15:00:00.5+0700\",\"src_ip\":\"203.0.113.9\",\"src_port\":\"4444\",\"dest_ip\":\"10.47.1.1\","
		"\"dest_port\":\"80\",\"payload\":\"c2VjcmV0\",\"alert\":{\"gid\":\"1\",\"signature_id\":\"2019401\",\"rev\":\"3\","
		"\"signature\":\"ET SCAN x\",\"category\":\"Misc activity\",\"severity\":\"1\"}}}";
	(void) state;
	assert_int_equal (map_string (line), 0);
	assert_text (s_event.body.detector.tool, "suricata");
	assert_text (s_event.body.detector.rule_id, "1:2019401:3");
	assert_text (s_event.body.title, "ET SCAN x");
	assert_int_equal (s_event.header.severity, SIAGA_SEVERITY_HIGH);
	assert_text (s_event.header.category, "information-gathering/scanner");
	assert_time (s_event.header.detected_us, "2026-11-24T08:00:00.500000Z");
	assert_int_equal (s_event.body.source[0].port, 4444);
	assert_int_equal (s_event.body.target[0].port, 80);
	assert_text (s_event.own_id, "wazuh  1.2");
	assert_null (memmem (s_event.body.raw.data, s_event.body.raw.size, "c2VjcmV0", 8));
	assert_null (memmem (s_event.body.raw.data, s_event.body.raw.size, "secret", 6));
	s_source.keep_payload = true;
	assert_int_equal (map_string (line), 0);
	assert_text (s_event.body.raw, line);
}

static void
test_agent_wazuh_takes_what_is_there (void **state)
{
	(void) state;
	assert_int_equal (map_string ("{\"rule\":{\"id\":\"7\"}}"), 0);
	assert_text (s_event.body.title, "Wazuh rule 7");
	assert_int_equal (s_event.own_id.size, 0);
	assert_int_equal (s_event.body.target_count, 0);
	assert_valid_entry ();
	assert_int_equal (map_string ("{\"rule\":{\"description\":7}}"), SIAGA_EFORMAT);
	assert_int_equal (map_string ("{\"rule\":[]}"), SIAGA_EFORMAT);
	assert_int_equal (map_string ("{\"wazuh\":{\"version\":5}}"), SIAGA_EFORMAT);
	assert_int_equal (map_string ("[]"), SIAGA_EFORMAT);
	assert_int_equal (map_string ("{"), SIAGA_EFORMAT);
	assert_true (s_words[0]);
	assert_int_equal (
		map_string (
			"{\"rule\":{\"description\":\"d\",\"level\":[],\"groups\":[7,{}],\"mitre\":{\"tactic\":{}}},"
			"\"data\":\"x\",\"agent\":[],\"id\":{},\"timestamp\":{},\"syscheck\":{\"sha256_after\":\"x\"}}"),
		0);
	assert_valid_entry ();
}

static void
test_agent_wazuh_survives_every_field_at_its_longest (void **state)
{
	char *x = make_long ("", "x", 9000, ""), *line;
	(void) state;
	assert_true (
		asprintf (
			&line,
			"{\"rule\":{\"description\":\"%s\",\"id\":\"%s\",\"groups\":[\"%s\"]},\"data\":{\"srcuser\":\"%s\","
			"\"dstuser\":\"%s\",\"url\":\"%s\",\"srchost\":\"%s\"},\"agent\":{\"name\":\"%s\"},\"location\":\"%s\","
			"\"full_log\":\"%s\",\"id\":\"%s\",\"syscheck\":{\"path\":\"%s\"}}",
			x, x, x, x, x, x, x, x, x, x, x, x) > 0);
	assert_int_equal (map_string (line), 0);
	assert_int_equal (s_event.body.title.size, SIAGA_TITLE_MAX);
	assert_int_equal (s_event.body.raw.size, SIAGA_RAW_MAX);
	assert_valid_entry ();
	free (line);
	free (x);
}

static void
test_agent_wazuh_maps_real_alerts (void **state)
{
	(void) state;
	size_t alerts = map_file (test_path ("SIAGA_SHARED", "data/wazuh-alerts.json"));
	if (alerts == 0) {
		print_message ("no SIAGA_SHARED: real data not tested\n");
		skip ();
	}
	assert_int_equal (alerts, 7);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		PARSER_TEST (test_agent_wazuh_maps_every_field),
		PARSER_TEST (test_agent_wazuh_levels_are_severities),
		PARSER_TEST (test_agent_wazuh_groups_are_categories),
		PARSER_TEST (test_agent_wazuh_maps_a_changed_file),
		PARSER_TEST (test_agent_wazuh_recognises_suricata),
		PARSER_TEST (test_agent_wazuh_takes_what_is_there),
		PARSER_TEST (test_agent_wazuh_survives_every_field_at_its_longest),
		PARSER_TEST (test_agent_wazuh_maps_real_alerts),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
