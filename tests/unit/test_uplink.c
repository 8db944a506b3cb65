/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/uplink.h: an outbox in memory and a hub in the same loop. What the hub refuses, forgets or does not
 * say; in the end it has every entry exactly once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/link_private.h"
#include "common/log.h"
#include "common/outbox_private.h"
#include "common/uplink.h"
#include "fake_hub.h"

#define WINDOW 8 /* UPLINK_WINDOW */

struct seen {
	struct uplink *uplink;
	unsigned opened;
	unsigned down;
	unsigned acked;
	unsigned later;
	unsigned aside;
	unsigned outbox_errors;
	unsigned messages;
	uint64_t oseq;
	uint64_t number;
	int code; /* of the last of on_later, on_aside, on_down, on_outbox_error */
	uint64_t retry_ms;
	char words[512];
	uint8_t aside_id[SIAGA_ID_BYTES];
	const char *destroy_in;
};

static struct fake_loop s_loop;
static struct fake_world s_world;
static struct fake_hub *s_hub;
static struct outbox *s_outbox;
static struct seen s_seen;
static struct outbox_options s_options;

static const struct link_patience s_patience = {
	.handshake_ms = 5000,
	.status_ms = 5000,
	.silence_ms = 15000,
	.retry_min_ms = 5,
	.retry_max_ms = 50,
	.steady_ms = 10000,
};

static void
s_act (const char *callback)
{
	if (s_seen.destroy_in && strcmp (s_seen.destroy_in, callback) == 0)
		uplink_destroy (&s_seen.uplink);
	fake_loop_kick (&s_loop);
}

static void
s_on_open (void *arg, const struct siaga_welcome *welcome)
{
	(void) arg;
	(void) welcome;
	s_seen.opened++;
	s_act ("open");
}

static void
s_on_acked (void *arg, uint64_t oseq, uint64_t number)
{
	(void) arg;
	s_seen.acked++;
	s_seen.oseq = oseq;
	s_seen.number = number;
	s_act ("acked");
}

static void
s_on_aside (void *arg, int code, const struct siaga_header *header)
{
	(void) arg;
	s_seen.aside++;
	s_seen.code = code;
	memcpy (s_seen.aside_id, header->id, SIAGA_ID_BYTES);
	s_act ("aside");
}

static void
s_on_later (void *arg, int code, const char *words, uint64_t retry_ms)
{
	(void) arg;
	s_seen.later++;
	s_seen.code = code;
	s_seen.retry_ms = retry_ms;
	snprintf (s_seen.words, sizeof s_seen.words, "%s", words);
	s_act ("later");
}

static void
s_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	(void) arg;
	(void) retry_ms;
	s_seen.down++;
	s_seen.code = error;
	snprintf (s_seen.words, sizeof s_seen.words, "%s", words);
	s_act ("down");
}

static void
s_on_outbox_error (void *arg, int error, const char *words)
{
	(void) arg;
	s_seen.outbox_errors++;
	s_seen.code = error;
	snprintf (s_seen.words, sizeof s_seen.words, "%s", words);
	s_act ("outbox_error");
}

static void
s_on_message (void *arg, const struct siaga_message *message)
{
	(void) arg;
	(void) message;
	s_seen.messages++;
	s_act ("message");
}

static const struct uplink_events s_events = {
	.on_open = s_on_open,
	.on_acked = s_on_acked,
	.on_aside = s_on_aside,
	.on_later = s_on_later,
	.on_down = s_on_down,
	.on_outbox_error = s_on_outbox_error,
	.on_message = s_on_message,
};

static struct outbox *
s_open_outbox (void)
{
	struct outbox *outbox = NULL;
	char words[256] = "";
	if (outbox_open (&outbox, &s_options, words) != 0)
		fail_msg ("%s", words);
	return outbox;
}

