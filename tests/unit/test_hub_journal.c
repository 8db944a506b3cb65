/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's contract (hub/journal.h), the same for every implementation; then what SQLite's alone
 * promises: durability, one writer, and that it does not open what does not verify.
 */
#include "tests/unit/journal_fixture.h"

#include <sqlite3.h>

#include "hub/journal_sqlite.h"

struct fixture {
	struct journal *journal;
	char directory[256]; /* "": in memory */
	char path[300];
	struct fixture_lane lane;
	struct fixture_lane other;
};

static void
open_sqlite (struct fixture *self)
{
	char words[256];
	if (journal_open_sqlite (&self->journal, self->path, FIXTURE_NETWORK, JOURNAL_WRITE,
				 words) != 0)
		fail_msg ("%s", words);
}

static struct fixture *
fixture_new (void)
{
	struct fixture *self = calloc (1, sizeof *self);
	assert_non_null (self);
	fixture_lane_init (&self->lane, "bssn/soc-1");
	fixture_lane_init (&self->other, "polri/siber-2");
	return self;
}

static int
setup_memory (void **state)
{
	struct fixture *self = fixture_new ();
	*state = self;
	return journal_open_memory (&self->journal);
}

static int
setup_sqlite (void **state)
{
	struct fixture *self = fixture_new ();
	*state = self;
	fixture_directory_make (self->directory);
	snprintf (self->path, sizeof self->path, "%s/journal.db", self->directory);
	open_sqlite (self);
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	if (self->journal)
		self->journal->ops->close (&self->journal);
	if (self->directory[0])
		fixture_directory_remove (self->directory);
	fixture_lane_finish (&self->lane);
	fixture_lane_finish (&self->other);
	free (self);
	return 0;
}

static void
reopen (struct fixture *self)
{
	self->journal->ops->close (&self->journal);
	open_sqlite (self);
}

static uint64_t
append (struct journal *journal, const struct journal_job *job, uint64_t accepted_us)
{
	struct journal_batch batch = fixture_batch (job);
	assert_int_equal (journal->ops->append (journal, &batch, 1, accepted_us), 0);
	return batch.number;
}

/* Appends the lane's next batch and forgets it. */
static uint64_t
append_next (struct fixture *self, struct fixture_lane *lane, size_t count, uint64_t accepted_us)
{
	struct journal_job *job = fixture_job (lane, count);
	uint64_t number = append (self->journal, job, accepted_us);
	journal_job_destroy (&job);
	return number;
}

static struct journal *
open_reader (struct fixture *self)
{
	struct journal *reader = NULL;
	if (self->directory[0] == 0)
		assert_int_equal (journal_memory_reader (self->journal, &reader), 0);
	else
		assert_int_equal (journal_open_sqlite (&reader, self->path, FIXTURE_NETWORK,
						       JOURNAL_READ, NULL),
				  0);
	return reader;
}

static void
test_journal_numbers_a_group_one_after_the_other (void **state)
{
	struct fixture *self = *state;
	struct journal_job *a = fixture_job (&self->lane, 3), *b = fixture_job (&self->other, 1);
	struct journal_job *c = fixture_job (&self->lane, 150);
	struct journal_batch batches[] = {fixture_batch (a), fixture_batch (b)};
	assert_int_equal (self->journal->ops->head (self->journal), 0);
	assert_int_equal (self->journal->ops->append (self->journal, batches, 2, 1000), 0);
	assert_int_equal (batches[0].number, 0);
	assert_int_equal (batches[1].number, 3);
	assert_int_equal (append (self->journal, c, 1001), 4);
	assert_int_equal (self->journal->ops->head (self->journal), 154);
	journal_job_destroy (&a);
	journal_job_destroy (&b);
	journal_job_destroy (&c);
}

static void
test_journal_reads_back_what_it_was_given (void **state)
{
	struct fixture *self = *state;
	struct journal_record record;
	append_next (self, &self->lane, 2, 1000);
	struct journal_job *job = fixture_job (&self->other, 4);
	append (self->journal, job, 2000);
	for (uint64_t number = 2; number < 6; number++) {
		assert_int_equal (self->journal->ops->read (self->journal, number, &record), 0);
		assert_int_equal (record.number, 2);
		assert_int_equal (record.count, 4);
		assert_int_equal (record.accepted_us, 2000);
		assert_int_equal (record.size, job->size);
		assert_memory_equal (record.data, job->data, job->size);
		journal_record_finish (&record);
	}
	assert_int_equal (self->journal->ops->read (self->journal, 6, &record), SIAGA_ENOTFOUND);
	assert_int_equal (self->journal->ops->read (self->journal, UINT64_MAX, &record),
			  SIAGA_ENOTFOUND);
	journal_job_destroy (&job);
}

