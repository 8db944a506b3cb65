/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program's trust: it loads with a live key in a signed roster, goes on through a roster's grace,
 * takes a newer roster from file or hub, and never an older one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <sys/stat.h>

#include "common/log.h"
#include "common/trust.h"
#include "roster_fixture.h"
#include "siaga/error.h"

struct program {
	struct trust_conf trust;
};

static const struct conf_field fields[] = {TRUST_CONF_FIELDS (struct program, trust)};
static const struct conf_schema schema = CONF_SCHEMA (struct program, fields);

static char directory[64];
static struct program program;
static char text[FIXTURE_TEXT_MAX];

static void
write_roster (const char *find, const char *replacement, unsigned serial)
{
	char comment[64];

	fixture_text (text, find, replacement);
	fixture_write ("etc/roster.conf", text);
	snprintf (comment, sizeof comment, "siaga roster network=pemilu-2024 serial=%u", serial);
	fixture_sign ("root", "etc/roster.conf", "etc/roster.conf.minisig", comment);
}

static int
begin (void **state)
{
	static const char conf[] = "network = \"pemilu-2024\"; roots = [\"%s\"];\n"
				   "roster = \"roster.conf\"; identity = \"me.identity\";\n";
	struct conf_error error;
	char file[1024], *line;
	uint8_t *root;
	size_t size;

	(void) state;
	fixture_enter (directory);
	fixture_root ("root");
	if (mkdir ("etc", 0700) != 0 || mkdir ("state", 0700) != 0 ||
	    file_read ("root.pub", 4096, &root, &size) != 0)
		return -1;
	line = strchr ((char *) root, '\n') + 1;
	line[strcspn (line, "\n")] = '\0';
	snprintf (file, sizeof file, conf, line);
	free (root);
	fixture_write ("etc/agent.conf", file);
	write_roster (NULL, NULL, 7);
	if (identity_save ("etc/me.identity", fixture_identity ("bssn/soc-1"), NULL, &error) != 0)
		return -1;
	return conf_load ("etc/agent.conf", &schema, &program, &error);
}

static int
end (void **state)
{
	(void) state;
	conf_free (&schema, &program);
	fixture_leave (directory);
	return 0;
}

static void
test_trust_conf_paths_are_beside_the_file (void **state)
{
	(void) state;
	assert_string_equal (program.trust.roster, "etc/roster.conf");
	assert_string_equal (program.trust.identity, "etc/me.identity");
	assert_int_equal (program.trust.threshold, 1);
	assert_int_equal (program.trust.min_serial, 1);
}

static int
load (struct trust *trust, uint64_t now_us)
{
	struct conf_error error;
	int status = trust_load (trust, &program.trust, "state", now_us, NULL, NULL, &error);

	if (status != 0)
		assert_true (error.words[0] != '\0');
	return status;
}

static void
test_trust_loads_and_knows_itself (void **state)
{
	struct trust trust;

	(void) state;
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	assert_string_equal (trust.principal->name, "bssn/soc-1");
	assert_ptr_equal (trust.key, &trust.principal->keys[0]);
	assert_string_equal (trust_hub (&trust)->name, "kpu/hub");
	assert_int_equal (trust.bundle.signature_count, 1);
	trust_finish (&trust);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	trust_finish (&trust);
}

static void
test_trust_refuses_an_identity_without_a_live_key (void **state)
{
	struct trust trust;
	struct conf_error error;

	(void) state;
	assert_int_equal (unlink ("etc/me.identity"), 0);
	assert_int_equal (
		identity_save ("etc/me.identity", fixture_identity ("bssn/soc-1:2"), NULL, &error),
		0);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EREVOKED);
	assert_int_equal (unlink ("etc/me.identity"), 0);
	assert_int_equal (
		identity_save ("etc/me.identity", fixture_identity ("bssn/soc-1:9"), NULL, &error),
		0);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EUNKNOWN);
	assert_int_equal (unlink ("etc/me.identity"), 0);
	assert_int_equal (
		identity_save ("etc/me.identity", fixture_identity ("bssn/none"), NULL, &error), 0);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EUNKNOWN);
}

