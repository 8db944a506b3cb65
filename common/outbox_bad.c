/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries the hub can never take: set aside, voids in their places, the batch cut again under the same
 * oseqs. And the voids themselves.
 */
#include "common/outbox_private.h"

#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "common/clock.h"
#include "siaga/error.h"

/* A batch being put together again. */
struct repair {
	int64_t row; /* of the batch that was refused; 0 once it is used */
	uint64_t first_oseq;
	struct siaga_batch batch;
	int codes[SIAGA_BATCH_ENTRIES_MAX]; /* of each entry; 0: good */
	size_t size;
	uint8_t bytes[SIAGA_BATCH_MAX]; /* what `batch` borrows from */
};

int
outbox_write_void (struct outbox *self, struct siaga_writer *writer, uint8_t id[SIAGA_ID_BYTES],
		   const char *reason, const uint8_t *previous, uint64_t previous_oseq)
{
	struct siaga_text origin = siaga_text (self->identity->card.principal);
	uint64_t now_us = clock_now_us ();
	uint8_t random[10];
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (id, now_us / 1000, random);
	struct siaga_header header = {
		.origin = origin,
		.kind = SIAGA_KIND_VOID,
		.status = SIAGA_STATUS_SYSTEM,
		.created_us = now_us,
		.severity = SIAGA_SEVERITY_INFO,
		.certainty = SIAGA_CERTAINTY_OBSERVED,
		.tlp = SIAGA_TLP_AMBER_STRICT,
		.audience_count = 1,
		.audience = {siaga_member_of (origin)},
	};
	memcpy (header.id, id, SIAGA_ID_BYTES);
	struct siaga_body body = {.description = siaga_text (reason)};
	if (previous) {
		body.has_previous = true;
		memcpy (body.previous_epoch, previous, SIAGA_EPOCH_BYTES);
		body.previous_oseq = previous_oseq;
	}
	return siaga_entry_write (writer, &header, &body);
}

/* The oldest that was set aside goes, and its place with it. */
static int
s_drop_aside (struct outbox *self)
{
	int64_t seq;
	uint8_t id[SIAGA_ID_BYTES] = {0};
	struct store_query *query = store_query (
		self->store, "SELECT seq, id FROM aside WHERE code != ? ORDER BY seq LIMIT 1");
	store_bind_uint (query, -SIAGA_EKNOWN); /* of version 1 */
	int error = store_step (query);
	if (error != 0)
		return error;
	seq = store_column_int (query, 0);
	struct siaga_bytes blob = store_column_blob (query, 1);
	memcpy (id, blob.data, blob.size < sizeof id ? blob.size : sizeof id);
	store_done (query);
	query = store_query (self->store, "DELETE FROM aside WHERE seq = ?");
	store_bind_int (query, seq);
	error = store_run (query);
	self->state.aside--;
	return error ? error : outbox_remove_place (self, id);
}

static int
s_trim_aside (struct outbox *self)
{
	int error = 0;
	while (error == 0 && self->state.aside > OUTBOX_ASIDE_MAX)
		error = s_drop_aside (self);
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

static int
s_put_aside (struct outbox *self, const uint8_t *id, int code, struct siaga_bytes entry)
{
	struct store_query *query = store_query (
		self->store, "INSERT INTO aside (id, code, at_us, entry) VALUES (?, ?, ?, ?)");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_uint (query, (uint64_t) -code);
	store_bind_uint (query, clock_now_us ());
	store_bind_blob (query, entry.data, entry.size);
	self->state.aside++;
	return store_run (query);
}

/* The hub has it: kept like what was acknowledged, and as safe as the void in its place. */
static int
s_put_known (struct outbox *self, const uint8_t *id, uint64_t oseq, struct siaga_bytes entry)
{
	struct store_query *query =
		store_query (self->store, "INSERT INTO known (epoch, oseq, id, at_us, size, entry)"
					  " VALUES (?, ?, ?, ?, ?, ?)");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, oseq);
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_uint (query, clock_now_us ());
	store_bind_uint (query, entry.size);
	store_bind_blob (query, entry.data, entry.size);
	self->state.known_bytes += entry.size;
	return store_run (query);
}

/* A void that is refused is of no use to anybody. */
static int
s_set_aside (struct outbox *self, const struct siaga_header *header, int code, uint64_t oseq,
	     struct siaga_bytes entry)
{
	if (header->kind == SIAGA_KIND_VOID)
		return outbox_remove_place (self, header->id);
	int error = code == SIAGA_EKNOWN ? s_put_known (self, header->id, oseq, entry)
					 : s_put_aside (self, header->id, code, entry);
	return error ? error : outbox_put_place (self, header->id, code);
}

