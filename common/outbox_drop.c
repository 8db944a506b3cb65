/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What leaves without being cut: taken back by the owner, dropped for room, or for age. Only what is
 * not yet cut: a batch's numbers are given, and a hole would stop everything behind it.
 */
#include "common/outbox_private.h"

#include "siaga/error.h"

struct dropped {
	uint8_t id[SIAGA_ID_BYTES];
	unsigned priority;
	uint64_t size;
	uint64_t lines;
};

/* Removes the waiting row of that turn and the place of its id. */
static int
s_remove (struct outbox *self, int64_t turn, struct dropped *dropped)
{
	struct store_query *query = store_query (self->store, "DELETE FROM held WHERE turn = ?"
							      " RETURNING id, size, lines");
	store_bind_int (query, turn);
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes id = store_column_blob (query, 0);
	memset (dropped->id, 0, sizeof dropped->id);
	if (id.size == sizeof dropped->id)
		memcpy (dropped->id, id.data, id.size);
	dropped->priority = outbox_priority_of (turn);
	dropped->size = store_column_uint (query, 1);
	dropped->lines = store_column_uint (query, 2);
	store_done (query);
	outbox_count_out (self, turn, dropped->size);
	return outbox_remove_place (self, dropped->id);
}

static int
s_drop (struct outbox *self, int64_t turn, outbox_dropped_fn *on_dropped, void *arg)
{
	struct dropped dropped;
	int error = s_remove (self, turn, &dropped);
	if (error == 0 && on_dropped)
		on_dropped (arg, dropped.id, (enum siaga_severity) dropped.priority, dropped.lines);
	return error;
}

bool
outbox_is_waiting (struct outbox *self, const uint8_t id[SIAGA_ID_BYTES])
{
	int64_t turn;
	return outbox_find_turn (self, id, &turn) == 0;
}

static int
s_copy (struct outbox *self, int64_t turn, uint8_t *bytes, size_t *size)
{
	struct store_query *query =
		store_query (self->store, "SELECT entry FROM held WHERE turn = ?");
	store_bind_int (query, turn);
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes entry = store_column_blob (query, 0);
	*size = entry.size < SIAGA_ENTRY_MAX ? entry.size : SIAGA_ENTRY_MAX;
	if (*size > 0)
		memcpy (bytes, entry.data, *size);
	store_done (query);
	return 0;
}

static int
s_withdraw (struct outbox *self, const uint8_t *id, uint8_t *bytes, size_t *size, uint64_t *lines)
{
	struct dropped dropped;
	int64_t turn = 0;
	int error = outbox_find_unsent (self, id, &turn);
	if (error == 0)
		error = s_copy (self, turn, bytes, size);
	if (error == 0)
		error = s_remove (self, turn, &dropped);
	if (error == 0)
		*lines = dropped.lines;
	return error;
}

int
outbox_withdraw (struct outbox *self, const uint8_t id[SIAGA_ID_BYTES], uint8_t *bytes,
		 size_t *size, uint64_t *lines)
{
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	return outbox_leave (self, own, s_withdraw (self, id, bytes, size, lines));
}

/* Drops the oldest waiting entry of the lowest severity, if that is less than `below`: SIAGA_EFULL if not. */
static int
s_drop_least (struct outbox *self, unsigned below, outbox_dropped_fn *on_dropped, void *arg)
{
	int64_t turn = 0;
	uint64_t added_us;
	size_t lane = OUTBOX_LANES;
	while (lane > 0 && self->state.waiting_in[lane - 1] == 0)
		lane--;
	if (lane == 0)
		return SIAGA_EFULL;
	int error = outbox_first_in (self, lane - 1, &turn, &added_us);
	if (error == 0 && outbox_priority_of (turn) >= below)
		return SIAGA_EFULL;
	return error ? error : s_drop (self, turn, on_dropped, arg);
}

int
outbox_shed (struct outbox *self, uint64_t bytes, unsigned below, outbox_dropped_fn *on_dropped,
	     void *arg)
{
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	while (error == 0 && outbox_room (self) < bytes)
		error = s_drop_least (self, below, on_dropped, arg);
	bool full = error == SIAGA_EFULL;
	error = outbox_leave (self, own, full ? 0 : error);
	return error == 0 && full ? SIAGA_EFULL : error;
}

/* Drops the oldest if it was added before that time: SIAGA_ENOTFOUND if not. */
static int
s_expire_one (struct outbox *self, uint64_t before_us, outbox_dropped_fn *on_dropped, void *arg)
{
	int64_t turn = 0;
	uint64_t added_us = 0;
	int error = outbox_oldest (self, OUTBOX_PRIORITY_REPORT, &turn, &added_us);
	if (error != 0)
		return error;
	return added_us < before_us ? s_drop (self, turn, on_dropped, arg) : SIAGA_ENOTFOUND;
}

int
outbox_expire (struct outbox *self, uint64_t before_us, size_t max, outbox_dropped_fn *on_dropped,
	       void *arg, size_t *count)
{
	size_t dropped = 0;
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	while (error == 0 && dropped < max) {
		error = s_expire_one (self, before_us, on_dropped, arg);
		dropped += error == 0;
	}
	error = outbox_leave (self, own, error == SIAGA_ENOTFOUND ? 0 : error);
	if (error == 0)
		*count = dropped;
	return error;
}

static int
s_shift (struct outbox *self, int64_t delta_us)
{
	int error = 0;
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES; lane++) {
		if (self->state.waiting_in[lane] == 0)
			continue;
		struct store_query *query =
			store_query (self->store, "UPDATE held SET added_us = max (added_us + ?, 0)"
						  " WHERE turn > ? AND turn <= ?");
		store_bind_int (query, delta_us);
		outbox_bind_waiting (self, query, lane);
		error = store_run (query);
	}
	return error;
}

/* What the hub has and is kept here, should the hub's disk go back. */
static int
s_shift_kept (struct outbox *self, int64_t delta_us)
{
	static const char *const updates[] = {
		"UPDATE batch SET acked_us = max (acked_us + ?, 0) WHERE acked_us IS NOT NULL",
		"UPDATE known SET at_us = max (at_us + ?, 0)",
	};
	int error = 0;
	for (size_t i = 0; error == 0 && i < sizeof updates / sizeof *updates; i++) {
		struct store_query *query = store_query (self->store, updates[i]);
		store_bind_int (query, delta_us);
		error = store_run (query);
	}
	return error;
}

int
outbox_shift_ages (struct outbox *self, int64_t delta_us)
{
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	error = s_shift (self, delta_us);
	return outbox_leave (self, own, error ? error : s_shift_kept (self, delta_us));
}
