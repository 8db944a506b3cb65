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

/* What a cut takes. */
struct taken {
	struct outbox_marks to; /* the marks behind it */
	uint64_t in[OUTBOX_LANES];
	bool full;
};

/* Appends what waits in that lane, as much as fits. */
static int
s_collect_lane (struct outbox *self, size_t lane, struct taken *taken)
{
	int error;
	struct store_query *query = store_query (
		self->store, "SELECT turn, entry FROM held WHERE turn > ? AND turn <= ?"
			     " ORDER BY turn LIMIT 1024");
	outbox_bind_waiting (self, query, lane);
	while ((error = store_step (query)) == 0) {
		taken->full = !outbox_take (self, store_column_blob (query, 1));
		if (taken->full)
			break;
		taken->to.of[lane] = store_column_int (query, 0);
		taken->in[lane]++;
	}
	store_done (query);
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* Fills the scratch with what goes first of all that waits. */
static int
s_collect (struct outbox *self, struct taken *taken)
{
	int error = 0;
	self->scratch.count = self->scratch.size = 0;
	*taken = (struct taken){.to = self->state.cut};
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES && !taken->full; lane++)
		if (self->state.waiting_in[lane] > 0)
			error = s_collect_lane (self, lane, taken);
	if (error != 0)
		return error;
	return self->scratch.count > 0 ? 0 : SIAGA_ENOTFOUND;
}

/* What was taken waits no more. */
static void
s_unwait (struct outbox *self, const struct taken *taken)
{
	self->state.cut = taken->to;
	for (size_t lane = 0; lane < OUTBOX_LANES; lane++)
		self->state.waiting_in[lane] -= taken->in[lane];
	self->state.waiting -= self->scratch.count;
	self->state.waiting_bytes -= self->scratch.size;
}

/* A batch that was made, in scratch.batch. */
struct made {
	struct siaga_bytes bytes;
	size_t top_size;
	uint8_t head_hash[SIAGA_HASH_BYTES];
};

static int
s_make (struct outbox *self, uint64_t first_oseq, size_t from, size_t count, struct made *made)
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
	siaga_head_hash (made->head_hash, siaga_reader_bytes (&reader, SIAGA_BATCH_HEAD_MAX));
	siaga_reader_bytes (&reader, SIAGA_SIGNATURE_BYTES);
	made->bytes = (struct siaga_bytes){writer.data, writer.size};
	made->top_size = reader.at;
	return reader.error;
}

int
outbox_put_bytes (struct outbox *self, int64_t row, struct siaga_bytes bytes)
{
	struct store_query *query = store_query (
		self->store, "INSERT OR REPLACE INTO encoded (batch, bytes) VALUES (?, ?)");
	store_bind_int (query, row);
	store_bind_blob (query, bytes.data, bytes.size);
	return store_run (query);
}

static int
s_insert (struct outbox *self, int64_t *row_p, uint64_t first_oseq, size_t count,
	  const struct made *made)
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
	store_bind_uint (query, made->bytes.size);
	store_bind_blob (query, made->head_hash, SIAGA_HASH_BYTES);
	if (*row_p != 0)
		store_bind_int (query, *row_p);
	int error = store_run (query);
	if (error == 0 && *row_p == 0) {
		*row_p = (int64_t) store_last_rowid (self->store);
		self->state.in_flight++;
	}
	return error;
}

int
outbox_seal (struct outbox *self, int64_t *row_p, uint64_t first_oseq, size_t from, size_t count)
{
	struct made made;
	int error = s_make (self, first_oseq, from, count, &made);
	if (error == 0)
		error = s_insert (self, row_p, first_oseq, count, &made);
	return error ? error : outbox_put_bytes (self, *row_p, made.bytes);
}

void
outbox_forget_fresh (struct outbox *self)
{
	while (self->fresh_count > 0)
		free (self->fresh[--self->fresh_count].data);
}

