/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/store.h: opening and refusing files, migration, transactions and their sticky errors, a full disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/store.h"
#include "directory_fixture.h"
#include "siaga/error.h"

#define APPLICATION_ID 0x74657374

static char s_directory[64];

static const char *const s_steps[] = {
	"CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)",
	"ALTER TABLE thing ADD COLUMN more INTEGER",
	"CREATE TABLE other (id INTEGER PRIMARY KEY)",
};

static int
s_setup (void **state)
{
	(void) state;
	umask (022);
	fixture_enter (s_directory);
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	fixture_leave (s_directory);
	return 0;
}

static int
s_try (struct store **store, const char *path, size_t version, bool read_only, char words[256])
{
	struct store_options options = {
		.path = path,
		.application_id = APPLICATION_ID,
		.steps = s_steps,
		.step_count = version,
		.read_only = read_only,
	};
	return store_open (store, &options, words);
}

static struct store *
s_open (const char *path)
{
	struct store *store = NULL;
	char words[256] = "";
	int error = s_try (&store, path, 1, false, words);
	if (error != 0)
		fail_msg ("%s", words);
	return store;
}

static int
s_insert (struct store *store, const char *name)
{
	struct store_query *query = store_query (store, "INSERT INTO thing (name) VALUES (?)");
	store_bind_text (query, siaga_text (name));
	return store_run (query);
}

static uint64_t
s_count (struct store *store)
{
	uint64_t count = 99;
	assert_int_equal (
		store_run_uint (store_query (store, "SELECT count (*) FROM thing"), &count), 0);
	return count;
}

/* 2: a commit waits for the disk; 1: only a checkpoint does. */
static uint64_t
s_synchronous (struct store *store)
{
	uint64_t synchronous = 99;
	assert_int_equal (store_run_uint (store_query (store, "PRAGMA synchronous"), &synchronous),
			  0);
	return synchronous;
}

static void
test_store_makes_a_private_file_in_wal_mode (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	struct stat status;
	assert_int_equal (stat ("a.db", &status), 0);
	assert_int_equal (status.st_mode & 0777, 0600);
	assert_int_equal (s_insert (store, "x"), 0);
	assert_int_equal (stat ("a.db-wal", &status), 0);
	assert_int_equal (status.st_mode & 0777, 0600);
	struct store_query *query = store_query (store, "PRAGMA journal_mode");
	assert_int_equal (store_step (query), 0);
	assert_true (siaga_text_is (store_column_text (query, 0), "wal"));
	store_done (query);
	assert_int_equal (s_synchronous (store), 2);
	store_close (&store);
	assert_null (store);
	store_close (&store);
}

static void
test_store_migrates_an_older_file_and_keeps_its_rows (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	assert_int_equal (s_insert (store, "x"), 0);
	store_close (&store);
	assert_int_equal (s_try (&store, "a.db", 3, false, NULL), 0);
	assert_int_equal (s_count (store), 1);
	assert_int_equal (store_run (store_query (store, "UPDATE thing SET more = 7")), 0);
	assert_int_equal (store_run (store_query (store, "INSERT INTO other (id) VALUES (1)")), 0);
	store_close (&store);
}

static void
test_store_reads_an_older_file_only_where_asked_to (void **state)
{
	struct store_options options = {
		.path = "a.db",
		.application_id = APPLICATION_ID,
		.steps = s_steps,
		.step_count = 3,
		.read_only = true,
		.may_be_older = true,
	};
	struct store *store = s_open ("a.db");
	(void) state;
	assert_int_equal (s_insert (store, "x"), 0);
	store_close (&store);
	assert_int_equal (s_try (&store, "a.db", 3, true, NULL), SIAGA_EFORMAT);
	assert_int_equal (store_open (&store, &options, NULL), 0);
	assert_int_equal (s_count (store), 1);
	store_close (&store);
	store = s_open ("a.db"); /* still of version 1 */
	store_close (&store);
}

static int
s_step (struct store *store, size_t version)
{
	if (version == 3)
		return SIAGA_ENOMEM;
	return store_run (
		store_query (store, "INSERT INTO thing (name, more) VALUES ('by the step', 7)"));
}

static void
test_store_takes_a_step_with_its_function_or_not_at_all (void **state)
{
	struct store_options options = {
		.path = "a.db",
		.application_id = APPLICATION_ID,
		.steps = s_steps,
		.step_count = 3,
		.step = s_step,
	};
	struct store *store = s_open ("a.db");
	(void) state;
	store_close (&store);
	assert_int_equal (store_open (&store, &options, NULL), SIAGA_ENOMEM);
	assert_null (store);
	assert_int_equal (s_try (&store, "a.db", 2, false, NULL), 0); /* it got so far */
	assert_int_equal (s_count (store), 1);
	store_close (&store);
}

