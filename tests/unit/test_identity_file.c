/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/identity_file.c: modes, passphrases, and words for whatever is wrong.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "common/identity_file.h"
#include "common/log.h"
#include "keys_fixture.h"
#include "roster_fixture.h"
#include "siaga/error.h"

static int
answer (void *arg, const char *path, char out[PASSPHRASE_MAX])
{
	(void) path;
	snprintf (out, PASSPHRASE_MAX, "%s", (const char *) arg);
	return 0;
}

static void
test_identity_file_round_trip_and_modes (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	struct conf_error error;
	struct stat stat_of;
	char directory[64];

	(void) state;
	fixture_enter (directory);
	assert_int_equal (identity_save ("a", identity, NULL, &error), 0);
	assert_int_equal (stat ("a", &stat_of), 0);
	assert_int_equal (stat_of.st_mode & 07777, 0600);
	assert_int_equal (identity_save ("a", identity, NULL, &error), SIAGA_EEXISTS);
	assert_int_equal (identity_load ("a", NULL, NULL, &again, &error), 0);
	assert_same (identity, again);
	siaga_identity_destroy (&again);
	assert_int_equal (chmod ("a", 0640), 0);
	assert_int_equal (identity_load ("a", NULL, NULL, &again, &error), SIAGA_EIO);
	assert_non_null (strstr (error.words, "chmod 600"));
	assert_int_equal (identity_load ("none", NULL, NULL, &again, &error), SIAGA_ENOTFOUND);
	assert_int_equal (identity_load (".", NULL, NULL, &again, &error), SIAGA_EIO);
	assert_null (again);
	fixture_leave (directory);
	siaga_identity_destroy (&identity);
}

static void
test_identity_file_asks_for_its_passphrase (void **state)
{
	struct siaga_identity *identity = make_identity (), *again = NULL;
	struct conf_error error;
	char directory[64], right[] = "rahasia", wrong[] = "salah";

	(void) state;
	fixture_enter (directory);
	assert_int_equal (identity_save ("a", identity, right, &error), 0);
	assert_int_equal (identity_load ("a", NULL, NULL, &again, &error), SIAGA_EPASSPHRASE);
	assert_int_equal (identity_load ("a", answer, wrong, &again, &error), SIAGA_EPASSPHRASE);
	assert_null (again);
	assert_int_equal (identity_load ("a", answer, right, &again, &error), 0);
	assert_same (identity, again);
	siaga_identity_destroy (&again);
	siaga_identity_destroy (&identity);
	fixture_leave (directory);
}

static int
nobody (void *arg, const char *path, char out[PASSPHRASE_MAX])
{
	(void) arg;
	(void) path;
	(void) out;
	return SIAGA_EPASSPHRASE;
}

/* Loads a file with this text, mode 0600. */
static int
load_text (const char *text, struct conf_error *error)
{
	struct siaga_identity *identity = NULL;
	int status;

	assert_int_equal (file_replace ("x", 0600, text, strlen (text)), 0);
	status = identity_load ("x", nobody, NULL, &identity, error);
	assert_null (identity);
	return status;
}

static void
test_identity_file_says_what_is_wrong_with_it (void **state)
{
	struct siaga_identity *identity = make_identity ();
	struct conf_error error;
	char directory[64], text[SIAGA_IDENTITY_TEXT_MAX], large[SIAGA_IDENTITY_TEXT_MAX + 2],
		*name;

	(void) state;
	fixture_enter (directory);
	assert_int_equal (load_text ("nonsense", &error), SIAGA_EFORMAT);
	assert_string_equal (error.words, "x: is not an identity file, or damaged");
	memset (large, '#', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	assert_int_equal (load_text (large, &error), SIAGA_ELIMIT);
	assert_string_equal (error.words, "x: over a limit");
	assert_int_equal (siaga_identity_write (identity, NULL, text, sizeof text), 0);
	name = strstr (text, "\ncard siaga-card-1 bssn/soc-1");
	name[strlen ("\ncard siaga-card-1 bssn/soc-")] = '2';
	assert_int_equal (load_text (text, &error), SIAGA_ESIGNATURE);
	assert_string_equal (error.words, "x: holds a damaged card");
	assert_int_equal (siaga_identity_write (identity, "kunci", text, sizeof text), 0);
	assert_int_equal (load_text (text, &error), SIAGA_EPASSPHRASE);
	assert_string_equal (error.words, "x: wrong or missing passphrase");
	sodium_memzero (text, sizeof text);
	fixture_leave (directory);
	siaga_identity_destroy (&identity);
}

static void
test_identity_file_needs_its_directory (void **state)
{
	struct siaga_identity *identity = make_identity ();
	struct conf_error error;
	char directory[64];

	(void) state;
	fixture_enter (directory);
	assert_int_equal (identity_save ("none/a", identity, NULL, &error), SIAGA_ENOTFOUND);
	assert_int_equal (strncmp (error.words, "none/a: ", 8), 0);
	fixture_leave (directory);
	siaga_identity_destroy (&identity);
}

static void
test_process_hardened_is_not_dumpable (void **state)
{
	(void) state;
	process_harden ();
	assert_int_equal (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	assert_int_equal (prctl (PR_SET_DUMPABLE, 1, 0, 0, 0), 0); /* leak checkers need it */
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_identity_file_round_trip_and_modes),
		cmocka_unit_test (test_identity_file_asks_for_its_passphrase),
		cmocka_unit_test (test_identity_file_says_what_is_wrong_with_it),
		cmocka_unit_test (test_identity_file_needs_its_directory),
		cmocka_unit_test (test_process_hardened_is_not_dumpable),
	};

	log_open ("test_identity_file", LOG_TO_NOTHING, 0);
	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
