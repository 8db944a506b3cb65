/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON form of an alert: every field arrives, every mistake is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/alert_json.h"
#include "siaga/error.h"

struct parsed {
	struct siaga_header header;
	struct siaga_body body;
	struct alert_storage storage;
	char words[ALERT_JSON_WORDS];
};

static int
parse (struct parsed *parsed, const char *text)
{
	struct alert_defaults defaults;
	alert_defaults_init (&defaults);
	return alert_json_parse (siaga_text (text), &defaults, &parsed->header, &parsed->body,
				 &parsed->storage, parsed->words);
}

static void
assert_text (struct siaga_text text, const char *expected)
{
	char copy[1024];
	snprintf (copy, sizeof copy, "%.*s", (int) text.size, text.size ? text.data : "");
	assert_string_equal (copy, expected);
}

/* The alert is refused, and the words begin so. */
static void
assert_refused (const char *text, int error, const char *words)
{
	struct parsed parsed;
	assert_int_equal (parse (&parsed, text), error);
	char copy[ALERT_JSON_WORDS];
	snprintf (copy, sizeof copy, "%.*s", (int) strlen (words), parsed.words);
	assert_string_equal (copy, words);
	alert_storage_finish (&parsed.storage);
}

static void
test_alert_json_title_alone_gets_defaults (void **state)
{
	struct parsed parsed;
	(void) state;
	assert_int_equal (parse (&parsed, " {\"title\": \"Web site defaced\"}\n"), 0);
	assert_text (parsed.body.title, "Web site defaced");
	assert_int_equal (parsed.header.kind, SIAGA_KIND_ALERT);
	assert_int_equal (parsed.header.status, SIAGA_STATUS_ACTUAL);
	assert_int_equal (parsed.header.severity, SIAGA_SEVERITY_MEDIUM);
	assert_int_equal (parsed.header.certainty, SIAGA_CERTAINTY_UNKNOWN);
	assert_int_equal (parsed.header.tlp, SIAGA_TLP_AMBER);
	assert_text (parsed.header.category, "other/undetermined");
	assert_int_equal (parsed.header.audience_count, 0);
	alert_storage_finish (&parsed.storage);
}

static const char s_full[] =
	"{\"title\": \"t\", \"description\": \"d\", \"instruction\": \"i\", \"severity\": \"critical\","
	" \"certainty\": \"observed\", \"category\": \"availability/ddos\", \"system\": \"sirekap\","
	" \"tlp\": \"amber+strict\", \"audience\": [\"polri\", \"bssn\", \"polri\"], \"status\": \"exercise\","
	" \"detected\": \"2026-11-24T15:00:00.5+07:00\", \"expires\": \"2026-12-01T00:00:00Z\","
	" \"source\": [{\"ip\": \"2001:DB8:0:0::1\", \"port\": 65535, \"host\": \"h\", \"user\": \"u\"},"
	"              {\"mac\": \"m\", \"email\": \"e\"}],"
	" \"target\": [{\"ip\": \"10.47.1.2\", \"url\": \"/x\", \"hash\": \"sha256:00\", \"file\": \"f\","
	"               \"process\": \"p\"}],"
	" \"detector\": {\"tool\": \"wazuh\", \"rule_id\": \"5710\", \"rule\": \"r\", \"native_severity\": \"10\"},"
	" \"count\": 9, \"first_seen\": \"1970-01-01T00:00:01Z\", \"last_seen\": \"1970-01-01T00:00:02Z\","
	" \"raw\": \"line\"}";

static void
test_alert_json_reads_every_header_field (void **state)
{
	struct parsed parsed;
	(void) state;
	assert_int_equal (parse (&parsed, s_full), 0);
	assert_int_equal (parsed.header.severity, SIAGA_SEVERITY_CRITICAL);
	assert_int_equal (parsed.header.certainty, SIAGA_CERTAINTY_OBSERVED);
	assert_int_equal (parsed.header.tlp, SIAGA_TLP_AMBER_STRICT);
	assert_int_equal (parsed.header.status, SIAGA_STATUS_EXERCISE);
	assert_text (parsed.header.category, "availability/ddos");
	assert_text (parsed.header.system, "sirekap");
	assert_int_equal (parsed.header.audience_count, 2);
	assert_text (parsed.header.audience[0], "bssn");
	assert_text (parsed.header.audience[1], "polri");
	char time[SIAGA_TIME_TEXT];
	siaga_time_text (time, parsed.header.detected_us);
	assert_string_equal (time, "2026-11-24T08:00:00.500000Z");
	siaga_time_text (time, parsed.header.expires_us);
	assert_string_equal (time, "2026-12-01T00:00:00.000000Z");
	alert_storage_finish (&parsed.storage);
}

