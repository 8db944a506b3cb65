/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches whose entries stay in their rows (common/outbox_private.h): the same bytes whenever they are asked for, marks that
 * go back, and files of the layout before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/outbox_private.h"
#include "siaga/error.h"

#define NETWORK "pemilu-2024"
#define ORIGIN "bssn/soc-1"
#define TIME_US UINT64_C (1795507200000000)

static char s_path[64];
static uint64_t s_keep_bytes;
static struct siaga_identity *s_identity;
static struct outbox *s_outbox;
static struct siaga_batch s_batch;

static void
s_open (void)
{
	char words[256] = "";
	struct outbox_options options = {
		.path = s_path,
		.network = NETWORK,
		.identity = s_identity,
		.keep_acked_us = UINT64_C (86400000000),
		.keep_acked_bytes = s_keep_bytes,
	};
	if (outbox_open (&s_outbox, &options, words) != 0)
		fail_msg ("%s", words);
}

static void
s_reopen (void)
{
	outbox_close (&s_outbox);
	s_open ();
}

static int
s_setup (void **state)
{
	(void) state;
	snprintf (s_path, sizeof s_path, "/tmp/siaga-test-rows-XXXXXX");
	int fd = mkstemp (s_path);
	if (fd < 0)
		return -1;
	close (fd);
	s_keep_bytes = 1 << 24;
	s_open ();
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	char path[80];
	static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
	outbox_close (&s_outbox);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf (path, sizeof path, "%s%s", s_path, ends[i]);
		unlink (path);
	}
	return 0;
}

static void
s_id (uint32_t number, uint8_t id[SIAGA_ID_BYTES])
{
	uint8_t random[10] = {0};
	memcpy (random + 4, &number, sizeof number);
	siaga_uuid_make (id, TIME_US / 1000, random);
}

static void
s_add (enum siaga_severity severity, uint32_t number)
{
	uint8_t buffer[1024];
	struct siaga_header header = {
		.origin = siaga_text (ORIGIN),
		.created_us = TIME_US,
		.severity = severity,
		.category = siaga_text ("test/test"),
	};
	s_id (number, header.id);
	struct siaga_body body = {.title = siaga_text ("t")};
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	assert_int_equal (outbox_add (s_outbox, (struct siaga_bytes){writer.data, writer.size}), 0);
}

static void
s_cut (void)
{
	uint64_t first;
	assert_int_equal (outbox_cut (s_outbox, &first), 0);
}

static void
s_ack (void)
{
	uint64_t last = outbox_last_oseq (s_outbox);
	assert_int_equal (outbox_acked (s_outbox, outbox_epoch (s_outbox), last, last + 99), 0);
}

/* The batch behind `after`; the caller's. */
static uint8_t *
s_read (uint64_t after, size_t *size)
{
	uint8_t *data = NULL;
	uint64_t first;
	uint32_t count;
	assert_int_equal (outbox_batch_after (s_outbox, after, &data, size, &first, &count), 0);
	assert_int_equal (siaga_batch_read ((struct siaga_bytes){data, *size}, &s_batch), 0);
	assert_int_equal (
		siaga_batch_verify (&s_batch, siaga_text (NETWORK), s_identity->card.sign), 0);
	assert_int_equal (s_batch.head.count, count);
	return data;
}

/* Expects the batch behind `after` to have just these entries; 0 is a void. */
static void
s_expect (uint64_t after, const uint32_t *numbers, size_t count)
{
	size_t size = 0;
	uint8_t *data = s_read (after, &size);
	assert_int_equal (s_batch.slot_count, count);
	for (size_t i = 0; i < count; i++) {
		struct siaga_header header;
		struct siaga_bytes body;
		uint8_t id[SIAGA_ID_BYTES];
		s_id (numbers[i], id);
		assert_int_equal (siaga_header_read (s_batch.slots[i].entry, &header, &body), 0);
		assert_int_equal (header.kind, numbers[i] ? SIAGA_KIND_ALERT : SIAGA_KIND_VOID);
		if (numbers[i])
			assert_memory_equal (header.id, id, SIAGA_ID_BYTES);
	}
	free (data);
}

