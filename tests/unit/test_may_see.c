/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Need to know, the whole table: every TLP, every clearance, every kind of audience, own and
 * others' entries.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "siaga/roster.h"

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

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_may_see_others_by_clearance_and_audience),
		cmocka_unit_test (test_may_see_own_always),
		cmocka_unit_test (test_may_see_own_is_the_whole_member),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
