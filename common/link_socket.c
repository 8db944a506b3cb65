/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Socket options as PITFALLS has them, and libzmq's monitor events in our words.
 */
#include "common/link_socket.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "siaga/error.h"

#define ROUTING_ID_BYTES 16
#define MESSAGE_MAX_BYTES 65600 /* SIAGA_MESSAGE_MAX and a little */
#define SEND_MAX 64		/* messages; above the window */
#define RECEIVE_MAX 1000	/* messages; above what credit allows */

/* A day, so never: a socket is given up at its first failure. But only with a positive interval does libzmq tell
   of a failed name look-up (CONNECT_RETRIED). */
#define RECONNECT_MS 86400000

#define MONITOR_EVENTS                                                                             \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                         \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |              \
	 ZMQ_EVENT_CLOSED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED)

static void
s_set_options (zsock_t *dealer, const char *address)
{
	zsock_set_linger (dealer, 0);
	zsock_set_sndtimeo (dealer, 0);
	/* With 1 a lost connection takes unread messages with it: the hub's last words (hiccup in libzmq). Nothing
	   is sent before the handshake anyway. */
	zsock_set_immediate (dealer, 0);
	zsock_set_sndhwm (dealer, SEND_MAX);
	zsock_set_rcvhwm (dealer, RECEIVE_MAX);
	zsock_set_maxmsgsize (dealer, MESSAGE_MAX_BYTES);
	zsock_set_handshake_ivl (dealer, 5000);
	zsock_set_heartbeat_ivl (dealer, 0);
	zsock_set_connect_timeout (dealer, 10000);
	zsock_set_reconnect_ivl (dealer, RECONNECT_MS);
	zsock_set_reconnect_ivl_max (dealer, RECONNECT_MS);
	zsock_set_tcp_keepalive (dealer, 1);
	zsock_set_tcp_keepalive_idle (dealer, 60);
	zsock_set_tcp_keepalive_intvl (dealer, 15);
	zsock_set_tcp_keepalive_cnt (dealer, 4);
	zsock_set_tcp_maxrt (dealer, 30000);
	if (strchr (address, '['))
		zsock_set_ipv6 (dealer, 1);
}

static int
s_set_routing_id (zsock_t *dealer)
{
	uint8_t id[ROUTING_ID_BYTES];
	do
		randombytes_buf (id, sizeof id);
	while (id[0] == 0);
	return zmq_setsockopt (zsock_resolve (dealer), ZMQ_ROUTING_ID, id, sizeof id);
}

static int
s_watch (struct link_socket *self)
{
	char endpoint[64];
	void *handle = zsock_resolve (self->dealer);
	snprintf (endpoint, sizeof endpoint, "inproc://siaga-link-%016" PRIx64,
		  (uint64_t) randombytes_random () << 32 | randombytes_random ());
	if (zmq_socket_monitor (handle, endpoint, MONITOR_EVENTS) != 0)
		return SIAGA_EIO;
	self->monitor = zsock_new (ZMQ_PAIR);
	if (!self->monitor)
		return SIAGA_EIO;
	zsock_set_linger (self->monitor, 0);
	return zsock_connect (self->monitor, "%s", endpoint) == 0 ? 0 : SIAGA_EIO;
}

static int
s_open (struct link_socket *self, const char *address, const uint8_t *server_key,
	const struct siaga_identity *identity)
{
	self->dealer = zsock_new (ZMQ_DEALER);
	if (!self->dealer)
		return SIAGA_EIO;
	s_set_options (self->dealer, address);
	zsock_set_curve_serverkey_bin (self->dealer, server_key);
	zsock_set_curve_publickey_bin (self->dealer, identity->card.transport);
	zsock_set_curve_secretkey_bin (self->dealer, identity->transport_secret);
	if (s_set_routing_id (self->dealer) != 0)
		return SIAGA_EIO;
	int error = s_watch (self);
	if (error != 0)
		return error;
	return zmq_connect (zsock_resolve (self->dealer), address) == 0 ? 0 : SIAGA_EUSAGE;
}

int
link_socket_open (struct link_socket *self, const char *address,
		  const uint8_t server_key[SIAGA_KEY_BYTES], const struct siaga_identity *identity)
{
	*self = (struct link_socket){0};
	int error = s_open (self, address, server_key, identity);
	if (error != 0)
		link_socket_close (self, 0);
	return error;
}

void
link_socket_close (struct link_socket *self, int linger_ms)
{
	if (self->dealer) {
		zmq_socket_monitor (zsock_resolve (self->dealer), NULL, 0);
		zsock_set_linger (self->dealer, linger_ms);
	}
	zsock_destroy (&self->monitor);
	zsock_destroy (&self->dealer);
}

int
link_socket_send (struct link_socket *self, const void *data, size_t size)
{
	void *handle = zsock_resolve (self->dealer);
	if (zmq_send (handle, data, size, ZMQ_DONTWAIT) >= 0)
		return 0;
	/* A send looks for news of its connection only now and then; asking for events always does. */
	int events = 0;
	size_t events_size = sizeof events;
	zmq_getsockopt (handle, ZMQ_EVENTS, &events, &events_size);
	return zmq_send (handle, data, size, ZMQ_DONTWAIT) >= 0 ? 0 : SIAGA_EAGAIN;
}

int
link_socket_receive (struct link_socket *self, zmq_msg_t *message)
{
	if (zmq_msg_recv (message, zsock_resolve (self->dealer), ZMQ_DONTWAIT) < 0)
		return SIAGA_EAGAIN;
	return zmq_msg_more (message) ? SIAGA_EGRAMMAR : 0;
}

static enum link_event
s_event (uint16_t event)
{
	switch (event) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		return LINK_EVENT_READY;
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		return LINK_EVENT_REFUSED;
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
		return LINK_EVENT_FAILED;
	case ZMQ_EVENT_CLOSED:
	case ZMQ_EVENT_CONNECT_RETRIED:
		return LINK_EVENT_CLOSED;
	case ZMQ_EVENT_DISCONNECTED:
		return LINK_EVENT_LOST;
	default:
		return LINK_EVENT_NONE;
	}
}

int
link_socket_event (struct link_socket *self, enum link_event *event, uint32_t *value)
{
	void *handle = zsock_resolve (self->monitor);
	struct {
		uint16_t event;
		uint32_t value;
	} __attribute__ ((packed)) frame;
	char address[256];
	int size = zmq_recv (handle, &frame, sizeof frame, ZMQ_DONTWAIT);
	if (size < 0)
		return SIAGA_EAGAIN;
	zmq_recv (handle, address, sizeof address,
		  ZMQ_DONTWAIT); /* the second frame is already there */
	if (size != sizeof frame)
		return SIAGA_EAGAIN;
	*event = s_event (frame.event);
	*value = frame.value;
	return 0;
}
