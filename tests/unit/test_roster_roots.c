/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A roster that announces the next roots: it counts only when the present and the next sign it, and from then on only
 * the next count, also after a restart. Signed by the stock minisign.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/log.h"
#include "common/trust.h"
#include "signed_fixture.h"
#include "siaga/error.h"

static char s_root[3][ROSTER_ROOT_TEXT];

/* The roster with that serial, which announces the roots of these numbers ("12") and is signed by those ("012"). */
static void
write_roster (unsigned serial, const char *next, unsigned threshold, const char *signers)
{
	char section[512] = "", comment[80], out[64], number[32];
	size_t size = 0;

	fixture_run ("rm -f roster.conf*");
	if (*next)
		size = (size_t) sprintf (section, "next_roots = { keys = [");
	for (const char *at = next; *at; at++)
		size += (size_t) sprintf (section + size, "%s\"%s\"", at == next ? "" : ", ",
					  s_root[*at - '0']);
	if (*next)
		sprintf (section + size, "]; threshold = %u; };\n", threshold);
	snprintf (number, sizeof number, "serial = %u;\n", serial);
	strcat (section, number);
	fixture_text (text, "serial = 7;\n", section);
	fixture_write ("roster.conf", text);
	snprintf (comment, sizeof comment, "siaga roster network=pemilu-2024 serial=%u", serial);
	for (const char *at = signers; *at; at++) {
		char root[] = {'r', 'o', 'o', 't', *at, '\0'};
		snprintf (out, sizeof out, "roster.conf.%c.minisig", *at);
		fixture_sign (root, "roster.conf", out, comment);
	}
}

static int
set_up (void **state)
{
	log_open ("test", LOG_TO_NOTHING, -2);
	make_roots (state);
	for (int i = 0; i < 3; i++)
		roster_root_text (&keys[i], s_root[i]);
	struct conf_error error;
	return identity_save ("me.identity", fixture_identity ("bssn/soc-1"), NULL, &error);
}

static void
test_root_as_text_is_what_minisign_wrote (void **state)
{
	struct siaga_minisig_key again;

	(void) state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal (strlen (s_root[i]), ROSTER_ROOT_TEXT - 1);
		assert_int_equal (fixture_run ("grep -qx '%s' root%d.pub", s_root[i], i), 0);
		assert_int_equal (siaga_minisig_key_read (siaga_text (s_root[i]), &again), 0);
		assert_memory_equal (&again, &keys[i], sizeof again);
	}
}

static void
test_announcement_needs_the_present_and_the_next (void **state)
{
	struct trust_roots pins = make_pins (1, 1);

	(void) state;
	write_roster (7, "12", 2, "0");
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, "next_roots: signed by 0 of the 2"),
			  SIAGA_EUNSIGNED);
	write_roster (7, "12", 2, "01");
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, "next_roots: signed by 1 of the 2"),
			  SIAGA_EUNSIGNED);
	write_roster (7, "12", 2, "12");
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, "signed by 0 of the 1"),
			  SIAGA_EUNSIGNED);
	write_roster (7, "12", 2, "012");
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, NULL), 0);
	/* A root that stays signs once and counts in both. */
	write_roster (7, "01", 2, "01");
	assert_int_equal (load (&pins, FIXTURE_NOW_US, false, NULL), 0);
}

static void
refuse_text (const char *section, const char *words)
{
	struct siaga_roster *roster;
	struct conf_error error = {""};
	char replacement[1024];

	snprintf (replacement, sizeof replacement, "%s\nserial = 7;", section);
	fixture_text (text, "serial = 7;", replacement);
	assert_int_equal (roster_parse ("roster.conf", fixture_bytes (text), &roster, &error),
			  SIAGA_ECONF);
	if (!strstr (error.words, words) || strncmp (error.words, "roster.conf:2:", 14) != 0)
		fail_msg ("\"%s\" does not say \"%s\" of line 2", error.words, words);
}

static void
test_announcement_must_make_sense (void **state)
{
	char section[512];

	(void) state;
	snprintf (section, sizeof section,
		  "next_roots = { keys = [\"%s\", \"%s\"]; threshold = 2; };", s_root[1],
		  s_root[1]);
	refuse_text (section, "same key twice");
	snprintf (section, sizeof section, "next_roots = { keys = [\"%s\"]; threshold = 2; };",
		  s_root[1]);
	refuse_text (section, "more than there are keys");
	snprintf (section, sizeof section, "next_roots = { keys = [\"%s\"]; };", s_root[1]);
	refuse_text (section, "threshold");
	refuse_text ("next_roots = { keys = []; threshold = 1; };", "keys");
	refuse_text ("next_roots = { keys = [\"RW\"]; threshold = 1; };", "minisign public key");
	snprintf (section, sizeof section, "next_roots = { keys = [\"%s\"]; threshold = 0; };",
		  s_root[1]);
	refuse_text (section, "threshold");
}

