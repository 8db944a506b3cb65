/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/outbox.h: order of cutting, bounds, what is known by id, and that every step survives a power cut.
 */
#include "outbox_fixture.h"

static void
test_outbox_cuts_highest_severity_first_then_oldest (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	s_add (outbox, SIAGA_SEVERITY_HIGH, 2);
	s_add (outbox, SIAGA_SEVERITY_LOW, 3);
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 4);
	s_add (outbox, SIAGA_SEVERITY_HIGH, 5);
	assert_int_equal (s_cut (outbox), 1);
	assert_int_equal (outbox_last_oseq (outbox), 5);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.count, 5);
	assert_true (s_slot_is (0, 4));
	assert_true (s_slot_is (1, 2));
	assert_true (s_slot_is (2, 5));
	assert_true (s_slot_is (3, 1));
	assert_true (s_slot_is (4, 3));
	uint64_t first;
	assert_int_equal (outbox_cut (outbox, &first), SIAGA_ENOTFOUND);
	outbox_close (&outbox);
}

static void
test_outbox_fills_batches_to_their_limits_and_no_further (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	assert_int_equal (outbox_begin (outbox), 0);
	for (uint32_t i = 0; i < 40; i++)
		assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, i, 8000), 0);
	assert_int_equal (outbox_commit (outbox), 0);
	uint64_t after = 0, cuts = 0;
	while (s_counts (outbox).waiting > 0) {
		assert_int_equal (s_cut (outbox), after + 1);
		assert_int_equal (s_read (outbox, after), 0);
		for (uint32_t i = 0; i < s_batch.head.count; i++) {
			struct siaga_header header;
			struct siaga_body body;
			s_slot (i, &header, &body);
		}
		after += s_batch.head.count;
		cuts++;
	}
	assert_int_equal (after, 40);
	assert_int_equal (cuts, 6); /* 7 of about 8.1 KiB each fit into 60 KiB */
	outbox_close (&outbox);
}

static void
test_outbox_never_puts_more_than_1024_entries_into_a_batch (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	assert_int_equal (outbox_begin (outbox), 0);
	for (uint32_t i = 0; i < 1100; i++)
		s_add (outbox, SIAGA_SEVERITY_LOW, i);
	assert_int_equal (outbox_commit (outbox), 0);
	uint64_t after = 0;
	while (s_counts (outbox).waiting > 0) {
		s_cut (outbox);
		assert_int_equal (s_read (outbox, after), 0);
		assert_true (s_batch.head.count <= SIAGA_BATCH_ENTRIES_MAX);
		after += s_batch.head.count;
	}
	assert_int_equal (after, 1100);
	outbox_close (&outbox);
}

static void
test_outbox_knows_an_id_wherever_it_is (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint64_t number = 0;
	assert_int_equal (s_find (outbox, 1, &number), SIAGA_ENOTFOUND);
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, 1, 0), SIAGA_EEXISTS);
	assert_int_equal (s_find (outbox, 1, &number), SIAGA_EAGAIN);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	s_cut (outbox);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, 1, 0), SIAGA_EEXISTS);
	assert_int_equal (s_find (outbox, 2, &number), SIAGA_EAGAIN);
	s_ack (outbox, 2, 701);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, 1, 0), SIAGA_EEXISTS);
	assert_int_equal (s_find (outbox, 1, &number), 0);
	assert_int_equal (number, 700);
	assert_int_equal (s_find (outbox, 2, &number), 0);
	assert_int_equal (number, 701);
	assert_int_equal (s_counts (outbox).waiting, 0);
	outbox_close (&outbox);
}

static void
test_outbox_refuses_entries_of_others_and_what_is_none (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	struct made *made = s_make_as ("polri/dewi", SIAGA_SEVERITY_LOW, 1, 0);
	assert_int_equal (outbox_add (outbox, (struct siaga_bytes){made->data, made->size}),
			  SIAGA_EORIGIN);
	assert_int_equal (outbox_add (outbox, (struct siaga_bytes){made->data, made->size - 1}),
			  SIAGA_EMALFORMED);
	assert_int_equal (s_counts (outbox).waiting, 0);
	outbox_close (&outbox);
}

