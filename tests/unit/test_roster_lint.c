/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/roster_lint.c and roster_playbook_check.c: each finding with its line, and a good playbook without any.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "playbook_fixture.h"
#include "siaga/error.h"

static char text[FIXTURE_TEXT_MAX];
static char words[65536];

static void
on_problem (void *arg, const char *line)
{
	size_t length = strlen (words);

	(void) arg;
	snprintf (words + length, sizeof words - length, "%s\n", line);
}

/* What is said of a roster with this behind its head, all of it in `words`. */
static int
lint (const char *body)
{
	struct conf_report report;
	struct conf_error error;

	words[0] = '\0';
	playbook_text (text, body);
	conf_report_init (&report, "r", &error);
	report.each = on_problem;
	return roster_lint_report (&report, fixture_bytes (text));
}

#define GOOD_DEFAULTS                                                                                \
	"phases = ({ name = \"quiet\"; from = \"2026-11-01T00:00:00Z\";\n"                           \
	"  until = \"2026-12-01T00:00:00Z\"; });\n"                                                  \
	"playbook_defaults = { acknowledge_within = \"1h\"; escalation = [\"kpu\", \"everyone\"];\n" \
	"  during = ({ phase = \"quiet\"; acknowledge_within = \"4h\"; }); };\n"

static const char good[] = PLAYBOOK_MEMBERS PLAYBOOK_SYSTEMS GOOD_DEFAULTS
	"playbook = ({ category = \"fraud\"; max_tlp = \"green\"; lead = \"kominfo\"; },\n"
	"  { category = \"fraud\"; lead = \"polri\"; support = [\"kominfo\"]; },\n"
	"  { system = \"sirekap\"; min_severity = \"high\"; lead = \"bssn\";\n"
	"    take_within = \"2h\"; resolve_within = \"2h\"; },\n"
	"  { lead = \"kpu\"; steps = ({ member = \"bssn\"; action = \"x\"; }); });\n";

static void
test_roster_lint_is_silent_about_a_good_playbook (void **state)
{
	(void) state;
	if (lint (good) != 0)
		fail_msg ("%s", words);
	assert_string_equal (words, "");
}

#define RULES PLAYBOOK_MEMBERS PLAYBOOK_SYSTEMS

/* A playbook; the line of the finding counted from the first line behind the systems (0: before them, see
   `line`); what it says. */
