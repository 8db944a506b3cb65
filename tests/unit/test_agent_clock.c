/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock that is set, is wrong, or ran while nobody looked: told of once, and what waits keeps its age.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "agent/agent_clock.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define START_US UINT64_C (1795507200000000)
#define HOUR_US INT64_C (3600000000)

static uint64_t s_now_us;
static uint64_t s_mono_ms;
static struct siaga_identity *s_identity;
static struct outbox *s_outbox;

static uint64_t
now_us (void *context)
{
	(void) context;
	return s_now_us;
}

static uint64_t
mono_ms (void *context)
{
	(void) context;
	return s_mono_ms;
}

static void
pass (uint64_t us)
{
	s_now_us += us;
	s_mono_ms += us / 1000;
}

static void
add (void)
{
	uint8_t buffer[1024], random[10] = {1};
	struct siaga_writer writer;
	struct siaga_header header = {.origin = siaga_text ("bssn/soc-1"),
				      .created_us = s_now_us,
				      .category = siaga_text ("test/test")};
	struct siaga_body body = {.title = siaga_text ("t")};
	siaga_uuid_make (header.id, s_now_us / 1000, random);
	siaga_writer_init (&writer, buffer, sizeof buffer);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	assert_int_equal (outbox_add (s_outbox, (struct siaga_bytes){buffer, writer.size}), 0);
}

static int64_t
age_us (void)
{
	struct outbox_counts counts;
	assert_int_equal (outbox_count (s_outbox, &counts), 0);
	return (int64_t) (s_now_us - counts.oldest_us);
}

static int
setup (void **state)
{
	static const struct clock_source source = {now_us, mono_ms, NULL};
	char words[256];
	(void) state;
	assert_int_equal (siaga_crypto_init (), 0);
	log_open ("test", LOG_TO_NOTHING, 0);
	s_now_us = START_US;
	s_mono_ms = 5000;
	clock_set (&source);
	s_identity = siaga_identity_new (siaga_text ("bssn/soc-1"));
	struct outbox_options options = {
		.path = ":memory:", .network = "pemilu.example", .identity = s_identity};
	assert_int_equal (outbox_open (&s_outbox, &options, words), 0);
	return 0;
}

static int
teardown (void **state)
{
	(void) state;
	outbox_close (&s_outbox);
	siaga_identity_destroy (&s_identity);
	clock_set (NULL);
	return 0;
}

static void
test_agent_clock_step_keeps_the_ages (void **state)
{
	struct agent_clock clock;
	(void) state;
	add ();
	assert_int_equal (agent_clock_start (&clock, s_outbox), 0);
	pass (HOUR_US);
	assert_int_equal (agent_clock_look (&clock, s_outbox), 0);
	assert_int_equal (clock.steps, 0);
	assert_int_equal (age_us (), HOUR_US);
	s_now_us += (uint64_t) (9000 * HOUR_US);
	assert_int_equal (agent_clock_look (&clock, s_outbox), 0);
	assert_int_equal (agent_clock_look (&clock, s_outbox), 0);
	assert_int_equal (clock.steps, 1);
	assert_int_equal (age_us (), HOUR_US);
	s_now_us -= (uint64_t) (9500 * HOUR_US);
	assert_int_equal (agent_clock_look (&clock, s_outbox), 0);
	assert_int_equal (clock.steps, 2);
	assert_int_equal (clock.last_step_us, -9500 * HOUR_US);
	assert_int_equal (age_us (), HOUR_US);
}

static void
test_agent_clock_steered_is_no_step (void **state)
{
	struct agent_clock clock;
	(void) state;
	assert_int_equal (agent_clock_start (&clock, s_outbox), 0);
	for (int i = 0; i < 100; i++) {
		pass (10000000);
		s_now_us += 5000; /* 500 ppm */
		assert_int_equal (agent_clock_look (&clock, s_outbox), 0);
	}
	assert_int_equal (clock.steps, 0);
}

static void
test_agent_clock_time_not_running_is_no_waiting (void **state)
{
	struct agent_clock clock;
	(void) state;
	add ();
	assert_int_equal (agent_clock_start (&clock, s_outbox), 0);
	pass (HOUR_US);
	assert_int_equal (agent_clock_look (&clock, s_outbox), 0); /* noted */
	s_now_us += (uint64_t) (9000 * HOUR_US);		   /* off, or set meanwhile */
	assert_int_equal (agent_clock_start (&clock, s_outbox), 0);
	assert_int_equal (age_us (), HOUR_US);
	s_now_us += (uint64_t) HOUR_US; /* a restart counts */
	assert_int_equal (agent_clock_start (&clock, s_outbox), 0);
	assert_int_equal (age_us (), 2 * HOUR_US);
}

static void
test_agent_clock_difference_to_the_hub_is_told_once (void **state)
{
	struct agent_clock clock = {.known = true};
	(void) state;
	agent_clock_compare (&clock, CLOCK_WRONG_US - 1);
	assert_false (clock.wrong);
	agent_clock_compare (&clock, -CLOCK_WRONG_US);
	assert_true (clock.wrong);
	agent_clock_compare (&clock, 1000);
	assert_false (clock.wrong);
}

#define CLOCK_TEST(test) cmocka_unit_test_setup_teardown (test, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		CLOCK_TEST (test_agent_clock_step_keeps_the_ages),
		CLOCK_TEST (test_agent_clock_steered_is_no_step),
		CLOCK_TEST (test_agent_clock_time_not_running_is_no_waiting),
		CLOCK_TEST (test_agent_clock_difference_to_the_hub_is_told_once),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