static int
s_setup (void **state)
{
	(void) state;
	memset (&s_seen, 0, sizeof s_seen);
	fake_loop_init (&s_loop);
	fake_world_init (&s_world);
	s_hub = fake_hub_new (&s_loop, &s_world);
	s_options = (struct outbox_options){
		.path = ":memory:",
		.network = FAKE_NETWORK,
		.identity = s_world.client,
		.keep_acked_us = UINT64_C (86400000000),
		.keep_acked_bytes = 1 << 24,
		.max_waiting_bytes = 1 << 24,
	};
	s_outbox = s_open_outbox ();
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	uplink_destroy (&s_seen.uplink);
	outbox_close (&s_outbox);
	fake_hub_destroy (&s_hub);
	fake_world_finish (&s_world);
	fake_loop_finish (&s_loop);
	return 0;
}

static void
s_start (void)
{
	struct link_options options = {
		.loop = s_loop.loop,
		.trust = &s_world.trust,
		.software = "siaga-test 0.1",
	};
	s_seen.uplink = uplink_new (&options, s_outbox, &s_events, NULL);
	assert_non_null (s_seen.uplink);
	link_set_patience (uplink_link (s_seen.uplink), &s_patience);
}

static void
s_make_id (uint8_t id[SIAGA_ID_BYTES], uint32_t number)
{
	uint8_t random[10] = {0};
	memcpy (random + 4, &number, sizeof number); /* clear of version and variant */
	siaga_uuid_make (id, 1795507200000, random);
}

static void
s_add (uint32_t number)
{
	uint8_t data[1024];
	struct siaga_header header = {
		.origin = siaga_text (FAKE_CLIENT),
		.created_us = clock_now_us (),
		.severity = SIAGA_SEVERITY_LOW,
		.category = siaga_text ("test/test"),
	};
	s_make_id (header.id, number);
	struct siaga_body body = {.title = siaga_text ("t")};
	struct siaga_writer writer;
	siaga_writer_init (&writer, data, sizeof data);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	assert_int_equal (outbox_add (s_outbox, (struct siaga_bytes){data, writer.size}), 0);
}

/* Adds one and cuts it: a batch of one. */
static void
s_put (uint32_t number)
{
	uint64_t first;
	s_add (number);
	assert_int_equal (outbox_cut (s_outbox, &first), 0);
}

static int
s_find (uint32_t number, uint64_t *log_number)
{
	uint8_t id[SIAGA_ID_BYTES];
	s_make_id (id, number);
	return outbox_find (s_outbox, id, log_number);
}

/* How often the hub holds that entry, in whatever epoch. */
static unsigned
s_held (uint32_t number)
{
	static struct siaga_batch batch;
	uint8_t id[SIAGA_ID_BYTES];
	unsigned found = 0;
	s_make_id (id, number);
	for (size_t i = 0; i < s_hub->batch_count; i++) {
		struct siaga_bytes bytes = {s_hub->batches[i].data, s_hub->batches[i].size};
		assert_int_equal (siaga_batch_read (bytes, &batch), 0);
		for (uint32_t j = 0; j < batch.slot_count; j++) {
			struct siaga_header header;
			struct siaga_bytes body;
			assert_int_equal (siaga_header_read (batch.slots[j].entry, &header, &body),
					  0);
			found += memcmp (header.id, id, SIAGA_ID_BYTES) == 0;
		}
	}
	return found;
}

static void
s_expect_each_once (uint32_t count)
{
	for (uint32_t i = 1; i <= count; i++)
		if (s_held (i) != 1)
			fail_msg ("the hub holds entry %u %u times", (unsigned) i, s_held (i));
}

static bool
s_is_done (void)
{
	struct outbox_counts counts;
	assert_int_equal (outbox_count (s_outbox, &counts), 0);
	return counts.waiting == 0 && counts.in_flight == 0;
}

static void
test_uplink_publishes_what_waits_and_takes_the_ack (void **state)
{
	(void) state;
	uint64_t number = 0;
	for (uint32_t i = 1; i <= 3; i++)
		s_add (i);
	s_start ();
	assert_false (uplink_is_ready (s_seen.uplink));
	RUN_UNTIL (&s_loop, s_seen.acked == 1);
	assert_int_equal (s_seen.oseq, 3);
	assert_int_equal (s_seen.number, 2);
	assert_int_equal (s_hub->batch_count, 1);
	assert_true (s_hub->hello.has_epoch);
	assert_int_equal (s_hub->hello.last_oseq, 0);
	assert_int_equal (s_find (2, &number), 0);
	assert_int_equal (number, 1);
	assert_true (s_is_done ());
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	assert_int_equal (outbox_get_log_id (s_outbox, log_id), 0);
	assert_memory_equal (log_id, s_hub->log_id, sizeof log_id);
	s_add (4);
	uplink_kick (s_seen.uplink);
	RUN_UNTIL (&s_loop, s_seen.acked == 2);
	assert_int_equal (s_seen.number, 3);
	s_expect_each_once (4);
}

