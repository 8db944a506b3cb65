/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/playbook.c: each condition of a rule by itself, the first that fits, and where each term comes from.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "playbook_fixture.h"

#define MINUTE UINT64_C (60000000)

static struct siaga_header
make_header (const char *category, const char *system, enum siaga_severity severity)
{
	return (struct siaga_header){.category = siaga_text (category),
				     .system = siaga_text (system),
				     .severity = severity,
				     .tlp = SIAGA_TLP_AMBER};
}

static const char *
lead_of (const struct siaga_roster *roster, const struct siaga_header *header)
{
	const struct siaga_play *play = siaga_roster_play (roster, header);

	return play != NULL ? play->lead : "nobody";
}

static void
test_playbook_matches_a_class_a_type_and_no_prefix_of_a_word (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		"playbook = ({ category = \"fraud/phishing\"; lead = \"kominfo\"; },\n"
		"  { category = \"intrusions\"; lead = \"bssn\"; });\n");
	struct siaga_header header = make_header ("fraud/phishing", "", SIAGA_SEVERITY_LOW);

	(void) state;
	assert_string_equal (lead_of (roster, &header), "kominfo");
	header.category = siaga_text ("fraud/masquerade");
	assert_string_equal (lead_of (roster, &header), "nobody");
	header.category = siaga_text ("intrusions/burglary");
	assert_string_equal (lead_of (roster, &header), "bssn");
	header.category = siaga_text ("intrusion-attempts/exploit");
	assert_string_equal (lead_of (roster, &header), "nobody");
	siaga_roster_destroy (&roster);
}

static void
test_playbook_matches_system_severity_tlp_and_status (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		"playbook = ({ system = \"sirekap\"; min_severity = \"high\"; max_tlp = \"green\";\n"
		"    status = [\"exercise\", \"test\"]; lead = \"bssn\"; });\n");
	struct siaga_header header = make_header ("other/other", "sirekap", SIAGA_SEVERITY_HIGH);

	(void) state;
	header.status = SIAGA_STATUS_TEST;
	header.tlp = SIAGA_TLP_GREEN;
	assert_string_equal (lead_of (roster, &header), "bssn");
	header.severity = SIAGA_SEVERITY_MEDIUM;
	assert_string_equal (lead_of (roster, &header), "nobody");
	header.severity = SIAGA_SEVERITY_CRITICAL;
	assert_string_equal (lead_of (roster, &header), "bssn");
	header.tlp = SIAGA_TLP_AMBER;
	assert_string_equal (lead_of (roster, &header), "nobody");
	header.tlp = SIAGA_TLP_CLEAR;
	header.status = SIAGA_STATUS_ACTUAL;
	assert_string_equal (lead_of (roster, &header), "nobody");
	header.status = SIAGA_STATUS_EXERCISE;
	assert_string_equal (lead_of (roster, &header), "bssn");
	header.system = siaga_text ("sipol");
	assert_string_equal (lead_of (roster, &header), "nobody");
	header.system = siaga_text ("");
	assert_string_equal (lead_of (roster, &header), "nobody");
	siaga_roster_destroy (&roster);
}

static void
test_playbook_first_match_wins_and_the_empty_rule_takes_the_rest (void **state)
{
	struct siaga_roster *roster =
		playbook_parse ("playbook = ({ system = \"sipol\"; lead = \"polri\"; },\n"
				"  { category = \"fraud\"; lead = \"kominfo\"; },\n"
				"  { lead = \"kpu\"; });\n");
	struct siaga_header header = make_header ("fraud/phishing", "sipol", SIAGA_SEVERITY_INFO);

	(void) state;
	assert_string_equal (lead_of (roster, &header), "polri");
	header.system = siaga_text ("sirekap");
	assert_string_equal (lead_of (roster, &header), "kominfo");
	header.category = siaga_text ("");
	header.tlp = SIAGA_TLP_RED;
	assert_string_equal (lead_of (roster, &header), "kpu");
	siaga_roster_destroy (&roster);
}