#define EXPECT(after, ...)                                                                         \
	s_expect (after, (const uint32_t[]){__VA_ARGS__},                                          \
		  sizeof (const uint32_t[]){__VA_ARGS__} / sizeof (uint32_t))

static uint64_t
s_number (const char *sql)
{
	uint64_t number = 0;
	assert_int_equal (store_run_uint (store_query (s_outbox->store, sql), &number), 0);
	return number;
}

static void
test_outbox_batch_has_the_same_bytes_whenever_it_is_read (void **state)
{
	(void) state;
	uint8_t *was[3];
	size_t sizes[3], size = 0;
	for (uint32_t i = 0; i < 3; i++) {
		s_add (SIAGA_SEVERITY_LOW, 10 * i + 1);
		s_add (SIAGA_SEVERITY_CRITICAL, 10 * i + 2);
		s_add (SIAGA_SEVERITY_LOW, 10 * i + 3);
		s_cut ();
		was[i] = s_read (3 * i, &sizes[i]);
	}
	for (unsigned how = 0; how < 3; how++) {
		if (how == 1)
			s_reopen ();
		if (how == 2) { /* … and when it has bytes by itself */
			assert_int_equal (outbox_begin (s_outbox), 0);
			for (int64_t row = 1; row <= 3; row++)
				assert_int_equal (outbox_encode_batch (s_outbox, row), 0);
			assert_int_equal (outbox_commit (s_outbox), 0);
		}
		for (uint32_t i = 0; i < 3; i++) {
			uint8_t *is = s_read (3 * i, &size);
			assert_int_equal (size, sizes[i]);
			assert_memory_equal (is, was[i], size);
			free (is);
		}
	}
	assert_int_equal (s_number ("SELECT count (*) FROM held"), 0);
	for (uint32_t i = 0; i < 3; i++)
		free (was[i]);
}

static void
test_outbox_damaged_rows_are_found_out (void **state)
{
	(void) state;
	uint8_t *data = NULL;
	size_t size;
	uint64_t first;
	uint32_t count;
	s_add (SIAGA_SEVERITY_LOW, 1);
	s_add (SIAGA_SEVERITY_LOW, 2);
	s_cut ();
	s_reopen ();
	assert_int_equal (store_run (store_query (s_outbox->store,
						  "DELETE FROM held WHERE turn = (SELECT max (turn)"
						  " FROM held)")),
			  0);
	assert_int_equal (outbox_batch_after (s_outbox, 0, &data, &size, &first, &count),
			  SIAGA_EIO);
}

static void
test_outbox_cut_that_is_rolled_back_leaves_nothing (void **state)
{
	(void) state;
	s_add (SIAGA_SEVERITY_LOW, 1);
	assert_int_equal (outbox_begin (s_outbox), 0);
	s_add (SIAGA_SEVERITY_HIGH, 2);
	s_cut ();
	outbox_rollback (s_outbox);
	s_add (SIAGA_SEVERITY_HIGH, 3);
	s_cut ();
	EXPECT (0, 3, 1);
	assert_int_equal (outbox_waiting (s_outbox), 0);
}

/* Only the last two wait again: nothing is moved, and each has its turn before what came later. */
static void
test_outbox_new_epoch_moves_marks_back (void **state)
{
	(void) state;
	s_add (SIAGA_SEVERITY_LOW, 1);
	s_add (SIAGA_SEVERITY_HIGH, 2);
	s_cut ();
	s_ack ();
	s_add (SIAGA_SEVERITY_LOW, 3);
	s_add (SIAGA_SEVERITY_HIGH, 4);
	s_cut ();
	s_add (SIAGA_SEVERITY_LOW, 5);
	uint64_t before = s_number ("SELECT max (turn) FROM held WHERE turn < (SELECT max (turn)"
				    " FROM held)");
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
	assert_int_equal (outbox_waiting (s_outbox), 4);
	assert_int_equal (s_number ("SELECT max (turn) FROM held WHERE turn < (SELECT max (turn)"
				    " FROM held)"),
			  before);
	s_reopen ();
	assert_int_equal (outbox_waiting (s_outbox), 4);
	s_cut ();
	EXPECT (0, 0, 4, 3, 5);
}

