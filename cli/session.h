/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a talking verb: a loop, a link to the hub (or an uplink, when there is an outbox to empty), the
 * signals that end it, and a deadline. Fetches a newer roster before the owner hears that the session is open.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "cli/settings.h"
#include "common/uplink.h"

#define SESSION_TIMEOUT_MS 10000 /* how long a verb waits for the hub unless told */

struct session;

/* Any may be NULL. Called from the loop; after session_stop () none is. */
struct session_events {
	/* The session is open and the roster as new as the hub's; `welcome` is borrowed, its texts are empty. */
	void (*on_open) (void *arg, const struct siaga_welcome *welcome);
	void (*on_message) (void *arg, const struct siaga_message *message);
	void (*on_drained) (void *arg); /* link.h; not with an outbox */
	/* Down: why; `final` when trying again is of no use, else it is tried again by itself. */
	void (*on_down) (void *arg, int error, const char *words, bool final);
	/* Another roster is in force: readers made with the former one must be made anew. */
	void (*on_roster) (void *arg);
	/* Of an outbox: uplink.h. */
	void (*on_acked) (void *arg, uint64_t oseq, uint64_t number);
	void (*on_aside) (void *arg, int code, const struct siaga_header *header);
	void (*on_later) (void *arg, int code, const char *words, uint64_t retry_ms);
};

enum session_end {
	SESSION_STOPPED,  /* session_stop () */
	SESSION_TIMEOUT,  /* the deadline came */
	SESSION_SIGNALED, /* SIGINT, SIGTERM or SIGHUP */
	SESSION_FAILED,	  /* no memory, no sockets; said to the user */
};

struct session_options {
	struct settings *settings; /* borrowed */
	struct outbox *outbox;	   /* borrowed; NULL: only reads */
	const char *address;	   /* overrides the roster's; may be NULL */
	uint64_t timeout_ms;	   /* until SESSION_TIMEOUT; 0: none */
	bool idle;		   /* each message starts the timeout again */
};

/* Blocks the signals for the rest of the process. NULL when out of memory or descriptors. */
struct session *
session_new (const struct session_options *options, const struct session_events *events, void *arg);

void
session_destroy (struct session **self_p);

/* Runs until one of the ends. */
enum session_end
session_run (struct session *self);

/* Ends the run; nothing more is called. */
void
session_stop (struct session *self);

struct link *
session_link (struct session *self);

/* Has the hub's WELCOME been seen in this run? */
bool
session_was_open (const struct session *self);

/* Why there was no session last; "" when that never happened. */
const char *
session_reason (const struct session *self);

#endif
