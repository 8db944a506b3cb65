/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side of one session with the hub: a CURVE DEALER, KNOCK to WELCOME, heartbeats, and
 * starting again with back-off and jitter after refusal, reset or silence. One socket is one connection
 * is one session: nothing is ever reconnected in place (PITFALLS 5, 10). What is said after WELCOME is the
 * owner's: uplink.h publishes, the command line subscribes and asks.
 */
#ifndef SIAGA_COMMON_LINK_H
#define SIAGA_COMMON_LINK_H

#include <czmq.h>

#include "common/trust.h"
#include "siaga/wire.h"

struct link;

/* Called from the owner's loop, never from inside a function below. A callback may call any of them, also
   link_destroy (). */
struct link_events {
	/* Fill in has_epoch, epoch and last_oseq before HELLO is signed. NULL: publishes nothing. */
	void (*on_hello) (void *arg, struct siaga_hello *hello);
	/* The session is open; `welcome` is verified and borrowed until return. */
	void (*on_open) (void *arg, const struct siaga_welcome *welcome);
	/* A message of an open session that is not the link's own business (PONG and BYE are). Borrowed. */
	void (*on_message) (void *arg, const struct siaga_message *message);
	/* No session: why, in words that name the address; the link tries again by itself after
	   `retry_ms` unless that is 0 (made with `once`). */
	void (*on_down) (void *arg, int error, const char *words, uint64_t retry_ms);
	/* The messages that had arrived were handled. NULL: it does not matter. */
	void (*on_drained) (void *arg);
	/* Fill in what the heartbeat says. NULL: only the time. */
	void (*on_status) (void *arg, struct siaga_status_message *status);
};

struct link_options {
	zloop_t *loop;		   /* borrowed; outlives the link */
	const struct trust *trust; /* borrowed; outlives the link */
	const char *software;	   /* "siaga-agent 0.1.0" */
	const char *address; /* overrides the roster's; NULL: the roster's, in order, sticky */
	bool once;	     /* try each address once, and do not try again after a session */
};

/* Starts connecting at once. NULL when out of memory or sockets. `events` and `arg` are borrowed. */
struct link *
link_new (const struct link_options *options, const struct link_events *events, void *arg);

/* Says BYE when a session is open; NULL is fine. */
void
link_destroy (struct link **self_p);

bool
link_is_open (const struct link *self);

/* Sends one encoded message: 0, or SIAGA_EAGAIN when there is no open session or its pipe is full (what was
   sent is re-done from durable state after the next on_open). */
int
link_send (struct link *self, const void *data, size_t size);

/* As above, from a record (not HELLO). */
int
link_send_message (struct link *self, const struct siaga_message *message);

/* Ends this session and starts a new one after the usual back-off; on_down is called from the loop. */
void
link_restart (struct link *self, int error, const char *words);

/* The same for a session that should not have been: the next address is tried first. */
void
link_skip (struct link *self, int error, const char *words);

/* The address in use, or tried last; of how many, and which. */
const char *
link_address (const struct link *self);
size_t
link_addresses (const struct link *self);
size_t
link_address_index (const struct link *self);

/* Since when the session is open (clock_mono_ms ()); 0: it is not. */
uint64_t
link_opened_ms (const struct link *self);

/* How far the hub's clock is ahead of ours, microseconds, from its last PONG; false: none has come. */
bool
link_clock_offset (const struct link *self, int64_t *offset_us);

/* The last reason for being down; "" when there was none. */
const char *
link_last_error (const struct link *self);

#endif
