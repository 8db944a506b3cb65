/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/roster_diff.c: each change is told in words, and what did not change is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/roster_diff.h"
#include "roster_fixture.h"
#include "siaga/error.h"

static struct siaga_roster *
parse (const char *find, const char *replacement)
{
	static char text[FIXTURE_TEXT_MAX];
	struct siaga_roster *roster;
	struct conf_error error;

	fixture_text (text, find, replacement);
	if (roster_parse ("roster.conf", fixture_bytes (text), &roster, &error) != 0)
		fail_msg ("%s", error.words);
	return roster;
}

/* What is said of the fixture's roster with one passage replaced; the other way round when `back`. */
static char *
diff (const char *find, const char *replacement, bool back, unsigned *count)
{
	struct siaga_roster *one = parse (NULL, NULL), *other = parse (find, replacement);
	char *words = NULL;
	size_t size;
	FILE *out = open_memstream (&words, &size);

	assert_non_null (out);
	*count = back ? roster_diff (out, other, one) : roster_diff (out, one, other);
	fclose (out);
	siaga_roster_destroy (&one);
	siaga_roster_destroy (&other);
	return words;
}

static void
print (char *out, size_t capacity, const char *key)
{
	siaga_card_fingerprint (&fixture_identity (key)->card, out);
	(void) capacity;
}

/* Exactly these lines, but for the first, about the serial that stays. */
static void
expect (const char *find, const char *replacement, bool back, const char *lines)
{
	unsigned count, expected = 1;
	char *words = diff (find, replacement, back, &count);
	const char *rest = strchr (words, '\n');

	for (const char *at = lines; *at; at++)
		expected += *at == '\n';
	assert_int_equal (strncmp (words, "serial: 7 stays", 15), 0);
	assert_non_null (rest);
	if (strcmp (rest + 1, lines) != 0)
		fail_msg ("said:\n%swanted:\n%s", rest + 1, lines);
	assert_int_equal (count, expected);
	free (words);
}

static void
test_same_roster_has_no_difference (void **state)
{
	unsigned count;
	char *words;

	(void) state;
	words = diff (NULL, NULL, false, &count);
	assert_string_equal (words, "");
	assert_int_equal (count, 0);
	free (words);
	/* A comment is one, to a signature. */
	words = diff ("serial = 7;", "serial = 7; # seven", false, &count);
	assert_string_equal (words, "serial: 7 stays: raise it, or nobody takes the new roster\n");
	free (words);
}

static void
test_serial_says_whether_it_will_be_taken (void **state)
{
	unsigned count;
	char *words;

	(void) state;
	words = diff ("serial = 7;", "serial = 8;", false, &count);
	assert_string_equal (words, "serial: 7 becomes 8\n");
	free (words);
	words = diff ("serial = 7;", "serial = 8;", true, &count);
	assert_string_equal (words, "serial: 8 becomes 7: nobody takes an older roster\n");
	free (words);
}

#define DEWI_KEYS "keys = ({ card = \"@polri/dewi@\"; });"

static void
test_keys_by_fingerprint (void **state)
{
	char first[SIAGA_FINGERPRINT_TEXT], second[SIAGA_FINGERPRINT_TEXT], lines[512];

	(void) state;
	print (first, sizeof first, "polri/dewi");
	print (second, sizeof second, "polri/dewi:2");
	snprintf (lines, sizeof lines, "key: polri/dewi: %s is new\n", second);
	expect (DEWI_KEYS, "keys = ({ card = \"@polri/dewi@\"; }, { card = \"@polri/dewi:2@\"; });",
		false, lines);
	snprintf (lines, sizeof lines,
		  "key: polri/dewi: %s is taken out: what it signed can no longer be verified\n",
		  second);
	expect (DEWI_KEYS, "keys = ({ card = \"@polri/dewi@\"; }, { card = \"@polri/dewi:2@\"; });",
		true, lines);
	snprintf (lines, sizeof lines,
		  "key: polri/dewi: %s is retired from 2026-12-01T00:00:00.000000Z\n", first);
	expect (DEWI_KEYS,
		"keys = ({ card = \"@polri/dewi@\"; until = \"2026-12-01T00:00:00Z\"; });", false,
		lines);
	snprintf (lines, sizeof lines, "key: polri/dewi: %s is no longer retired\n", first);
	expect (DEWI_KEYS,
		"keys = ({ card = \"@polri/dewi@\"; until = \"2026-12-01T00:00:00Z\"; });", true,
		lines);
	snprintf (lines, sizeof lines,
		  "key: polri/dewi: %s is revoked: untrusted from 2026-12-01T00:00:00.000000Z\n",
		  first);
	expect (DEWI_KEYS,
		"keys = ({ card = \"@polri/dewi@\"; untrusted_from = \"2026-12-01T00:00:00Z\"; });",
		false, lines);
}

static void
test_principals_and_roles (void **state)
{
	char fingerprint[SIAGA_FINGERPRINT_TEXT], lines[512];

	(void) state;
	print (fingerprint, sizeof fingerprint, "polri/budi");
	snprintf (lines, sizeof lines,
		  "enrolled: polri/budi: may publish, read\nkey: polri/budi: %s is new\n",
		  fingerprint);
	expect ("  { name = \"polri/dewi\"",
		"  { name = \"polri/budi\"; roles = [\"read\", \"publish\"];\n"
		"    keys = ({ card = \"@polri/budi@\"; }); },\n  { name = \"polri/dewi\"",
		false, lines);
	expect ("  { name = \"polri/dewi\"",
		"  { name = \"polri/budi\"; roles = [\"read\", \"publish\"];\n"
		"    keys = ({ card = \"@polri/budi@\"; }); },\n  { name = \"polri/dewi\"",
		true,
		"taken out: polri/budi: kept out, and what it signed can no longer be verified\n");
	expect ("[\"respond\", \"read\"]", "[\"respond\", \"operate\"]", false,
		"roles: polri/dewi: may now operate\nroles: polri/dewi: may no longer read\n");
}

