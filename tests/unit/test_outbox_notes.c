/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/outbox.h: full disks, notes, former versions, what leaves without being cut, and who only looks.
 */
#include "outbox_fixture.h"

static void
test_outbox_full_disk_loses_nothing_stored_before (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint64_t number;
	int error = 0;
	s_put (outbox, 1);
	assert_int_equal (store_run (store_query (outbox->store, "PRAGMA max_page_count = 40")), 0);
	uint32_t added = 1;
	while ((error = s_add_padded (outbox, SIAGA_SEVERITY_LOW, added + 1, 4000)) == 0)
		added++;
	assert_int_equal (error, SIAGA_EDISK);
	assert_true (outbox_error (outbox)[0] != '\0');
	assert_int_equal (s_counts (outbox).waiting, added - 1);
	s_expect_all (outbox, added);
	assert_int_equal (s_find (outbox, added + 1, &number), SIAGA_ENOTFOUND);
	assert_int_equal (store_run (store_query (outbox->store, "PRAGMA max_page_count = 100000")),
			  0);
	assert_int_equal (s_add_padded (outbox, SIAGA_SEVERITY_LOW, added + 1, 4000), 0);
	assert_false (outbox_is_broken (outbox));
	outbox_close (&outbox);
}

/* -- notes, and what leaves without being cut -- */

static void
s_set_note (struct outbox *outbox, const char *key, const char *value)
{
	struct siaga_bytes bytes = {(const uint8_t *) value, strlen (value)};
	assert_int_equal (outbox_note_set (outbox, key, bytes), 0);
}

static int
s_note (struct outbox *outbox, const char *key, char value[32])
{
	size_t size = 0;
	int error = outbox_note_get (outbox, key, (uint8_t *) value, 31, &size);
	value[error ? 0 : size] = '\0';
	return error;
}

static int
s_each_note (void *arg, struct siaga_text key, struct siaga_bytes value)
{
	char *all = arg;
	size_t at = strlen (all);
	snprintf (all + at, 256 - at, "%.*s=%.*s;", (int) key.size, key.data, (int) value.size,
		  (const char *) value.data);
	return 0;
}

static void
test_outbox_notes_follow_the_transaction (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	char value[32], all[256] = "";
	assert_int_equal (s_note (outbox, "a", value), SIAGA_ENOTFOUND);
	s_set_note (outbox, "fold/1", "one");
	s_set_note (outbox, "fold/2", "two");
	s_set_note (outbox, "folx", "other");
	s_set_note (outbox, "e", "");
	assert_int_equal (outbox_begin (outbox), 0);
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	s_set_note (outbox, "fold/1", "uno");
	assert_int_equal (outbox_note_delete (outbox, "fold/2"), 0);
	assert_int_equal (outbox_note_delete (outbox, "nothing"), 0);
	outbox_rollback (outbox);
	assert_int_equal (outbox_note_each (outbox, "fold/", s_each_note, all), 0);
	assert_string_equal (all, "fold/1=one;fold/2=two;");
	assert_int_equal (outbox_begin (outbox), 0);
	s_set_note (outbox, "fold/1", "uno");
	assert_int_equal (outbox_commit (outbox), 0);
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (s_note (outbox, "fold/1", value), 0);
	assert_string_equal (value, "uno");
	assert_int_equal (s_note (outbox, "e", value), 0);
	assert_string_equal (value, "");
	s_set_note (outbox, "long", "0123456789012345678901234567890123456789");
	assert_int_equal (s_note (outbox, "long", value), SIAGA_ELIMIT);
	outbox_close (&outbox);
}

