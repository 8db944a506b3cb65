/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/playbook_same.c: a playbook is the same as itself, and not when any word of it has changed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "playbook_fixture.h"

static const char book[] =
	"phases = ({ name = \"one\"; title = \"T\"; from = \"2026-11-01T00:00:00Z\";\n"
	"    until = \"2026-11-02T00:00:00Z\"; },\n"
	"  { name = \"two\"; from = \"2026-12-01T00:00:00Z\"; until = \"2026-12-02T00:00:00Z\"; });\n"
	"playbook_defaults = { expected_tlp = \"red\"; take_within = \"90m\";\n"
	"  during = ({ phase = \"one\"; resolve_within = \"91m\"; }); };\n"
	"playbook = ({ category = \"fraud\"; system = \"sipol\"; min_severity = \"low\";\n"
	"  max_tlp = \"green\"; status = [\"test\"]; lead = \"kpu\"; support = [\"bssn\"];\n"
	"  inform = [\"polri\"]; first_action = \"A\"; contact = \"C\";\n"
	"  steps = ({ member = \"kominfo\"; action = \"S\"; });\n"
	"  acknowledge_within = \"92m\"; take_within = \"93m\"; resolve_within = \"94m\";\n"
	"  escalate_every = \"95m\"; escalation = [\"bssn\", \"everyone\"];\n"
	"  during = ({ phase = \"two\"; acknowledge_within = \"96m\"; }); });\n";

/* What is replaced, and which of phases, defaults and rules is another then. */
static const struct {
	const char *find, *replacement;
	bool phases, defaults, rules;
} changes[] = {
	{"\"T\"", "\"U\"", true, false, false},
	{"title = \"T\"; ", "", true, false, false},
	{"2026-11-01", "2026-10-01", true, false, false},
	{"2026-12-02", "2026-12-03", true, false, false},
	{"expected_tlp = \"red\"", "expected_tlp = \"amber\"", false, true, false},
	{"expected_tlp = \"red\";", "expected_tlp = \"red\"; deadlines_from = \"low\";", false,
	 true, false},
	{"\"90m\"", "\"1m\"", false, true, false},
	{"phase = \"one\"", "phase = \"two\"", false, true, false},
	{"\"91m\"", "\"1m\"", false, true, false},
	{"\"fraud\"", "\"fraud/phishing\"", false, false, true},
	{"\"sipol\"", "\"sirekap\"", false, false, true},
	{"\"low\"", "\"high\"", false, false, true},
	{"max_tlp = \"green\"", "max_tlp = \"amber\"", false, false, true},
	{"max_tlp = \"green\"; ", "", false, false, true},
	{"[\"test\"]", "[\"actual\"]", false, false, true},
	{"lead = \"kpu\"", "lead = \"polri\"", false, false, true},
	{"support = [\"bssn\"]", "support = [\"polri\"]", false, false, true},
	{"inform = [\"polri\"]", "inform = []", false, false, true},
	{"\"A\"", "\"B\"", false, false, true},
	{"first_action = \"A\"; ", "", false, false, true},
	{"\"C\"", "\"D\"", false, false, true},
	{"member = \"kominfo\"", "member = \"kpu\"", false, false, true},
	{"\"S\"", "\"T\"", false, false, true},
	{"\"92m\"", "\"1m\"", false, false, true},
	{"\"93m\"", "\"1m\"", false, false, true},
	{"\"94m\"", "\"1m\"", false, false, true},
	{"\"95m\"", "\"1m\"", false, false, true},
	{"[\"bssn\", \"everyone\"]", "[\"polri\", \"everyone\"]", false, false, true},
	{"phase = \"two\"", "phase = \"one\"", false, false, true},
	{"\"96m\"", "\"1m\"", false, false, true},
};

static struct siaga_roster *
parse_changed (const char *find, const char *replacement)
{
	char text[sizeof book + 256];
	const char *at = strstr (book, find);

	assert_non_null (at);
	snprintf (text, sizeof text, "%.*s%s%s", (int) (at - book), book, replacement,
		  at + strlen (find));
	return playbook_parse (text);
}

static void
check_same (const struct siaga_roster *a, const struct siaga_roster *b, bool phases, bool defaults,
	    bool rules)
{
	assert_int_equal (siaga_phases_same (a, b), phases);
	assert_int_equal (siaga_play_defaults_same (a, b), defaults);
	assert_int_equal (siaga_play_same (a, &a->plays[0], b, &b->plays[0]), rules);
}

static void
test_playbook_same_is_itself_and_nothing_else (void **state)
{
	struct siaga_roster *roster = playbook_parse (book), *other = playbook_parse (book);

	(void) state;
	check_same (roster, other, true, true, true);
	siaga_roster_destroy (&other);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		other = parse_changed (changes[i].find, changes[i].replacement);
		check_same (roster, other, !changes[i].phases, !changes[i].defaults,
			    !changes[i].rules);
		check_same (other, roster, !changes[i].phases, !changes[i].defaults,
			    !changes[i].rules);
		siaga_roster_destroy (&other);
	}
	siaga_roster_destroy (&roster);
}

/* The places of phases are not what a rule says. */
static void
test_playbook_same_knows_phases_by_name (void **state)
{
	struct siaga_roster *roster = playbook_parse (book);
	struct siaga_roster *other = parse_changed (
		"phases = (",
		"phases = ({ name = \"zero\"; from = \"2026-01-01T00:00:00Z\"; until = "
		"\"2026-01-02T00:00:00Z\"; },");

	(void) state;
	check_same (roster, other, false, true, true);
	siaga_roster_destroy (&other);
	siaga_roster_destroy (&roster);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_playbook_same_is_itself_and_nothing_else),
		cmocka_unit_test (test_playbook_same_knows_phases_by_name),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
