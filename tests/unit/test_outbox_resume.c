/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/outbox.h: where sending goes on, epochs and their cases, and snapshots put back.
 */
#include "outbox_fixture.h"

/* Four batches of one, `acked` of them acknowledged; the hash of that number `hash_of` is given. */
static struct outbox *
s_four (uint64_t acked, uint64_t hash_of, uint8_t hash[SIAGA_HASH_BYTES])
{
	struct outbox *outbox = s_open ();
	for (uint32_t i = 1; i <= 4; i++)
		s_put (outbox, i);
	if (acked > 0)
		s_ack (outbox, acked, 100 + acked);
	if (hash_of > 0)
		s_hash (outbox, hash_of, hash);
	return outbox;
}

static void
test_outbox_lets_a_damaged_batch_go (void **state)
{
	(void) state;
	uint64_t number, left = 0;
	struct outbox *outbox = s_open ();
	s_put (outbox, 1);
	s_put (outbox, 2);
	assert_int_equal (store_run (store_query (outbox->store,
						  "UPDATE held SET entry = zeroblob (9)"
						  " WHERE turn = (SELECT min (turn) FROM held)")),
			  0);
	s_ack (outbox, 2, 1);
	s_now_us += s_options.keep_acked_us + 1;
	s_put (outbox, 3);
	s_ack (outbox, 3, 2);
	s_now_us -= s_options.keep_acked_us + 1;
	assert_int_equal (s_find (outbox, 1, &number), SIAGA_ENOTFOUND);
	assert_int_equal (
		store_run_uint (store_query (outbox->store, "SELECT count (*) FROM batch"), &left),
		0);
	assert_int_equal (left, 1);
	outbox_close (&outbox);
}

static void
test_outbox_resumes_where_both_agree (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES];
	struct outbox *outbox = s_four (2, 2, hash);
	struct resumed resumed = s_resume (outbox, 2, hash);
	assert_int_equal (resumed.after, 2);
	assert_false (resumed.new_epoch);
	assert_int_equal (s_counts (outbox).in_flight, 2);
	outbox_close (&outbox);
}

static void
test_outbox_resume_takes_what_is_held_as_acknowledged (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES];
	uint64_t number = 0;
	struct outbox *outbox = s_four (1, 3, hash);
	struct resumed resumed = s_resume (outbox, 3, hash);
	assert_int_equal (resumed.after, 3);
	assert_false (resumed.new_epoch);
	assert_int_equal (outbox_acked_oseq (outbox), 3);
	assert_int_equal (s_find (outbox, 3, &number), 0);
	assert_int_equal (number, OUTBOX_NUMBER_UNKNOWN);
	outbox_close (&outbox);
}

static void
test_outbox_hub_ahead_begins_a_new_epoch (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES] = {7}, epoch[SIAGA_EPOCH_BYTES];
	struct outbox *outbox = s_four (2, 0, NULL);
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	struct resumed resumed = s_resume (outbox, 5, hash);
	assert_true (resumed.new_epoch);
	assert_int_equal (resumed.after, 0);
	assert_memory_not_equal (outbox_epoch (outbox), epoch, sizeof epoch);
	assert_int_equal (outbox_last_oseq (outbox), 0);
	assert_int_equal (s_counts (outbox).waiting, 3); /* the void, 3 and 4 */
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 9);	 /* the void goes before all else */
	assert_int_equal (s_cut (outbox), 1);
	s_expect_first_void (outbox, epoch, 4);
	assert_true (s_slot_is (1, 9));
	assert_true (s_slot_is (2, 3));
	assert_true (s_slot_is (3, 4));
	outbox_close (&outbox);
}

static void
test_outbox_another_batch_held_begins_a_new_epoch (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES] = {7}, epoch[SIAGA_EPOCH_BYTES];
	struct outbox *outbox = s_four (2, 0, NULL);
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	assert_true (s_resume (outbox, 4, hash).new_epoch);
	s_cut (outbox);
	s_expect_first_void (outbox, epoch, 4);
	assert_int_equal (s_batch.head.count, 3);
	outbox_close (&outbox);
}

static void
test_outbox_another_batch_where_acknowledged_requeues_what_is_kept (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES] = {7};
	struct outbox *outbox = s_four (2, 0, NULL);
	assert_true (s_resume (outbox, 2, hash).new_epoch);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.count, 5);
	assert_true (s_slot_is (1, 1));
	assert_true (s_slot_is (4, 4));
	outbox_close (&outbox);
}

