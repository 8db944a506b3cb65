/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch whose entries stand in their rows (outbox_private.h): its marks, its bytes, and what becomes of the rows.
 */
#include "common/outbox_private.h"

#include "siaga/error.h"

void
outbox_pack_marks (uint8_t bytes[OUTBOX_MARKS_BYTES], const struct outbox_marks *marks)
{
	for (size_t i = 0; i < OUTBOX_MARKS_BYTES; i++)
		bytes[i] = (uint8_t) ((uint64_t) marks->of[i / 8] >> (56 - i % 8 * 8));
}

int
outbox_unpack_marks (struct outbox_marks *marks, struct siaga_bytes bytes)
{
	outbox_marks_init (marks);
	if (bytes.size == 0)
		return 0;
	if (bytes.size != OUTBOX_MARKS_BYTES)
		return SIAGA_EIO;
	for (size_t lane = 0; lane < OUTBOX_LANES; lane++) {
		uint64_t turn = 0;
		for (size_t i = 0; i < 8; i++)
			turn = turn << 8 | bytes.data[8 * lane + i];
		marks->of[lane] = (int64_t) turn;
	}
	return 0;
}

int
outbox_read_marks (struct store *store, struct outbox_marks *marks)
{
	struct store_query *query =
		store_query (store, "SELECT coalesce ((SELECT cut FROM batch WHERE cut IS NOT NULL"
				    " ORDER BY seq DESC LIMIT 1), (SELECT gone FROM lane))");
	int error = store_step (query);
	if (error != 0)
		return error;
	error = outbox_unpack_marks (marks, store_column_blob (query, 0));
	store_done (query);
	return error;
}

int
outbox_put_marks (struct outbox *self, int64_t row, const struct outbox_marks *marks,
		  struct siaga_bytes top)
{
	uint8_t bytes[OUTBOX_MARKS_BYTES];
	outbox_pack_marks (bytes, marks);
	struct store_query *query =
		store_query (self->store, "UPDATE batch SET cut = ?, top = ? WHERE seq = ?");
	store_bind_blob (query, bytes, sizeof bytes);
	store_bind_blob (query, top.data, top.size);
	store_bind_int (query, row);
	return store_run (query);
}

/* Its own marks first, then those before it. */
int
outbox_batch_marks (struct outbox *self, int64_t row, struct outbox_marks *from,
		    struct outbox_marks *to)
{
	struct store_query *query =
		store_query (self->store, "SELECT cut FROM batch WHERE seq <= ? AND cut IS NOT NULL"
					  " ORDER BY seq DESC LIMIT 2");
	store_bind_int (query, row);
	*from = self->state.gone;
	int error = store_step (query);
	if (error != 0)
		return error;
	error = outbox_unpack_marks (to, store_column_blob (query, 0));
	if (error == 0)
		error = store_step (query);
	if (error == 0)
		error = outbox_unpack_marks (from, store_column_blob (query, 0));
	store_done (query);
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* How many entries of the batch stand before that turn. */
static int
s_count_before (struct outbox *self, const struct outbox_marks *from, int64_t turn, uint64_t *count)
{
	int error = 0;
	size_t last = outbox_lane_of (turn);
	*count = 0;
	for (size_t lane = 0; error == 0 && lane <= last; lane++) {
		uint64_t more = 0;
		struct store_query *query = store_query (
			self->store, "SELECT count (*) FROM held WHERE turn > ? AND turn <= ?");
		store_bind_int (query, from[0].of[lane]);
		store_bind_int (query, lane == last ? turn - 1 : from[1].of[lane]);
		error = store_run_uint (query, &more);
		*count += more;
	}
	return error;
}

/* It is the first whose mark is not before the row. Marks are packed so that they compare as bytes. */
int
outbox_find_batch (struct outbox *self, int64_t turn, int64_t *row, uint64_t *place)
{
	struct outbox_marks span[2], wanted = {{turn}};
	uint8_t packed[OUTBOX_MARKS_BYTES];
	uint64_t found = 0;
	outbox_pack_marks (packed, &wanted);
	struct store_query *query =
		store_query (self->store, "SELECT seq FROM batch WHERE cut IS NOT NULL"
					  " AND substr (cut, ?, 8) >= ? ORDER BY seq LIMIT 1");
	store_bind_uint (query, 8 * outbox_lane_of (turn) + 1);
	store_bind_blob (query, packed, 8);
	int error = store_run_uint (query, &found);
	if (error == 0)
		error = outbox_batch_marks (self, (int64_t) found, &span[0], &span[1]);
	if (error == 0)
		error = s_count_before (self, span, turn, place);
	if (error == 0)
		*row = (int64_t) found;
	return error;
}

/* Appends the entries between the marks, and counts them. */
static int
s_write_rows (struct outbox *self, struct siaga_writer *writer, const struct outbox_marks *from,
	      const struct outbox_marks *to, size_t *count)
{
	int error = 0;
	*count = 0;
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES; lane++) {
		if (from->of[lane] == to->of[lane])
			continue;
		struct store_query *query = store_query (
			self->store,
			"SELECT entry FROM held WHERE turn > ? AND turn <= ? ORDER BY turn");
		store_bind_int (query, from->of[lane]);
		store_bind_int (query, to->of[lane]);
		while ((error = store_step (query)) == 0) {
			struct siaga_bytes entry = store_column_blob (query, 0);
			siaga_writer_bytes (writer, entry.data, entry.size);
			++*count;
		}
		error = error == SIAGA_ENOTFOUND ? 0 : error;
	}
	return error ? error : writer->error;
}

