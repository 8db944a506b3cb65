/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub says to what was sent: ACK, or one of the refusals.
 */
#include "common/uplink_private.h"

#include <stdlib.h>

#include "common/log.h"
#include "siaga/error.h"

/* The oseq a refusal is about; a hub that does not say means the oldest in flight. */
static uint64_t
s_refused_oseq (const struct uplink *self, const struct siaga_refused *refused)
{
	if (refused->first_oseq != 0 || self->in_flight == 0)
		return refused->first_oseq;
	return self->firsts[0];
}

static void
s_remember_log (struct uplink *self)
{
	if (self->knows_log)
		return;
	int error = outbox_set_log_id (self->outbox, self->log_id);
	self->knows_log = error == 0;
	if (error != 0)
		uplink_on_outbox_error (self, error);
}

/* Takes the batches up to `oseq` from those in flight. */
static void
s_settle (struct uplink *self, uint64_t oseq)
{
	size_t settled = 0;
	while (settled < self->in_flight && self->lasts[settled] <= oseq)
		settled++;
	self->in_flight -= settled;
	for (size_t i = 0; i < self->in_flight; i++) {
		self->firsts[i] = self->firsts[i + settled];
		self->lasts[i] = self->lasts[i + settled];
	}
	if (oseq > self->sent_oseq)
		self->sent_oseq = oseq;
	if (oseq >= self->refused_oseq)
		self->stale = 0;
	self->holes = self->bads = 0;
	if (self->paused)
		return;
	if (self->in_flight > 0)
		loop_timer_set (&self->timer, UPLINK_STALL_MS);
	else
		loop_timer_clear (&self->timer);
}

int
uplink_mark_acks (struct uplink *self)
{
	int error = 0;
	for (size_t i = 0; error == 0 && i < self->ack_count; i++) {
		const struct siaga_ack *ack = &self->acks[i];
		error = outbox_acked (self->outbox, ack->epoch, ack->oseq, ack->number);
	}
	return error;
}

void
uplink_tell_acks (struct uplink *self)
{
	if (self->ack_count == 0)
		return;
	struct siaga_ack last = self->acks[self->ack_count - 1];
	bool is_news = outbox_acked_oseq (self->outbox) > self->told_oseq;
	self->told_oseq = outbox_acked_oseq (self->outbox);
	self->ack_count = 0;
	s_remember_log (self);
	if (!self->doomed && self->events->on_acked && is_news)
		self->events->on_acked (self->arg, last.oseq, last.number);
}

void
uplink_take_acks (struct uplink *self)
{
	int error = uplink_mark_acks (self);
	if (error == 0) {
		uplink_tell_acks (self);
		return;
	}
	self->ack_count = 0; /* the next one, or WELCOME, says it again */
	uplink_on_outbox_error (self, error);
}

void
uplink_on_ack (struct uplink *self, const struct siaga_ack *ack)
{
	if (memcmp (ack->epoch, self->epoch, SIAGA_EPOCH_BYTES) != 0)
		return;
	if (ack->oseq > outbox_last_oseq (self->outbox)) {
		link_restart (self->link, SIAGA_EGRAMMAR,
			      "the hub acknowledged what was never cut");
		return;
	}
	if (self->ack_count == UPLINK_WINDOW)
		uplink_take_acks (self);
	if (self->doomed)
		return;
	if (self->ack_count == 0)
		self->told_oseq = outbox_acked_oseq (self->outbox);
	self->acks[self->ack_count++] = *ack;
	s_settle (self, ack->oseq);
	self->has_room = true;
}

static void
s_on_later (struct uplink *self, const struct siaga_refused *refused)
{
	char words[SIAGA_WORDS_MAX + 1];
	uint64_t retry_ms = refused->retry_ms ? refused->retry_ms : UPLINK_REFUSED_RETRY_MS;
	if (retry_ms < UPLINK_RETRY_MIN_MS)
		retry_ms = UPLINK_RETRY_MIN_MS;
	if (retry_ms > UPLINK_RETRY_MAX_MS)
		retry_ms = UPLINK_RETRY_MAX_MS;
	uplink_pause (self, retry_ms, true);
	uplink_rewind (self, s_refused_oseq (self, refused));
	siaga_utf8_clean (words, sizeof words, refused->words.data, refused->words.size);
	if (self->events->on_later)
		self->events->on_later (self->arg, refused->code, words, retry_ms);
}

