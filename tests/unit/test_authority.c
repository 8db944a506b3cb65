/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/authority.c, the whole tables: who may say what by role and kind; who may see what by TLP, clearance
 * and audience; and which play answers.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "roster_fixture.h"
#include "siaga/error.h"

#define LEVELS 5

/* Who is meant: nobody in particular, us alone, us among others, others. */
static const struct {
	const char *const members[3];
	size_t count;
	bool is_ours;
} audiences[] = {
	{{NULL}, 0, true},	    {{"bssn"}, 1, true}, {{"bin", "bssn", "kpu"}, 3, true},
	{{"bin", "kpu"}, 2, false}, {{"bss"}, 1, false}, {{"bssn2"}, 1, false},
};

static struct siaga_header
make_header (const char *origin, unsigned tlp, size_t audience)
{
	struct siaga_header header = {.origin = siaga_text (origin), .tlp = (enum siaga_tlp) tlp};

	header.audience_count = audiences[audience].count;
	for (size_t i = 0; i < header.audience_count; i++)
		header.audience[i] = siaga_text (audiences[audience].members[i]);
	return header;
}

/* What others than its own member may see, written out: rows are clearances, columns TLPs. */
static const char *const cleared[LEVELS] = {
	/* clear green amber strict red */
	"+----", /* clear */
	"++---", /* green */
	"+++--", /* amber */
	"++++-", /* amber+strict */
	"+++++", /* red */
};

static void
test_may_see_others_by_clearance_and_audience (void **state)
{
	struct siaga_member member = {.name = "bssn"};

	(void) state;
	for (unsigned clearance = 0; clearance < LEVELS; clearance++)
		for (unsigned tlp = 0; tlp < LEVELS; tlp++)
			for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++) {
				struct siaga_header header = make_header ("kpu/soc-1", tlp, i);
				bool expected =
					cleared[clearance][tlp] == '+' && audiences[i].is_ours;

				member.clearance = (enum siaga_tlp) clearance;
				assert_int_equal (siaga_may_see (&member, &header), expected);
			}
}

static void
test_may_see_own_always (void **state)
{
	struct siaga_member member = {.name = "bssn"};

	(void) state;
	for (unsigned clearance = 0; clearance < LEVELS; clearance++)
		for (unsigned tlp = 0; tlp < LEVELS; tlp++)
			for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++) {
				struct siaga_header header = make_header ("bssn/dewi", tlp, i);

				member.clearance = (enum siaga_tlp) clearance;
				assert_true (siaga_may_see (&member, &header));
			}
}

/* What the hub says of an alert is seen by who sees the alert; the hub's own member is no exception. */
static void
test_may_see_own_escalation_only_as_addressed (void **state)
{
	struct siaga_member member = {.name = "bssn"};

	(void) state;
	for (unsigned clearance = 0; clearance < LEVELS; clearance++)
		for (unsigned tlp = 0; tlp < LEVELS; tlp++)
			for (size_t i = 0; i < sizeof audiences / sizeof *audiences; i++) {
				struct siaga_header header = make_header ("bssn/hub", tlp, i);

				member.clearance = (enum siaga_tlp) clearance;
				header.kind = SIAGA_KIND_SYSTEM;
				header.category = (struct siaga_text){NULL, 0};
				assert_true (siaga_may_see (&member, &header));
				header.category = siaga_text ("other/other");
				header.ref_count = 1;
				assert_int_equal (siaga_may_see (&member, &header),
						  cleared[clearance][tlp] == '+' &&
							  audiences[i].is_ours);
			}
}

static void
test_may_see_own_is_the_whole_member (void **state)
{
	const struct siaga_member member = {.name = "bssn", .clearance = SIAGA_TLP_CLEAR};
	static const char *const origins[] = {"bss/n", "bssn2/a", "kpu/bssn", "bssn-2/a"};

	(void) state;
	for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
		struct siaga_header header = make_header (origins[i], SIAGA_TLP_RED, 0);

		assert_false (siaga_may_see (&member, &header));
	}
}

/* Of a principal with exactly these roles, for the kinds in the order of enum siaga_kind. */
static void
test_may_say_matrix (void **state)
{
	static const struct {
		const char *name;
		unsigned roles;
		const char *allowed; /* + or - for each kind */
	} rows[] = {
		{"bssn/a", 0, "-------"},
		{"bssn/a", SIAGA_ROLE_PUBLISH, "+++-+--"},
		{"bssn/a", SIAGA_ROLE_RESPOND, "---++--"},
		{"bssn/a", SIAGA_ROLE_READ, "-------"},
		{"bssn/a", SIAGA_ROLE_OPERATE, "-------"},
		{"bssn/a", SIAGA_ROLE_PUBLISH | SIAGA_ROLE_RESPOND, "+++++--"},
		{"bssn/a", ~0u, "+++++--"},
		{"kpu/hub", 0, "-----++"},
		{"kpu/hub", ~0u, "-----++"},
	};
	const struct siaga_roster roster = {.hub = "kpu/hub"};

	(void) state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct siaga_principal principal = {.roles = rows[i].roles};
		struct siaga_header header = {.origin = siaga_text (rows[i].name)};

		strcpy (principal.name, rows[i].name);
		for (unsigned kind = 0; kind < 7; kind++) {
			header.kind = (enum siaga_kind) kind;
			assert_int_equal (siaga_may_say (&roster, &principal, &header),
					  rows[i].allowed[kind] == '+' ? 0 : SIAGA_EROLE);
		}
		header.kind = (enum siaga_kind) 99;
		assert_int_equal (siaga_may_say (&roster, &principal, &header), SIAGA_EROLE);
		header.origin = siaga_text ("bssn/b");
		header.kind = SIAGA_KIND_ALERT;
		assert_int_equal (siaga_may_say (&roster, &principal, &header), SIAGA_EORIGIN);
	}
}

static void
test_play_is_the_first_that_matches (void **state)
{
	struct siaga_roster *roster = fixture_parse ();
	struct siaga_header header = {.category = siaga_text ("availability/ddos"),
				      .system = siaga_text ("sirekap"),
				      .severity = SIAGA_SEVERITY_HIGH};

	(void) state;
	assert_ptr_equal (siaga_roster_play (roster, &header), &roster->plays[0]);
	header.severity = SIAGA_SEVERITY_MEDIUM;
	assert_ptr_equal (siaga_roster_play (roster, &header), &roster->plays[2]);
	header.severity = SIAGA_SEVERITY_CRITICAL;
	header.system = siaga_text ("sipol");
	assert_ptr_equal (siaga_roster_play (roster, &header), &roster->plays[2]);
	header.category = siaga_text ("intrusions/system-compromise");
	assert_ptr_equal (siaga_roster_play (roster, &header), &roster->plays[1]);
	header.category = siaga_text ("intrusions/burglary");
	assert_ptr_equal (siaga_roster_play (roster, &header), &roster->plays[2]);
	roster->play_count = 2;
	assert_null (siaga_roster_play (roster, &header));
	roster->play_count = 3;
	siaga_roster_destroy (&roster);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_may_see_others_by_clearance_and_audience),
		cmocka_unit_test (test_may_see_own_always),
		cmocka_unit_test (test_may_see_own_escalation_only_as_addressed),
		cmocka_unit_test (test_may_see_own_is_the_whole_member),
		cmocka_unit_test (test_may_say_matrix),
		cmocka_unit_test (test_play_is_the_first_that_matches),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