static void
test_outbox_of_the_first_version_is_taken_over (void **state)
{
	(void) state;
	static const char *const back[] = {
		"CREATE TABLE waiting (seq INTEGER PRIMARY KEY, priority INTEGER NOT NULL, id BLOB NOT NULL,"
		" added_us INTEGER NOT NULL, size INTEGER NOT NULL, entry BLOB NOT NULL)",
		"INSERT INTO waiting SELECT 7, 1, id, added_us, size, entry FROM held",
		"INSERT INTO entry SELECT id, 0, 0 FROM held",
		"DROP TABLE held",
		"CREATE INDEX waiting_order ON waiting (priority DESC)",
		"CREATE INDEX entry_batch ON entry (batch, place) WHERE batch > 0",
		"ALTER TABLE batch ADD COLUMN bytes BLOB NOT NULL DEFAULT x''",
		"UPDATE batch SET bytes = (SELECT bytes FROM encoded WHERE encoded.batch = seq)",
		"DROP TABLE encoded",
		"ALTER TABLE batch DROP COLUMN cut",
		"ALTER TABLE batch DROP COLUMN top",
		"ALTER TABLE lane DROP COLUMN gone",
		"ALTER TABLE lane DROP COLUMN gone_bytes",
		"DROP TABLE note",
		"DROP TABLE known",
		"PRAGMA user_version = 1"};
	struct outbox *outbox = s_open ();
	s_put (outbox, 3);
	assert_int_equal (outbox_begin (outbox), 0);
	assert_int_equal (outbox_encode_batch (outbox, 1), 0); /* as it was stored then */
	assert_int_equal (outbox_commit (outbox), 0);
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	for (size_t i = 0; i < sizeof back / sizeof *back; i++)
		assert_int_equal (store_run (store_query (outbox->store, back[i])), 0);
	outbox_close (&outbox);
	outbox = s_open ();
	assert_int_equal (s_counts (outbox).waiting, 1);
	s_set_note (outbox, "a", "b");
	s_add (outbox, SIAGA_SEVERITY_HIGH, 2);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_true (s_slot_is (0, 3));
	assert_int_equal (s_read (outbox, 1), 0);
	assert_true (s_slot_is (0, 2));
	assert_true (s_slot_is (1, 1));
	outbox_close (&outbox);
}

static void
test_outbox_gives_back_only_what_still_waits (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t bytes[SIAGA_ENTRY_MAX];
	size_t size = 0;
	uint64_t lines = 0;
	struct made *made = s_make (SIAGA_SEVERITY_LOW, 1, 5000);
	struct siaga_bytes entry = {made->data, made->size};
	assert_int_equal (outbox_add_lines (outbox, entry, 77), 0);
	assert_true (outbox_is_waiting (outbox, made->id));
	assert_int_equal (outbox_withdraw (outbox, made->id, bytes, &size, &lines), 0);
	assert_int_equal (lines, 77);
	assert_int_equal (size, made->size);
	assert_memory_equal (bytes, made->data, size);
	assert_false (outbox_is_waiting (outbox, made->id));
	assert_int_equal (s_counts (outbox).waiting_bytes, 0);
	assert_int_equal (outbox_withdraw (outbox, made->id, bytes, &size, &lines),
			  SIAGA_ENOTFOUND);
	assert_int_equal (outbox_add (outbox, entry), 0); /* under the same id */
	s_cut (outbox);
	assert_false (outbox_is_waiting (outbox, made->id));
	assert_int_equal (outbox_withdraw (outbox, made->id, bytes, &size, &lines),
			  SIAGA_ENOTFOUND);
	outbox_close (&outbox);
}

/* Somebody may have got it: what were put in its place under the same id would be another entry. */
static void
test_outbox_gives_back_nothing_that_was_cut_once (void **state)
{
	(void) state;
	struct outbox *outbox = s_open ();
	uint8_t bytes[SIAGA_ENTRY_MAX];
	size_t size = 0;
	uint64_t lines = 0, number = 0;
	struct made *made = s_make (SIAGA_SEVERITY_LOW, 1, 0);
	assert_int_equal (outbox_add (outbox, (struct siaga_bytes){made->data, made->size}), 0);
	s_cut (outbox);
	assert_int_equal (outbox_new_epoch (outbox, "test"), 0);
	assert_true (outbox_is_waiting (outbox, made->id));
	assert_int_equal (outbox_withdraw (outbox, made->id, bytes, &size, &lines),
			  SIAGA_ENOTFOUND);
	assert_int_equal (outbox_find (outbox, made->id, &number), SIAGA_EAGAIN);
	s_cut (outbox);
	assert_false (outbox_is_waiting (outbox, made->id));
	s_ack (outbox, outbox_last_oseq (outbox), 7);
	assert_int_equal (outbox_find (outbox, made->id, &number), 0);
	assert_int_equal (number, 7);
	outbox_close (&outbox);
}

