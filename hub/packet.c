/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets over SOCK_SEQPACKET. Which side sends which type, and with how much payload, is a table; the
 * queues are packet_queue.c.
 */
#include "hub/packet.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "hub/hub_limits.h"
#include "siaga/error.h"

_Static_assert(sizeof (struct packet) == 48, "no padding in a packet's header");

static const struct {
	const char *name;
	enum packet_side side;
	size_t payload_max;
	size_t payload_unit; /* the payload is a multiple of it */
} s_types[PACKET_TYPES] = {
	[PACKET_GATE_UP] = {"GATE_UP", PACKET_FROM_GATE, 0, 1},
	[PACKET_OPEN] = {"OPEN", PACKET_FROM_GATE, 0, 1},
	[PACKET_MESSAGE] = {"MESSAGE", PACKET_FROM_GATE, SIAGA_MESSAGE_MAX, 1},
	[PACKET_GONE] = {"GONE", PACKET_FROM_GATE, 0, 1},
	[PACKET_READY] = {"READY", PACKET_FROM_GATE, 4096, 1},
	[PACKET_CORE_UP] = {"CORE_UP", PACKET_FROM_CORE, 0, 1},
	[PACKET_KEYS_BEGIN] = {"KEYS_BEGIN", PACKET_FROM_CORE, 0, 1},
	[PACKET_KEYS] = {"KEYS", PACKET_FROM_CORE, HUB_KEYS_PER_PACKET_MAX *SIAGA_KEY_BYTES,
			 SIAGA_KEY_BYTES},
	[PACKET_KEYS_END] = {"KEYS_END", PACKET_FROM_CORE, 0, 1},
	[PACKET_SEND] = {"SEND", PACKET_FROM_CORE, SIAGA_MESSAGE_MAX, 1},
	[PACKET_CUT] = {"CUT", PACKET_FROM_CORE, 0, 1},
};

static int
s_set_buffer (int fd, int option, int force)
{
	int bytes = HUB_SOCKET_BUFFER_BYTES;

	if (setsockopt (fd, SOL_SOCKET, force, &bytes, sizeof bytes) == 0)
		return 0; /* needs CAP_NET_ADMIN; else the system's maximum has to do */
	return setsockopt (fd, SOL_SOCKET, option, &bytes, sizeof bytes);
}

int
packet_pair (int fds[2])
{
	int pair[2];

	if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
		return SIAGA_EIO;
	if (s_set_buffer (pair[1], SO_SNDBUF, SO_SNDBUFFORCE) != 0 ||
	    s_set_buffer (pair[0], SO_RCVBUF, SO_RCVBUFFORCE) != 0) {
		int saved = errno;
		close (pair[0]);
		close (pair[1]);
		errno = saved;
		return SIAGA_EIO;
	}
	fds[0] = pair[0];
	fds[1] = pair[1];
	return 0;
}

int
packet_send (int fd, const struct packet *packet, struct siaga_bytes payload)
{
	struct iovec parts[2] = {
		{(void *) packet, sizeof *packet},
		{(void *) payload.data, payload.size},
	};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = payload.size > 0 ? 2 : 1};
	ssize_t sent;

	do
		sent = sendmsg (fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == EAGAIN || errno == ENOBUFS ? SIAGA_EAGAIN : SIAGA_EIO;
	return 0;
}

int
packet_receive (int fd, enum packet_side side, uint8_t *buffer, struct packet *packet,
		struct siaga_bytes *payload)
{
	struct iovec part = {buffer, PACKET_BYTES_MAX};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t got;

	do
		got = recvmsg (fd, &message, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? SIAGA_EAGAIN : SIAGA_EIO;
	if (got == 0)
		return SIAGA_EIO; /* every writing end is closed */
	if ((size_t) got < sizeof *packet || (message.msg_flags & MSG_TRUNC) != 0)
		return SIAGA_EMALFORMED;

	memcpy (packet, buffer, sizeof *packet);
	payload->data = buffer + sizeof *packet;
	payload->size = (size_t) got - sizeof *packet;
	return packet_is_valid (packet, side, payload->size) ? 0 : SIAGA_EMALFORMED;
}

bool
packet_is_valid (const struct packet *packet, enum packet_side side, size_t payload_size)
{
	if (packet->type == 0 || packet->type >= PACKET_TYPES)
		return false;
	return s_types[packet->type].side == side &&
	       payload_size <= s_types[packet->type].payload_max &&
	       payload_size % s_types[packet->type].payload_unit == 0;
}

const char *
packet_name (uint32_t type)
{
	return type > 0 && type < PACKET_TYPES ? s_types[type].name : "unknown";
}