static void
test_alert_json_reads_every_body_field (void **state)
{
	struct parsed parsed;
	const struct siaga_body *body = &parsed.body;
	(void) state;
	assert_int_equal (parse (&parsed, s_full), 0);
	assert_text (body->description, "d");
	assert_text (body->instruction, "i");
	assert_text (body->raw, "line");
	assert_int_equal (body->count, 9);
	assert_int_equal (body->first_seen_us, 1000000);
	assert_int_equal (body->last_seen_us, 2000000);
	assert_int_equal (body->source_count, 2);
	assert_text (body->source[0].ip, "2001:db8::1");
	assert_int_equal (body->source[0].port, 65535);
	assert_text (body->source[0].host, "h");
	assert_text (body->source[0].user, "u");
	assert_text (body->source[1].mac, "m");
	assert_text (body->source[1].email, "e");
	assert_int_equal (body->target_count, 1);
	assert_text (body->target[0].ip, "10.47.1.2");
	assert_text (body->target[0].url, "/x");
	assert_text (body->target[0].hash, "sha256:00");
	assert_text (body->target[0].file, "f");
	assert_text (body->target[0].process, "p");
	assert_text (body->detector.tool, "wazuh");
	assert_text (body->detector.rule_id, "5710");
	assert_text (body->detector.rule, "r");
	assert_text (body->detector.native_severity, "10");
	alert_storage_finish (&parsed.storage);
}

static void
test_alert_json_makes_a_valid_entry (void **state)
{
	struct parsed parsed;
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	(void) state;
	assert_int_equal (parse (&parsed, s_full), 0);
	siaga_uuid_make (parsed.header.id, 1, (const uint8_t *) "0123456789");
	parsed.header.origin = siaga_text ("bssn/soc-1");
	parsed.header.created_us = 1;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	assert_int_equal (siaga_entry_write (&writer, &parsed.header, &parsed.body), 0);
	alert_storage_finish (&parsed.storage);
}

static void
test_alert_json_names_what_is_wrong (void **state)
{
	(void) state;
	assert_refused ("", SIAGA_EFORMAT, "line 1, column 0: ");
	assert_refused ("{\"title\": \"x\"", SIAGA_EFORMAT, "line 1, column 13: ");
	assert_refused ("{\"title\": \"x\"} x", SIAGA_EFORMAT, "line 1, column 16: ");
	assert_refused ("{\"title\": \"x\", \"title\": \"y\"}", SIAGA_EFORMAT, "line 1, ");
	assert_refused ("[]", SIAGA_EFORMAT, "alert: must be a JSON object");
	assert_refused ("{}", SIAGA_EFORMAT, "title: is missing");
	assert_refused ("{\"title\": \"\"}", SIAGA_EFORMAT, "title: is missing");
	assert_refused ("{\"title\": 7}", SIAGA_EFORMAT, "title: must be a string");
	assert_refused ("{\"title\": \"x\", \"severty\": \"low\"}", SIAGA_EFORMAT,
			"severty: unknown name");
	assert_refused ("{\"title\": \"x\", \"severity\": \"worst\"}", SIAGA_EFORMAT,
			"severity: must be info, low, medium, high or critical");
	assert_refused ("{\"title\": \"x\", \"severity\": 3}", SIAGA_EFORMAT, "severity: must be");
	assert_refused ("{\"title\": \"x\", \"status\": \"system\"}", SIAGA_EFORMAT,
			"status: must be actual, exercise or test");
	assert_refused ("{\"title\": \"x\", \"category\": \"nope/nope\"}", SIAGA_EFORMAT,
			"category: not a valid");
	assert_refused ("{\"title\": \"x\", \"system\": \"Sirekap!\"}", SIAGA_EFORMAT,
			"system: not a valid");
	assert_refused ("{\"title\": \"x\", \"audience\": \"bssn\"}", SIAGA_EFORMAT,
			"audience: must be an array");
	assert_refused ("{\"title\": \"x\", \"audience\": [\"bssn\", 2]}", SIAGA_EFORMAT,
			"audience: number 2");
	assert_refused ("{\"title\": \"x\", \"detected\": \"yesterday\"}", SIAGA_EFORMAT,
			"detected: must be a time");
	assert_refused ("{\"title\": \"x\", \"expires\": \"9999-01-01T00:00:00Z\"}", SIAGA_EFORMAT,
			"expires: ");
	assert_refused ("{\"title\": \"x\", \"count\": -1}", SIAGA_EFORMAT,
			"count: must be a whole number");
	assert_refused ("{\"title\": \"x\", \"count\": 1.5}", SIAGA_EFORMAT,
			"count: must be a whole number");
}

