/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a writer checks before it appends to a SQLite journal: that the last batches' bytes still make their
 * signed roots, and that all that was derived from them (columns, ids, references, marks, leaves, tiles) says
 * the same. Signatures were checked when the batches came, and by every reader again.
 */
#include "hub/journal_sqlite.h"

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

struct tail {
	struct journal_sqlite *journal;
	const struct siaga_roster *roster; /* NULL: signatures are not looked at */
	struct journal_report *report;
	char *words; /* 256 bytes */
	struct journal_record record;
	uint8_t head_hash[SIAGA_HASH_BYTES];
	struct siaga_batch batch;
	struct siaga_header header;
};

static int
s_disagree (struct tail *self, uint64_t number, const char *what)
{
	snprintf (self->words, 256, "log number %llu: %s", (unsigned long long) number, what);
	return SIAGA_EFORMAT;
}

static bool
s_blob_is (struct store_query *query, int column, const void *data, size_t size)
{
	struct siaga_bytes bytes = store_column_blob (query, column);
	return bytes.size == size && memcmp (bytes.data, data, size) == 0;
}

static int
s_check_batch (struct tail *self)
{
	const struct siaga_batch_head *head = &self->batch.head;
	struct siaga_bytes bytes = {self->record.data, self->record.size};
	int error = siaga_batch_read (bytes, &self->batch);
	if (error != 0)
		return s_disagree (self, self->record.number, siaga_strerror (error));
	if (self->batch.form != SIAGA_BATCH_FULL || head->count != self->record.count)
		return s_disagree (self, self->record.number,
				   "batch is not the one that was stored");
	siaga_head_hash (self->head_hash, self->batch.head_bytes);
	struct store_query *query = store_query (
		self->journal->store,
		"SELECT origin, epoch, first_oseq, head_hash FROM batch WHERE number = ?");
	store_bind_uint (query, self->record.number);
	error = store_step (query);
	if (error != 0)
		return error;
	bool same = siaga_text_equal (store_column_text (query, 0), head->origin) &&
		    s_blob_is (query, 1, head->epoch, SIAGA_EPOCH_BYTES) &&
		    store_column_uint (query, 2) == head->first_oseq &&
		    s_blob_is (query, 3, self->head_hash, SIAGA_HASH_BYTES);
	store_done (query);
	return same ? 0
		    : s_disagree (self, self->record.number, "batch columns differ from the batch");
}

/* By a key that was good when it was accepted, of somebody the roster knows? */
static int
s_check_signature (struct tail *self)
{
	const struct siaga_batch_head *head = &self->batch.head;
	const struct siaga_principal *principal;
	const struct siaga_roster_key *key;
	if (!self->roster)
		return 0;
	int error = siaga_roster_signer (self->roster, head->origin, head->key_id,
					 self->record.accepted_us, &principal, &key);
	if (error == 0)
		error = siaga_batch_verify (&self->batch, siaga_text (self->roster->network),
					    key->card.sign);
	return error ? s_disagree (self, self->record.number, siaga_strerror (error)) : 0;
}

/* The mark is at this batch's end, or past it and past this batch's numbers. */
static int
s_check_mark (struct tail *self)
{
	const struct siaga_batch_head *head = &self->batch.head;
	uint64_t last = self->record.number + head->count - 1,
		 oseq = head->first_oseq + head->count - 1;
	struct journal_mark mark;
	int error = journal_sqlite_mark (&self->journal->base, head->origin, head->epoch, &mark);
	if (error == SIAGA_ENOTFOUND)
		return s_disagree (self, last, "its origin has no mark");
	if (error != 0)
		return error;
	bool here = mark.oseq == oseq && mark.number == last &&
		    memcmp (mark.head_hash, self->head_hash, SIAGA_HASH_BYTES) == 0;
	bool past = mark.oseq > oseq && mark.number > last && mark.number < self->journal->head;
	return here || past ? 0 : s_disagree (self, last, "its origin's mark differs");
}

static int
s_check_id (struct tail *self, uint64_t number)
{
	uint64_t found = 0;
	int error = id_index_look (self->journal->store, self->header.id, &found);
	if (error == SIAGA_ENOTFOUND)
		return s_disagree (self, number, "entry is not in the index");
	if (error != 0 && error != SIAGA_EFORMAT)
		return error;
	return error == 0 && found == number
		       ? 0
		       : s_disagree (self, number, "the index differs from the entry");
}

static int
s_check_leaf (struct tail *self, uint64_t number, const uint8_t *batch_leaf)
{
	uint8_t leaf[SIAGA_HASH_BYTES], stored[SIAGA_HASH_BYTES];
	siaga_log_leaf (leaf, self->record.accepted_us, batch_leaf);
	int error = tiles_leaf (&self->journal->tiles, number, stored);
	if (error == SIAGA_ENOTFOUND || (error == 0 && memcmp (leaf, stored, sizeof leaf) != 0))
		return s_disagree (self, number, "leaf differs from the log's tree");
	return error;
}