/* What was cut before waits again, what was cut after it stays: the order is kept. */
static void
test_outbox_former_epoch_waits_again_before_what_waits (void **state)
{
	(void) state;
	uint64_t number = 0;
	uint8_t id[SIAGA_ID_BYTES];
	s_add (SIAGA_SEVERITY_LOW, 1);
	s_add (SIAGA_SEVERITY_LOW, 2);
	s_cut ();
	s_ack ();
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
	s_add (SIAGA_SEVERITY_LOW, 3);
	s_cut ();
	EXPECT (0, 0, 3);
	s_add (SIAGA_SEVERITY_LOW, 4);
	assert_int_equal (outbox_requeue_former (s_outbox), 0);
	s_reopen ();
	EXPECT (0, 0, 3);
	s_cut ();
	EXPECT (2, 1, 2, 4);
	s_ack ();
	s_id (3, id);
	assert_int_equal (outbox_find (s_outbox, id, &number), 0);
	s_id (2, id);
	assert_int_equal (outbox_find (s_outbox, id, &number), 0);
	assert_int_equal (number, 5 + 99 - 1);
}

static void
test_outbox_number_of_each_entry_is_found (void **state)
{
	(void) state;
	uint8_t id[SIAGA_ID_BYTES];
	static const uint32_t order[] = {2, 5, 1, 4, 3, 6}; /* a batch of five, and one of one */
	for (uint32_t i = 1; i <= 5; i++)
		s_add (i == 2 || i == 5 ? SIAGA_SEVERITY_CRITICAL
		       : i == 3		? SIAGA_SEVERITY_INFO
					: SIAGA_SEVERITY_LOW,
		       i);
	s_cut ();
	s_ack ();
	s_add (SIAGA_SEVERITY_CRITICAL, 6);
	s_cut ();
	s_ack ();
	for (uint32_t i = 0; i < 6; i++) {
		uint64_t number = 0;
		s_id (order[i], id);
		assert_int_equal (outbox_find (s_outbox, id, &number), 0);
		assert_int_equal (number, 100 + i);
	}
}

/* Adds, cuts and acknowledges that many in batches of 50. */
static void
s_pass (uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i += 50) {
		assert_int_equal (outbox_begin (s_outbox), 0);
		for (uint32_t j = 0; j < 50; j++)
			s_add ((enum siaga_severity) (j % 5), first + i + j);
		s_cut ();
		assert_int_equal (outbox_commit (s_outbox), 0);
		s_ack ();
	}
}

static void
s_keep_little (void)
{
	s_keep_bytes = 20000;
	s_reopen ();
}

static void
test_outbox_file_does_not_grow_by_what_is_let_go (void **state)
{
	(void) state;
	s_keep_little ();
	s_pass (1, 2000);
	uint64_t pages = s_number ("PRAGMA page_count");
	s_pass (2001, 10000);
	assert_true (s_number ("SELECT total (size) FROM held") < 3 * s_keep_bytes);
	assert_true (s_number ("PRAGMA page_count") < pages + pages / 2);
}

/* Without anything added either. */
static void
test_outbox_rows_that_are_gone_are_bounded (void **state)
{
	(void) state;
	s_keep_little ();
	assert_int_equal (outbox_begin (s_outbox), 0);
	for (uint32_t i = 1; i <= 3000; i++)
		s_add (SIAGA_SEVERITY_LOW, i);
	for (unsigned i = 0; i < 3; i++)
		s_cut ();
	assert_int_equal (outbox_commit (s_outbox), 0);
	s_ack ();
	for (uint32_t i = 1; i <= 3000; i += 50) {
		assert_int_equal (outbox_begin (s_outbox), 0);
		for (uint32_t j = 0; j < 50; j++)
			s_add (SIAGA_SEVERITY_LOW, 3000 + i + j);
		assert_int_equal (outbox_commit (s_outbox), 0);
	}
	while (outbox_waiting (s_outbox) > 0) {
		s_cut ();
		s_ack ();
	}
	/* A batch is kept whatever the bound; rows that are gone are removed by whole rows. */
	assert_true (s_number ("SELECT total (size) FROM held") <
		     2 * s_keep_bytes + 2 * SIAGA_BATCH_MAX);
}

