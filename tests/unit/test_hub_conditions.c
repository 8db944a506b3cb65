/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a condition: it opens once and closes once, after it has held; what flaps must stay away longer;
 * what is gone is over; an open one is taken back from what is remembered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "hub/conditions.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"
#include "siaga/keys.h"

#define WHO "bssn/soc-1"
#define SETTLE_S 30

static struct conditions *s_self;

static int
begin (void **state)
{
	(void) state;
	assert_int_equal (siaga_crypto_init (), 0);
	s_self = conditions_new ();
	assert_non_null (s_self);
	conditions_settle_after (s_self, SETTLE_S * 1000);
	return 0;
}

static int
end (void **state)
{
	(void) state;
	conditions_destroy (&s_self);
	return 0;
}

/* So many seconds with the same verdict; what is due is logged at once. How many entries that made. */
static unsigned
live (enum condition_kind kind, enum condition_verdict verdict, unsigned seconds)
{
	unsigned entries = 0;

	for (unsigned i = 0; i < seconds; i++) {
		conditions_judge (s_self, kind, WHO, "", verdict, 1000, "words");
		conditions_step (s_self, 1000);
		struct condition *it = conditions_find (s_self, kind, WHO, "");
		if (!it || (it->state != CONDITION_OPENING && it->state != CONDITION_CLOSING))
			continue;
		conditions_logged (s_self, it);
		entries++;
	}
	return entries;
}

static enum condition_state
state_of (enum condition_kind kind)
{
	struct condition *it = conditions_find (s_self, kind, WHO, "");

	return it ? it->state : CONDITION_CLOSED;
}

static void
test_condition_opens_once_and_closes_once (void **state)
{
	(void) state;
	assert_int_equal (live (CONDITION_SILENT, CONDITION_FINE, 5), 0);
	assert_int_equal (live (CONDITION_SILENT, CONDITION_BAD, 500), 1);
	assert_int_equal (state_of (CONDITION_SILENT), CONDITION_OPEN);
	assert_int_equal (live (CONDITION_SILENT, CONDITION_FINE, SETTLE_S - 1), 0);
	assert_int_equal (live (CONDITION_SILENT, CONDITION_FINE, 500), 1);
	assert_int_equal (state_of (CONDITION_SILENT), CONDITION_CLOSED);
}

static void
test_condition_that_must_hold_does_not_open_before (void **state)
{
	(void) state;
	assert_int_equal (live (CONDITION_CLOCK, CONDITION_BAD, SETTLE_S - 1), 0);
	assert_int_equal (live (CONDITION_CLOCK, CONDITION_FINE, 1), 0);
	assert_int_equal (live (CONDITION_CLOCK, CONDITION_BAD, SETTLE_S - 1), 0);
	assert_int_equal (live (CONDITION_CLOCK, CONDITION_BAD, 1), 1);
}

static void
test_condition_does_not_close_while_nothing_is_known (void **state)
{
	(void) state;
	live (CONDITION_OUTBOX, CONDITION_BAD, 1);
	assert_int_equal (live (CONDITION_OUTBOX, CONDITION_UNSURE, 1000), 0);
	assert_int_equal (state_of (CONDITION_OUTBOX), CONDITION_OPEN);
}

/* An hour of a minute good and a minute bad in turn: without damping that would be 60 entries. */
static void
test_flapping_is_damped (void **state)
{
	unsigned entries = 0;

	(void) state;
	for (unsigned i = 0; i < 30; i++) {
		entries += live (CONDITION_SILENT, CONDITION_BAD, 60);
		entries += live (CONDITION_SILENT, CONDITION_FINE, 60);
	}
	assert_in_range (entries, 2, 6);
	assert_int_equal (state_of (CONDITION_SILENT), CONDITION_OPEN);
	/* In the end it closes, and after an hour's peace it is as if it had never been. */
	entries = live (CONDITION_SILENT, CONDITION_FINE, HUB_CONDITION_MEMORY_MS / 1000 + 1);
	assert_int_equal (entries, 1);
	assert_null (conditions_find (s_self, CONDITION_SILENT, WHO, ""));
}