static void
test_store_refuses_what_is_not_its_own (void **state)
{
	(void) state;
	struct store *store = NULL;
	char words[256];
	assert_int_equal (s_try (&store, "a.db", 2, false, words), 0);
	store_close (&store);
	assert_int_equal (s_try (&store, "a.db", 1, false, words), SIAGA_EFORMAT);
	assert_null (store);
	assert_non_null (strstr (words, "a.db"));
	assert_non_null (strstr (words, "version 2"));
	struct store_options options = {
		.path = "a.db", .application_id = 1, .steps = s_steps, .step_count = 2};
	assert_int_equal (store_open (&store, &options, words), SIAGA_EFORMAT);
	assert_non_null (strstr (words, "another program"));
	FILE *file = fopen ("b.db", "w");
	for (int i = 0; i < 1000; i++)
		fputs ("this is no database\n", file);
	fclose (file);
	assert_int_equal (s_try (&store, "b.db", 1, false, words), SIAGA_EFORMAT);
	assert_int_equal (s_try (&store, "none/a.db", 1, false, words), SIAGA_ENOTFOUND);
}

static void
test_store_read_only_opens_only_what_is_there (void **state)
{
	(void) state;
	struct store *store = NULL, *writer = s_open ("a.db");
	assert_int_equal (s_insert (writer, "x"), 0);
	assert_int_equal (s_try (&store, "b.db", 1, true, NULL), SIAGA_ENOTFOUND);
	assert_int_equal (access ("b.db", F_OK), -1);
	assert_int_equal (s_try (&store, "a.db", 2, true, NULL), SIAGA_EFORMAT);
	assert_int_equal (s_try (&store, "a.db", 1, true, NULL), 0);
	assert_int_equal (s_count (store), 1);
	assert_int_equal (s_insert (store, "y"), SIAGA_EIO);
	store_close (&store);
	store_close (&writer);
}

static void
test_store_transaction_is_whole_or_nothing (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	assert_int_equal (store_begin (store), 0);
	assert_true (store_in_transaction (store));
	assert_int_equal (s_insert (store, "x"), 0);
	store_rollback (store);
	assert_false (store_in_transaction (store));
	assert_int_equal (s_count (store), 0);
	assert_int_equal (store_begin (store), 0);
	assert_int_equal (s_insert (store, "x"), 0);
	assert_int_equal (s_insert (store, "y"), 0);
	assert_int_equal (store_commit (store), 0);
	assert_int_equal (store_begin (store), 0);
	assert_int_equal (s_insert (store, "z"), 0);
	store_close (&store);
	store = s_open ("a.db");
	assert_int_equal (s_count (store), 2);
	store_close (&store);
}

static void
test_store_waits_for_the_disk_again_after_a_lazy_transaction (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	assert_int_equal (store_begin_lazy (store), 0);
	assert_int_equal (s_synchronous (store), 1);
	assert_int_equal (s_insert (store, "x"), 0);
	assert_int_equal (store_commit (store), 0);
	assert_int_equal (s_synchronous (store), 2);
	assert_int_equal (store_begin_lazy (store), 0);
	store_rollback (store);
	assert_int_equal (s_synchronous (store), 2);
	assert_int_equal (s_count (store), 1);
	store_close (&store);
}

static void
test_store_taken_key_spoils_only_the_statement (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	assert_int_equal (store_begin (store), 0);
	assert_int_equal (s_insert (store, "x"), 0);
	assert_int_equal (s_insert (store, "x"), SIAGA_EEXISTS);
	assert_int_equal (s_insert (store, "y"), 0);
	assert_int_equal (store_commit (store), 0);
	assert_int_equal (s_count (store), 2);
	store_close (&store);
}

static void
test_store_other_error_sticks_to_the_transaction (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	assert_int_equal (store_begin (store), 0);
	assert_int_equal (s_insert (store, "x"), 0);
	assert_int_equal (store_run (store_query (store, "SELECT * FROM missing")), SIAGA_EIO);
	assert_non_null (strstr (store_error (store), "missing"));
	assert_int_equal (s_insert (store, "y"), SIAGA_EIO);
	assert_int_equal (store_commit (store), SIAGA_EIO);
	assert_false (store_is_broken (store));
	assert_int_equal (s_count (store), 0);
	assert_int_equal (s_insert (store, "z"), 0);
	store_close (&store);
}

static void
test_store_number_out_of_range_is_refused (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	struct store_query *query = store_query (store, "INSERT INTO thing (id) VALUES (?)");
	store_bind_uint (query, UINT64_MAX);
	assert_int_equal (store_run (query), SIAGA_ELIMIT);
	query = store_query (store, "INSERT INTO thing (id) VALUES (?)");
	store_bind_uint (query, INT64_MAX);
	assert_int_equal (store_run (query), 0);
	assert_int_equal (store_last_rowid (store), INT64_MAX);
	assert_int_equal (store_changes (store), 1);
	store_close (&store);
}