/* Keeps a batch's bytes for who sends it, which is soon: they need not be read again. */
static void
s_keep_fresh (struct outbox *self, uint64_t first_oseq, size_t count, struct siaga_bytes bytes)
{
	uint8_t *data = malloc (bytes.size);
	if (!data)
		return; /* then they are read */
	if (self->fresh_count == OUTBOX_FRESH_MAX)
		outbox_forget_fresh (self);
	memcpy (data, bytes.data, bytes.size);
	self->fresh[self->fresh_count++] = (struct outbox_fresh){
		.first_oseq = first_oseq,
		.count = (uint32_t) count,
		.size = bytes.size,
		.data = data,
	};
}

/* Takes out the batch at that oseq: whose bytes they are is then the caller's business. */
static bool
s_take_fresh (struct outbox *self, uint64_t first_oseq, struct outbox_fresh *fresh)
{
	for (size_t i = 0; i < self->fresh_count; i++) {
		if (self->fresh[i].first_oseq != first_oseq)
			continue;
		*fresh = self->fresh[i];
		self->fresh_count--;
		memmove (self->fresh + i, self->fresh + i + 1,
			 (self->fresh_count - i) * sizeof *self->fresh);
		return true;
	}
	return false;
}

static int
s_cut (struct outbox *self, uint64_t *first_oseq)
{
	int64_t row = 0;
	uint64_t first = self->state.last_oseq + 1;
	struct taken taken;
	struct made made;
	int error = s_collect (self, &taken);
	if (error == 0)
		error = s_make (self, first, 0, self->scratch.count, &made);
	if (error == 0)
		error = s_insert (self, &row, first, self->scratch.count, &made);
	if (error == 0)
		error = outbox_put_marks (self, row, &taken.to,
					  (struct siaga_bytes){made.bytes.data, made.top_size});
	if (error != 0)
		return error;
	s_unwait (self, &taken);
	self->state.last_oseq += self->scratch.count;
	error = outbox_save_lane (self);
	if (error != 0)
		return error;
	s_keep_fresh (self, first, self->scratch.count, made.bytes);
	*first_oseq = first;
	return 0;
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

/* The batch in that row, of that size. */
static int
s_read (struct outbox *self, int64_t row, struct outbox_fresh *it)
{
	size_t size = 0;
	it->data = malloc (it->size ? it->size : 1);
	if (!it->data)
		return SIAGA_ENOMEM;
	int error = outbox_load_batch (self, row, it->data, it->size, &size);
	if (error == 0 && size != it->size)
		error = SIAGA_EIO;
	if (error != 0)
		free (it->data);
	return error;
}

/* The first batch behind `after` that the file has. */
static int
s_find_after (struct outbox *self, uint64_t after, struct outbox_fresh *it)
{
	struct store_query *query = store_query (
		self->store, "SELECT seq, first_oseq, count, size FROM batch WHERE epoch = ?"
			     " AND first_oseq > ? ORDER BY first_oseq LIMIT 1");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, after);
	int error = store_step (query);
	if (error != 0)
		return error;
	int64_t row = store_column_int (query, 0);
	it->first_oseq = store_column_uint (query, 1);
	it->count = (uint32_t) store_column_uint (query, 2);
	it->size = store_column_uint (query, 3);
	store_done (query);
	return s_read (self, row, it);
}

int
outbox_batch_after (struct outbox *self, uint64_t after, uint8_t **data_p, size_t *size_p,
		    uint64_t *first_oseq, uint32_t *count)
{
	struct outbox_fresh it;
	if (after == self->state.last_oseq)
		return SIAGA_ENOTFOUND;
	if (!s_take_fresh (self, after + 1, &it)) {
		int error = s_find_after (self, after, &it);
		if (error != 0)
			return error;
	}
	*data_p = it.data;
	*size_p = it.size;
	*first_oseq = it.first_oseq;
	*count = it.count;
	return 0;
}
