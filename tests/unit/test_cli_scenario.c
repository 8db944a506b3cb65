/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/scenario.c and drill_entry.c: what a scenario may say, with the line of what is wrong; and the alert an inject
 * becomes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/drill_entry.h"
#include "playbook_fixture.h"
#include "siaga/error.h"

static struct conf_error s_error;

static int
parse (struct scenario *scenario, const char *text)
{
	return scenario_parse (scenario, "s.conf", text, strlen (text), &s_error);
}

static void
assert_refused (const char *text, const char *words)
{
	struct scenario scenario;
	assert_int_equal (parse (&scenario, text), SIAGA_ECONF);
	if (!strstr (s_error.words, words))
		fail_msg ("%s: not %s", s_error.words, words);
}

static void
test_scenario_names_what_is_wrong (void **state)
{
	(void) state;
	assert_refused (
		"injects = ({ at = \"0s\"; title = \"a\"; category = \"availability/ddos\"; });",
		"s.conf: title: must be given");
	assert_refused ("title = \"t\";\n", "injects: must be given");
	assert_refused ("title = \"t\";\ninjects = ();\n", "s.conf:2: injects");
	assert_refused (
		"title = \"t\";\ninjects = ({ title = \"a\"; category = \"availability/ddos\"; });",
		"s.conf:2: injects[0].at: must be given");
	assert_refused (
		"title = \"t\";\ninjects = ({ at = \"0s\"; title = \"a\";\ncategory = \"nix\"; });",
		"s.conf:3: injects[0].category: unknown category");
	assert_refused (
		"title = \"t\";\ninjects = ({ at = \"9d\"; title = \"a\"; category = \"other/other\"; });",
		"injects[0].at");
	assert_refused ("title = \"t\"; typo = 1;", "typo");
	assert_refused (
		"title = \"t\";\n"
		"injects = ({ at = \"2m\"; title = \"a\"; category = \"availability/ddos\"; },\n"
		"{ at = \"1m\"; title = \"b\"; category = \"availability/ddos\"; });",
		"s.conf:3: injects[1].at: is before the inject above it");
	assert_refused ("@include \"/etc/passwd\"\n", "s.conf:1");
}

static void
test_scenario_bounds_its_injects (void **state)
{
	static char text[65536];
	size_t at = 0;
	(void) state;
	at += (size_t) sprintf (text + at, "title = \"t\"; injects = (");
	for (int i = 0; i <= SCENARIO_INJECTS_MAX; i++)
		at += (size_t) sprintf (
			text + at,
			"%s{ at = \"0s\"; title = \"a\"; category = \"availability/ddos\"; }",
			i ? "," : "");
	sprintf (text + at, ");");
	assert_refused (text, "injects");
}

static void
test_scenario_is_checked_against_the_roster (void **state)
{
	static const struct {
		const char *inject;
		const char *words; /* NULL: it is good */
	} cases[] = {
		{"lead = \"bssn\";", NULL},
		{"lead = \"nobody\";", "s.conf:2: injects[0].lead: the roster has no member"},
		{"lead = \"kominfo\";", "injects[0].lead: kominfo may not see it"},
		{"lead = \"bssn\"; audience = [\"polri\"];", "bssn may not see it"},
		{"audience = [\"nobody\"];", "audience: the roster has no member"},
		{"system = \"none\";", "injects[0].system: the roster has no system"},
	};
	struct siaga_roster *roster = playbook_parse ("playbook = ({ lead = \"kpu\"; });\n");
	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[512];
		struct scenario scenario;
		snprintf (text, sizeof text,
			  "title = \"t\";\ninjects = ({ at = \"0s\"; title = \"a\"; category = "
			  "\"availability/ddos\"; %s });",
			  cases[i].inject);
		assert_int_equal (parse (&scenario, text), 0);
		int error = scenario_check (&scenario, "s.conf", roster, &s_error);
		assert_int_equal (error, cases[i].words ? SIAGA_ECONF : 0);
		if (cases[i].words && !strstr (s_error.words, cases[i].words))
			fail_msg ("%s: not %s", s_error.words, cases[i].words);
		scenario_finish (&scenario);
	}
	siaga_roster_destroy (&roster);
}

/* What the scenario says goes before the playbook, the inject before the scenario. */
static void
test_an_inject_becomes_a_signed_exercise (void **state)
{
	static struct drill_entry entry;
	struct siaga_roster *roster =
		playbook_parse ("playbook = ({ lead = \"bssn\"; resolve_within = \"3h\"; });\n");
	struct siaga_principal person = {.name = "kpu/s", .roles = SIAGA_ROLE_PUBLISH};
	struct drill_origin origin = {roster, &person, UINT64_C (1795507200000000)};
	struct siaga_ref opening = {{1}, {2}};
	struct siaga_header header;
	struct siaga_body body;
	struct drill_terms terms;
	struct scenario scenario;
	uint8_t id[SIAGA_ID_BYTES];
	char words[DRILL_WORDS] = "";
	(void) state;
	person.member = &roster->members[0];
	assert_int_equal (
		parse (&scenario,
		       "title = \"t\"; take_within = \"7m\"; acknowledge_within = \"9m\";\n"
		       "injects = ({ at = \"0s\"; title = \"Banjir\"; category = "
		       "\"availability/ddos\"; acknowledge_within = \"2m\"; source = ({ ip = "
		       "\"203.0.113.1\"; port = 443; }); });"),
		0);
	drill_id_new (id, origin.now_us);
	drill_id_new (opening.id, origin.now_us);
	assert_int_equal (drill_make_inject (&entry, &origin, &scenario, 0, id, &opening, words),
			  0);
	assert_int_equal (
		siaga_entry_read ((struct siaga_bytes){entry.data, entry.size}, &header, &body), 0);
	assert_int_equal (header.status, SIAGA_STATUS_EXERCISE);
	assert_memory_equal (header.id, id, sizeof id);
	assert_int_equal (header.ref_count, 1);
	assert_memory_equal (&header.refs[0], &opening, sizeof opening);
	assert_int_equal (header.expires_us, origin.now_us + UINT64_C (24) * 3600 * 1000000);
	assert_int_equal (body.source[0].port, 443);
	assert_true (siaga_text_is (body.detector.rule_id, "1/1"));
	drill_terms_read (&terms, &body);
	assert_string_equal (terms.lead, "bssn");
	assert_int_equal (terms.within.acknowledge_within_us, UINT64_C (120000000));
	assert_int_equal (terms.within.take_within_us, UINT64_C (420000000));
	assert_int_equal (terms.within.resolve_within_us, UINT64_C (10800000000));
	person.roles = SIAGA_ROLE_READ;
	assert_int_equal (drill_make_inject (&entry, &origin, &scenario, 0, id, &opening, words),
			  SIAGA_EROLE);
	assert_non_null (strstr (words, "does not let kpu/s publish"));
	scenario_finish (&scenario);
	siaga_roster_destroy (&roster);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_scenario_names_what_is_wrong),
		cmocka_unit_test (test_scenario_bounds_its_injects),
		cmocka_unit_test (test_scenario_is_checked_against_the_roster),
		cmocka_unit_test (test_an_inject_becomes_a_signed_exercise),
	};
	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