static void
test_condition_of_who_is_gone_closes (void **state)
{
	(void) state;
	live (CONDITION_SILENT, CONDITION_BAD, 1);
	for (unsigned i = 0; i <= SETTLE_S; i++)
		conditions_step (s_self, 1000);
	assert_int_equal (state_of (CONDITION_SILENT), CONDITION_CLOSING);
}

static void
test_reported_condition_is_fine_when_nobody_reports_it_any_more (void **state)
{
	(void) state;
	for (unsigned i = 0; i < 100; i++) {
		conditions_report (s_self, CONDITION_QUOTA, WHO, 60000, 1000, "refused");
		conditions_step (s_self, 1000);
	}
	struct condition *it = conditions_find (s_self, CONDITION_QUOTA, WHO, "");
	assert_int_equal (it->state, CONDITION_OPENING);
	conditions_logged (s_self, it);
	for (unsigned i = 0; i < 58 + SETTLE_S - 1; i++)
		conditions_step (s_self, 1000);
	assert_int_equal (it->state, CONDITION_OPEN);
	conditions_step (s_self, 1000);
	assert_int_equal (it->state, CONDITION_CLOSING);
}

static void
test_open_condition_is_taken_back_from_its_fact (void **state)
{
	uint8_t value[CONDITION_FACT_MAX];
	char key[256];

	(void) state;
	live (CONDITION_SILENT, CONDITION_BAD, 1);
	struct condition *it = conditions_find (s_self, CONDITION_SILENT, WHO, "");
	it->id[0] = 7;
	condition_key (it, key);
	assert_string_equal (key, "condition/agent-silent/bssn/soc-1/");
	struct siaga_bytes bytes = {value, condition_write (it, value)};
	conditions_destroy (&s_self);
	begin (NULL);
	assert_int_equal (conditions_restore (s_self, bytes), 0);
	it = conditions_find (s_self, CONDITION_SILENT, WHO, "");
	assert_int_equal (it->state, CONDITION_OPEN);
	assert_int_equal (it->id[0], 7);
	assert_int_equal (it->since_us, 1000);
	assert_string_equal (it->words, "words");
	/* Still bad: nothing new to say. */
	assert_int_equal (live (CONDITION_SILENT, CONDITION_BAD, 100), 0);
	assert_int_equal (live (CONDITION_SILENT, CONDITION_FINE, 100), 1);
}

static void
test_fact_that_is_noise_is_refused (void **state)
{
	static const uint8_t noise[] = {0x88, 0x61, 'x'};

	(void) state;
	for (size_t size = 0; size <= sizeof noise; size++)
		assert_int_equal (conditions_restore (s_self, (struct siaga_bytes){noise, size}),
				  SIAGA_EMALFORMED);
	assert_int_equal (conditions_open_count (s_self), 0);
}

/* An agent chooses how many sources it has and what they are called. */
static void
test_conditions_of_one_principal_are_bounded (void **state)
{
	char detail[32];
	size_t count = 0;

	(void) state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf (detail, sizeof detail, "source-%u", i);
		conditions_judge (s_self, CONDITION_SOURCE_STALE, WHO, detail, CONDITION_BAD, 1,
				  "x");
	}
	for (struct condition *it = conditions_next (s_self, NULL); it;
	     it = conditions_next (s_self, it))
		count++;
	assert_int_equal (count, HUB_CONDITIONS_ALIKE_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_condition_opens_once_and_closes_once),
		TEST (test_condition_that_must_hold_does_not_open_before),
		TEST (test_condition_does_not_close_while_nothing_is_known),
		TEST (test_flapping_is_damped),
		TEST (test_condition_of_who_is_gone_closes),
		TEST (test_reported_condition_is_fine_when_nobody_reports_it_any_more),
		TEST (test_open_condition_is_taken_back_from_its_fact),
		TEST (test_fact_that_is_noise_is_refused),
		TEST (test_conditions_of_one_principal_are_bounded),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
