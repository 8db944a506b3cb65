/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redaction: nothing that was to be hidden is left in any byte of the record, and what was not is.
 */
#include "rules_fixture.h"

#define NIK "3174012345678901"

/* The record after the configuration's redactions, for the caller to free. */
static char *
redacted (const char *text, const char *json, bool *hidden)
{
	static struct event event;
	struct rules *rules = good_rules (text);
	make_event (&event, json);
	*hidden = rules_redact (rules, &event);
	assert_int_equal (*hidden, event.redacted);
	char *out = json_dumps (event.fields, JSON_COMPACT | JSON_SORT_KEYS);
	assert_non_null (out);
	json_decref (event.fields);
	rules_destroy (&rules);
	return out;
}

static void
assert_redacted (const char *text, const char *json, const char *expected)
{
	bool hidden;
	char *out = redacted (text, json, &hidden), *copy = strdup (expected);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	assert_string_equal (out, copy);
	assert_true (hidden);
	free (copy);
	free (out);
}

#define PATTERN "redact = ({pattern = \"\\\\b[0-9]{16}\\\\b\"; with = \"[NIK]\";});"

static void
test_agent_redact_pattern_in_every_text (void **state)
{
	(void) state;
	assert_redacted (PATTERN,
			 "{'a': 'x " NIK " y " NIK "', 'b': ['" NIK "', {'c': '" NIK
			 "'}], 'd': 'plain'}",
			 "{'a':'x [NIK] y [NIK]','b':['[NIK]',{'c':'[NIK]'}],'d':'plain'}");
}

static void
test_agent_redact_pattern_in_numbers_and_names (void **state)
{
	(void) state;
	assert_redacted (PATTERN, "{'a': " NIK ", 'b': [" NIK ".0, 12], 'n': " NIK "1}",
			 "{'a':'[NIK]','b':['[NIK]',12],'n':" NIK "1}");
	assert_redacted (PATTERN, "{'x': {'" NIK "': 1, 'other': 2}}",
			 "{'x':{'[NIK]':1,'other':2}}");
	/* what takes its place matches again: once is enough */
	assert_redacted ("redact = ({pattern = \"a\"; with = \"aa\";});", "{'a': 'a'}",
			 "{'aa':'aa'}");
}

static void
test_agent_redact_pattern_in_escapes (void **state)
{
	(void) state;
	assert_redacted (PATTERN, "{'a': '\\u0033174012345678901'}", "{'a':'[NIK]'}");
}

static void
test_agent_redact_leaves_the_rest_alone (void **state)
{
	bool hidden;
	(void) state;
	char *out = redacted (PATTERN, "{'a': '123', 'b': 4, 'c': null, 'd': '" NIK "1'}", &hidden);
	assert_false (hidden);
	free (out);
	out = redacted ("", "{'a': '" NIK "'}", &hidden);
	assert_false (hidden);
	free (out);
}

static void
test_agent_redact_path (void **state)
{
	(void) state;
	assert_redacted ("redact = ({path = \"http.http_user_agent\";});",
			 "{'http': {'http_user_agent': 'curl', 'url': '/'}}",
			 "{'http':{'http_user_agent':'[redacted]','url':'/'}}");
	assert_redacted ("redact = ({path = \"id.orig_h\"; with = \"\";});",
			 "{'id.orig_h': '192.0.2.1'}", "{'id.orig_h':''}");
	assert_redacted ("redact = ({path = \"a\"; with = \"-\";}, {path = \"b.1\";});",
			 "{'a': {'x': 'deep'}, 'b': [1, 2, 3]}",
			 "{'a':'-','b':[1,'[redacted]',3]}");
}

static void
test_agent_redact_path_of_nothing (void **state)
{
	bool hidden;
	(void) state;
	free (redacted ("redact = ({path = \"a.b\";});", "{'a': 1, 'c': null}", &hidden));
	assert_false (hidden);
	free (redacted ("redact = ({path = \"c\";});", "{'a': 1, 'c': null}", &hidden));
	assert_false (hidden);
}

/* What stood at the path often stands in the whole line too. */
static void
test_agent_redact_path_hides_its_value_elsewhere (void **state)
{
	(void) state;
	assert_redacted (
		"redact = ({path = \"data.srcuser\"; with = \"[user]\";});",
		"{'data': {'srcuser': 'siti', 'dstuser': 'siti'}, 'full_log': 'Failed password for siti from',"
		" 'rule': {'description': 'siti failed'}}",
		"{'data':{'dstuser':'[user]','srcuser':'[user]'},'full_log':'Failed password for [user] from',"
		"'rule':{'description':'[user] failed'}}");
	assert_redacted ("redact = ({path = \"uid\";});",
			 "{'uid': 100234, 'b': 'uid=100234', 'c': 100234, 'd': 1002345}",
			 "{'b':'uid=[redacted]','c':'[redacted]','d':1002345,'uid':'[redacted]'}");
	/* too short to mean anything elsewhere */
	assert_redacted ("redact = ({path = \"a\";});", "{'a': 'ab', 'b': 'abc'}",
			 "{'a':'[redacted]','b':'abc'}");
	/* all texts within */
	assert_redacted ("redact = ({path = \"a\";});",
			 "{'a': {'x': ['anton', 'berta']}, 'b': 'anton and berta'}",
			 "{'a':'[redacted]','b':'[redacted] and [redacted]'}");
}

/* Who calls himself "alert" does not make the alert go away. */
static void
test_agent_redact_path_spares_the_sensors_own_words (void **state)
{
	(void) state;
	assert_redacted (
		"redact = ({path = \"user\";});",
		"{'event_type': 'alert', 'user': 'alert', 'alert': {'category': 'an alert', 'x': 'alert'}}",
		"{'alert':{'category':'an alert','x':'[redacted]'},'event_type':'alert','user':'[redacted]'}");
}

