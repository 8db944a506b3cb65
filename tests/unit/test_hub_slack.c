/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory freed after a burst goes back to the system, once the burst is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub/hub_limits.h"
#include "hub/slack.h"

#ifdef SIAGA_SANITIZED
#define IS_SANITIZED 1
#else
#define IS_SANITIZED 0
#endif
#define BLOCKS 40000
#define BLOCK_BYTES 1024
#define KIB (BLOCKS * BLOCK_BYTES / 1024)

static long
s_resident_kib (void)
{
	char line[256];
	long kib = 0;
	FILE *file = fopen ("/proc/self/status", "r");

	assert_non_null (file);
	while (fgets (line, sizeof line, file))
		if (sscanf (line, "RssAnon: %ld", &kib) == 1)
			break;
	fclose (file);
	return kib;
}

/* Many blocks of which the last stays: what malloc cannot give back by itself. */
static void *
s_burst (void)
{
	static void *blocks[BLOCKS];

	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc (BLOCK_BYTES);
		assert_non_null (blocks[i]);
		memset (blocks[i], 1, BLOCK_BYTES);
	}
	for (size_t i = 0; i < BLOCKS - 1; i++)
		free (blocks[i]);
	return blocks[BLOCKS - 1];
}

static void
test_slack_gives_back_what_a_burst_left (void **state)
{
	struct slack slack = {0};
	long before = s_resident_kib ();
	void *kept = s_burst ();

	(void) state;
	if (IS_SANITIZED || s_resident_kib () - before < KIB / 2) {
		free (kept);
		skip (); /* this malloc gives it back by itself, or, a sanitizer's, keeps it */
		return;
	}
	slack_note (&slack, (size_t) KIB * 1024);
	assert_false (slack_on_tick (&slack, 1000));
	assert_true (s_resident_kib () - before > KIB / 2);
	assert_true (slack_on_tick (&slack, 1000 + HUB_SLACK_CALM_MS));
	assert_true (s_resident_kib () - before < KIB / 4);
	free (kept);
}

static void
test_slack_waits_for_calm_but_not_for_ever (void **state)
{
	struct slack slack = {0};
	uint64_t now_ms;

	(void) state;
	for (now_ms = 1000; now_ms < 1000 + HUB_SLACK_MAX_MS; now_ms += 250) {
		slack_note (&slack, HUB_SLACK_BURST_BYTES);
		assert_false (slack_on_tick (&slack, now_ms));
	}
	slack_note (&slack, HUB_SLACK_BURST_BYTES);
	assert_true (slack_on_tick (&slack, now_ms));
	/* It is given back once. */
	assert_false (slack_on_tick (&slack, now_ms + HUB_SLACK_MAX_MS));
}

static void
test_slack_does_nothing_without_a_burst (void **state)
{
	struct slack slack = {0};

	(void) state;
	for (uint64_t now_ms = 1000; now_ms < 100000; now_ms += 250) {
		slack_note (&slack, HUB_SLACK_BURST_BYTES - 1);
		assert_false (slack_on_tick (&slack, now_ms));
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_slack_gives_back_what_a_burst_left),
		cmocka_unit_test (test_slack_waits_for_calm_but_not_for_ever),
		cmocka_unit_test (test_slack_does_nothing_without_a_burst),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
