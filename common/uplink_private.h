/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the uplink share, and nobody else sees: uplink.c has the events and the owner's side, uplink_open.c the
 * beginning of a session, uplink_send.c cutting and sending, uplink_answer.c ACKs and refusals.
 */
#ifndef COMMON_UPLINK_PRIVATE_H
#define COMMON_UPLINK_PRIVATE_H

#include "common/log_choice.h"
#include "common/loop_timer.h"
#include "common/uplink.h"

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
	struct siaga_ack acks[UPLINK_WINDOW]; /* that came and are not yet marked in the outbox */
	size_t ack_count;
	bool acks_marked;      /* in the pump that runs */
	uint64_t told_oseq;    /* what was acknowledged before them */
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

/* Sends nothing until then; `rewind`: and then again from the last ACK. */
void
uplink_pause (struct uplink *self, uint64_t retry_ms, bool rewind);

void
uplink_on_outbox_error (struct uplink *self, int error);

/* Likewise, and the session is over. */
void
uplink_fail_session (struct uplink *self, int error);

bool
uplink_may_send (const struct uplink *self);

/* Cuts and sends what may be sent. */
void
uplink_pump (struct uplink *self);

/* Forgets what is in flight: all of it is sent again from the last ACK on. `refused` is the oseq whose batch was
   refused; the batches behind it will be refused as well. */
void
uplink_rewind (struct uplink *self, uint64_t refused);

/* ACKs come in groups, and what they made room for is cut in one transaction: they are marked in that one, or, when nothing
   is cut, by themselves (uplink_take_acks ()); then the owner is told, once. */
int
uplink_mark_acks (struct uplink *self);
void
uplink_tell_acks (struct uplink *self);
void
uplink_take_acks (struct uplink *self);

void
uplink_on_ack (struct uplink *self, const struct siaga_ack *ack);
void
uplink_on_refused (struct uplink *self, const struct siaga_refused *refused);

/* The link's on_hello. */
void
uplink_on_hello (void *arg, struct siaga_hello *hello);

/* May this session's log be published to? If not, or the outbox failed, the session is over. */
bool
uplink_may_use_log (struct uplink *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES]);

/* The answer about a former epoch: what the hub lacks of it waits again. Then the session is opened again. */
void
uplink_on_former (struct uplink *self, const struct siaga_welcome *welcome);
void
uplink_on_welcome (struct uplink *self, const struct siaga_welcome *welcome);

#endif