static void
test_store_full_disk_rolls_back_and_recovers (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	uint8_t data[4096] = {1};
	int error = 0;
	assert_int_equal (s_insert (store, "kept"), 0);
	assert_int_equal (store_run (store_query (store, "PRAGMA max_page_count = 16")), 0);
	assert_int_equal (store_begin (store), 0);
	for (int i = 0; i < 100 && error == 0; i++) {
		struct store_query *query =
			store_query (store, "INSERT INTO thing (data) VALUES (?)");
		store_bind_blob (query, data, sizeof data);
		error = store_run (query);
	}
	assert_int_equal (error, SIAGA_EDISK);
	assert_int_equal (s_insert (store, "more"), SIAGA_EDISK);
	assert_int_equal (store_commit (store), SIAGA_EDISK);
	assert_false (store_is_broken (store));
	assert_int_equal (s_count (store), 1);
	assert_int_equal (store_run (store_query (store, "PRAGMA max_page_count = 10000")), 0);
	assert_int_equal (s_insert (store, "more"), 0);
	store_close (&store);
}

static void
test_store_binds_and_reads_every_type (void **state)
{
	(void) state;
	struct store *store = s_open (":memory:");
	struct store_query *query = store_query (store, "SELECT ?, ?, ?, ?, ?, ?");
	store_bind_int (query, -5);
	store_bind_blob (query, "\0\1", 2);
	store_bind_blob (query, NULL, 0);
	store_bind_text (query, (struct siaga_text){0});
	store_bind_text (query, siaga_text ("teks"));
	store_bind_null (query);
	assert_int_equal (store_step (query), 0);
	assert_int_equal (store_column_int (query, 0), -5);
	struct siaga_bytes blob = store_column_blob (query, 1);
	assert_int_equal (blob.size, 2);
	assert_memory_equal (blob.data, "\0\1", 2);
	assert_int_equal (store_column_blob (query, 2).size, 0);
	assert_false (store_column_is_null (query, 2));
	assert_int_equal (store_column_text (query, 3).size, 0);
	assert_true (siaga_text_is (store_column_text (query, 4), "teks"));
	assert_true (store_column_is_null (query, 5));
	assert_int_equal (store_step (query), SIAGA_ENOTFOUND);
	store_close (&store);
}

static void
test_store_reports_its_size (void **state)
{
	(void) state;
	struct store *store = s_open ("a.db");
	uint64_t bytes = 0, free_bytes = 1;
	assert_int_equal (store_size (store, &bytes, &free_bytes), 0);
	assert_true (bytes >= 4096);
	assert_int_equal (free_bytes, 0);
	assert_int_equal (store_checkpoint (store), 0);
	store_close (&store);
}

/* What stops a writer, wherever it is met: SIAGA_EFORMAT is of files that are not ours. */
static void
test_store_torn_page_is_an_io_error (void **state)
{
	(void) state;
	static char name[20000];
	static uint8_t torn[3 * 4096];
	memset (name, 'x', sizeof name - 1);
	memset (torn, 0xa5, sizeof torn);
	struct store *store = s_open ("torn.db");
	assert_int_equal (s_insert (store, name), 0);
	assert_int_equal (store_checkpoint (store), 0);
	store_close (&store);
	FILE *file = fopen ("torn.db", "r+b");
	assert_non_null (file);
	assert_int_equal (fseek (file, 3 * 4096, SEEK_SET), 0); /* in the midst of the row */
	assert_int_equal (fwrite (torn, 1, sizeof torn, file), sizeof torn);
	fclose (file);
	store = s_open ("torn.db");
	for (int in_transaction = 0; in_transaction < 2; in_transaction++) {
		if (in_transaction)
			assert_int_equal (store_begin (store), 0);
		struct store_query *query =
			store_query (store, "SELECT count (*) FROM thing WHERE name LIKE '%y'");
		assert_int_equal (store_step (query), SIAGA_EIO);
	}
	store_rollback (store);
	store_close (&store);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (test_store_makes_a_private_file_in_wal_mode,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (
			test_store_migrates_an_older_file_and_keeps_its_rows, s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_store_reads_an_older_file_only_where_asked_to,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (
			test_store_takes_a_step_with_its_function_or_not_at_all, s_setup,
			s_teardown),
		cmocka_unit_test_setup_teardown (test_store_refuses_what_is_not_its_own, s_setup,
						 s_teardown),
		cmocka_unit_test_setup_teardown (test_store_read_only_opens_only_what_is_there,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_store_transaction_is_whole_or_nothing,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (
			test_store_waits_for_the_disk_again_after_a_lazy_transaction, s_setup,
			s_teardown),
		cmocka_unit_test_setup_teardown (test_store_taken_key_spoils_only_the_statement,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_store_other_error_sticks_to_the_transaction,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_store_number_out_of_range_is_refused, s_setup,
						 s_teardown),
		cmocka_unit_test_setup_teardown (test_store_full_disk_rolls_back_and_recovers,
						 s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_store_binds_and_reads_every_type, s_setup,
						 s_teardown),
		cmocka_unit_test_setup_teardown (test_store_reports_its_size, s_setup, s_teardown),
		cmocka_unit_test_setup_teardown (test_store_torn_page_is_an_io_error, s_setup,
						 s_teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