static int
s_write_batch (struct outbox *self, struct siaga_writer *writer, int64_t row, size_t count)
{
	struct outbox_marks from, to;
	size_t found = 0;
	int error = outbox_batch_marks (self, row, &from, &to);
	siaga_writer_array (writer, count);
	if (error == 0)
		error = s_write_rows (self, writer, &from, &to, &found);
	if (error == SIAGA_ELIMIT || (error == 0 && found != count))
		error = SIAGA_EIO;
	return error == SIAGA_ENOTFOUND ? SIAGA_EIO : error;
}

int
outbox_load_batch (struct outbox *self, int64_t row, uint8_t *bytes, size_t capacity, size_t *size)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, bytes, capacity);
	struct store_query *query = store_query (
		self->store, "SELECT count, coalesce (top, bytes), top IS NOT NULL FROM batch"
			     " LEFT JOIN encoded ON encoded.batch = seq WHERE seq = ?");
	store_bind_int (query, row);
	int error = store_step (query);
	if (error != 0)
		return error;
	size_t count = store_column_uint (query, 0);
	bool has_rows = store_column_uint (query, 2) != 0;
	siaga_writer_raw (&writer, store_column_blob (query, 1));
	store_done (query);
	error = writer.error ? SIAGA_EIO : 0;
	if (error == 0 && has_rows)
		error = s_write_batch (self, &writer, row, count);
	if (error == 0)
		*size = writer.size;
	return error;
}

/* Runs a statement for the rows of the batch in each lane. */
static int
s_each_lane (struct outbox *self, const char *sql, const struct outbox_marks *from,
	     const struct outbox_marks *to)
{
	int error = 0;
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES; lane++) {
		if (from->of[lane] == to->of[lane])
			continue;
		struct store_query *query = store_query (self->store, sql);
		store_bind_int (query, from->of[lane]);
		store_bind_int (query, to->of[lane]);
		error = store_run (query);
	}
	return error;
}

int
outbox_has_rows (struct outbox *self, int64_t row, bool *has)
{
	uint64_t rows = 0;
	struct store_query *query =
		store_query (self->store, "SELECT top IS NOT NULL FROM batch WHERE seq = ?");
	store_bind_int (query, row);
	int error = store_run_uint (query, &rows);
	*has = rows != 0;
	return error;
}

/* What is known of the ids besides. */
static int
s_forget_places (struct outbox *self, const struct outbox_marks *from,
		 const struct outbox_marks *to)
{
	if (!self->state.has_places)
		return 0;
	return s_each_lane (self,
			    "DELETE FROM entry WHERE id IN"
			    " (SELECT id FROM held WHERE turn > ? AND turn <= ?)",
			    from, to);
}

