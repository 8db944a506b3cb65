/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DEALER of one connection and the monitor that tells of its handshake and its end. For link.c only.
 */
#ifndef COMMON_LINK_SOCKET_H
#define COMMON_LINK_SOCKET_H

#include <czmq.h>

#include "siaga/keys.h"

struct link_socket {
	zsock_t *dealer; /* NULL: closed */
	zsock_t *monitor;
};

enum link_event {
	LINK_EVENT_NONE,    /* nothing of interest */
	LINK_EVENT_READY,   /* the CURVE handshake succeeded */
	LINK_EVENT_REFUSED, /* by ZAP; value: its status code */
	LINK_EVENT_FAILED, /* the handshake failed otherwise; value: ZMQ_PROTOCOL_ERROR_… or errno */
	LINK_EVENT_CLOSED, /* no connection was made */
	LINK_EVENT_LOST,   /* the connection ended */
};

/* Opens a DEALER with a fresh random routing id and begins to connect; nothing is reconnected in place. 0,
   SIAGA_EUSAGE (not an address), SIAGA_EIO (no socket). */
int
link_socket_open (struct link_socket *self, const char *address,
		  const uint8_t server_key[SIAGA_KEY_BYTES], const struct siaga_identity *identity);

/* Closes it; what was sent may still go out for `linger_ms`, in the background. Harmless when closed. */
void
link_socket_close (struct link_socket *self, int linger_ms);

/* 0, or SIAGA_EAGAIN when there is no connection or its pipe is full. Never blocks. */
int
link_socket_send (struct link_socket *self, const void *data, size_t size);

/* Receives one whole message into an initialised `message` (its first frame): 0, SIAGA_EAGAIN, or
   SIAGA_EGRAMMAR when it had more frames than one. */
int
link_socket_receive (struct link_socket *self, zmq_msg_t *message);

/* The next thing the monitor tells: 0 or SIAGA_EAGAIN. */
int
link_socket_event (struct link_socket *self, enum link_event *event, uint32_t *value);

#endif
