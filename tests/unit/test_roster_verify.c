/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/roster_verify.c: a roster is used only when enough pinned keys signed exactly these bytes, for this
 * network and in time. Signed here by the stock minisign, as an operator does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "signed_fixture.h"
#include "siaga/error.h"

static void
test_roster_loads_when_signed (void **state)
{
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, NULL), 0);
}

static void
test_roster_unsigned_is_refused (void **state)
{
	struct trust_roots one = make_pins (1, 1), none = make_pins (0, 0);

	(void) state;
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "0 of the 1"), SIAGA_EUNSIGNED);
	assert_int_equal (load (&none, FIXTURE_NOW_US, false, "0 of the 1"), SIAGA_EUNSIGNED);
	fixture_sign ("root1", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "not pinned"), SIAGA_EUNSIGNED);
	fixture_write ("roster.conf.minisig", "nonsense");
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "no minisign signature"),
			  SIAGA_EUNSIGNED);
}

static void
test_roster_tampered_is_refused_before_it_is_parsed (void **state)
{
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	strcat (text, "\n");
	fixture_write ("roster.conf", text);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "does not verify"), SIAGA_EUNSIGNED);
	fixture_write ("roster.conf", "not even a roster");
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "does not verify"), SIAGA_EUNSIGNED);
}

static void
test_roster_signed_but_wrong_is_refused (void **state)
{
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	fixture_write ("roster.conf", "serial = 7;");
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "must be given"), SIAGA_ECONF);
}

static void
test_roster_comment_must_be_exact (void **state)
{
	static const struct {
		const char *comment;
		int status;
		const char *words;
	} cases[] = {
		{"siaga roster network=pemilu-2024 serial=8", SIAGA_EUNSIGNED,
		 "signed as serial 8"},
		{"siaga roster network=pemilu-2029 serial=7", SIAGA_ENETWORK, "another network"},
		{"siaga roster network=pemilu-2024 serial=07", SIAGA_EUNSIGNED, "trusted comment"},
		{"siaga roster network=pemilu-2024 serial=7 ", SIAGA_EUNSIGNED, "trusted comment"},
		{"siaga roster network=pemilu-2024 serial=7x", SIAGA_EUNSIGNED, "trusted comment"},
		{"siaga roster network=pemilu-2024 serial=-7", SIAGA_EUNSIGNED, "trusted comment"},
		{"siaga roster network=pemilu-2024", SIAGA_EUNSIGNED, "trusted comment"},
		{"roster network=pemilu-2024 serial=7", SIAGA_EUNSIGNED, "trusted comment"},
		{"timestamp:1 file:roster.conf", SIAGA_EUNSIGNED, "trusted comment"},
	};
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		fixture_sign ("root0", "roster.conf", "roster.conf.minisig", cases[i].comment);
		assert_int_equal (load (&one, FIXTURE_NOW_US, false, cases[i].words),
				  cases[i].status);
	}
}

static void
test_roster_of_another_network_is_refused (void **state)
{
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	/* the comment says ours, the text another */
	fixture_text (text, "network = \"pemilu-2024\"", "network = \"pemilu-2029\"");
	fixture_write ("roster.conf", text);
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "is for network pemilu-2029"),
			  SIAGA_ENETWORK);
}

static void
test_roster_two_of_three_must_differ (void **state)
{
	struct trust_roots pins = make_pins (3, 2);

	(void) state;
	fixture_sign ("root0", "roster.conf", "roster.conf.a.minisig", COMMENT);
	fixture_sign ("root0", "roster.conf", "roster.conf.b.minisig", COMMENT);
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, "1 of the 2"), SIAGA_EUNSIGNED);
	fixture_sign ("root2", "roster.conf", "roster.conf.c.minisig",
		      "siaga roster network=pemilu-2024 serial=8");
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, "1 of the 2"), SIAGA_EUNSIGNED);
	fixture_sign ("root2", "roster.conf", "roster.conf.c.minisig", COMMENT);
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, NULL), 0);
	/* the same key pinned twice is one */
	pins.keys[2] = pins.keys[0];
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, "1 of the 2"), SIAGA_EUNSIGNED);
}

