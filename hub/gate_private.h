/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the gate share: gate.c runs the loop, gate_core.c does what the core says, gate_peers.c
 * what peers do.
 */
#ifndef SIAGA_HUB_GATE_PRIVATE_H
#define SIAGA_HUB_GATE_PRIVATE_H

#include "hub/gate.h"
#include "hub/gate_router.h"
#include "hub/gate_zap.h"
#include "hub/packet_queue.h"

/* What is known of a descriptor that libzmq accepted, whether or not its peer has shown a key. */
struct gate_link {
	bool live;
	bool moved; /* a whole message came since the last tick */
	uint64_t since_ms;
	uint64_t base_bytes; /* received when the last whole message came */
};

struct gate {
	const struct gate_options *options;
	zloop_t *loop;
	struct gate_router *router;
	struct gate_zap *zap;
	struct gate_table *table;
	struct gate_link *links; /* by descriptor, GATE_DESCRIPTORS_MAX of them */
	int highest_fd;
	struct packet_queue out;
	bool paused; /* the core takes no more: the ROUTER is not read */
	bool is_bound;
	struct zap_keys staged;
	uint32_t generation;
	uint64_t next_number;
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

/* Looks at the deadlines of connections. */
void
gate_watch (struct gate *self);

/* Cuts a connection at once and forgets it; the core is told when `tell`. */
void
gate_cut (struct gate *self, struct gate_conn **conn_p, bool tell);

/* Shuts down a descriptor that libzmq accepted. */
void
gate_shut (struct gate *self, int fd);

/* gate_bytes.c: bytes received on a TCP connection so far; false when it is none. */
bool
gate_bytes_received (int fd, uint64_t *bytes);

#endif
