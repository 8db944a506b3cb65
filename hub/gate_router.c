/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libzmq by its own functions: czmq would read whole multipart messages and its setters leave out what
 * is needed here.
 */
#include "hub/gate_router.h"

#include <sodium.h>
#include <stdlib.h>

#include "common/log.h"
#include "hub/hub_limits.h"
#include "hub/zap.h"
#include "siaga/error.h"

/* By number: zmq.h of Debian 12 has it, its libczmq's setter does nothing (PITFALLS 3). */
#define ZAP_ENFORCE_DOMAIN 93
#define MONITOR_ENDPOINT "inproc://siaga-gate-monitor"
#define EVENTS (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)

struct gate_router {
	zsock_t *socket;
	zsock_t *monitor;
	bool in_train; /* the frames that follow belong to a message already thrown away */
};

/* No bound on received messages: where a pipe is full, libzmq 4.3.4 stops reading, and aborts when the connection then
   breaks before a PING of either side (!_io_error, stream_engine_base.cpp). For the same reason no heartbeats of
   ZMTP: the protocol has its own. gate_links.c bounds what a peer may make it hold. */
static const struct {
	int option;
	int value;
} s_options[] = {
	{ZMQ_LINGER, 0},
	{ZMQ_SNDTIMEO, 0},
	{ZMQ_RCVHWM, 0},
	{ZMQ_SNDHWM, GATE_SEND_HWM},
	{ZMQ_RCVBUF, GATE_KERNEL_BYTES},
	{ZMQ_HANDSHAKE_IVL, 5000},
	{ZMQ_HEARTBEAT_IVL, 0},
	{ZMQ_TCP_KEEPALIVE, 1},
	{ZMQ_TCP_KEEPALIVE_IDLE, 60},
	{ZMQ_TCP_KEEPALIVE_INTVL, 15},
	{ZMQ_TCP_KEEPALIVE_CNT, 4},
	{ZMQ_TCP_MAXRT, 30000},
	{ZMQ_ROUTER_MANDATORY, 1},
	/* Each socket has an id of its own: a second peer with the same one is up to no good, and gets nothing
	   while the first is there. */
	{ZMQ_ROUTER_HANDOVER, 0},
	{ZMQ_BACKLOG, GATE_BACKLOG},
	{ZMQ_CURVE_SERVER, 1},
	{ZAP_ENFORCE_DOMAIN, 1},
};

static bool
s_set_option (void *handle, int option, const void *value, size_t size)
{
	if (zmq_setsockopt (handle, option, value, size) == 0)
		return true;
	log_error ("gate-option", "libzmq refuses socket option %d: %s", option,
		   zmq_strerror (zmq_errno ()));
	return false;
}

/* That it took effect is also proved by the self-test; this says it at once. */
static bool
s_is_enforced (void *handle)
{
	int value = 0;
	size_t size = sizeof value;

	if (zmq_getsockopt (handle, ZAP_ENFORCE_DOMAIN, &value, &size) == 0 && value == 1)
		return true;
	log_error ("gate-option", "this libzmq does not know ZMQ_ZAP_ENFORCE_DOMAIN");
	return false;
}

static bool
s_set_options (void *handle, const uint8_t secret[SIAGA_KEY_BYTES], bool ipv6)
{
	int64_t frame_max = GATE_FRAME_MAX;
	int ipv6_value = ipv6;
	bool good = true;

	for (size_t i = 0; i < sizeof s_options / sizeof *s_options; i++)
		good = good && s_set_option (handle, s_options[i].option, &s_options[i].value,
					     sizeof s_options[i].value);
	return good && s_set_option (handle, ZMQ_MAXMSGSIZE, &frame_max, sizeof frame_max) &&
	       s_set_option (handle, ZMQ_IPV6, &ipv6_value, sizeof ipv6_value) &&
	       s_set_option (handle, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen (ZAP_DOMAIN)) &&
	       s_set_option (handle, ZMQ_CURVE_SECRETKEY, secret, SIAGA_KEY_BYTES) &&
	       s_is_enforced (handle);
}

