/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/roster_enroll.c: the card is in, and nothing but it was added.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "roster_fixture.h"
#include "siaga/error.h"

static char text[FIXTURE_TEXT_MAX];

/* Is `after` only `before` with insertions? */
static bool
is_kept (const char *before, const char *after)
{
	for (; *before != '\0'; before++) {
		after = strchr (after, *before);
		if (after == NULL)
			return false;
		after++;
	}
	return true;
}

static void
test_roster_enroll_adds_and_keeps_the_rest (void **state)
{
	const struct siaga_card *card = &fixture_identity ("bssn/soc-9")->card;
	const struct siaga_principal *principal;
	struct siaga_roster *roster;
	struct conf_error error;
	char *out;
	size_t size;

	(void) state;
	fixture_text (text, "@polri/dewi@\"; }); }\n",
		      "@polri/dewi@\"; }); } # the \"last\" (one\n/* ) */\n");
	assert_int_equal (roster_enroll ("r", fixture_bytes (text), card,
					 SIAGA_ROLE_PUBLISH | SIAGA_ROLE_READ, &out, &size, &error),
			  0);
	assert_int_equal (strlen (out), size);
	assert_true (is_kept (text, out));
	assert_non_null (
		strstr (out, "# the \"last\" (one\n/* ) */\n\t{\n\t\tname = \"bssn/soc-9\";"));
	assert_int_equal (roster_parse ("r", fixture_bytes (out), &roster, &error), 0);
	assert_int_equal (roster->serial, 7);
	principal = siaga_roster_principal (roster, siaga_text ("bssn/soc-9"));
	assert_non_null (principal);
	assert_int_equal (principal->roles, SIAGA_ROLE_PUBLISH | SIAGA_ROLE_READ);
	assert_memory_equal (&principal->keys[0].card, card, sizeof *card);
	siaga_roster_destroy (&roster);
	free (out);
}

static void
test_roster_enroll_adds_a_further_key (void **state)
{
	const struct siaga_card *card = &fixture_identity ("polri/dewi:2")->card;
	const struct siaga_principal *principal;
	struct siaga_roster *roster;
	struct conf_error error;
	char *out;
	size_t size;

	(void) state;
	fixture_text (text, NULL, NULL);
	assert_int_equal (roster_enroll ("r", fixture_bytes (text), card, 0, &out, &size, &error),
			  0);
	assert_true (is_kept (text, out));
	assert_int_equal (roster_parse ("r", fixture_bytes (out), &roster, &error), 0);
	principal = siaga_roster_principal (roster, siaga_text ("polri/dewi"));
	assert_int_equal (principal->key_count, 2);
	assert_memory_equal (&principal->keys[1].card, card, sizeof *card);
	siaga_roster_destroy (&roster);
	free (out);
}

static void
test_roster_enroll_refuses_duplicates_and_strangers (void **state)
{
	struct conf_error error;
	char *out = NULL;
	size_t size;

	(void) state;
	fixture_text (text, NULL, NULL);
	assert_int_equal (roster_enroll ("r", fixture_bytes (text),
					 &fixture_identity ("polri/dewi")->card, 0, &out, &size,
					 &error),
			  SIAGA_EEXISTS);
	assert_int_equal (roster_enroll ("r", fixture_bytes (text),
					 &fixture_identity ("polri/dewi:2")->card,
					 SIAGA_ROLE_PUBLISH, &out, &size, &error),
			  SIAGA_EEXISTS);
	assert_int_equal (roster_enroll ("r", fixture_bytes (text),
					 &fixture_identity ("bin/agus")->card, SIAGA_ROLE_READ,
					 &out, &size, &error),
			  SIAGA_ECONF);
	assert_non_null (strstr (error.words, "members"));
	assert_int_equal (roster_enroll ("r", fixture_bytes ("x"),
					 &fixture_identity ("bssn/soc-9")->card, SIAGA_ROLE_READ,
					 &out, &size, &error),
			  SIAGA_ECONF);
	assert_null (out);
}

/* Enrolls into a roster without principals, as `section` says it; the result, or NULL. */
static char *
enroll_first (const char *section, const char *who, unsigned roles, struct conf_error *error)
{
	char *from, *to, *out = NULL;
	size_t size;

	fixture_text (text, NULL, NULL);
	from = strstr (text, "principals = (");
	to = strstr (text, "systems = (");
	memmove (from + strlen (section), to, strlen (to) + 1);
	memcpy (from, section, strlen (section));
	assert_true (roster_lacks_principals (fixture_bytes (text)));
	if (roster_enroll ("r", fixture_bytes (text), &fixture_identity (who)->card, roles, &out,
			   &size, error) != 0)
		return NULL;
	assert_true (is_kept (text, out));
	assert_false (roster_lacks_principals (fixture_bytes (out)));
	return out;
}

static void
test_roster_enroll_begins_a_roster_with_its_hub (void **state)
{
	static const char *const sections[] = {
		"", "principals = ( );\n", "principals : (\n  # nobody yet, \"so far\" (\n);\n"};
	struct siaga_roster *roster;
	struct conf_error error;
	char *out, *more;
	size_t size;

	(void) state;
	for (size_t i = 0; i < 3; i++) {
		out = enroll_first (sections[i], "kpu/hub", SIAGA_ROLE_OPERATE, &error);
		assert_non_null (out);
		assert_int_equal (roster_enroll ("r", fixture_bytes (out),
						 &fixture_identity ("bssn/soc-1")->card,
						 SIAGA_ROLE_PUBLISH, &more, &size, &error),
				  0);
		assert_int_equal (roster_parse ("r", fixture_bytes (more), &roster, &error), 0);
		assert_int_equal (roster->principal_count, 2);
		assert_string_equal (roster->principals[0].name, "kpu/hub");
		assert_int_equal (roster->principals[0].roles, SIAGA_ROLE_OPERATE);
		siaga_roster_destroy (&roster);
		free (more);
		free (out);
	}
}

static void
test_roster_enroll_wants_the_hub_first (void **state)
{
	struct conf_error error;

	(void) state;
	assert_null (enroll_first ("", "bssn/soc-1", SIAGA_ROLE_READ, &error));
	assert_non_null (strstr (error.words, "there is no principal kpu/hub"));
	assert_null (enroll_first ("", "kpu/hub", 0, &error));
	assert_non_null (strstr (error.words, "needs a role"));
	assert_null (enroll_first ("", "bin/x", SIAGA_ROLE_READ, &error));
	assert_non_null (strstr (error.words, "there is no member bin"));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_roster_enroll_adds_and_keeps_the_rest),
		cmocka_unit_test (test_roster_enroll_adds_a_further_key),
		cmocka_unit_test (test_roster_enroll_refuses_duplicates_and_strangers),
		cmocka_unit_test (test_roster_enroll_begins_a_roster_with_its_hub),
		cmocka_unit_test (test_roster_enroll_wants_the_hub_first),
	};

	return siaga_crypto_init () != 0 || cmocka_run_group_tests (tests, NULL, NULL) != 0;
}