static void
test_journal_finds_an_id (void **state)
{
	struct fixture *self = *state;
	struct journal_job *job = fixture_job (&self->lane, 9);
	uint64_t number = 77;
	assert_int_equal (self->journal->ops->find (self->journal, job->headers[0].id, &number),
			  SIAGA_ENOTFOUND);
	append_next (self, &self->other, 5, 1000);
	append (self->journal, job, 1000);
	for (uint32_t i = 0; i < 9; i++) {
		assert_int_equal (
			self->journal->ops->find (self->journal, job->headers[i].id, &number), 0);
		assert_int_equal (number, 5 + i);
	}
	number = 77;
	job->headers[0].id[15] ^= 1;
	assert_int_equal (self->journal->ops->find (self->journal, job->headers[0].id, &number),
			  SIAGA_ENOTFOUND);
	assert_int_equal (number, 77);
	journal_job_destroy (&job);
}

static void
test_journal_tells_who_refers_to_an_id (void **state)
{
	struct fixture *self = *state;
	struct fixture_entry entries[5] = {0};
	uint64_t numbers[8];
	uint8_t alert[SIAGA_ID_BYTES];
	fixture_id (alert);
	memcpy (entries[0].id, alert, sizeof alert);
	for (size_t i = 2; i < 5; i++)
		memcpy (entries[i].ref, alert, sizeof alert);
	struct journal_job *job = fixture_job_at (&self->lane, 1, entries, 5);
	append (self->journal, job, 1000);
	assert_int_equal (self->journal->ops->referring (self->journal, alert, numbers, 8), 3);
	assert_int_equal (numbers[0], 2);
	assert_int_equal (numbers[1], 3);
	assert_int_equal (numbers[2], 4);
	assert_int_equal (self->journal->ops->referring (self->journal, alert, numbers, 2), 2);
	assert_int_equal (
		self->journal->ops->referring (self->journal, job->headers[4].id, numbers, 8), 0);
	journal_job_destroy (&job);
}

static void
test_journal_tells_the_deeds_from_a_number_on (void **state)
{
	struct fixture *self = *state;
	static const enum siaga_action actions[6] = {0, SIAGA_ACTION_TAKE,    SIAGA_ACTION_COMMENT,
						     0, SIAGA_ACTION_RESOLVE, SIAGA_ACTION_ASSIST};
	struct fixture_entry entries[6] = {0};
	const struct journal_ops *ops = self->journal->ops;
	uint64_t numbers[8];
	fixture_id (entries[0].id);
	for (size_t i = 1; i < 6; i++) {
		memcpy (entries[i].ref, entries[0].id, SIAGA_ID_BYTES);
		entries[i].action = actions[i];
	}
	fixture_id (entries[5].ref); /* of another alert */
	struct journal_job *job = fixture_job_at (&self->lane, 1, entries, 6);
	append (self->journal, job, 1000);
	assert_int_equal (ops->deeds (self->journal, entries[0].id, 0, numbers, 8), 2);
	assert_int_equal (numbers[0], 1);
	assert_int_equal (numbers[1], 4);
	assert_int_equal (ops->deeds (self->journal, entries[0].id, 2, numbers, 8), 1);
	assert_int_equal (numbers[0], 4);
	assert_int_equal (ops->deeds (self->journal, entries[0].id, 0, numbers, 1), 1);
	assert_int_equal (ops->deeds (self->journal, entries[0].id, 5, numbers, 8), 0);
	journal_job_destroy (&job);
}