static void
test_outbox_is_bounded_and_sheds_the_least_severe_first (void **state)
{
	int error;
	(void) state;
	size_t size = s_make (SIAGA_SEVERITY_LOW, 0, 0)->size;
	uint64_t count = 99;
	s_options.max_waiting_bytes = 4 * size;
	struct outbox *outbox = s_open ();
	s_add (outbox, SIAGA_SEVERITY_HIGH, 1);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	s_add (outbox, SIAGA_SEVERITY_LOW, 3);
	s_add (outbox, SIAGA_SEVERITY_MEDIUM, 4);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_CRITICAL, 5, 0), SIAGA_EFULL);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, 3, 0), SIAGA_EEXISTS);
	assert_int_equal (s_counts (outbox).waiting_bytes, 4 * size);
	assert_int_equal (s_shed (outbox, size, SIAGA_SEVERITY_LOW, &error), 0);
	assert_int_equal (error, SIAGA_EFULL);
	assert_int_equal (s_shed (outbox, size, SIAGA_SEVERITY_CRITICAL, &error), 1);
	assert_int_equal (error, 0);
	assert_int_equal (s_find (outbox, 2, &count), SIAGA_ENOTFOUND);
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 5);
	assert_int_equal (s_shed (outbox, 4 * size, SIAGA_SEVERITY_HIGH, &error), 2);
	assert_int_equal (error, SIAGA_EFULL);
	assert_int_equal (s_counts (outbox).waiting, 2);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_true (s_slot_is (0, 5));
	assert_true (s_slot_is (1, 1));
	outbox_close (&outbox);
}

static void
test_outbox_counts_what_it_holds_also_after_reopening (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	for (int i = 0; i < 2; i++) {
		struct outbox_counts counts = s_counts (outbox);
		if (i == 0) {
			assert_int_equal (counts.oldest_us, 0);
			s_put (outbox, 1);
			s_put (outbox, 2);
			s_ack (outbox, 1, 10);
			s_add (outbox, SIAGA_SEVERITY_LOW, 3);
			s_now_us += 5;
			s_add (outbox, SIAGA_SEVERITY_HIGH, 4);
		} else {
			assert_int_equal (counts.waiting, 2);
			assert_int_equal (counts.in_flight, 1);
			assert_int_equal (counts.oldest_us, s_now_us - 5);
			assert_int_equal (counts.waiting_bytes,
					  2 * s_make (SIAGA_SEVERITY_LOW, 0, 0)->size);
			assert_int_equal (outbox_acked_oseq (outbox), 1);
			assert_int_equal (outbox_last_oseq (outbox), 2);
		}
		outbox_close (&outbox);
		outbox = s_open ();
	}
	outbox_close (&outbox);
}

/* -- transactions and crashes -- */

static void
test_outbox_entry_and_position_are_one_transaction (void **state)
{
	(void) state;
	struct outbox *outbox = s_open (), *after;
	char *position = NULL;
	assert_int_equal (outbox_set_position (outbox, "eve", "1:100"), 0);
	assert_int_equal (outbox_begin (outbox), 0);
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	assert_int_equal (outbox_set_position (outbox, "eve", "1:200"), 0);
	assert_int_equal (s_cut (outbox), 1);
	after = s_crash ();
	assert_int_equal (outbox_get_position (after, "eve", &position), 0);
	assert_string_equal (position, "1:100");
	free (position);
	assert_int_equal (s_read (after, 0), SIAGA_ENOTFOUND);
	assert_int_equal (outbox_last_oseq (after), 0);
	outbox_close (&after);
	assert_int_equal (outbox_commit (outbox), 0);
	after = s_crash ();
	assert_int_equal (outbox_get_position (after, "eve", &position), 0);
	assert_string_equal (position, "1:200");
	free (position);
	assert_int_equal (s_read (after, 0), 0);
	assert_int_equal (outbox_get_position (after, "other", &position), SIAGA_ENOTFOUND);
	outbox_close (&after);
	outbox_close (&outbox);
}

