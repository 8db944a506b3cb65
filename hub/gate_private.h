/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the gate share: gate.c runs the loop, gate_core.c does what the core says, gate_peers.c
 * what peers do, gate_links.c knows what libzmq accepted and what each peer makes it hold.
 */
#ifndef SIAGA_HUB_GATE_PRIVATE_H
#define SIAGA_HUB_GATE_PRIVATE_H

#include "hub/gate.h"
#include "hub/gate_router.h"
#include "hub/gate_zap.h"
#include "hub/packet_queue.h"
#include "hub/slack.h"

/* What is known of a descriptor that libzmq accepted, whether or not its peer has said a word. */
struct gate_link {
	bool live;
	bool shut;	   /* by us; its end has not been told yet */
	bool measured;	   /* at a tick */
	bool is_stalled;   /* at the last tick: bytes, and no whole message */
	bool is_stranger;  /* no message came yet: stands in the gate's list */
	uint64_t accepted; /* the gate's count then: what was admitted on it has a greater number */
	uint64_t since_ms;
	uint64_t taken_bytes;  /* of what was received: messages taken until the last tick … */
	uint64_t newly_bytes;  /* … and since */
	uint64_t sent_bytes;   /* given to libzmq for it */
	uint64_t unseen_bytes; /* at the last tick: received and not taken; */
	uint64_t held_bytes;   /* that, and sent and not read */
	TAILQ_ENTRY (gate_link) strangers;
};

TAILQ_HEAD (gate_link_queue, gate_link);

struct gate {
	const struct gate_options *options;
	zloop_t *loop;
	struct gate_router *router;
	struct gate_zap *zap;
	struct gate_table *table;
	struct gate_link *links; /* by descriptor, GATE_DESCRIPTORS_MAX of them */
	int highest_fd;
	struct gate_link_queue strangers; /* oldest first */
	size_t stranger_count;
	size_t stranger_max;
	size_t conn_max;
	uint64_t low_ms;     /* when it was said that descriptors are few */
	unsigned slice;	     /* of the links, looked at in this tick */
	uint64_t held_bytes; /* of all, at the last tick */
	uint64_t left_bytes; /* by connections that are over: messages not yet taken */
	struct slack slack;
	struct packet_queue out;
	bool paused;	    /* the core takes no more: the ROUTER is not read */
	uint64_t paused_ms; /* since when */
	int fast_timer;	    /* while paused */
	bool is_bound;
	struct zap_keys staged;
	uint32_t generation;
	uint64_t
		count; /* of connections accepted and of handshakes admitted, together: what came first */
	uint64_t complained_ms;
	int status; /* exit status, once the loop ends */
	char addresses[4096];
	uint8_t packet[PACKET_BYTES_MAX];
};

/* gate.c: sends a packet to the core, or queues it and stops reading the ROUTER. */
void
gate_tell (struct gate *self, enum packet_type type, const struct gate_conn *conn,
	   struct siaga_bytes payload);

/* gate_core.c: does what one packet says. 0, or -1 to end the loop with self->status. */
int
gate_on_packet (struct gate *self, const struct packet *packet, struct siaga_bytes payload);

/* gate_peers.c */
void
gate_on_message (struct gate *self, const struct gate_message *message);

/* Takes in every event of the monitor that is there. */
void
gate_on_events (struct gate *self);

/* Sends a message to a connection; cuts it when it does not read. 0, or SIAGA_ENOMEM: the gate must end. */
int
gate_send (struct gate *self, struct gate_conn *conn, struct siaga_bytes body);

/* Cuts a connection at once and forgets it; the core is told when `tell`. */
void
gate_cut (struct gate *self, struct gate_conn **conn_p, bool tell);

/* Forgets a connection whose end was told, or whose place another has taken; the core is told when `tell`. */
void
gate_forget (struct gate *self, struct gate_conn **conn_p, bool tell);

/* Logs what was done to a peer: one line a second at most, a peer can offend as often as it likes. */
void
gate_complain (struct gate *self, const char *words, int fd);

/* gate_links.c: room for that many descriptors in the process. */
void
gate_links_limit (struct gate *self, size_t descriptors);

void
gate_link_begin (struct gate *self, int fd);

void
gate_link_end (struct gate *self, int fd);

/* Is the handshake admitted under that number the one on that descriptor now, and not shut down? */
bool
gate_link_is_of (const struct gate *self, int fd, uint64_t number);

/* A message of that size was taken from it. */
void
gate_link_took (struct gate *self, int fd, size_t size);

/* Is more held than may be, so that whoever comes must wait? */
bool
gate_links_are_full (const struct gate *self);

/* Its peer was sent a message of that size. */
void
gate_link_sent (struct gate *self, int fd, size_t size);

/* Shuts down the connection on that descriptor. */
void
gate_link_shut (struct gate *self, int fd);

/* Looks at deadlines and at what is held. */
void
gate_watch (struct gate *self);

/* gate_bytes.c: bytes that a TCP connection has received so far, and that its peer has acknowledged; false when
   it is none. */
bool
gate_bytes (int fd, uint64_t *received, uint64_t *acknowledged);

#endif