static void
test_journal_marks_each_epoch_of_each_origin (void **state)
{
	struct fixture *self = *state;
	struct siaga_text origin = siaga_text ("bssn/soc-1");
	struct journal_mark mark = {.oseq = 5};
	uint8_t hash[SIAGA_HASH_BYTES];
	assert_int_equal (self->journal->ops->mark (self->journal, origin, self->lane.epoch, &mark),
			  SIAGA_ENOTFOUND);
	assert_int_equal (mark.oseq, 0);
	append_next (self, &self->lane, 3, 1000);
	append_next (self, &self->other, 8, 1000);
	struct journal_job *job = fixture_job (&self->lane, 2);
	append (self->journal, job, 1000);
	assert_int_equal (self->journal->ops->mark (self->journal, origin, self->lane.epoch, &mark),
			  0);
	assert_int_equal (mark.oseq, 5);
	assert_int_equal (mark.number, 12);
	siaga_head_hash (hash, job->batch.head_bytes);
	assert_memory_equal (mark.head_hash, hash, sizeof hash);
	assert_int_equal (
		self->journal->ops->mark (self->journal, origin, self->other.epoch, &mark),
		SIAGA_ENOTFOUND);
	journal_job_destroy (&job);
}

static void
test_journal_knows_the_batch_that_begins_at_an_oseq (void **state)
{
	struct fixture *self = *state;
	struct siaga_text origin = siaga_text ("bssn/soc-1");
	struct journal_mark mark;
	uint8_t hash[SIAGA_HASH_BYTES];
	struct journal_job *job = fixture_job (&self->lane, 3);
	append (self->journal, job, 1000);
	append_next (self, &self->lane, 4, 1000);
	assert_int_equal (
		self->journal->ops->batch_at (self->journal, origin, self->lane.epoch, 1, &mark),
		0);
	assert_int_equal (mark.oseq, 3);
	assert_int_equal (mark.number, 2);
	siaga_head_hash (hash, job->batch.head_bytes);
	assert_memory_equal (mark.head_hash, hash, sizeof hash);
	assert_int_equal (
		self->journal->ops->batch_at (self->journal, origin, self->lane.epoch, 4, &mark),
		0);
	assert_int_equal (mark.oseq, 7);
	for (uint64_t oseq = 0; oseq < 10; oseq++)
		if (oseq != 1 && oseq != 4)
			assert_int_equal (self->journal->ops->batch_at (self->journal, origin,
									self->lane.epoch, oseq,
									&mark),
					  SIAGA_ENOTFOUND);
	journal_job_destroy (&job);
}

/* Appends batches of odd sizes and keeps what the leaves must be. */
static uint8_t *
append_leaves (struct fixture *self, size_t count)
{
	uint8_t *leaves = malloc ((count + SIAGA_BATCH_ENTRIES_MAX) * SIAGA_HASH_BYTES);
	uint64_t accepted_us = 1000;
	assert_non_null (leaves);
	for (size_t at = 0, size = 1; at < count; size = size % 37 + 1, accepted_us += 7) {
		struct journal_job *job = fixture_job (&self->lane, size);
		append (self->journal, job, accepted_us);
		for (size_t i = 0; i < size; i++, at++)
			siaga_log_leaf (leaves + at * SIAGA_HASH_BYTES, accepted_us,
					job->batch.slots[i].leaf);
		journal_job_destroy (&job);
	}
	return leaves;
}

static void
assert_tree (struct fixture *self, const uint8_t *leaves)
{
	uint8_t hash[SIAGA_HASH_BYTES], expected[SIAGA_HASH_BYTES];
	uint64_t head = self->journal->ops->head (self->journal);
	for (uint64_t size = 0; size <= head; size++) {
		siaga_merkle_root (expected, leaves, size);
		assert_int_equal (self->journal->ops->root (self->journal, size, hash), 0);
		assert_memory_equal (hash, expected, sizeof hash);
	}
	for (uint64_t number = 0; number < head; number++) {
		assert_int_equal (self->journal->ops->leaf (self->journal, number, hash), 0);
		assert_memory_equal (hash, leaves + number * SIAGA_HASH_BYTES, sizeof hash);
	}
	assert_int_equal (self->journal->ops->leaf (self->journal, head, hash), SIAGA_ENOTFOUND);
	assert_int_equal (self->journal->ops->root (self->journal, head + 1, hash),
			  SIAGA_ENOTFOUND);
}

static void
test_journal_keeps_the_tree_of_every_size (void **state)
{
	struct fixture *self = *state;
	uint8_t *leaves = append_leaves (self, 600);
	assert_tree (self, leaves);
	free (leaves);
}

