/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate of one's own before a real core: forks the core as the hub's parent does and speaks the packets of hub/packet.h.
 * What a gate that was taken over could do is done with this, by hub_gate.c.
 */
#ifndef SIAGA_TESTS_HUB_GATE_H
#define SIAGA_TESTS_HUB_GATE_H

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "hub/children.h"
#include "hub/packet.h"
#include "peer.h"

#define GATE_WAIT_MS 20000 /* for the core to do anything at all */
#define NO_PAYLOAD ((struct siaga_bytes){NULL, 0})

struct hostile_gate {
	struct hub_conf conf;
	struct channel channel;
	struct child_options options;
	pid_t core;
	uint32_t generation;
	struct peer *peer;  /* the one that is rostered and hostile */
	uint64_t last_conn; /* numbers of connections are given in order */
	uint64_t witness;   /* an honest session, 0: none */
	bool is_witnessed;  /* it has been answered */
	uint64_t played;    /* the connection whose answers are noted */
	char said[256];
	bool is_cut;
	size_t cuts; /* of any connection */
	uint8_t packet[PACKET_BYTES_MAX];
	uint8_t bytes[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;
	struct siaga_message message;
	struct siaga_message in; /* the last to `played`, borrows from `kept` */
	uint8_t kept[SIAGA_MESSAGE_MAX];
};

static inline void
gate_start_core (struct hostile_gate *self)
{
	sigset_t signals;

	sigemptyset (&signals);
	sigaddset (&signals, SIGTERM);
	sigaddset (&signals, SIGHUP);
	sigprocmask (SIG_BLOCK, &signals, NULL);
	if (packet_pair (self->channel.to_core) != 0 || packet_pair (self->channel.to_gate) != 0)
		peer_die ("start", strerror (errno));
	self->options = (struct child_options){
		.conf = &self->conf, .channel = &self->channel, .parent = getpid ()};
	self->core = fork ();
	if (self->core == 0)
		exit (core_main (&self->options));
	/* The ends of the core stay open here, as they do in the parent: it can be started again. */
}

static inline void
gate_note (struct hostile_gate *self, const char *answer)
{
	size_t used = strlen (self->said);

	if (used < sizeof self->said - 32)
		snprintf (self->said + used, 32, "%s%s", used ? "," : "", answer);
}

/* The answer in a word; NULL: none that is asked for. */
static inline const char *
gate_answer (const struct siaga_message *in)
{
	switch (in->type) {
	case SIAGA_REFUSED:
		return siaga_error_id (in->refused.bad_count ? in->refused.bad[0].code
							     : in->refused.code);
	case SIAGA_DELIVER:
	case SIAGA_CHECKPOINT:
	case SIAGA_PONG:
		return NULL;
	default:
		return siaga_message_name (in->type);
	}
}

static inline void
gate_on_send (struct hostile_gate *self, uint64_t conn, struct siaga_bytes payload)
{
	if (conn == self->witness)
		self->is_witnessed = true;
	if (conn != self->played)
		return;
	memcpy (self->kept, payload.data, payload.size);
	if (siaga_message_read ((struct siaga_bytes){self->kept, payload.size}, &self->in) != 0)
		peer_die ("the core's message", "not well-formed");
	const char *answer = gate_answer (&self->in);
	if (answer)
		gate_note (self, answer);
}

/* Takes one packet, waiting for it: false when none came. */
static inline bool
gate_take (struct hostile_gate *self, int wait_ms)
{
	struct pollfd in = {.fd = self->channel.to_gate[0], .events = POLLIN};
	struct packet packet;
	struct siaga_bytes payload;

	if (poll (&in, 1, wait_ms) <= 0)
		return false;
	if (packet_receive (in.fd, PACKET_FROM_CORE, self->packet, &packet, &payload) != 0)
		peer_die ("the core's packet", "not a packet");
	if (packet.type == PACKET_SEND && packet.generation == self->generation)
		gate_on_send (self, packet.conn, payload);
	if (packet.type == PACKET_CUT && packet.generation == self->generation) {
		self->cuts++;
		self->is_cut |= packet.conn == self->played;
	}
	return true;
}

/* Sends bytes as a packet, taking what comes meanwhile. False when the core takes no more and nothing came. */
static inline bool
gate_write (struct hostile_gate *self, const void *data, size_t size, bool listens)
{
	struct pollfd both[2] = {{.fd = self->channel.to_core[1], .events = POLLOUT},
				 {.fd = self->channel.to_gate[0], .events = POLLIN}};

	while (send (both[0].fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		if (errno != EAGAIN)
			peer_die ("packets to the core", strerror (errno));
		if (poll (both, listens ? 2 : 1, listens ? GATE_WAIT_MS : 500) <= 0)
			return false;
		if (listens && both[1].revents)
			gate_take (self, 0);
	}
	return true;
}

static inline bool
gate_say (struct hostile_gate *self, enum packet_type type, uint64_t conn, const uint8_t *key,
	  struct siaga_bytes payload)
{
	static uint8_t out[PACKET_BYTES_MAX];
	struct packet packet = {.type = type, .generation = self->generation, .conn = conn};

	if (key)
		memcpy (packet.key, key, sizeof packet.key);
	memcpy (out, &packet, sizeof packet);
	if (payload.size > 0)
		memcpy (out + sizeof packet, payload.data, payload.size);
	return gate_write (self, out, sizeof packet + payload.size, true);
}

static inline struct siaga_message *
gate_message (struct hostile_gate *self, enum siaga_message_type type)
{
	memset (&self->message, 0, offsetof (struct siaga_message, bad));
	self->message.type = type;
	return &self->message;
}

/* Sends self->message on a connection. */
static inline void
gate_speak (struct hostile_gate *self, uint64_t conn)
{
	siaga_writer_init (&self->writer, self->bytes, sizeof self->bytes);
	if (siaga_message_write (&self->writer, &self->message))
		peer_die ("write", siaga_message_name (self->message.type));
	gate_say (self, PACKET_MESSAGE, conn, NULL,
		  (struct siaga_bytes){self->bytes, self->writer.size});
}

static inline uint64_t
gate_open (struct hostile_gate *self, const uint8_t key[SIAGA_KEY_BYTES])
{
	gate_say (self, PACKET_OPEN, ++self->last_conn, key, NO_PAYLOAD);
	return self->last_conn;
}

/* KNOCK on a connection, which is then the one that is listened to; the HELLO that answers its CHALLENGE. */
static inline struct siaga_hello
gate_knock (struct hostile_gate *self, uint64_t conn)
{
	self->played = conn;
	self->in.type = 0;
	gate_message (self, SIAGA_KNOCK)->knock = (struct siaga_knock){1, 1};
	gate_speak (self, conn);
	while (self->in.type != SIAGA_CHALLENGE)
		if (!gate_take (self, GATE_WAIT_MS))
			peer_die ("the core", "no CHALLENGE");
	self->said[0] = '\0';
	memcpy (self->peer->hub_nonce, self->in.challenge.nonce, SIAGA_NONCE_BYTES);
	return peer_hello_make (self->peer);
}

static inline void
gate_hello (struct hostile_gate *self, uint64_t conn, const struct siaga_hello *hello)
{
	siaga_writer_init (&self->writer, self->bytes, sizeof self->bytes);
	if (siaga_hello_write (&self->writer, hello, self->peer->identity->sign_secret))
		peer_die ("write", "hello");
	gate_say (self, PACKET_MESSAGE, conn, NULL,
		  (struct siaga_bytes){self->bytes, self->writer.size});
}

/* An honest session, which may publish in the peer's epoch: its connection. */
static inline uint64_t
gate_session (struct hostile_gate *self, bool publishes)
{
	uint64_t conn = gate_open (self, self->peer->identity->card.transport);
	struct siaga_hello hello = gate_knock (self, conn);

	hello.has_epoch = publishes;
	gate_hello (self, conn, &hello);
	while (!self->said[0])
		if (!gate_take (self, GATE_WAIT_MS))
			peer_die ("the core", "no WELCOME");
	if (strcmp (self->said, "WELCOME") != 0)
		peer_die ("an honest session", self->said);
	self->said[0] = '\0';
	return conn;
}

/* A new generation, which listens there: all connections are over. */
static inline void
gate_up (struct hostile_gate *self, const char *words)
{
	self->generation++;
	self->witness = 0;
	gate_say (self, PACKET_GATE_UP, 0, NULL, NO_PAYLOAD);
	gate_say (self, PACKET_READY, 0, NULL,
		  (struct siaga_bytes){(const uint8_t *) words, strlen (words)});
}

/* Until an honest session has been answered behind all that was said. */
static inline void
gate_settle (struct hostile_gate *self)
{
	uint64_t played = self->played;
	char said[sizeof self->said];

	if (self->witness == 0) {
		memcpy (said, self->said, sizeof said);
		self->witness = gate_session (self, false);
		memcpy (self->said, said, sizeof said);
		self->played = played;
	}
	self->is_witnessed = false;
	gate_message (self, SIAGA_STATUS)->status.now_us = 1;
	gate_speak (self, self->witness);
	while (!self->is_witnessed)
		if (!gate_take (self, GATE_WAIT_MS))
			peer_die ("the core", "it does not answer an honest session any more");
}

#endif