static void
test_outbox_what_is_gone_does_not_come_back (void **state)
{
	(void) state;
	uint8_t id[SIAGA_ID_BYTES];
	uint64_t number;
	s_keep_little ();
	s_pass (1, 1000);
	s_id (700, id);
	assert_int_equal (outbox_find (s_outbox, id, &number), SIAGA_ENOTFOUND);
	assert_false (outbox_is_waiting (s_outbox, id));
	uint64_t rows = s_number ("SELECT count (*) FROM held"),
		 kept = s_number ("SELECT total (count) FROM batch");
	assert_true (rows > kept);
	for (unsigned how = 0; how < 3; how++) {
		if (how == 1)
			s_reopen ();
		if (how == 2)
			assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
		if (how < 2) { /* the oldest that is kept begins behind what is gone */
			size_t size;
			free (s_read (0, &size));
			assert_int_equal (s_batch.head.first_oseq + kept, 1001);
		}
		assert_int_equal (outbox_waiting (s_outbox), how < 2 ? 0 : 1);
		assert_int_equal (outbox_find (s_outbox, id, &number), SIAGA_ENOTFOUND);
	}
	assert_int_equal (outbox_requeue_former (s_outbox), 0);
	assert_int_equal (outbox_waiting (s_outbox), 1 + kept);
	s_reopen ();
	assert_int_equal (outbox_waiting (s_outbox), 1 + kept);
	s_cut ();
	s_id (1000, id);
	assert_int_equal (outbox_find (s_outbox, id, &number), SIAGA_EAGAIN);
}

/* Rows are gone, and a batch that was mended waits again before all that waits: what is gone is not in its way. */
static void
test_outbox_room_is_made_where_rows_are_gone (void **state)
{
	(void) state;
	struct siaga_bad known[30];
	s_keep_little ();
	s_pass (1, 1000);
	uint64_t first = outbox_last_oseq (s_outbox) + 1;
	for (uint32_t i = 0; i < 60; i++)
		s_add (SIAGA_SEVERITY_LOW, 2000 + i);
	for (uint32_t i = 0; i < 30; i++)
		known[i] = (struct siaga_bad){i, SIAGA_EKNOWN};
	s_cut ();
	assert_int_equal (outbox_replace_bad (s_outbox, first, known, 30), 0);
	s_ack ();
	uint64_t kept = s_number ("SELECT total (count) FROM batch"); /* voids too */
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
	assert_int_equal (outbox_requeue_former (s_outbox), 0);
	assert_int_equal (outbox_waiting (s_outbox), kept + 30 + 1);
	s_reopen ();
	assert_int_equal (outbox_waiting (s_outbox), kept + 30 + 1);
	while (outbox_waiting (s_outbox) > 0)
		s_cut ();
	assert_int_equal (outbox_last_oseq (s_outbox), kept + 30 + 1);
}

/* The void that began the epoch before is no longer the first. */
static void
test_outbox_each_epoch_begins_with_its_own_void (void **state)
{
	(void) state;
	uint8_t previous[SIAGA_EPOCH_BYTES];
	size_t size;
	s_add (SIAGA_SEVERITY_LOW, 1);
	s_cut ();
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
	s_cut ();
	memcpy (previous, outbox_epoch (s_outbox), sizeof previous);
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0);
	s_cut ();
	EXPECT (0, 0, 1, 0);
	uint8_t *data = s_read (0, &size);
	struct siaga_header header;
	struct siaga_body body;
	assert_int_equal (siaga_entry_read (s_batch.slots[0].entry, &header, &body), 0);
	assert_true (body.has_previous);
	assert_memory_equal (body.previous_epoch, previous, sizeof previous);
	free (data);
}