/* --- what a program remembers ------------------------------------------------------------------------------- */

static struct trust s_trust;

/* Loads with the roots of these numbers pinned. */
static int
start (const char *pins, unsigned threshold, bool look_only)
{
	char *items[3];
	struct trust_conf conf = {
		.network = (char *) "pemilu-2024",
		.roots = {.items = items},
		.threshold = threshold,
		.min_serial = 1,
		.roster = (char *) "roster.conf",
		.identity = (char *) "me.identity",
	};
	struct conf_error error = {""};

	for (const char *at = pins; *at; at++)
		items[conf.roots.count++] = s_root[*at - '0'];
	return look_only
		       ? trust_check (&s_trust, &conf, "state", FIXTURE_NOW_US, &error)
		       : trust_load (&s_trust, &conf, "state", FIXTURE_NOW_US, NULL, NULL, &error);
}

static int
reload (void)
{
	struct siaga_roster *old;
	struct conf_error error;
	int status = trust_reload (&s_trust, FIXTURE_NOW_US, &old, &error);

	siaga_roster_destroy (&old);
	return status;
}

static void
test_only_the_next_count_from_then_on (void **state)
{
	(void) state;
	write_roster (7, "", 0, "0");
	assert_int_equal (start ("0", 1, false), 0);
	write_roster (8, "12", 2, "012");
	assert_int_equal (reload (), 0);
	write_roster (9, "", 0, "0");
	assert_int_equal (reload (), SIAGA_EUNSIGNED);
	write_roster (9, "", 0, "01");
	assert_int_equal (reload (), SIAGA_EUNSIGNED);
	assert_int_equal (s_trust.roster->serial, 8);
	write_roster (9, "", 0, "12");
	assert_int_equal (reload (), 0);
	trust_finish (&s_trust);
	/* The configuration still pins the first. */
	assert_int_equal (start ("0", 1, false), 0);
	assert_int_equal (s_trust.roster->serial, 9);
	trust_finish (&s_trust);
	write_roster (10, "", 0, "0");
	assert_int_equal (start ("0", 1, false), SIAGA_EUNSIGNED);
	assert_int_equal (start ("0", 1, true), SIAGA_EUNSIGNED);
}

static void
test_who_was_away_follows_while_both_sign (void **state)
{
	(void) state;
	write_roster (7, "", 0, "0");
	assert_int_equal (start ("0", 1, false), 0);
	/* 8 was never seen; 9 announces the same, and both sign it. */
	write_roster (9, "12", 2, "012");
	assert_int_equal (reload (), 0);
	/* For those who have followed, the next alone are enough. */
	write_roster (10, "12", 2, "12");
	assert_int_equal (reload (), 0);
	/* And again, to a third set, in which one stays. */
	write_roster (11, "02", 1, "12");
	assert_int_equal (reload (), 0);
	write_roster (12, "", 0, "0");
	assert_int_equal (reload (), 0);
	trust_finish (&s_trust);
	assert_int_equal (start ("0", 1, false), 0);
	trust_finish (&s_trust);
}

static void
test_next_are_remembered_late_too (void **state)
{
	(void) state;
	write_roster (7, "", 0, "0");
	assert_int_equal (start ("0", 1, false), 0);
	assert_int_equal (rename ("state", "gone"), 0);
	write_roster (8, "12", 2, "012");
	assert_int_equal (reload (), 0);
	assert_int_equal (rename ("gone", "state"), 0);
	assert_int_equal (reload (), 0);
	trust_finish (&s_trust);
	write_roster (9, "", 0, "12");
	assert_int_equal (start ("0", 1, false), 0);
	trust_finish (&s_trust);
}

static void
test_looking_remembers_nothing (void **state)
{
	(void) state;
	write_roster (8, "1", 1, "01");
	assert_int_equal (start ("0", 1, true), 0);
	trust_finish (&s_trust);
	assert_int_equal (access ("state/roster.roots", F_OK), -1);
	write_roster (8, "", 0, "0");
	assert_int_equal (start ("0", 1, false), 0);
	trust_finish (&s_trust);
}

