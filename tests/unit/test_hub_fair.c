/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who takes all it can get takes it from itself: turns, windows, quotas and answers are counted for each principal,
 * however many sessions it has, and for each member, however many principals.
 */
#include "hub_fixture.h"

static struct hub *s_hub;
static struct hub_lane s_lane;

/* bssn/soc-1 publishes over 1; number 0 is the roster's entry. */
static int
begin (void **state)
{
	(void) state;
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
publish (unsigned batches, unsigned entries)
{
	for (unsigned i = 0; i < batches; i++) {
		for (unsigned k = 0; k < entries; k++) {
			struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
			hub_add (&s_lane, &header, "x");
		}
		assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	}
}

/* Without letting the core serve it. */
static void
subscribe (uint64_t conn, uint64_t id)
{
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);

	message->subscribe.id = id;
	message->subscribe.credit = SIAGA_CREDIT_MAX;
	message->subscribe.filter.min_severity = SIAGA_SEVERITY_CRITICAL;
	hub_says (s_hub, conn, message);
}

static int
ask (uint64_t conn, uint64_t id, uint64_t number)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);

	message->query.id = id;
	message->query.what = SIAGA_QUERY_STORY;
	message->query.has_number = true;
	message->query.number = number;
	hub_says (s_hub, conn, message);
	return hub_take (s_hub, conn);
}

/* --- turns -------------------------------------------------------------------------------------------------- */

static void
test_one_reader_waits_for_one_step_of_each_other_principal (void **state)
{
	(void) state;
	publish (40, HUB_ENTRIES_MAX);
	for (uint64_t conn = 10; conn < 20; conn++) {
		hub_open (s_hub, conn, "polri/dewi", NULL);
		for (uint64_t id = 1; id <= SIAGA_SUBSCRIPTIONS_MAX; id++)
			subscribe (conn, id);
	}
	hub_open (s_hub, 2, "brin/rina", NULL);
	subscribe (2, 1);
	const char *names[4];
	for (size_t i = 0; i < 4; i++) {
		struct subscription *next = subscription_next (s_hub->core);
		names[i] = next->session->principal->name;
		deliver_step (s_hub->core, next);
	}
	assert_string_equal (names[0], "polri/dewi");
	assert_string_equal (names[1], "brin/rina");
	assert_string_equal (names[2], "polri/dewi");
	assert_string_equal (names[3], "brin/rina");
}

/* polri/budi is another principal of polri/dewi's member. */
static void
adopt_budi (void)
{
	char roster[sizeof hub_roster + 256];
	const char *at = strstr (hub_roster, "  { name = \"brin/rina\"");

	snprintf (roster, sizeof roster,
		  "%.*s  { name = \"polri/budi\"; roles = [\"read\"]; keys = ({ card = "
		  "\"@polri/budi@\"; }); },\n%s",
		  (int) (at - hub_roster), hub_roster, at);
	hub_adopt (s_hub, roster);
	hub_settle (s_hub);
	while (hub_take (s_hub, 1)) /* it is told */
		continue;
}

static void
test_members_principals_share_its_turns (void **state)
{
	static const char *const expected[] = {"polri/dewi", "brin/rina",  "polri/budi",
					       "brin/rina",  "polri/dewi", "brin/rina"};

	(void) state;
	adopt_budi ();
	publish (40, HUB_ENTRIES_MAX);
	hub_open (s_hub, 10, "polri/dewi", NULL);
	hub_open (s_hub, 11, "polri/budi", NULL);
	hub_open (s_hub, 2, "brin/rina", NULL);
	subscribe (10, 1);
	subscribe (2, 1);
	subscribe (11, 1);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		struct subscription *next = subscription_next (s_hub->core);
		assert_string_equal (next->session->principal->name, expected[i]);
		deliver_step (s_hub->core, next);
	}
	hub_gate_says (s_hub, PACKET_GONE, 10, NULL, NO_BYTES);
	hub_gate_says (s_hub, PACKET_GONE, 11, NULL, NO_BYTES);
	assert_string_equal (subscription_next (s_hub->core)->session->principal->name,
			     "brin/rina");
}

static void
test_step_looks_at_a_bounded_number_of_entries (void **state)
{
	(void) state;
	publish (40, HUB_ENTRIES_MAX);
	hub_open (s_hub, 2, "polri/dewi", NULL);
	subscribe (2, 1);
	unsigned work = deliver_step (s_hub->core, subscription_next (s_hub->core));
	assert_in_range (work, HUB_WORK_PER_STEP, HUB_WORK_PER_STEP + 2 * HUB_ENTRIES_MAX);
}

static void
test_end_of_a_subscription_gives_up_its_turn (void **state)
{
	(void) state;
	publish (2, 1);
	hub_open (s_hub, 2, "polri/dewi", NULL);
	subscribe (2, 1);
	subscribe (2, 2);
	hub_gate_says (s_hub, PACKET_GONE, 2, NULL, NO_BYTES);
	assert_null (subscription_next (s_hub->core));
	assert_false (core_has_work (s_hub->core));
	assert_true (LIST_EMPTY (&s_hub->core->accounts) == false); /* bssn/soc-1's */
}

