/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that sends rubbish, from a seed, so that a run can be repeated.
 *
 *	rude ROSTER IDENTITY COUNT SEED
 *
 * COUNT messages: random bytes, mutated honest messages, wrong states, several body frames, strange routing
 * ids. Reconnects as often as it is thrown out. Prints how many were sent and how often it was refused.
 */
#include "peer.h"

struct rude {
	struct peer *peer;
	uint64_t random;
	size_t connects;
	size_t refusals;
	uint8_t bytes[SIAGA_MESSAGE_MAX];
	uint8_t batch[SIAGA_BATCH_MAX];
	uint8_t entry[SIAGA_ENTRY_MAX];
};

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t
next_random (struct rude *self)
{
	uint64_t z = (self->random += UINT64_C (0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
connect_again (struct rude *self)
{
	int brief_ms = 100;
	uint8_t strange[5] = {0, 1, 2, 3, 4};

	self->connects++;
	if (next_random (self) % 8 == 0)
		peer_connect (self->peer, strange, sizeof strange);
	else
		peer_connect (self->peer, NULL, 0);
	zmq_setsockopt (self->peer->socket, ZMQ_RCVTIMEO, &brief_ms, sizeof brief_ms);
	zmq_setsockopt (self->peer->socket, ZMQ_SNDTIMEO, &brief_ms, sizeof brief_ms);
	switch (next_random (self) % 4) {
	case 0:
		return; /* says the next thing without a word of greeting */
	case 1:
		peer_knock (self->peer);
		return;
	default:
		if (peer_knock (self->peer) == 0) {
			struct siaga_hello hello = peer_hello_make (self->peer);
			peer_hello (self->peer, &hello);
		}
	}
}

/* An honest message of some kind, encoded into self->bytes; its size. */
static size_t
honest_message (struct rude *self)
{
	static struct siaga_message message;
	struct siaga_writer writer;
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "rude", self->entry);

	memset (&message, 0, sizeof message);
	switch (next_random (self) % 6) {
	case 0:
		message.type = SIAGA_PUBLISH;
		message.publish.batch = peer_batch (self->peer, 1 + next_random (self) % 3, &entry,
						    1, NULL, self->batch);
		break;
	case 1:
		message.type = SIAGA_SUBSCRIBE;
		message.subscribe.id = next_random (self) % 6;
		message.subscribe.cursor.next = next_random (self) % 4 ? 0 : next_random (self);
		message.subscribe.credit = next_random (self) % (4 << 20);
		break;
	case 2:
		message.type = SIAGA_CREDIT;
		message.credit.id = next_random (self) % 6;
		message.credit.more = next_random (self) >> next_random (self) % 64;
		break;
	case 3:
		message.type = SIAGA_QUERY;
		message.query.id = 1;
		message.query.what = 1 + next_random (self) % 4;
		message.query.has_number = true;
		message.query.number = next_random (self) >> next_random (self) % 64;
		break;
	case 4:
		message.type = SIAGA_STATUS;
		message.status.now_us = next_random (self) | 1;
		break;
	default:
		message.type = SIAGA_KNOCK;
		message.knock = (struct siaga_knock){1, 1};
	}
	siaga_writer_init (&writer, self->bytes, sizeof self->bytes);
	if (siaga_message_write (&writer, &message))
		peer_die ("write", siaga_message_name (message.type));
	return writer.size;
}

static size_t
rude_message (struct rude *self)
{
	size_t size = honest_message (self);

	switch (next_random (self) % 5) {
	case 0: /* noise */
		size = next_random (self) % 4096;
		for (size_t i = 0; i < size; i++)
			self->bytes[i] = (uint8_t) next_random (self);
		break;
	case 1: /* cut short */
		size = next_random (self) % (size + 1);
		break;
	case 2: /* some bits turned */
		for (size_t i = 1 + next_random (self) % 4; i > 0; i--)
			self->bytes[next_random (self) % size] ^=
				(uint8_t) (1u << next_random (self) % 8);
		break;
	case 3: /* something left over */
		for (size_t more = 1 + next_random (self) % 64;
		     more > 0 && size < sizeof self->bytes; more--)
			self->bytes[size++] = (uint8_t) next_random (self);
		break;
	default: /* well said, at the wrong time or not */
		break;
	}
	return size;
}

/* Reads what the hub says until it falls silent; true when a refusal was among it. */
static bool
refused (struct rude *self)
{
	bool seen = false;
	int none_ms = 20;

	zmq_setsockopt (self->peer->socket, ZMQ_RCVTIMEO, &none_ms, sizeof none_ms);
	while (peer_receive (self->peer) == 0)
		if (self->peer->in.type == SIAGA_REFUSED || self->peer->in.type == SIAGA_BYE)
			seen = true;
	return seen;
}

int
main (int argc, char **argv)
{
	static struct rude self;

	if (argc != 5)
		peer_die ("usage", "rude ROSTER IDENTITY COUNT SEED");
	self.peer = peer_new (argv[2], argv[1]);
	size_t count = strtoull (argv[3], NULL, 10);
	self.random = strtoull (argv[4], NULL, 10);
	size_t failed_sends = 0;

	connect_again (&self);
	for (size_t sent = 0; sent < count; sent++) {
		size_t size = rude_message (&self);
		int flags = next_random (&self) % 16 == 0 ? ZMQ_SNDMORE : 0;
		int result = zmq_send (self.peer->socket, self.bytes, size, flags);

		if (result >= 0 && flags)
			result = zmq_send (self.peer->socket, self.bytes, size, 0);
		if (result < 0)
			failed_sends++;
		if (sent % 8 == 7 || result < 0) {
			if (refused (&self))
				self.refusals++;
			connect_again (&self);
		}
	}
	printf ("sent %zu, connections %zu, refusals seen %zu, sends that failed %zu\n", count,
		self.connects, self.refusals, failed_sends);
	peer_destroy (&self.peer);
	return 0;
}