/* Seals what the scratch holds so far: the refused batch's row first, then new ones. */
static int
s_flush (struct outbox *self, struct repair *repair)
{
	int error = outbox_seal (self, &repair->row, repair->first_oseq, 0, self->scratch.count);
	repair->row = 0;
	repair->first_oseq += self->scratch.count;
	self->scratch.count = self->scratch.size = 0;
	return error;
}

static int
s_keep (struct outbox *self, struct repair *repair, struct siaga_bytes entry)
{
	if (outbox_take (self, entry))
		return 0;
	int error = s_flush (self, repair);
	if (error == 0 && !outbox_take (self, entry))
		error = SIAGA_EIO;
	return error;
}

/* One entry of the refused batch, or the void in its place. */
static int
s_repair_one (struct outbox *self, struct repair *repair, uint32_t index)
{
	struct siaga_bytes body, entry = repair->batch.slots[index].entry;
	struct siaga_header header;
	int code = repair->codes[index];
	if (siaga_header_read (entry, &header, &body) != 0)
		return SIAGA_EIO;
	if (code == 0)
		return s_keep (self, repair, entry);
	uint64_t oseq = repair->batch.head.first_oseq + index;
	int error = s_set_aside (self, &header, code, oseq, entry);
	if (error != 0)
		return error;
	uint8_t buffer[1024], id[SIAGA_ID_BYTES];
	char reason[64];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	snprintf (reason, sizeof reason, "refused: %s", siaga_error_id (code));
	error = outbox_write_void (self, &writer, id, reason, NULL, 0);
	if (error == 0)
		error = outbox_put_place (self, id, OUTBOX_ENCODED);
	if (error != 0)
		return error;
	return s_keep (self, repair, (struct siaga_bytes){writer.data, writer.size});
}

static int
s_repair (struct outbox *self, struct repair *repair)
{
	int error = 0;
	self->scratch.count = self->scratch.size = 0;
	for (uint32_t i = 0; error == 0 && i < repair->batch.slot_count; i++)
		error = s_repair_one (self, repair, i);
	if (error == 0)
		error = s_flush (self, repair);
	return error ? error : s_trim_aside (self);
}

static int
s_mark_bad (struct repair *repair, const struct siaga_bad *bad, size_t bad_count)
{
	for (size_t i = 0; i < bad_count; i++) {
		if (bad[i].index >= repair->batch.slot_count || bad[i].code >= 0)
			return SIAGA_EMALFORMED;
		repair->codes[bad[i].index] = bad[i].code;
	}
	return bad_count > 0 ? 0 : SIAGA_EMALFORMED;
}

/* Copies the refused batch's bytes: its row is about to change, and its entries are in no rows from now on. */
static int
s_load (struct outbox *self, struct repair *repair)
{
	uint64_t row = 0;
	struct store_query *query =
		store_query (self->store, "SELECT seq FROM batch WHERE epoch = ? AND first_oseq = ?"
					  " AND acked_us IS NULL");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, repair->first_oseq);
	int error = store_run_uint (query, &row);
	repair->row = (int64_t) row;
	if (error == 0)
		error = outbox_encode_batch (self, repair->row);
	if (error == 0)
		error = outbox_load_batch (self, repair->row, repair->bytes, sizeof repair->bytes,
					   &repair->size);
	struct siaga_bytes bytes = {repair->bytes, repair->size};
	if (error == 0 && siaga_batch_read (bytes, &repair->batch) != 0)
		error = SIAGA_EIO;
	return error;
}

static int
s_replace (struct outbox *self, struct repair *repair, const struct siaga_bad *bad,
	   size_t bad_count)
{
	outbox_forget_fresh (self);
	int error = s_load (self, repair);
	if (error == 0)
		error = s_mark_bad (repair, bad, bad_count);
	return error ? error : s_repair (self, repair);
}

int
outbox_replace_bad (struct outbox *self, uint64_t first_oseq, const struct siaga_bad *bad,
		    size_t bad_count)
{
	bool own;
	struct repair *repair = calloc (1, sizeof *repair);
	if (!repair)
		return SIAGA_ENOMEM;
	repair->first_oseq = first_oseq;
	int error = outbox_enter (self, &own);
	if (error == 0)
		error = outbox_leave (self, own, s_replace (self, repair, bad, bad_count));
	free (repair);
	return error;
}