static void
test_trust_uses_a_known_roster_through_its_grace (void **state)
{
	struct trust trust;
	uint64_t expired_us;

	(void) state;
	assert_int_equal (siaga_time_parse (&expired_us, siaga_text ("2027-03-02T00:00:00Z")), 0);
	assert_int_equal (load (&trust, expired_us), SIAGA_EEXPIRED); /* never adopted */
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	trust_finish (&trust);
	assert_int_equal (load (&trust, expired_us), 0);
	trust_finish (&trust);
}

static void
test_trust_reload_takes_newer_only (void **state)
{
	struct siaga_roster *old;
	struct conf_error error;
	struct trust trust;

	(void) state;
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), 0);
	assert_null (old);
	write_roster ("serial = 7", "serial = 6", 6);
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), SIAGA_EROLLBACK);
	assert_null (old);
	assert_int_equal (trust.roster->serial, 7);
	write_roster ("serial = 7", "serial = 8", 8);
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), 0);
	assert_non_null (old);
	assert_int_equal (old->serial, 7);
	assert_int_equal (trust.roster->serial, 8);
	assert_ptr_equal (trust.principal,
			  siaga_roster_principal (trust.roster, siaga_text ("bssn/soc-1")));
	siaga_roster_destroy (&old);
	trust_finish (&trust);
	write_roster (NULL, NULL, 7);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EROLLBACK);
}

/* Somebody may be revoked by it: a disk that takes nothing must not keep it out. */
static void
test_trust_reload_takes_what_it_cannot_remember (void **state)
{
	struct siaga_roster *old;
	struct conf_error error;
	struct roster_state kept;
	struct trust trust;

	(void) state;
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	assert_int_equal (rename ("state", "gone"), 0);
	write_roster ("serial = 7", "serial = 8", 8);
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), 0);
	assert_int_equal (trust.roster->serial, 8);
	siaga_roster_destroy (&old);
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), 0);
	assert_int_equal (rename ("gone", "state"), 0);
	assert_int_equal (roster_state_read ("state", &kept, &error), 0);
	assert_int_equal (kept.serial, 7);
	/* Once there is room it is remembered, and then no older one comes back. */
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), 0);
	assert_null (old);
	assert_int_equal (roster_state_read ("state", &kept, &error), 0);
	assert_int_equal (kept.serial, 8);
	trust_finish (&trust);
	write_roster (NULL, NULL, 7);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EROLLBACK);
}

static void
test_trust_take_writes_what_the_hub_sent (void **state)
{
	struct roster_bundle newer;
	struct siaga_roster *old;
	struct conf_error error;
	struct trust trust;

	(void) state;
	write_roster ("serial = 7", "serial = 8", 8);
	assert_int_equal (roster_bundle_read (&newer, "etc/roster.conf", &error), 0);
	write_roster (NULL, NULL, 7);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	newer.text[0] ^= 1;
	assert_int_equal (trust_take (&trust, (struct siaga_bytes){newer.text, newer.size},
				      newer.signatures, newer.signature_count, FIXTURE_NOW_US, &old,
				      &error),
			  SIAGA_EUNSIGNED);
	assert_int_equal (trust.roster->serial, 7);
	newer.text[0] ^= 1;
	assert_int_equal (trust_take (&trust, (struct siaga_bytes){newer.text, newer.size},
				      newer.signatures, newer.signature_count, FIXTURE_NOW_US, &old,
				      &error),
			  0);
	assert_int_equal (trust.roster->serial, 8);
	siaga_roster_destroy (&old);
	trust_finish (&trust);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	assert_int_equal (trust.roster->serial, 8);
	trust_finish (&trust);
	roster_bundle_finish (&newer);
}

static int
take (struct trust *trust, const struct roster_bundle *bundle)
{
	struct siaga_roster *old;
	struct conf_error error;
	int status = trust_take (trust, (struct siaga_bytes){bundle->text, bundle->size},
				 bundle->signatures, bundle->signature_count, FIXTURE_NOW_US, &old,
				 &error);

	siaga_roster_destroy (&old);
	return status;
}