static void
test_alert_json_names_what_is_wrong_below (void **state)
{
	(void) state;
	assert_refused ("{\"title\": \"x\", \"source\": {}}", SIAGA_EFORMAT,
			"source: must be an array");
	assert_refused ("{\"title\": \"x\", \"source\": [7]}", SIAGA_EFORMAT,
			"source[0]: must be an object");
	assert_refused ("{\"title\": \"x\", \"target\": [{\"port\": 1}, {}]}", SIAGA_EFORMAT,
			"target[1]: must be");
	assert_refused ("{\"title\": \"x\", \"target\": [{\"host\": \"\", \"port\": 0}]}",
			SIAGA_EFORMAT, "target[0]: must be an object that says something");
	assert_refused ("{\"title\": \"x\", \"source\": [{\"ip\": \"10.0.0.256\"}]}", SIAGA_EFORMAT,
			"source[0].ip: not an IPv4 or IPv6 address");
	assert_refused ("{\"title\": \"x\", \"source\": [{\"port\": 65536}]}", SIAGA_EFORMAT,
			"source[0].port: ");
	assert_refused ("{\"title\": \"x\", \"source\": [{\"port\": \"80\"}]}", SIAGA_EFORMAT,
			"source[0].port: ");
	assert_refused ("{\"title\": \"x\", \"source\": [{\"pid\": 1}]}", SIAGA_EFORMAT,
			"source[0].pid: unknown name");
	assert_refused ("{\"title\": \"x\", \"detector\": \"snort\"}", SIAGA_EFORMAT,
			"detector: must be an object");
	assert_refused ("{\"title\": \"x\", \"detector\": {\"name\": \"snort\"}}", SIAGA_EFORMAT,
			"detector.name: unknown name");
}

static void
test_alert_json_refuses_what_is_too_long (void **state)
{
	char text[SIAGA_TITLE_MAX + 64];
	struct parsed parsed;
	(void) state;
	memset (text, 'x', sizeof text);
	memcpy (text, "{\"title\":\"", 10);
	memcpy (text + 10 + SIAGA_TITLE_MAX, "\"}", 3);
	assert_int_equal (parse (&parsed, text), 0);
	alert_storage_finish (&parsed.storage);
	memcpy (text + 10 + SIAGA_TITLE_MAX, "x\"}", 4);
	assert_refused (text, SIAGA_ELIMIT, "title: longer than 512 bytes");

	char many[4096] = "{\"title\": \"x\", \"source\": [";
	for (size_t i = 0; i <= SIAGA_ENDPOINTS_MAX; i++)
		strcat (many, i ? ",{\"port\":1}" : "{\"port\":1}");
	strcat (many, "]}");
	assert_refused (many, SIAGA_ELIMIT, "source: more than 16");
}

static void
test_alert_json_refuses_nul_and_broken_utf8 (void **state)
{
	struct parsed parsed;
	(void) state;
	assert_refused ("{\"title\": \"a\\u0000b\"}", SIAGA_EFORMAT, "line 1");
	assert_refused ("{\"title\": \"a\xff\"}", SIAGA_EFORMAT, "line 1");
	/* Words that quote a long name from outside stay whole characters. */
	char text[256] = "{\"title\": \"x\", \"";
	for (int i = 0; i < 40; i++)
		strcat (text, "\xc3\xa9");
	strcat (text, "\": 1}");
	assert_int_equal (parse (&parsed, text), SIAGA_EFORMAT);
	assert_true (siaga_utf8_is_valid (siaga_text (parsed.words)));
	alert_storage_finish (&parsed.storage);
}

static void
test_alert_audience_is_joined_by_the_origins_own_member (void **state)
{
	struct siaga_header header = {.origin = siaga_text ("kpu/soc-1")};
	(void) state;
	alert_audience_join (&header);
	assert_int_equal (header.audience_count, 0); /* all may see it: they still may */
	header.audience[header.audience_count++] = siaga_text ("bin");
	header.audience[header.audience_count++] = siaga_text ("polri");
	for (int i = 0; i < 2; i++) {
		alert_audience_join (&header);
		assert_int_equal (header.audience_count, 3);
		assert_true (siaga_text_is (header.audience[1], "kpu"));
		assert_true (siaga_text_is (header.audience[2], "polri"));
	}
	header.audience_count = SIAGA_AUDIENCE_MAX;
	header.origin = siaga_text ("zzz/soc-1");
	alert_audience_join (&header);
	assert_int_equal (header.audience_count, SIAGA_AUDIENCE_MAX);
}

static void
test_alert_audience_sort_drops_doubles (void **state)
{
	struct siaga_text audience[] = {siaga_text ("kpu"), siaga_text ("bssn"), siaga_text ("bss"),
					siaga_text ("kpu")};
	(void) state;
	assert_int_equal (alert_audience_sort (audience, 4), 3);
	assert_text (audience[0], "bss");
	assert_text (audience[1], "bssn");
	assert_text (audience[2], "kpu");
	assert_int_equal (alert_audience_sort (audience, 0), 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_alert_json_title_alone_gets_defaults),
		cmocka_unit_test (test_alert_json_reads_every_header_field),
		cmocka_unit_test (test_alert_json_reads_every_body_field),
		cmocka_unit_test (test_alert_json_makes_a_valid_entry),
		cmocka_unit_test (test_alert_json_names_what_is_wrong),
		cmocka_unit_test (test_alert_json_names_what_is_wrong_below),
		cmocka_unit_test (test_alert_json_refuses_what_is_too_long),
		cmocka_unit_test (test_alert_json_refuses_nul_and_broken_utf8),
		cmocka_unit_test (test_alert_audience_sort_drops_doubles),
		cmocka_unit_test (test_alert_audience_is_joined_by_the_origins_own_member),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
