/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/core_checkpoint.c: when a checkpoint is signed, who is told, and that nothing is signed that contradicts what was.
 */
#include "hub_fixture.h"

static uint64_t s_now_ms = 1000;

static uint64_t
now_us (void *context)
{
	(void) context;
	return UINT64_C (1795507200000000) + s_now_ms * 1000;
}

static uint64_t
mono_ms (void *context)
{
	(void) context;
	return s_now_ms;
}

static int
setup (void **state)
{
	static const struct clock_source source = {now_us, mono_ms, NULL};

	clock_set (&source);
	*state = hub_new ();
	hub_settle (*state);
	return 0;
}

static int
teardown (void **state)
{
	struct hub *hub = *state;

	hub_destroy (&hub);
	clock_set (NULL);
	return 0;
}

/* The writer's thread reads the clock while it works. */
static void
s_pass (struct hub *hub, uint64_t ms)
{
	hub_settle (hub);
	s_now_ms += ms;
	core_on_tick (hub->core);
}

/* The next CHECKPOINT for a connection, verified; 0: none. */
static uint64_t
s_taken (struct hub *hub, uint64_t conn)
{
	struct siaga_checkpoint checkpoint;
	uint8_t root[SIAGA_HASH_BYTES];
	struct journal *journal = hub->core->journal;
	int type;

	while ((type = hub_take (hub, conn)) && type != SIAGA_CHECKPOINT)
		continue;
	if (!type)
		return 0;
	assert_int_equal (siaga_checkpoint_verify (hub->in.checkpoint.note,
						   siaga_text ("pemilu-2024"),
						   hub->trust.identity->card.sign, &checkpoint),
			  0);
	assert_memory_equal (checkpoint.log_id, journal->ops->log_id (journal), SIAGA_LOG_ID_BYTES);
	assert_int_equal (journal->ops->root (journal, checkpoint.size, root), 0);
	assert_memory_equal (checkpoint.root, root, sizeof root);
	return checkpoint.size;
}

static void
s_publish_some (struct hub *hub, struct hub_lane *lane, size_t count)
{
	struct siaga_header header;

	for (size_t i = 0; i < count; i++) {
		header = hub_header (lane, SIAGA_TLP_GREEN);
		hub_add (lane, &header, "an alert");
	}
	assert_int_equal (hub_publish (hub, lane), SIAGA_ACK);
}

static void
test_checkpoint_goes_to_readers_at_most_once_a_second (void **state)
{
	struct hub *hub = *state;
	struct hub_lane lane;

	hub_open (hub, 1, "polri/dewi", NULL);
	hub_subscribe (hub, 1, NULL, 0, 1 << 20);
	hub_lane_open (hub, &lane, 2, "bssn/soc-1");
	s_publish_some (hub, &lane, 3);
	s_pass (hub, 0);
	assert_int_equal (s_taken (hub, 1), 4); /* the roster's entry, and three */
	s_publish_some (hub, &lane, 2);
	s_pass (hub, 500);
	assert_int_equal (s_taken (hub, 1), 0);
	s_pass (hub, 500);
	assert_int_equal (s_taken (hub, 1), 6);
	s_pass (hub, 5000); /* the head did not move */
	assert_int_equal (s_taken (hub, 1), 0);
}

static void
test_checkpoint_stands_in_the_welcome (void **state)
{
	struct hub *hub = *state;
	struct siaga_checkpoint checkpoint;

	hub_open (hub, 1, "polri/dewi", NULL);
	assert_int_equal (hub->in.welcome.checkpoint.size, 0);
	s_pass (hub, 0);
	hub_open (hub, 2, "brin/rina", NULL);
	assert_int_equal (siaga_checkpoint_verify (hub->in.welcome.checkpoint,
						   siaga_text ("pemilu-2024"),
						   hub->trust.identity->card.sign, &checkpoint),
			  0);
	assert_int_equal (checkpoint.size, 1);
	assert_memory_equal (checkpoint.log_id, hub->in.welcome.log_id, SIAGA_LOG_ID_BYTES);
}

static void
s_say_status (struct hub *hub, uint64_t conn)
{
	struct siaga_message *message = hub_message (SIAGA_STATUS);

	message->status.now_us = message->status.started_us = UINT64_C (1795507200000000);
	hub_says (hub, conn, message);
	assert_int_equal (hub_take (hub, conn), SIAGA_PONG);
}

static void
test_checkpoint_waits_for_the_pong_of_who_reads_nothing (void **state)
{
	struct hub *hub = *state;
	struct hub_lane lane;

	hub_lane_open (hub, &lane, 2, "bssn/soc-1");
	s_publish_some (hub, &lane, 1);
	s_pass (hub, 0);
	assert_int_equal (s_taken (hub, 2), 0);
	s_say_status (hub, 2);
	assert_int_equal (s_taken (hub, 2), 2);
	s_say_status (hub, 2);
	assert_int_equal (s_taken (hub, 2), 0);
}

static void
test_checkpoint_is_refused_where_it_contradicts_the_last (void **state)
{
	struct hub *hub = *state;
	struct hub_lane lane;

	hub_lane_open (hub, &lane, 2, "bssn/soc-1");
	s_pass (hub, 0);
	assert_int_equal (hub->core->told.checkpoint.size, 1);
	hub->core->told.checkpoint.root[0] ^= 1; /* as if the journal had been changed under us */
	s_publish_some (hub, &lane, 1);
	s_pass (hub, 1000);
	assert_int_not_equal (core_status (hub->core), 0);
	assert_int_equal (hub->core->told.checkpoint.size, 1);
}

static void
test_publish_is_refused_for_now_while_the_disk_is_low (void **state)
{
	struct hub *hub = *state;
	struct hub_lane lane;

	hub_lane_open (hub, &lane, 2, "bssn/soc-1");
	struct siaga_header header = hub_header (&lane, SIAGA_TLP_GREEN);
	hub_add (&lane, &header, "an alert");
	hub->core->disk_is_low = true;
	assert_int_equal (hub_publish (hub, &lane), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_EDISK);
	assert_int_equal (hub->in.refused.retry_ms, HUB_RETRY_MS);
	hub->core->disk_is_low = false;
	lane.oseq = 0;
	header = hub_header (&lane, SIAGA_TLP_GREEN);
	hub_add (&lane, &header, "an alert");
	assert_int_equal (hub_publish (hub, &lane), SIAGA_ACK);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (
			test_checkpoint_goes_to_readers_at_most_once_a_second, setup, teardown),
		cmocka_unit_test_setup_teardown (test_checkpoint_stands_in_the_welcome, setup,
						 teardown),
		cmocka_unit_test_setup_teardown (
			test_checkpoint_waits_for_the_pong_of_who_reads_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_checkpoint_is_refused_where_it_contradicts_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_publish_is_refused_for_now_while_the_disk_is_low, setup, teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
