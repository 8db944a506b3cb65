/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/outbox.h: refused entries, and the voids in their places.
 */
#include "outbox_fixture.h"

/* -- refused entries -- */

static void
test_outbox_bad_entries_become_voids_under_the_same_numbers (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint64_t number;
	for (uint32_t i = 1; i <= 3; i++)
		s_add (outbox, SIAGA_SEVERITY_LOW, i);
	s_cut (outbox);
	s_put (outbox, 4);
	uint8_t behind[SIAGA_HASH_BYTES], still[SIAGA_HASH_BYTES];
	s_hash (outbox, 4, behind);
	struct siaga_bad bad[] = {{0, SIAGA_EREF}, {2, SIAGA_EKNOWN}};
	assert_int_equal (outbox_replace_bad (outbox, 1, bad, 2), 0);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.first_oseq, 1);
	assert_int_equal (s_batch.head.count, 3);
	struct siaga_header header;
	struct siaga_body body;
	s_slot (0, &header, &body);
	assert_int_equal (header.kind, SIAGA_KIND_VOID);
	assert_true (siaga_text_is (body.description, "refused: ref"));
	assert_false (body.has_previous);
	assert_true (s_slot_is (1, 2));
	s_slot (2, &header, &body);
	assert_int_equal (header.kind, SIAGA_KIND_VOID);
	s_hash (outbox, 4, still);
	assert_memory_equal (behind, still, sizeof still);
	assert_int_equal (s_counts (outbox).aside, 1);
	assert_int_equal (s_counts (outbox).in_flight, 2);
	assert_int_equal (s_find (outbox, 1, &number), SIAGA_EREF);
	assert_int_equal (s_find (outbox, 3, &number), 0);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, 1, 0), SIAGA_EEXISTS);
	s_ack (outbox, 3, 52);
	assert_int_equal (s_find (outbox, 2, &number), 0);
	assert_int_equal (number, 51);
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (s_counts (outbox).aside, 1);
	outbox_close (&outbox);
}

/* A hub that refuses everything does not make it grow. */
static void
test_outbox_keeps_the_newest_4096_set_aside (void **state)
{
	(void) state;
	enum {
		ALL = 4096 + 5,
		EACH = 241
	}; /* 17 batches */
	struct outbox *outbox = s_open ();
	struct siaga_bad bad[EACH];
	uint64_t number;
	for (uint32_t done = 0; done < ALL; done += EACH) {
		assert_int_equal (outbox_begin (outbox), 0);
		for (uint32_t i = 0; i < EACH; i++)
			s_add (outbox, SIAGA_SEVERITY_LOW, done + i + 1);
		assert_int_equal (outbox_commit (outbox), 0);
		assert_int_equal (s_cut (outbox), done + 1);
		for (uint32_t i = 0; i < EACH; i++)
			bad[i] = (struct siaga_bad){i, SIAGA_EREF};
		assert_int_equal (outbox_replace_bad (outbox, done + 1, bad, EACH), 0);
		s_ack (outbox, done + EACH, done + EACH);
	}
	uint32_t gone = (ALL + EACH - 1) / EACH * EACH - 4096;
	assert_int_equal (s_counts (outbox).aside, 4096);
	assert_int_equal (s_find (outbox, gone, &number), SIAGA_ENOTFOUND);
	assert_int_equal (s_find (outbox, gone + 1, &number), SIAGA_EREF);
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (s_counts (outbox).aside, 4096);
	outbox_close (&outbox);
}

static void
test_outbox_voids_larger_than_what_they_replace_make_several_batches (void **state)
{
	(void) state;
	static struct siaga_bad bad[SIAGA_BATCH_ENTRIES_MAX];
	struct outbox *outbox = s_open ();
	assert_int_equal (outbox_begin (outbox), 0);
	for (uint32_t i = 0; i < 1000; i++)
		s_add (outbox, SIAGA_SEVERITY_LOW, i);
	assert_int_equal (outbox_commit (outbox), 0);
	s_cut (outbox);
	uint64_t last = outbox_last_oseq (outbox);
	s_put (outbox, 9000);
	for (uint32_t i = 0; i < last; i++)
		bad[i] = (struct siaga_bad){i, SIAGA_EMALFORMED};
	assert_int_equal (outbox_replace_bad (outbox, 1, bad, last), 0);
	uint64_t after = 0, batches = 0;
	while (after < last) {
		assert_int_equal (s_read (outbox, after), 0);
		assert_int_equal (s_batch.head.first_oseq, after + 1);
		after += s_batch.head.count;
		batches++;
	}
	assert_true (batches > 1);
	assert_int_equal (after, last);
	assert_int_equal (s_counts (outbox).in_flight, batches + 1);
	s_ack (outbox, last, last);
	assert_int_equal (outbox_acked_oseq (outbox), last);
	outbox_close (&outbox);
}

