/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/render_duty.c: who leads, what first, by when, and who may not see what it would have to do.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/render_duty.h"
#include "playbook_fixture.h"

static const struct render_style s_plain = {.zone = RENDER_ZONE_WIB};

static const char rules[] =
	"phases = ({ name = \"polling-day\"; from = \"2026-11-24T00:00:00Z\";\n"
	"  until = \"2026-11-25T00:00:00Z\"; });\n"
	"playbook = ({ system = \"sirekap\"; lead = \"polri\"; support = [\"kominfo\", \"bssn\"];\n"
	"  inform = [\"kpu\"]; first_action = \"Call now.\"; contact = \"the desk\";\n"
	"  take_within = \"1h\"; acknowledge_within = \"10m\"; resolve_within = \"1d\"; },\n"
	"  { lead = \"bssn\"; steps = ({ member = \"bssn\"; action = \"Look.\"; }); });\n";

static struct siaga_header
make_alert (const char *system, enum siaga_tlp tlp)
{
	return (struct siaga_header){.category = siaga_text ("other/other"),
				     .origin = siaga_text ("bssn/soc-1"),
				     .system = siaga_text (system),
				     .tlp = tlp};
}

static void
check_json (const struct siaga_roster *roster, const struct siaga_header *header,
	    const char *expected)
{
	json_t *object = json_object ();

	assert_true (render_duty_json (object, roster, header, FIXTURE_NOW_US));
	char *text = json_dumps (object, JSON_COMPACT);
	assert_string_equal (text, expected);
	free (text);
	json_decref (object);
}

static void
test_render_duty_json_says_who_what_and_when (void **state)
{
	struct siaga_roster *roster = playbook_parse (rules);
	struct siaga_header header = make_alert ("sirekap", SIAGA_TLP_GREEN);

	(void) state;
	check_json (
		roster, &header,
		"{\"lead\":\"polri\",\"support\":[\"kominfo\",\"bssn\"],\"inform\":[\"kpu\"],"
		"\"first_action\":\"Call now.\",\"contact\":\"the desk\",\"phase\":\"polling-day\","
		"\"ack_by\":\"2026-11-24T08:10:00.000000Z\",\"take_by\":\"2026-11-24T09:00:00.000000Z\","
		"\"resolve_by\":\"2026-11-25T08:00:00.000000Z\"}");
	header.system = siaga_text ("");
	check_json (
		roster, &header,
		"{\"lead\":\"bssn\",\"first_action\":\"Look.\",\"contact\":\"bssn, +62 2, b@x\","
		"\"phase\":\"polling-day\"}");
	siaga_roster_destroy (&roster);
}

static void
test_render_duty_names_who_may_not_see_it (void **state)
{
	struct siaga_roster *roster = playbook_parse (rules);
	struct siaga_header header = make_alert ("sirekap", SIAGA_TLP_RED);
	json_t *object = json_object ();
	char *words;

	(void) state;
	assert_true (render_duty_json (object, roster, &header, FIXTURE_NOW_US));
	char *text = json_dumps (json_object_get (object, "unseen_by"), JSON_COMPACT);
	assert_string_equal (text, "[\"polri\",\"kominfo\"]");
	free (text);
	json_decref (object);
	words = render_duty_words (roster, &header, FIXTURE_NOW_US, &s_plain);
	assert_string_equal (words, "lead: polri (may not see it)  support: kominfo (may not see "
				    "it), bssn  acknowledge by 15:10:00 WIB  first: Call now.");
	free (words);
	/* Its own it may. */
	header.origin = siaga_text ("polri/soc-1");
	words = render_duty_words (roster, &header, FIXTURE_NOW_US, &s_plain);
	assert_memory_equal (words, "lead: polri  support: kominfo (may", 34);
	free (words);
	siaga_roster_destroy (&roster);
}

static void
test_render_duty_is_for_alerts_only_and_needs_a_rule (void **state)
{
	struct siaga_roster *roster = playbook_parse (rules);
	struct siaga_header header = make_alert ("", SIAGA_TLP_GREEN);
	char *words;

	(void) state;
	header.kind = SIAGA_KIND_RESPONSE;
	check_json (roster, &header, "{}");
	header.kind = SIAGA_KIND_SYSTEM;
	check_json (roster, &header, "{}");
	header.kind = SIAGA_KIND_UPDATE;
	words = render_duty_words (roster, &header, FIXTURE_NOW_US, &s_plain);
	assert_string_equal (words, "lead: bssn  first: Look.");
	free (words);
	roster->play_count = 1;
	check_json (roster, &header, "{}");
	words = render_duty_words (roster, &header, FIXTURE_NOW_US, &s_plain);
	assert_string_equal (words, "");
	free (words);
	check_json (NULL, &header, "{}");
	roster->play_count = 2;
	siaga_roster_destroy (&roster);
}

static void
test_render_duty_says_until_when_it_is_reported (void **state)
{
	struct siaga_roster *roster = playbook_parse (rules);
	struct siaga_header header = make_alert ("sirekap", SIAGA_TLP_GREEN);
	char *words;

	(void) state;
	header.severity = SIAGA_SEVERITY_HIGH;
	roster->systems[1].vital = true;
	words = render_duty_words (roster, &header, FIXTURE_NOW_US, &s_plain);
	assert_non_null (strstr (words, "  report to BSSN by 2026-11-25 15:00:00 WIB  first: "));
	free (words);
	roster->play_count = 0;
	check_json (roster, &header, "{\"report_by\":\"2026-11-25T08:00:00.000000Z\"}");
	header.kind = SIAGA_KIND_RESPONSE;
	check_json (roster, &header, "{}");
	roster->play_count = 2;
	siaga_roster_destroy (&roster);
}

static void
test_render_contact_has_what_is_known (void **state)
{
	struct siaga_roster *roster = playbook_parse (rules);
	char text[RENDER_CONTACT_TEXT];

	(void) state;
	render_hub_contact (text, roster);
	assert_string_equal (text, "kpu, +62 1");
	render_contact (text, &roster->members[2]);
	assert_string_equal (text, "polri, p@x");
	free (roster->members[0].duty_phone);
	roster->members[0].duty_phone = NULL;
	render_hub_contact (text, roster);
	assert_string_equal (text, "");
	render_contact (text, &roster->members[0]);
	assert_string_equal (text, "kpu");
	render_hub_contact (text, NULL);
	assert_string_equal (text, "");
	siaga_roster_destroy (&roster);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_render_duty_json_says_who_what_and_when),
		cmocka_unit_test (test_render_duty_names_who_may_not_see_it),
		cmocka_unit_test (test_render_duty_is_for_alerts_only_and_needs_a_rule),
		cmocka_unit_test (test_render_duty_says_until_when_it_is_reported),
		cmocka_unit_test (test_render_contact_has_what_is_known),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