static void
test_agent_redact_long_texts_are_seen_or_cut (void **state)
{
	bool hidden;
	size_t size = 20000;
	char *json = malloc (size + 32), *text;
	(void) state;
	for (size_t at = 0; at <= 10000; at += 8) { /* also over every cut */
		if (at > 16 && at < 8100)
			continue;
		char *digits = json + 10 + at;
		memset (json, ' ', size);
		memcpy (json, "{'a': 'x ", 9);
		memcpy (digits, NIK, 16);
		memcpy (json + size - 2, "'}", 3);
		text = redacted (PATTERN, json, &hidden);
		assert_true (hidden);
		assert_null (strstr (text, "31740"));
		assert_null (strstr (text, "78901"));
		assert_true (strlen (text) < 8192 + 64);
		free (text);
	}
	free (json);
}

static void
test_agent_redact_hides_all_when_it_takes_too_long (void **state)
{
	bool hidden;
	char json[4096] = "{'k': 'secret ";
	size_t size = strlen (json);
	(void) state;
	memset (json + size, 'a', 3000);
	strcpy (json + size + 3000, "!', 'b': 'short'}");
	char *text =
		redacted ("redact = ({pattern = \"(a+)+$\"; with = \"[x]\";});", json, &hidden);
	assert_true (hidden);
	assert_string_equal (text, "{\"b\":\"short\",\"k\":\"[x]\"}");
	free (text);
}

/* Nobody's text makes the alert go away by using up the time. */
static void
test_agent_redact_keeps_what_the_alert_is_made_of (void **state)
{
	bool hidden;
	size_t size = 0;
	char *json = malloc (200000), *text;
	(void) state;
	size = (size_t) sprintf (json, "{'http': ['");
	for (unsigned i = 0; i < 1000; i++) {
		memset (json + size, 'b', 40);
		size += 40;
		size += (size_t) sprintf (json + size, "!','");
	}
	sprintf (json + size,
		 "'], 'event_type': 'alert', 'user': 'siti', 'alert': {'category': 'c',"
		 " 'signature': 's', 'severity': 1}, '3174012345678901': 1}");
	text = redacted ("redact = ({pattern = \"(b+)+$\"; with = \"[x]\";});", json, &hidden);
	assert_true (hidden);
	assert_non_null (strstr (text, "\"event_type\":\"alert\""));
	assert_non_null (strstr (text, "{\"category\":\"c\",\"severity\":1,\"signature\":\"s\"}"));
	assert_null (strstr (text, "bbbb"));
	free (text);
	free (json);
}

static void
test_agent_redact_by_a_rule (void **state)
{
	static struct event event;
	struct rules_result result;
	struct rules *rules = good_rules (
		"rules = ({when = {field = \"a\"; equals = \"1\";}; redact = ({path = \"b\";});},"
		"{name = \"other\";});");
	(void) state;
	make_event (&event, "{'a': '1', 'b': 'x'}");
	assert_false (rules_redact (rules, &event));
	rules_match (rules, &event, &result);
	assert_true (rules_redact_by (rules, &result, &event));
	assert_true (event.redacted);
	assert_string_equal (json_string_value (json_object_get (event.fields, "b")), "[redacted]");
	assert_false (rules_redact_by (rules, &result, &event));
	json_decref (event.fields);
	make_event (&event, "{'a': '2', 'b': 'x'}");
	rules_match (rules, &event, &result);
	assert_false (rules_redact_by (rules, &result, &event));
	result.rule = NULL;
	assert_false (rules_redact_by (rules, &result, &event));
	json_decref (event.fields);
	rules_destroy (&rules);
}

static void
test_agent_redact_without_fields (void **state)
{
	static struct event event;
	struct rules *rules = good_rules (PATTERN);
	(void) state;
	memset (&event, 0, sizeof event);
	assert_false (rules_redact (rules, &event));
	rules_destroy (&rules);
}

static void
test_agent_redact_words (void **state)
{
	struct rules *rules = good_rules (PATTERN);
	char words[48] = "string expected near '" NIK "'", empty[8] = "";
	(void) state;
	rules_redact_words (rules, words, sizeof words);
	assert_string_equal (words, "string expected near '[NIK]'");
	rules_redact_words (rules, empty, sizeof empty);
	assert_string_equal (empty, "");
	rules_destroy (&rules);
	rules = good_rules (
		"redact = ({pattern = \"a\"; with = \"0123456789\";}, {path = \"b\";});");
	char small[8] = "aaa";
	rules_redact_words (rules, small, sizeof small);
	assert_string_equal (small, "0123456");
	rules_destroy (&rules);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_agent_redact_pattern_in_every_text),
		cmocka_unit_test (test_agent_redact_pattern_in_numbers_and_names),
		cmocka_unit_test (test_agent_redact_pattern_in_escapes),
		cmocka_unit_test (test_agent_redact_leaves_the_rest_alone),
		cmocka_unit_test (test_agent_redact_path),
		cmocka_unit_test (test_agent_redact_path_of_nothing),
		cmocka_unit_test (test_agent_redact_path_hides_its_value_elsewhere),
		cmocka_unit_test (test_agent_redact_path_spares_the_sensors_own_words),
		cmocka_unit_test (test_agent_redact_long_texts_are_seen_or_cut),
		cmocka_unit_test (test_agent_redact_hides_all_when_it_takes_too_long),
		cmocka_unit_test (test_agent_redact_keeps_what_the_alert_is_made_of),
		cmocka_unit_test (test_agent_redact_by_a_rule),
		cmocka_unit_test (test_agent_redact_without_fields),
		cmocka_unit_test (test_agent_redact_words),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
