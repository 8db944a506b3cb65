/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of one alert that is followed: each rule of PROTOCOL.md section 6.9, and what holds whatever people do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hub/followed.h"

#define MINUTE UINT64_C (60000)
#define BEGIN UINT64_C (1000000000)

static struct siaga_play s_play;

/* Acknowledge in 5 minutes, then every 2; take in 20, resolve in 60. */
static struct siaga_duty
duty_of (size_t chain)
{
	return (struct siaga_duty){
		.play = &s_play,
		.acknowledge_within_us = 5 * MINUTE * 1000,
		.take_within_us = 20 * MINUTE * 1000,
		.resolve_within_us = 60 * MINUTE * 1000,
		.escalate_every_us = chain ? 2 * MINUTE * 1000 : 0,
		.chain_count = chain,
	};
}

static struct followed
follow (size_t chain)
{
	struct followed it = {.severity = SIAGA_SEVERITY_HIGH};
	struct siaga_duty duty = duty_of (chain);

	followed_open (&it, BEGIN * 1000, BEGIN);
	followed_set_duty (&it, &duty);
	return it;
}

static void
act (struct followed *it, unsigned what, uint64_t minute)
{
	struct siaga_deed deed = {.what = what,
				  .origin = siaga_text ("bssn/ani"),
				  .member = siaga_text ("polri"),
				  .severity = SIAGA_SEVERITY_CRITICAL,
				  .has_severity = what == SIAGA_DEED_UPDATE};

	followed_apply (it, &deed, (BEGIN + minute * MINUTE) * 1000, BEGIN + minute * MINUTE);
}

/* Nothing a millisecond before that minute, then this, which is said. */
static void
expect (struct followed *it, uint64_t minute, enum followed_what what, uint32_t step)
{
	uint64_t at_ms = BEGIN + minute * MINUTE;
	uint32_t last = 0;

	assert_int_equal (followed_due (it, at_ms - 1, &last), FOLLOWED_NOTHING);
	assert_int_equal (it->due_ms, at_ms);
	assert_int_equal (followed_due (it, at_ms, &last), what);
	if (what == FOLLOWED_STEP)
		assert_int_equal (last, step);
	followed_said (it, what, last);
}

static void
test_followed_nobody_answers (void **state)
{
	struct followed it = follow (3);

	(void) state;
	expect (&it, 5, FOLLOWED_STEP, 0);
	expect (&it, 7, FOLLOWED_STEP, 1);
	expect (&it, 9, FOLLOWED_STEP, 2);
	expect (&it, 20, FOLLOWED_TAKE, 0);
	expect (&it, 60, FOLLOWED_RESOLVE, 0);
	assert_int_equal (it.due_ms, 0); /* all is said */
}

static void
test_followed_acknowledging_holds_one_step (void **state)
{
	struct followed it = follow (3);

	(void) state;
	act (&it, SIAGA_ACTION_ACKNOWLEDGE, 1);
	act (&it, SIAGA_ACTION_ASSIST, 2); /* the same step waits once */
	expect (&it, 7, FOLLOWED_STEP, 0);
	expect (&it, 9, FOLLOWED_STEP, 1);
	act (&it, SIAGA_ACTION_ACKNOWLEDGE, 10);
	expect (&it, 13, FOLLOWED_STEP, 2);
	expect (&it, 20, FOLLOWED_TAKE, 0);
}

static void
test_followed_taking_stops_all_but_resolving (void **state)
{
	struct followed it = follow (3);

	(void) state;
	expect (&it, 5, FOLLOWED_STEP, 0);
	act (&it, SIAGA_ACTION_TAKE, 6);
	assert_string_equal (it.lead, "bssn");
	act (&it, SIAGA_ACTION_HANDOVER, 8);
	assert_string_equal (it.lead, "polri");
	act (&it, SIAGA_ACTION_ACKNOWLEDGE, 9);
	expect (&it, 60, FOLLOWED_RESOLVE, 0);
	assert_int_equal (it.due_ms, 0);
}

static void
test_followed_over_is_over_until_it_begins_anew (void **state)
{
	static const unsigned ends[] = {SIAGA_ACTION_RESOLVE, SIAGA_DEED_CANCEL};

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		struct followed it = follow (2);
		uint32_t last = 0;
		expect (&it, 5, FOLLOWED_STEP, 0);
		act (&it, ends[i], 6);
		assert_int_equal (followed_due (&it, BEGIN + 6 * MINUTE, &last), FOLLOWED_END);
		act (&it, SIAGA_ACTION_REOPEN, 100);
		expect (&it, 105, FOLLOWED_STEP, 0);
		expect (&it, 107, FOLLOWED_STEP, 1);
		expect (&it, 120, FOLLOWED_TAKE, 0);
		expect (&it, 160, FOLLOWED_RESOLVE, 0);
	}
}

static void
test_followed_expires_unless_somebody_has_it (void **state)
{
	struct followed it = follow (3);

	(void) state;
	it.over_ms = BEGIN + 6 * MINUTE;
	act (&it, SIAGA_DEED_UPDATE, 0);
	assert_int_equal (it.severity, SIAGA_SEVERITY_CRITICAL);
	expect (&it, 5, FOLLOWED_STEP, 0);
	expect (&it, 6, FOLLOWED_END, 0);
	it = follow (3);
	it.over_ms = BEGIN + 6 * MINUTE;
	act (&it, SIAGA_ACTION_TAKE, 1);
	expect (&it, 60, FOLLOWED_RESOLVE, 0);
}

