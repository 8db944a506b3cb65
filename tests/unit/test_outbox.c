/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/outbox.h: order of cutting, bounds, what is known by id, epochs and their cases, refused entries, and
 * that every step survives a power cut. A crash is a copy of the database files at that moment, opened as they
 * are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <sodium.h>

#include "common/clock.h"
#include "common/outbox_private.h"
#include "siaga/error.h"

#define NETWORK "pemilu-2024"
#define ORIGIN "bssn/soc-1"

static char s_directory[64];
static struct siaga_identity *s_identity;
static struct outbox_options s_options;
static uint64_t s_now_us;
static struct siaga_batch s_batch;	 /* what s_read () read last … */
static uint8_t s_bytes[SIAGA_BATCH_MAX]; /* … from here */

static uint64_t
s_clock (void *context)
{
	(void) context;
	return s_now_us;
}

static int
s_setup (void **state)
{
	(void) state;
	static const struct clock_source source = {.now_us = s_clock, .mono_ms = s_clock};
	s_now_us = UINT64_C (1795507200000000);
	clock_set (&source);
	s_options = (struct outbox_options){
		.path = "outbox.db",
		.network = NETWORK,
		.identity = s_identity,
		.keep_acked_us = UINT64_C (86400000000),
		.keep_acked_bytes = 1 << 24,
		.max_waiting_bytes = 1 << 24,
	};
	snprintf (s_directory, sizeof s_directory, "/tmp/siaga-test-outbox-XXXXXX");
	return mkdtemp (s_directory) && chdir (s_directory) == 0 ? 0 : -1;
}

static int
s_remove (const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void) status;
	(void) type;
	(void) where;
	return remove (path);
}