static void
test_journal_reader_sees_what_was_appended (void **state)
{
	struct fixture *self = *state;
	struct journal_record record;
	struct journal *reader = open_reader (self);
	assert_int_equal (reader->ops->head (reader), 0);
	assert_memory_equal (reader->ops->log_id (reader),
			     self->journal->ops->log_id (self->journal), SIAGA_LOG_ID_BYTES);
	append_next (self, &self->lane, 3, 1000);
	assert_int_equal (reader->ops->head (reader), 3);
	append_next (self, &self->lane, 3, 1000);
	assert_int_equal (reader->ops->head (reader), 6);
	assert_int_equal (reader->ops->read (reader, 5, &record), 0);
	assert_int_equal (record.number, 3);
	journal_record_finish (&record);
	reader->ops->close (&reader);
	assert_null (reader);
}

static void
test_journal_lives_while_a_reader_has_it (void **state)
{
	struct fixture *self = *state;
	uint8_t hash[SIAGA_HASH_BYTES];
	append_next (self, &self->lane, 3, 1000);
	struct journal *reader = open_reader (self);
	self->journal->ops->close (&self->journal);
	assert_int_equal (reader->ops->head (reader), 3);
	assert_int_equal (reader->ops->leaf (reader, 2, hash), 0);
	reader->ops->close (&reader);
}

static void
test_journal_numbers_no_log_twice (void **state)
{
	struct fixture *self = *state;
	struct journal *other = NULL;
	assert_int_equal (journal_open_memory (&other), 0);
	assert_memory_not_equal (other->ops->log_id (other),
				 self->journal->ops->log_id (self->journal), SIAGA_LOG_ID_BYTES);
	other->ops->close (&other);
}

/* SQLite's own. */

static void
test_sqlite_goes_on_after_opening_again (void **state)
{
	struct fixture *self = *state;
	uint8_t log_id[SIAGA_LOG_ID_BYTES], hash[SIAGA_HASH_BYTES];
	uint8_t *leaves = append_leaves (self, 1500);
	uint64_t head = self->journal->ops->head (self->journal);
	memcpy (log_id, self->journal->ops->log_id (self->journal), sizeof log_id);
	reopen (self);
	assert_memory_equal (self->journal->ops->log_id (self->journal), log_id, sizeof log_id);
	assert_int_equal (self->journal->ops->head (self->journal), head);
	assert_int_equal (append_next (self, &self->lane, 5, 9000), head);
	reopen (self);
	assert_int_equal (self->journal->ops->head (self->journal), head + 5);
	assert_int_equal (self->journal->ops->root (self->journal, head, hash), 0);
	uint8_t expected[SIAGA_HASH_BYTES];
	siaga_merkle_root (expected, leaves, head);
	assert_memory_equal (hash, expected, sizeof hash);
	free (leaves);
}

static void
test_sqlite_has_one_writer (void **state)
{
	struct fixture *self = *state;
	struct journal *second = NULL;
	char words[256] = "";
	assert_int_equal (
		journal_open_sqlite (&second, self->path, FIXTURE_NETWORK, JOURNAL_WRITE, words),
		SIAGA_ELOCKED);
	assert_null (second);
	assert_non_null (strstr (words, self->path));
	self->journal->ops->close (&self->journal);
	open_sqlite (self);
}

static void
test_sqlite_reader_wants_a_file (void **state)
{
	struct fixture *self = *state;
	struct journal *reader = NULL;
	char path[400], words[256] = "";
	snprintf (path, sizeof path, "%s-none", self->path);
	assert_int_equal (journal_open_sqlite (&reader, path, FIXTURE_NETWORK, JOURNAL_READ, words),
			  SIAGA_ENOTFOUND);
	assert_non_null (strstr (words, path));
}

static void
test_sqlite_refuses_another_network (void **state)
{
	struct fixture *self = *state;
	struct journal *journal = NULL;
	char words[256] = "";
	self->journal->ops->close (&self->journal);
	assert_int_equal (
		journal_open_sqlite (&journal, self->path, "other.siaga", JOURNAL_WRITE, words),
		SIAGA_EFORMAT);
	assert_non_null (strstr (words, FIXTURE_NETWORK));
	assert_int_equal (
		journal_open_sqlite (&journal, self->path, "other.siaga", JOURNAL_READ, words),
		SIAGA_EFORMAT);
	/* And the lock was given back. */
	open_sqlite (self);
}

