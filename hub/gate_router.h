/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's ROUTER: a CURVE server socket with every option that PITFALLS asks for, read frame by frame
 * and never waited for. Who a message is from, and what becomes of it, is gate.c's.
 */
#ifndef SIAGA_HUB_GATE_ROUTER_H
#define SIAGA_HUB_GATE_ROUTER_H

#include <czmq.h>

#include "hub/gate_table.h"

struct gate_router;

/* One whole message: a routing id and one body frame. Closed by gate_message_finish (). */
struct gate_message {
	size_t rid_size; /* of a proper peer GATE_RID_BYTES; more are not copied */
	uint8_t rid[GATE_RID_BYTES];
	int fd;	      /* of the connection it came by, or -1 */
	bool has_key; /* a proper User-Id came with it: */
	uint8_t key[SIAGA_KEY_BYTES];
	uint64_t admission; /* the connection's handshake */
	bool is_train;	    /* more than one body frame: the rest was thrown away */
	zmq_msg_t body;
};

void
gate_message_finish (struct gate_message *self);

/* What the socket's monitor tells. */
enum gate_event_type {
	GATE_ACCEPTED,	   /* fd: a peer connected; it has not shown a key yet */
	GATE_DISCONNECTED, /* fd: the connection is over; its number may be another's from now on */
};

struct gate_event {
	enum gate_event_type type;
	int fd;
};

/* Makes the socket with its monitor; binds nothing. NULL when libzmq refuses an option (logged) or
   memory or sockets ran out. */
struct gate_router *
gate_router_new (const uint8_t transport_secret[SIAGA_KEY_BYTES], bool ipv6);

void
gate_router_destroy (struct gate_router **self_p);

/* 0 and the endpoint as bound in `bound`, or SIAGA_EIO (zmq_errno ()). */
int
gate_router_bind (struct gate_router *self, const char *endpoint, char *bound, size_t bound_size);

void
gate_router_unbind (struct gate_router *self, const char *endpoint);

/* For the loop. */
zsock_t *
gate_router_socket (struct gate_router *self);

zsock_t *
gate_router_monitor (struct gate_router *self);

/* Is there nothing to be received from anybody? */
bool
gate_router_is_empty (struct gate_router *self);

/* The next message: 0 or SIAGA_EAGAIN. */
int
gate_router_receive (struct gate_router *self, struct gate_message *message);

/* The next event: 0 or SIAGA_EAGAIN. */
int
gate_router_event (struct gate_router *self, struct gate_event *event);

/* Sends one body to a routing id, never waiting. `is_meant` is asked once libzmq has chosen who gets it: when it
   says no, whoever has the id by now gets an empty frame instead. 0, SIAGA_ENOTFOUND (nobody has the id, or
   somebody else), SIAGA_EAGAIN (its queue is full: it does not read), SIAGA_ENOMEM, SIAGA_EIO. */
int
gate_router_send (struct gate_router *self, const uint8_t rid[GATE_RID_BYTES],
		  struct siaga_bytes body, bool (*is_meant) (void *arg), void *arg);

#endif
