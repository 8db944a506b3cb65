/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting: from what waits to a numbered, signed, stored batch; and giving batches out again.
 */
#include "common/outbox_private.h"

#include <stdlib.h>

#include "siaga/error.h"

bool
outbox_take (struct outbox *self, struct siaga_bytes entry)
{
	struct outbox_scratch *scratch = &self->scratch;
	size_t encoded = SIAGA_BATCH_OVERHEAD + scratch->size + entry.size +
			 SIAGA_SLOT_OVERHEAD * (scratch->count + 1);
	if (scratch->count == SIAGA_BATCH_ENTRIES_MAX || encoded > SIAGA_BATCH_MAX)
		return false;
	uint8_t *at = scratch->entries + scratch->size;
	memcpy (at, entry.data, entry.size);
	scratch->slots[scratch->count] = (struct siaga_bytes){at, entry.size};
	scratch->size += entry.size;
	scratch->count++;
	return true;
}

/* Fills the scratch with what goes first of all that waits, up to the turn *last. */
static int
s_collect (struct outbox *self, int64_t *last)
{
	self->scratch.count = self->scratch.size = 0;
	struct store_query *query = store_query (
		self->store, "SELECT turn, entry FROM waiting ORDER BY turn LIMIT 1024");
	int error;
	while ((error = store_step (query)) == 0) {
		if (!outbox_take (self, store_column_blob (query, 1)))
			break;
		*last = store_column_int (query, 0);
	}
	store_done (query);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	return self->scratch.count > 0 ? 0 : SIAGA_ENOTFOUND;
}

/* Removes what the scratch took from the waiting rows. */
static int
s_unwait (struct outbox *self, int64_t last)
{
	struct store_query *query =
		store_query (self->store, "DELETE FROM waiting WHERE turn <= ?");
	store_bind_int (query, last);
	int error = store_run (query);
	if (error != 0)
		return error;
	self->state.waiting -= self->scratch.count;
	self->state.waiting_bytes -= self->scratch.size;
	return 0;
}

static int
s_make (struct outbox *self, uint64_t first_oseq, size_t from, size_t count,
	struct siaga_bytes *bytes, uint8_t head_hash[SIAGA_HASH_BYTES])
{
	struct siaga_batch_head head = {
		.network = siaga_text (self->network),
		.origin = siaga_text (self->identity->card.principal),
		.first_oseq = first_oseq,
	};
	memcpy (head.key_id, self->key_id, sizeof head.key_id);
	memcpy (head.epoch, self->state.epoch, sizeof head.epoch);
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->scratch.batch, sizeof self->scratch.batch);
	int error = siaga_batch_make (&writer, &head, self->scratch.slots + from, count,
				      self->identity->sign_secret);
	if (error != 0)
		return error;
	struct siaga_reader reader;
	siaga_reader_init (&reader, writer.data, writer.size);
	siaga_reader_array (&reader, 4);
	siaga_reader_uint (&reader);
	siaga_head_hash (head_hash, siaga_reader_bytes (&reader, SIAGA_BATCH_HEAD_MAX));
	*bytes = (struct siaga_bytes){writer.data, writer.size};
	return reader.error;
}

static int
s_put_bytes (struct outbox *self, int64_t row, struct siaga_bytes bytes)
{
	struct store_query *query = store_query (
		self->store, "INSERT OR REPLACE INTO encoded (batch, bytes) VALUES (?, ?)");
	store_bind_int (query, row);
	store_bind_blob (query, bytes.data, bytes.size);
	return store_run (query);
}

static int
s_insert (struct outbox *self, int64_t *row_p, uint64_t first_oseq, size_t count,
	  const uint8_t *head_hash, struct siaga_bytes bytes)
{
	struct store_query *query = store_query (
		self->store,
		*row_p == 0 ? "INSERT INTO batch (epoch, first_oseq, count, size, head_hash)"
			      " VALUES (?, ?, ?, ?, ?)"
			    : "UPDATE batch SET epoch = ?, first_oseq = ?, count = ?, size = ?,"
			      " head_hash = ? WHERE seq = ?");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, first_oseq);
	store_bind_uint (query, count);
	store_bind_uint (query, bytes.size);
	store_bind_blob (query, head_hash, SIAGA_HASH_BYTES);
	if (*row_p != 0)
		store_bind_int (query, *row_p);
	int error = store_run (query);
	if (error == 0 && *row_p == 0) {
		*row_p = (int64_t) store_last_rowid (self->store);
		self->state.in_flight++;
	}
	return error ? error : s_put_bytes (self, *row_p, bytes);
}

int
outbox_seal (struct outbox *self, int64_t *row_p, uint64_t first_oseq, size_t from, size_t count)
{
	uint8_t head_hash[SIAGA_HASH_BYTES];
	struct siaga_bytes bytes;
	int error = s_make (self, first_oseq, from, count, &bytes, head_hash);
	if (error == 0)
		error = s_insert (self, row_p, first_oseq, count, head_hash, bytes);
	return error;
}

static int
s_cut (struct outbox *self, uint64_t *first_oseq)
{
	int64_t row = 0;
	uint64_t first = self->state.last_oseq + 1;
	int64_t last = 0;
	int error = s_collect (self, &last);
	if (error == 0)
		error = outbox_seal (self, &row, first, 0, self->scratch.count);
	if (error == 0)
		error = s_unwait (self, last);
	if (error != 0)
		return error;
	self->state.last_oseq += self->scratch.count;
	error = outbox_save_lane (self);
	if (error == 0)
		*first_oseq = first;
	return error;
}

int
outbox_cut (struct outbox *self, uint64_t *first_oseq)
{
	uint64_t first = 0;
	bool own;
	if (self->state.waiting == 0)
		return SIAGA_ENOTFOUND;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	error = outbox_leave (self, own, s_cut (self, &first));
	if (error == 0)
		*first_oseq = first;
	return error;
}

int
outbox_batch_after (struct outbox *self, uint64_t after, uint8_t **data_p, size_t *size_p,
		    uint64_t *first_oseq, uint32_t *count)
{
	struct store_query *query =
		store_query (self->store, "SELECT first_oseq, count, bytes FROM batch"
					  " JOIN encoded ON encoded.batch = seq WHERE epoch = ?"
					  " AND first_oseq > ? ORDER BY first_oseq LIMIT 1");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, after);
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes bytes = store_column_blob (query, 2);
	uint8_t *data = malloc (bytes.size ? bytes.size : 1);
	if (data) {
		memcpy (data, bytes.data, bytes.size);
		*data_p = data;
		*size_p = bytes.size;
		*first_oseq = store_column_uint (query, 0);
		*count = (uint32_t) store_column_uint (query, 1);
	}
	store_done (query);
	return data ? 0 : SIAGA_ENOMEM;
}