static void
run_sql (const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal (sqlite3_open (path, &db), SQLITE_OK);
	if (sqlite3_exec (db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg ("%s: %s", sql, sqlite3_errmsg (db));
	sqlite3_close (db);
}

static void
assert_does_not_open (struct fixture *self)
{
	struct journal *journal = NULL;
	char words[256] = "";
	assert_int_equal (
		journal_open_sqlite (&journal, self->path, FIXTURE_NETWORK, JOURNAL_WRITE, words),
		SIAGA_EFORMAT);
	assert_non_null (strstr (words, self->path));
	assert_true (strlen (words) > strlen (self->path) + 2);
}

static void
test_sqlite_refuses_a_newer_version (void **state)
{
	struct fixture *self = *state;
	self->journal->ops->close (&self->journal);
	run_sql (self->path, "PRAGMA user_version = 99");
	assert_does_not_open (self);
}

/* The lane's next three, of which one takes an alert. */
static void
append_reference (struct fixture *self)
{
	struct fixture_entry entries[3] = {[1] = {.action = SIAGA_ACTION_TAKE}};
	fixture_id (entries[1].ref);
	struct journal_job *job = fixture_job_at (&self->lane, self->lane.oseq + 1, entries, 3);
	self->lane.oseq += 3;
	append (self->journal, job, 1000);
	journal_job_destroy (&job);
}

#define LAST_LEAF " WHERE leaf = (SELECT max (leaf) FROM id_leaf)"

static void
test_sqlite_refuses_a_tail_that_does_not_verify (void **state)
{
	static const char *const cases[] = {
		"UPDATE batch SET bytes = substr (bytes, 1, length (bytes) - 1) || x'00'"
		" WHERE number = 603",
		"UPDATE batch SET accepted = accepted + 1 WHERE number = 603",
		"UPDATE batch SET count = 9 WHERE number = 603",
		"UPDATE batch SET first_oseq = 9999 WHERE number = 603",
		"UPDATE batch SET head_hash = zeroblob (32) WHERE number = 603",
		"DELETE FROM batch WHERE number = 603",
		"DELETE FROM batch WHERE number = 600",
		"UPDATE id_leaf SET ids = substr (ids, 1, length (ids) - 1) || x'00'" LAST_LEAF,
		"UPDATE id_leaf SET ids = substr (ids, 1, length (ids) - 24)" LAST_LEAF,
		"UPDATE id_leaf SET ids = x'00'" LAST_LEAF,
		"DELETE FROM id_leaf" LAST_LEAF,
		"DELETE FROM id_leaf",
		"DELETE FROM ref",
		"UPDATE ref SET is_deed = 1 - is_deed",
		"UPDATE mark SET oseq = oseq - 1",
		"UPDATE mark SET oseq = oseq + 1",
		"UPDATE mark SET head_hash = zeroblob (32)",
		"DELETE FROM mark",
		"UPDATE tile SET hashes = zeroblob (length (hashes)) WHERE place = 2",
		"UPDATE tile SET hashes = zeroblob (length (hashes)) WHERE place = 1",
		"UPDATE tile SET hashes = zeroblob (length (hashes)) WHERE place = 1 << 56",
		"UPDATE tile SET width = width + 1 WHERE place = 2",
		"DELETE FROM tile WHERE place = 2",
		"DELETE FROM tile WHERE place = 1 << 56",
		"DELETE FROM meta WHERE key = 'network'",
	};
	struct fixture *self = *state;
	char sql[600], copy[400], good[300];
	for (size_t i = 0; i < 201; i++)
		append_next (self, &self->lane, 3, 1000);
	append_reference (self);
	self->journal->ops->close (&self->journal);
	snprintf (good, sizeof good, "%s", self->path);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf (copy, sizeof copy, "%s/bad-%zu.db", self->directory, i);
		snprintf (sql, sizeof sql, "VACUUM INTO '%s'", copy);
		run_sql (good, sql);
		run_sql (copy, cases[i]);
		snprintf (self->path, sizeof self->path, "%s/bad-%zu.db", self->directory, i);
		struct journal *journal = NULL;
		char words[256] = "";
		int error = journal_open_sqlite (&journal, self->path, FIXTURE_NETWORK,
						 JOURNAL_WRITE, words);
		if (error != SIAGA_EFORMAT)
			fail_msg ("%s: %d %s", cases[i], error, words);
		assert_non_null (strstr (words, self->path));
	}
	snprintf (self->path, sizeof self->path, "%s", good);
	open_sqlite (self);
	assert_int_equal (self->journal->ops->head (self->journal), 606);
}

static void
limit_pages (struct fixture *self, bool limited)
{
	struct store *store = ((struct journal_sqlite *) self->journal)->store;
	struct store_query *query =
		limited ? store_query (store, "PRAGMA max_page_count = 1")
			: store_query (store, "PRAGMA max_page_count = 1000000");
	assert_int_equal (store_run (query), 0);
}

static void
test_sqlite_stores_nothing_when_the_disk_is_full (void **state)
{
	struct fixture *self = *state;
	uint8_t before[SIAGA_HASH_BYTES], after[SIAGA_HASH_BYTES];
	uint64_t number;
	append_next (self, &self->lane, 150, 1000);
	struct journal_job *job = fixture_job (&self->lane, 150);
	struct journal_batch batch = fixture_batch (job);
	assert_int_equal (self->journal->ops->root (self->journal, 150, before), 0);
	limit_pages (self, true);
	assert_int_equal (self->journal->ops->append (self->journal, &batch, 1, 1001), SIAGA_EDISK);
	assert_int_equal (self->journal->ops->head (self->journal), 150);
	assert_int_equal (self->journal->ops->find (self->journal, job->headers[0].id, &number),
			  SIAGA_ENOTFOUND);
	limit_pages (self, false);
	assert_int_equal (append (self->journal, job, 1002), 150);
	assert_int_equal (self->journal->ops->root (self->journal, 150, after), 0);
	assert_memory_equal (before, after, sizeof before);
	journal_job_destroy (&job);
	reopen (self);
	assert_int_equal (self->journal->ops->head (self->journal), 300);
}

static void
test_sqlite_undoes_an_append_of_a_known_id (void **state)
{
	struct fixture *self = *state;
	struct fixture_entry entries[3] = {0};
	fixture_id (entries[1].id);
	struct journal_job *first = fixture_job_at (&self->other, 1, &entries[1], 1);
	struct journal_job *second = fixture_job_at (&self->lane, 1, entries, 3);
	struct journal_batch batch = fixture_batch (second);
	uint64_t number;
	append (self->journal, first, 1000);
	assert_int_equal (self->journal->ops->append (self->journal, &batch, 1, 1001),
			  SIAGA_EKNOWN);
	assert_int_equal (self->journal->ops->head (self->journal), 1);
	assert_int_equal (self->journal->ops->find (self->journal, second->headers[0].id, &number),
			  SIAGA_ENOTFOUND);
	append_next (self, &self->lane, 3, 1002);
	reopen (self);
	assert_int_equal (self->journal->ops->head (self->journal), 4);
	journal_job_destroy (&first);
	journal_job_destroy (&second);
}

#define BOTH(name)                                                                                 \
	{#name " (memory)", name, setup_memory, teardown, NULL},                                   \
	{                                                                                          \
#name " (sqlite)", name, setup_sqlite, teardown, NULL                              \
	}
#define SQLITE(name) cmocka_unit_test_setup_teardown (name, setup_sqlite, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		BOTH (test_journal_numbers_a_group_one_after_the_other),
		BOTH (test_journal_reads_back_what_it_was_given),
		BOTH (test_journal_finds_an_id),
		BOTH (test_journal_tells_who_refers_to_an_id),
		BOTH (test_journal_tells_the_deeds_from_a_number_on),
		BOTH (test_journal_marks_each_epoch_of_each_origin),
		BOTH (test_journal_knows_the_batch_that_begins_at_an_oseq),
		BOTH (test_journal_keeps_the_tree_of_every_size),
		BOTH (test_journal_reader_sees_what_was_appended),
		BOTH (test_journal_lives_while_a_reader_has_it),
		BOTH (test_journal_numbers_no_log_twice),
		SQLITE (test_sqlite_goes_on_after_opening_again),
		SQLITE (test_sqlite_has_one_writer),
		SQLITE (test_sqlite_reader_wants_a_file),
		SQLITE (test_sqlite_refuses_another_network),
		SQLITE (test_sqlite_refuses_a_newer_version),
		SQLITE (test_sqlite_refuses_a_tail_that_does_not_verify),
		SQLITE (test_sqlite_stores_nothing_when_the_disk_is_full),
		SQLITE (test_sqlite_undoes_an_append_of_a_known_id),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