/* A hub's answer may be on its way for long; meanwhile the administrator puts the next roster in place, file by file. */
static void
test_trust_take_does_not_write_over_a_newer_one (void **state)
{
	struct roster_bundle newer, there;
	struct conf_error error;
	struct trust trust;

	(void) state;
	write_roster ("serial = 7", "serial = 8", 8);
	assert_int_equal (roster_bundle_read (&newer, "etc/roster.conf", &error), 0);
	write_roster (NULL, NULL, 7);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	write_roster ("serial = 7", "serial = 9", 9);
	assert_int_equal (take (&trust, &newer), 0);
	assert_int_equal (trust.roster->serial, 8);
	trust_finish (&trust);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	assert_int_equal (trust.roster->serial, 9);
	trust_finish (&trust);
	roster_bundle_finish (&newer);

	write_roster ("serial = 7", "serial = 10", 10);
	assert_int_equal (roster_bundle_read (&newer, "etc/roster.conf", &error), 0);
	write_roster ("serial = 7", "serial = 9", 9);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	fixture_text (text, "serial = 7", "serial = 11");
	fixture_write ("etc/roster.conf", text); /* its signature comes next */
	assert_int_equal (take (&trust, &newer), 0);
	assert_int_equal (roster_bundle_read (&there, "etc/roster.conf", &error), 0);
	assert_int_equal (there.size, strlen (text));
	assert_memory_equal (there.text, text, there.size);
	roster_bundle_finish (&there);
	trust_finish (&trust);
	roster_bundle_finish (&newer);
}

static void
take_without_its_directory (struct trust *trust)
{
	struct roster_bundle newer;
	struct siaga_roster *old;
	struct conf_error error;

	write_roster ("serial = 7", "serial = 8", 8);
	assert_int_equal (roster_bundle_read (&newer, "etc/roster.conf", &error), 0);
	write_roster (NULL, NULL, 7);
	assert_int_equal (load (trust, FIXTURE_NOW_US), 0);
	assert_int_equal (rename ("etc", "elsewhere"), 0);
	assert_int_equal (trust_take (trust, (struct siaga_bytes){newer.text, newer.size},
				      newer.signatures, newer.signature_count, FIXTURE_NOW_US, &old,
				      &error),
			  0);
	assert_int_equal (trust->roster->serial, 8);
	siaga_roster_destroy (&old);
	roster_bundle_finish (&newer);
	assert_int_equal (rename ("elsewhere", "etc"), 0);
}

/* What is remembered can always be read again: a roster whose files could not be replaced is no rollback later. */
static void
test_trust_take_survives_a_path_that_cannot_be_written (void **state)
{
	struct siaga_roster *old;
	struct conf_error error;
	struct trust trust;

	(void) state;
	take_without_its_directory (&trust);
	trust_finish (&trust);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	assert_int_equal (trust.roster->serial, 8);
	write_roster ("serial = 7", "serial = 9",
		      9); /* the administrator's own comes before the copy */
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), 0);
	assert_int_equal (trust.roster->serial, 9);
	siaga_roster_destroy (&old);
	trust_finish (&trust);
}

/* The configured path says what is wrong with it, copy or not. */
static void
test_trust_copy_does_not_stand_in_for_an_unsigned_roster (void **state)
{
	struct trust trust;

	(void) state;
	take_without_its_directory (&trust);
	trust_finish (&trust);
	fixture_text (text, "serial = 7", "serial = 10");
	fixture_write ("etc/roster.conf", text);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EUNSIGNED);
}

/* Without an identity, from the newer copy, and nothing is remembered. */
static void
test_trust_look_needs_no_identity_and_leaves_no_trace (void **state)
{
	struct roster_state remembered;
	struct conf_error error;
	struct trust trust;

	(void) state;
	take_without_its_directory (&trust);
	trust_finish (&trust);
	assert_int_equal (trust_look (&trust, &program.trust, "state", FIXTURE_NOW_US, &error), 0);
	assert_int_equal (trust.roster->serial, 8);
	assert_null (trust.identity);
	assert_null (trust.principal);
	trust_finish (&trust);
	write_roster ("serial = 7", "serial = 9", 9);
	assert_int_equal (trust_look (&trust, &program.trust, "state", FIXTURE_NOW_US, &error), 0);
	assert_int_equal (trust.roster->serial, 9);
	trust_finish (&trust);
	assert_int_equal (roster_state_read ("state", &remembered, &error), 0);
	assert_int_equal (remembered.serial, 8);
	assert_int_equal (trust_look (&trust, &program.trust, NULL, FIXTURE_NOW_US, &error), 0);
	assert_int_equal (trust.roster->serial, 9);
	trust_finish (&trust);
	fixture_text (text, "serial = 7", "serial = 10");
	fixture_write ("etc/roster.conf", text);
	assert_int_equal (trust_look (&trust, &program.trust, "state", FIXTURE_NOW_US, &error),
			  SIAGA_EUNSIGNED);
	assert_null (trust.roster);
	assert_true (error.words[0] != '\0');
}