static int
s_check_ref (struct tail *self, uint64_t number, const uint8_t *id)
{
	uint64_t is_deed = 0;
	struct store_query *query = store_query (
		self->journal->store, "SELECT is_deed FROM ref WHERE id = ? AND number = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_uint (query, number);
	int error = store_run_uint (query, &is_deed);
	if (error == SIAGA_ENOTFOUND)
		return s_disagree (self, number, "a reference is not in the index");
	if (error != 0)
		return error;
	return is_deed == journal_is_deed (&self->header)
		       ? 0
		       : s_disagree (self, number, "the index differs from a reference");
}

/* An entry may name the same id twice. */
static int
s_check_refs (struct tail *self, uint64_t number)
{
	const struct siaga_header *header = &self->header;
	int error = 0;
	for (size_t i = 0; error == 0 && i < header->ref_count; i++) {
		size_t j = 0;
		while (j < i &&
		       memcmp (header->refs[j].id, header->refs[i].id, SIAGA_ID_BYTES) != 0)
			j++;
		self->report->refs += j == i;
		if (j == i)
			error = s_check_ref (self, number, header->refs[i].id);
	}
	return error;
}

static int
s_check_entries (struct tail *self)
{
	int error = 0;
	for (uint32_t i = 0; error == 0 && i < self->batch.head.count; i++) {
		const struct siaga_slot *slot = &self->batch.slots[i];
		uint64_t number = self->record.number + i;
		struct siaga_bytes body;
		if (siaga_header_read (slot->entry, &self->header, &body) != 0)
			return s_disagree (self, number, "entry cannot be read");
		error = s_check_id (self, number);
		if (error == 0)
			error = s_check_refs (self, number);
		if (error == 0)
			error = s_check_leaf (self, number, slot->leaf);
	}
	return error;
}

/* Every complete tile of a level gave its root to the level above; the rightmost ones are looked at, and that
   no level has more or less than the size says. */
static int
s_check_level (struct tail *self, unsigned level)
{
	const struct tile_store *tiles = &self->journal->tiles;
	uint64_t size = self->journal->head, count = tile_level_hashes (size, level), width = 0;
	uint64_t tile = count / TILE_WIDTH;
	int error = journal_tile_width (self->journal, level, tile, &width);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	if (width != count % TILE_WIDTH)
		return s_disagree (self, size,
				   "a tile of the log's tree is wider or narrower than its size");
	if (tile == 0)
		return 0;
	uint8_t hashes[TILE_BYTES], above[TILE_BYTES], root[SIAGA_HASH_BYTES];
	size_t at = (tile - 1) % TILE_WIDTH;
	error = tiles->load (tiles->arg, level, tile - 1, TILE_WIDTH, hashes);
	if (error == 0)
		error = tiles->load (tiles->arg, level + 1, (tile - 1) / TILE_WIDTH,
				     (unsigned) at + 1, above);
	if (error != 0)
		return error == SIAGA_ENOTFOUND ? s_disagree (self, size, "a tile is missing")
						: error;
	siaga_merkle_root (root, hashes, TILE_WIDTH);
	bool same = memcmp (root, above + at * SIAGA_HASH_BYTES, sizeof root) == 0;
	return same ? 0 : s_disagree (self, size, "two levels of the log's tree differ");
}

static int
s_check_tree (struct tail *self)
{
	int error = 0;
	for (unsigned level = 0; error == 0 && level < TILE_LEVELS; level++)
		error = s_check_level (self, level);
	return error;
}

static int
s_check_batches (struct tail *self, uint64_t number)
{
	uint64_t head = self->journal->head;
	bool first = true;
	while (number < head) {
		int error = journal_sqlite_read (&self->journal->base, number, &self->record);
		if (error != 0)
			return error;
		if (first)
			self->report->first = self->record.number;
		/* The first may begin before, or after what retention dropped; the others follow without
		   a gap. */
		if (!first && self->record.number != number)
			error = s_disagree (self, number, "a batch is missing");
		if (error == 0)
			error = s_check_batch (self);
		if (error == 0)
			error = s_check_signature (self);
		if (error == 0)
			error = s_check_mark (self);
		if (error == 0)
			error = s_check_entries (self);
		number = self->record.number + self->record.count;
		self->report->batches++;
		first = false;
		journal_record_finish (&self->record);
		if (error != 0)
			return error;
	}
	return 0;
}

int
journal_batches_verify (struct journal_sqlite *journal, uint64_t from,
			const struct siaga_roster *roster, struct journal_report *report,
			char words[256])
{
	struct tail *self = malloc (sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	self->journal = journal;
	self->roster = roster;
	self->report = report;
	self->words = words;
	int error = s_check_tree (self);
	if (error == 0)
		error = s_check_batches (self, from);
	free (self);
	return error;
}

int
journal_tail_verify (struct journal_sqlite *journal, char words[256])
{
	uint64_t head = journal->head;
	uint64_t from = head > JOURNAL_TAIL_NUMBERS ? head - JOURNAL_TAIL_NUMBERS : 0;
	struct journal_report report = {0};
	return journal_batches_verify (journal, from, NULL, &report, words);
}