static void
test_outbox_rollback_takes_everything_back (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	s_put (outbox, 1);
	struct outbox_counts before = s_counts (outbox);
	assert_int_equal (outbox_begin (outbox), 0);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	s_cut (outbox);
	s_add (outbox, SIAGA_SEVERITY_LOW, 3);
	s_ack (outbox, 1, 5);
	outbox_rollback (outbox);
	struct outbox_counts now = s_counts (outbox);
	assert_memory_equal (&before, &now, sizeof now);
	assert_int_equal (outbox_last_oseq (outbox), 1);
	assert_int_equal (outbox_acked_oseq (outbox), 0);
	assert_int_equal (s_put (outbox, 2), 2);
	outbox_close (&outbox);
}

static void
test_outbox_loses_and_repeats_nothing_whenever_the_power_is_cut (void **state)
{
	(void) state;
	struct outbox *outbox = s_open (), *after;
	uint8_t epoch[SIAGA_EPOCH_BYTES], sent[SIAGA_BATCH_MAX];
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	after = s_crash (); /* added */
	assert_int_equal (s_counts (after).waiting, 2);
	assert_memory_equal (outbox_epoch (after), epoch, sizeof epoch);
	outbox_close (&after);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	memcpy (sent, s_bytes, sizeof sent);
	after = s_crash (); /* cut: sent again byte for byte */
	assert_int_equal (s_read (after, 0), 0);
	assert_memory_equal (s_bytes, sent,
			     s_batch.slots[1].entry.data + s_batch.slots[1].entry.size - s_bytes);
	assert_int_equal (s_counts (after).waiting, 0);
	assert_int_equal (s_put (after, 3), 3);
	outbox_close (&after);
	s_ack (outbox, 2, 9);
	after = s_crash (); /* acknowledged */
	assert_int_equal (outbox_acked_oseq (after), 2);
	assert_int_equal (s_counts (after).in_flight, 0);
	s_expect_all (after, 2);
	outbox_close (&after);
	s_put (outbox, 3);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	after = s_crash (); /* a new epoch */
	assert_memory_equal (outbox_epoch (after), outbox_epoch (outbox), SIAGA_EPOCH_BYTES);
	assert_int_equal (s_counts (after).waiting, 2);
	s_cut (after);
	s_expect_first_void (after, epoch, 3);
	assert_true (s_slot_is (1, 3));
	s_expect_all (after, 3);
	outbox_close (&after);
	struct siaga_bad bad = {.index = 1, .code = SIAGA_EREF};
	s_cut (outbox);
	assert_int_equal (outbox_replace_bad (outbox, 1, &bad, 1), 0);
	after = s_crash (); /* mended */
	assert_int_equal (s_counts (after).aside, 1);
	s_expect_first_void (after, epoch, 3);
	assert_int_equal (s_batch.head.count, 2);
	outbox_close (&after);
	outbox_close (&outbox);
}

static void
test_outbox_file_belongs_to_one_process_network_and_principal (void **state)
{
	(void) state;
	struct outbox *outbox = s_open (), *other = NULL;
	char words[256];
	assert_int_equal (outbox_open (&other, &s_options, words), SIAGA_ELOCKED);
	assert_non_null (strstr (words, "outbox.db"));
	outbox_close (&outbox);
	s_options.network = "latihan";
	assert_int_equal (outbox_open (&other, &s_options, words), SIAGA_EFORMAT);
	assert_non_null (strstr (words, NETWORK));
	s_options.network = NETWORK;
	struct siaga_identity *dewi = siaga_identity_new (siaga_text ("polri/dewi"));
	s_options.identity = dewi;
	assert_int_equal (outbox_open (&other, &s_options, words), SIAGA_EFORMAT);
	assert_non_null (strstr (words, ORIGIN));
	siaga_identity_destroy (&dewi);
	s_options.identity = s_identity;
	s_options.path = "none/outbox.db";
	assert_int_equal (outbox_open (&other, &s_options, words), SIAGA_EIO);
	assert_non_null (strstr (words, "none/outbox.db"));
	assert_null (other);
}

