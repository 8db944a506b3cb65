/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Epochs (DESIGN section 7): what to do when hub and outbox disagree about what was sent. The rule behind
 * all of it: nothing that still exists here is lost, and nothing is sent under oseqs that may hold something
 * else at the hub.
 */
#include "common/outbox_private.h"

#include <stdlib.h>

#include <sodium.h>

#include "common/clock.h"
#include "siaga/error.h"

/* What WELCOME makes us do. */
struct verdict {
	bool rewind;	    /* the hub is behind: what comes after `after` is in flight again */
	bool former;	    /* what is kept of former epochs waits again */
	const char *reason; /* not NULL: a new epoch, for this reason */
	uint64_t after;	    /* … in which the batches that end after this one wait again */
};

/* A void that begins an epoch waits already: nothing of that epoch was cut. */
static int
s_has_first (struct outbox *self, bool *has)
{
	int64_t turn;
	uint64_t added_us;
	int error = outbox_first_in (self, 0, &turn, &added_us);
	*has = error == 0;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

static int
s_put_first (struct outbox *self, const char *reason, const uint8_t *previous,
	     uint64_t previous_oseq)
{
	uint8_t buffer[1024], id[SIAGA_ID_BYTES];
	struct siaga_writer writer;
	bool has = false;
	int error = s_has_first (self, &has);
	if (error != 0 || has)
		return error;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	error = outbox_write_void (self, &writer, id, reason, previous, previous_oseq);
	int64_t turn = outbox_turn (OUTBOX_PRIORITY_FIRST, self->state.next_seq++);
	struct siaga_bytes entry = {writer.data, writer.size};
	if (error == 0)
		error = outbox_put_waiting (self, turn, id, clock_now_us (), entry, 0);
	return error;
}

int
outbox_begin_epoch (struct outbox *self, const char *reason, uint64_t after, bool former)
{
	uint8_t previous[SIAGA_EPOCH_BYTES];
	uint64_t previous_oseq = self->state.last_oseq;
	memcpy (previous, self->state.epoch, sizeof previous);
	int error = outbox_requeue (self, after, former);
	if (error == 0)
		error = s_put_first (self, reason, previous, previous_oseq);
	if (error != 0)
		return error;
	outbox_forget_fresh (self);
	randombytes_buf (self->state.epoch, SIAGA_EPOCH_BYTES);
	self->state.last_oseq = self->state.acked_oseq = 0;
	return outbox_save_lane (self);
}

/* Is every batch of the epoch after `held` still here, without a hole? */
static int
s_is_kept (struct outbox *self, uint64_t held, bool *kept)
{
	uint64_t entries = 0;
	struct store_query *query = store_query (
		self->store, "SELECT total (count) FROM batch WHERE epoch = ? AND first_oseq > ?");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, held);
	int error = store_run_uint (query, &entries);
	*kept = error == 0 && entries == self->state.last_oseq - held;
	return error;
}

/* Does a batch of ours end at `held` (found), and is it the one the hub means (same)? */
static int
s_compare (struct outbox *self, uint64_t held, const uint8_t *hash, bool *found, bool *same)
{
	*found = *same = false;
	struct store_query *query = store_query (
		self->store, "SELECT head_hash FROM batch WHERE epoch = ? AND first_oseq <= ?"
			     " AND first_oseq > ? AND first_oseq + count - 1 = ?");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, held);
	store_bind_uint (query,
			 held > SIAGA_BATCH_ENTRIES_MAX ? held - SIAGA_BATCH_ENTRIES_MAX : 0);
	store_bind_uint (query, held);
	int error = store_step (query);
	if (error != 0)
		return error == SIAGA_ENOTFOUND ? 0 : error;
	struct siaga_bytes blob = store_column_blob (query, 0);
	*found = true;
	*same = hash && blob.size == SIAGA_HASH_BYTES &&
		memcmp (blob.data, hash, SIAGA_HASH_BYTES) == 0;
	store_done (query);
	return 0;
}

/* Is there a batch here that begins at or before `held`? The oldest are let go first: then the one that ends
   there was not let go. */
static int
s_is_reached (struct outbox *self, uint64_t held, bool *reached)
{
	uint64_t first = 0;
	struct store_query *query = store_query (
		self->store, "SELECT first_oseq FROM batch WHERE epoch = ? AND first_oseq <= ?"
			     " ORDER BY first_oseq LIMIT 1");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, held);
	int error = store_run_uint (query, &first);
	*reached = error == 0;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

static int
s_judge_behind (struct outbox *self, uint64_t held, struct verdict *verdict)
{
	bool kept = false;
	int error = s_is_kept (self, held, &kept);
	verdict->former = held == 0;
	verdict->after = held;
	verdict->rewind = kept;
	if (!kept)
		verdict->reason = "the hub lost entries that are no longer kept here";
	return error;
}

