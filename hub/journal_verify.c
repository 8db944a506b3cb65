/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole journal (journal_verify.h). The tree is built once more from the leaves, and each tile it makes is compared
 * with the one that is stored.
 */
#include "hub/journal_verify.h"

#include <stdio.h>

#include "hub/journal_sqlite.h"
#include "siaga/error.h"

struct rebuilt {
	struct journal_sqlite *journal;
	char *words; /* 256 bytes */
};

static int
s_disagree (char words[256], const char *what)
{
	snprintf (words, 256, "%s", what);
	return SIAGA_EFORMAT;
}

/* struct tile_store: what would be stored must be there. */
static int
s_compare_tile (void *arg, unsigned level, uint64_t index, unsigned width, const uint8_t *hashes)
{
	struct rebuilt *self = arg;
	uint8_t stored[TILE_BYTES];

	int error = journal_tile_load (self->journal, level, index, width, stored);
	if (error && error != SIAGA_ENOTFOUND)
		return error;
	if (!error && memcmp (stored, hashes, (size_t) width * SIAGA_HASH_BYTES) == 0)
		return 0;
	snprintf (self->words, 256, "tile %u/%llu of the log's tree is missing or differs", level,
		  (unsigned long long) index);
	return SIAGA_EFORMAT;
}

static int
s_load_nothing (void *arg, unsigned level, uint64_t index, unsigned width, uint8_t *hashes)
{
	(void) arg;
	(void) level;
	(void) index;
	(void) width;
	(void) hashes;
	return SIAGA_ENOTFOUND;
}

static int
s_rebuild (struct journal_sqlite *journal, struct tile_appender *appender, char words[256])
{
	uint8_t leaves[TILE_BYTES];
	int error = 0;

	for (uint64_t at = 0; !error && at < journal->head; at += TILE_WIDTH) {
		uint64_t left = journal->head - at;
		unsigned width = left < TILE_WIDTH ? (unsigned) left : TILE_WIDTH;
		error = journal_tile_load (journal, 0, at / TILE_WIDTH, width, leaves);
		for (unsigned i = 0; !error && i < width; i++)
			error = tile_appender_add (appender, leaves + i * SIAGA_HASH_BYTES);
	}
	if (!error)
		error = tile_appender_flush (appender);
	return error == SIAGA_ENOTFOUND ? s_disagree (words, "leaves of the log's tree are missing")
					: error;
}

static int
s_check_tree (struct journal_sqlite *journal, char words[256])
{
	struct rebuilt rebuilt = {journal, words};
	struct tile_store store = {s_load_nothing, s_compare_tile, &rebuilt};
	struct tile_appender *appender = NULL;

	int error = tile_appender_new (&appender, &store, 0);
	if (!error)
		error = s_rebuild (journal, appender, words);
	tile_appender_destroy (&appender);
	return error;
}

/* A number that a query of the whole gives must be this one. */
static int
s_check_count (struct store_query *query, uint64_t expected, const char *what, char words[256])
{
	uint64_t count = 0;

	int error = store_run_uint (query, &count);
	if (!error && count != expected)
		snprintf (words, 256, "%s: %llu, not %llu", what, (unsigned long long) count,
			  (unsigned long long) expected);
	return error ? error : count == expected ? 0 : SIAGA_EFORMAT;
}

/* Every entry was found by its id; there must be no others. */
static int
s_check_ids (struct journal_sqlite *self, uint64_t expected, char words[256])
{
	uint64_t count = 0;

	int error = id_index_verify (self->store, &count);
	if (error == SIAGA_EFORMAT)
		return s_disagree (words, "the index of ids is out of order");
	if (!error && count != expected)
		snprintf (words, 256, "ids in the index: %llu, not %llu",
			  (unsigned long long) count, (unsigned long long) expected);
	return error ? error : count == expected ? 0 : SIAGA_EFORMAT;
}

static int
s_check_counts (struct journal_sqlite *self, struct journal_report *report, char words[256])
{
	struct store *store = self->store;

	int error = s_check_ids (self, report->head - report->first, words);
	if (!error)
		error = s_check_count (store_query (store, "SELECT count (*) FROM ref"),
				       report->refs, "references in the index", words);
	struct store_query *query = store_query (
		store,
		"SELECT count (*) FROM mark AS m WHERE m.number >= ? AND NOT EXISTS (SELECT 1 FROM"
		" batch AS b WHERE b.origin = m.origin AND b.epoch = m.epoch AND b.head_hash ="
		" m.head_hash AND b.number + b.count - 1 = m.number AND b.first_oseq + b.count - 1 ="
		" m.oseq)");
	store_bind_uint (query, report->first);
	if (!error)
		error = s_check_count (query, 0, "marks that no batch bears out", words);
	return error ? error
		     : store_run_uint (store_query (store, "SELECT count (*) FROM mark"),
				       &report->lanes);
}

static int
s_verify (struct journal_sqlite *self, const struct siaga_roster *roster,
	  struct journal_report *report, char words[256])
{
	int error = journal_read_head (self, &self->head);
	if (error)
		return error;
	report->head = self->head;
	error = journal_batches_verify (self, 0, roster, report, words);
	if (!error)
		error = s_check_tree (self, words);
	if (!error)
		error = s_check_counts (self, report, words);
	if (!error)
		error = tiles_root (&self->tiles, self->head, report->root);
	return error;
}

int
journal_verify_error (int error, const char *words)
{
	return error == SIAGA_EIO && strstr (words, "malformed") ? SIAGA_EFORMAT : error;
}

int
journal_verify (struct journal *base, const struct siaga_roster *roster,
		struct journal_report *report, char words[256])
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	memset (report, 0, sizeof *report);
	words[0] = '\0';
	int error = store_begin_read (self->store);
	if (!error)
		error = store_quick_check (self->store);
	if (!error)
		error = s_verify (self, roster, report, words);
	store_rollback (self->store);
	if (error && !words[0])
		snprintf (words, 256, "%.200s",
			  store_error (self->store)[0] ? store_error (self->store)
						       : siaga_strerror (error));
	return journal_verify_error (error, words);
}
