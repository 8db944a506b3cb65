/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a session: which epoch is announced, whether the log may be used, and what WELCOME means.
 */
#include "common/uplink_private.h"

#include <stdio.h>

#include "common/log.h"
#include "siaga/error.h"

void
uplink_on_hello (void *arg, struct siaga_hello *hello)
{
	struct uplink *self = arg;
	self->asking = !self->former_is_whole &&
		       outbox_former (self->outbox, self->epoch, &self->former_oseq) == 0;
	if (!self->asking)
		memcpy (self->epoch, outbox_epoch (self->outbox), SIAGA_EPOCH_BYTES);
	memcpy (hello->epoch, self->epoch, SIAGA_EPOCH_BYTES);
	hello->has_epoch = true;
	hello->last_oseq = self->asking ? self->former_oseq : outbox_last_oseq (self->outbox);
}

static void
s_refuse_log (struct uplink *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	char hex[2 * SIAGA_LOG_ID_BYTES + 1], words[192];
	siaga_hex (hex, log_id, SIAGA_LOG_ID_BYTES);
	snprintf (words, sizeof words,
		  "leads to log %s, not to the one published to so far: not used, unless every "
		  "address of the hub leads there or accept_log names it",
		  hex);
	link_skip (self->link, SIAGA_ECURSOR, words);
}

bool
uplink_may_use_log (struct uplink *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	uint8_t known[SIAGA_LOG_ID_BYTES];
	int error = outbox_get_log_id (self->outbox, known);
	bool is_known = error == 0;
	if (error == SIAGA_ENOTFOUND)
		error = 0;
	if (error == 0 &&
	    log_choice_allows (&self->choice, link_address_index (self->link),
			       link_addresses (self->link), is_known ? known : NULL, log_id))
		return true;
	if (error == 0)
		s_refuse_log (self, log_id);
	else
		uplink_fail_session (self, error);
	return false;
}

/* Is it another log than the one this outbox published to before? Then what is kept of former epochs is not
   known to be in it, unless it holds this one. */
static int
s_check_log (struct uplink *self, const struct siaga_welcome *welcome, bool *other)
{
	uint8_t known[SIAGA_LOG_ID_BYTES];
	char before[2 * SIAGA_LOG_ID_BYTES + 1], now[2 * SIAGA_LOG_ID_BYTES + 1];
	int error = outbox_get_log_id (self->outbox, known);
	if (error != 0)
		return error == SIAGA_ENOTFOUND ? 0 : error;
	self->knows_log = memcmp (known, welcome->log_id, SIAGA_LOG_ID_BYTES) == 0;
	*other = !self->knows_log;
	if (self->knows_log)
		return 0;
	siaga_hex (before, known, SIAGA_LOG_ID_BYTES);
	siaga_hex (now, welcome->log_id, SIAGA_LOG_ID_BYTES);
	log_warn (
		"uplink-other-log",
		"the hub has another log than before: what it lacks and is still kept is sent again;"
		" log %s was %s",
		now, before);
	return welcome->held_oseq == 0 ? outbox_requeue_former (self->outbox) : 0;
}

static int
s_compare (struct uplink *self, const struct siaga_welcome *welcome, bool *new_epoch)
{
	bool other = false;
	const uint8_t *hash = welcome->has_held ? welcome->held_hash : NULL;
	int error = s_check_log (self, welcome, &other);
	if (error == 0)
		error = outbox_resume (self->outbox, welcome->held_oseq, hash, &self->sent_oseq,
				       new_epoch);
	if (error != 0 || self->knows_log || (!other && welcome->held_oseq == 0))
		return error;
	return outbox_set_log_id (self->outbox, welcome->log_id);
}

/* Compares what both sides hold and remembers the log, in one transaction. */
static int
s_resume (struct uplink *self, const struct siaga_welcome *welcome, bool *new_epoch)
{
	self->knows_log = false;
	memcpy (self->log_id, welcome->log_id, SIAGA_LOG_ID_BYTES);
	int error = outbox_begin (self->outbox);
	if (error != 0)
		return error;
	error = s_compare (self, welcome, new_epoch);
	if (error == 0)
		return outbox_commit (self->outbox);
	outbox_rollback (self->outbox);
	return error;
}

static void
s_start (struct uplink *self, const struct siaga_welcome *welcome, bool more)
{
	self->open = true;
	self->paused = false;
	self->in_flight = self->stale = 0;
	self->refused_oseq = 0;
	self->holes = self->bads = 0;
	loop_timer_clear (&self->timer);
	if (self->events->on_open)
		self->events->on_open (self->arg, welcome);
	if (!self->doomed && more && self->events->on_acked)
		self->events->on_acked (self->arg, welcome->held_oseq, OUTBOX_NUMBER_UNKNOWN);
	if (!self->doomed)
		uplink_pump (self);
}

void
uplink_on_former (struct uplink *self, const struct siaga_welcome *welcome)
{
	int error = 0;
	if (welcome->held_oseq < self->former_oseq) {
		log_warn (
			"uplink-former-lost",
			"the hub lost entries of a former epoch: what is still kept is sent again");
		error = outbox_requeue_former (self->outbox);
	}
	if (error != 0) {
		uplink_fail_session (self, error);
		return;
	}
	self->former_is_whole = true;
	self->former_head = welcome->head;
	link_restart (self->link, 0, "the former epoch was looked at");
}

/* Did the hub's disk go back in time since it told of the former epoch? */
static bool
s_is_older (const struct uplink *self, const struct siaga_welcome *welcome)
{
	return self->former_is_whole && welcome->head < self->former_head;
}

void
uplink_on_welcome (struct uplink *self, const struct siaga_welcome *welcome)
{
	bool new_epoch = false;
	uint64_t before = outbox_acked_oseq (self->outbox);
	if (s_is_older (self, welcome)) {
		self->former_is_whole = false;
		link_restart (self->link, SIAGA_EAGAIN, "the hub's log is shorter than before");
		return;
	}
	int error = s_resume (self, welcome, &new_epoch);
	if (error != 0) {
		uplink_fail_session (self, error);
	} else if (new_epoch) {
		log_warn ("uplink-new-epoch",
			  "the hub holds %s of this outbox's epoch: a new epoch begins",
			  welcome->held_oseq ? "something else" : "less than is kept here");
		link_restart (self->link, SIAGA_ECONFLICT, "a new epoch begins");
	} else
		s_start (self, welcome, outbox_acked_oseq (self->outbox) > before);
}
