/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is safe at the hub: marking it, finding it by id, and letting it go when it is old or much.
 */
#include "common/outbox_private.h"

#include <stdlib.h>

#include "common/clock.h"
#include "siaga/error.h"

/* Removes the places of a full batch's entries; of those that are set aside it has voids. It is ours, so it is not
   verified; of what the disk damaged the places stay: the ids were sent, and are taken for that. */
static int
s_leave_places (struct outbox *self, struct siaga_bytes batch)
{
	struct siaga_reader reader;
	int error = 0;
	siaga_reader_init (&reader, batch.data, batch.size);
	siaga_reader_array_of (&reader, 4);
	siaga_reader_uint (&reader);
	siaga_reader_bytes (&reader, SIAGA_BATCH_HEAD_MAX);
	siaga_reader_bytes (&reader, SIAGA_SIGNATURE_BYTES);
	size_t count = siaga_reader_array (&reader, SIAGA_BATCH_ENTRIES_MAX);
	for (size_t i = 0; error == 0 && i < count; i++) {
		struct siaga_header header;
		struct siaga_bytes body, entry = siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
		if (reader.error || siaga_header_read (entry, &header, &body) != 0)
			break;
		error = outbox_remove_place (self, header.id);
	}
	return error;
}

static int
s_leave_batch (struct outbox *self, int64_t row, uint64_t size)
{
	bool has_rows = false;
	int error = outbox_has_rows (self, row, &has_rows);
	if (error != 0 || has_rows)
		return error ? error : outbox_let_rows_go (self, row, size);
	struct store_query *query =
		store_query (self->store, "SELECT bytes FROM encoded WHERE batch = ?");
	store_bind_int (query, row);
	error = store_step (query);
	if (error != 0)
		return error;
	error = s_leave_places (self, store_column_blob (query, 0));
	store_done (query);
	return error;
}

/* Removes one acknowledged batch and the places of its entries. */
static int
s_let_go (struct outbox *self, int64_t row, uint64_t size)
{
	int error = s_leave_batch (self, row, size);
	if (error != 0)
		return error;
	error = outbox_remove_batch (self, row);
	if (error == 0)
		self->state.kept_bytes -= size;
	return error;
}

/* The batch that ends at acked_oseq stays for as long as it does so: only its head's hash tells, after
   WELCOME, that the hub still holds what was sent. */
static bool
s_is_last (const struct outbox *self, struct siaga_bytes epoch, uint64_t end)
{
	return end == self->state.acked_oseq && epoch.size == SIAGA_EPOCH_BYTES &&
	       memcmp (epoch.data, self->state.epoch, SIAGA_EPOCH_BYTES) == 0;
}

/* Lets the oldest batch go, if it is acknowledged and either old or too much: SIAGA_ENOTFOUND if not. */
static int
s_let_go_oldest (struct outbox *self, uint64_t now_us)
{
	struct store_query *query = store_query (
		self->store, "SELECT seq, size, acked_us, epoch, first_oseq + count - 1 FROM batch"
			     " ORDER BY seq LIMIT 1");
	int error = store_step (query);
	if (error != 0)
		return error;
	int64_t row = store_column_int (query, 0);
	uint64_t size = store_column_uint (query, 1), acked_us = store_column_uint (query, 2);
	bool stays = store_column_is_null (query, 2) ||
		     s_is_last (self, store_column_blob (query, 3), store_column_uint (query, 4));
	store_done (query);
	bool old = now_us > acked_us && now_us - acked_us > self->keep_acked_us;
	if (stays || !(old || self->state.kept_bytes > self->keep_acked_bytes))
		return SIAGA_ENOTFOUND;
	return s_let_go (self, row, size);
}