static int
s_delete_rows (struct outbox *self, const struct outbox_marks *from, const struct outbox_marks *to)
{
	return s_each_lane (self, "DELETE FROM held WHERE turn > ? AND turn <= ?", from, to);
}

/* Removes rows of a lane from its beginning on, of those that are gone, until they were *bytes, which counts down. */
static int
s_reclaim_in (struct outbox *self, size_t lane, uint64_t *bytes)
{
	struct outbox_state *state = &self->state;
	struct outbox_marks from, to;
	int error = 0;
	outbox_marks_init (&from);
	to = from;
	struct store_query *query =
		store_query (self->store, "SELECT turn, size FROM held WHERE turn > ? AND turn <= ?"
					  " ORDER BY turn");
	store_bind_int (query, from.of[lane]);
	store_bind_int (query, state->gone.of[lane]);
	while (*bytes > 0 && (error = store_step (query)) == 0) {
		uint64_t size = store_column_uint (query, 1);
		to.of[lane] = store_column_int (query, 0);
		*bytes -= size < *bytes ? size : *bytes;
		state->gone_bytes -= size < state->gone_bytes ? size : state->gone_bytes;
	}
	store_done (query);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	error = s_forget_places (self, &from, &to);
	return error ? error : s_delete_rows (self, &from, &to);
}

int
outbox_reclaim (struct outbox *self, uint64_t bytes)
{
	int error = 0;
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES && bytes > 0; lane++)
		error = s_reclaim_in (self, lane, &bytes);
	if (error == 0 && bytes > 0)
		self->state.gone_bytes = 0; /* there was less than thought */
	return error;
}

int
outbox_reclaim_all (struct outbox *self)
{
	int error = outbox_reclaim (self, UINT64_MAX);
	outbox_marks_init (&self->state.gone);
	return error ? error : outbox_save_lane (self);
}

int
outbox_let_rows_go (struct outbox *self, int64_t row, uint64_t size)
{
	struct outbox_marks from;
	int error = outbox_batch_marks (self, row, &from, &self->state.gone);
	self->state.gone_bytes += size;
	if (error == 0 && self->state.gone_bytes > self->keep_acked_bytes)
		error = outbox_reclaim (self, self->state.gone_bytes - self->keep_acked_bytes);
	return error;
}

static int
s_move_out (struct outbox *self, int64_t row, struct siaga_bytes bytes)
{
	struct outbox_marks from, to;
	int error = outbox_batch_marks (self, row, &from, &to);
	self->state.has_places = true;
	if (error == 0)
		error = s_each_lane (self,
				     "INSERT OR REPLACE INTO entry (id, batch, place)"
				     " SELECT id, 0 /* OUTBOX_ENCODED */, 0 FROM held"
				     " WHERE turn > ? AND turn <= ?",
				     &from, &to);
	if (error == 0)
		error = outbox_put_bytes (self, row, bytes);
	return error ? error : s_delete_rows (self, &from, &to);
}

int
outbox_encode_batch (struct outbox *self, int64_t row)
{
	struct outbox_scratch *scratch = &self->scratch;
	size_t size = 0;
	bool has_rows = false;
	int error = outbox_has_rows (self, row, &has_rows);
	if (error != 0 || !has_rows)
		return error;
	error = outbox_load_batch (self, row, scratch->batch, sizeof scratch->batch, &size);
	if (error == 0)
		error = s_move_out (self, row, (struct siaga_bytes){scratch->batch, size});
	struct store_query *query =
		store_query (self->store, "UPDATE batch SET top = NULL WHERE seq = ?");
	store_bind_int (query, row);
	return error ? error : store_run (query);
}

int
outbox_mark_again (struct outbox *self, const struct outbox_marks *from,
		   const struct outbox_marks *to)
{
	self->state.has_places = true;
	return s_each_lane (self,
			    "INSERT OR REPLACE INTO entry (id, batch, place)"
			    " SELECT id, 1 /* OUTBOX_AGAIN */, 0 FROM held"
			    " WHERE turn > ? AND turn <= ?",
			    from, to);
}