static void
test_outbox_in_memory_works_without_a_file (void **state)
{
	(void) state;
	s_options.path = ":memory:";
	struct outbox *outbox = s_open ();
	assert_int_equal (s_put (outbox, 1), 1);
	outbox_close (&outbox);
	assert_int_equal (access (":memory:.lock", F_OK), -1);
}

static void
test_outbox_new_key_signs_again_what_was_in_flight (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	s_put (outbox, 1);
	s_ack (outbox, 1, 0);
	s_put (outbox, 2);
	outbox_close (&outbox);
	struct siaga_identity *old = s_identity;
	s_identity = siaga_identity_new (siaga_text (ORIGIN));
	s_options.identity = s_identity;
	outbox = s_open ();
	assert_memory_not_equal (outbox_epoch (outbox), epoch, sizeof epoch);
	s_cut (outbox);
	s_expect_first_void (outbox, epoch, 2);
	assert_int_equal (s_batch.head.count, 2);
	assert_true (s_slot_is (1, 2));
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (outbox_last_oseq (outbox), 2);
	outbox_close (&outbox);
	siaga_identity_destroy (&s_identity);
	s_identity = old;
}

static void
test_outbox_no_epoch_has_two_keys (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	memcpy (epoch, outbox_epoch (outbox), sizeof epoch);
	s_put (outbox, 1);
	s_ack (outbox, 1, 0);
	outbox_close (&outbox);
	struct siaga_identity *old = s_identity;
	s_identity = siaga_identity_new (siaga_text (ORIGIN));
	s_options.identity = s_identity;
	outbox = s_open ();
	/* Should the hub's disk go back: what the old key signed is not sent again, but signed again. */
	assert_memory_not_equal (outbox_epoch (outbox), epoch, sizeof epoch);
	assert_int_equal (outbox_requeue_former (outbox), 0);
	s_cut (outbox);
	s_expect_first_void (outbox, epoch, 1);
	assert_true (s_slot_is (1, 1));
	outbox_close (&outbox);
	siaga_identity_destroy (&s_identity);
	s_identity = old;
}

static void
test_outbox_remembers_its_log (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t log_id[SIAGA_LOG_ID_BYTES] = {1, 2, 3}, found[SIAGA_LOG_ID_BYTES];
	assert_int_equal (outbox_get_log_id (outbox, found), SIAGA_ENOTFOUND);
	assert_int_equal (outbox_set_log_id (outbox, log_id), 0);
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (outbox_get_log_id (outbox, found), 0);
	assert_memory_equal (found, log_id, sizeof found);
	outbox_close (&outbox);
}

/* -- acknowledgement -- */

static void
test_outbox_ack_covers_everything_up_to_it (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint64_t number = 0;
	uint8_t epoch[SIAGA_EPOCH_BYTES] = {0};
	for (uint32_t i = 1; i <= 4; i++)
		s_put (outbox, i);
	assert_int_equal (outbox_acked (outbox, epoch, 4, 1), 0); /* of another epoch */
	assert_int_equal (outbox_acked_oseq (outbox), 0);
	assert_int_equal (outbox_acked (outbox, outbox_epoch (outbox), 5, 1), SIAGA_EGRAMMAR);
	s_ack (outbox, 3, 33);
	assert_int_equal (outbox_acked_oseq (outbox), 3);
	assert_int_equal (s_counts (outbox).in_flight, 1);
	assert_int_equal (s_find (outbox, 1, &number), 0);
	assert_int_equal (number, OUTBOX_NUMBER_UNKNOWN);
	assert_int_equal (s_find (outbox, 3, &number), 0);
	assert_int_equal (number, 33);
	s_ack (outbox, 1, 31); /* again, late: only tells the number */
	assert_int_equal (outbox_acked_oseq (outbox), 3);
	assert_int_equal (s_find (outbox, 1, &number), 0);
	assert_int_equal (number, 31);
	assert_int_equal (s_find (outbox, 4, &number), SIAGA_EAGAIN);
	outbox_close (&outbox);
}