static bool
s_open_monitor (struct gate_router *self)
{
	/* An event lost to a full queue would leave a connection for ever in the table. */
	int unlimited = 0;

	if (zmq_socket_monitor (zsock_resolve (self->socket), MONITOR_ENDPOINT, EVENTS) != 0)
		return false;
	self->monitor = zsock_new (ZMQ_PAIR);
	return self->monitor &&
	       zmq_setsockopt (zsock_resolve (self->monitor), ZMQ_RCVHWM, &unlimited,
			       sizeof unlimited) == 0 &&
	       zmq_connect (zsock_resolve (self->monitor), MONITOR_ENDPOINT) == 0;
}

struct gate_router *
gate_router_new (const uint8_t transport_secret[SIAGA_KEY_BYTES], bool ipv6)
{
	struct gate_router *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	self->socket = zsock_new (ZMQ_ROUTER);
	if (!self->socket ||
	    !s_set_options (zsock_resolve (self->socket), transport_secret, ipv6) ||
	    !s_open_monitor (self))
		gate_router_destroy (&self);
	return self;
}

void
gate_router_destroy (struct gate_router **self_p)
{
	struct gate_router *self = *self_p;

	if (!self)
		return;
	if (self->socket)
		zmq_socket_monitor (zsock_resolve (self->socket), NULL, 0);
	zsock_destroy (&self->monitor);
	zsock_destroy (&self->socket);
	free (self);
	*self_p = NULL;
}

int
gate_router_bind (struct gate_router *self, const char *endpoint, char *bound, size_t bound_size)
{
	void *handle = zsock_resolve (self->socket);
	size_t size = bound_size;

	if (zmq_bind (handle, endpoint) != 0)
		return SIAGA_EIO;
	if (zmq_getsockopt (handle, ZMQ_LAST_ENDPOINT, bound, &size) != 0)
		snprintf (bound, bound_size, "%s", endpoint);
	return 0;
}

void
gate_router_unbind (struct gate_router *self, const char *endpoint)
{
	zmq_unbind (zsock_resolve (self->socket), endpoint);
}

zsock_t *
gate_router_socket (struct gate_router *self)
{
	return self->socket;
}

zsock_t *
gate_router_monitor (struct gate_router *self)
{
	return self->monitor;
}

void
gate_message_finish (struct gate_message *self)
{
	zmq_msg_close (&self->body);
}

/* Throws away what is left of a message, without keeping any of it: libzmq hands out only whole messages,
   so the rest is there already. False when it is not: then the next call goes on. */
static bool
s_skip_train (struct gate_router *self)
{
	void *handle = zsock_resolve (self->socket);
	zmq_msg_t frame;

	while (self->in_train) {
		zmq_msg_init (&frame);
		int got = zmq_msg_recv (&frame, handle, ZMQ_DONTWAIT);
		if (got >= 0)
			self->in_train = zmq_msg_more (&frame) != 0;
		zmq_msg_close (&frame);
		if (got < 0)
			return false;
	}
	return true;
}

/* From the body frame: on the routing id's frame the User-Id may be missing (PITFALLS 9). */
static void
s_read_origin (struct gate_message *message)
{
	const char *user_id = zmq_msg_gets (&message->body, "User-Id");
	const char *fd = zmq_msg_gets (&message->body, "__fd");

	message->fd = fd ? zmq_msg_get (&message->body, ZMQ_SRCFD) : -1;
	message->has_key = zap_user_id_parse (user_id, message->key, &message->admission) == 0;
}