static void
test_uplink_lets_the_owner_cut_in_its_own_transaction (void **state)
{
	(void) state;
	uint64_t first = 0;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	assert_true (uplink_is_ready (s_seen.uplink));
	assert_int_equal (outbox_begin (s_outbox), 0);
	s_add (1);
	assert_int_equal (outbox_set_position (s_outbox, "eve", "1:2"), 0);
	assert_int_equal (outbox_cut (s_outbox, &first), 0);
	assert_int_equal (outbox_commit (s_outbox), 0);
	assert_int_equal (first, 1);
	assert_false (uplink_is_ready (s_seen.uplink)); /* cut and not yet sent */
	uplink_kick (s_seen.uplink);
	assert_true (uplink_is_ready (s_seen.uplink));
	RUN_UNTIL (&s_loop, s_seen.acked == 1);
	s_add (2);
	assert_false (uplink_is_ready (s_seen.uplink)); /* something waits before */
}

/* Takes PUBLISH in but keeps the ACKs back. */
static bool
s_hook_silent (struct fake_hub *hub, const struct siaga_message *message)
{
	if (message->type != SIAGA_PUBLISH)
		return false;
	fake_hub_read_publish (hub, message);
	fake_hub_store (hub, message->publish.batch);
	return true;
}

static void
test_uplink_keeps_to_its_window_and_takes_cumulative_acks (void **state)
{
	(void) state;
	for (uint32_t i = 1; i <= WINDOW + 12; i++)
		s_put (i);
	s_hub->hook = s_hook_silent;
	s_start ();
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_PUBLISH] == WINDOW);
	fake_loop_run (&s_loop, 50);
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH], WINDOW);
	assert_false (uplink_is_ready (s_seen.uplink));
	fake_hub_ack (s_hub, &s_hub->batches[4]); /* of five at once */
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_PUBLISH] == WINDOW + 5);
	assert_int_equal (s_seen.acked, 1);
	s_hub->hook = NULL;
	fake_hub_ack (s_hub, &s_hub->batches[WINDOW + 4]);
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH], WINDOW + 12);
	s_expect_each_once (WINDOW + 12);
}

static void
test_uplink_gathers_what_comes_while_the_window_is_full (void **state)
{
	(void) state;
	s_hub->hook = s_hook_silent;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	for (uint32_t i = 1; i <= WINDOW + 12; i++) {
		s_add (i);
		uplink_kick (s_seen.uplink);
	}
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_PUBLISH] == WINDOW);
	s_hub->hook = NULL;
	fake_hub_ack (s_hub, &s_hub->batches[WINDOW - 1]);
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH], WINDOW + 1);
	s_expect_each_once (WINDOW + 12);
}

/* Refuses as hub->arg says, the batch at its first_oseq. */
struct refusal {
	uint64_t first_oseq;
	int code;
	uint64_t retry_ms;
	unsigned times;
	unsigned given;
	struct siaga_bad bad[4];
	size_t bad_count;
};

static bool
s_hook_refuse (struct fake_hub *hub, const struct siaga_message *message)
{
	struct refusal *refusal = hub->arg;
	if (message->type != SIAGA_PUBLISH)
		return false;
	fake_hub_read_publish (hub, message);
	if (hub->batch.head.first_oseq != refusal->first_oseq || refusal->given == refusal->times)
		return false;
	refusal->given++;
	fake_hub_refuse (hub, &hub->batch.head, refusal->code, refusal->retry_ms, 0, refusal->bad,
			 refusal->bad_count);
	return true;
}

static void
s_refuse (struct refusal *refusal)
{
	s_hub->hook = s_hook_refuse;
	s_hub->arg = refusal;
}