#define PHASES                                                                                     \
	"phases = ({ name = \"campaign\"; from = \"2026-11-10T00:00:00Z\";\n"                      \
	"    until = \"2026-11-20T00:00:00Z\"; },\n"                                               \
	"  { name = \"polling-day\"; from = \"2026-11-20T00:00:00Z\";\n"                           \
	"    until = \"2026-11-21T00:00:00Z\"; title = \"Pemungutan suara\"; });\n"

static uint64_t
at (const char *time)
{
	uint64_t time_us;

	assert_int_equal (siaga_time_parse (&time_us, siaga_text (time)), 0);
	return time_us;
}

static void
test_playbook_phase_ends_where_the_next_begins (void **state)
{
	struct siaga_roster *roster = playbook_parse (PHASES "playbook = ({ lead = \"kpu\"; });\n");

	(void) state;
	assert_null (siaga_roster_phase (roster, at ("2026-11-09T23:59:59.999999Z")));
	assert_string_equal (siaga_roster_phase (roster, at ("2026-11-10T00:00:00Z"))->name,
			     "campaign");
	assert_string_equal (siaga_roster_phase (roster, at ("2026-11-19T23:59:59.999999Z"))->name,
			     "campaign");
	assert_string_equal (siaga_roster_phase (roster, at ("2026-11-20T00:00:00Z"))->title,
			     "Pemungutan suara");
	assert_null (siaga_roster_phase (roster, at ("2026-11-21T00:00:00Z")));
	siaga_roster_destroy (&roster);
}

static void
test_playbook_has_no_deadlines_for_what_is_not_severe_enough (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		"playbook_defaults = { deadlines_from = \"medium\"; take_within = \"2h\"; };\n"
		"playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\"; escalation = [\"bssn\"]; });\n");
	struct siaga_header header = make_header ("other/other", "", SIAGA_SEVERITY_LOW);
	struct siaga_duty duty;

	(void) state;
	assert_true (siaga_roster_duty (roster, &header, at ("2026-11-01T00:00:00Z"), &duty));
	assert_string_equal (duty.play->lead, "kpu");
	assert_int_equal (duty.acknowledge_within_us + duty.take_within_us + duty.chain_count, 0);
	header.severity = SIAGA_SEVERITY_MEDIUM;
	assert_true (siaga_roster_duty (roster, &header, at ("2026-11-01T00:00:00Z"), &duty));
	assert_int_equal (duty.acknowledge_within_us, 5 * MINUTE);
	assert_int_equal (duty.take_within_us, 120 * MINUTE);
	assert_int_equal (duty.chain_count, 1);
	siaga_roster_destroy (&roster);
}

static void
test_playbook_terms_come_from_the_nearest_word (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		PHASES "playbook_defaults = { acknowledge_within = \"1h\"; take_within = \"2h\";\n"
		       "  resolve_within = \"1d\"; escalation = [\"kpu\", \"everyone\"];\n"
		       "  during = ({ phase = \"polling-day\"; take_within = \"20m\"; },\n"
		       "    { phase = \"campaign\"; escalate_every = \"7m\"; }); };\n"
		       "playbook = ({ lead = \"bssn\"; acknowledge_within = \"30m\";\n"
		       "  during = ({ phase = \"polling-day\"; acknowledge_within = \"5m\";\n"
		       "    escalation = [\"polri\", \"everyone\"]; }); });\n");
	struct siaga_header header = make_header ("other/other", "", SIAGA_SEVERITY_LOW);
	struct siaga_duty duty;

	(void) state;
	assert_true (siaga_roster_duty (roster, &header, at ("2026-11-01T00:00:00Z"), &duty));
	assert_null (duty.phase);
	assert_int_equal (duty.acknowledge_within_us, 30 * MINUTE);
	assert_int_equal (duty.take_within_us, 120 * MINUTE);
	assert_int_equal (duty.resolve_within_us, 1440 * MINUTE);
	assert_int_equal (duty.escalate_every_us, 30 * MINUTE);
	assert_int_equal (duty.chain_count, 2);
	assert_string_equal (duty.chain[0], "kpu");
	assert_true (siaga_roster_duty (roster, &header, at ("2026-11-15T00:00:00Z"), &duty));
	assert_int_equal (duty.escalate_every_us, 7 * MINUTE);
	assert_int_equal (duty.acknowledge_within_us, 30 * MINUTE);
	assert_true (siaga_roster_duty (roster, &header, at ("2026-11-20T12:00:00Z"), &duty));
	assert_string_equal (duty.phase->name, "polling-day");
	assert_int_equal (duty.acknowledge_within_us, 5 * MINUTE);
	assert_int_equal (duty.take_within_us, 20 * MINUTE);
	assert_int_equal (duty.resolve_within_us, 1440 * MINUTE);
	assert_int_equal (duty.escalate_every_us, 5 * MINUTE);
	assert_int_equal (duty.chain_count, 2);
	assert_string_equal (duty.chain[0], "polri");
	assert_string_equal (duty.chain[1], "everyone");
	siaga_roster_destroy (&roster);
}