/* Likewise for the entries that the hub had already. */
static int
s_let_go_known (struct outbox *self, uint64_t now_us)
{
	uint8_t id[SIAGA_ID_BYTES] = {0};
	struct store_query *query = store_query (
		self->store, "SELECT seq, size, at_us, id FROM known ORDER BY seq LIMIT 1");
	int error = store_step (query);
	if (error != 0)
		return error;
	int64_t row = store_column_int (query, 0);
	uint64_t size = store_column_uint (query, 1), at_us = store_column_uint (query, 2);
	struct siaga_bytes blob = store_column_blob (query, 3);
	memcpy (id, blob.data, blob.size < sizeof id ? blob.size : sizeof id);
	store_done (query);
	bool old = now_us > at_us && now_us - at_us > self->keep_acked_us;
	if (!old && self->state.known_bytes <= self->keep_acked_bytes)
		return SIAGA_ENOTFOUND;
	query = store_query (self->store, "DELETE FROM known WHERE seq = ?");
	store_bind_int (query, row);
	error = store_run (query);
	self->state.known_bytes -= size;
	return error ? error : outbox_remove_place (self, id);
}

static int
s_tidy (struct outbox *self)
{
	uint64_t now_us = clock_now_us ();
	int error;
	while ((error = s_let_go_oldest (self, now_us)) == 0)
		continue;
	if (error == SIAGA_ENOTFOUND)
		while ((error = s_let_go_known (self, now_us)) == 0)
			continue;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* How many batches `oseq` newly covers, their bytes, and where the last of them ends. */
static int
s_covered (struct outbox *self, uint64_t oseq, uint64_t *count, uint64_t *bytes, uint64_t *end)
{
	struct store_query *query = store_query (
		self->store,
		"SELECT count (*), total (size), max (first_oseq + count - 1) FROM batch"
		" WHERE epoch = ? AND first_oseq > ? AND first_oseq <= ?"
		" AND first_oseq + count - 1 <= ?");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, self->state.acked_oseq);
	store_bind_uint (query, oseq);
	store_bind_uint (query, oseq);
	int error = store_step (query);
	if (error != 0)
		return error;
	*count = store_column_uint (query, 0);
	*bytes = store_column_uint (query, 1);
	*end = store_column_uint (query, 2);
	store_done (query);
	return 0;
}

static int
s_mark (struct outbox *self, uint64_t end)
{
	struct store_query *query =
		store_query (self->store, "UPDATE batch SET acked_us = ? WHERE epoch = ?"
					  " AND first_oseq > ? AND first_oseq <= ?");
	store_bind_uint (query, clock_now_us ());
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, self->state.acked_oseq);
	store_bind_uint (query, end);
	return store_run (query);
}

/* The log number of the batch that ends at `oseq`: kept as that of its first entry. */
static int
s_set_number (struct outbox *self, uint64_t oseq, uint64_t number)
{
	struct store_query *query = store_query (
		self->store,
		"UPDATE batch SET number = ? - (count - 1) WHERE epoch = ?"
		" AND first_oseq <= ? AND first_oseq + count - 1 = ? AND count - 1 <= ?"
		" AND first_oseq > ?");
	store_bind_uint (query, number);
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, oseq);
	store_bind_uint (query, oseq);
	store_bind_uint (query, number);
	store_bind_uint (query,
			 oseq > SIAGA_BATCH_ENTRIES_MAX ? oseq - SIAGA_BATCH_ENTRIES_MAX : 0);
	return store_run (query);
}

int
outbox_mark_acked (struct outbox *self, uint64_t oseq, uint64_t number)
{
	uint64_t count = 0, bytes = 0, end = 0;
	int error = s_covered (self, oseq, &count, &bytes, &end);
	if (error == 0 && count > 0)
		error = s_mark (self, end);
	if (error == 0 && number <= SIAGA_OSEQ_MAX)
		error = s_set_number (self, oseq, number);
	if (error != 0 || count == 0)
		return error;
	outbox_forget_fresh (self); /* what was not sent by now is not in a hurry */
	self->state.acked_oseq = end;
	self->state.in_flight -= count;
	self->state.kept_bytes += bytes;
	error = s_tidy (self);
	return error ? error : outbox_save_lane (self);
}