static void
test_outbox_report_goes_first_and_is_never_dropped (void **state)
{
	(void) state;
	int error;
	struct made *made = s_make (SIAGA_SEVERITY_MEDIUM, 1, 0);
	s_options.max_waiting_bytes = 2 * made->size;
	struct outbox *outbox = s_open ();
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 2);
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 3);
	made = s_make (SIAGA_SEVERITY_MEDIUM, 1, 0);
	assert_int_equal (outbox_room (outbox), 0);
	assert_int_equal (outbox_add_report (outbox, (struct siaga_bytes){made->data, made->size}),
			  0);
	assert_int_equal (s_shed (outbox, 2 * made->size, SIAGA_SEVERITY_CRITICAL + 1, &error), 2);
	assert_int_equal (error, SIAGA_EFULL);
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 4);
	s_cut (outbox);
	assert_int_equal (s_read (outbox, 0), 0);
	assert_true (s_slot_is (0, 1));
	assert_true (s_slot_is (1, 4));
	outbox_close (&outbox);
}

static void
test_outbox_drops_what_waited_too_long_whatever_the_clock_did (void **state)
{
	(void) state;
	const uint64_t day_us = UINT64_C (86400000000);
	uint64_t lines = 0;
	size_t count = 0;
	struct outbox *outbox = s_open ();
	s_add (outbox, SIAGA_SEVERITY_CRITICAL, 1);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	s_now_us += day_us;
	s_add (outbox, SIAGA_SEVERITY_LOW, 3);
	s_now_us += 400 * day_us; /* the clock is set, and the ages follow */
	assert_int_equal (outbox_shift_ages (outbox, (int64_t) (400 * day_us)), 0);
	assert_int_equal (
		outbox_expire (outbox, s_now_us - 2 * day_us, 10, s_on_dropped, &lines, &count), 0);
	assert_int_equal (count, 0);
	assert_int_equal (
		outbox_expire (outbox, s_now_us - day_us / 2, 1, s_on_dropped, &lines, &count), 0);
	assert_int_equal (count, 1); /* no more than asked for */
	assert_int_equal (
		outbox_expire (outbox, s_now_us - day_us / 2, 10, s_on_dropped, &lines, &count), 0);
	assert_int_equal (count, 1);
	assert_int_equal (lines, 2);
	assert_int_equal (s_counts (outbox).waiting, 1);
	assert_int_equal (outbox_shift_ages (outbox, INT64_MIN / 2), 0);
	outbox_close (&outbox);
}

static void
test_outbox_can_be_looked_at_while_it_is_open (void **state)
{
	(void) state;
	struct outbox_look look;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	char words[256];
	assert_int_equal (outbox_look ("outbox.db", &look, words), SIAGA_ENOTFOUND);
	struct outbox *outbox = s_open ();
	s_add (outbox, SIAGA_SEVERITY_LOW, 1);
	s_cut (outbox);
	s_add (outbox, SIAGA_SEVERITY_LOW, 2);
	assert_int_equal (outbox_look ("outbox.db", &look, words), 0);
	assert_false (look.has_log);
	memset (log_id, 7, sizeof log_id);
	assert_int_equal (outbox_set_log_id (outbox, log_id), 0);
	assert_int_equal (outbox_look ("outbox.db", &look, words), 0);
	assert_string_equal (look.principal, ORIGIN);
	assert_string_equal (look.network, NETWORK);
	assert_int_equal (look.waiting, 1);
	assert_int_equal (look.in_flight, 1);
	assert_true (look.has_log);
	assert_memory_equal (look.log_id, log_id, sizeof log_id);
	outbox_close (&outbox);
	FILE *file = fopen ("outbox.db", "r+");
	assert_non_null (file);
	fputs ("nonsense", file);
	fclose (file);
	assert_int_equal (outbox_look ("outbox.db", &look, words), SIAGA_EFORMAT);
	assert_true (words[0] != '\0');
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_outbox_full_disk_loses_nothing_stored_before),
		TEST (test_outbox_notes_follow_the_transaction),
		TEST (test_outbox_of_the_first_version_is_taken_over),
		TEST (test_outbox_gives_back_only_what_still_waits),
		TEST (test_outbox_gives_back_nothing_that_was_cut_once),
		TEST (test_outbox_report_goes_first_and_is_never_dropped),
		TEST (test_outbox_drops_what_waited_too_long_whatever_the_clock_did),
		TEST (test_outbox_can_be_looked_at_while_it_is_open),
	};
	return cmocka_run_group_tests (tests, s_group_setup, s_group_teardown);
}