static void
test_playbook_chain_leaves_out_who_leads_and_needs_a_deadline (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		"playbook_defaults = { escalation = [\"bssn\", \"kpu\", \"everyone\"]; };\n"
		"playbook = ({ system = \"sipol\"; lead = \"kpu\"; acknowledge_within = \"5m\"; },\n"
		"  { system = \"sirekap\"; lead = \"kpu\"; });\n");
	struct siaga_header header = make_header ("other/other", "sipol", SIAGA_SEVERITY_LOW);
	struct siaga_duty duty = {.chain_count = 9};

	(void) state;
	assert_true (siaga_roster_duty (roster, &header, 0, &duty));
	assert_int_equal (duty.chain_count, 2);
	assert_string_equal (duty.chain[0], "bssn");
	assert_string_equal (duty.chain[1], "everyone");
	header.system = siaga_text ("sirekap");
	assert_true (siaga_roster_duty (roster, &header, 0, &duty));
	assert_int_equal (duty.chain_count, 0);
	assert_int_equal (duty.escalate_every_us, 0);
	header.system = siaga_text ("");
	duty.chain_count = 9;
	assert_false (siaga_roster_duty (roster, &header, 0, &duty));
	assert_int_equal (duty.chain_count, 9);
	siaga_roster_destroy (&roster);
}

static void
test_playbook_first_action_is_the_leads_word_or_each_ones_first_step (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		"playbook = ({ lead = \"bssn\"; first_action = \"Call.\"; steps = (\n"
		"  { member = \"bssn\"; action = \"Isolate.\"; },\n"
		"  { member = \"polri\"; action = \"Secure.\"; },\n"
		"  { member = \"polri\"; action = \"Ask.\"; }); },\n"
		"  { lead = \"kpu\"; steps = ({ member = \"kpu\"; action = \"Look.\"; }); });\n");

	(void) state;
	assert_string_equal (siaga_play_first_action (&roster->plays[0], "bssn"), "Call.");
	assert_string_equal (siaga_play_first_action (&roster->plays[0], "polri"), "Secure.");
	assert_null (siaga_play_first_action (&roster->plays[0], "kpu"));
	assert_string_equal (siaga_play_first_action (&roster->plays[1], "kpu"), "Look.");
	assert_int_equal (roster->plays[0].step_count, 3);
	siaga_roster_destroy (&roster);
}

/* The members a step goes to, as words. */
static const char *
step_of (const struct siaga_roster *roster, const struct siaga_header *header, size_t step,
	 const char **skipped_name)
{
	static char words[256];
	const struct siaga_member *members[SIAGA_MEMBERS_MAX], *skipped;
	struct siaga_duty duty;
	size_t count;

	assert_true (siaga_roster_duty (roster, header, 0, &duty));
	count = siaga_duty_step (roster, header, &duty, step, members, &skipped);
	*skipped_name = skipped != NULL ? skipped->name : NULL;
	words[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		strcat (words, members[i]->name);
		strcat (words, " ");
	}
	return words;
}

