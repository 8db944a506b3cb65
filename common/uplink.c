/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Empties an outbox into the hub (PROTOCOL.md section 7).
 *
 * In a session, batches go out in order, up to a window; answers come back in that order: ACK, or REFUSED. A
 * refusal makes the hub refuse what was in flight behind it as well. So after one, everything from the last
 * ACK on is sent again, and as many refusals as batches were behind it are passed over (stale): their second
 * copies get answers of their own. An answer that never comes ends the session; WELCOME then tells what is held.
 *
 * WELCOME tells of one epoch only. Until something of the present one is acknowledged, a session announces the
 * former one first, to learn whether what was acknowledged in it is still there; the next session, with nothing
 * lost in between, announces the present one.
 */
#include "common/uplink_private.h"

#include <assert.h>
#include <stdlib.h>

#include "common/clock.h"
#include "siaga/error.h"

static void
s_enter (struct uplink *self)
{
	self->busy++;
}

static void
s_leave (struct uplink *self)
{
	if (--self->busy == 0 && self->doomed)
		free (self);
}

/* -- the link's events -- */

static void
s_link_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct uplink *self = arg;
	s_enter (self);
	if (!uplink_may_use_log (self, welcome->log_id))
		; /* over */
	else if (self->asking)
		uplink_on_former (self, welcome);
	else
		uplink_on_welcome (self, welcome);
	s_leave (self);
}

static void
s_link_on_message (void *arg, const struct siaga_message *message)
{
	struct uplink *self = arg;
	s_enter (self);
	if (message->type != SIAGA_ACK)
		uplink_take_acks (self);
	if (self->doomed)
		; /* by the owner, who was told */
	else if (self->open && message->type == SIAGA_ACK)
		uplink_on_ack (self, &message->ack);
	else if (self->open && message->type == SIAGA_REFUSED &&
		 message->refused.what == SIAGA_PUBLISH)
		uplink_on_refused (self, &message->refused);
	else if (message->type != SIAGA_ACK && self->events->on_message)
		self->events->on_message (self->arg, message);
	s_leave (self);
}

/* ACKs come in groups: what they made room for goes out as one. */
static void
s_link_on_drained (void *arg)
{
	struct uplink *self = arg;
	if (!self->has_room)
		return;
	self->has_room = false;
	s_enter (self);
	uplink_pump (self);
	s_leave (self);
}

static void
s_link_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	struct uplink *self = arg;
	s_enter (self);
	if (!self->doomed)
		uplink_take_acks (self);
	bool asked = self->asking && self->former_is_whole;
	self->open = self->paused = self->asking = false;
	self->former_is_whole = asked;
	self->in_flight = self->stale = 0;
	if (!self->doomed)
		loop_timer_clear (&self->timer);
	if (!self->doomed && !asked && self->events->on_down)
		self->events->on_down (self->arg, error, words, retry_ms);
	s_leave (self);
}

static void
s_link_on_status (void *arg, struct siaga_status_message *status)
{
	struct uplink *self = arg;
	struct outbox_counts counts;
	status->started_us = self->started_us;
	if (outbox_count (self->outbox, &counts) != 0)
		return;
	status->waiting = counts.waiting;
	status->waiting_bytes = counts.waiting_bytes;
	status->oldest_us = counts.oldest_us;
	status->in_flight = counts.in_flight;
	status->aside = counts.aside;
	s_enter (self);
	if (self->events->on_status)
		self->events->on_status (self->arg, status);
	s_leave (self);
}

static const struct link_events s_link_events = {
	.on_hello = uplink_on_hello,
	.on_open = s_link_on_open,
	.on_message = s_link_on_message,
	.on_drained = s_link_on_drained,
	.on_down = s_link_on_down,
	.on_status = s_link_on_status,
};

/* The end of a pause, or of our patience with what is in flight. */
static void
s_on_timer (void *arg)
{
	struct uplink *self = arg;
	s_enter (self);
	if (self->paused) {
		self->paused = false;
		if (self->rewind_after)
			self->sent_oseq = outbox_acked_oseq (self->outbox);
		self->rewind_after = false;
		if (self->in_flight > 0)
			loop_timer_set (&self->timer, UPLINK_STALL_MS);
		uplink_pump (self);
	} else if (self->in_flight > 0)
		link_restart (self->link, SIAGA_EAGAIN,
			      "the hub does not answer what was published");
	s_leave (self);
}

/* -- the owner's side -- */

struct uplink *
uplink_new (const struct link_options *options, struct outbox *outbox,
	    const struct uplink_events *events, void *arg)
{
	struct uplink *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->outbox = outbox;
	self->events = events;
	self->arg = arg;
	self->started_us = clock_now_us ();
	int error = loop_timer_init (&self->timer, options->loop, s_on_timer, self);
	if (error == 0)
		self->link = link_new (options, &s_link_events, self);
	if (!self->link) {
		loop_timer_finish (&self->timer);
		free (self);
		return NULL;
	}
	return self;
}

void
uplink_destroy (struct uplink **self_p)
{
	assert (self_p);
	struct uplink *self = *self_p;
	if (!self)
		return;
	*self_p = NULL;
	loop_timer_finish (&self->timer);
	link_destroy (&self->link);
	self->open = false;
	self->doomed = true;
	if (self->busy == 0)
		free (self);
}

bool
uplink_is_ready (const struct uplink *self)
{
	return uplink_may_send (self) && self->sent_oseq == outbox_last_oseq (self->outbox) &&
	       outbox_waiting (self->outbox) == 0;
}

void
uplink_kick (struct uplink *self)
{
	s_enter (self);
	uplink_pump (self);
	s_leave (self);
}

void
uplink_accept_log (struct uplink *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	log_choice_accept (&self->choice, log_id);
}

void
uplink_on_roster (struct uplink *self)
{
	log_choice_forget (&self->choice);
}

struct link *
uplink_link (struct uplink *self)
{
	return self->link;
}