static void
test_uplink_later_waits_and_sends_again_once (void **state)
{
	(void) state;
	struct refusal refusal = {
		.first_oseq = 2, .code = SIAGA_ELATER, .retry_ms = 100, .times = 1};
	for (uint32_t i = 1; i <= 4; i++)
		s_put (i);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.later == 1);
	assert_int_equal (s_seen.code, SIAGA_ELATER);
	assert_int_equal (s_seen.retry_ms, 100);
	assert_string_equal (s_seen.words, "words of the hub");
	assert_false (uplink_is_ready (s_seen.uplink));
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_seen.later, 1);
	assert_int_equal (s_seen.down, 0);
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH],
			  7); /* 1 to 4, then 2 to 4: holes made no storm */
	s_expect_each_once (4);
}

static void
test_uplink_disk_and_quota_are_later_too (void **state)
{
	(void) state;
	struct refusal refusal = {.first_oseq = 1, .code = SIAGA_EDISK, .retry_ms = 1, .times = 2};
	s_put (1);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_seen.later, 2);
	assert_int_equal (s_seen.code, SIAGA_EDISK);
	assert_int_equal (s_seen.retry_ms, 50); /* not below the least */
	s_expect_each_once (1);
}

static void
test_uplink_refusal_for_good_drops_nothing (void **state)
{
	(void) state;
	struct refusal refusal = {.first_oseq = 1, .code = SIAGA_EROLE, .times = 1};
	s_put (1);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.later == 1);
	assert_int_equal (s_seen.code, SIAGA_EROLE);
	assert_int_equal (s_seen.retry_ms, 60000);
	assert_false (s_is_done ());
	link_restart (uplink_link (s_seen.uplink), SIAGA_EAGAIN,
		      "the test does not wait that long");
	RUN_UNTIL (&s_loop, s_is_done ());
	s_expect_each_once (1);
}

static void
test_uplink_bad_entries_are_set_aside_and_the_rest_goes_on (void **state)
{
	(void) state;
	struct refusal refusal = {
		.first_oseq = 1,
		.code = SIAGA_EREF,
		.times = 1,
		.bad = {{1, SIAGA_EREF}, {2, SIAGA_EKNOWN}},
		.bad_count = 2,
	};
	uint8_t id[SIAGA_ID_BYTES];
	uint64_t first, number;
	for (uint32_t i = 1; i <= 3; i++)
		s_add (i);
	assert_int_equal (outbox_cut (s_outbox, &first), 0);
	s_put (4);
	s_put (5);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_seen.aside, 1);
	assert_int_equal (s_seen.code, SIAGA_EREF);
	s_make_id (id, 2);
	assert_memory_equal (s_seen.aside_id, id, sizeof id);
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH], 6);
	assert_int_equal (s_hub->batches[s_hub->batch_count - 1].last, 5);
	assert_int_equal (s_held (1), 1);
	assert_int_equal (s_held (2), 0);
	assert_int_equal (s_held (4), 1);
	assert_int_equal (s_find (2, &number), SIAGA_EREF);
	assert_int_equal (s_find (3, &number), 0);
}

static void
test_uplink_endless_bad_becomes_later (void **state)
{
	(void) state;
	struct refusal refusal = {.first_oseq = 1,
				  .code = SIAGA_EREF,
				  .times = 1000,
				  .bad = {{0, SIAGA_EREF}},
				  .bad_count = 1};
	s_put (1);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.later == 1);
	assert_int_equal (s_seen.retry_ms, 60000);
	assert_true (refusal.given < 20);
}

static void
test_uplink_bad_about_nothing_restarts_the_session (void **state)
{
	(void) state;
	struct refusal refusal = {.first_oseq = 1,
				  .code = SIAGA_EREF,
				  .times = 1,
				  .bad = {{7, SIAGA_EREF}},
				  .bad_count = 1};
	s_put (1);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.code, SIAGA_EGRAMMAR);
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_seen.aside, 0);
	s_expect_each_once (1);
}

/* Loses one PUBLISH, as a network may. */
static bool
s_hook_lose (struct fake_hub *hub, const struct siaga_message *message)
{
	unsigned *lost = hub->arg;
	if (message->type != SIAGA_PUBLISH)
		return false;
	fake_hub_read_publish (hub, message);
	return hub->batch.head.first_oseq == 2 && (*lost)++ == 0;
}