static void
test_flushed_queue_has_work_again (void **state)
{
	struct packet packet;
	struct siaga_bytes payload;

	(void) state;
	publish (400, HUB_ENTRIES_MAX);
	hub_open (s_hub, 2, "polri/dewi", NULL);
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);
	message->subscribe.id = 1;
	message->subscribe.credit = SIAGA_CREDIT_MAX;
	hub_says (s_hub, 2, message);
	while (core_work (s_hub->core))
		continue;
	assert_true (core_out (s_hub->core)->bytes[PACKET_BULK] >= HUB_BULK_BYTES);
	while (packet_queue_first (core_out (s_hub->core), &packet, &payload))
		packet_queue_drop_first (core_out (s_hub->core));
	assert_true (core_has_work (s_hub->core)); /* at once, not at the next tick */
}

/* --- publishing ------------------------------------------------------------------------------------------------ */

static void
test_batches_beyond_the_window_cost_the_session (void **state)
{
	(void) state;
	for (int i = 0; i <= SIAGA_WINDOW_MAX; i++) {
		struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
		hub_add (&s_lane, &header, "x");
		hub_publish_only (s_hub, &s_lane);
	}
	assert_int_equal (hub_take (s_hub, 1), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELIMIT);
	assert_true (hub_is_cut (s_hub, 1));
	hub_settle (s_hub);
	assert_int_equal (s_hub->core->head, 1 + SIAGA_WINDOW_MAX);
}

static void
test_answers_open_the_window_again (void **state)
{
	(void) state;
	for (int i = 0; i < 3 * SIAGA_WINDOW_MAX; i++) {
		struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
		hub_add (&s_lane, &header, "x");
		hub_publish_only (s_hub, &s_lane);
		if (i % SIAGA_WINDOW_MAX == SIAGA_WINDOW_MAX - 1)
			hub_settle (s_hub);
	}
	assert_false (hub_is_cut (s_hub, 1));
	assert_int_equal (s_hub->core->head, 1 + 3 * SIAGA_WINDOW_MAX);
}

static void
test_principal_over_its_quota_is_told_to_come_back (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
	struct account *account = session_table_find (s_hub->core->sessions, 1)->account;

	(void) state;
	account->pending_bytes += HUB_PENDING_PER_PRINCIPAL_BYTES;
	hub_add (&s_lane, &header, "x");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EQUOTA);
	assert_int_equal (s_hub->in.refused.retry_ms, HUB_RETRY_QUOTA_MS);
	assert_false (hub_is_cut (s_hub, 1));

	account->pending_bytes -= HUB_PENDING_PER_PRINCIPAL_BYTES;
	account->member->pending_bytes += HUB_PENDING_PER_MEMBER_BYTES;
	s_lane.oseq = 0;
	hub_add (&s_lane, &header, "x");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EQUOTA);
	account->member->pending_bytes -= HUB_PENDING_PER_MEMBER_BYTES;
	s_lane.oseq = 0;
	hub_add (&s_lane, &header, "x");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	assert_int_equal (account->pending_bytes, 0);
	assert_int_equal (account->member->pending_bytes, 0);
}

static void
test_full_window_of_the_largest_batches_is_within_the_quota (void **state)
{
	(void) state;
	assert_true (SIAGA_WINDOW_MAX * (sizeof (struct journal_job) + SIAGA_BATCH_MAX +
					 SIAGA_BATCH_ENTRIES_MAX * sizeof (struct siaga_header)) <=
		     HUB_PENDING_PER_PRINCIPAL_BYTES);
	assert_true (2 * HUB_PENDING_PER_PRINCIPAL_BYTES <= HUB_PENDING_BYTES);
}

/* A batch outlives the session it came by, and its account with it. */
static void
test_batch_whose_session_is_gone_is_still_counted_out (void **state)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);

	(void) state;
	hub_add (&s_lane, &header, "x");
	hub_publish_only (s_hub, &s_lane);
	hub_gate_says (s_hub, PACKET_GONE, 1, NULL, NO_BYTES);
	assert_false (LIST_EMPTY (&s_hub->core->accounts));
	hub_settle (s_hub);
	assert_true (LIST_EMPTY (&s_hub->core->accounts));
	assert_int_equal (s_hub->core->head, 2);
}

/* --- answers ----------------------------------------------------------------------------------------------------- */

static void
test_answers_under_way_are_counted_over_all_sessions_of_a_principal (void **state)
{
	(void) state;
	publish (1, 1);
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_open (s_hub, 3, "polri/dewi", NULL);
	hub_open (s_hub, 4, "brin/rina", NULL);
	for (uint64_t id = 1; id <= HUB_RESULTS_PER_PRINCIPAL_MAX; id++)
		assert_int_equal (ask (2 + id % 2, id, 1), 0); /* not before its turn */
	assert_int_equal (ask (3, 9, 1), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELATER);
	assert_int_equal (s_hub->in.refused.id, 9);
	assert_true (s_hub->in.refused.retry_ms > 0);
	assert_int_equal (ask (4, 1, 1), 0);
	hub_settle (s_hub);
	assert_int_equal (hub_take (s_hub, 4), SIAGA_RESULT);
	assert_int_equal (ask (3, 10, 1), 0);
	hub_settle (s_hub);
	assert_int_equal (hub_take (s_hub, 3), SIAGA_RESULT);
}