/* A batch of one per number, the middle one of three refused as known and acknowledged as a void. */
static struct outbox *
s_known (uint8_t hash[SIAGA_HASH_BYTES])
{
	struct siaga_bad known = {.index = 0, .code = SIAGA_EKNOWN};
	struct outbox *outbox = s_open ();
	for (uint32_t i = 1; i <= 3; i++)
		s_put (outbox, i);
	assert_int_equal (outbox_replace_bad (outbox, 2, &known, 1), 0);
	s_ack (outbox, 3, 12);
	s_hash (outbox, 1, hash);
	return outbox;
}

static void
test_outbox_known_entry_waits_again_when_the_hub_loses_the_void_in_its_place (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES];
	uint64_t number;
	struct outbox *outbox = s_known (hash);
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (s_find (outbox, 2, &number), 0);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, 2, 0), SIAGA_EEXISTS);
	assert_false (s_resume (outbox, 1, hash).new_epoch);
	assert_int_equal (s_find (outbox, 2, &number), SIAGA_EAGAIN);
	assert_int_equal (s_counts (outbox).waiting, 1);
	assert_int_equal (s_cut (outbox), 4);
	assert_int_equal (s_read (outbox, 3), 0);
	assert_true (s_slot_is (0, 2));
	outbox_close (&outbox);
}

static void
test_outbox_known_entry_stays_when_the_void_in_its_place_is_held (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES];
	struct outbox *outbox = s_known (hash);
	s_hash (outbox, 2, hash);
	assert_false (s_resume (outbox, 2, hash).new_epoch);
	assert_int_equal (s_counts (outbox).waiting, 0);
	assert_int_equal (outbox_requeue_former (outbox), 0);
	assert_int_equal (s_counts (outbox).waiting, 0);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	assert_int_equal (s_counts (outbox).waiting, 2); /* the void, 3 */
	assert_int_equal (outbox_requeue_former (outbox), 0);
	assert_int_equal (s_counts (outbox).waiting, 5); /* … 1, the void that was 2, 2 */
	outbox_close (&outbox);
}

static void
test_outbox_known_entries_are_let_go_like_acknowledged_ones (void **state)
{
	(void) state;
	uint8_t hash[SIAGA_HASH_BYTES];
	uint64_t number;
	struct outbox *outbox = s_known (hash);
	s_now_us += s_options.keep_acked_us + 1;
	s_put (outbox, 4);
	s_ack (outbox, 4, 13);
	assert_int_equal (s_find (outbox, 2, &number), SIAGA_ENOTFOUND);
	assert_int_equal (outbox->state.known_bytes, 0);
	outbox_close (&outbox);
}

static void
test_outbox_refuses_nonsense_about_bad_entries (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	struct siaga_bad bad = {5, SIAGA_EREF}, good = {0, SIAGA_EREF};
	s_put (outbox, 1);
	assert_int_equal (outbox_replace_bad (outbox, 1, &bad, 1), SIAGA_EMALFORMED);
	assert_int_equal (outbox_replace_bad (outbox, 1, NULL, 0), SIAGA_EMALFORMED);
	assert_int_equal (outbox_replace_bad (outbox, 2, &good, 1), SIAGA_ENOTFOUND);
	s_ack (outbox, 1, 1);
	assert_int_equal (outbox_replace_bad (outbox, 1, &good, 1), SIAGA_ENOTFOUND);
	assert_int_equal (s_counts (outbox).aside, 0);
	outbox_close (&outbox);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_outbox_bad_entries_become_voids_under_the_same_numbers),
		TEST (test_outbox_keeps_the_newest_4096_set_aside),
		TEST (test_outbox_voids_larger_than_what_they_replace_make_several_batches),
		TEST (test_outbox_known_entry_waits_again_when_the_hub_loses_the_void_in_its_place),
		TEST (test_outbox_known_entry_stays_when_the_void_in_its_place_is_held),
		TEST (test_outbox_known_entries_are_let_go_like_acknowledged_ones),
		TEST (test_outbox_refuses_nonsense_about_bad_entries),
	};
	return cmocka_run_group_tests (tests, s_group_setup, s_group_teardown);
}
