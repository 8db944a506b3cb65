/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was cut waits again. A batch whose entries have rows needs no more than to have its mark moved back; what has
 * none (outbox_private.h) gets rows before all that waits.
 */
#include "common/outbox_private.h"

#include <stdlib.h>

#include "common/clock.h"
#include "siaga/error.h"

/* How many lines an entry that waits again stands for: an update's are its alert's already. */
static uint64_t
s_lines (struct siaga_bytes encoded, const struct siaga_header *header)
{
	struct siaga_body body;
	if (header->kind == SIAGA_KIND_VOID || header->kind == SIAGA_KIND_UPDATE)
		return 0;
	if (header->sealed.size > 0 || siaga_body_read (encoded, &body) != 0 || body.count == 0)
		return 1;
	return body.count;
}

/* Puts an entry back among the waiting, before everything that waits, at *seq. */
static int
s_requeue_entry (struct outbox *self, struct siaga_bytes entry, int64_t *seq)
{
	struct siaga_header header;
	struct siaga_bytes body;
	uint64_t now_us = clock_now_us ();
	if (siaga_header_read (entry, &header, &body) != 0)
		return SIAGA_EIO;
	uint64_t added_us = header.created_us < now_us ? header.created_us : now_us;
	int64_t turn = outbox_turn (header.severity, (*seq)++);
	int error = outbox_put_waiting (self, turn, header.id, added_us, entry,
					s_lines (body, &header));
	if (error == SIAGA_EEXISTS) /* one is enough */
		return 0;
	return error ? error : outbox_put_place (self, header.id, OUTBOX_AGAIN);
}

/* A row that goes back among the waiting, as the scratch holds it. */
struct requeued {
	int64_t row;
	size_t size;
	bool kept; /* it was acknowledged */
};

static int
s_requeue_batch (struct outbox *self, const struct requeued *it, int64_t *seq)
{
	struct siaga_batch *batch = malloc (sizeof *batch);
	if (!batch)
		return SIAGA_ENOMEM;
	struct siaga_bytes bytes = {self->scratch.batch, it->size};
	int error = siaga_batch_read (bytes, batch) == 0 ? 0 : SIAGA_EIO;
	for (uint32_t i = 0; error == 0 && i < batch->slot_count; i++)
		error = s_requeue_entry (self, batch->slots[i].entry, seq);
	free (batch);
	if (error != 0)
		return error;
	if (it->kept)
		self->state.kept_bytes -= it->size;
	else
		self->state.in_flight--;
	return outbox_remove_batch (self, it->row);
}

static int
s_requeue_known (struct outbox *self, const struct requeued *it, int64_t *seq)
{
	struct siaga_bytes entry = {self->scratch.batch, it->size};
	self->state.known_bytes -= it->size;
	struct store_query *query = store_query (self->store, "DELETE FROM known WHERE seq = ?");
	store_bind_int (query, it->row);
	int error = store_run (query);
	return error ? error : s_requeue_entry (self, entry, seq);
}

/* What waits again: of this epoch what ends after ?2, and with ?3 all of former epochs. An entry the hub had
   already is as safe there as the void in its place: it comes back where that void does. */
#define WHICH_BATCH "((epoch = ?1 AND first_oseq + count - 1 > ?2) OR (?3 AND epoch != ?1))"
#define WHICH_BATCHES " FROM batch WHERE " WHICH_BATCH
#define WHICH_KNOWN " FROM known WHERE ((epoch = ?1 AND oseq > ?2) OR (?3 AND epoch != ?1))"

/* A kind of what has no rows to go through: statements, and what to do with each. */
struct requeue {
	const char *count;
	const char *next; /* of seq, bytes, acked_us; behind the row ?4 */
	int (*take) (struct outbox *self, const struct requeued *it, int64_t *seq);
};