static void
test_uplink_hole_is_filled (void **state)
{
	(void) state;
	unsigned lost = 0;
	for (uint32_t i = 1; i <= 4; i++)
		s_put (i);
	s_hub->hook = s_hook_lose;
	s_hub->arg = &lost;
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_seen.down, 0);
	assert_true (s_hub->seen[SIAGA_PUBLISH] <= 8);
	s_expect_each_once (4);
}

static void
test_uplink_conflict_begins_a_new_epoch (void **state)
{
	(void) state;
	struct refusal refusal = {.first_oseq = 2, .code = SIAGA_ECONFLICT, .times = 1};
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	memcpy (epoch, outbox_epoch (s_outbox), sizeof epoch);
	for (uint32_t i = 1; i <= 3; i++)
		s_put (i);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.code, SIAGA_ECONFLICT);
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_memory_not_equal (s_hub->hello.epoch, epoch, sizeof epoch);
	assert_memory_equal (s_hub->hello.epoch, outbox_epoch (s_outbox), sizeof epoch);
	s_expect_each_once (3);
}

static void
test_uplink_resumes_after_a_lost_connection_without_repeating (void **state)
{
	(void) state;
	for (uint32_t i = 1; i <= WINDOW + 4; i++)
		s_put (i);
	s_hub->hook = s_hook_silent; /* takes a window and does not tell */
	s_start ();
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_PUBLISH] == WINDOW);
	fake_hub_down (s_hub);
	RUN_UNTIL (&s_loop, s_seen.down >= 1);
	s_hub->hook = NULL;
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_is_done ());
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH], WINDOW + 4);
	assert_int_equal (s_hub->hello.last_oseq, WINDOW + 4);
	s_expect_each_once (WINDOW + 4);
}

static void
test_uplink_welcome_counts_as_an_ack (void **state)
{
	(void) state;
	s_put (1);
	s_hub->hook = s_hook_silent;
	s_start ();
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_PUBLISH] == 1);
	link_restart (uplink_link (s_seen.uplink), SIAGA_EAGAIN, "the ACK was lost");
	RUN_UNTIL (&s_loop, s_seen.acked == 1);
	assert_int_equal (s_seen.oseq, 1);
	assert_true (s_seen.number == OUTBOX_NUMBER_UNKNOWN);
	assert_true (s_is_done ());
	assert_int_equal (s_hub->seen[SIAGA_PUBLISH], 1);
}

static void
test_uplink_sends_again_what_the_hub_lost (void **state)
{
	(void) state;
	for (uint32_t i = 1; i <= 5; i++)
		s_put (i);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done ());
	fake_hub_down (s_hub);
	fake_hub_forget (s_hub, 2); /* restored from a backup */
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_hub->batch_count == 5 && s_is_done ());
	s_expect_each_once (5);
}

static void
test_uplink_hub_that_loses_during_a_session_is_found_out (void **state)
{
	(void) state;
	for (uint32_t i = 1; i <= 5; i++)
		s_put (i);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done ());
	fake_hub_forget (s_hub, 2);
	s_put (6);
	uplink_kick (s_seen.uplink);
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.code, SIAGA_EHOLE);
	RUN_UNTIL (&s_loop, s_hub->batch_count == 6 && s_is_done ());
	s_expect_each_once (6);
}

static void
test_uplink_other_log_gets_everything_that_is_kept (void **state)
{
	(void) state;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	s_put (1);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done () && s_seen.acked == 1);
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0); /* 1 is of a former epoch */
	link_restart (uplink_link (s_seen.uplink), SIAGA_EAGAIN, "test");
	s_add (2);
	RUN_UNTIL (&s_loop, s_is_done () && s_seen.acked == 2);
	fake_hub_down (s_hub);
	fake_hub_forget (s_hub, 0);
	memset (s_hub->log_id, 0x77, sizeof s_hub->log_id);
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_hub->batch_count >= 2 && s_is_done ());
	s_expect_each_once (2);
	assert_int_equal (outbox_get_log_id (s_outbox, log_id), 0);
	assert_memory_equal (log_id, s_hub->log_id, sizeof log_id);
}

static uint64_t s_ahead_ms;