static int
s_teardown (void **state)
{
	(void) state;
	clock_set (NULL);
	return chdir ("/") == 0 && nftw (s_directory, s_remove, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0
											      : -1;
}

static struct outbox *
s_open (void)
{
	struct outbox *outbox = NULL;
	char words[256] = "";
	if (outbox_open (&outbox, &s_options, words) != 0)
		fail_msg ("%s", words);
	return outbox;
}

/* -- making and reading -- */

struct made {
	uint8_t id[SIAGA_ID_BYTES];
	size_t size;
	uint8_t data[SIAGA_ENTRY_MAX];
};

static struct made *
s_make_as (const char *origin, enum siaga_severity severity, uint32_t number, size_t padding)
{
	static struct made made;
	static char raw[SIAGA_RAW_MAX];
	uint8_t random[10] = {0};
	memset (raw, 'x', sizeof raw);
	memcpy (random + 4, &number, sizeof number); /* clear of version and variant */
	siaga_uuid_make (made.id, s_now_us / 1000, random);
	struct siaga_header header = {
		.origin = siaga_text (origin),
		.created_us = s_now_us,
		.severity = severity,
		.category = siaga_text ("test/test"),
	};
	memcpy (header.id, made.id, SIAGA_ID_BYTES);
	struct siaga_body body = {.title = siaga_text ("t"), .raw = {raw, padding}};
	struct siaga_writer writer;
	siaga_writer_init (&writer, made.data, sizeof made.data);
	assert_int_equal (siaga_entry_write (&writer, &header, &body), 0);
	made.size = writer.size;
	return &made;
}

static struct made *
s_make (enum siaga_severity severity, uint32_t number, size_t padding)
{
	return s_make_as (ORIGIN, severity, number, padding);
}

static int
s_add_padded (struct outbox *outbox, enum siaga_severity severity, uint32_t number, size_t padding)
{
	struct made *made = s_make (severity, number, padding);
	return outbox_add (outbox, (struct siaga_bytes){made->data, made->size});
}

static void
s_add (struct outbox *outbox, enum siaga_severity severity, uint32_t number)
{
	assert_int_equal (s_add_padded (outbox, severity, number, 0), 0);
}

static uint64_t
s_cut (struct outbox *outbox)
{
	uint64_t first = 0;
	assert_int_equal (outbox_cut (outbox, &first), 0);
	return first;
}

/* Adds one and cuts it: a batch of one. */
static uint64_t
s_put (struct outbox *outbox, uint32_t number)
{
	s_add (outbox, SIAGA_SEVERITY_LOW, number);
	return s_cut (outbox);
}

/* Reads the first batch after `after` into s_batch, signature checked. */
static int
s_read (struct outbox *outbox, uint64_t after)
{
	uint8_t *data = NULL;
	size_t size = 0;
	uint64_t first = 0;
	uint32_t count = 0;
	int error = outbox_batch_after (outbox, after, &data, &size, &first, &count);
	if (error != 0)
		return error;
	memcpy (s_bytes, data, size);
	free (data);
	assert_int_equal (siaga_batch_read ((struct siaga_bytes){s_bytes, size}, &s_batch), 0);
	assert_int_equal (
		siaga_batch_verify (&s_batch, siaga_text (NETWORK), s_identity->card.sign), 0);
	assert_int_equal (s_batch.head.first_oseq, first);
	assert_int_equal (s_batch.head.count, count);
	assert_memory_equal (s_batch.head.epoch, outbox_epoch (outbox), SIAGA_EPOCH_BYTES);
	return 0;
}

static void
s_hash (struct outbox *outbox, uint64_t first, uint8_t hash[SIAGA_HASH_BYTES])
{
	assert_int_equal (s_read (outbox, first - 1), 0);
	assert_int_equal (s_batch.head.first_oseq, first);
	siaga_head_hash (hash, s_batch.head_bytes);
}

/* The entry in that slot of s_batch: its header and body. */
static void
s_slot (uint32_t index, struct siaga_header *header, struct siaga_body *body)
{
	assert_true (index < s_batch.slot_count);
	assert_int_equal (siaga_entry_read (s_batch.slots[index].entry, header, body), 0);
}

static bool
s_slot_is (uint32_t index, uint32_t number)
{
	struct siaga_header header;
	struct siaga_body body;
	s_slot (index, &header, &body);
	struct made *made = s_make (header.severity, number, 0);
	return header.kind == SIAGA_KIND_ALERT && memcmp (made->id, header.id, SIAGA_ID_BYTES) == 0;
}

static int
s_find (struct outbox *outbox, uint32_t number, uint64_t *log_number)
{
	return outbox_find (outbox, s_make (SIAGA_SEVERITY_LOW, number, 0)->id, log_number);
}

static struct outbox_counts
s_counts (struct outbox *outbox)
{
	struct outbox_counts counts;
	assert_int_equal (outbox_count (outbox, &counts), 0);
	return counts;
}

static void
s_ack (struct outbox *outbox, uint64_t oseq, uint64_t number)
{
	assert_int_equal (outbox_acked (outbox, outbox_epoch (outbox), oseq, number), 0);
}

/* Reads a void that begins an epoch in slot 0 of the epoch's first batch. */
static void
s_expect_first_void (struct outbox *outbox, const uint8_t *previous, uint64_t previous_oseq)
{
	struct siaga_header header;
	struct siaga_body body;
	assert_int_equal (s_read (outbox, 0), 0);
	assert_int_equal (s_batch.head.first_oseq, 1);
	s_slot (0, &header, &body);
	assert_int_equal (header.kind, SIAGA_KIND_VOID);
	assert_int_equal (header.status, SIAGA_STATUS_SYSTEM);
	assert_int_equal (header.severity, SIAGA_SEVERITY_INFO);
	assert_int_equal (header.certainty, SIAGA_CERTAINTY_OBSERVED);
	assert_int_equal (header.tlp, SIAGA_TLP_AMBER_STRICT);
	assert_int_equal (header.audience_count, 1);
	assert_true (siaga_text_is (header.audience[0], "bssn"));
	assert_true (body.description.size > 0);
	assert_true (body.has_previous);
	assert_memory_equal (body.previous_epoch, previous, SIAGA_EPOCH_BYTES);
	assert_int_equal (body.previous_oseq, previous_oseq);
}

static void
s_copy (const char *from, const char *to)
{
	char command[512];
	snprintf (
		command, sizeof command,
		"rm -f %s %s-wal %s-shm; for s in '' -wal; do cp %s$s %s$s 2>/dev/null; done; true",
		to, to, to, from, to);
	assert_int_equal (system (command), 0);
}

/* A power cut: what is on the disk now, opened by another process. */
static struct outbox *
s_crash (void)
{
	s_copy ("outbox.db", "crash.db");
	s_options.path = "crash.db";
	struct outbox *outbox = s_open ();
	s_options.path = "outbox.db";
	return outbox;
}

/* -- adding and cutting -- */

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
s_on_dropped (void *arg, const uint8_t id[SIAGA_ID_BYTES], enum siaga_severity severity,
	      uint64_t lines)
{
	uint64_t *count = arg;
	(void) id;
	(void) severity;
	*count += lines;
}

/* How many entries it dropped; *error is what it returned. */
static uint64_t
s_shed (struct outbox *outbox, uint64_t bytes, unsigned below, int *error)
{
	uint64_t count = 0;
	*error = outbox_shed (outbox, bytes, below, s_on_dropped, &count);
	return count;
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

/* Every entry 1 … count is somewhere in the outbox: waiting, in flight or acknowledged. */
static void
s_expect_all (struct outbox *outbox, uint32_t count)
{
	uint64_t number;
	for (uint32_t i = 1; i <= count; i++) {
		int error = s_find (outbox, i, &number);
		assert_true (error == 0 || error == SIAGA_EAGAIN);
	}
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

/* -- resuming -- */

struct resumed {
	uint64_t after;
	bool new_epoch;
};

static struct resumed
s_resume (struct outbox *outbox, uint64_t held, const uint8_t *hash)
{
	struct resumed resumed = {99, false};
	assert_int_equal (outbox_resume (outbox, held, hash, &resumed.after, &resumed.new_epoch),
			  0);
	return resumed;
}

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
		TEST (test_outbox_bad_entries_become_voids_under_the_same_numbers),
		TEST (test_outbox_keeps_the_newest_4096_set_aside),
		TEST (test_outbox_voids_larger_than_what_they_replace_make_several_batches),
		TEST (test_outbox_known_entry_waits_again_when_the_hub_loses_the_void_in_its_place),
		TEST (test_outbox_known_entry_stays_when_the_void_in_its_place_is_held),
		TEST (test_outbox_known_entries_are_let_go_like_acknowledged_ones),
		TEST (test_outbox_refuses_nonsense_about_bad_entries),
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