static void
test_answers_under_way_are_counted_over_all_principals_of_a_member (void **state)
{
	(void) state;
	adopt_budi ();
	publish (1, 1);
	hub_open (s_hub, 10, "polri/dewi", NULL);
	struct account *member = session_table_find (s_hub->core->sessions, 10)->account->member;
	hub_open (s_hub, 11, "polri/budi", NULL);
	hub_open (s_hub, 2, "brin/rina", NULL);
	for (uint64_t id = 1; id <= HUB_RESULTS_PER_PRINCIPAL_MAX; id++)
		assert_int_equal (ask (10, id, 1), 0);
	member->results += HUB_RESULTS_PER_MEMBER_MAX - HUB_RESULTS_PER_PRINCIPAL_MAX - 1;
	assert_int_equal (ask (11, 1, 1), 0);
	assert_int_equal (ask (11, 2, 1), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELATER);
	assert_int_equal (ask (2, 1, 1), 0);
	hub_settle (s_hub);
	assert_int_equal (member->results,
			  HUB_RESULTS_PER_MEMBER_MAX - HUB_RESULTS_PER_PRINCIPAL_MAX - 1);
}

static void
test_who_asks_on_though_told_to_wait_loses_its_session (void **state)
{
	(void) state;
	publish (1, 1);
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_open (s_hub, 3, "polri/dewi", NULL);
	for (uint64_t id = 1; id <= HUB_RESULTS_PER_PRINCIPAL_MAX; id++)
		assert_int_equal (ask (2, id, 1), 0);
	for (uint64_t id = 1; id <= HUB_QUERY_PUSHES_MAX; id++)
		assert_int_equal (ask (3, id, 1), SIAGA_REFUSED);
	assert_false (hub_is_cut (s_hub, 3));
	assert_int_equal (ask (3, 99, 1), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELATER);
	assert_true (hub_is_cut (s_hub, 3));
	assert_false (hub_is_cut (s_hub, 2));
	hub_settle (s_hub);
}

static void
test_answers_for_a_session_that_is_gone_are_dropped (void **state)
{
	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	ask (2, 1, 0);
	ask (2, 2, 0);
	hub_gate_says (s_hub, PACKET_GONE, 2, NULL, NO_BYTES);
	assert_int_equal (s_hub->core->result_count, 0);
	hub_settle (s_hub);
}

/* --- silence ------------------------------------------------------------------------------------------------------ */

static void
test_session_that_says_nothing_is_ended (void **state)
{
	unsigned ticks = HUB_SILENCE_MAX_MS / HUB_TICK_MS;

	(void) state;
	hub_open (s_hub, 2, "polri/dewi", NULL);
	for (unsigned i = 0; i < ticks; i++) {
		core_on_tick (s_hub->core);
		if (i == ticks / 2) {
			struct siaga_message *message = hub_message (SIAGA_STATUS);
			message->status.now_us = 1;
			hub_says (s_hub, 1, message);
		}
	}
	assert_false (hub_is_cut (s_hub, 2));
	core_on_tick (s_hub->core);
	assert_true (hub_is_cut (s_hub, 2));
	assert_false (s_hub->was_cut[1]);
}

static uint64_t
later_us (void *context)
{
	(void) context;
	return UINT64_C (1795507200000000) + 3600 * UINT64_C (1000000);
}

static uint64_t
later_ms (void *context)
{
	(void) context;
	return UINT64_MAX / 2;
}

/* The core was stopped, not the peers. */
static void
test_time_in_which_the_core_did_not_run_is_no_silence (void **state)
{
	static const struct clock_source source = {later_us, later_ms, NULL};

	(void) state;
	clock_set (&source);
	core_on_tick (s_hub->core);
	assert_false (hub_is_cut (s_hub, 1));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		TEST (test_one_reader_waits_for_one_step_of_each_other_principal),
		TEST (test_members_principals_share_its_turns),
		TEST (test_step_looks_at_a_bounded_number_of_entries),
		TEST (test_end_of_a_subscription_gives_up_its_turn),
		TEST (test_flushed_queue_has_work_again),
		TEST (test_batches_beyond_the_window_cost_the_session),
		TEST (test_answers_open_the_window_again),
		TEST (test_principal_over_its_quota_is_told_to_come_back),
		TEST (test_full_window_of_the_largest_batches_is_within_the_quota),
		TEST (test_batch_whose_session_is_gone_is_still_counted_out),
		TEST (test_answers_under_way_are_counted_over_all_sessions_of_a_principal),
		TEST (test_answers_under_way_are_counted_over_all_principals_of_a_member),
		TEST (test_who_asks_on_though_told_to_wait_loses_its_session),
		TEST (test_answers_for_a_session_that_is_gone_are_dropped),
		TEST (test_session_that_says_nothing_is_ended),
		TEST (test_time_in_which_the_core_did_not_run_is_no_silence),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
