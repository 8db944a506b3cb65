/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite journal's insides, shared by its own files: journal_sqlite.c (opening), journal_schema.c,
 * journal_append.c, journal_read.c, journal_tail.c (verifying). The contract is journal.h.
 */
#ifndef SIAGA_HUB_JOURNAL_SQLITE_H
#define SIAGA_HUB_JOURNAL_SQLITE_H

#include "common/store.h"
#include "hub/id_index.h"
#include "hub/journal_verify.h"
#include "hub/journal_wal.h"
#include "hub/tiles.h"

#define JOURNAL_TAIL_NUMBERS 1024 /* verified when it is opened for writing */

struct journal_sqlite {
	struct journal base;
	struct store *store;
	enum journal_mode mode;
	int lock_fd; /* -1: none */
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	uint64_t head;			/* a writer's is exact; a reader's is the last it saw */
	struct journal_wal *wal;	/* a writer's; borrowed; may be NULL */
	struct tile_store tiles;	/* over `store` */
	struct tile_appender *appender; /* a writer's */
	struct id_index *ids;		/* a writer's */
};

extern const char *const journal_schema_steps[];
extern const size_t journal_schema_step_count;

/* What a step does besides its SQL (store_options.step). */
int
journal_schema_step (struct store *store, size_t version);

/* Makes the log's identity where there is none yet (a writer, in a transaction of its own), reads it, and checks
   the network: 0, SIAGA_EFORMAT with words, or the store's error. */
int
journal_schema_meta (struct journal_sqlite *self, const char *network, char words[256]);

/* Values of the table `meta`. Reading copies exactly or, with `size_p`, at most `capacity` bytes: 0,
   SIAGA_ENOTFOUND, SIAGA_EFORMAT (another size), or the store's error. */
int
journal_meta_set (struct store *store, const char *key, const void *value, size_t size);
int
journal_meta_get (struct store *store, const char *key, void *value, size_t capacity,
		  size_t *size_p);

/* struct tile_store over the table `tile`. */
int
journal_tile_load (void *arg, unsigned level, uint64_t index, unsigned width, uint8_t *hashes);
int
journal_tile_store (void *arg, unsigned level, uint64_t index, unsigned width,
		    const uint8_t *hashes);

/* The hashes the stored tile has: 0 or SIAGA_ENOTFOUND. */
int
journal_tile_width (struct journal_sqlite *self, unsigned level, uint64_t index, uint64_t *width);

/* Reads the head from the table `batch`: 0 or the store's error. */
int
journal_read_head (struct journal_sqlite *self, uint64_t *head);

/* The same for all from a number on that are there, and their signatures where there is a roster; adds to
   `report`. */
int
journal_batches_verify (struct journal_sqlite *journal, uint64_t from,
			const struct siaga_roster *roster, struct journal_report *report,
			char words[256]);

/* Re-reads the last JOURNAL_TAIL_NUMBERS numbers' batches and compares all that was derived from them: 0,
   SIAGA_EFORMAT with words, SIAGA_ENOMEM, or the store's error. */
int
journal_tail_verify (struct journal_sqlite *self, char words[256]);

/* journal_log.c: journal_ops */
int
journal_sqlite_former (struct journal *base, uint8_t log_id[SIAGA_LOG_ID_BYTES], uint64_t *size);
int
journal_sqlite_keep_note (struct journal *base, struct siaga_text note);
int
journal_sqlite_note (struct journal *base, char note[SIAGA_CHECKPOINT_MAX], size_t *size);

/* journal_drop.c: journal_ops */
int
journal_sqlite_drop (struct journal *base, uint64_t before_us, uint64_t keep_bytes, size_t max);

/* journal_ops */
int
journal_sqlite_begin (struct journal *base);
void
journal_sqlite_abandon (struct journal *base);
int
journal_sqlite_append (struct journal *base, struct journal_batch *batches, size_t count,
		       uint64_t accepted_us);
int
journal_sqlite_put (struct journal *base, const struct journal_fact *fact);
int
journal_sqlite_facts (struct journal *base, journal_fact_each *each, void *arg);
int
journal_sqlite_read (struct journal *base, uint64_t number, struct journal_record *record);
int
journal_sqlite_find (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number);
int
journal_sqlite_deeds (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t from,
		      uint64_t *numbers, size_t max);
int
journal_sqlite_referring (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *numbers,
			  size_t max);
int
journal_sqlite_mark (struct journal *base, struct siaga_text origin,
		     const uint8_t epoch[SIAGA_EPOCH_BYTES], struct journal_mark *mark);
int
journal_sqlite_batch_at (struct journal *base, struct siaga_text origin,
			 const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t first_oseq,
			 struct journal_mark *mark);

#endif