static uint64_t
s_real_ns (clockid_t id)
{
	struct timespec now;
	clock_gettime (id, &now);
	return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

static uint64_t
s_now_us (void *context)
{
	(void) context;
	return s_real_ns (CLOCK_REALTIME) / 1000 + s_ahead_ms * 1000;
}

static uint64_t
s_mono_ms (void *context)
{
	(void) context;
	return s_real_ns (CLOCK_MONOTONIC) / 1000000 + s_ahead_ms;
}

/* Once a minute somebody adds something, for an hour; then the hub is back. */
static void
test_uplink_hub_away_for_an_hour_gets_everything_once (void **state)
{
	static const struct clock_source source = {s_now_us, s_mono_ms, NULL};
	(void) state;
	s_ahead_ms = 0;
	clock_set (&source);
	s_put (1);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done () && s_seen.acked == 1);
	fake_hub_down (s_hub);
	for (uint32_t minute = 2; minute <= 60; minute++) {
		s_ahead_ms += 60000;
		s_add (minute);
	}
	RUN_UNTIL (&s_loop, s_seen.down >= 3);
	struct outbox_counts counts;
	assert_int_equal (outbox_count (s_outbox, &counts), 0);
	assert_true (counts.waiting + counts.in_flight >= 2);
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_held (60) == 1 && s_is_done ());
	s_expect_each_once (60);
	clock_set (NULL);
}

/* The hub has another address as well; then its log begins anew. */
static void
s_begin_log_anew (char *address)
{
	s_world.addresses[1] = address;
	s_world.roster.address_count = 2;
	s_put (1);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done () && s_seen.acked == 1);
	fake_hub_down (s_hub);
	fake_hub_forget (s_hub, 0);
	memset (s_hub->log_id, 0x77, sizeof s_hub->log_id);
	fake_hub_up (s_hub);
	s_add (2);
}

static void
test_uplink_other_log_is_refused_while_an_address_has_not_agreed (void **state)
{
	(void) state;
	char nobody[] = "tcp://127.0.0.1:1";
	s_begin_log_anew (nobody);
	RUN_UNTIL (&s_loop, s_seen.code == SIAGA_ECURSOR);
	s_seen.code = 0;
	RUN_UNTIL (&s_loop, s_seen.code == SIAGA_ECURSOR); /* and again */
	assert_int_equal (s_hub->batch_count, 0);
	assert_int_equal (outbox_waiting (s_outbox), 1);
	uplink_accept_log (s_seen.uplink, s_hub->log_id);
	RUN_UNTIL (&s_loop, s_hub->batch_count >= 2 && s_is_done ());
	s_expect_each_once (2);
}

static void
test_uplink_other_log_is_taken_when_every_address_leads_there (void **state)
{
	(void) state;
	s_begin_log_anew (s_hub->address);
	RUN_UNTIL (&s_loop, s_hub->batch_count >= 2 && s_is_done ());
	assert_true (s_seen.down >= 2); /* the first address alone was not believed */
	s_expect_each_once (2);
}

static void
test_uplink_hub_ahead_begins_a_new_epoch (void **state)
{
	(void) state;
	for (uint32_t i = 1; i <= 3; i++)
		s_put (i);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done ());
	/* The outbox goes back to where only 1 was cut: it may not use 2 and 3 again. */
	assert_int_equal (outbox_begin (s_outbox), 0);
	assert_int_equal (
		store_run (store_query (s_outbox->store, "DELETE FROM batch WHERE first_oseq > 1")),
		0);
	assert_int_equal (
		store_run (store_query (s_outbox->store, "DELETE FROM held WHERE turn >"
							 " (SELECT min (turn) FROM held)")),
		0);
	assert_int_equal (outbox_commit (s_outbox), 0);
	s_outbox->state.last_oseq = s_outbox->state.acked_oseq = 1;
	link_restart (uplink_link (s_seen.uplink), SIAGA_EAGAIN, "test");
	s_add (9);
	RUN_UNTIL (&s_loop, s_held (9) == 1 && s_is_done ());
	s_expect_each_once (3);
	assert_int_equal (s_hub->batches[s_hub->batch_count - 1].first, 1);
}