static int
s_judge (struct outbox *self, uint64_t held, const uint8_t *hash, struct verdict *verdict)
{
	uint64_t acked = self->state.acked_oseq;
	bool found, same;
	if (held > self->state.last_oseq) {
		verdict->reason = "the hub holds more than was cut here";
		verdict->after = acked;
		return 0;
	}
	if (held == 0)
		return acked == 0 ? 0 : s_judge_behind (self, held, verdict);
	int error = s_compare (self, held, hash, &found, &same);
	if (error != 0 || (same && held >= acked))
		return error;
	if (same)
		return s_judge_behind (self, held, verdict);
	if (!found)
		error = s_is_reached (self, held, &found);
	if (error != 0)
		return error;
	if (!found && held < acked) {
		verdict->reason = "the hub lost entries that are no longer kept here";
		verdict->after = held;
		return 0;
	}
	/* Where it holds another batch than it had acknowledged, nothing acknowledged is sure to be there. */
	verdict->reason = "the hub holds another batch here";
	verdict->after = held > acked ? acked : 0;
	verdict->former = held <= acked;
	return 0;
}

/* How many acknowledged batches of the epoch begin after `held`, and their bytes. */
static int
s_count_lost (struct outbox *self, uint64_t held, uint64_t *count, uint64_t *bytes)
{
	struct store_query *query = store_query (
		self->store, "SELECT count (*), total (size) FROM batch WHERE epoch = ?"
			     " AND first_oseq > ? AND acked_us IS NOT NULL");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, held);
	int error = store_step (query);
	if (error != 0)
		return error;
	*count = store_column_uint (query, 0);
	*bytes = store_column_uint (query, 1);
	store_done (query);
	return 0;
}

/* Everything after `held` is in flight again. */
static int
s_rewind (struct outbox *self, uint64_t held)
{
	uint64_t count = 0, bytes = 0;
	int error = s_count_lost (self, held, &count, &bytes);
	struct store_query *query = store_query (
		self->store, "UPDATE batch SET acked_us = NULL, number = NULL WHERE epoch = ?"
			     " AND first_oseq > ?");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, held);
	if (error == 0)
		error = store_run (query);
	if (error != 0)
		return error;
	self->state.in_flight += count;
	self->state.kept_bytes -= bytes;
	self->state.acked_oseq = held;
	return outbox_save_lane (self);
}

static int
s_resume (struct outbox *self, uint64_t held, const uint8_t *hash, struct verdict *verdict)
{
	int error = s_judge (self, held, hash, verdict);
	if (error != 0)
		return error;
	if (verdict->reason)
		return outbox_begin_epoch (self, verdict->reason, verdict->after, verdict->former);
	if (verdict->rewind)
		error = s_rewind (self, held);
	else
		error = outbox_mark_acked (self, held, OUTBOX_NUMBER_UNKNOWN);
	if (error == 0)
		error = outbox_requeue_known (self, held);
	if (error == 0 && verdict->former)
		error = outbox_requeue_former (self);
	return error;
}

int
outbox_resume (struct outbox *self, uint64_t held_oseq, const uint8_t *held_hash,
	       uint64_t *resume_after, bool *new_epoch)
{
	struct verdict verdict = {0};
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	error = outbox_leave (self, own, s_resume (self, held_oseq, held_hash, &verdict));
	if (error != 0)
		return error;
	if (resume_after)
		*resume_after = verdict.reason ? 0 : held_oseq;
	if (new_epoch)
		*new_epoch = verdict.reason != NULL;
	return 0;
}

int
outbox_requeue_former (struct outbox *self)
{
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	return outbox_leave (self, own, outbox_requeue (self, self->state.last_oseq, true));
}

/* The epoch of the newest batch that is kept of a former epoch. */
static int
s_former_epoch (struct outbox *self, uint8_t epoch[SIAGA_EPOCH_BYTES])
{
	struct store_query *query = store_query (
		self->store, "SELECT epoch FROM batch WHERE epoch != ? ORDER BY seq DESC LIMIT 1");
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes blob = store_column_blob (query, 0);
	if (blob.size == SIAGA_EPOCH_BYTES)
		memcpy (epoch, blob.data, SIAGA_EPOCH_BYTES);
	else
		error = SIAGA_EIO;
	store_done (query);
	return error;
}

int
outbox_former (struct outbox *self, uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t *oseq)
{
	if (self->state.acked_oseq > 0)
		return SIAGA_ENOTFOUND;
	int error = s_former_epoch (self, epoch);
	if (error != 0)
		return error;
	struct store_query *query =
		store_query (self->store, "SELECT first_oseq + count - 1 FROM batch WHERE epoch = ?"
					  " ORDER BY first_oseq DESC LIMIT 1");
	store_bind_blob (query, epoch, SIAGA_EPOCH_BYTES);
	return store_run_uint (query, oseq);
}

int
outbox_new_epoch (struct outbox *self, const char *reason)
{
	bool own;
	int error = outbox_enter (self, &own);
	if (error != 0)
		return error;
	error = outbox_begin_epoch (self, reason, self->state.acked_oseq, false);
	return outbox_leave (self, own, error);
}
