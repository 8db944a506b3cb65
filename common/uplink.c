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
#include "common/uplink.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/log_choice.h"
#include "common/loop_timer.h"
#include "siaga/error.h"

#define UPLINK_WINDOW 8 /* batches in flight; on a slow link a critical alert waits for as many */
#define UPLINK_CUTS 4	/* of them cut in one transaction */
#define UPLINK_STALL_MS 60000	      /* without any answer to what is in flight */
#define UPLINK_OUTBOX_RETRY_MS 5000   /* after an error of the outbox */
#define UPLINK_REFUSED_RETRY_MS 60000 /* after a refusal that says nothing of trying again */
#define UPLINK_RETRY_MIN_MS 50	      /* bounds of what a hub may ask for */
#define UPLINK_RETRY_MAX_MS 600000
#define UPLINK_HOLES_MAX 3 /* in a row, without an ACK between them … */
#define UPLINK_BADS_MAX 8  /* … and batches with entries that can never be taken */

struct uplink {
	struct link *link;
	struct outbox *outbox;		    /* borrowed */
	const struct uplink_events *events; /* borrowed */
	void *arg;
	struct loop_timer timer;
	uint64_t started_us;

	bool open;			  /* in a session, resumed */
	uint8_t epoch[SIAGA_EPOCH_BYTES]; /* announced in it */
	bool asking;	      /* the epoch announced is a former one: is it whole? … */
	uint64_t former_oseq; /* … up to this one */
	bool former_is_whole; /* so it was said in the session right before … */
	uint64_t former_head; /* … when the log's next number was this */
	uint64_t sent_oseq;   /* sent in it, or known to be held */
	size_t in_flight;
	uint64_t firsts[UPLINK_WINDOW]; /* of the batches in flight, oldest first */
	uint64_t lasts[UPLINK_WINDOW];
	size_t stale;	       /* refusals to pass over … */
	uint64_t refused_oseq; /* … until an ACK reaches this one */
	unsigned holes;
	unsigned bads;
	bool paused;	   /* until the timer */
	bool rewind_after; /* the pause: send again from the last ACK */
	bool knows_log;	   /* the outbox remembers this session's log id */
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	struct log_choice choice;

	bool has_room; /* ACKs made some since the last pump */
	bool pumping;
	unsigned busy; /* handlers on the stack */
	bool doomed;   /* destroyed from inside one */
};

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

/* -- sending -- */

static void
s_pause (struct uplink *self, uint64_t retry_ms, bool rewind)
{
	self->paused = true;
	self->rewind_after = rewind;
	loop_timer_set (&self->timer, retry_ms);
}

static void
s_on_outbox_error (struct uplink *self, int error)
{
	s_pause (self, UPLINK_OUTBOX_RETRY_MS, false);
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

/* Cuts what waits, no more than may be sent: one commit, for it is the commits that take the time.
   SIAGA_ENOTFOUND when nothing waits. */
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
	for (size_t i = 0; error == 0 && i < UPLINK_CUTS && i < room; i++)
		error = outbox_cut (self->outbox, &first);
	if (error == 0 || error == SIAGA_ENOTFOUND)
		return outbox_commit (self->outbox);
	outbox_rollback (self->outbox);
	return error;
}

static bool
s_may_send (const struct uplink *self)
{
	return self->open && !self->paused && !self->doomed && self->in_flight < UPLINK_WINDOW &&
	       link_is_open (self->link);
}

static void
s_pump (struct uplink *self)
{
	int error = 0;
	assert (!outbox_in_transaction (self->outbox)); /* only what is committed is sent */
	if (self->pumping)
		return;
	self->pumping = true;
	while (error == 0 && s_may_send (self)) {
		error = s_send_next (self);
		if (error == SIAGA_ENOTFOUND)
			error = s_cut_some (self);
	}
	if (error ==
	    SIAGA_EAGAIN) /* a full pipe under so small a window: something is wrong with it */
		link_restart (self->link, error, "the connection takes no more");
	else if (error != 0 && error != SIAGA_ENOTFOUND)
		s_on_outbox_error (self, error);
	self->pumping = false;
}

static void
s_fail_session (struct uplink *self, int error)
{
	s_on_outbox_error (self, error);
	if (!self->doomed)
		link_restart (self->link, error, "the outbox failed");
}

/* Forgets what is in flight: all of it is sent again from the last ACK on. `refused` is the oseq whose batch was
   refused; the batches behind it will be refused as well. */
static void
s_rewind (struct uplink *self, uint64_t refused)
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