static void
test_outbox_hub_behind_gets_what_is_kept_again (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES], sent[SIAGA_HASH_BYTES], again[SIAGA_HASH_BYTES];
	uint64_t number;
	struct outbox *outbox = s_four (4, 1, hash);
	s_hash (outbox, 2, sent);
	struct resumed resumed = s_resume (outbox, 1, hash);
	assert_false (resumed.new_epoch);
	assert_int_equal (resumed.after, 1);
	assert_int_equal (outbox_acked_oseq (outbox), 1);
	assert_int_equal (s_counts (outbox).in_flight, 3);
	s_hash (outbox, 2, again);
	assert_memory_equal (sent, again, sizeof sent);
	assert_int_equal (s_find (outbox, 4, &number), SIAGA_EAGAIN);
	assert_int_equal (s_put (outbox, 5), 5);
	outbox_close (&outbox);
}

static void
test_outbox_hub_with_nothing_gets_all_from_the_beginning (void **state)
{
	(void) state;
	struct outbox *outbox = s_four (3, 0, NULL);
	struct resumed resumed = s_resume (outbox, 0, NULL);
	assert_false (resumed.new_epoch);
	assert_int_equal (resumed.after, 0);
	assert_int_equal (s_counts (outbox).in_flight, 4);
	outbox_close (&outbox);
}

static void
test_outbox_hub_behind_what_is_kept_begins_a_new_epoch (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES] = {1};
	struct outbox *outbox = s_open ();
	s_put (outbox, 1);
	s_put (outbox, 2);
	s_ack (outbox, 2, 1);
	s_now_us += s_options.keep_acked_us + 1;
	uint64_t then = s_now_us;
	s_now_us -= s_options.keep_acked_us + 1;
	s_put (outbox, 3);
	s_put (outbox, 4);
	s_put (outbox, 5);
	s_now_us = then;
	s_ack (outbox, 4, 3); /* 1 and 2 are let go */
	s_now_us -= s_options.keep_acked_us + 1;
	assert_true (s_resume (outbox, 1, hash).new_epoch);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.count,
			  4); /* acknowledged or not, what still exists waits again */
	assert_true (s_slot_is (1, 3));
	assert_true (s_slot_is (2, 4));
	assert_true (s_slot_is (3, 5));
	outbox_close (&outbox);
}

static void
test_outbox_hub_that_lost_the_epoch_gets_former_epochs_too (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	s_put (outbox, 1);
	s_ack (outbox, 1, 0);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	s_cut (outbox); /* the void and 2 */
	s_ack (outbox, 2, 2);
	struct resumed resumed = s_resume (outbox, 0, NULL);
	assert_false (resumed.new_epoch);
	assert_int_equal (s_counts (outbox).in_flight, 1);
	assert_int_equal (s_counts (outbox).waiting, 1);
	assert_int_equal (s_cut (outbox), 3);
	assert_int_equal (s_read (outbox, 2), 0);
	assert_true (s_slot_is (0, 1));
	outbox_close (&outbox);
}

static void
test_outbox_asks_for_the_former_epoch_until_something_is_acknowledged (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t epoch[SIAGA_EPOCH_BYTES], former[SIAGA_EPOCH_BYTES];
	uint64_t oseq = 0;
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	assert_int_equal (outbox_former (outbox, former, &oseq), SIAGA_ENOTFOUND);
	s_put (outbox, 1);
	s_put (outbox, 2);
	s_ack (outbox, 2, 1);
	assert_int_equal (outbox_former (outbox, former, &oseq), SIAGA_ENOTFOUND);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	assert_int_equal (outbox_former (outbox, former, &oseq), 0);
	assert_memory_equal (former, epoch, sizeof epoch);
	assert_int_equal (oseq, 2);
	s_cut (outbox);
	assert_int_equal (outbox_former (outbox, former, &oseq), 0);
	s_ack (outbox, 1, 2);
	assert_int_equal (outbox_former (outbox, former, &oseq), SIAGA_ENOTFOUND);
	outbox_close (&outbox);
}

static void
test_outbox_another_boundary_where_acknowledged_requeues_what_is_kept (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES] = {7};
	struct outbox *outbox = s_open ();
	for (uint32_t i = 1; i <= 3; i++)
		s_add (outbox, SIAGA_SEVERITY_LOW, i);
	s_cut (outbox);
	s_ack (outbox, 3, 2);
	assert_true (s_resume (outbox, 2, hash).new_epoch); /* of a copy of this outbox */
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.count, 4);
	outbox_close (&outbox);
}