/* What is acknowledged need not reach our disk at once: WELCOME tells it again. */
int
outbox_acked (struct outbox *self, const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t oseq,
	      uint64_t number)
{
	bool own;
	if (memcmp (epoch, self->state.epoch, SIAGA_EPOCH_BYTES) != 0)
		return 0;
	if (oseq > self->state.last_oseq)
		return SIAGA_EGRAMMAR;
	int error = outbox_enter_lazy (self, &own);
	if (error != 0)
		return error;
	return outbox_leave (self, own, outbox_mark_acked (self, oseq, number));
}

/* The number of the entry at `place` of the batch, if it is acknowledged. */
static int
s_number_of (struct outbox *self, int64_t row, uint64_t place, uint64_t *number)
{
	struct store_query *query =
		store_query (self->store, "SELECT acked_us, number FROM batch WHERE seq = ?");
	store_bind_int (query, row);
	int error = store_step (query);
	if (error != 0)
		return error;
	if (store_column_is_null (query, 0))
		error = SIAGA_EAGAIN;
	else if (store_column_is_null (query, 1))
		*number = OUTBOX_NUMBER_UNKNOWN;
	else
		*number = store_column_uint (query, 1) + place;
	store_done (query);
	return error;
}

/* Is the entry in that batch, and at which place? */
static bool
s_is_in (struct siaga_bytes bytes, struct siaga_batch *batch, const uint8_t *id, uint64_t *place)
{
	if (siaga_batch_read (bytes, batch) != 0)
		return false;
	for (uint32_t i = 0; i < batch->slot_count; i++) {
		struct siaga_header header;
		struct siaga_bytes body;
		if (siaga_header_read (batch->slots[i].entry, &header, &body) == 0 &&
		    memcmp (header.id, id, SIAGA_ID_BYTES) == 0) {
			*place = i;
			return true;
		}
	}
	return false;
}

/* The batch that has the entry in its own bytes, the newest ones first. The id's bytes may also stand in another entry, as
   a ref. */
static int
s_find_encoded (struct outbox *self, const uint8_t *id, uint64_t *number)
{
	int64_t row = 0;
	uint64_t place = 0;
	struct siaga_batch *batch = malloc (sizeof *batch);
	if (!batch)
		return SIAGA_ENOMEM;
	struct store_query *query =
		store_query (self->store, "SELECT batch, bytes FROM encoded"
					  " WHERE instr (bytes, ?) > 0 ORDER BY batch DESC");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	int error;
	while ((error = store_step (query)) == 0)
		if (s_is_in (store_column_blob (query, 1), batch, id, &place)) {
			row = store_column_int (query, 0);
			break;
		}
	store_done (query);
	free (batch);
	return error ? error : s_number_of (self, row, place, number);
}

static int
s_find_held (struct outbox *self, const uint8_t *id, uint64_t *number)
{
	int64_t turn, row;
	uint64_t place = 0;
	int error = outbox_find_row (self, id, &turn);
	if (error == 0 && !outbox_is_cut (self, turn))
		return SIAGA_EAGAIN;
	if (error == 0)
		error = outbox_find_batch (self, turn, &row, &place);
	return error ? error : s_number_of (self, row, place, number);
}

int
outbox_find (struct outbox *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number)
{
	struct store_query *query =
		store_query (self->store, "SELECT batch FROM entry WHERE id = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	int error = store_step (query);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	int64_t batch = error ? OUTBOX_AGAIN : store_column_int (query, 0);
	store_done (query);
	if (batch == OUTBOX_AGAIN)
		return s_find_held (self, id, number);
	if (batch == OUTBOX_ENCODED)
		return s_find_encoded (self, id, number);
	if (batch != SIAGA_EKNOWN)
		return (int) batch;
	*number = OUTBOX_NUMBER_UNKNOWN;
	return 0;
}