/* -- answers -- */

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
		s_on_outbox_error (self, error);
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

static void
s_on_ack (struct uplink *self, const struct siaga_ack *ack)
{
	uint64_t before = outbox_acked_oseq (self->outbox);
	if (memcmp (ack->epoch, self->epoch, SIAGA_EPOCH_BYTES) != 0)
		return;
	int error = outbox_acked (self->outbox, ack->epoch, ack->oseq, ack->number);
	if (error == SIAGA_EGRAMMAR) {
		link_restart (self->link, error, "the hub acknowledged what was never cut");
		return;
	}
	if (error != 0) {
		s_on_outbox_error (self, error);
		return;
	}
	s_settle (self, ack->oseq);
	self->has_room = true;
	s_remember_log (self);
	if (!self->doomed && self->events->on_acked && outbox_acked_oseq (self->outbox) > before)
		self->events->on_acked (self->arg, ack->oseq, ack->number);
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
	s_pause (self, retry_ms, true);
	s_rewind (self, s_refused_oseq (self, refused));
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
		s_rewind (self, s_refused_oseq (self, refused));
		s_pump (self);
	}
}

static void
s_on_conflict (struct uplink *self)
{
	log_warn ("uplink-conflict",
		  "the hub holds another batch under our numbers: a new epoch begins");
	int error = outbox_new_epoch (self->outbox, "the hub holds another batch here");
	if (error != 0)
		s_on_outbox_error (self, error);
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
		s_on_outbox_error (self, error);
		self->rewind_after = true;
	} else {
		s_rewind (self, s_refused_oseq (self, refused));
		s_pump (self);
	}
}

static void
s_on_refused (struct uplink *self, const struct siaga_refused *refused)
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

/* -- the link's events -- */

static void
s_link_on_hello (void *arg, struct siaga_hello *hello)
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

/* May this session's log be published to? If not, or the outbox failed, the session is over. */
static bool
s_may_use_log (struct uplink *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES])
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
		s_fail_session (self, error);
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
		s_pump (self);
}

/* The answer about a former epoch: what the hub lacks of it waits again. Then the session is opened again. */
static void
s_on_former (struct uplink *self, const struct siaga_welcome *welcome)
{
	int error = 0;
	if (welcome->held_oseq < self->former_oseq) {
		log_warn (
			"uplink-former-lost",
			"the hub lost entries of a former epoch: what is still kept is sent again");
		error = outbox_requeue_former (self->outbox);
	}
	if (error != 0) {
		s_fail_session (self, error);
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

static void
s_on_welcome (struct uplink *self, const struct siaga_welcome *welcome)
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
		s_fail_session (self, error);
	} else if (new_epoch) {
		log_warn ("uplink-new-epoch",
			  "the hub holds %s of this outbox's epoch: a new epoch begins",
			  welcome->held_oseq ? "something else" : "less than is kept here");
		link_restart (self->link, SIAGA_ECONFLICT, "a new epoch begins");
	} else
		s_start (self, welcome, outbox_acked_oseq (self->outbox) > before);
}

static void
s_link_on_open (void *arg, const struct siaga_welcome *welcome)
{
	struct uplink *self = arg;
	s_enter (self);
	if (!s_may_use_log (self, welcome->log_id))
		; /* over */
	else if (self->asking)
		s_on_former (self, welcome);
	else
		s_on_welcome (self, welcome);
	s_leave (self);
}

static void
s_link_on_message (void *arg, const struct siaga_message *message)
{
	struct uplink *self = arg;
	s_enter (self);
	if (self->open && message->type == SIAGA_ACK)
		s_on_ack (self, &message->ack);
	else if (self->open && message->type == SIAGA_REFUSED &&
		 message->refused.what == SIAGA_PUBLISH)
		s_on_refused (self, &message->refused);
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
	s_pump (self);
	s_leave (self);
}

static void
s_link_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	struct uplink *self = arg;
	s_enter (self);
	bool asked = self->asking && self->former_is_whole;
	self->open = self->paused = self->asking = false;
	self->former_is_whole = asked;
	self->in_flight = self->stale = 0;
	loop_timer_clear (&self->timer);
	if (!asked && self->events->on_down)
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
	.on_hello = s_link_on_hello,
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
		s_pump (self);
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
	return s_may_send (self) && self->sent_oseq == outbox_last_oseq (self->outbox) &&
	       outbox_waiting (self->outbox) == 0;
}

void
uplink_kick (struct uplink *self)
{
	s_enter (self);
	s_pump (self);
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
