/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A DEALER of our own over an abstract UNIX socket with a name nobody can guess, and its monitor.
 */
#include "hub/gate_test.h"

#include <sodium.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"
#include "siaga/names.h"

#define EVENTS                                                                                     \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                    \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

struct stranger {
	zsock_t *dealer;
	zsock_t *monitor;
	/* Both are new each time: libzmq frees names some time after their sockets are closed. */
	char endpoint[64];
	char events[64];
};

static bool
s_set_keys (void *handle, const uint8_t server_key[SIAGA_KEY_BYTES])
{
	uint8_t secret[SIAGA_KEY_BYTES];
	uint8_t public[SIAGA_KEY_BYTES];

	randombytes_buf (secret, sizeof secret);
	crypto_scalarmult_base (public, secret);
	return zmq_setsockopt (handle, ZMQ_CURVE_SERVERKEY, server_key, SIAGA_KEY_BYTES) == 0 &&
	       zmq_setsockopt (handle, ZMQ_CURVE_PUBLICKEY, public, sizeof public) == 0 &&
	       zmq_setsockopt (handle, ZMQ_CURVE_SECRETKEY, secret, sizeof secret) == 0;
}

static bool
s_stranger_open (struct stranger *self, const uint8_t server_key[SIAGA_KEY_BYTES])
{
	int linger = 0;

	self->dealer = zsock_new (ZMQ_DEALER);
	self->monitor = zsock_new (ZMQ_PAIR);
	if (!self->dealer || !self->monitor)
		return false;
	void *handle = zsock_resolve (self->dealer);
	return zmq_setsockopt (handle, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
	       s_set_keys (handle, server_key) &&
	       zmq_socket_monitor (handle, self->events, EVENTS) == 0 &&
	       zmq_connect (zsock_resolve (self->monitor), self->events) == 0 &&
	       zmq_connect (handle, self->endpoint) == 0;
}

static void
s_stranger_close (struct stranger *self)
{
	if (self->dealer)
		zmq_socket_monitor (zsock_resolve (self->dealer), NULL, 0);
	zsock_destroy (&self->monitor);
	zsock_destroy (&self->dealer);
}

/* The next event of the handshake, answering the handler's questions meanwhile; 0 after GATE_TEST_MS. */
static uint16_t
s_await_event (struct stranger *self, struct gate_zap *zap, uint32_t *value)
{
	zmq_pollitem_t items[2] = {
		{zsock_resolve (self->monitor), 0, ZMQ_POLLIN, 0},
		{zap ? zsock_resolve (gate_zap_socket (zap)) : NULL, 0, ZMQ_POLLIN, 0},
	};
	uint64_t end_ms = clock_mono_ms () + GATE_TEST_MS;
	uint8_t raw[6];
	uint16_t type;

	for (uint64_t now_ms; (now_ms = clock_mono_ms ()) < end_ms;) {
		if (zmq_poll (items, zap ? 2 : 1, (long) (end_ms - now_ms)) < 0)
			continue;
		if (zap && (items[1].revents & ZMQ_POLLIN) != 0)
			gate_zap_answer (zap, 1);
		if ((items[0].revents & ZMQ_POLLIN) == 0 ||
		    zmq_recv (items[0].socket, raw, sizeof raw, ZMQ_DONTWAIT) != sizeof raw)
			continue;
		memcpy (&type, raw, sizeof type);
		memcpy (value, raw + sizeof type, sizeof *value);
		return type;
	}
	return 0;
}

static int
s_judge (uint16_t type, uint32_t value, bool has_handler)
{
	if (has_handler && type == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH && value == 400)
		return 0;
	if (!has_handler && type == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
		return 0;
	log_error ("gate-test", "a random key was not refused as it must be%s: event %u, value %u",
		   has_handler ? "" : " while there is no ZAP handler", type, value);
	return SIAGA_EUNKNOWN;
}

static void
s_stranger_init (struct stranger *self)
{
	uint8_t random[16];
	char name[2 * sizeof random + 1];

	memset (self, 0, sizeof *self);
	randombytes_buf (random, sizeof random);
	siaga_hex (name, random, sizeof random);
	snprintf (self->endpoint, sizeof self->endpoint, "ipc://@siaga-gate-%s", name);
	snprintf (self->events, sizeof self->events, "inproc://%s", name);
}

static int
s_test (struct stranger *stranger, struct gate_zap *zap, const uint8_t server_key[SIAGA_KEY_BYTES])
{
	uint32_t value = 0;

	if (!s_stranger_open (stranger, server_key)) {
		log_error ("gate-test", "the self-test cannot connect: %s",
			   zmq_strerror (zmq_errno ()));
		return SIAGA_EIO;
	}
	uint16_t type = s_await_event (stranger, zap, &value);
	return s_judge (type, value, zap != NULL);
}

int
gate_test_stranger (struct gate_router *router, struct gate_zap *zap,
		    const uint8_t server_key[SIAGA_KEY_BYTES])
{
	struct stranger stranger;
	char bound[128];

	s_stranger_init (&stranger);
	if (gate_router_bind (router, stranger.endpoint, bound, sizeof bound) != 0) {
		log_error ("gate-test", "cannot bind %s: %s", stranger.endpoint,
			   zmq_strerror (zmq_errno ()));
		return SIAGA_EIO;
	}
	int error = s_test (&stranger, zap, server_key);
	s_stranger_close (&stranger);
	gate_router_unbind (router, bound);
	return error;
}
