/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of what is held, its lanes, and what of it waits (outbox_private.h).
 */
#include "common/outbox_private.h"

#include <assert.h>

#include "siaga/error.h"

#define TURN_SEQ_BITS 48 /* the row's number is (255 - priority) * 2^48 + 2^47 + seq */
#define TURN_SEQ_ZERO (INT64_C (1) << (TURN_SEQ_BITS - 1))

/* Of each lane. */
static const unsigned s_priorities[OUTBOX_LANES] = {
	OUTBOX_PRIORITY_FIRST, OUTBOX_PRIORITY_REPORT, SIAGA_SEVERITY_CRITICAL, SIAGA_SEVERITY_HIGH,
	SIAGA_SEVERITY_MEDIUM, SIAGA_SEVERITY_LOW,     SIAGA_SEVERITY_INFO,
};

int64_t
outbox_turn (unsigned priority, int64_t seq)
{
	assert (priority <= OUTBOX_PRIORITY_FIRST && seq > -TURN_SEQ_ZERO && seq < TURN_SEQ_ZERO);
	return ((int64_t) (OUTBOX_PRIORITY_FIRST - priority) << TURN_SEQ_BITS) + TURN_SEQ_ZERO +
	       seq;
}

unsigned
outbox_priority_of (int64_t turn)
{
	return OUTBOX_PRIORITY_FIRST - (unsigned) (turn >> TURN_SEQ_BITS);
}

int64_t
outbox_seq_of (int64_t turn)
{
	return (turn & ((INT64_C (1) << TURN_SEQ_BITS) - 1)) - TURN_SEQ_ZERO;
}

/* The turn before all that can be in the lane. */
static int64_t
s_lane_start (size_t lane)
{
	return outbox_turn (s_priorities[lane], 1 - TURN_SEQ_ZERO) - 1;
}

size_t
outbox_lane_of (int64_t turn)
{
	unsigned priority = outbox_priority_of (turn);
	if (priority >= OUTBOX_PRIORITY_REPORT)
		return OUTBOX_PRIORITY_FIRST - priority;
	return priority <= SIAGA_SEVERITY_CRITICAL ? OUTBOX_LANES - 1 - priority : 0;
}

int64_t
outbox_lane_last (size_t lane)
{
	return s_lane_start (lane) + (INT64_C (1) << TURN_SEQ_BITS) - 1;
}

void
outbox_marks_init (struct outbox_marks *marks)
{
	for (size_t lane = 0; lane < OUTBOX_LANES; lane++)
		marks->of[lane] = s_lane_start (lane);
}

bool
outbox_is_cut (const struct outbox *self, int64_t turn)
{
	return turn <= self->state.cut.of[outbox_lane_of (turn)];
}

void
outbox_count_in (struct outbox *self, int64_t turn, uint64_t size)
{
	self->state.waiting_in[outbox_lane_of (turn)]++;
	self->state.waiting++;
	self->state.waiting_bytes += size;
}

void
outbox_count_out (struct outbox *self, int64_t turn, uint64_t size)
{
	self->state.waiting_in[outbox_lane_of (turn)]--;
	self->state.waiting--;
	self->state.waiting_bytes -= size;
}

void
outbox_bind_waiting (const struct outbox *self, struct store_query *query, size_t lane)
{
	store_bind_int (query, self->state.cut.of[lane]);
	store_bind_int (query, outbox_lane_last (lane));
}

int
outbox_count_rows (struct outbox *self, size_t lane, int64_t from, int64_t to)
{
	struct outbox_state *state = &self->state;
	struct store_query *query =
		store_query (self->store, "SELECT count (*), total (size) FROM held"
					  " WHERE turn > ? AND turn <= ?");
	store_bind_int (query, from);
	store_bind_int (query, to);
	int error = store_step (query);
	if (error != 0)
		return error;
	state->waiting_in[lane] += store_column_uint (query, 0);
	state->waiting += store_column_uint (query, 0);
	state->waiting_bytes += store_column_uint (query, 1);
	store_done (query);
	return 0;
}

int
outbox_first_in (struct outbox *self, size_t lane, int64_t *turn, uint64_t *added_us)
{
	if (self->state.waiting_in[lane] == 0)
		return SIAGA_ENOTFOUND;
	struct store_query *query = store_query (
		self->store, "SELECT turn, added_us FROM held WHERE turn > ? AND turn <= ?"
			     " ORDER BY turn LIMIT 1");
	outbox_bind_waiting (self, query, lane);
	int error = store_step (query);
	if (error != 0)
		return error;
	*turn = store_column_int (query, 0);
	*added_us = store_column_uint (query, 1);
	store_done (query);
	return 0;
}

int
outbox_oldest (struct outbox *self, unsigned below, int64_t *turn, uint64_t *added_us)
{
	bool found = false;
	for (size_t lane = 0; lane < OUTBOX_LANES; lane++) {
		int64_t first;
		uint64_t first_us;
		if (s_priorities[lane] >= below)
			continue;
		int error = outbox_first_in (self, lane, &first, &first_us);
		if (error == SIAGA_ENOTFOUND)
			continue;
		if (error != 0)
			return error;
		if (found && outbox_seq_of (first) > outbox_seq_of (*turn))
			continue;
		*turn = first;
		*added_us = first_us;
		found = true;
	}
	return found ? 0 : SIAGA_ENOTFOUND;
}

int
outbox_find_row (struct outbox *self, const uint8_t *id, int64_t *turn)
{
	struct store_query *query = store_query (self->store, "SELECT turn FROM held WHERE id = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	int error = store_step (query);
	if (error != 0)
		return error;
	int64_t found = store_column_int (query, 0);
	store_done (query);
	if (found <= self->state.gone.of[outbox_lane_of (found)])
		return SIAGA_ENOTFOUND;
	*turn = found;
	return 0;
}

int
outbox_find_turn (struct outbox *self, const uint8_t *id, int64_t *turn)
{
	int64_t found;
	int error = outbox_find_row (self, id, &found);
	if (error == 0 && outbox_is_cut (self, found))
		error = SIAGA_ENOTFOUND;
	if (error == 0)
		*turn = found;
	return error;
}

int
outbox_find_unsent (struct outbox *self, const uint8_t *id, int64_t *turn)
{
	uint64_t unused;
	struct store_query *query =
		store_query (self->store, "SELECT batch FROM entry WHERE id = ? AND batch = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_int (query, OUTBOX_AGAIN);
	int error = store_run_uint (query, &unused);
	if (error != SIAGA_ENOTFOUND)
		return error ? error : SIAGA_ENOTFOUND;
	return outbox_find_turn (self, id, turn);
}

int
outbox_find_next_seq (struct outbox *self)
{
	self->state.next_seq = 1;
	for (size_t lane = 0; lane < OUTBOX_LANES; lane++) {
		int64_t last = self->state.cut.of[lane];
		struct store_query *query = store_query (
			self->store, "SELECT turn FROM held WHERE turn > ? AND turn <= ?"
				     " ORDER BY turn DESC LIMIT 1");
		outbox_bind_waiting (self, query, lane);
		int error = store_step (query);
		if (error == 0) {
			last = store_column_int (query, 0);
			store_done (query);
		} else if (error != SIAGA_ENOTFOUND)
			return error;
		if (outbox_seq_of (last) >= self->state.next_seq)
			self->state.next_seq = outbox_seq_of (last) + 1;
	}
	return 0;
}
