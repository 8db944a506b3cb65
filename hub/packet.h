/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gate and core say to each other: one packet of a SOCK_SEQPACKET socket each, a fixed header and a
 * payload. Both are processes of one program on one machine, so the header is a struct in its own layout.
 *
 *	gate -> core  GATE_UP   a generation of the gate begins: all sessions of older ones are over
 *	              OPEN      conn, key: a new connection with that transport key
 *	              MESSAGE   conn: one body frame
 *	              GONE      conn: the connection ended
 *	              READY     the public addresses are bound; payload: they, with spaces between
 *	core -> gate  CORE_UP   a generation of the core begins: the gate cuts everybody and forgets the keys
 *	              KEYS_BEGIN, KEYS…, KEYS_END   the transport keys to admit, in place of the former
 *	              SEND      conn: one body frame
 *	              CUT       conn: drop the connection after its last words left
 *
 * Every packet but CORE_UP carries the gate's generation and is ignored by a gate or a core that is of
 * another; CORE_UP carries the core's own.
 */
#ifndef SIAGA_HUB_PACKET_H
#define SIAGA_HUB_PACKET_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

enum packet_type {
	PACKET_GATE_UP = 1,
	PACKET_OPEN = 2,
	PACKET_MESSAGE = 3,
	PACKET_GONE = 4,
	PACKET_READY = 5,
	PACKET_CORE_UP = 6,
	PACKET_KEYS_BEGIN = 7,
	PACKET_KEYS = 8,
	PACKET_KEYS_END = 9,
	PACKET_SEND = 10,
	PACKET_CUT = 11,
	PACKET_TYPES = 12,
};

enum packet_side {
	PACKET_FROM_GATE,
	PACKET_FROM_CORE,
};

struct packet {
	uint32_t type;
	uint32_t generation;
	uint64_t conn;
	uint8_t key[SIAGA_KEY_BYTES];
};

#define PACKET_BYTES_MAX (sizeof (struct packet) + SIAGA_MESSAGE_MAX)

/* A pair of connected sockets for one direction: writing end fds[1], reading end fds[0]; non-blocking,
   close-on-exec, with room for several of the largest packets. 0 or SIAGA_EIO (errno). */
int
packet_pair (int fds[2]);

/* Sends one packet: 0, SIAGA_EAGAIN (no room now), SIAGA_EIO. */
int
packet_send (int fd, const struct packet *packet, struct siaga_bytes payload);

/* Receives one packet into `buffer` (PACKET_BYTES_MAX bytes), where `payload` then points. 0, SIAGA_EAGAIN,
   SIAGA_EMALFORMED (dropped: not a packet that `side` sends), SIAGA_EIO. */
int
packet_receive (int fd, enum packet_side side, uint8_t *buffer, struct packet *packet,
		struct siaga_bytes *payload);

/* Is it a packet that `side` sends, with a payload of a size its type may have? */
bool
packet_is_valid (const struct packet *packet, enum packet_side side, size_t payload_size);

const char *
packet_name (uint32_t type);

#endif