static void
s_on_hole (struct uplink *self, const struct siaga_refused *refused)
{
	if (refused->expected_oseq != 0 &&
	    refused->expected_oseq <= outbox_acked_oseq (self->outbox))
		link_restart (self->link, SIAGA_EHOLE, "the hub lost what it had acknowledged");
	else if (++self->holes > UPLINK_HOLES_MAX)
		link_restart (self->link, SIAGA_EHOLE, "the hub finds a hole again and again");
	else {
		uplink_rewind (self, s_refused_oseq (self, refused));
		uplink_pump (self);
	}
}

static void
s_on_conflict (struct uplink *self)
{
	log_warn ("uplink-conflict",
		  "the hub holds another batch under our numbers: a new epoch begins");
	int error = outbox_new_epoch (self->outbox, "the hub holds another batch here");
	if (error != 0)
		uplink_on_outbox_error (self, error);
	if (!self->doomed)
		link_restart (self->link, SIAGA_ECONFLICT, "a new epoch begins");
}

/* Tells the owner of each entry that was set aside; `batch` is as it was before. */
static void
s_tell_aside (struct uplink *self, const struct siaga_batch *batch,
	      const struct siaga_refused *refused)
{
	for (size_t i = 0; i < refused->bad_count && !self->doomed; i++) {
		struct siaga_header header = {0};
		struct siaga_bytes body;
		const struct siaga_bad *bad = &refused->bad[i];
		if (bad->code == SIAGA_EKNOWN || bad->index >= batch->slot_count)
			continue;
		if (siaga_header_read (batch->slots[bad->index].entry, &header, &body) != 0)
			continue;
		if (header.kind == SIAGA_KIND_VOID) /* nothing of the owner's */
			continue;
		if (self->events->on_aside)
			self->events->on_aside (self->arg, bad->code, &header);
	}
}

/* 0 when set aside; SIAGA_ENOTFOUND when there is no such batch to mend. */
static int
s_replace (struct uplink *self, const struct siaga_refused *refused, struct siaga_batch *batch)
{
	uint8_t *data = NULL;
	size_t size = 0;
	uint64_t first = 0;
	uint32_t count = 0;
	if (refused->first_oseq == 0)
		return SIAGA_ENOTFOUND;
	int error = outbox_batch_after (self->outbox, refused->first_oseq - 1, &data, &size, &first,
					&count);
	if (error == 0 && first != refused->first_oseq)
		error = SIAGA_ENOTFOUND;
	if (error == 0 && siaga_batch_read ((struct siaga_bytes){data, size}, batch) != 0)
		error = SIAGA_EIO;
	if (error == 0)
		error = outbox_replace_bad (self->outbox, first, refused->bad, refused->bad_count);
	if (error == 0)
		s_tell_aside (self, batch, refused);
	free (data);
	return error;
}

static void
s_on_bad (struct uplink *self, const struct siaga_refused *refused)
{
	struct siaga_batch *batch = malloc (sizeof *batch);
	int error = batch ? s_replace (self, refused, batch) : SIAGA_ENOMEM;
	free (batch);
	if (self->doomed)
		return;
	if (error == SIAGA_EMALFORMED)
		link_restart (self->link, SIAGA_EGRAMMAR,
			      "the hub refused entries that do not exist");
	else if (error != 0 && error != SIAGA_ENOTFOUND) {
		uplink_on_outbox_error (self, error);
		self->rewind_after = true;
	} else {
		uplink_rewind (self, s_refused_oseq (self, refused));
		uplink_pump (self);
	}
}

void
uplink_on_refused (struct uplink *self, const struct siaga_refused *refused)
{
	if (refused->has_epoch && memcmp (refused->epoch, self->epoch, SIAGA_EPOCH_BYTES) != 0)
		return;
	if (self->stale > 0) {
		self->stale--;
		return;
	}
	if (self->paused && self->rewind_after)
		return;
	if (refused->bad_count > 0 && ++self->bads <= UPLINK_BADS_MAX)
		s_on_bad (self, refused);
	else if (refused->code == SIAGA_EHOLE)
		s_on_hole (self, refused);
	else if (refused->code == SIAGA_ECONFLICT)
		s_on_conflict (self);
	else
		s_on_later (self, refused);
}