/* Three are acknowledged, then a new epoch begins while the hub is down. */
static void
s_former_of_three (void)
{
	for (uint32_t i = 1; i <= 3; i++)
		s_put (i);
	s_start ();
	RUN_UNTIL (&s_loop, s_is_done () && s_seen.opened == 1);
	fake_hub_down (s_hub);
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
	RUN_UNTIL (&s_loop, s_seen.down > 0);
}

static void
test_uplink_former_epoch_that_the_hub_lost_is_sent_again (void **state)
{
	(void) state;
	s_former_of_three ();
	fake_hub_forget (s_hub, 1);
	s_add (4);
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_held (4) == 1 && s_is_done ());
	assert_int_equal (s_held (2), 1);
	assert_int_equal (s_held (3), 1);
	assert_int_equal (s_seen.opened, 2); /* the session that only asked is nothing to tell of */
}

static void
test_uplink_former_epoch_that_is_whole_is_not_sent_again (void **state)
{
	(void) state;
	s_former_of_three ();
	s_add (4);
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_held (4) == 1 && s_is_done ());
	s_expect_each_once (4);
	assert_int_equal (s_hub->batch_count, 4);
	unsigned welcomed = s_hub->welcomed;
	link_restart (uplink_link (s_seen.uplink), SIAGA_EAGAIN, "test");
	RUN_UNTIL (&s_loop, s_seen.opened == 3);
	assert_int_equal (s_hub->welcomed, welcomed + 1); /* no more questions */
}

/* Goes back in time between the question and the session that publishes. */
static bool
s_hook_forgetful (struct fake_hub *hub, const struct siaga_message *message)
{
	if (message->type == SIAGA_HELLO && hub->batch_count == 3 &&
	    memcmp (message->hello.epoch, hub->batches[0].epoch, SIAGA_EPOCH_BYTES) != 0)
		fake_hub_forget (hub, 1);
	return false;
}

static void
test_uplink_hub_that_loses_the_former_epoch_behind_the_question_is_asked_again (void **state)
{
	(void) state;
	s_former_of_three ();
	s_hub->hook = s_hook_forgetful;
	s_add (4);
	fake_hub_up (s_hub);
	RUN_UNTIL (&s_loop, s_held (4) == 1 && s_is_done ());
	assert_int_equal (s_held (2), 1);
	assert_int_equal (s_held (3), 1);
}

static void
test_uplink_restarts_on_an_ack_of_what_was_never_cut (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	struct fake_batch batch = {.last = 77};
	fake_hub_ack (s_hub, &batch); /* of another epoch: passed over */
	memcpy (batch.epoch, outbox_epoch (s_outbox), SIAGA_EPOCH_BYTES);
	fake_hub_ack (s_hub, &batch);
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.code, SIAGA_EGRAMMAR);
	assert_int_equal (s_seen.acked, 0);
}

static void
test_uplink_tells_of_a_failing_outbox (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	s_add (1);
	assert_int_equal (
		store_run (store_query (s_outbox->store, "ALTER TABLE batch RENAME TO gone")), 0);
	uplink_kick (s_seen.uplink);
	assert_int_equal (s_seen.outbox_errors, 1);
	assert_int_equal (s_seen.code, SIAGA_EIO);
	assert_true (s_seen.words[0] != '\0');
	assert_false (uplink_is_ready (s_seen.uplink));
	assert_int_equal (
		store_run (store_query (s_outbox->store, "ALTER TABLE gone RENAME TO batch")), 0);
	link_restart (uplink_link (s_seen.uplink), SIAGA_EAGAIN,
		      "the test does not wait that long");
	RUN_UNTIL (&s_loop, s_is_done ());
	s_expect_each_once (1);
}

static void
test_uplink_says_in_its_status_what_waits (void **state)
{
	(void) state;
	struct refusal refusal = {.first_oseq = 1, .code = SIAGA_EROLE, .times = 1000};
	s_put (1);
	s_add (2);
	s_refuse (&refusal);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.later == 1 && s_hub->seen[SIAGA_STATUS] >= 1);
	unsigned before = s_hub->seen[SIAGA_STATUS];
	struct link_patience patience = s_patience;
	patience.status_ms = 10;
	link_set_patience (uplink_link (s_seen.uplink), &patience);
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_STATUS] > before);
	assert_true (s_hub->status.in_flight >= 1);
	assert_true (s_hub->status.in_flight + s_hub->status.waiting == 2);
	assert_true (s_hub->status.started_us > UINT64_C (1700000000000000));
}

