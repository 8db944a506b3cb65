/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/roster_parse.c and roster_check.c: what a good roster becomes; every kind of mistake with its line
 * and reason.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>

#include "roster_fixture.h"
#include "siaga/error.h"

static char text[FIXTURE_TEXT_MAX];

static void
test_roster_parse_reads_everything (void **state)
{
	struct siaga_roster *roster;
	struct conf_error error;
	uint8_t hash[SIAGA_HASH_BYTES];

	(void) state;
	fixture_text (text, NULL, NULL);
	assert_int_equal (roster_parse ("roster.conf", fixture_bytes (text), &roster, &error), 0);
	assert_string_equal (roster->network, "pemilu-2024");
	assert_int_equal (roster->serial, 7);
	assert_int_equal (roster->expires_us - roster->issued_us, UINT64_C (120) * 86400 * 1000000);
	assert_int_equal (roster->grace_us, UINT64_C (14) * 86400 * 1000000);
	assert_string_equal (roster->hub, "kpu/hub");
	assert_int_equal (roster->address_count, 1);
	assert_string_equal (roster->addresses[0], "tcp://127.0.0.1:7766");
	assert_int_equal (roster->member_count, 3);
	assert_string_equal (roster->members[0].title, "KPU");
	assert_null (roster->members[1].title);
	assert_int_equal (roster->members[1].clearance, SIAGA_TLP_AMBER_STRICT);
	assert_int_equal (roster->principal_count, 3);
	assert_int_equal (roster->principals[1].roles, SIAGA_ROLE_PUBLISH | SIAGA_ROLE_READ);
	assert_int_equal (roster->principals[1].key_count, 2);
	assert_ptr_equal (roster->principals[1].member, &roster->members[1]);
	assert_int_equal (roster->system_count, 2);
	assert_string_equal (roster->systems[0].owner, "kpu");
	assert_int_equal (roster->play_count, 3);
	assert_int_equal (roster->plays[0].min_severity, SIAGA_SEVERITY_HIGH);
	assert_string_equal (roster->plays[0].support[0], "bssn");
	assert_string_equal (roster->plays[0].inform[0], "polri");
	assert_int_equal (roster->plays[0].terms.always.acknowledge_within_us,
			  UINT64_C (900000000));
	assert_string_equal (roster->plays[0].first_action, "Call the hub.");
	assert_string_equal (roster->plays[2].category, "");
	assert_int_equal (roster->plays[2].support_count, 0);
	crypto_hash_sha256 (hash, (uint8_t *) text, strlen (text));
	assert_memory_equal (roster->sha256, hash, sizeof hash);
	siaga_roster_destroy (&roster);
}

#define CARD_2 "{ card = \"@bssn/soc-1@\"; },\n"

/* `find` of the good roster replaced; the first problem is on `line` (0: none named) and says
   `words`. */
