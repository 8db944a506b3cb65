/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A roster is used only when enough pinned keys signed exactly these bytes, for this network and in
 * time, and when no newer one was seen. Signed here by the stock minisign, as an operator does.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "roster_fixture.h"
#include "siaga/error.h"

#define COMMENT "siaga roster network=pemilu-2024 serial=7"
#define DAY_US (UINT64_C (86400) * 1000000)

static char directory[64];
static struct siaga_minisig_key keys[3];
static char text[FIXTURE_TEXT_MAX];

static int
make_roots (void **state)
{
	(void) state;
	fixture_enter (directory);
	keys[0] = fixture_root ("root0");
	keys[1] = fixture_root ("root1");
	keys[2] = fixture_root ("root2");
	return 0;
}

static int
remove_roots (void **state)
{
	(void) state;
	fixture_leave (directory);
	return 0;
}

/* No roster, no signatures, no state. */
static int
begin (void **state)
{
	(void) state;
	fixture_run ("rm -rf roster.conf* state");
	fixture_text (text, NULL, NULL);
	fixture_write ("roster.conf", text);
	return mkdir ("state", 0700);
}

static struct trust_roots
make_pins (unsigned key_count, unsigned threshold)
{
	struct trust_roots roots = {.network = "pemilu-2024",
				    .key_count = key_count,
				    .threshold = threshold,
				    .min_serial = 1};

	memcpy (roots.keys, keys, sizeof keys);
	return roots;
}

static int
load (const struct trust_roots *roots, uint64_t now_us, bool in_use, const char *words)
{
	struct siaga_roster *roster = NULL;
	struct conf_error error;
	int status = roster_load ("roster.conf", roots, now_us, in_use, &roster, &error);

	if (status == 0) {
		assert_string_equal (roster->network, "pemilu-2024");
		siaga_roster_destroy (&roster);
	} else {
		assert_null (roster);
		assert_int_equal (strncmp (error.words, "roster.conf", 11), 0);
		if (words != NULL && strstr (error.words, words) == NULL)
			fail_msg ("\"%s\" does not say \"%s\"", error.words, words);
	}
	return status;
}

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

static void
test_roster_files_that_are_missing_or_too_large (void **state)
{
	struct trust_roots one = make_pins (1, 1);

	(void) state;
	assert_int_equal (fixture_run ("truncate -s %d roster.conf", SIAGA_ROSTER_MAX + 1), 0);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "cannot be read"), SIAGA_ELIMIT);
	assert_int_equal (fixture_run ("rm roster.conf"), 0);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, "cannot be read"), SIAGA_ENOTFOUND);
}

static int
adopt (const char *find, const char *replacement)
{
	struct siaga_roster *roster;
	struct conf_error error;
	int status;

	fixture_text (text, find, replacement);
	if (roster_parse ("roster.conf", (struct siaga_bytes){(uint8_t *) text, strlen (text)},
			  &roster, &error) != 0)
		fail_msg ("%s", error.words);
	status = roster_adopt ("state", roster, &error);
	if (status != 0)
		assert_true (error.words[0] != '\0');
	siaga_roster_destroy (&roster);
	return status;
}

static void
test_roster_adopted_never_goes_back (void **state)
{
	struct roster_state adopted;
	struct conf_error error;
	struct stat stat_of;

	(void) state;
	assert_int_equal (roster_state_read ("state", &adopted, &error), 0);
	assert_int_equal (adopted.serial, 0);
	assert_int_equal (adopt (NULL, NULL), 0);
	assert_int_equal (adopt (NULL, NULL), 0);
	assert_int_equal (stat ("state/roster.state", &stat_of), 0);
	assert_int_equal (stat_of.st_mode & 0777, 0600);
	assert_int_equal (adopt ("\"14d\"", "\"15d\""),
			  SIAGA_EROLLBACK); /* the same serial, other bytes */
	assert_int_equal (adopt ("serial = 7", "serial = 6"), SIAGA_EROLLBACK);
	assert_int_equal (adopt ("serial = 7", "serial = 8"), 0);
	assert_int_equal (adopt (NULL, NULL), SIAGA_EROLLBACK);
	assert_int_equal (roster_state_read ("state", &adopted, &error), 0);
	assert_int_equal (adopted.serial, 8);
}

static void
test_roster_state_that_is_damaged_fails_closed (void **state)
{
	static const char *const damaged[] = {"", "x", "siaga-roster-state-1 8",
					      "siaga-roster-state-1 8 00\n"};

	(void) state;
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		fixture_write ("state/roster.state", damaged[i]);
		assert_int_equal (adopt (NULL, NULL), SIAGA_EFORMAT);
	}
}

static void
test_roster_bundle_written_replaces_all_of_the_old (void **state)
{
	struct trust_roots one = make_pins (1, 1);
	struct roster_bundle bundle;
	struct conf_error error;

	(void) state;
	fixture_sign ("root0", "roster.conf", "roster.conf.minisig", COMMENT);
	assert_int_equal (roster_bundle_read (&bundle, "roster.conf", &error), 0);
	fixture_write ("roster.conf", "old");
	fixture_write ("roster.conf.minisig", "old");
	fixture_write ("roster.conf.other.minisig", "old");
	assert_int_equal (roster_bundle_write (&bundle, "roster.conf", &error), 0);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, NULL), 0);
	assert_int_not_equal (access ("roster.conf.minisig", F_OK), 0);
	assert_int_not_equal (access ("roster.conf.other.minisig", F_OK), 0);
	/* a second time, over its own files */
	assert_int_equal (roster_bundle_write (&bundle, "roster.conf", &error), 0);
	assert_int_equal (load (&one, FIXTURE_NOW_US, false, NULL), 0);
	roster_bundle_finish (&bundle);
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
		TEST (test_roster_legacy_kind_counts),
		TEST (test_roster_expires_and_has_grace_when_in_use),
		TEST (test_roster_below_the_pinned_serial_is_a_rollback),
		TEST (test_roster_files_that_are_missing_or_too_large),
		TEST (test_roster_adopted_never_goes_back),
		TEST (test_roster_state_that_is_damaged_fails_closed),
		TEST (test_roster_bundle_written_replaces_all_of_the_old),
	};

	if (!fixture_has_minisign ()) {
		fputs ("skipped: there is no minisign here\n", stderr);
		return 77;
	}
	return siaga_crypto_init () != 0 ||
	       cmocka_run_group_tests (tests, make_roots, remove_roots) != 0;
}