static const struct {
	const char *body;
	int line;
	const char *finding;
} findings[] = {
	/* Rules that never match: by one rule, and only by several together. */
	{RULES "playbook = ({ lead = \"kpu\"; },\n { category = \"fraud\"; lead = \"bssn\"; });\n",
	 15, "can never match: the rule on line 14 takes all that it fits"},
	{RULES "playbook = ({ category = \"fraud\"; min_severity = \"low\"; lead = \"kpu\"; },\n"
	       " { category = \"fraud/phishing\"; system = \"sipol\"; min_severity = \"high\";\n"
	       "   max_tlp = \"green\"; status = [\"test\"]; lead = \"bssn\"; },\n"
	       " { lead = \"kpu\"; });\n",
	 15, "can never match: the rule on line 14 takes"},
	{RULES "playbook = ({ max_tlp = \"amber\"; lead = \"kpu\"; },\n"
	       " { max_tlp = \"green\"; lead = \"bssn\"; },\n { lead = \"kpu\"; });\n",
	 15, "can never match: the rule on line 14 takes"},
	{RULES "playbook = ({ status = [\"actual\"]; lead = \"kpu\"; },\n"
	       " { status = [\"exercise\", \"test\"]; lead = \"bssn\"; },\n"
	       " { category = \"fraud\"; lead = \"bssn\"; });\n",
	 16, "can never match: the rules before it take all"},
	{RULES "playbook = ({ category = \"fraud/phishing\"; lead = \"kpu\"; },\n"
	       " { category = \"fraud/masquerade\"; lead = \"kpu\"; },\n"
	       " { category = \"fraud/copyright\"; lead = \"kpu\"; },\n"
	       " { category = \"fraud/unauthorised-use-of-resources\"; lead = \"kpu\"; },\n"
	       " { category = \"fraud\"; lead = \"bssn\"; },\n { lead = \"kpu\"; });\n",
	 18, "can never match: the rules before it take all"},
	/* It is not the first rule that takes all. */
	{RULES "playbook = ({ min_severity = \"high\"; lead = \"kpu\"; },\n { lead = \"kpu\"; },\n"
	       " { category = \"fraud\"; lead = \"bssn\"; });\n",
	 16, "can never match: the rule on line 15 takes"},
	{RULES "playbook = ({ status = [\"actual\"]; lead = \"kpu\"; },\n { lead = \"kpu\"; },\n"
	       " { status = [\"actual\", \"test\"]; lead = \"bssn\"; });\n",
	 16, "can never match: the rule on line 15 takes"},
	/* Systems without a lead. */
	{RULES "playbook = ({ system = \"sipol\"; lead = \"kpu\"; });\n", 13,
	 "system sirekap: nobody leads abusive-content/spam of severity info, TLP clear, status actual, "
	 "and more"},
	{RULES "playbook = ({ system = \"sipol\"; lead = \"kpu\"; });\n", 14,
	 "alerts that name no system: nobody leads"},
	{RULES "playbook = ({ min_severity = \"low\"; lead = \"kpu\"; });\n", 12,
	 "system sipol: nobody leads abusive-content/spam of severity info"},
	{RULES "playbook = ({ max_tlp = \"amber+strict\"; lead = \"kpu\"; });\n", 12,
	 "system sipol: nobody leads abusive-content/spam of severity info, TLP red"},
	{RULES "playbook = ({ status = [\"actual\", \"test\"]; lead = \"kpu\"; });\n", 12,
	 "TLP clear, status exercise"},
	{RULES "playbook = ();\n", 0, "there is none: nobody leads anything"},
	/* Members that cannot be reached. */
	{"members = ({ name = \"kpu\"; clearance = \"red\"; duty_phone = \"1\"; },\n"
	 " { name = \"bssn\"; clearance = \"red\"; });\n"
	 "playbook = ({ lead = \"kpu\"; support = [\"bssn\"]; });\n",
	 9, "member bssn: has a part in the playbook, and neither duty_phone nor mail"},
	{"members = ({ name = \"kpu\"; clearance = \"red\"; duty_phone = \"1\"; },\n"
	 " { name = \"bssn\"; clearance = \"red\"; });\n"
	 "playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\"; escalation = [\"bssn\"]; });\n",
	 9, "member bssn: has a part in the playbook"},
	{"members = ({ name = \"kpu\"; clearance = \"red\"; mail = \"k@x\"; },\n"
	 " { name = \"bssn\"; clearance = \"red\"; });\nplaybook = ({ lead = \"kpu\"; });\n",
	 8, "member kpu: runs the hub and has no duty_phone"},
	/* Chains that loop, or that nothing starts. */
	{RULES "playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\";\n"
	       "  escalation = [\"bssn\",\n \"polri\",\n \"bssn\"]; });\n",
	 17, "the escalation loops: bssn is told before"},
	{RULES "playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\";\n"
	       "  escalation = [\"bssn\", \"kpu\"]; });\n",
	 15, "the escalation loops: kpu is told before"},
	{RULES "playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\";\n"
	       "  escalation = [\"everyone\", \"bssn\"]; });\n",
	 15, "the escalation loops: bssn is told before"},
	{RULES "playbook_defaults = { acknowledge_within = \"5m\";\n"
	       "  escalation = [\"bssn\", \"bssn\"]; };\nplaybook = ({ lead = \"kpu\"; });\n",
	 15, "the escalation loops: bssn is told before"},
	{RULES "phases = ({ name = \"quiet\"; from = \"2026-11-01T00:00:00Z\";\n"
	       "  until = \"2026-12-01T00:00:00Z\"; });\n"
	       "playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\"; during = (\n"
	       "  { phase = \"quiet\"; escalation = [\"bssn\", \"bssn\"]; }); });\n",
	 17, "the escalation loops: bssn is told before"},
	{RULES "playbook = ({ lead = \"kpu\"; escalation = [\"bssn\"]; });\n", 14,
	 "an escalation that nothing starts"},
	/* Who could not see what they would be given. */
	{RULES "playbook = ({ lead = \"kominfo\"; });\n", 14,
	 "lead kominfo could not see it: cleared for green, and alerts here may be amber"},
	{RULES "playbook_defaults = { expected_tlp = \"red\"; };\n"
	       "playbook = ({ lead = \"polri\"; });\n",
	 15, "lead polri could not see it: cleared for amber+strict, and alerts here may be red"},
	{RULES "playbook = ({ max_tlp = \"green\"; lead = \"kominfo\"; },\n"
	       "  { max_tlp = \"red\"; lead = \"polri\"; },\n { lead = \"kpu\"; });\n",
	 15, "lead polri could not see it"},
	{RULES "playbook = ({ lead = \"kpu\"; steps = ({ member = \"kpu\"; action = \"x\"; },\n"
	       "  { member = \"kominfo\"; action = \"x\"; }); });\n",
	 15, "step of kominfo could not see it"},
	{RULES "playbook = ({ lead = \"kpu\"; acknowledge_within = \"5m\";\n"
	       "  escalation = [\"bssn\", \"kominfo\"]; });\n",
	 15, "escalation: kominfo could not see it"},
	/* Deadlines. */
	{RULES
	 "playbook = ({ lead = \"kpu\"; acknowledge_within = \"2h\"; take_within = \"1h\"; });\n",
	 14, "deadlines out of order"},
	{RULES "playbook = ({ lead = \"kpu\"; take_within = \"2h\"; resolve_within = \"1h\"; });\n",
	 14, "deadlines out of order"},
	{RULES
	 "playbook = ({ lead = \"kpu\"; acknowledge_within = \"2h\"; resolve_within = \"1h\"; });\n",
	 14, "deadlines out of order"},
	{RULES "playbook_defaults = { take_within = \"2h\"; resolve_within = \"1h\"; };\n"
	       "playbook = ({ lead = \"kpu\"; });\n",
	 14, "deadlines out of order"},
};