/* The same principal and signing key under another seal key, signed as a card is (card.c). */
static void
test_trust_refuses_an_identity_whose_card_is_another (void **state)
{
	struct siaga_identity other = *fixture_identity ("bssn/soc-1");
	uint8_t bytes[SIAGA_PRINCIPAL_MAX + 1 + 3 * SIAGA_KEY_BYTES], *at = bytes;
	struct conf_error error;
	struct trust trust;

	(void) state;
	crypto_box_keypair (other.card.seal, other.seal_secret);
	at = mempcpy (at, other.card.principal, strlen (other.card.principal));
	*at++ = '\n';
	at = mempcpy (at, other.card.sign, SIAGA_KEY_BYTES);
	at = mempcpy (at, other.card.transport, SIAGA_KEY_BYTES);
	at = mempcpy (at, other.card.seal, SIAGA_KEY_BYTES);
	siaga_sign (other.card.signature, "card", siaga_text (NULL),
		    (struct siaga_bytes){bytes, (size_t) (at - bytes)}, other.sign_secret);
	assert_int_equal (unlink ("etc/me.identity"), 0);
	assert_int_equal (identity_save ("etc/me.identity", &other, NULL, &error), 0);
	assert_int_equal (load (&trust, FIXTURE_NOW_US), SIAGA_EUNKNOWN);
}

static void
test_trust_told_of_its_own_end_after_the_change (void **state)
{
	struct siaga_roster *old;
	struct conf_error error;
	struct trust trust;
	char *line;

	(void) state;
	assert_int_equal (load (&trust, FIXTURE_NOW_US), 0);
	fixture_text (text, "@bssn/soc-1@\"; }",
		      "@bssn/soc-1@\"; untrusted_from = \"2026-11-20T00:00:00Z\"; }");
	line = strstr (text, "serial = 7");
	line[9] = '8';
	fixture_write ("etc/roster.conf", text);
	fixture_sign ("root", "etc/roster.conf", "etc/roster.conf.minisig",
		      "siaga roster network=pemilu-2024 serial=8");
	assert_int_equal (trust_reload (&trust, FIXTURE_NOW_US, &old, &error), SIAGA_EREVOKED);
	assert_non_null (old);
	assert_int_equal (trust.roster->serial, 8);
	assert_null (trust.principal);
	siaga_roster_destroy (&old);
	trust_finish (&trust);
}

static void
test_trust_roots_refuse_nonsense (void **state)
{
	struct trust_roots roots;
	struct conf_error error;

	(void) state;
	program.trust.threshold = 2;
	assert_int_equal (trust_roots_init (&roots, &program.trust, &error), SIAGA_ECONF);
	assert_non_null (strstr (error.words, "threshold"));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST (test_trust_conf_paths_are_beside_the_file),
		TEST (test_trust_loads_and_knows_itself),
		TEST (test_trust_refuses_an_identity_without_a_live_key),
		TEST (test_trust_uses_a_known_roster_through_its_grace),
		TEST (test_trust_reload_takes_newer_only),
		TEST (test_trust_reload_takes_what_it_cannot_remember),
		TEST (test_trust_take_writes_what_the_hub_sent),
		TEST (test_trust_take_does_not_write_over_a_newer_one),
		TEST (test_trust_take_survives_a_path_that_cannot_be_written),
		TEST (test_trust_copy_does_not_stand_in_for_an_unsigned_roster),
		TEST (test_trust_look_needs_no_identity_and_leaves_no_trace),
		TEST (test_trust_refuses_an_identity_whose_card_is_another),
		TEST (test_trust_told_of_its_own_end_after_the_change),
		TEST (test_trust_roots_refuse_nonsense),
	};

	if (!fixture_has_minisign ()) {
		fputs ("skipped: there is no minisign here\n", stderr);
		return 77;
	}
	log_open ("test_trust", LOG_TO_NOTHING, 0);
	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