static const struct {
	const char *find, *replacement;
	unsigned line;
	const char *words;
} mistakes[] = {
	{"network = \"pemilu-2024\"", "network = \"Pemilu 2024\"", 1, "network: "},
	{"network = \"pemilu-2024\";", "", 0, "network: must be given"},
	{"serial = 7", "serial = 0", 2, "serial: must be from 1"},
	{"serial = 7", "serial = \"7\"", 2, "serial: must be a number"},
	{"serial = 7", "serial = 4294967303", 2, "beyond 32 bits"},
	{"serial = 7", "serial = 9007199254740992L", 2, "serial: must be from 1"},
	{"serial = 7", "seriel = 7", 2, "did you mean \"serial\""},
	{"serial = 7", "serial = 7; serial = 8", 2, "duplicate"},
	{"serial = 7", "@include \"x\"", 2, "@include"},
	{"2026-11-01T00:00:00Z", "2026-13-01T00:00:00Z", 3, "issued: must be a time"},
	{"2027-03-01T00:00:00Z", "2026-11-01T00:00:00Z", 0, "expires: must be after issued"},
	{"\"14d\"", "\"14 days\"", 5, "grace: must be a duration"},
	{"\"tcp://127.0.0.1:7766\"", "\"udp://127.0.0.1:7766\"", 6, "hub.addresses: "},
	{"\"tcp://127.0.0.1:7766\"", "\"tcp://127.0.0.1\"", 6, "hub.addresses: "},
	{"\"tcp://127.0.0.1:7766\"", "\"tcp://127.0.0.1:70000\"", 6, "hub.addresses: "},
	{"\"tcp://127.0.0.1:7766\"", "", 6, "hub.addresses: must have 1"},
	{"principal = \"kpu/hub\"", "principal = \"kpu/hug\"", 6, "there is no principal kpu/hug"},
	{"name = \"bssn\";", "name = \"kpu\";", 9, "member kpu is there already, on line 8"},
	{"\"amber+strict\"", "\"amber-strict\"", 9, "did you mean \"amber+strict\""},
	{"\"amber\"", "\"purple\"", 10, "members[2].clearance: unknown value \"purple\""},
	{"name = \"polri\"", "name = \"Polri\"", 10, "members[2].name: "},
	{"name = \"polri\"; clearance", "name = \"tni\"; clearance", 18,
	 "there is no member polri"},
	{"\"operate\"", "\"operate\", \"publish\"", 13,
	 "may not have the roles publish or respond"},
	{"{ card = \"@kpu/hub@\"; }", "{ card = \"@kpu/hub@\"; until = \"2026-10-01T00:00:00Z\"; }",
	 13, "is the hub and has no live key"},
	{"\"publish\", \"read\"", "\"publsh\", \"read\"", 14, "did you mean \"publish\""},
	{"\"publish\", \"read\"", "\"administer\"", 14, "unknown role \"administer\""},
	{"@bssn/soc-1@", "@bssn/soc-2@", 15, "principal bssn/soc-1: the card is bssn/soc-2's"},
	{"@bssn/soc-1@", "siaga-card-1 bssn/soc-1 AAAA", 15, "principal bssn/soc-1: not a card"},
	{"@bssn/soc-1:2@", "@bssn/soc-1@", 16, "in use already, by bssn/soc-1 on line 15"},
	{"until = \"2026-10-01T00:00:00Z\"", "until = \"soon\"", 16, "until: must be a time"},
	{CARD_2, CARD_2 "{ card = \"@bssn/soc-1:3@\"; }, { card = \"@bssn/soc-1:4@\"; },\n", 14,
	 "more than 2 live keys"},
	{"name = \"polri/dewi\"", "name = \"polri\"", 18, "principals[2].name: "},
	{"name = \"polri/dewi\"", "name = \"bssn/soc-1\"", 19, "the card is polri/dewi's"},
	{"keys = ({ card = \"@polri/dewi@\"; })", "keys = ()", 19,
	 "principals[2].keys: must have 1"},
	{"owner = \"kpu\"; },\n", "owner = \"bin\"; },\n", 21, "owner: there is no member bin"},
	{"name = \"sipol\"", "name = \"sirekap\"", 22,
	 "system sirekap is there already, on line 21"},
	{"\"availability\"", "\"availabilty\"", 24, "unknown category \"availabilty\""},
	{"\"availability\"", "\"availability/dodos\"", 24, "unknown category"},
	{"system = \"sirekap\"", "system = \"silon\"", 24, "there is no system silon"},
	{"lead = \"kpu\"; support", "lead = \"bin\"; support", 24, "lead: there is no member bin"},
	{"support = [\"bssn\"]", "support = [\"bin\"]", 25, "support: there is no member bin"},
	{"inform = [\"polri\"]", "inform = [\"bin\"]", 25, "inform: there is no member bin"},
	{"\"15m\"", "15", 27, "acknowledge_within: must be text in quotes"},
	{"{ lead = \"kpu\"; }", "{ leed = \"kpu\"; }", 29, "playbook[2].leed: unknown key"},
	{"playbook = (", "playbook = [", 24, "syntax error"},
	{");\n", ");\n)", 12, "syntax error"},
};