static void
test_outbox_lets_acknowledged_batches_go_by_age_and_bytes (void **state)
{
	(void) state;
	uint64_t number, places = 0;
	struct outbox *outbox = s_open ();
	s_put (outbox, 1);
	s_put (outbox, 2);
	s_ack (outbox, 2, 1);
	s_now_us += s_options.keep_acked_us + 1;
	s_put (outbox, 3);
	s_ack (outbox, 3, 2);
	s_now_us -= s_options.keep_acked_us + 1;
	assert_int_equal (s_find (outbox, 1, &number), SIAGA_ENOTFOUND);
	assert_int_equal (s_find (outbox, 2, &number), SIAGA_ENOTFOUND);
	assert_int_equal (
		store_run_uint (store_query (outbox->store, "SELECT count (*) FROM batch"),
				&places),
		0);
	assert_int_equal (places, 1); /* 3's */
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.first_oseq, 3);
	outbox_close (&outbox);
	s_options.keep_acked_bytes = 1;
	outbox = s_open ();
	s_put (outbox, 4);
	s_put (outbox, 5);
	s_ack (outbox, 5, 4);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.first_oseq,
			  5); /* the last one stays, to compare with WELCOME */
	assert_int_equal (s_read (outbox, 5), SIAGA_ENOTFOUND);
	outbox_close (&outbox);
}

/* How many of the first three entries are still known; their ids are made of the time as it was. */
static unsigned
s_count_kept (struct outbox *outbox, uint64_t since_us)
{
	uint64_t number;
	unsigned count = 0;
	s_now_us -= since_us;
	for (uint32_t i = 1; i <= 3; i++)
		count += s_find (outbox, i, &number) != SIAGA_ENOTFOUND;
	s_now_us += since_us;
	return count;
}

/* The hub's disk may go back an hour after the clock went on by a year. */
static void
test_outbox_keeps_what_a_set_clock_made_old (void **state)
{
	(void) state;
	uint64_t year_us = 365 * UINT64_C (86400000000), day_us = s_options.keep_acked_us + 1;
	struct siaga_bad known = {.index = 0, .code = SIAGA_EKNOWN};
	struct outbox *outbox = s_open ();
	for (uint32_t i = 1; i <= 3; i++)
		s_put (outbox, i);
	assert_int_equal (outbox_replace_bad (outbox, 2, &known, 1), 0);
	s_ack (outbox, 3, 12);
	assert_true (outbox_has_ages (outbox));
	s_now_us += year_us;
	assert_int_equal (outbox_shift_ages (outbox, (int64_t) year_us), 0);
	s_put (outbox, 4);
	s_ack (outbox, 4, 13);
	assert_int_equal (s_count_kept (outbox, year_us), 3);
	s_now_us += day_us;
	s_put (outbox, 5);
	s_ack (outbox, 5, 14);
	assert_int_equal (s_count_kept (outbox, year_us + day_us), 0);
	outbox_close (&outbox);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_outbox_cuts_highest_severity_first_then_oldest),
		TEST (test_outbox_fills_batches_to_their_limits_and_no_further),
		TEST (test_outbox_never_puts_more_than_1024_entries_into_a_batch),
		TEST (test_outbox_knows_an_id_wherever_it_is),
		TEST (test_outbox_refuses_entries_of_others_and_what_is_none),
		TEST (test_outbox_is_bounded_and_sheds_the_least_severe_first),
		TEST (test_outbox_counts_what_it_holds_also_after_reopening),
		TEST (test_outbox_entry_and_position_are_one_transaction),
		TEST (test_outbox_rollback_takes_everything_back),
		TEST (test_outbox_loses_and_repeats_nothing_whenever_the_power_is_cut),
		TEST (test_outbox_file_belongs_to_one_process_network_and_principal),
		TEST (test_outbox_in_memory_works_without_a_file),
		TEST (test_outbox_new_key_signs_again_what_was_in_flight),
		TEST (test_outbox_no_epoch_has_two_keys),
		TEST (test_outbox_remembers_its_log),
		TEST (test_outbox_ack_covers_everything_up_to_it),
		TEST (test_outbox_lets_acknowledged_batches_go_by_age_and_bytes),
		TEST (test_outbox_keeps_what_a_set_clock_made_old),
	};
	return cmocka_run_group_tests (tests, s_group_setup, s_group_teardown);
}
