/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting and sending, up to the window.
 */
#include "common/uplink_private.h"

#include <assert.h>
#include <stdlib.h>

#include "siaga/error.h"

void
uplink_pause (struct uplink *self, uint64_t retry_ms, bool rewind)
{
	self->paused = true;
	self->rewind_after = rewind;
	loop_timer_set (&self->timer, retry_ms);
}

void
uplink_on_outbox_error (struct uplink *self, int error)
{
	uplink_pause (self, UPLINK_OUTBOX_RETRY_MS, false);
	if (self->events->on_outbox_error)
		self->events->on_outbox_error (self->arg, error, outbox_error (self->outbox));
}

static int
s_send (struct uplink *self, struct siaga_bytes batch, uint64_t first, uint32_t count)
{
	struct siaga_message *message = calloc (1, sizeof *message);
	if (!message)
		return SIAGA_ENOMEM;
	message->type = SIAGA_PUBLISH;
	message->publish.batch = batch;
	int error = link_send_message (self->link, message);
	free (message);
	if (error != 0)
		return error;
	if (self->in_flight == 0)
		loop_timer_set (&self->timer, UPLINK_STALL_MS);
	self->firsts[self->in_flight] = first;
	self->lasts[self->in_flight++] = first + count - 1;
	self->sent_oseq = first + count - 1;
	return 0;
}

/* Sends the next batch that is cut: SIAGA_ENOTFOUND when there is none, SIAGA_EAGAIN when the link takes no
   more. */
static int
s_send_next (struct uplink *self)
{
	struct siaga_bytes batch = {0};
	uint8_t *data = NULL;
	uint64_t first = 0;
	uint32_t count = 0;
	int error = outbox_batch_after (self->outbox, self->sent_oseq, &data, &batch.size, &first,
					&count);
	if (error == 0) {
		batch.data = data;
		error = s_send (self, batch, first, count);
	}
	free (data);
	return error;
}

/* Cuts what waits, no more than may be sent, and marks what was acknowledged: one commit, for it is the commits that take
   the time. SIAGA_ENOTFOUND when nothing waits. */
static int
s_cut_some (struct uplink *self)
{
	size_t room = UPLINK_WINDOW - self->in_flight;
	uint64_t first;
	if (outbox_waiting (self->outbox) == 0)
		return SIAGA_ENOTFOUND;
	int error = outbox_begin (self->outbox);
	if (error != 0)
		return error;
	if (!self->acks_marked)
		error = uplink_mark_acks (self);
	for (size_t i = 0; error == 0 && i < UPLINK_CUTS && i < room; i++)
		error = outbox_cut (self->outbox, &first);
	if (error == 0 || error == SIAGA_ENOTFOUND) {
		error = outbox_commit (self->outbox);
		self->acks_marked = error == 0;
		return error;
	}
	outbox_rollback (self->outbox);
	return error;
}

bool
uplink_may_send (const struct uplink *self)
{
	return self->open && !self->paused && !self->doomed && self->in_flight < UPLINK_WINDOW &&
	       link_is_open (self->link);
}

void
uplink_pump (struct uplink *self)
{
	int error = 0;
	assert (!outbox_in_transaction (self->outbox)); /* only what is committed is sent */
	if (self->pumping)
		return;
	self->pumping = true;
	self->acks_marked = false;
	while (error == 0 && uplink_may_send (self)) {
		error = s_send_next (self);
		if (error == SIAGA_ENOTFOUND)
			error = s_cut_some (self);
	}
	if (error ==
	    SIAGA_EAGAIN) /* a full pipe under so small a window: something is wrong with it */
		link_restart (self->link, error, "the connection takes no more");
	else if (error != 0 && error != SIAGA_ENOTFOUND)
		uplink_on_outbox_error (self, error);
	self->pumping = false;
	if (self->acks_marked)
		uplink_tell_acks (self);
	else if (error == 0 || error == SIAGA_ENOTFOUND)
		uplink_take_acks (self);
}

void
uplink_fail_session (struct uplink *self, int error)
{
	uplink_on_outbox_error (self, error);
	if (!self->doomed)
		link_restart (self->link, error, "the outbox failed");
}

void
uplink_rewind (struct uplink *self, uint64_t refused)
{
	size_t behind = 0;
	for (size_t i = 0; i < self->in_flight; i++)
		behind += self->firsts[i] > refused;
	self->stale = behind;
	self->refused_oseq = refused;
	self->in_flight = 0;
	self->sent_oseq = outbox_acked_oseq (self->outbox);
	if (!self->paused)
		loop_timer_clear (&self->timer);
}