static void
test_outbox_requeued_entries_keep_their_bytes_and_their_age (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t entry[SIAGA_ENTRY_MAX];
	s_put (outbox, 1);
	s_put (outbox, 2);
	assert_int_equal (s_read (outbox, 0), 0);
	size_t size = s_batch.slots[0].entry.size;
	memcpy (entry, s_batch.slots[0].entry.data, size);
	uint64_t created_us = s_now_us;
	s_now_us += 1000;
	s_add (outbox, SIAGA_SEVERITY_LOW, 3);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	assert_int_equal (s_counts (outbox).oldest_us, created_us);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.count, 4);
	assert_int_equal (s_batch.slots[1].entry.size, size);
	assert_memory_equal (s_batch.slots[1].entry.data, entry, size);
	s_now_us -= 1000;
	assert_true (s_slot_is (2, 2));
	s_now_us += 1000;
	assert_true (s_slot_is (3, 3));
	outbox_close (&outbox);
}

static void
test_outbox_unused_epoch_is_left_without_another_void (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t epoch[SIAGA_EPOCH_BYTES], hash[SIAGA_HASH_BYTES] = {1};
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	s_put (outbox, 1);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	assert_true (s_resume (outbox, 3, hash).new_epoch); /* nothing was cut in it */
	assert_int_equal (s_counts (outbox).waiting, 2);
	s_cut (outbox);
	s_expect_first_void (outbox, epoch, 1);
	outbox_close (&outbox);
}

static void
test_outbox_restored_snapshot_does_not_reuse_its_numbers (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES], epoch[SIAGA_EPOCH_BYTES];
	struct outbox *outbox = s_open ();
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	s_put (outbox, 1);
	s_ack (outbox, 1, 0);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2); /* waits in the snapshot */
	s_copy ("outbox.db", "snapshot.db");
	s_cut (outbox);
	s_put (outbox, 3);
	s_ack (outbox, 3, 2);
	s_hash (outbox, 3, hash);
	outbox_close (&outbox);
	s_copy ("snapshot.db", "outbox.db");
	outbox = s_open ();
	assert_true (s_resume (outbox, 3, hash).new_epoch);
	s_cut (outbox);
	s_expect_first_void (outbox, epoch, 1);
	assert_true (s_slot_is (1, 2)); /* under its old id: the hub will say `known` */
	struct siaga_bad known = {.index = 1, .code = SIAGA_EKNOWN};
	assert_int_equal (outbox_replace_bad (outbox, 1, &known, 1), 0);
	assert_int_equal (s_counts (outbox).aside, 0);
	uint64_t number = 0;
	assert_int_equal (s_find (outbox, 2, &number), 0);
	assert_int_equal (number, OUTBOX_NUMBER_UNKNOWN);
	outbox_close (&outbox);
}

static void
test_outbox_snapshot_that_cut_before_it_knew_is_found_out (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES];
	struct outbox *outbox = s_open ();
	s_put (outbox, 1);
	s_copy ("outbox.db", "snapshot.db");
	s_put (outbox, 2);
	s_hash (outbox, 2, hash);
	outbox_close (&outbox);
	s_copy ("snapshot.db", "outbox.db");
	outbox = s_open ();
	s_put (outbox, 7); /* also oseq 2 */
	assert_true (s_resume (outbox, 2, hash).new_epoch);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.count, 3);
	assert_true (s_slot_is (2, 7));
	outbox_close (&outbox);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_outbox_lets_a_damaged_batch_go),
		TEST (test_outbox_resumes_where_both_agree),
		TEST (test_outbox_resume_takes_what_is_held_as_acknowledged),
		TEST (test_outbox_hub_ahead_begins_a_new_epoch),
		TEST (test_outbox_another_batch_held_begins_a_new_epoch),
		TEST (test_outbox_another_batch_where_acknowledged_requeues_what_is_kept),
		TEST (test_outbox_hub_behind_gets_what_is_kept_again),
		TEST (test_outbox_hub_with_nothing_gets_all_from_the_beginning),
		TEST (test_outbox_hub_behind_what_is_kept_begins_a_new_epoch),
		TEST (test_outbox_hub_that_lost_the_epoch_gets_former_epochs_too),
		TEST (test_outbox_asks_for_the_former_epoch_until_something_is_acknowledged),
		TEST (test_outbox_another_boundary_where_acknowledged_requeues_what_is_kept),
		TEST (test_outbox_requeued_entries_keep_their_bytes_and_their_age),
		TEST (test_outbox_unused_epoch_is_left_without_another_void),
		TEST (test_outbox_restored_snapshot_does_not_reuse_its_numbers),
		TEST (test_outbox_snapshot_that_cut_before_it_knew_is_found_out),
	};
	return cmocka_run_group_tests (tests, s_group_setup, s_group_teardown);
}
