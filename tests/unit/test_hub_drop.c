/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/journal_drop.c: what retention drops is as if it had never been, but for its numbers and its place in the tree.
 */
#include "journal_fixture.h"

#include "common/log.h"
#include "hub/chores.h"
#include "hub/journal_sqlite.h"

#define BATCH 16
#define BATCHES 80 /* 1,280 entries: 256 more than the tail that is always kept */

struct fixture {
	char directory[256];
	char path[300];
	struct fixture_lane lane;
	uint8_t first[SIAGA_ID_BYTES]; /* the id of number 0 */
	struct journal *journal;
};

static void
open_journal (struct fixture *self)
{
	char words[256] = "";
	if (journal_open_sqlite (&self->journal, self->path, FIXTURE_NETWORK, JOURNAL_WRITE,
				 words) != 0)
		fail_msg ("%s", words);
}

/* Batch i is accepted at i + 1; each entry but the first refers to number 0. */
static void
append (struct fixture *self, uint64_t i)
{
	struct fixture_entry entries[BATCH];
	memset (entries, 0, sizeof entries);
	for (size_t at = 0; at < BATCH; at++) {
		fixture_id (entries[at].id);
		if (i == 0 && at == 0)
			memcpy (self->first, entries[at].id, SIAGA_ID_BYTES);
		else
			memcpy (entries[at].ref, self->first, SIAGA_ID_BYTES);
	}
	struct journal_job *job = fixture_job_at (&self->lane, self->lane.oseq + 1, entries, BATCH);
	struct journal_batch batch = fixture_batch (job);
	self->lane.oseq += BATCH;
	assert_int_equal (self->journal->ops->append (self->journal, &batch, 1, i + 1), 0);
	journal_job_destroy (&job);
}

static int
setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	log_open ("test", LOG_TO_NOTHING, -2);
	fixture_directory_make (self->directory);
	snprintf (self->path, sizeof self->path, "%s/journal.db", self->directory);
	fixture_lane_init (&self->lane, "bssn/soc-1");
	open_journal (self);
	for (uint64_t i = 0; i < BATCHES; i++)
		append (self, i);
	*state = self;
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	if (self->journal)
		self->journal->ops->close (&self->journal);
	fixture_lane_finish (&self->lane);
	fixture_directory_remove (self->directory);
	free (self);
	return 0;
}

static uint64_t
oldest (struct fixture *self)
{
	struct journal_record record;
	assert_int_equal (self->journal->ops->read (self->journal, 0, &record), 0);
	uint64_t number = record.number;
	journal_record_finish (&record);
	return number;
}

static void
test_drop_takes_whole_batches_by_age_and_step (void **state)
{
	struct fixture *self = *state;
	const struct journal_ops *ops = self->journal->ops;
	assert_int_equal (ops->drop (self->journal, 1, 0, 1000), 0);
	assert_int_equal (ops->drop (self->journal, 2, 0, 1000), BATCH);
	assert_int_equal (oldest (self), BATCH);
	assert_int_equal (ops->drop (self->journal, 1000, 0, 2 * BATCH), 2 * BATCH);
	assert_int_equal (oldest (self), 3 * BATCH);
}

static void
test_drop_keeps_the_tail_that_a_start_verifies (void **state)
{
	struct fixture *self = *state;
	const struct journal_ops *ops = self->journal->ops;
	uint64_t number;
	assert_int_equal (ops->drop (self->journal, UINT64_MAX, 0, 100000),
			  BATCH * BATCHES - JOURNAL_TAIL_NUMBERS);
	assert_int_equal (ops->drop (self->journal, UINT64_MAX, 0, 100000), 0);
	self->journal->ops->close (&self->journal);
	open_journal (self);
	assert_int_equal (self->journal->ops->head (self->journal), BATCH * BATCHES);
	/* And it goes on. */
	append (self, BATCHES);
	assert_int_equal (self->journal->ops->find (self->journal, self->first, &number),
			  SIAGA_ENOTFOUND);
}

static void
test_drop_leaves_the_tree_as_it_was (void **state)
{
	struct fixture *self = *state;
	const struct journal_ops *ops = self->journal->ops;
	uint8_t before[3][SIAGA_HASH_BYTES], after[3][SIAGA_HASH_BYTES];
	for (int round = 0; round < 2; round++) {
		uint8_t (*out)[SIAGA_HASH_BYTES] = round ? after : before;
		assert_int_equal (ops->root (self->journal, BATCH * BATCHES, out[0]), 0);
		assert_int_equal (ops->root (self->journal, 77, out[1]), 0);
		assert_int_equal (ops->leaf (self->journal, 5, out[2]), 0);
		if (!round)
			assert_true (ops->drop (self->journal, UINT64_MAX, 0, 100000) > 0);
	}
	assert_memory_equal (before, after, sizeof before);
}

