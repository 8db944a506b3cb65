/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of signed rosters: three root keys, and a roster.conf that any of them may sign.
 */
#ifndef SIAGA_TESTS_SIGNED_FIXTURE_H
#define SIAGA_TESTS_SIGNED_FIXTURE_H

#include <sys/stat.h>

#include "roster_fixture.h"

#define COMMENT "siaga roster network=pemilu-2024 serial=7"
#define DAY_US (UINT64_C (86400) * 1000000)

static char directory[64];
static struct siaga_minisig_key keys[3];
static char text[FIXTURE_TEXT_MAX];

static inline int
make_roots (void **state)
{
	(void) state;
	fixture_enter (directory);
	keys[0] = fixture_root ("root0");
	keys[1] = fixture_root ("root1");
	keys[2] = fixture_root ("root2");
	return 0;
}

static inline int
remove_roots (void **state)
{
	(void) state;
	fixture_leave (directory);
	return 0;
}

/* No roster, no signatures, no state. */
static inline int
begin (void **state)
{
	(void) state;
	fixture_run ("rm -rf roster.conf* state");
	fixture_text (text, NULL, NULL);
	fixture_write ("roster.conf", text);
	return mkdir ("state", 0700);
}

static inline struct trust_roots
make_pins (unsigned key_count, unsigned threshold)
{
	struct trust_roots roots = {.network = "pemilu-2024",
				    .key_count = key_count,
				    .threshold = threshold,
				    .min_serial = 1};

	memcpy (roots.keys, keys, sizeof keys);
	return roots;
}

static inline int
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

#endif
