/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peer of a storm: as many messages of an alert's size through libzmq's own PUB, proxy and SUB, each a process,
 * under CURVE on loopback. Nothing is signed, nothing is on a disk, and what a crash had in hand is lost. Nothing is
 * dropped either: who is full waits (XPUB_NODROP). Prints what read_log prints of its times.
 *
 *	peer_zmq COUNT SIZE
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <zmq.h>

#define KEY_TEXT 41
#define SIZE_MAX_BYTES 65536
#define ENDPOINT_TEXT 64

struct keys {
	char server[KEY_TEXT];
	char server_secret[KEY_TEXT];
	char client[KEY_TEXT];
	char client_secret[KEY_TEXT];
};

struct peer {
	struct keys keys;
	uint64_t count;
	size_t size;
	char in[ENDPOINT_TEXT];	 /* of the proxy: for publishers … */
	char out[ENDPOINT_TEXT]; /* … and for subscribers */
};

static uint64_t
s_now_us (void)
{
	struct timespec now;
	clock_gettime (CLOCK_REALTIME, &now);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

static void *
s_socket (void *context, int type)
{
	int one = 1, zero = 0;
	void *socket = zmq_socket (context, type);
	zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
	if (type == ZMQ_PUB || type == ZMQ_XPUB)
		zmq_setsockopt (socket, ZMQ_XPUB_NODROP, &one, sizeof one);
	return socket;
}

/* Binds to any port of loopback. */
static void *
s_bind (void *context, const struct peer *self, int type, char endpoint[ENDPOINT_TEXT])
{
	int one = 1;
	size_t size = ENDPOINT_TEXT;
	void *socket = s_socket (context, type);
	zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &one, sizeof one);
	zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, self->keys.server_secret, KEY_TEXT);
	if (zmq_bind (socket, "tcp://127.0.0.1:*") != 0)
		exit (71);
	zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size);
	return socket;
}

static void *
s_connect (void *context, const struct peer *self, int type, const char *endpoint)
{
	void *socket = s_socket (context, type);
	zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, self->keys.server, KEY_TEXT);
	zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, self->keys.client, KEY_TEXT);
	zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, self->keys.client_secret, KEY_TEXT);
	if (type == ZMQ_SUB)
		zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0);
	if (zmq_connect (socket, endpoint) != 0)
		exit (71);
	return socket;
}

/* Tells the two endpoints through the pipe, then hands on for ever. */
static void
s_proxy (struct peer *self, int tell)
{
	void *context = zmq_ctx_new ();
	void *in = s_bind (context, self, ZMQ_XSUB, self->in);
	void *out = s_bind (context, self, ZMQ_XPUB, self->out);
	if (write (tell, self, sizeof *self) != (ssize_t) sizeof *self)
		exit (74);
	zmq_proxy (in, out, NULL);
	exit (0);
}

/* Sends until it is killed: the first messages go where nobody has subscribed yet. */
static void
s_publish (const struct peer *self)
{
	static uint8_t alert[SIZE_MAX_BYTES];
	void *socket = s_connect (zmq_ctx_new (), self, ZMQ_PUB, self->in);
	while (zmq_send (socket, alert, self->size, 0) >= 0)
		continue;
	exit (0);
}

static int
s_subscribe (const struct peer *self)
{
	static uint8_t alert[SIZE_MAX_BYTES];
	void *socket = s_connect (zmq_ctx_new (), self, ZMQ_SUB, self->out);
	uint64_t first_us = 0;
	for (uint64_t got = 0; got < self->count; got++) {
		if (zmq_recv (socket, alert, sizeof alert, 0) != (int) self->size)
			return 70;
		if (got == 0)
			first_us = s_now_us ();
	}
	printf ("{\"n\": %llu, \"first_us\": %llu, \"last_us\": %llu}\n",
		(unsigned long long) self->count, (unsigned long long) first_us,
		(unsigned long long) s_now_us ());
	return 0;
}

static int
s_run (struct peer *self)
{
	int ends[2];
	if (pipe (ends) != 0)
		return 71;
	pid_t proxy = fork ();
	if (proxy == 0)
		s_proxy (self, ends[1]);
	close (ends[1]);
	if (proxy < 0 || read (ends[0], self, sizeof *self) != (ssize_t) sizeof *self)
		return 71;
	pid_t publisher = fork ();
	if (publisher == 0)
		s_publish (self);
	int status = publisher > 0 ? s_subscribe (self) : 71;
	if (publisher > 0)
		kill (publisher, SIGKILL);
	kill (proxy, SIGKILL);
	while (wait (NULL) > 0)
		continue;
	return status;
}

int
main (int argc, char **argv)
{
	struct peer self = {.count = argc > 1 ? strtoull (argv[1], NULL, 10) : 0,
			    .size = argc > 2 ? strtoul (argv[2], NULL, 10) : 0};
	if (self.count == 0 || self.size == 0 || self.size > SIZE_MAX_BYTES) {
		fprintf (stderr, "usage: peer_zmq COUNT SIZE\n");
		return 64;
	}
	zmq_curve_keypair (self.keys.server, self.keys.server_secret);
	zmq_curve_keypair (self.keys.client, self.keys.client_secret);
	return s_run (&self);
}