static void
test_playbook_step_goes_to_nobody_who_may_not_see_the_alert (void **state)
{
	struct siaga_roster *roster = playbook_parse (
		"playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\"; escalate_every = \"2m\";\n"
		"  escalation = [\"polri\", \"bssn\", \"everyone\"]; });\n");
	struct siaga_header header = make_header ("other/other", "", SIAGA_SEVERITY_LOW);
	struct siaga_duty duty;
	const char *skipped;

	(void) state;
	header.origin = siaga_text ("bssn/a");
	assert_string_equal (step_of (roster, &header, 0, &skipped), "polri ");
	assert_null (skipped);
	assert_string_equal (step_of (roster, &header, 1, &skipped), "bssn ");
	assert_string_equal (step_of (roster, &header, 2, &skipped), "kpu bssn polri ");
	assert_string_equal (step_of (roster, &header, 3, &skipped), "");
	/* polri is not cleared: the origin's member, and kpu, whose hub operates. */
	header.tlp = SIAGA_TLP_RED;
	assert_string_equal (step_of (roster, &header, 0, &skipped), "kpu bssn ");
	assert_string_equal (skipped, "polri");
	assert_string_equal (step_of (roster, &header, 2, &skipped), "kpu bssn ");
	assert_null (skipped);
	/* Nor is the operator in the audience. */
	header.audience_count = 1;
	header.audience[0] = siaga_text ("kominfo");
	header.tlp = SIAGA_TLP_GREEN;
	assert_string_equal (step_of (roster, &header, 0, &skipped), "bssn ");
	assert_string_equal (skipped, "polri");
	assert_string_equal (step_of (roster, &header, 2, &skipped), "bssn kominfo ");
	assert_true (siaga_roster_duty (roster, &header, 0, &duty));
	assert_int_equal (siaga_duty_step_us (&duty, 0), 5 * MINUTE);
	assert_int_equal (siaga_duty_step_us (&duty, 2), 9 * MINUTE);
	siaga_roster_destroy (&roster);
}

static void
test_playbook_report_is_due_a_day_after_a_serious_alert_on_a_vital_system (void **state)
{
	struct siaga_roster *roster = playbook_parse ("playbook = ({ lead = \"kpu\"; });\n");
	struct siaga_header header = make_header ("other/other", "sipol", SIAGA_SEVERITY_HIGH);
	const uint64_t day = 1440 * MINUTE, now = at ("2026-11-24T08:00:00Z");

	(void) state;
	assert_int_equal (siaga_report_due_us (roster, &header, now), 0);
	roster->systems[0].vital = true;
	assert_int_equal (siaga_report_due_us (roster, &header, now), now + day);
	header.detected_us = now - 5 * MINUTE;
	assert_int_equal (siaga_report_due_us (roster, &header, now), now + day - 5 * MINUTE);
	header.detected_us = now + 1;
	assert_int_equal (siaga_report_due_us (roster, &header, now), now + day);
	header.severity = SIAGA_SEVERITY_MEDIUM;
	assert_int_equal (siaga_report_due_us (roster, &header, now), 0);
	header.severity = SIAGA_SEVERITY_CRITICAL;
	header.status = SIAGA_STATUS_EXERCISE;
	assert_int_equal (siaga_report_due_us (roster, &header, now), 0);
	header.status = SIAGA_STATUS_ACTUAL;
	header.system = siaga_text ("sirekap");
	assert_int_equal (siaga_report_due_us (roster, &header, now), 0);
	header.system = siaga_text ("");
	assert_int_equal (siaga_report_due_us (roster, &header, now), 0);
	siaga_roster_destroy (&roster);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_playbook_matches_a_class_a_type_and_no_prefix_of_a_word),
		cmocka_unit_test (test_playbook_matches_system_severity_tlp_and_status),
		cmocka_unit_test (test_playbook_first_match_wins_and_the_empty_rule_takes_the_rest),
		cmocka_unit_test (test_playbook_phase_ends_where_the_next_begins),
		cmocka_unit_test (test_playbook_has_no_deadlines_for_what_is_not_severe_enough),
		cmocka_unit_test (test_playbook_terms_come_from_the_nearest_word),
		cmocka_unit_test (test_playbook_chain_leaves_out_who_leads_and_needs_a_deadline),
		cmocka_unit_test (
			test_playbook_first_action_is_the_leads_word_or_each_ones_first_step),
		cmocka_unit_test (test_playbook_step_goes_to_nobody_who_may_not_see_the_alert),
		cmocka_unit_test (
			test_playbook_report_is_due_a_day_after_a_serious_alert_on_a_vital_system),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