static int
s_receive_rid (struct gate_router *self, struct gate_message *message)
{
	void *handle = zsock_resolve (self->socket);
	zmq_msg_t frame;

	zmq_msg_init (&frame);
	if (zmq_msg_recv (&frame, handle, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close (&frame);
		return SIAGA_EAGAIN;
	}
	message->rid_size = zmq_msg_size (&frame);
	if (message->rid_size == GATE_RID_BYTES)
		memcpy (message->rid, zmq_msg_data (&frame), GATE_RID_BYTES);
	self->in_train = zmq_msg_more (&frame) != 0;
	zmq_msg_close (&frame);
	return 0;
}

bool
gate_router_is_empty (struct gate_router *self)
{
	return (zsock_events (self->socket) & ZMQ_POLLIN) == 0;
}

int
gate_router_receive (struct gate_router *self, struct gate_message *message)
{
	memset (message, 0, sizeof *message);
	if (!s_skip_train (self) || s_receive_rid (self, message) != 0)
		return SIAGA_EAGAIN;

	zmq_msg_init (&message->body);
	message->fd = -1;
	if (!self->in_train)
		return 0; /* no body at all: a message of nobody */
	if (zmq_msg_recv (&message->body, zsock_resolve (self->socket), ZMQ_DONTWAIT) < 0) {
		gate_message_finish (message);
		return SIAGA_EAGAIN;
	}
	s_read_origin (message);
	message->is_train = zmq_msg_more (&message->body) != 0;
	self->in_train = message->is_train;
	s_skip_train (self);
	return 0;
}

/* An event is two frames: number and value, then the endpoint. 0, SIAGA_EAGAIN, or 1: not one of ours. */
static int
s_receive_event (void *monitor, struct gate_event *event)
{
	struct {
		uint16_t type;
		uint32_t value;
	} __attribute__ ((packed)) raw;
	zmq_msg_t endpoint;

	if (zmq_recv (monitor, &raw, sizeof raw, ZMQ_DONTWAIT) < 0)
		return SIAGA_EAGAIN;
	zmq_msg_init (&endpoint);
	zmq_msg_recv (&endpoint, monitor, ZMQ_DONTWAIT);
	zmq_msg_close (&endpoint);
	event->fd = (int) raw.value;
	if (raw.type == ZMQ_EVENT_DISCONNECTED)
		event->type = GATE_DISCONNECTED;
	else if (raw.type == ZMQ_EVENT_ACCEPTED)
		event->type = GATE_ACCEPTED;
	else
		return 1;
	return 0;
}

int
gate_router_event (struct gate_router *self, struct gate_event *event)
{
	void *handle = zsock_resolve (self->monitor);
	int error;

	do
		error = s_receive_event (handle, event);
	while (error == 1);
	return error;
}

static int
s_send_error (void)
{
	switch (zmq_errno ()) {
	case EHOSTUNREACH:
		return SIAGA_ENOTFOUND;
	case EAGAIN:
		return SIAGA_EAGAIN;
	default:
		return SIAGA_EIO;
	}
}

int
gate_router_send (struct gate_router *self, const uint8_t rid[GATE_RID_BYTES],
		  struct siaga_bytes body, bool (*is_meant) (void *arg), void *arg)
{
	void *handle = zsock_resolve (self->socket);
	zmq_msg_t frame, empty;
	int error = 0;

	/* Made first: between its two frames a message must not fail, or the next one would go on in it. */
	if (zmq_msg_init_size (&frame, body.size) != 0)
		return SIAGA_ENOMEM;
	memcpy (zmq_msg_data (&frame), body.data, body.size);
	zmq_msg_init (&empty);
	/* The router chooses the peer's pipe with the first frame; the second goes there or nowhere. */
	if (zmq_send (handle, rid, GATE_RID_BYTES, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		error = s_send_error ();
	else if (!is_meant (arg))
		error = zmq_msg_send (&empty, handle, ZMQ_DONTWAIT) < 0 ? SIAGA_EIO
									: SIAGA_ENOTFOUND;
	else if (zmq_msg_send (&frame, handle, ZMQ_DONTWAIT) < 0)
		error = SIAGA_EIO;
	zmq_msg_close (&frame);
	zmq_msg_close (&empty);
	return error;
}
