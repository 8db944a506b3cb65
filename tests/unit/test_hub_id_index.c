/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/id_index.c against a plain list of all ids: in the order of time, in any order, and of one moment; through
 * removal, rollback and opening again. And a journal of before, whose ids stood in rows (journal_schema.c, step 3).
 */
#include "tests/unit/journal_fixture.h"

#include <sqlite3.h>

#include "hub/journal_sqlite.h"

#define MANY 6000 /* a few times what is kept in memory, too */

struct fixture {
	char directory[256];
	char path[300];
	struct journal *journal;
	struct store *store; /* the journal's */
	struct id_index *index;
	uint8_t ids[MANY][SIAGA_ID_BYTES];
};

static void
open_all (struct fixture *self)
{
	char words[256];
	if (journal_open_sqlite (&self->journal, self->path, FIXTURE_NETWORK, JOURNAL_WRITE,
				 words) != 0)
		fail_msg ("%s", words);
	self->store = ((struct journal_sqlite *) self->journal)->store;
	assert_int_equal (id_index_new (&self->index, self->store), 0);
}

static void
close_all (struct fixture *self)
{
	id_index_destroy (&self->index);
	self->journal->ops->close (&self->journal);
}

static int
setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	assert_non_null (self);
	*state = self;
	fixture_directory_make (self->directory);
	snprintf (self->path, sizeof self->path, "%s/journal.db", self->directory);
	open_all (self);
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	close_all (self);
	fixture_directory_remove (self->directory);
	free (self);
	return 0;
}

static void
commit (struct fixture *self)
{
	assert_int_equal (id_index_flush (self->index), 0);
	assert_int_equal (store_commit (self->store), 0);
}

/* Adds ids[from, to), the number of each its place, some in each transaction. */
static void
add (struct fixture *self, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (i == from)
			assert_int_equal (store_begin (self->store), 0);
		assert_int_equal (id_index_add (self->index, self->ids[i], i), 0);
		assert_int_equal (id_index_add (self->index, self->ids[i], i), SIAGA_EEXISTS);
		if (i % 500 == 499 && i + 1 < to) {
			commit (self);
			assert_int_equal (store_begin (self->store), 0);
		}
	}
	commit (self);
}

/* ids[from, to) are there, in memory and in the tables, and they are all. */
static void
assert_holds (struct fixture *self, size_t from, size_t to)
{
	uint64_t count = 0;
	assert_int_equal (id_index_verify (self->store, &count), 0);
	assert_int_equal (count, to - from);
	for (size_t i = 0; i < MANY; i++) {
		uint64_t number = MANY, stored = MANY;
		bool is_here = i >= from && i < to;
		assert_int_equal (id_index_find (self->index, self->ids[i], &number),
				  is_here ? 0 : SIAGA_ENOTFOUND);
		assert_int_equal (id_index_look (self->store, self->ids[i], &stored),
				  is_here ? 0 : SIAGA_ENOTFOUND);
		assert_int_equal (number, is_here ? i : MANY);
		assert_int_equal (stored, is_here ? i : MANY);
	}
}

static uint64_t
leaves (struct fixture *self)
{
	uint64_t count = 0;
	assert_int_equal (
		store_run_uint (store_query (self->store, "SELECT count (*) FROM id_leaf"), &count),
		0);
	return count;
}

static void
test_ids_in_the_order_of_time_fill_their_leaves (void **state)
{
	struct fixture *self = *state;
	for (size_t i = 0; i < MANY; i++)
		fixture_id (self->ids[i]);
	add (self, 0, MANY);
	assert_holds (self, 0, MANY);
	assert_int_equal (leaves (self), (MANY + ID_LEAF_MAX - 1) / ID_LEAF_MAX);
	close_all (self);
	open_all (self);
	assert_holds (self, 0, MANY);
}

static void
test_ids_in_any_order_are_all_found (void **state)
{
	struct fixture *self = *state;
	for (size_t i = 0; i < MANY; i++)
		randombytes_buf (self->ids[i], SIAGA_ID_BYTES);
	add (self, 0, MANY - 1);
	assert_holds (self, 0, MANY - 1);
	/* Half full at worst, as in any B-tree. */
	assert_true (leaves (self) <= 2 * MANY / ID_LEAF_MAX + 1);
}

/* What a hostile agent could make: nothing but the last bytes tells them apart, and they come backwards. */
static void
test_ids_of_one_moment_are_told_apart (void **state)
{
	struct fixture *self = *state;
	for (size_t i = 0; i < MANY; i++) {
		memset (self->ids[i], 0, SIAGA_ID_BYTES);
		self->ids[i][14] = (uint8_t) ((MANY - 1 - i) >> 8);
		self->ids[i][15] = (uint8_t) (MANY - 1 - i);
	}
	add (self, 0, MANY);
	assert_holds (self, 0, MANY);
}

static void
test_removed_ids_leave_nothing_behind (void **state)
{
	struct fixture *self = *state;
	for (size_t i = 0; i < MANY; i++)
		fixture_id (self->ids[i]);
	add (self, 0, MANY);
	assert_int_equal (store_begin (self->store), 0);
	for (size_t i = 0; i < MANY - 10; i++) {
		assert_int_equal (id_index_remove (self->index, self->ids[i], i + 1), 0);
		assert_int_equal (id_index_remove (self->index, self->ids[i], i), 0);
		assert_int_equal (id_index_remove (self->index, self->ids[i], i), 0);
	}
	commit (self);
	assert_holds (self, MANY - 10, MANY);
	assert_true (leaves (self) <= 3);
	add (self, 0, 100);
	assert_int_equal (store_begin (self->store), 0);
	for (size_t i = MANY - 10; i < MANY; i++)
		assert_int_equal (id_index_remove (self->index, self->ids[i], i), 0);
	commit (self);
	assert_holds (self, 0, 100);
}

