/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ending in order: what comes in is refused with "later", what is in the log still goes out, nobody who does not read
 * holds the end up; and ending one principal's sessions.
 */
#include "hub_fixture.h"

#include "hub/presence.h"

static struct hub *s_hub;
static struct hub_lane s_lane;
static uint64_t s_mono_ms;

static uint64_t
fake_now (void *context)
{
	(void) context;
	return 1795507200000000 + s_mono_ms * 1000;
}

static uint64_t
fake_mono (void *context)
{
	(void) context;
	return s_mono_ms;
}

static int
begin (void **state)
{
	static const struct clock_source source = {fake_now, fake_mono, NULL};

	(void) state;
	s_mono_ms = 1000000;
	clock_set (&source);
	s_hub = hub_new ();
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	return 0;
}

static int
end (void **state)
{
	(void) state;
	clock_set (NULL);
	hub_destroy (&s_hub);
	return 0;
}

static void
add_alert (void)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	hub_add (&s_lane, &header, "x");
}

static void
empty_queue (void)
{
	while (hub_take (s_hub, 63))
		continue;
}

static bool
is_drained (void)
{
	return core_is_drained (s_hub->core, HUB_DRAIN_MAX_MS);
}

static void
test_draining_hub_takes_nothing_and_says_when_to_try_again (void **state)
{
	(void) state;
	add_alert ();
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	uint64_t head = s_hub->core->head;
	core_drain (s_hub->core);
	add_alert ();
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.what, SIAGA_PUBLISH);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELATER);
	assert_true (s_hub->in.refused.retry_ms > 0);
	assert_int_equal (s_hub->core->head, head);
	assert_false (hub_is_cut (s_hub, 1));
}

static void
test_what_was_received_is_committed_acknowledged_and_delivered_first (void **state)
{
	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_subscribe (s_hub, 2, NULL, s_hub->core->head, SIAGA_CREDIT_MAX);
	empty_queue ();
	add_alert ();
	hub_publish_only (s_hub, &s_lane);
	core_drain (s_hub->core);
	assert_false (is_drained ()); /* it is on its way into the journal */
	hub_settle (s_hub);
	assert_false (is_drained ()); /* and now on its way out */
	assert_int_equal (hub_take (s_hub, 1), SIAGA_ACK);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_DELIVER);
	assert_int_equal (s_hub->in.deliver.through, s_hub->core->head);
	empty_queue ();
	assert_true (is_drained ());
}

static void
test_reader_that_does_not_read_holds_the_end_up_only_a_while (void **state)
{
	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_subscribe (s_hub, 2, NULL, s_hub->core->head, 1);
	for (unsigned i = 0; i < 3; i++) {
		add_alert ();
		assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	}
	empty_queue ();
	core_drain (s_hub->core);
	hub_settle (s_hub);
	empty_queue ();
	assert_false (is_drained ());
	s_mono_ms += HUB_DRAIN_STUCK_MS - 1;
	assert_false (is_drained ());
	s_mono_ms += 1;
	assert_true (is_drained ());
}

static void
test_drain_ends_in_any_case (void **state)
{
	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_subscribe (s_hub, 2, NULL, 0, 1);
	add_alert ();
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	core_drain (s_hub->core);
	hub_settle (s_hub); /* the queue is never emptied: the gate takes nothing */
	assert_false (is_drained ());
	s_mono_ms += HUB_DRAIN_MAX_MS;
	assert_true (is_drained ());
}

static int
count_fact (void *arg, struct siaga_text key, struct siaga_bytes value)
{
	(void) value;
	*(unsigned *) arg += siaga_text_is (key, "peer/bssn/soc-1");
	return 0;
}

static void
test_who_was_there_is_remembered_at_the_end (void **state)
{
	struct journal *journal = s_hub->core->journal;
	unsigned count = 0;

	(void) state;
	add_alert ();
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	core_drain (s_hub->core);
	hub_settle (s_hub);
	assert_int_equal (journal->ops->facts (journal, count_fact, &count), 0);
	assert_int_equal (count, 1);
}

static void
test_kick_ends_all_sessions_of_one_principal (void **state)
{
	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_open (s_hub, 3, "polri/dewi", NULL);
	assert_int_equal (core_kick (s_hub->core, "polri/dewi"), 2);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_BYE);
	assert_true (hub_is_cut (s_hub, 2));
	assert_true (hub_is_cut (s_hub, 3));
	assert_false (hub_is_cut (s_hub, 1));
	assert_int_equal (core_kick (s_hub->core, "polri/dewi"), 0);
	hub_open (s_hub, 2, "polri/dewi", NULL); /* may come back */
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_draining_hub_takes_nothing_and_says_when_to_try_again),
		TEST (test_what_was_received_is_committed_acknowledged_and_delivered_first),
		TEST (test_reader_that_does_not_read_holds_the_end_up_only_a_while),
		TEST (test_drain_ends_in_any_case),
		TEST (test_who_was_there_is_remembered_at_the_end),
		TEST (test_kick_ends_all_sessions_of_one_principal),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
