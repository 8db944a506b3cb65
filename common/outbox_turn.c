/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of what waits (outbox_private.h).
 */
#include "common/outbox_private.h"

#include <assert.h>

#include "siaga/error.h"

#define TURN_SEQ_BITS 48 /* the row's number is (255 - priority) * 2^48 + 2^47 + seq */
#define TURN_SEQ_ZERO (INT64_C (1) << (TURN_SEQ_BITS - 1))

/* All there are. */
static const unsigned s_priorities[] = {
	OUTBOX_PRIORITY_FIRST, OUTBOX_PRIORITY_REPORT, SIAGA_SEVERITY_CRITICAL, SIAGA_SEVERITY_HIGH,
	SIAGA_SEVERITY_MEDIUM, SIAGA_SEVERITY_LOW,     SIAGA_SEVERITY_INFO,
};

#define PRIORITIES (sizeof s_priorities / sizeof *s_priorities)

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

int
outbox_first_of (struct outbox *self, unsigned priority, int64_t *turn, uint64_t *added_us)
{
	int64_t start = outbox_turn (priority, 1 - TURN_SEQ_ZERO);
	struct store_query *query = store_query (
		self->store, "SELECT turn, added_us FROM waiting WHERE turn >= ? AND turn < ?"
			     " ORDER BY turn LIMIT 1");
	store_bind_int (query, start);
	store_bind_int (query, start + (INT64_C (1) << TURN_SEQ_BITS));
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
	for (size_t i = 0; i < PRIORITIES; i++) {
		int64_t first;
		uint64_t first_us;
		if (s_priorities[i] >= below)
			continue;
		int error = outbox_first_of (self, s_priorities[i], &first, &first_us);
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

static int
s_find (struct outbox *self, const uint8_t *id, int64_t last_kind, int64_t *turn)
{
	/* A turn may have been given again to another. */
	struct store_query *query =
		store_query (self->store, "SELECT turn FROM entry JOIN waiting ON turn = place"
					  " WHERE entry.id = ? AND batch >= 0 AND batch <= ?"
					  " AND waiting.id = entry.id");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_int (query, last_kind);
	int error = store_step (query);
	if (error != 0)
		return error;
	*turn = store_column_int (query, 0);
	store_done (query);
	return 0;
}

int
outbox_find_turn (struct outbox *self, const uint8_t *id, int64_t *turn)
{
	return s_find (self, id, OUTBOX_AGAIN, turn);
}

int
outbox_find_unsent (struct outbox *self, const uint8_t *id, int64_t *turn)
{
	return s_find (self, id, OUTBOX_HELD, turn);
}

int
outbox_find_next_seq (struct outbox *self)
{
	int64_t last;
	self->state.next_seq = 1;
	for (size_t i = 0; i < PRIORITIES; i++) {
		struct store_query *query = store_query (
			self->store,
			"SELECT turn FROM waiting WHERE turn < ? ORDER BY turn DESC LIMIT 1");
		store_bind_int (query, outbox_turn (s_priorities[i], TURN_SEQ_ZERO - 1));
		int error = store_step (query);
		if (error == SIAGA_ENOTFOUND)
			continue;
		if (error != 0)
			return error;
		last = outbox_seq_of (store_column_int (query, 0));
		store_done (query);
		if (last >= self->state.next_seq)
			self->state.next_seq = last + 1;
	}
	return 0;
}
