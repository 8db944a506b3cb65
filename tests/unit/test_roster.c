/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proto/roster.c: lookups, with and without its indexes; keys in time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "roster_fixture.h"
#include "siaga/error.h"

static void
check_lookups (const struct siaga_roster *roster)
{
	const struct siaga_card *card = &fixture_identity ("bssn/soc-1:2")->card;
	const struct siaga_roster_key *key = NULL;
	const struct siaga_principal *principal;

	principal = siaga_roster_principal (roster, siaga_text ("bssn/soc-1"));
	assert_non_null (principal);
	assert_string_equal (principal->member->name, "bssn");
	assert_null (siaga_roster_principal (roster, siaga_text ("bssn/soc-")));
	assert_null (siaga_roster_principal (roster, siaga_text ("bssn/soc-11")));
	assert_null (siaga_roster_principal (roster, siaga_text ("")));
	assert_null (siaga_roster_principal (roster, (struct siaga_text){"bssn/soc-1\0x", 12}));
	assert_ptr_equal (siaga_roster_by_transport (roster, card->transport, &key), principal);
	assert_ptr_equal (key, &principal->keys[1]);
	assert_ptr_equal (siaga_roster_by_transport (roster, card->transport, NULL), principal);
	assert_null (siaga_roster_by_transport (roster, card->sign, &key));
}

static void
test_roster_lookups_with_and_without_index (void **state)
{
	struct siaga_roster *roster = fixture_parse (), plain = *roster;

	(void) state;
	check_lookups (roster);
	plain.by_name = NULL;
	plain.by_transport = NULL;
	check_lookups (&plain);
	assert_int_equal (siaga_roster_index (roster), 0);
	check_lookups (roster);
	assert_non_null (siaga_roster_member (roster, siaga_text ("polri")));
	assert_null (siaga_roster_member (roster, siaga_text ("bin")));
	assert_non_null (siaga_roster_system (roster, siaga_text ("sipol")));
	assert_null (siaga_roster_system (roster, siaga_text ("silon")));
	siaga_roster_destroy (&roster);
	siaga_roster_destroy (&roster);
}

static void
test_roster_finds_each_of_4096 (void **state)
{
	struct siaga_roster roster = {.principal_count = SIAGA_PRINCIPALS_MAX};
	const struct siaga_roster_key *key;
	const size_t count = SIAGA_PRINCIPALS_MAX;

	(void) state;
	roster.principals = calloc (count, sizeof *roster.principals);
	struct siaga_roster_key *keys = calloc (count, sizeof *keys);
	assert_non_null (roster.principals);
	assert_non_null (keys);
	for (size_t i = 0; i < count; i++) {
		size_t scattered = i * 2654435761u % count;

		snprintf (roster.principals[i].name, sizeof roster.principals[i].name, "bssn/a%zu",
			  scattered);
		memcpy (keys[i].card.transport, &scattered, sizeof scattered);
		roster.principals[i].keys = &keys[i];
		roster.principals[i].key_count = 1;
	}
	assert_int_equal (siaga_roster_index (&roster), 0);
	for (size_t i = 0; i < count; i++) {
		const struct siaga_principal *principal = &roster.principals[i];

		assert_ptr_equal (siaga_roster_principal (&roster, siaga_text (principal->name)),
				  principal);
		assert_ptr_equal (siaga_roster_by_transport (&roster, keys[i].card.transport, &key),
				  principal);
		assert_ptr_equal (key, &keys[i]);
	}
	free (roster.by_name);
	free (roster.by_transport);
	free (roster.principals);
	free (keys);
}

static void
test_roster_key_is_good_until_its_dates (void **state)
{
	struct siaga_roster_key key = {.until_us = 0};

	(void) state;
	assert_int_equal (siaga_roster_key_check (&key, UINT64_MAX), 0);
	key.until_us = 100;
	assert_int_equal (siaga_roster_key_check (&key, 99), 0);
	assert_int_equal (siaga_roster_key_check (&key, 100), SIAGA_EREVOKED);
	key.untrusted_from_us = 50;
	assert_int_equal (siaga_roster_key_check (&key, 49), 0);
	assert_int_equal (siaga_roster_key_check (&key, 50), SIAGA_EREVOKED);
}

static void
test_roster_signer_tells_unknown_from_revoked (void **state)
{
	struct siaga_roster *roster = fixture_parse ();
	const struct siaga_principal *principal;
	const struct siaga_roster_key *key;
	uint8_t old[SIAGA_KEY_ID_BYTES], foreign[SIAGA_KEY_ID_BYTES];
	uint64_t until_us;

	(void) state;
	siaga_key_id (old, fixture_identity ("bssn/soc-1:2")->card.sign);
	siaga_key_id (foreign, fixture_identity ("polri/dewi")->card.sign);
	assert_int_equal (siaga_time_parse (&until_us, siaga_text ("2026-10-01T00:00:00Z")), 0);
	assert_int_equal (siaga_roster_signer (roster, siaga_text ("bssn/soc-1"), old, until_us - 1,
					       &principal, &key),
			  0);
	assert_string_equal (principal->name, "bssn/soc-1");
	assert_memory_equal (key->key_id, old, sizeof old);
	assert_int_equal (siaga_roster_signer (roster, siaga_text ("bssn/soc-1"), old, until_us,
					       &principal, &key),
			  SIAGA_EREVOKED);
	assert_int_equal (siaga_roster_signer (roster, siaga_text ("bssn/soc-1"), foreign, until_us,
					       &principal, &key),
			  SIAGA_EUNKNOWN);
	assert_int_equal (siaga_roster_signer (roster, siaga_text ("bssn/x"), old, until_us,
					       &principal, &key),
			  SIAGA_EUNKNOWN);
	siaga_roster_destroy (&roster);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_roster_lookups_with_and_without_index),
		cmocka_unit_test (test_roster_finds_each_of_4096),
		cmocka_unit_test (test_roster_key_is_good_until_its_dates),
		cmocka_unit_test (test_roster_signer_tells_unknown_from_revoked),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