static void
test_roster_parse_names_line_and_reason_of_each_mistake (void **state)
{
	struct siaga_roster *roster = NULL;
	struct conf_error error;
	char where[64];

	(void) state;
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		snprintf (where, sizeof where, "roster.conf:%u: ", mistakes[i].line);
		if (mistakes[i].line == 0)
			strcpy (where, "roster.conf: ");
		fixture_text (text, mistakes[i].find, mistakes[i].replacement);
		assert_int_equal (
			roster_parse ("roster.conf", fixture_bytes (text), &roster, &error),
			SIAGA_ECONF);
		assert_null (roster);
		if (strncmp (error.words, where, strlen (where)) != 0 ||
		    strstr (error.words, mistakes[i].words) == NULL)
			fail_msg ("%zu: \"%s\" is not at \"%s\" with \"%s\"", i, error.words, where,
				  mistakes[i].words);
	}
}

static void
count_problem (void *arg, const char *words)
{
	(void) words;
	++*(unsigned *) arg;
}

static void
test_roster_parse_reports_every_mistake (void **state)
{
	struct siaga_roster *roster = NULL;
	struct conf_report report;
	struct conf_error error;
	unsigned count = 0;

	(void) state;
	fixture_text (text,
		      "owner = \"kpu\"; },\n  { name = \"sipol\"; owner = \"kpu\"; });\n"
		      "playbook = (\n  { category = \"availability\"; system = \"sirekap\";",
		      "owner = \"x\"; },\n  { name = \"sipol\"; owner = \"y\"; });\n"
		      "playbook = (\n  { category = \"availability\"; system = \"z\";");
	conf_report_init (&report, "roster.conf", &error);
	report.each = count_problem;
	report.arg = &count;
	assert_int_equal (roster_parse_report (&report, fixture_bytes (text), &roster),
			  SIAGA_ECONF);
	assert_int_equal (count, 3);
	assert_int_equal (report.count, 3);
	assert_non_null (strstr (error.words, "member x"));
}

/* A card made by hand with a key of another. */
static void
card_with (char out[SIAGA_CARD_MAX], const char *key, const uint8_t transport[SIAGA_KEY_BYTES])
{
	struct siaga_identity *identity = siaga_identity_new (siaga_text (key));
	uint8_t bytes[SIAGA_PRINCIPAL_MAX + 1 + 3 * SIAGA_KEY_BYTES], *at;

	memcpy (identity->card.transport, transport, SIAGA_KEY_BYTES);
	at = mempcpy (bytes, key, strlen (key));
	*at++ = '\n';
	at = mempcpy (at, identity->card.sign, SIAGA_KEY_BYTES);
	at = mempcpy (at, identity->card.transport, SIAGA_KEY_BYTES);
	at = mempcpy (at, identity->card.seal, SIAGA_KEY_BYTES);
	siaga_sign (identity->card.signature, "card", siaga_text (NULL),
		    (struct siaga_bytes){bytes, (size_t) (at - bytes)}, identity->sign_secret);
	siaga_card_write (&identity->card, out);
	siaga_identity_destroy (&identity);
}

static void
test_roster_parse_refuses_shared_and_weak_keys (void **state)
{
	static const uint8_t zero[SIAGA_KEY_BYTES];
	const struct siaga_card *hub = &fixture_identity ("kpu/hub")->card;
	const uint8_t *shared[] = {hub->transport, hub->seal};
	struct siaga_roster *roster = NULL;
	struct conf_error error;
	char card[SIAGA_CARD_MAX];

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		card_with (card, "polri/dewi", shared[i]);
		fixture_text (text, "@polri/dewi@", card);
		assert_int_equal (roster_parse ("r", fixture_bytes (text), &roster, &error),
				  SIAGA_ECONF);
		assert_non_null (strstr (
			error.words, "r:19: principal polri/dewi: a key of this card is in use"));
		assert_non_null (strstr (error.words, "by kpu/hub on line 13"));
	}
	card_with (card, "polri/dewi", zero);
	fixture_text (text, "@polri/dewi@", card);
	assert_int_equal (roster_parse ("r", fixture_bytes (text), &roster, &error), SIAGA_ECONF);
	assert_non_null (
		strstr (error.words, "r:19: principal polri/dewi: the card has a weak key"));
}