static void
test_uplink_passes_other_messages_on (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	struct siaga_message note = {.type = SIAGA_ROSTER};
	note.roster.serial = 8;
	fake_hub_send (s_hub, &note);
	RUN_UNTIL (&s_loop, s_seen.messages == 1);
}

static void
s_destroy_in (const char *callback, struct refusal *refusal)
{
	s_teardown (NULL);
	s_setup (NULL);
	s_seen.destroy_in = callback;
	s_put (1);
	s_put (2);
	if (refusal)
		s_refuse (refusal);
	if (strcmp (callback, "down") == 0)
		s_hub->zap_status = "400";
	if (strcmp (callback, "outbox_error") == 0)
		assert_int_equal (store_run (store_query (s_outbox->store,
							  "ALTER TABLE batch RENAME TO gone")),
				  0);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.uplink == NULL);
	fake_loop_run (&s_loop, 20);
}

static void
test_uplink_may_be_destroyed_in_any_callback (void **state)
{
	(void) state;
	struct refusal later = {.first_oseq = 1, .code = SIAGA_ELATER, .retry_ms = 50, .times = 1};
	struct refusal bad = {.first_oseq = 1,
			      .code = SIAGA_EREF,
			      .times = 1,
			      .bad = {{0, SIAGA_EREF}},
			      .bad_count = 1};
	s_destroy_in ("open", NULL);
	s_destroy_in ("acked", NULL);
	s_destroy_in ("later", &later);
	s_destroy_in ("aside", &bad);
	s_destroy_in ("down", NULL);
	s_destroy_in ("outbox_error", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_uplink_publishes_what_waits_and_takes_the_ack),
		TEST (test_uplink_lets_the_owner_cut_in_its_own_transaction),
		TEST (test_uplink_keeps_to_its_window_and_takes_cumulative_acks),
		TEST (test_uplink_gathers_what_comes_while_the_window_is_full),
		TEST (test_uplink_later_waits_and_sends_again_once),
		TEST (test_uplink_disk_and_quota_are_later_too),
		TEST (test_uplink_refusal_for_good_drops_nothing),
		TEST (test_uplink_bad_entries_are_set_aside_and_the_rest_goes_on),
		TEST (test_uplink_endless_bad_becomes_later),
		TEST (test_uplink_bad_about_nothing_restarts_the_session),
		TEST (test_uplink_hole_is_filled),
		TEST (test_uplink_conflict_begins_a_new_epoch),
		TEST (test_uplink_resumes_after_a_lost_connection_without_repeating),
		TEST (test_uplink_welcome_counts_as_an_ack),
		TEST (test_uplink_sends_again_what_the_hub_lost),
		TEST (test_uplink_hub_that_loses_during_a_session_is_found_out),
		TEST (test_uplink_other_log_gets_everything_that_is_kept),
		TEST (test_uplink_hub_away_for_an_hour_gets_everything_once),
		TEST (test_uplink_other_log_is_refused_while_an_address_has_not_agreed),
		TEST (test_uplink_other_log_is_taken_when_every_address_leads_there),
		TEST (test_uplink_hub_ahead_begins_a_new_epoch),
		TEST (test_uplink_former_epoch_that_the_hub_lost_is_sent_again),
		TEST (test_uplink_former_epoch_that_is_whole_is_not_sent_again),
		TEST (test_uplink_hub_that_loses_the_former_epoch_behind_the_question_is_asked_again),
		TEST (test_uplink_restarts_on_an_ack_of_what_was_never_cut),
		TEST (test_uplink_tells_of_a_failing_outbox),
		TEST (test_uplink_says_in_its_status_what_waits),
		TEST (test_uplink_passes_other_messages_on),
		TEST (test_uplink_may_be_destroyed_in_any_callback),
	};
	log_open ("test_uplink", LOG_TO_NOTHING, -2);
	zsys_init ();
	zsys_handler_set (NULL);
	return cmocka_run_group_tests (tests, NULL, NULL);
}