/* As version 4 had it: what waits in a table of its own, batches as bytes. */
static void
s_take_back_to_version_4 (void)
{
	static const char *const back[] = {
		"CREATE TABLE waiting (turn INTEGER PRIMARY KEY, id BLOB NOT NULL,"
		" added_us INTEGER NOT NULL, size INTEGER NOT NULL, lines INTEGER NOT NULL,"
		" entry BLOB NOT NULL)",
		"INSERT INTO waiting SELECT turn, id, added_us, size, lines, entry FROM held",
		"INSERT OR IGNORE INTO entry SELECT id, 0, turn FROM held",
		"DROP TABLE held",
		"ALTER TABLE batch DROP COLUMN cut",
		"ALTER TABLE batch DROP COLUMN top",
		"ALTER TABLE lane DROP COLUMN gone",
		"ALTER TABLE lane DROP COLUMN gone_bytes",
		"PRAGMA user_version = 4",
	};
	for (size_t i = 0; i < sizeof back / sizeof *back; i++)
		assert_int_equal (store_run (store_query (s_outbox->store, back[i])), 0);
	s_reopen ();
}

static void
test_outbox_of_version_4_is_taken_over (void **state)
{
	(void) state;
	uint8_t id[SIAGA_ID_BYTES], bytes[SIAGA_ENTRY_MAX];
	size_t size;
	uint64_t lines, number = 0;
	s_add (SIAGA_SEVERITY_LOW, 1);
	s_cut ();
	s_ack ();
	s_add (SIAGA_SEVERITY_LOW, 2);
	s_cut ();
	assert_int_equal (outbox_begin (s_outbox), 0);
	assert_int_equal (outbox_encode_batch (s_outbox, 1), 0);
	assert_int_equal (outbox_encode_batch (s_outbox, 2), 0);
	assert_int_equal (outbox_new_epoch (s_outbox, "test"), 0); /* 2 waits again */
	assert_int_equal (outbox_commit (s_outbox), 0);
	s_add (SIAGA_SEVERITY_LOW, 3);
	s_take_back_to_version_4 ();
	assert_int_equal (outbox_waiting (s_outbox), 3);
	s_id (1, id);
	assert_int_equal (outbox_find (s_outbox, id, &number), 0);
	assert_int_equal (number, 100);
	s_id (2, id);
	assert_int_equal (outbox_withdraw (s_outbox, id, bytes, &size, &lines), SIAGA_ENOTFOUND);
	s_id (3, id);
	assert_int_equal (outbox_find (s_outbox, id, &number), SIAGA_EAGAIN);
	s_cut ();
	EXPECT (0, 0, 2, 3);
}

static int
s_group_setup (void **state)
{
	(void) state;
	if (siaga_crypto_init () != 0)
		return -1;
	s_identity = siaga_identity_new (siaga_text (ORIGIN));
	return s_identity ? 0 : -1;
}

static int
s_group_teardown (void **state)
{
	(void) state;
	siaga_identity_destroy (&s_identity);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_outbox_batch_has_the_same_bytes_whenever_it_is_read),
		TEST (test_outbox_damaged_rows_are_found_out),
		TEST (test_outbox_cut_that_is_rolled_back_leaves_nothing),
		TEST (test_outbox_new_epoch_moves_marks_back),
		TEST (test_outbox_former_epoch_waits_again_before_what_waits),
		TEST (test_outbox_number_of_each_entry_is_found),
		TEST (test_outbox_file_does_not_grow_by_what_is_let_go),
		TEST (test_outbox_rows_that_are_gone_are_bounded),
		TEST (test_outbox_what_is_gone_does_not_come_back),
		TEST (test_outbox_room_is_made_where_rows_are_gone),
		TEST (test_outbox_each_epoch_begins_with_its_own_void),
		TEST (test_outbox_of_version_4_is_taken_over),
	};
	return cmocka_run_group_tests (tests, s_group_setup, s_group_teardown);
}
