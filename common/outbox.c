/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox's transactions, what it knows of itself, and its log. Its file is outbox_open.c, adding outbox_add.c, cutting
 * outbox_cut.c, acknowledgement outbox_acked.c, epochs outbox_epoch.c, refused entries outbox_bad.c, what is dropped
 * outbox_drop.c, the order of what waits outbox_turn.c, notes outbox_note.c, positions outbox_position.c.
 */
#include "common/outbox_private.h"

#include "siaga/error.h"

int
outbox_begin (struct outbox *self)
{
	int error = store_begin (self->store);
	if (error == 0)
		self->saved = self->state;
	return error;
}

/* What came in the transaction did not. */
static void
s_restore (struct outbox *self)
{
	self->state = self->saved;
	outbox_forget_fresh (self);
}

int
outbox_commit (struct outbox *self)
{
	int error = store_commit (self->store);
	if (error != 0)
		s_restore (self);
	return error;
}

void
outbox_rollback (struct outbox *self)
{
	if (!store_in_transaction (self->store))
		return;
	store_rollback (self->store);
	s_restore (self);
}

int
outbox_begin_read (struct outbox *self)
{
	return store_begin_read (self->store);
}

void
outbox_end_read (struct outbox *self)
{
	store_rollback (self->store);
}

bool
outbox_in_transaction (const struct outbox *self)
{
	return store_in_transaction (self->store);
}

int
outbox_enter (struct outbox *self, bool *own)
{
	*own = !store_in_transaction (self->store);
	return *own ? outbox_begin (self) : 0;
}

int
outbox_enter_lazy (struct outbox *self, bool *own)
{
	*own = !store_in_transaction (self->store);
	int error = *own ? store_begin_lazy (self->store) : 0;
	if (error == 0 && *own)
		self->saved = self->state;
	return error;
}

int
outbox_leave (struct outbox *self, bool own, int error)
{
	if (!own)
		return error;
	if (error == 0)
		return outbox_commit (self);
	outbox_rollback (self);
	return error;
}

const char *
outbox_error (const struct outbox *self)
{
	return store_error (self->store);
}

bool
outbox_is_broken (const struct outbox *self)
{
	return store_is_broken (self->store);
}

int
outbox_get_log_id (struct outbox *self, uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	struct store_query *query = store_query (self->store, "SELECT log_id FROM lane");
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes blob = store_column_blob (query, 0);
	if (blob.size == SIAGA_LOG_ID_BYTES)
		memcpy (log_id, blob.data, SIAGA_LOG_ID_BYTES);
	else
		error = SIAGA_ENOTFOUND;
	store_done (query);
	return error;
}

int
outbox_set_log_id (struct outbox *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	struct store_query *query = store_query (self->store, "UPDATE lane SET log_id = ?");
	store_bind_blob (query, log_id, SIAGA_LOG_ID_BYTES);
	return store_run (query);
}

const uint8_t *
outbox_epoch (const struct outbox *self)
{
	return self->state.epoch;
}

uint64_t
outbox_last_oseq (const struct outbox *self)
{
	return self->state.last_oseq;
}

uint64_t
outbox_acked_oseq (const struct outbox *self)
{
	return self->state.acked_oseq;
}

bool
outbox_has_ages (const struct outbox *self)
{
	return self->state.kept_bytes > 0 || self->state.known_bytes > 0 ||
	       outbox_waiting (self) > 0;
}

uint64_t
outbox_waiting (const struct outbox *self)
{
	return self->state.waiting;
}

uint64_t
outbox_room (const struct outbox *self)
{
	if (self->max_waiting_bytes == 0)
		return UINT64_MAX;
	return self->max_waiting_bytes > self->state.waiting_bytes
		       ? self->max_waiting_bytes - self->state.waiting_bytes
		       : 0;
}

void
outbox_set_bounds (struct outbox *self, uint64_t keep_acked_us, uint64_t keep_acked_bytes,
		   uint64_t max_waiting_bytes)
{
	self->keep_acked_us = keep_acked_us;
	self->keep_acked_bytes = keep_acked_bytes;
	self->max_waiting_bytes = max_waiting_bytes;
}

int
outbox_count (struct outbox *self, struct outbox_counts *counts)
{
	uint64_t oldest_us = 0;
	int64_t oldest;
	int error = outbox_oldest (self, OUTBOX_PRIORITY_FIRST + 1, &oldest, &oldest_us);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	*counts = (struct outbox_counts){
		.waiting = self->state.waiting,
		.waiting_bytes = self->state.waiting_bytes,
		.oldest_us = oldest_us,
		.in_flight = self->state.in_flight,
		.aside = self->state.aside,
	};
	return 0;
}