static void
test_roster_bundle_keeps_what_is_of_the_roster_alone (void **state)
{
	struct trust_roots one = make_pins (1, 1);
	struct siaga_roster *roster;
	struct roster_bundle bundle;
	struct conf_error error;

	(void) state;
	for (int i = 0; i < 20; i++)
		fixture_run ("echo nonsense > roster.conf.%d.minisig", i);
	fixture_sign ("root0", "roster.conf", "roster.conf.b.minisig", COMMENT);
	fixture_write ("former", "the roster before");
	fixture_sign ("root0", "former", "roster.conf.a.minisig",
		      "siaga roster network=pemilu-2024 serial=6");
	fixture_sign ("root1", "roster.conf", "roster.conf.c.minisig", COMMENT);
	assert_int_equal (roster_bundle_read (&bundle, "roster.conf", &error), 0);
	assert_int_equal (bundle.signature_count, 23);
	assert_int_equal (
		roster_open ("roster.conf", &bundle, &one, FIXTURE_NOW_US, false, &roster, &error),
		0);
	roster_bundle_tidy (&bundle, roster);
	/* Also that by a key which is not pinned here. */
	assert_int_equal (bundle.signature_count, 2);
	assert_int_equal (roster_verify ("r", (struct siaga_bytes){bundle.text, bundle.size},
					 bundle.signatures, 2, &one, &(uint64_t){0}, &error),
			  0);
	one.keys[0] = keys[1];
	assert_int_equal (roster_verify ("r", (struct siaga_bytes){bundle.text, bundle.size},
					 bundle.signatures, 2, &one, &(uint64_t){0}, &error),
			  0);
	siaga_roster_destroy (&roster);
	roster_bundle_finish (&bundle);
}

static void
test_roster_legacy_kind_counts (void **state)
{
	struct trust_roots pins = make_pins (2, 2);

	(void) state;
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (
		fixture_run (
			"minisign -S -l -W -s root1.key -m roster.conf -x roster.conf.old.minisig"
			" -t '%s'",
			COMMENT),
		0);
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, NULL), 0);
}

static void
test_roster_expires_and_has_grace_when_in_use (void **state)
{
	struct trust_roots one = make_pins (1, 1);
	uint64_t expires_us;

	(void) state;
	assert_int_equal (siaga_time_parse (&expires_us, siaga_text ("2027-03-01T00:00:00Z")), 0);
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (load (&one, expires_us - 1, false, NULL), 0);
	assert_int_equal (load (&one, expires_us, false, "expired at 2027-03-01"), SIAGA_EEXPIRED);
	assert_int_equal (load (&one, expires_us, true, NULL), 0);
	assert_int_equal (load (&one, expires_us + 14 * DAY_US - 1, true, NULL), 0);
	assert_int_equal (load (&one, expires_us + 14 * DAY_US, true, "grace is over"),
			  SIAGA_EEXPIRED);
}

static void
test_roster_below_the_pinned_serial_is_a_rollback (void **state)
{
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	one.min_serial = 7;
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, NULL), 0);
	one.min_serial = 8;
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "minimum of 8"), SIAGA_EROLLBACK);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup (name, begin)
	const struct CMUnitTest tests[] = {
		TEST (test_roster_loads_when_signed),
		TEST (test_roster_unsigned_is_refused),
		TEST (test_roster_tampered_is_refused_before_it_is_parsed),
		TEST (test_roster_signed_but_wrong_is_refused),
		TEST (test_roster_comment_must_be_exact),
		TEST (test_roster_of_another_network_is_refused),
		TEST (test_roster_two_of_three_must_differ),
		TEST (test_roster_bundle_keeps_what_is_of_the_roster_alone),
		TEST (test_roster_legacy_kind_counts),
		TEST (test_roster_expires_and_has_grace_when_in_use),
		TEST (test_roster_below_the_pinned_serial_is_a_rollback),
	};

	if (!fixture_has_minisign ()) {
		fputs ("skipped: there is no minisign here\n", stderr);
		return 77;
	}
	return siaga_crypto_init () != 0 ||
	       cmocka_run_group_tests (tests, make_roots, remove_roots) != 0;
}
