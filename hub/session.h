/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions: one for each connection, from OPEN to GONE or the cut. The record is open to the core's files;
 * which message is allowed when is the table of PROTOCOL.md section 6, here session_verb ().
 */
#ifndef SIAGA_HUB_SESSION_H
#define SIAGA_HUB_SESSION_H

#include <sys/queue.h>

#include "hub/account.h"
#include "siaga/roster.h"
#include "siaga/wire.h"

enum session_state {
	SESSION_NEW,
	SESSION_CHALLENGED,
	SESSION_OPEN,
	SESSION_STATES,
};

/* What is to be done with a message in a state. */
enum session_verb {
	SESSION_REFUSE = 0, /* grammar: told, and cut */
	SESSION_KNOCK,
	SESSION_HELLO,
	SESSION_PUBLISH,
	SESSION_SUBSCRIBE,
	SESSION_CREDIT,
	SESSION_STATUS,
	SESSION_QUERY,
	SESSION_BYE,
	SESSION_VERBS,
};

struct session;

/* A reader's place in the log. Made and served by subscription.h and deliver.h. */
struct subscription {
	uint64_t id; /* the peer's own number for it */
	struct session *session;
	struct siaga_filter filter; /* its texts are copies in `texts` */
	char *texts;
	uint64_t from;	    /* the number it asked for: entries below are never shown */
	uint64_t next;	    /* the next number to look at */
	uint64_t told;	    /* the last `through` it was told */
	int64_t credit;	    /* bytes; may be overdrawn by one message */
	bool is_live;	    /* has reached the head once */
	uint64_t target;    /* the head when it last had reached the target, and … */
	uint64_t behind_ms; /* … for how long it has not reached that (presence.c) */
	uint64_t told_ms;
	bool has_mark;
	uint8_t mark[SIAGA_HASH_BYTES]; /* log leaf of next - 1, once something was looked at */
	bool is_ready;			/* stands in its account's list of those to be served */
	TAILQ_ENTRY (subscription) ready;
};

/* Of a peer that was told to come back later. */
struct patience {
	uint64_t until_ms; /* it was told to wait until then … */
	unsigned pushes;   /* … and was refused so often since */
};

struct session {
	uint64_t conn;
	uint8_t key[SIAGA_KEY_BYTES]; /* transport key, as the gate saw it */
	enum session_state state;
	uint64_t opened_ms;
	uint8_t nonce[SIAGA_NONCE_BYTES];
	/* From HELLO on. */
	const struct siaga_principal *principal; /* of the roster in force */
	struct account *account;		 /* of its name */
	char software[SIAGA_SOFTWARE_MAX + 1];
	uint64_t roster_serial;
	uint64_t checkpoint_size; /* of the last one it was told */
	bool has_epoch;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t since_us;
	uint64_t heard_us;
	unsigned quiet_ticks;		    /* since then */
	struct siaga_status_message status; /* the last heartbeat; its sources are a copy, owned */
	struct subscription *subscriptions[SIAGA_SUBSCRIPTIONS_MAX];
	unsigned in_flight; /* batches not yet answered */
	struct patience to_publish, to_ask;
	bool complained; /* a refusal of it was logged */
	LIST_ENTRY (session) by_conn;
	TAILQ_ENTRY (session) all;
};

/* Refused again for at least `wait_ms`: has it been so more than `max` times while the time it was told before was not
   over? An honest peer waits, and has at most its window under way. */
bool
session_is_pushing (struct patience *self, uint64_t wait_ms, unsigned max);

enum session_verb
session_verb (enum session_state state, enum siaga_message_type type);

const char *
session_state_name (enum session_state state);

/* The principal's name, or "?" before HELLO: for the log. */
const char *
session_name (const struct session *self);

struct session_table;

struct session_table *
session_table_new (void);

/* Keeps the heartbeat, with a copy of its sources (none where there is no memory for them). */
void
session_keep_status (struct session *self, const struct siaga_status_message *status);

/* Subscriptions and accounts must be gone. */
void
session_table_destroy (struct session_table **self_p);

/* A new session, or NULL: HUB_SESSIONS_MAX of them, or no memory. */
struct session *
session_table_add (struct session_table *self, uint64_t conn, const uint8_t key[SIAGA_KEY_BYTES],
		   uint64_t now_ms);

void
session_table_remove (struct session_table *self, struct session **session_p);

struct session *
session_table_find (const struct session_table *self, uint64_t conn);

/* All of them, oldest first. Take the next before removing one. */
struct session *
session_table_next (const struct session_table *self, const struct session *previous);

size_t
session_table_count (const struct session_table *self);

/* The open session of a principal that publishes in this epoch, or NULL. */
struct session *
session_table_uplink (const struct session_table *self, const struct siaga_principal *principal,
		      const uint8_t epoch[SIAGA_EPOCH_BYTES]);

#endif
