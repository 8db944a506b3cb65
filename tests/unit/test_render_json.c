/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_json.h: every field under its name, in one order, and nothing that was not said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/render_json.h"
#include "render_fixture.h"

static char *
s_line (const struct render_fixture *fixture, bool with_roster)
{
	size_t size = 0;
	json_t *object = render_json (&fixture->entry, fixture->log_id,
				      with_roster ? &fixture->roster : NULL);
	assert_non_null (object);
	char *line = render_json_line (object, false, &size);
	assert_non_null (line);
	assert_int_equal (strlen (line), size);
	json_decref (object);
	return line;
}

static void
test_render_json_smallest_alert_says_only_what_it_has (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	char *line = s_line (&fixture, true);
	assert_string_equal (
		line,
		"{\"number\":4711,\"log_id\":\"000102030405060708090a0b0c0d0e0f\","
		"\"accepted\":\"2026-11-24T08:00:01.000000Z\",\"verified\":true,\"origin\":\"bssn/soc-1\","
		"\"epoch\":\"e0e1e2e3e4e5e6e7\",\"oseq\":9,"
		"\"id\":\"01a20c91-a000-7001-8203-040506070809\",\"kind\":\"alert\",\"status\":\"actual\","
		"\"created\":\"2026-11-24T08:00:00.000000Z\",\"severity\":\"info\","
		"\"certainty\":\"unknown\",\"category\":\"intrusion-attempts/brute-force\","
		"\"tlp\":\"clear\",\"title\":\"Brute force\"}\n");
	free (line);
}

static void
test_render_json_full_entry_keeps_the_documented_order (void **state)
{
	(void) state;
	static const char *const names[] = {
		"number",  "log_id",   "accepted", "verified", "origin",      "epoch",
		"oseq",	   "id",       "kind",	   "refs",     "status",      "exercise",
		"created", "detected", "expires",  "severity", "certainty",   "category",
		"system",  "tlp",      "audience", "title",    "description", "instruction",
		"source",  "target",   "detector", "count",    "first_seen",  "last_seen",
		"outcome", "member",   "previous", "roster",   "raw",	      "body_99",
		"lead",	   "support",
	};
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	make_full_header (&fixture.header);
	make_full_body (&fixture.body);
	fixture.body.unknown_count = 1;
	fixture.body.unknown[0].key = 99;
	fixture.body.unknown[0].value = (struct siaga_bytes){(const uint8_t *) "\x82\x01\x61x", 4};
	json_t *object = render_json (&fixture.entry, fixture.log_id, &fixture.roster);
	size_t index = 0;
	const char *name;
	json_t *value;
	json_object_foreach (object, name, value)
	{
		assert_true (index < sizeof names / sizeof *names);
		assert_string_equal (name, names[index++]);
	}
	assert_int_equal (index, sizeof names / sizeof *names);
	assert_string_equal (json_string_value (json_object_get (object, "body_99")), "[1, \"x\"]");
	assert_string_equal (json_string_value (json_object_get (object, "lead")), "kpu");
	assert_int_equal (json_array_size (json_object_get (object, "support")), 2);
	json_decref (object);
}

static void
test_render_json_marks_exercise_and_test (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.header.status = SIAGA_STATUS_TEST;
	char *line = s_line (&fixture, false);
	assert_non_null (strstr (line, "\"status\":\"test\",\"test\":true,"));
	free (line);
	fixture.header.status = SIAGA_STATUS_EXERCISE;
	line = s_line (&fixture, false);
	assert_non_null (strstr (line, "\"status\":\"exercise\",\"exercise\":true,"));
	free (line);
}

static void
test_render_json_sealed_entry_has_no_body (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.header.sealed = (struct siaga_bytes){(const uint8_t *) "\x80", 1};
	char *line = s_line (&fixture, false);
	assert_non_null (strstr (line, "\"sealed\":true"));
	assert_null (strstr (line, "\"title\""));
	free (line);
}

static void
test_render_json_response_has_no_lead (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	make_response (&fixture.header, &fixture.body);
	fixture.play.system[0] = '\0';
	char *line = s_line (&fixture, true);
	assert_non_null (
		strstr (line, "\"kind\":\"response\",\"action\":\"resolve\",\"refs\":[{\"id\":"));
	assert_non_null (strstr (line, "\"outcome\":\"true-positive\""));
	assert_null (strstr (line, "\"lead\""));
	free (line);
}

static void
test_render_json_hostile_text_stays_in_its_string (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.body.title = siaga_text ("a\"},\n{\"verified\":\x1b[2J");
	char *line = s_line (&fixture, false);
	assert_non_null (strstr (line, "\"title\":\"a\\\"},\\n{\\\"verified\\\":\\u001B[2J\""));
	assert_ptr_equal (strchr (line, '\n'), line + strlen (line) - 1);
	free (line);
}

static void
test_render_json_for_terminals_is_ascii (void **state)
{
	(void) state;
	struct render_fixture fixture;
	size_t size;
	render_fixture_init (&fixture);
	fixture.body.title = siaga_text ("\xe2\x80\xae\xc2\x9b\x32J");
	json_t *object = render_json (&fixture.entry, fixture.log_id, NULL);
	char *line = render_json_line (object, true, &size);
	assert_non_null (strstr (line, "\"title\":\"\\u202E\\u009B2J\""));
	free (line);
	json_decref (object);
}

static void
test_render_json_nothing_in_a_pipe_is_obeyed_either (void **state)
{
	(void) state;
	struct render_fixture fixture;
	render_fixture_init (&fixture);
	fixture.body.title =
		siaga_text ("\xe2\x80\xae\xc2\x9b\x32J\x7f d\xc3\xa9j\xc3\xa0 \xf3\xa0\x81\x81");
	char *line = s_line (&fixture, false);
	assert_non_null (strstr (
		line, "\"title\":\"\\u202e\\u009b2J\\u007f d\xc3\xa9j\xc3\xa0 \\udb40\\udc41\""));
	assert_ptr_equal (strchr (line, '\n'), line + strlen (line) - 1);
	/* It is the same JSON. */
	json_t *object = json_loads (line, 0, NULL);
	assert_memory_equal (json_string_value (json_object_get (object, "title")),
			     fixture.body.title.data, fixture.body.title.size);
	json_decref (object);
	free (line);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_render_json_smallest_alert_says_only_what_it_has),
		cmocka_unit_test (test_render_json_full_entry_keeps_the_documented_order),
		cmocka_unit_test (test_render_json_marks_exercise_and_test),
		cmocka_unit_test (test_render_json_sealed_entry_has_no_body),
		cmocka_unit_test (test_render_json_response_has_no_lead),
		cmocka_unit_test (test_render_json_hostile_text_stays_in_its_string),
		cmocka_unit_test (test_render_json_for_terminals_is_ascii),
		cmocka_unit_test (test_render_json_nothing_in_a_pipe_is_obeyed_either),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
