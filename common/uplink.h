/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Empties an outbox into the hub over a link: resumes from what the hub holds, cuts, keeps up to a window of
 * batches in flight, takes ACKs, and follows the three refusals and the epoch rules (PROTOCOL.md section 7).
 * The agent and the publishing verbs of the command line share it.
 */
#ifndef SIAGA_COMMON_UPLINK_H
#define SIAGA_COMMON_UPLINK_H

#include "common/link.h"
#include "common/outbox.h"

struct uplink;

/* Any may be NULL. Called from the loop; on_outbox_error also from inside uplink_kick (). A callback may call any
   function below, also uplink_destroy (). */
struct uplink_events {
	void (*on_open) (void *arg, const struct siaga_welcome *welcome);
	/* Durable at the hub up to `oseq`, further than before; its log number is `number`, or
	   OUTBOX_NUMBER_UNKNOWN when WELCOME told. outbox_find () knows more. */
	void (*on_acked) (void *arg, uint64_t oseq, uint64_t number);
	/* An entry was set aside: why. The entry is borrowed. */
	void (*on_aside) (void *arg, int code, const struct siaga_header *header);
	/* Refused for now (`later`): why, and when it is tried again. */
	void (*on_later) (void *arg, int code, const char *words, uint64_t retry_ms);
	void (*on_down) (void *arg, int error, const char *words, uint64_t retry_ms);
	/* A failing outbox: the owner logs it; the uplink retries after a while. */
	void (*on_outbox_error) (void *arg, int error, const char *words);
	/* Fill in what else the heartbeat says than the outbox does. */
	void (*on_status) (void *arg, struct siaga_status_message *status);
	/* Any other message of the session (RESULT, DELIVER …). */
	void (*on_message) (void *arg, const struct siaga_message *message);
};

struct uplink *
uplink_new (const struct link_options *options, struct outbox *outbox,
	    const struct uplink_events *events, void *arg);

void
uplink_destroy (struct uplink **self_p);

/* Could a batch be cut and sent right now (session open, window not full, nothing waiting before)? Then the
   owner cuts in its own transaction: store, position and cut are one commit. */
bool
uplink_is_ready (const struct uplink *self);

/* There may be something to cut or send. Not inside a transaction of the outbox. */
void
uplink_kick (struct uplink *self);

struct link *
uplink_link (struct uplink *self);

/* Another log than the outbox's is refused where the hub has several addresses, until each of them has led to it
   (PROTOCOL.md section 7), but for this one: the owner was told that it takes the place of the former. */
void
uplink_accept_log (struct uplink *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES]);

/* Another roster is in force, with other addresses perhaps. */
void
uplink_on_roster (struct uplink *self);

#endif
