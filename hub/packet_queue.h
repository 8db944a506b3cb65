/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets waiting for room in a socket: control first, then bulk (deliveries and answers in parts). How
 * much may wait is the owner's to decide: it asks for the bytes and makes no more.
 */
#ifndef SIAGA_HUB_PACKET_QUEUE_H
#define SIAGA_HUB_PACKET_QUEUE_H

#include <sys/queue.h>

#include "hub/packet.h"

enum packet_class {
	PACKET_CONTROL,
	PACKET_BULK,
	PACKET_CLASSES,
};

struct packet_node;
STAILQ_HEAD (packet_list, packet_node);

struct packet_queue {
	struct packet_list lists[PACKET_CLASSES];
	size_t bytes[PACKET_CLASSES];
	bool failed; /* memory ran out: a packet is missing, the process cannot go on */
};

void
packet_queue_init (struct packet_queue *self);

/* Drops what waits. */
void
packet_queue_finish (struct packet_queue *self);

/* Copies a packet to the end of its class. */
void
packet_queue_push (struct packet_queue *self, enum packet_class class, const struct packet *packet,
		   struct siaga_bytes payload);

bool
packet_queue_is_empty (const struct packet_queue *self);

/* The next packet to be sent, borrowed; false when there is none. For packet_queue_flush () and tests. */
bool
packet_queue_first (const struct packet_queue *self, struct packet *packet,
		    struct siaga_bytes *payload);

/* Removes that packet. */
void
packet_queue_drop_first (struct packet_queue *self);

/* Sends what fits: 0 when empty afterwards, SIAGA_EAGAIN when something is left, SIAGA_EIO. */
int
packet_queue_flush (struct packet_queue *self, int fd);

#endif
