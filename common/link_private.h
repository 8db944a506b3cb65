/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the link share; and its patience, which tests shorten.
 */
#ifndef COMMON_LINK_PRIVATE_H
#define COMMON_LINK_PRIVATE_H

#include "common/link.h"
#include "common/link_socket.h"
#include "common/loop_timer.h"

#define LINK_WORDS_MAX 512
#define LINK_ADDRESS_MAX 256

struct link_patience {
	uint64_t handshake_ms; /* from connect to WELCOME */
	uint64_t status_ms;    /* between heartbeats */
	uint64_t silence_ms;   /* until a hub that says nothing is given up */
	uint64_t retry_min_ms; /* the first back-off is at most this … */
	uint64_t retry_max_ms; /* … and doubles up to this */
	uint64_t steady_ms;    /* a session that lasted this long resets the back-off */
};

enum link_state {
	LINK_WAITING,
	LINK_CONNECTING,
	LINK_KNOCKED,
	LINK_GREETED,
	LINK_OPEN,
	LINK_FAILED, /* socket closed, on_down not yet called */
	LINK_ENDED,
};

struct link {
	zloop_t *loop;		   /* borrowed */
	const struct trust *trust; /* borrowed */
	char software[SIAGA_SOFTWARE_MAX + 1];
	char *only_address; /* NULL: the roster's */
	bool once;
	const struct link_events *events; /* borrowed */
	void *arg;
	struct link_patience patience;

	enum link_state state;
	struct link_socket socket;
	struct loop_timer timer;
	uint64_t session;     /* counts attempts: has a callback ended this one? */
	size_t candidate;     /* which address and hub key: sticky while good */
	size_t failures_once; /* candidates that failed, for `once` */
	unsigned failures;    /* in a row: the back-off */
	char address[LINK_ADDRESS_MAX];
	uint64_t opened_ms;
	uint64_t heard_ms;
	uint64_t status_ms; /* the next heartbeat */
	bool has_offset;
	int64_t offset_us; /* of the hub's clock to ours, at its last PONG */
	uint8_t hub_nonce[SIAGA_NONCE_BYTES];
	uint8_t nonce[SIAGA_NONCE_BYTES];

	int error; /* of the last failure */
	char words[LINK_WORDS_MAX];
	unsigned busy; /* handlers on the stack */
	bool doomed;   /* destroyed from inside one */

	struct siaga_message message;
	uint8_t out[SIAGA_MESSAGE_MAX];
};

/* The session is over, for this reason: the socket closes at once, on_down is called from the loop. Without a
   session it does nothing. */
void
link_fail (struct link *self, int error, const char *format, ...)
	__attribute__ ((format (printf, 3, 4)));

/* Is there a session, or one being opened? */
bool
link_has_session (const struct link *self);

/* link_way.c. The hub's keys in the roster that are good now, at most SIAGA_KEYS_PER_PRINCIPAL_MAX. */
size_t
link_live_keys (const struct siaga_principal *hub, const struct siaga_roster_key **keys);

size_t
link_address_count (const struct link *self);

/* Each address with each live key of the hub is one way to try: chooses the next, self->address and *key_p. Returns
   how many there are; 0: none, and *key_p is NULL. */
size_t
link_candidate (struct link *self, const struct siaga_roster_key **key_p);

/* link_talk.c. Begins the conversation. */
void
link_knock (struct link *self);

/* Handles one message: false when there was none, or no session is left. */
bool
link_read_one (struct link *self);

/* Takes effect at once, for the attempt under way as well. */
void
link_set_patience (struct link *self, const struct link_patience *patience);

#endif
