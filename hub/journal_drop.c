/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention: the oldest batches' bytes and rows go, whole batches in the log's order; leaves, tiles and marks stay, so
 * the tree and every proof stay as they were. The tail that is verified at a start is never dropped.
 */
#include <stdlib.h>

#include "hub/journal_sqlite.h"
#include "siaga/error.h"

/* The log number of the first entry that is still there: 0 or SIAGA_ENOTFOUND (none is). */
static int
s_oldest (struct journal_sqlite *self, uint64_t *number, uint64_t *count, uint64_t *accepted_us)
{
	struct store_query *query =
		store_query (self->store, "SELECT number, count, accepted FROM batch"
					  " ORDER BY number LIMIT 1");
	int error = store_step (query);
	if (error)
		return error;
	*number = store_column_uint (query, 0);
	*count = store_column_uint (query, 1);
	*accepted_us = store_column_uint (query, 2);
	store_done (query);
	return 0;
}

/* What an entry has in the indexes is found by what it says. In a transaction, whose commit tells of errors. */
static int
s_drop_entry (struct journal_sqlite *self, uint64_t number, struct siaga_bytes entry)
{
	struct siaga_header header;
	struct siaga_bytes body;

	if (siaga_header_read (entry, &header, &body) != 0)
		return 0;
	int error = id_index_remove (self->ids, header.id, number);
	for (size_t i = 0; i < header.ref_count; i++) {
		struct store_query *query =
			store_query (self->store, "DELETE FROM ref WHERE id = ? AND number = ?");
		store_bind_blob (query, header.refs[i].id, SIAGA_ID_BYTES);
		store_bind_uint (query, number);
		store_run (query);
	}
	return error;
}

/* In a transaction, whose commit tells of errors. */
static int
s_drop_batch (struct journal_sqlite *self, uint64_t number, struct siaga_batch *batch)
{
	struct journal_record record;

	int error = journal_sqlite_read (&self->base, number, &record);
	if (error)
		return error;
	if (siaga_batch_read ((struct siaga_bytes){record.data, record.size}, batch) == 0)
		for (uint32_t i = 0; !error && i < batch->slot_count; i++)
			error = s_drop_entry (self, number + i, batch->slots[i].entry);
	struct store_query *query = store_query (self->store, "DELETE FROM batch WHERE number = ?");
	store_bind_uint (query, number);
	store_run (query);
	journal_record_finish (&record);
	return error;
}

static bool
s_is_over (struct journal_sqlite *self, uint64_t keep_bytes)
{
	uint64_t bytes = 0, free_bytes = 0;

	return keep_bytes > 0 && store_size (self->store, &bytes, &free_bytes) == 0 &&
	       bytes - free_bytes > keep_bytes;
}

static int
s_drop_step (struct journal_sqlite *self, uint64_t before_us, uint64_t keep_bytes, size_t max,
	     struct siaga_batch *batch)
{
	uint64_t number, count, accepted_us, dropped = 0;
	int error = 0;

	while (!error && dropped < max) {
		error = s_oldest (self, &number, &count, &accepted_us);
		if (error || number + count + JOURNAL_TAIL_NUMBERS > self->head ||
		    (accepted_us >= before_us && !s_is_over (self, keep_bytes)))
			break;
		error = s_drop_batch (self, number, batch);
		dropped += count;
	}
	if (error && error != SIAGA_ENOTFOUND)
		return error;
	return (int) dropped;
}

int
journal_sqlite_drop (struct journal *base, uint64_t before_us, uint64_t keep_bytes, size_t max)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	struct siaga_batch *batch = malloc (sizeof *batch);

	if (!batch)
		return SIAGA_ENOMEM;
	int dropped = store_begin (self->store);
	if (!dropped) {
		dropped = s_drop_step (self, before_us, keep_bytes, max, batch);
		int error = dropped > 0 ? id_index_flush (self->ids) : 0;
		if (dropped > 0)
			error = store_commit (self->store);
		else
			store_rollback (self->store);
		if (error || dropped < 0)
			id_index_forget (self->ids);
		if (error)
			dropped = error;
	}
	free (batch);
	return dropped;
}
