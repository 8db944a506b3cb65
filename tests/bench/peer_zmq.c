/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer of the storm: libzmq's own PUB, proxy and SUB, each a process, under CURVE on loopback. Nothing is signed,
 * nothing is on a disk, and what a crash had in hand is lost. Nothing is dropped either: who is full waits
 * (XPUB_NODROP).
 *
 *	peer_zmq proxy - - …                    says "ready IN OUT KEY" on stderr, then hands on for ever
 *	peer_zmq pub IN KEY … --readers N       waits for so many subscribers
 *	peer_zmq sub OUT KEY …
 */
#include <string.h>

#include <zmq.h>

#include "peer_load.h"

#define KEY_TEXT 41
#define ENDPOINT_TEXT 64

static void *
s_socket (void *context, int type)
{
	int one = 1, forever = -1;
	void *socket = zmq_socket (context, type);

	zmq_setsockopt (socket, ZMQ_LINGER, &forever, sizeof forever);
	if (type == ZMQ_XPUB)
		zmq_setsockopt (socket, ZMQ_XPUB_NODROP, &one, sizeof one);
	return socket;
}

/* Binds to any port of loopback. */
static void *
s_bind (void *context, const char *secret, int type, char endpoint[ENDPOINT_TEXT])
{
	int one = 1;
	size_t size = ENDPOINT_TEXT;
	void *socket = s_socket (context, type);

	zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &one, sizeof one);
	zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret, KEY_TEXT);
	if (zmq_bind (socket, "tcp://127.0.0.1:*") != 0)
		peer_load_fail ("bind", zmq_strerror (zmq_errno ()));
	zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
	return socket;
}

static void *
s_connect (void *context, const struct peer_load *load, int type)
{
	char key[KEY_TEXT], secret[KEY_TEXT];
	void *socket = s_socket (context, type);

	zmq_curve_keypair (key, secret);
	zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, load->trust, KEY_TEXT);
	zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, key, KEY_TEXT);
	zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret, KEY_TEXT);
	if (type == ZMQ_SUB) {
		/* The second is only each reader's own, by which the publisher counts them: equal ones are passed
		   on once. No message begins so. */
		zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0);
		zmq_setsockopt (socket, ZMQ_SUBSCRIBE, key, KEY_TEXT);
	}
	if (zmq_connect (socket, load->where) != 0)
		peer_load_fail ("connect", zmq_strerror (zmq_errno ()));
	return socket;
}

static void
s_proxy (void *context)
{
	char key[KEY_TEXT], secret[KEY_TEXT], in_at[ENDPOINT_TEXT], out_at[ENDPOINT_TEXT];

	zmq_curve_keypair (key, secret);
	void *in = s_bind (context, secret, ZMQ_XSUB, in_at);
	void *out = s_bind (context, secret, ZMQ_XPUB, out_at);
	fprintf (stderr, "ready %s %s %s\n", in_at, out_at, key);
	zmq_proxy (in, out, NULL);
}

static void
s_publish (void *context, struct peer_load *load)
{
	uint8_t message[PEER_MESSAGE_MAX];
	void *socket = s_connect (context, load, ZMQ_XPUB);

	for (uint64_t there = 0; there < load->readers;)
		there += zmq_recv (socket, message, sizeof message, 0) == 1 + KEY_TEXT;
	for (uint64_t i = 0; i < load->count; i++)
		if (zmq_send (socket, message, peer_load_make (load, message), 0) < 0)
			peer_load_fail ("send", zmq_strerror (zmq_errno ()));
	zmq_close (socket);
}

static void
s_subscribe (void *context, struct peer_load *load)
{
	uint8_t message[PEER_MESSAGE_MAX];
	void *socket = s_connect (context, load, ZMQ_SUB);
	int size;

	peer_load_ready ();
	do {
		size = zmq_recv (socket, message, sizeof message, 0);
		if (size < 0)
			peer_load_fail ("receive", zmq_strerror (zmq_errno ()));
	} while (!peer_load_take (load, message, (size_t) size));
	arrivals_print (&load->arrivals);
	zmq_close (socket);
}

int
main (int argc, char **argv)
{
	struct peer_load load;
	void *context = zmq_ctx_new ();

	peer_load_init (&load, argc, argv);
	if (strcmp (load.role, "proxy") == 0)
		s_proxy (context);
	else if (strcmp (load.role, "pub") == 0)
		s_publish (context, &load);
	else
		s_subscribe (context, &load);
	zmq_ctx_term (context);
	peer_load_finish (&load);
	return 0;
}
