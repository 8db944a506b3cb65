/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two lists, the first of which goes first.
 */
#include "hub/packet_queue.h"

#include <stdlib.h>

#include "siaga/error.h"

struct packet_node {
	STAILQ_ENTRY (packet_node) link;
	struct packet packet;
	size_t size;
	uint8_t payload[];
};

#define NODE_BYTES(size) (sizeof (struct packet_node) + (size))

void
packet_queue_init (struct packet_queue *self)
{
	memset (self, 0, sizeof *self);
	for (int i = 0; i < PACKET_CLASSES; i++)
		STAILQ_INIT (&self->lists[i]);
}

void
packet_queue_finish (struct packet_queue *self)
{
	while (!packet_queue_is_empty (self))
		packet_queue_drop_first (self);
}

void
packet_queue_push (struct packet_queue *self, enum packet_class class, const struct packet *packet,
		   struct siaga_bytes payload)
{
	struct packet_node *node = malloc (NODE_BYTES (payload.size));

	if (!node) {
		self->failed = true;
		return;
	}
	node->packet = *packet;
	node->size = payload.size;
	if (payload.size > 0)
		memcpy (node->payload, payload.data, payload.size);
	STAILQ_INSERT_TAIL (&self->lists[class], node, link);
	self->bytes[class] += NODE_BYTES (payload.size);
}

/* The class whose turn it is; PACKET_CLASSES when all are empty. */
static int
s_first_class (const struct packet_queue *self)
{
	int class = 0;

	while (class < PACKET_CLASSES && STAILQ_EMPTY (&self->lists[class]))
		class ++;
	return class;
}

bool
packet_queue_is_empty (const struct packet_queue *self)
{
	return s_first_class (self) == PACKET_CLASSES;
}

bool
packet_queue_first (const struct packet_queue *self, struct packet *packet,
		    struct siaga_bytes *payload)
{
	int class = s_first_class (self);

	if (class == PACKET_CLASSES)
		return false;
	const struct packet_node *node = STAILQ_FIRST (&self->lists[class]);
	*packet = node->packet;
	payload->data = node->payload;
	payload->size = node->size;
	return true;
}

void
packet_queue_drop_first (struct packet_queue *self)
{
	int class = s_first_class (self);

	if (class == PACKET_CLASSES)
		return;
	struct packet_node *node = STAILQ_FIRST (&self->lists[class]);
	STAILQ_REMOVE_HEAD (&self->lists[class], link);
	self->bytes[class] -= NODE_BYTES (node->size);
	free (node);
}

int
packet_queue_flush (struct packet_queue *self, int fd)
{
	struct packet packet;
	struct siaga_bytes payload;

	while (packet_queue_first (self, &packet, &payload)) {
		int error = packet_send (fd, &packet, payload);
		if (error)
			return error;
		packet_queue_drop_first (self);
	}
	return 0;
}