static const struct requeue s_kinds[] = {
	{"SELECT total (count)" WHICH_BATCHES,
	 "SELECT seq, (SELECT bytes FROM encoded WHERE encoded.batch = seq), acked_us" WHICH_BATCHES
	 " AND seq > ?4 ORDER BY seq LIMIT 1",
	 s_requeue_batch},
	{"SELECT count (*)" WHICH_KNOWN,
	 "SELECT seq, entry, at_us" WHICH_KNOWN " AND seq > ?4 ORDER BY seq LIMIT 1",
	 s_requeue_known},
};

#define KINDS (sizeof s_kinds / sizeof *s_kinds)

static struct store_query *
s_query (struct outbox *self, const char *sql, uint64_t after, bool former)
{
	struct store_query *query = store_query (self->store, sql);
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, after);
	store_bind_uint (query, former);
	return query;
}

/* The sequence number the first requeued entry gets, so that all of them are older than what waits. */
static int
s_first_seq (struct outbox *self, uint64_t after, bool former, int64_t *seq)
{
	uint64_t entries = 0, all = 0;
	for (size_t i = 0; i < KINDS; i++) {
		int error =
			store_run_uint (s_query (self, s_kinds[i].count, after, former), &entries);
		if (error != 0)
			return error;
		all += entries;
	}
	int64_t oldest;
	uint64_t oldest_us;
	int error = outbox_oldest (self, OUTBOX_PRIORITY_FIRST + 1, &oldest, &oldest_us);
	if (error == 0)
		*seq = outbox_seq_of (oldest) - (int64_t) all;
	else if (error == SIAGA_ENOTFOUND)
		*seq = self->state.next_seq - (int64_t) all;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

static int
s_requeue_kind (struct outbox *self, const struct requeue *kind, uint64_t after, bool former,
		int64_t *seq)
{
	struct requeued it = {0};
	int error = 0;
	while (error == 0) {
		struct store_query *query = s_query (self, kind->next, after, former);
		store_bind_int (query, it.row);
		error = store_step (query);
		if (error != 0)
			break;
		struct siaga_bytes bytes = store_column_blob (query, 1);
		it.row = store_column_int (query, 0);
		it.kept = !store_column_is_null (query, 2);
		it.size = bytes.size < SIAGA_BATCH_MAX ? bytes.size : SIAGA_BATCH_MAX;
		if (it.size > 0)
			memcpy (self->scratch.batch, bytes.data, it.size);
		store_done (query);
		error = kind->take (self, &it, seq);
	}
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* A void that began an epoch is none that begins the next: it waits like others, at its severity. */
static int
s_demote_one (struct outbox *self, int64_t turn)
{
	struct siaga_header header = {.severity = SIAGA_SEVERITY_INFO};
	struct siaga_bytes body;
	struct store_query *query =
		store_query (self->store, "SELECT entry, size FROM held WHERE turn = ?");
	store_bind_int (query, turn);
	int error = store_step (query);
	if (error != 0)
		return error;
	uint64_t size = store_column_uint (query, 1);
	siaga_header_read (store_column_blob (query, 0), &header, &body);
	int64_t to = outbox_turn (header.severity, self->state.next_seq++);
	store_done (query);
	query = store_query (self->store, "UPDATE held SET turn = ? WHERE turn = ?");
	store_bind_int (query, to);
	store_bind_int (query, turn);
	outbox_count_out (self, turn, size);
	outbox_count_in (self, to, size);
	return store_run (query);
}

/* All of them, up to that turn. */
static int
s_demote (struct outbox *self, int64_t last)
{
	int64_t turn = 0;
	uint64_t added_us;
	int error;
	while ((error = outbox_first_in (self, 0, &turn, &added_us)) == 0 && turn <= last)
		if ((error = s_demote_one (self, turn)) != 0)
			break;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* Do rows have to stand between what stays cut and what waits? So it is for what has no rows yet, and where batches that
   stay were cut after others that do not. */
static int
s_needs_room (struct outbox *self, uint64_t after, bool former, bool *needs)
{
	uint64_t found = 0;
	int error = store_run_uint (
		s_query (self,
			 "SELECT EXISTS (SELECT 1" WHICH_KNOWN ") OR EXISTS (SELECT 1" WHICH_BATCHES
			 " AND top IS NULL) OR EXISTS (SELECT 1 FROM batch WHERE NOT " WHICH_BATCH
			 " AND cut IS NOT NULL AND seq >"
			 " (SELECT min (seq)" WHICH_BATCHES " AND top IS NOT NULL))",
			 after, former),
		&found);
	*needs = found != 0;
	return error;
}

/* What stays cut gets bytes by itself, and what is gone goes: then all rows that are left wait or will. */
static int
s_make_room (struct outbox *self, uint64_t after, bool former)
{
	uint64_t row = 0;
	int error = outbox_reclaim_all (self);
	while (error == 0) {
		error = store_run_uint (s_query (self,
						 "SELECT seq FROM batch WHERE NOT " WHICH_BATCH
						 " AND top IS NOT NULL ORDER BY seq LIMIT 1",
						 after, former),
					&row);
		if (error == 0)
			error = outbox_encode_batch (self, (int64_t) row);
	}
	if (error != SIAGA_ENOTFOUND)
		return error;
	return store_run (
		store_query (self->store, "UPDATE batch SET cut = NULL WHERE top IS NULL"));
}

/* Removes the batches whose entries have rows. */
static int
s_undo_cuts (struct outbox *self, uint64_t after, bool former)
{
	struct store_query *query =
		s_query (self,
			 "SELECT count (*) - count (acked_us),"
			 " total (CASE WHEN acked_us IS NULL THEN 0 ELSE size END)" WHICH_BATCHES
			 " AND top IS NOT NULL",
			 after, former);
	int error = store_step (query);
	if (error != 0)
		return error;
	self->state.in_flight -= store_column_uint (query, 0);
	self->state.kept_bytes -= store_column_uint (query, 1);
	store_done (query);
	return store_run (
		s_query (self, "DELETE" WHICH_BATCHES " AND top IS NOT NULL", after, former));
}

/* What stands behind the newest batch that is left waits, and what of that was cut before waits again. */
static int
s_move_marks (struct outbox *self)
{
	struct outbox_marks before = self->state.cut, *now = &self->state.cut;
	int error = outbox_read_marks (self->store, now);
	if (error == 0)
		error = outbox_mark_again (self, now, &before);
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES; lane++)
		error = outbox_count_rows (self, lane, now->of[lane], before.of[lane]);
	return error ? error : s_demote (self, before.of[0]);
}

static int
s_requeue_rows (struct outbox *self, uint64_t after, bool former)
{
	bool needs_room = false;
	int error = s_needs_room (self, after, former, &needs_room);
	if (error == 0 && needs_room)
		error = s_make_room (self, after, former);
	if (error == 0)
		error = s_undo_cuts (self, after, former);
	return error ? error : s_move_marks (self);
}

int
outbox_requeue (struct outbox *self, uint64_t after, bool former)
{
	int64_t seq = 1;
	outbox_forget_fresh (self);
	int error = s_requeue_rows (self, after, former);
	if (error == 0)
		error = s_first_seq (self, after, former, &seq);
	for (size_t i = 0; error == 0 && i < KINDS; i++)
		error = s_requeue_kind (self, &s_kinds[i], after, former, &seq);
	return error;
}

int
outbox_requeue_known (struct outbox *self, uint64_t after)
{
	uint64_t entries = 0;
	int64_t seq = 1;
	struct store_query *query = store_query (
		self->store, "SELECT count (*) FROM known WHERE epoch = ? AND oseq > ?");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, after);
	int error = store_run_uint (query, &entries);
	if (error != 0 || entries == 0)
		return error;
	error = s_make_room (self, SIAGA_OSEQ_MAX, false);
	if (error == 0)
		error = s_move_marks (self);
	/* Batches are counted too, if any: the numbers need not be dense. */
	if (error == 0)
		error = s_first_seq (self, after, false, &seq);
	return error ? error : s_requeue_kind (self, &s_kinds[1], after, false, &seq);
}