static void
test_members_systems_and_hub (void **state)
{
	(void) state;
	expect ("\"polri\"; clearance = \"amber\"", "\"polri\"; clearance = \"red\"", false,
		"member: polri: cleared for red, no longer for amber: it sees more\n");
	expect ("\"polri\"; clearance = \"amber\"", "\"polri\"; clearance = \"red\"", true,
		"member: polri: cleared for amber, no longer for red\n");
	expect ("  { name = \"kpu\"; title",
		"  { name = \"bin\"; clearance = \"red\"; },\n  { name = \"kpu\"; title", false,
		"member: bin: new, cleared for red\n");
	expect ("  { name = \"kpu\"; title",
		"  { name = \"bin\"; clearance = \"red\"; },\n  { name = \"kpu\"; title", true,
		"member: bin: taken out\n");
	expect ("\"sipol\"; owner = \"kpu\"", "\"sipol\"; owner = \"bssn\"", false,
		"system: sipol: owned by bssn, no longer by kpu\n");
	expect ("[\"tcp://127.0.0.1:7766\"]", "[\"tcp://127.0.0.1:1\", \"tcp://127.0.0.1:7766\"]",
		false, "hub: also at tcp://127.0.0.1:1\n");
	expect ("[\"tcp://127.0.0.1:7766\"]", "[\"tcp://127.0.0.1:1\"]", false,
		"hub: no longer at tcp://127.0.0.1:7766\nhub: also at tcp://127.0.0.1:1\n");
	expect ("\"2027-03-01T00:00:00Z\"", "\"2027-04-01T00:00:00Z\"", false,
		"expires: 2027-03-01T00:00:00.000000Z becomes 2027-04-01T00:00:00.000000Z\n");
}

static void
test_roots (void **state)
{
	static const char root[] = "RWQhg99/WU4KZ9WimQ3oFoSPiNdlQ2dBdjSotxiY5oplGWvAsRM4e8ho";
	char replacement[256], lines[512];

	(void) state;
	snprintf (replacement, sizeof replacement,
		  "next_roots = { keys = [\"%s\"]; threshold = 1; };\nserial = 7;", root);
	snprintf (lines, sizeof lines,
		  "roots: %s is announced as a root\nroots: 1 of the 1 announced must sign\n",
		  root);
	expect ("serial = 7;", replacement, false, lines);
	snprintf (lines, sizeof lines,
		  "roots: %s is no longer announced\nroots: none are announced any more\n", root);
	expect ("serial = 7;", replacement, true, lines);
}

static void
test_playbook (void **state)
{
	(void) state;
	expect ("{ category = \"intrusions/system-compromise\"; lead = \"bssn\"; }",
		"{ category = \"intrusions/system-compromise\"; lead = \"polri\"; }", false,
		"playbook: rule 2 (intrusions/system-compromise from info: lead bssn) is taken out, or changed\n"
		"playbook: rule 2 (intrusions/system-compromise from info: lead polri) is new, or changed\n");
	expect ("  { category = \"intrusions/system-compromise\"; lead = \"bssn\"; },\n  { lead = "
		"\"kpu\"; }\n",
		"  { lead = \"kpu\"; },\n  { category = \"intrusions/system-compromise\"; lead = "
		"\"bssn\"; }\n",
		false, "playbook: the rules are the same in another order\n");
}

/* Each part of a rule, and what holds where a rule says nothing. */
static void
test_playbook_s_terms (void **state)
{
	static const char *const parts[] = {
		"acknowledge_within = \"5m\";",
		"take_within = \"5m\";",
		"resolve_within = \"5m\";",
		"escalation = [\"kpu\"];",
		"max_tlp = \"green\";",
		"status = [\"exercise\"];",
		"steps = ( { member = \"kpu\"; action = \"Look\"; } );",
		"first_action = \"Look\";",
	};
	char replacement[256];

	(void) state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf (replacement, sizeof replacement,
			  "{ category = \"intrusions/system-compromise\"; lead = \"bssn\"; %s }",
			  parts[i]);
		expect ("{ category = \"intrusions/system-compromise\"; lead = \"bssn\"; }",
			replacement, false,
			"playbook: rule 2 (intrusions/system-compromise from info: lead bssn) is taken out, or changed\n"
			"playbook: rule 2 (intrusions/system-compromise from info: lead bssn) is new, or changed\n");
	}
	expect ("serial = 7;", "serial = 7; playbook_defaults = { take_within = \"1h\"; };", false,
		"playbook_defaults: what holds where a rule says nothing changed\n");
	expect ("serial = 7;",
		"serial = 7; phases = ( { name = \"campaign\"; from = \"2026-11-28T00:00:00Z\"; until = "
		"\"2027-02-11T00:00:00Z\"; } );",
		false, "phases: the calendar changed\n");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_same_roster_has_no_difference),
		cmocka_unit_test (test_serial_says_whether_it_will_be_taken),
		cmocka_unit_test (test_keys_by_fingerprint),
		cmocka_unit_test (test_principals_and_roles),
		cmocka_unit_test (test_members_systems_and_hub),
		cmocka_unit_test (test_roots),
		cmocka_unit_test (test_playbook),
		cmocka_unit_test (test_playbook_s_terms),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