static void
test_drop_forgets_ids_and_refs_of_what_is_gone_only (void **state)
{
	struct fixture *self = *state;
	const struct journal_ops *ops = self->journal->ops;
	uint64_t numbers[2 * BATCH * BATCHES];
	assert_int_equal (ops->referring (self->journal, self->first, numbers, 2 * BATCH * BATCHES),
			  BATCH * BATCHES - 1);
	assert_int_equal (ops->drop (self->journal, 2, 0, 1000), BATCH);
	assert_int_equal (ops->find (self->journal, self->first, numbers), SIAGA_ENOTFOUND);
	assert_int_equal (ops->referring (self->journal, self->first, numbers, 2 * BATCH * BATCHES),
			  BATCH * (BATCHES - 1));
	assert_int_equal (numbers[0], BATCH);
}

static void
test_drop_by_size_stops_when_it_fits (void **state)
{
	struct fixture *self = *state;
	struct journal_sqlite *sqlite = (struct journal_sqlite *) self->journal;
	const struct journal_ops *ops = self->journal->ops;
	uint64_t bytes, free_bytes;
	assert_int_equal (store_size (sqlite->store, &bytes, &free_bytes), 0);
	uint64_t bound = bytes - free_bytes - 65536;
	assert_true (ops->drop (self->journal, 0, bound, 100000) > 0);
	assert_int_equal (store_size (sqlite->store, &bytes, &free_bytes), 0);
	assert_true (bytes - free_bytes <= bound);
	assert_true (bytes - free_bytes > bound - 65536);
	assert_int_equal (ops->drop (self->journal, 0, bound, 100000), 0);
}

/* The chore: in steps, with pauses, and the last checkpoint stored on the way. */
static void
test_chores_drop_in_steps_and_store_the_note (void **state)
{
	struct fixture *self = *state;
	struct chores_options options = {.keep_us = 1};
	struct chores *chores = chores_new (&options);
	char note[SIAGA_CHECKPOINT_MAX];
	uint64_t pause_ms = 0, longest_ms = 0;
	size_t size;
	chores_keep_note (chores, siaga_text ("a note"));
	while (assert_int_equal (chores_run (chores, self->journal, &pause_ms), 0), pause_ms < 1000)
		longest_ms = pause_ms > longest_ms ? pause_ms : longest_ms;
	assert_true (longest_ms > 0);
	assert_int_equal (oldest (self), BATCH * BATCHES - JOURNAL_TAIL_NUMBERS);
	assert_int_equal (self->journal->ops->note (self->journal, note, &size), 0);
	assert_memory_equal (note, "a note", size);
	chores_destroy (&chores);
}

/* As the one leaf after the other, wherever a range crosses tiles; what was dropped included. */
static void
test_leaves_and_paths_outlive_what_was_dropped (void **state)
{
	struct fixture *self = *state;
	const struct journal_ops *ops = self->journal->ops;
	uint8_t hashes[300 * SIAGA_HASH_BYTES], one[SIAGA_HASH_BYTES], root[SIAGA_HASH_BYTES];
	uint8_t path[SIAGA_LOG_PATH_MAX * SIAGA_HASH_BYTES];
	size_t length;
	assert_true (ops->drop (self->journal, UINT64_MAX, 0, 100000) > 0);
	assert_int_equal (ops->root (self->journal, BATCH * BATCHES, root), 0);
	for (uint64_t from = 0; from < BATCH * BATCHES - 300; from += 61) {
		assert_int_equal (ops->leaves (self->journal, from, 300, hashes), 0);
		for (uint64_t i = 0; i < 300; i += 7) {
			assert_int_equal (ops->leaf (self->journal, from + i, one), 0);
			assert_memory_equal (one, hashes + i * SIAGA_HASH_BYTES, sizeof one);
		}
		assert_int_equal (ops->path (self->journal, from, BATCH * BATCHES, path, &length),
				  0);
		assert_int_equal (
			siaga_merkle_verify (hashes, from, BATCH * BATCHES, path, length, root), 0);
	}
	assert_int_equal (ops->leaves (self->journal, BATCH * BATCHES - 1, 2, hashes),
			  SIAGA_ENOTFOUND);
	assert_int_equal (ops->path (self->journal, 5, 5, path, &length), SIAGA_EUSAGE);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (test_drop_takes_whole_batches_by_age_and_step,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (test_drop_keeps_the_tail_that_a_start_verifies,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (test_drop_leaves_the_tree_as_it_was, setup,
						 teardown),
		cmocka_unit_test_setup_teardown (
			test_drop_forgets_ids_and_refs_of_what_is_gone_only, setup, teardown),
		cmocka_unit_test_setup_teardown (test_drop_by_size_stops_when_it_fits, setup,
						 teardown),
		cmocka_unit_test_setup_teardown (test_chores_drop_in_steps_and_store_the_note,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (test_leaves_and_paths_outlive_what_was_dropped,
						 setup, teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
