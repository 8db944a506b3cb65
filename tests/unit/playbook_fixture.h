/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of playbooks: the good roster with members, systems and a playbook of the test's own. Each test's text
 * begins on line 8, behind the header and the principals.
 */
#ifndef SIAGA_TESTS_PLAYBOOK_FIXTURE_H
#define SIAGA_TESTS_PLAYBOOK_FIXTURE_H

#include "roster_fixture.h"

#define PLAYBOOK_LINE 8 /* of the first line of the test's text */

static const char playbook_head[] =
	"network = \"pemilu-2024\"; serial = 7;\n"
	"issued = \"2026-11-01T00:00:00Z\"; expires = \"2027-03-01T00:00:00Z\";\n"
	"hub = { principal = \"kpu/hub\"; addresses = [\"tcp://127.0.0.1:7766\"]; };\n"
	"principals = (\n"
	"  { name = \"kpu/hub\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/hub@\"; }); },\n"
	"  { name = \"bssn/a\"; roles = [\"respond\"]; keys = ({ card = \"@bssn/a@\"; }); }\n"
	");\n";

/* Everybody can be called; kominfo may see least. */
#define PLAYBOOK_MEMBERS                                                                           \
	"members = ({ name = \"kpu\"; clearance = \"red\"; duty_phone = \"+62 1\"; },\n"           \
	"  { name = \"bssn\"; clearance = \"red\"; duty_phone = \"+62 2\"; mail = \"b@x\"; },\n"   \
	"  { name = \"polri\"; clearance = \"amber+strict\"; mail = \"p@x\"; },\n"                 \
	"  { name = \"kominfo\"; clearance = \"green\"; mail = \"k@x\"; });\n"
#define PLAYBOOK_SYSTEMS                                                                           \
	"systems = ({ name = \"sipol\"; owner = \"kpu\"; },\n"                                     \
	"  { name = \"sirekap\"; owner = \"kpu\"; });\n"
#define PLAYBOOK_RULES_LINE (PLAYBOOK_LINE + 6) /* of the line after both of them */

static inline void
playbook_text (char out[FIXTURE_TEXT_MAX], const char *body)
{
	char *text = malloc (FIXTURE_TEXT_MAX);

	if (text == NULL ||
	    snprintf (text, FIXTURE_TEXT_MAX, "%s%s", playbook_head, body) >= FIXTURE_TEXT_MAX)
		abort ();
	fixture_expand (out, text);
	free (text);
}

/* A roster with these rules, which must be good. */
static inline struct siaga_roster *
playbook_parse (const char *rules)
{
	static char text[FIXTURE_TEXT_MAX];
	char body[8192];
	struct siaga_roster *roster;
	struct conf_error error;

	snprintf (body, sizeof body, "%s%s", PLAYBOOK_MEMBERS PLAYBOOK_SYSTEMS, rules);
	playbook_text (text, body);
	if (roster_parse ("roster.conf", fixture_bytes (text), &roster, &error) != 0) {
		fprintf (stderr, "%s\n", error.words);
		abort ();
	}
	return roster;
}

#endif