static void
test_roster_parse_refuses_a_changed_card (void **state)
{
	struct siaga_roster *roster = NULL;
	struct conf_error error;
	char *card;

	(void) state;
	fixture_text (text, NULL, NULL);
	card = strstr (text, "siaga-card-1 polri/dewi ");
	card[24 + 150] = card[24 + 150] == 'A' ? 'B' : 'A';
	assert_int_equal (roster_parse ("r", fixture_bytes (text), &roster, &error), SIAGA_ECONF);
	assert_non_null (
		strstr (error.words, "r:19: principal polri/dewi: the card's own signature"));
}

static void
test_roster_parse_refuses_what_is_too_large (void **state)
{
	struct siaga_roster *roster = NULL;
	struct conf_error error;
	uint8_t *large = calloc (1, SIAGA_ROSTER_MAX + 1);

	(void) state;
	assert_non_null (large);
	assert_int_equal (roster_parse ("r", (struct siaga_bytes){large, SIAGA_ROSTER_MAX + 1},
					&roster, &error),
			  SIAGA_ELIMIT);
	free (large);
}

static int
parse_after (const char *find, const char *replacement, const struct siaga_roster *known,
	     struct siaga_roster **roster_p)
{
	struct conf_report report;
	struct conf_error error;

	fixture_text (text, find, replacement);
	conf_report_init (&report, "roster.conf", &error);
	return roster_parse_after (&report, fixture_bytes (text), known, roster_p);
}

static void
test_roster_known_cards_are_read_alike_and_others_verified (void **state)
{
	struct siaga_roster *known = fixture_parse (), *roster;
	char line[SIAGA_CARD_MAX + 16], forged[SIAGA_CARD_MAX + 16];

	(void) state;
	assert_int_equal (parse_after (NULL, NULL, known, &roster), 0);
	for (size_t i = 0; i < known->principal_count; i++)
		for (size_t k = 0; k < known->principals[i].key_count; k++)
			assert_memory_equal (&roster->principals[i].keys[k],
					     &known->principals[i].keys[k],
					     sizeof known->principals[i].keys[k]);
	siaga_roster_destroy (&roster);
	/* What is known of one says nothing of another, nor of a card with another letter. */
	assert_int_equal (parse_after ("@polri/dewi@", "@bssn/soc-1@", known, &roster),
			  SIAGA_ECONF);
	siaga_card_write (&fixture_identity ("polri/dewi")->card, line);
	snprintf (forged, sizeof forged, "%s", line);
	char *at = strrchr (forged, ' ') + 100;
	*at = *at == 'A' ? 'B' : 'A';
	assert_int_equal (parse_after ("@polri/dewi@", forged, known, &roster), SIAGA_ECONF);
	assert_int_equal (parse_after ("@polri/dewi@", line, known, &roster), 0);
	siaga_roster_destroy (&roster);
	assert_int_equal (parse_after ("@polri/dewi@", "@polri/dewi:2@", known, &roster), 0);
	siaga_roster_destroy (&roster);
	siaga_roster_destroy (&known);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_roster_parse_reads_everything),
		cmocka_unit_test (test_roster_parse_names_line_and_reason_of_each_mistake),
		cmocka_unit_test (test_roster_parse_reports_every_mistake),
		cmocka_unit_test (test_roster_parse_refuses_shared_and_weak_keys),
		cmocka_unit_test (test_roster_parse_refuses_a_changed_card),
		cmocka_unit_test (test_roster_parse_refuses_what_is_too_large),
		cmocka_unit_test (test_roster_known_cards_are_read_alike_and_others_verified),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
