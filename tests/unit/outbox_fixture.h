/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the outbox's tests share: one outbox in a directory of its own, entries to put into it, and looks into its batches.
 * A crash is a copy of the database files at that moment, opened as they are.
 */
#ifndef TESTS_UNIT_OUTBOX_FIXTURE_H
#define TESTS_UNIT_OUTBOX_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static inline uint64_t
s_clock (void *context)
{
	(void) context;
	return s_now_us;
}

static inline int
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

static inline int
s_remove (const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void) status;
	(void) type;
	(void) where;
	return remove (path);
}

static inline int
s_teardown (void **state)
{
	(void) state;
	clock_set (NULL);
	return chdir ("/") == 0 && nftw (s_directory, s_remove, 8, FTW_DEPTH | FTW_PHYS) == 0 ? 0
											      : -1;
}

static inline struct outbox *
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

static inline struct made *
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

static inline struct made *
s_make (enum siaga_severity severity, uint32_t number, size_t padding)
{
	return s_make_as (ORIGIN, severity, number, padding);
}

static inline int
s_add_padded (struct outbox *outbox, enum siaga_severity severity, uint32_t number, size_t padding)
{
	struct made *made = s_make (severity, number, padding);
	return outbox_add (outbox, (struct siaga_bytes){made->data, made->size});
}

static inline void
s_add (struct outbox *outbox, enum siaga_severity severity, uint32_t number)
{
	assert_int_equal (s_add_padded (outbox, severity, number, 0), 0);
}

static inline uint64_t
s_cut (struct outbox *outbox)
{
	uint64_t first = 0;
	assert_int_equal (outbox_cut (outbox, &first), 0);
	return first;
}

/* Adds one and cuts it: a batch of one. */
static inline uint64_t
s_put (struct outbox *outbox, uint32_t number)
{
	s_add (outbox, SIAGA_SEVERITY_LOW, number);
	return s_cut (outbox);
}

/* Reads the first batch after `after` into s_batch, signature checked. */
static inline int
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

static inline void
s_hash (struct outbox *outbox, uint64_t first, uint8_t hash[SIAGA_HASH_BYTES])
{
	assert_int_equal (s_read (outbox, first - 1), 0);
	assert_int_equal (s_batch.head.first_oseq, first);
	siaga_head_hash (hash, s_batch.head_bytes);
}

/* The entry in that slot of s_batch: its header and body. */
static inline void
s_slot (uint32_t index, struct siaga_header *header, struct siaga_body *body)
{
	assert_true (index < s_batch.slot_count);
	assert_int_equal (siaga_entry_read (s_batch.slots[index].entry, header, body), 0);
}

static inline bool
s_slot_is (uint32_t index, uint32_t number)
{
	struct siaga_header header;
	struct siaga_body body;
	s_slot (index, &header, &body);
	struct made *made = s_make (header.severity, number, 0);
	return header.kind == SIAGA_KIND_ALERT && memcmp (made->id, header.id, SIAGA_ID_BYTES) == 0;
}

static inline int
s_find (struct outbox *outbox, uint32_t number, uint64_t *log_number)
{
	return outbox_find (outbox, s_make (SIAGA_SEVERITY_LOW, number, 0)->id, log_number);
}

static inline struct outbox_counts
s_counts (struct outbox *outbox)
{
	struct outbox_counts counts;
	assert_int_equal (outbox_count (outbox, &counts), 0);
	return counts;
}

static inline void
s_ack (struct outbox *outbox, uint64_t oseq, uint64_t number)
{
	assert_int_equal (outbox_acked (outbox, outbox_epoch (outbox), oseq, number), 0);
}

/* Reads a void that begins an epoch in slot 0 of the epoch's first batch. */
static inline void
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

static inline void
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
static inline struct outbox *
s_crash (void)
{
	s_copy ("outbox.db", "crash.db");
	s_options.path = "crash.db";
	struct outbox *outbox = s_open ();
	s_options.path = "outbox.db";
	return outbox;
}

/* -- adding and cutting -- */

/* Every entry 1 … count is somewhere in the outbox: waiting, in flight or acknowledged. */
static inline void
s_expect_all (struct outbox *outbox, uint32_t count)
{
	uint64_t number;
	for (uint32_t i = 1; i <= count; i++) {
		int error = s_find (outbox, i, &number);
		assert_true (error == 0 || error == SIAGA_EAGAIN);
	}
}

static inline void
s_on_dropped (void *arg, const uint8_t id[SIAGA_ID_BYTES], enum siaga_severity severity,
	      uint64_t lines)
{
	uint64_t *count = arg;
	(void) id;
	(void) severity;
	*count += lines;
}

/* How many entries it dropped; *error is what it returned. */
static inline uint64_t
s_shed (struct outbox *outbox, uint64_t bytes, unsigned below, int *error)
{
	uint64_t count = 0;
	*error = outbox_shed (outbox, bytes, below, s_on_dropped, &count);
	return count;
}

struct resumed {
	uint64_t after;
	bool new_epoch;
};

static inline struct resumed
s_resume (struct outbox *outbox, uint64_t held, const uint8_t *hash)
{
	struct resumed resumed = {99, false};
	assert_int_equal (outbox_resume (outbox, held, hash, &resumed.after, &resumed.new_epoch),
			  0);
	return resumed;
}

static inline int
s_group_setup (void **state)
{
	(void) state;
	if (siaga_crypto_init () != 0)
		return -1;
	s_identity = siaga_identity_new (siaga_text (ORIGIN));
	return s_identity ? 0 : -1;
}

static inline int
s_group_teardown (void **state)
{
	(void) state;
	siaga_identity_destroy (&s_identity);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

#endif
