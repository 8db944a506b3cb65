/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQLite journal's append: one transaction for a group of batches. The store keeps the first error of
 * a transaction, so the code below is straight, and its commit is where failure shows.
 */
#include "hub/journal_sqlite.h"

#include <assert.h>

#include "siaga/error.h"

/* Where a batch goes, worked out before its rows. */
struct place {
	const struct journal_batch *batch;
	uint64_t number;
	uint64_t accepted_us;
	uint8_t head_hash[SIAGA_HASH_BYTES];
};

static int
s_insert_batch (struct journal_sqlite *self, const struct place *place)
{
	const struct siaga_batch_head *head = &place->batch->batch->head;
	struct store_query *query = store_query (
		self->store,
		"INSERT INTO batch (number, count, accepted, origin, epoch, first_oseq,"
		" head_hash, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	store_bind_uint (query, place->number);
	store_bind_uint (query, head->count);
	store_bind_uint (query, place->accepted_us);
	store_bind_text (query, head->origin);
	store_bind_blob (query, head->epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, head->first_oseq);
	store_bind_blob (query, place->head_hash, SIAGA_HASH_BYTES);
	store_bind_blob (query, place->batch->bytes.data, place->batch->bytes.size);
	return store_run (query);
}

static int
s_set_mark (struct journal_sqlite *self, const struct place *place)
{
	const struct siaga_batch_head *head = &place->batch->batch->head;
	struct store_query *query = store_query (
		self->store, "INSERT INTO mark (origin, epoch, oseq, head_hash, number)"
			     " VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin, epoch) DO UPDATE"
			     " SET oseq = excluded.oseq, head_hash = excluded.head_hash,"
			     " number = excluded.number");
	store_bind_text (query, head->origin);
	store_bind_blob (query, head->epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, head->first_oseq + head->count - 1);
	store_bind_blob (query, place->head_hash, SIAGA_HASH_BYTES);
	store_bind_uint (query, place->number + head->count - 1);
	return store_run (query);
}

static int
s_insert_refs (struct journal_sqlite *self, uint64_t number, const struct siaga_header *header)
{
	int error = 0;
	for (size_t i = 0; error == 0 && i < header->ref_count; i++) {
		/* An entry may name the same id twice. */
		struct store_query *query = store_query (
			self->store,
			"INSERT OR IGNORE INTO ref (id, number, is_deed) VALUES (?, ?, ?)");
		store_bind_blob (query, header->refs[i].id, SIAGA_ID_BYTES);
		store_bind_uint (query, number);
		store_bind_uint (query, journal_is_deed (header));
		error = store_run (query);
	}
	return error;
}

static int
s_append_entry (struct journal_sqlite *self, const struct place *place, uint32_t index)
{
	const struct siaga_header *header = &place->batch->headers[index];
	uint8_t leaf[SIAGA_HASH_BYTES];
	int error = id_index_add (self->ids, header->id, place->number + index);
	if (error == SIAGA_EEXISTS)
		return SIAGA_EKNOWN;
	if (error == 0)
		error = s_insert_refs (self, place->number + index, header);
	if (error != 0)
		return error;
	siaga_log_leaf (leaf, place->accepted_us, place->batch->batch->slots[index].leaf);
	return tile_appender_add (self->appender, leaf);
}

static int
s_append_batch (struct journal_sqlite *self, struct place *place)
{
	const struct siaga_batch *batch = place->batch->batch;
	siaga_head_hash (place->head_hash, batch->head_bytes);
	int error = s_insert_batch (self, place);
	for (uint32_t i = 0; error == 0 && i < batch->head.count; i++)
		error = s_append_entry (self, place, i);
	if (error == 0)
		error = s_set_mark (self, place);
	return error == SIAGA_EEXISTS ? SIAGA_ECONFLICT : error;
}

/* Back to before: what the transaction stored is gone, and so must be what is remembered of it. */
static int
s_undo (struct journal_sqlite *self, int error)
{
	store_rollback (self->store);
	id_index_forget (self->ids);
	if (store_is_broken (self->store))
		return SIAGA_EIO;
	return tile_appender_reload (self->appender, self->head) == 0 ? error : SIAGA_EIO;
}

int
journal_sqlite_begin (struct journal *base)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	assert (self->mode == JOURNAL_WRITE);
	if (self->wal && !store_in_transaction (self->store) &&
	    atomic_exchange (&self->wal->finish, false) &&
	    store_flush_wal (self->store) == SIAGA_EIO)
		return SIAGA_EIO;
	return store_in_transaction (self->store) ? 0 : store_begin (self->store);
}

void
journal_sqlite_abandon (struct journal *base)
{
	store_rollback (((struct journal_sqlite *) base)->store);
}

int
journal_sqlite_append (struct journal *base, struct journal_batch *batches, size_t count,
		       uint64_t accepted_us)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	assert (self->mode == JOURNAL_WRITE);
	struct place place = {.number = self->head, .accepted_us = accepted_us};
	int error = journal_sqlite_begin (base);
	if (error != 0)
		return error;
	for (size_t i = 0; error == 0 && i < count; i++) {
		batches[i].number = place.number;
		place.batch = &batches[i];
		error = s_append_batch (self, &place);
		place.number += batches[i].batch->head.count;
	}
	if (error == 0)
		error = id_index_flush (self->ids);
	if (error == 0)
		error = tile_appender_flush (self->appender);
	if (error == 0)
		error = store_commit (self->store);
	if (error != 0)
		return s_undo (self, error);
	self->head = place.number;
	return 0;
}