static void
test_other_pins_win_over_what_is_remembered (void **state)
{
	(void) state;
	write_roster (8, "1", 1, "01");
	assert_int_equal (start ("0", 1, false), 0);
	trust_finish (&s_trust);
	write_roster (9, "", 0, "2");
	assert_int_equal (start ("0", 1, false), SIAGA_EUNSIGNED);
	assert_int_equal (start ("2", 1, false), 0);
	trust_finish (&s_trust);
	/* The same pins in another order are no others. */
	fixture_run ("rm -f state/roster.roots");
	write_roster (10, "1", 1, "012");
	assert_int_equal (start ("02", 2, false), 0);
	trust_finish (&s_trust);
	write_roster (11, "", 0, "1");
	assert_int_equal (start ("20", 2, false), 0);
	trust_finish (&s_trust);
	assert_int_equal (start ("20", 1, false), SIAGA_EUNSIGNED);
}

static void
test_damaged_memory_fails_closed (void **state)
{
	static const char *const damages[] = {"", "x", "siaga-roster-roots-1 00 1\n"};
	uint8_t *good;
	size_t size;

	(void) state;
	write_roster (8, "1", 1, "01");
	assert_int_equal (start ("0", 1, false), 0);
	trust_finish (&s_trust);
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		assert_int_equal (file_read ("state/roster.roots", 4096, &good, &size), 0);
		fixture_write ("state/roster.roots", damages[i]);
		assert_int_equal (start ("0", 1, false), SIAGA_EFORMAT);
		assert_int_equal (file_replace ("state/roster.roots", 0600, good, size), 0);
		free (good);
	}
	assert_int_equal (file_read ("state/roster.roots", 4096, &good, &size), 0);
	for (size_t i = 0; i < size; i++) {
		good[i] ^= 1;
		file_replace ("state/roster.roots", 0600, good, size);
		/* Never anybody else's roots; another hash is that of other pins, so the pins count. */
		int status = start ("0", 1, false);
		if (status == 0) {
			assert_true (roster_roots_same (&s_trust.roots, &s_trust.pinned) ||
				     memcmp (s_trust.roots.keys[0].key, keys[1].key,
					     SIAGA_KEY_BYTES) == 0);
			trust_finish (&s_trust);
		}
		good[i] ^= 1;
	}
	free (good);
}

static void
test_old_files_do_not_hold_up_who_has_followed (void **state)
{
	struct roster_bundle newer;
	struct siaga_roster *old;
	struct conf_error error;

	(void) state;
	write_roster (7, "", 0, "0");
	assert_int_equal (start ("0", 1, false), 0);
	write_roster (8, "1", 1, "01");
	assert_int_equal (roster_bundle_read (&newer, "roster.conf", &error), 0);
	assert_int_equal (trust_take (&s_trust, (struct siaga_bytes){newer.text, newer.size},
				      newer.signatures, newer.signature_count, FIXTURE_NOW_US, &old,
				      &error),
			  0);
	siaga_roster_destroy (&old);
	roster_bundle_finish (&newer);
	trust_finish (&s_trust);
	/* Somebody puts the first files back, as a configuration tool does: the hub's copy is newer. */
	write_roster (7, "", 0, "0");
	assert_int_equal (start ("0", 1, false), 0);
	assert_int_equal (s_trust.roster->serial, 8);
	trust_finish (&s_trust);
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup (name, begin)
	const struct CMUnitTest tests[] = {
		TEST (test_root_as_text_is_what_minisign_wrote),
		TEST (test_announcement_needs_the_present_and_the_next),
		TEST (test_announcement_must_make_sense),
		TEST (test_only_the_next_count_from_then_on),
		TEST (test_who_was_away_follows_while_both_sign),
		TEST (test_next_are_remembered_late_too),
		TEST (test_looking_remembers_nothing),
		TEST (test_other_pins_win_over_what_is_remembered),
		TEST (test_damaged_memory_fails_closed),
		TEST (test_old_files_do_not_hold_up_who_has_followed),
	};

	if (!fixture_has_minisign ()) {
		fputs ("skipped: there is no minisign here\n", stderr);
		return 77;
	}
	return siaga_crypto_init () != 0 ||
	       cmocka_run_group_tests (tests, set_up, remove_roots) != 0;
}
