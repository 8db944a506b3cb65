/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes in: the waiting rows, and what is known of an id.
 */
#include "common/outbox_private.h"

#include "common/clock.h"
#include "siaga/error.h"

int
outbox_put_waiting (struct outbox *self, int64_t turn, const uint8_t *id, uint64_t added_us,
		    struct siaga_bytes entry, uint64_t lines)
{
	struct store_query *query = store_query (
		self->store, "INSERT INTO held (turn, id, added_us, size, entry, lines)"
			     " VALUES (?, ?, ?, ?, ?, ?)");
	store_bind_int (query, turn);
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_uint (query, added_us);
	store_bind_uint (query, entry.size);
	store_bind_blob (query, entry.data, entry.size);
	store_bind_uint (query, lines);
	int error = store_run (query);
	if (error == 0)
		outbox_count_in (self, turn, entry.size);
	return error;
}

int
outbox_put_place (struct outbox *self, const uint8_t *id, int64_t batch)
{
	struct store_query *query = store_query (
		self->store, "INSERT OR REPLACE INTO entry (id, batch, place) VALUES (?, ?, 0)");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_int (query, batch);
	self->state.has_places = true;
	return store_run (query);
}

int
outbox_remove_batch (struct outbox *self, int64_t row)
{
	struct store_query *query =
		store_query (self->store, "DELETE FROM encoded WHERE batch = ?");
	store_bind_int (query, row);
	int error = store_run (query);
	if (error != 0)
		return error;
	query = store_query (self->store, "DELETE FROM batch WHERE seq = ?");
	store_bind_int (query, row);
	return store_run (query);
}

int
outbox_remove_place (struct outbox *self, const uint8_t *id)
{
	if (!self->state.has_places)
		return 0;
	struct store_query *query = store_query (self->store, "DELETE FROM entry WHERE id = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	return store_run (query);
}

/* SIAGA_EEXISTS when the id has a place. */
static int
s_check_place (struct outbox *self, const uint8_t *id)
{
	uint64_t batch;
	if (!self->state.has_places)
		return 0;
	struct store_query *query =
		store_query (self->store, "SELECT batch FROM entry WHERE id = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	int error = store_run_uint (query, &batch);
	if (error == SIAGA_ENOTFOUND)
		return 0;
	return error ? error : SIAGA_EEXISTS;
}

static int
s_check (const struct outbox *self, struct siaga_bytes entry, struct siaga_header *header)
{
	struct siaga_bytes body;
	int error = siaga_header_read (entry, header, &body);
	if (error != 0)
		return error;
	return siaga_text_is (header->origin, self->identity->card.principal) ? 0 : SIAGA_EORIGIN;
}

/* The pages of rows that are gone are taken for what is added. */
static int
s_make_room (struct outbox *self, size_t size)
{
	self->added_bytes += size;
	if (self->added_bytes < OUTBOX_RECLAIM_BYTES)
		return 0;
	uint64_t bytes = self->added_bytes;
	self->added_bytes = 0;
	return self->state.gone_bytes > 0 ? outbox_reclaim (self, bytes) : 0;
}

static int
s_add (struct outbox *self, struct siaga_bytes entry, const struct siaga_header *header,
       unsigned priority, uint64_t lines)
{
	int error = s_check_place (self, header->id);
	if (error != 0)
		return error;
	error = s_make_room (self, entry.size);
	if (error != 0)
		return error;
	int64_t turn = outbox_turn (priority, self->state.next_seq);
	error = outbox_put_waiting (self, turn, header->id, clock_now_us (), entry, lines);
	if (error == 0)
		self->state.next_seq++;
	return error;
}

/* SIAGA_EFULL, unless the entry would not have been added anyway. */
static int
s_full (struct outbox *self, const uint8_t *id)
{
	int64_t turn;
	int error = s_check_place (self, id);
	if (error != 0)
		return error;
	error = outbox_find_row (self, id, &turn);
	if (error == 0)
		return SIAGA_EEXISTS;
	return error == SIAGA_ENOTFOUND ? SIAGA_EFULL : error;
}

static int
s_add_within (struct outbox *self, struct siaga_bytes entry, const struct siaga_header *header,
	      unsigned priority, uint64_t lines)
{
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	return outbox_leave (self, own, s_add (self, entry, header, priority, lines));
}

int
outbox_add_lines (struct outbox *self, struct siaga_bytes entry, uint64_t lines)
{
	struct siaga_header header;
	int error = s_check (self, entry, &header);
	if (error != 0)
		return error;
	if (self->max_waiting_bytes > 0 &&
	    self->state.waiting_bytes + entry.size > self->max_waiting_bytes)
		return s_full (self, header.id);
	return s_add_within (self, entry, &header, header.severity, lines);
}

int
outbox_add (struct outbox *self, struct siaga_bytes entry)
{
	return outbox_add_lines (self, entry, 1);
}

int
outbox_add_report (struct outbox *self, struct siaga_bytes entry)
{
	struct siaga_header header;
	int error = s_check (self, entry, &header);
	if (error != 0)
		return error;
	return s_add_within (self, entry, &header, OUTBOX_PRIORITY_REPORT, 0);
}