/* Down from minute 1 to minute 8: two steps are one entry, and the third comes in its time. */
static void
test_followed_missed_steps_are_one (void **state)
{
	struct followed it = follow (3);
	uint32_t last = 0;

	(void) state;
	assert_int_equal (followed_due (&it, BEGIN + 8 * MINUTE, &last), FOLLOWED_STEP);
	assert_int_equal (last, 1);
	followed_said (&it, FOLLOWED_STEP, last);
	expect (&it, 9, FOLLOWED_STEP, 2);
}

static void
test_followed_without_a_chain_says_it_once (void **state)
{
	struct followed it = follow (0);

	(void) state;
	expect (&it, 5, FOLLOWED_STEP, 0);
	expect (&it, 20, FOLLOWED_TAKE, 0);
	it = follow (0);
	act (&it, SIAGA_ACTION_ACKNOWLEDGE, 1);
	expect (&it, 20, FOLLOWED_TAKE, 0);
}

/* Another update finds it there, until it is over. */
static void
test_followed_what_was_raised_stays_known (void **state)
{
	struct followed it = follow (1);
	uint32_t last = 0;

	(void) state;
	it.is_late = true;
	expect (&it, 5, FOLLOWED_STEP, 0);
	expect (&it, 20, FOLLOWED_TAKE, 0);
	expect (&it, 60, FOLLOWED_RESOLVE, 0);
	assert_int_equal (it.due_ms, UINT64_MAX);
	act (&it, SIAGA_DEED_CANCEL, 70);
	assert_int_equal (followed_due (&it, BEGIN, &last), FOLLOWED_END);
}

static void
test_followed_other_terms_keep_what_was_said (void **state)
{
	struct followed it = follow (3);
	struct siaga_duty duty = duty_of (2);

	(void) state;
	expect (&it, 5, FOLLOWED_STEP, 0);
	duty.escalate_every_us = 10 * MINUTE * 1000;
	followed_set_duty (&it, &duty);
	expect (&it, 15, FOLLOWED_STEP, 1);
	expect (&it, 20, FOLLOWED_TAKE, 0);
}

/* --- whatever people do --------------------------------------------------------------------------------- */

static uint64_t s_seed;

static uint64_t
chance (uint64_t below)
{
	s_seed = s_seed * 6364136223846793005U + 1442695040888963407U;
	return (s_seed >> 33) % below;
}

/* Steps ascend, none is left out or repeated or early; however many acknowledge, each waits at most as often as there
   are steps; nothing is said once it is over. */
static void
play_at_random (uint64_t seed)
{
	static const unsigned acts[] = {SIAGA_ACTION_ACKNOWLEDGE, SIAGA_ACTION_ASSIST,
					SIAGA_DEED_UPDATE, SIAGA_ACTION_ACKNOWLEDGE};
	size_t steps = 1 + seed % 5;
	struct followed it = follow (steps);
	uint32_t said = 0, takes = 0, resolves = 0, last;
	uint64_t now_ms = BEGIN;
	bool is_taken = false;

	s_seed = seed;
	while (now_ms < BEGIN + 90 * MINUTE) {
		now_ms += 1 + chance (3 * MINUTE);
		if (chance (3) == 0)
			act (&it, acts[chance (4)], (now_ms - BEGIN) / MINUTE);
		if (!is_taken && chance (60) == 0) {
			act (&it, SIAGA_ACTION_TAKE, 0);
			is_taken = true;
		}
		enum followed_what what = followed_due (&it, now_ms, &last);
		if (what == FOLLOWED_END)
			break;
		assert_true (what != FOLLOWED_STEP || last >= said);
		assert_true (!is_taken || what == FOLLOWED_RESOLVE || what == FOLLOWED_NOTHING);
		if (what == FOLLOWED_STEP) {
			assert_int_equal (it.step, said);
			assert_true (now_ms >= BEGIN + (5 + 2 * last) * MINUTE);
			said = last + 1;
		}
		takes += what == FOLLOWED_TAKE;
		resolves += what == FOLLOWED_RESOLVE;
		if (what != FOLLOWED_NOTHING)
			followed_said (&it, what, last);
		assert_true (it.holds <= steps);
	}
	assert_true (is_taken || (said == steps && takes == 1));
	assert_int_equal (resolves, 1);
}

static void
test_followed_whatever_people_do (void **state)
{
	(void) state;
	for (uint64_t seed = 1; seed <= 20000; seed++)
		play_at_random (seed);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_followed_nobody_answers),
		cmocka_unit_test (test_followed_acknowledging_holds_one_step),
		cmocka_unit_test (test_followed_taking_stops_all_but_resolving),
		cmocka_unit_test (test_followed_over_is_over_until_it_begins_anew),
		cmocka_unit_test (test_followed_expires_unless_somebody_has_it),
		cmocka_unit_test (test_followed_missed_steps_are_one),
		cmocka_unit_test (test_followed_without_a_chain_says_it_once),
		cmocka_unit_test (test_followed_what_was_raised_stays_known),
		cmocka_unit_test (test_followed_other_terms_keep_what_was_said),
		cmocka_unit_test (test_followed_whatever_people_do),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