static void
test_a_rollback_takes_back_what_was_added (void **state)
{
	struct fixture *self = *state;
	for (size_t i = 0; i < MANY; i++)
		fixture_id (self->ids[i]);
	add (self, 0, 1000);
	assert_int_equal (store_begin (self->store), 0);
	for (size_t i = 1000; i < MANY; i++)
		assert_int_equal (id_index_add (self->index, self->ids[i], i), 0);
	store_rollback (self->store);
	id_index_forget (self->index);
	assert_holds (self, 0, 1000);
	add (self, 1000, MANY);
	assert_holds (self, 0, MANY);
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
test_verify_tells_ids_that_are_out_of_place (void **state)
{
	static const char *const cases[] = {
		"UPDATE id_leaf SET ids = substr (ids, 25, 24) || substr (ids, 1, 24) WHERE leaf = 1",
		"UPDATE id_leaf SET ids = substr (ids, 1, 24) || substr (ids, 1, 24) WHERE leaf = 1",
		"UPDATE id_leaf SET ids = substr (ids, 2) WHERE leaf = 1",
		"UPDATE id_leaf SET ids = (SELECT ids FROM id_leaf WHERE leaf = 3) WHERE leaf = 2",
		"UPDATE id_leaf SET ids = (SELECT ids FROM id_leaf WHERE leaf = 2) WHERE leaf = 3",
		"UPDATE id_leaf SET first = x'00' WHERE leaf = 2",
	};
	struct fixture *self = *state;
	uint64_t count;
	for (size_t i = 0; i < MANY; i++)
		fixture_id (self->ids[i]);
	add (self, 0, 3 * ID_LEAF_MAX);
	run_sql (self->path, "CREATE TABLE good AS SELECT * FROM id_leaf");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		run_sql (self->path, cases[i]);
		if (id_index_verify (self->store, &count) != SIAGA_EFORMAT)
			fail_msg ("%s", cases[i]);
		run_sql (self->path, "DELETE FROM id_leaf; INSERT INTO id_leaf SELECT * FROM good");
		assert_int_equal (id_index_verify (self->store, &count), 0);
	}
	run_sql (self->path, "DROP TABLE good");
}

/* --- a journal of before ---------------------------------------------------------------------------------- */

/* Takes the journal back to version 2: rows of entries as they were, with what was read of them. */
static void
make_old (struct fixture *self, const struct journal_job *job)
{
	char sql[400], id[2 * SIAGA_ID_BYTES + 1];
	close_all (self);
	run_sql (
		self->path,
		"CREATE TABLE entry (number INTEGER PRIMARY KEY, id BLOB NOT NULL, kind INTEGER NOT NULL,"
		" action INTEGER NOT NULL); CREATE UNIQUE INDEX entry_id ON entry (id);"
		"DROP TABLE id_leaf; ALTER TABLE ref DROP COLUMN is_deed; PRAGMA user_version = 2");
	for (uint32_t i = 0; i < job->batch.head.count; i++) {
		siaga_hex (id, job->headers[i].id, SIAGA_ID_BYTES);
		snprintf (sql, sizeof sql, "INSERT INTO entry VALUES (%u, x'%s', %d, %d)", i, id,
			  (int) job->headers[i].kind, (int) job->headers[i].action);
		run_sql (self->path, sql);
	}
}

static void
test_a_journal_of_before_gets_its_ids_packed (void **state)
{
	struct fixture *self = *state;
	struct fixture_lane lane;
	struct fixture_entry entries[50] = {0};
	uint64_t number, numbers[4], count = 0;
	fixture_lane_init (&lane, "bssn/soc-1");
	fixture_id (entries[0].id);
	for (size_t i = 1; i < 4; i++)
		memcpy (entries[i].ref, entries[0].id, SIAGA_ID_BYTES);
	entries[1].action = SIAGA_ACTION_COMMENT;
	entries[2].action = SIAGA_ACTION_TAKE;
	struct journal_job *job = fixture_job_at (&lane, 1, entries, 50);
	struct journal_batch batch = fixture_batch (job);
	assert_int_equal (self->journal->ops->append (self->journal, &batch, 1, 1000), 0);
	make_old (self, job);
	assert_int_equal (journal_open_sqlite (&self->journal, self->path, FIXTURE_NETWORK,
					       JOURNAL_READ, NULL),
			  SIAGA_EFORMAT);
	open_all (self);
	const struct journal_ops *ops = self->journal->ops;
	for (uint32_t i = 0; i < 50; i++) {
		assert_int_equal (ops->find (self->journal, job->headers[i].id, &number), 0);
		assert_int_equal (number, i);
	}
	assert_int_equal (ops->deeds (self->journal, entries[0].id, 0, numbers, 4), 1);
	assert_int_equal (numbers[0], 2);
	assert_int_equal (ops->referring (self->journal, entries[0].id, numbers, 4), 3);
	assert_int_equal (id_index_verify (self->store, &count), 0);
	assert_int_equal (count, 50);
	journal_job_destroy (&job);
	fixture_lane_finish (&lane);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_ids_in_the_order_of_time_fill_their_leaves),
		TEST (test_ids_in_any_order_are_all_found),
		TEST (test_ids_of_one_moment_are_told_apart),
		TEST (test_removed_ids_leave_nothing_behind),
		TEST (test_a_rollback_takes_back_what_was_added),
		TEST (test_verify_tells_ids_that_are_out_of_place),
		TEST (test_a_journal_of_before_gets_its_ids_packed),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