static void
check_finding (size_t i)
{
	char line[512];
	const char *found = words;

	if (findings[i].line > 0)
		snprintf (line, sizeof line, "r:%d: ", findings[i].line);
	else
		snprintf (line, sizeof line, "r: ");
	while ((found = strstr (found, line)) != NULL) {
		const char *said = strstr (found, findings[i].finding);

		if (said != NULL && said < found + strcspn (found, "\n"))
			return;
		found++;
	}
	fail_msg ("%zu: no \"%s\" on line %d in:\n%s", i, findings[i].finding, findings[i].line,
		  words);
}

static void
test_roster_lint_finds_each_with_its_line (void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
		assert_int_equal (lint (findings[i].body), SIAGA_ECONF);
		check_finding (i);
	}
}

static void
test_roster_lint_keeps_nobody_from_using_the_roster (void **state)
{
	struct siaga_roster *roster = NULL;
	struct conf_error error;

	(void) state;
	for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
		playbook_text (text, findings[i].body);
		assert_int_equal (roster_parse ("r", fixture_bytes (text), &roster, &error), 0);
		siaga_roster_destroy (&roster);
	}
}

#define TWO_PHASES(name, from)                                                                     \
	RULES "phases = ({ name = \"a\"; from = \"2026-11-01T00:00:00Z\";\n"                       \
	      "  until = \"2026-12-01T00:00:00Z\"; },\n  { name = \"" name "\";\n  from = \"" from \
	      "\"; until = \"2027-01-01T00:00:00Z\"; });\nplaybook = ({ lead = \"kpu\"; });\n"

/* What no program takes; the first word of it. */
static const struct {
	const char *body;
	const char *error;
} mistakes[] = {
	{TWO_PHASES ("a", "2026-12-01T00:00:00Z"), "r:16: phase a is there already, on line 14"},
	{TWO_PHASES ("b", "2026-11-30T23:59:59Z"), "r:16: phase b overlaps phase a on line 14"},
	{TWO_PHASES ("b", "2027-01-01T00:00:00Z"), "r:16: phase b: until must be after from"},
	{RULES "playbook = ({ lead = \"kpu\"; during = ({ phase = \"a\"; }); });\n",
	 "r:14: during: there is no phase a"},
	{RULES "playbook_defaults = { during = ({ phase = \"a\"; }); };\n",
	 "r:14: during: there is no phase a"},
	{RULES "phases = ({ name = \"a\"; from = \"2026-11-01T00:00:00Z\";\n"
	       "  until = \"2026-12-01T00:00:00Z\"; });\nplaybook = ({ lead = \"kpu\"; during = (\n"
	       "  { phase = \"a\"; },\n  { phase = \"a\"; }); });\n",
	 "r:18: during: phase a is there already, on line 17"},
	{RULES "playbook = ({ lead = \"kpu\"; escalation = [\"bssn\",\n \"tni\"]; });\n",
	 "r:15: playbook: escalation: there is no member tni"},
	{RULES "playbook_defaults = { escalation = \"tni\"; };\n",
	 "r:14: playbook_defaults: escalation: there is no member tni"},
	{RULES
	 "playbook = ({ lead = \"kpu\"; steps = (\n { member = \"tni\"; action = \"x\"; }); });\n",
	 "r:15: playbook: steps: there is no member tni"},
	{RULES "playbook = ({ lead = \"kpu\"; max_tlp = \"pink\"; });\n",
	 "r:14: playbook[0].max_tlp: unknown value \"pink\""},
	{RULES "playbook = ({ lead = \"kpu\"; status = \"system\"; });\n",
	 "r:14: playbook[0].status: unknown status \"system\""},
	{RULES "playbook = ({ lead = \"kpu\"; steps = ({ member = \"kpu\"; }); });\n",
	 "r:14: playbook[0].steps[0].action: must be given"},
	{RULES "playbook = ({ lead = \"everyone\"; });\n",
	 "r:14: playbook: lead: there is no member everyone"},
	{"members = ({ name = \"kpu\"; clearance = \"red\"; },\n"
	 " { name = \"bssn\"; clearance = \"red\"; }, { name = \"everyone\"; clearance = \"red\"; });\n",
	 "r:9: member everyone: this name means all members"},
};

static void
test_roster_check_names_each_mistake_of_a_playbook (void **state)
{
	struct siaga_roster *roster = NULL;
	struct conf_error error;

	(void) state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		playbook_text (text, mistakes[i].body);
		assert_int_equal (roster_parse ("r", fixture_bytes (text), &roster, &error),
				  SIAGA_ECONF);
		if (strncmp (error.words, mistakes[i].error, strlen (mistakes[i].error)) != 0)
			fail_msg ("%zu: \"%s\" is not \"%s\"", i, error.words, mistakes[i].error);
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_roster_lint_is_silent_about_a_good_playbook),
		cmocka_unit_test (test_roster_lint_finds_each_with_its_line),
		cmocka_unit_test (test_roster_lint_keeps_nobody_from_using_the_roster),
		cmocka_unit_test (test_roster_check_names_each_mistake_of_a_playbook),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
