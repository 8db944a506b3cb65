/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/roster_file.c: a bundle is read and written whole, and no roster older than the one adopted comes back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include "signed_fixture.h"
#include "siaga/error.h"

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

static void
test_roster_bundle_of_too_many_or_too_large_signatures_is_refused (void **state)
{
	struct siaga_text signatures[ROSTER_SIGNATURES_MAX + 1];
	struct siaga_bytes bytes = fixture_bytes (text);
	struct roster_bundle bundle;
	struct conf_error error;
	char *large = calloc (1, ROSTER_SIGNATURE_TEXT_MAX + 1);

	(void) state;
	assert_non_null (large);
	for (size_t i = 0; i <= ROSTER_SIGNATURES_MAX; i++)
		signatures[i] = siaga_text ("x");
	assert_int_equal (
		roster_bundle_copy (&bundle, bytes, signatures, ROSTER_SIGNATURES_MAX + 1),
		SIAGA_ELIMIT);
	assert_int_equal (roster_bundle_copy (&bundle, bytes, signatures, ROSTER_SIGNATURES_MAX),
			  0);
	assert_int_equal (bundle.signature_count, ROSTER_SIGNATURES_MAX);
	roster_bundle_finish (&bundle);
	signatures[1] = (struct siaga_text){large, ROSTER_SIGNATURE_TEXT_MAX + 1};
	assert_int_equal (roster_bundle_copy (&bundle, bytes, signatures, 2), SIAGA_ELIMIT);
	bytes.size = SIAGA_ROSTER_MAX + 1;
	assert_int_equal (roster_bundle_copy (&bundle, bytes, signatures, 0), SIAGA_ELIMIT);
	free (large);
	assert_int_equal (
		fixture_run ("truncate -s %d roster.conf.a.minisig", ROSTER_SIGNATURE_TEXT_MAX + 1),
		0);
	assert_int_equal (roster_bundle_read (&bundle, "roster.conf", &error), SIAGA_ELIMIT);
	assert_non_null (strstr (error.words, "roster.conf.a.minisig: cannot be read"));
	assert_int_equal (fixture_run ("touch $(seq -f roster.conf.%%g.minisig %d); rm *.a.minisig",
				       ROSTER_SIGNATURE_FILES_MAX + 1),
			  0);
	assert_int_equal (roster_bundle_read (&bundle, "roster.conf", &error), SIAGA_ELIMIT);
	assert_non_null (strstr (error.words, "signatures cannot be listed"));
}

static void
test_roster_bundle_that_cannot_be_written_leaves_the_old (void **state)
{
	struct roster_bundle bundle;
	struct conf_error error;
	struct siaga_text one = siaga_text ("a signature");
	uint8_t *data;
	size_t size;

	(void) state;
	assert_int_equal (roster_bundle_copy (&bundle, fixture_bytes ("new"), &one, 1), 0);
	assert_int_equal (roster_bundle_write (&bundle, "none/roster.conf", &error),
			  SIAGA_ENOTFOUND);
	assert_non_null (strstr (error.words, "cannot be written"));
	/* a directory stands where the roster should: the signatures are there, the roster is not */
	assert_int_equal (
		fixture_run ("mkdir roster.conf.d roster.conf.d/x && touch roster.conf.minisig"),
		0);
	assert_int_equal (roster_bundle_write (&bundle, "roster.conf.d/x", &error), SIAGA_EIO);
	assert_non_null (strstr (error.words, "roster.conf.d/x: cannot be written"));
	assert_int_equal (file_read ("roster.conf", SIAGA_ROSTER_MAX, &data, &size), 0);
	assert_int_equal (size, strlen (text));
	free (data);
	roster_bundle_finish (&bundle);
}

static void
test_roster_state_needs_its_directory (void **state)
{
	struct siaga_roster roster = {.serial = 7};
	struct roster_state read;
	struct conf_error error;
	char far[PATH_MAX + 1];

	(void) state;
	assert_int_equal (roster_adopt ("none", &roster, &error), SIAGA_ENOTFOUND);
	assert_string_equal (error.words,
			     "none/roster.state: cannot be written: unknown, or not for you");
	memset (far, 'x', sizeof far - 1);
	far[sizeof far - 1] = '\0';
	assert_int_equal (roster_state_read (far, &read, &error), SIAGA_ELIMIT);
	assert_int_equal (roster_adopt (far, &roster, &error), SIAGA_ELIMIT);
}

static void
test_roster_state_that_is_too_large_fails_closed (void **state)
{
	(void) state;
	assert_int_equal (fixture_run ("truncate -s 1M state/roster.state"), 0);
	assert_int_equal (adopt (NULL, NULL), SIAGA_ELIMIT);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup (name, begin)
	const struct CMUnitTest tests[] = {
		TEST (test_roster_files_that_are_missing_or_too_large),
		TEST (test_roster_adopted_never_goes_back),
		TEST (test_roster_state_that_is_damaged_fails_closed),
		TEST (test_roster_bundle_written_replaces_all_of_the_old),
		TEST (test_roster_bundle_of_too_many_or_too_large_signatures_is_refused),
		TEST (test_roster_bundle_that_cannot_be_written_leaves_the_old),
		TEST (test_roster_state_needs_its_directory),
		TEST (test_roster_state_that_is_too_large_fails_closed),
	};

	if (!fixture_has_minisign ()) {
		fputs ("skipped: there is no minisign here\n", stderr);
		return 77;
	}
	return siaga_crypto_init () != 0 ||
	       cmocka_run_group_tests (tests, make_roots, remove_roots) != 0;
}
