/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hostile peers share: a CURVE DEALER with keys and manners of one's choice, and the steps of the
 * conversation one by one, so that a test can do each of them wrongly. Not for honest programs: those use
 * common/link.h.
 */
#ifndef SIAGA_TESTS_PEER_H
#define SIAGA_TESTS_PEER_H

#include <czmq.h>
#include <sodium.h>

#include "common/trust.h"
#include "siaga/batch.h"
#include "siaga/error.h"
#include "siaga/wire.h"

#define PEER_TIMEOUT_MS 10000

struct peer {
	struct siaga_identity *identity; /* who it really is on the transport */
	struct siaga_roster *roster;
	void *context;
	void *socket;
	uint8_t hub_nonce[SIAGA_NONCE_BYTES];
	uint8_t nonce[SIAGA_NONCE_BYTES];
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	struct siaga_message in; /* the last message received; borrows from `frame` */
	uint8_t frame[SIAGA_MESSAGE_MAX];
	uint8_t out[2 * SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;
};

static inline void
peer_die (const char *what, const char *words)
{
	fprintf (stderr, "peer: %s: %s\n", what, words);
	exit (2);
}

static inline struct siaga_identity *
peer_identity (const char *path)
{
	struct conf_error error = {{0}};
	struct siaga_identity *identity = NULL;

	if (identity_load (path, NULL, NULL, &identity, &error))
		peer_die (path, error.words);
	return identity;
}

/* Reads identity and roster (no signature asked for) and connects; `identity` may be unrostered. */
static inline struct peer *
peer_new (const char *identity, const char *roster)
{
	struct peer *self = calloc (1, sizeof *self);
	struct conf_error error = {{0}};
	struct roster_bundle bundle = {0};

	if (!self || siaga_crypto_init ())
		peer_die ("start", "out of memory");
	self->identity = peer_identity (identity);
	if (roster_bundle_read (&bundle, roster, &error))
		peer_die (roster, error.words);
	struct siaga_bytes text = {bundle.text, bundle.size};
	if (roster_parse (roster, text, &self->roster, &error))
		peer_die (roster, error.words);
	roster_bundle_finish (&bundle);
	randombytes_buf (self->epoch, sizeof self->epoch);
	self->context = zmq_ctx_new ();
	return self;
}

static inline const struct siaga_card *
peer_hub_card (const struct peer *self)
{
	const struct siaga_principal *hub =
		siaga_roster_principal (self->roster, siaga_text (self->roster->hub));

	return &hub->keys[0].card;
}

static inline void
peer_disconnect (struct peer *self)
{
	int none = 0;

	if (!self->socket)
		return;
	zmq_setsockopt (self->socket, ZMQ_LINGER, &none, sizeof none);
	zmq_close (self->socket);
	self->socket = NULL;
}

/* `routing_id` may be NULL: an honest random one. */
static inline void
peer_connect (struct peer *self, const void *routing_id, size_t routing_id_size)
{
	uint8_t honest[16];
	int timeout_ms = PEER_TIMEOUT_MS;

	peer_disconnect (self);
	randombytes_buf (honest, sizeof honest);
	honest[0] |= 1;
	self->socket = zmq_socket (self->context, ZMQ_DEALER);
	zmq_setsockopt (self->socket, ZMQ_CURVE_SERVERKEY, peer_hub_card (self)->transport, 32);
	zmq_setsockopt (self->socket, ZMQ_CURVE_PUBLICKEY, self->identity->card.transport, 32);
	zmq_setsockopt (self->socket, ZMQ_CURVE_SECRETKEY, self->identity->transport_secret, 32);
	zmq_setsockopt (self->socket, ZMQ_ROUTING_ID, routing_id ? routing_id : honest,
			routing_id ? routing_id_size : sizeof honest);
	zmq_setsockopt (self->socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
	zmq_setsockopt (self->socket, ZMQ_SNDTIMEO, &timeout_ms, sizeof timeout_ms);
	if (zmq_connect (self->socket, self->roster->addresses[0]))
		peer_die (self->roster->addresses[0], zmq_strerror (zmq_errno ()));
}

static inline void
peer_send (struct peer *self, const void *data, size_t size, int flags)
{
	/* Lost when the hub has cut us: then no answer comes either. */
	if (zmq_send (self->socket, data, size, flags) < 0 && zmq_errno () != EAGAIN)
		peer_die ("send", zmq_strerror (zmq_errno ()));
}

static inline void
peer_send_message (struct peer *self, const struct siaga_message *message)
{
	siaga_writer_init (&self->writer, self->out, sizeof self->out);
	if (siaga_message_write (&self->writer, message))
		peer_die ("write", siaga_message_name (message->type));
	peer_send (self, self->out, self->writer.size, 0);
}

/* The next message into self->in; 0, or SIAGA_EAGAIN when none came in time. */
static inline int
peer_receive (struct peer *self)
{
	int size = zmq_recv (self->socket, self->frame, sizeof self->frame, 0);

	if (size < 0)
		return SIAGA_EAGAIN;
	struct siaga_bytes bytes = {self->frame, (size_t) size};
	int error = siaga_message_read (bytes, &self->in);
	if (error)
		peer_die ("the hub's message", siaga_strerror (error));
	return 0;
}

static inline int
peer_knock (struct peer *self)
{
	struct siaga_message *knock = calloc (1, sizeof *knock);

	knock->type = SIAGA_KNOCK;
	knock->knock = (struct siaga_knock){SIAGA_PROTOCOL_VERSION, SIAGA_PROTOCOL_VERSION};
	peer_send_message (self, knock);
	free (knock);
	if (peer_receive (self))
		return SIAGA_EAGAIN;
	if (self->in.type != SIAGA_CHALLENGE)
		return SIAGA_EGRAMMAR;
	memcpy (self->hub_nonce, self->in.challenge.nonce, SIAGA_NONCE_BYTES);
	return 0;
}

/* A truthful HELLO to change as one likes before peer_hello (). */
static inline struct siaga_hello
peer_hello_make (struct peer *self)
{
	struct siaga_hello hello = {
		.network = siaga_text (self->roster->network),
		.principal = siaga_text (self->identity->card.principal),
		.software = siaga_text ("peer 0"),
		.roster_serial = self->roster->serial,
		.has_epoch = true,
	};
	randombytes_buf (self->nonce, sizeof self->nonce);
	memcpy (hello.hub_nonce, self->hub_nonce, sizeof hello.hub_nonce);
	memcpy (hello.nonce, self->nonce, sizeof hello.nonce);
	memcpy (hello.transport, self->identity->card.transport, sizeof hello.transport);
	memcpy (hello.epoch, self->epoch, sizeof hello.epoch);
	siaga_key_id (hello.key_id, self->identity->card.sign);
	return hello;
}

/* Sends it and waits: 0 after WELCOME, else the refusal's code. */
static inline int
peer_hello (struct peer *self, const struct siaga_hello *hello)
{
	siaga_writer_init (&self->writer, self->out, sizeof self->out);
	if (siaga_hello_write (&self->writer, hello, self->identity->sign_secret))
		peer_die ("write", "hello");
	peer_send (self, self->out, self->writer.size, 0);
	if (peer_receive (self))
		return SIAGA_EAGAIN;
	if (self->in.type == SIAGA_REFUSED)
		return self->in.refused.code;
	return self->in.type == SIAGA_WELCOME ? 0 : SIAGA_EGRAMMAR;
}

/* Connect, KNOCK, HELLO; dies when not welcomed. */
static inline void
peer_open (struct peer *self)
{
	peer_connect (self, NULL, 0);
	int error = peer_knock (self);
	if (error)
		peer_die ("knock", siaga_strerror (error));
	struct siaga_hello hello = peer_hello_make (self);
	error = peer_hello (self, &hello);
	if (error)
		peer_die ("hello", siaga_strerror (error));
}

/* A plain alert by the peer's own principal, to change before peer_entry (). */
static inline struct siaga_header
peer_header (struct peer *self)
{
	static uint64_t serial;
	struct siaga_header header = {
		.origin = siaga_text (self->identity->card.principal),
		.created_us = UINT64_C (1795000000000000) + ++serial,
		.severity = SIAGA_SEVERITY_MEDIUM,
		.category = siaga_text ("other/undetermined"),
		.tlp = SIAGA_TLP_AMBER,
	};
	uint8_t random[10];
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header.id, header.created_us / 1000, random);
	return header;
}

/* Encodes an entry into `out` (SIAGA_ENTRY_MAX bytes). */
static inline struct siaga_bytes
peer_entry (const struct siaga_header *header, const char *title, uint8_t *out)
{
	struct siaga_writer writer;
	struct siaga_body *body = calloc (1, sizeof *body);

	body->title = siaga_text (title);
	siaga_writer_init (&writer, out, SIAGA_ENTRY_MAX);
	int error = siaga_entry_write (&writer, header, body);
	if (error)
		peer_die ("entry", siaga_strerror (error));
	free (body);
	return (struct siaga_bytes){out, writer.size};
}

/* Signs a full batch with the peer's own key into `out` (SIAGA_BATCH_MAX bytes). `head` may be NULL. */
static inline struct siaga_bytes
peer_batch (struct peer *self, uint64_t first_oseq, const struct siaga_bytes *entries, size_t count,
	    const char *network, uint8_t *out)
{
	struct siaga_writer writer;
	struct siaga_batch_head head = {
		.network = siaga_text (network ? network : self->roster->network),
		.origin = siaga_text (self->identity->card.principal),
		.first_oseq = first_oseq,
	};
	siaga_key_id (head.key_id, self->identity->card.sign);
	memcpy (head.epoch, self->epoch, sizeof head.epoch);
	siaga_writer_init (&writer, out, SIAGA_BATCH_MAX);
	int error = siaga_batch_make (&writer, &head, entries, count, self->identity->sign_secret);
	if (error)
		peer_die ("batch", siaga_strerror (error));
	return (struct siaga_bytes){out, writer.size};
}

/* PUBLISH and wait: 0 after ACK, else the refusal's code; the answer is in self->in. */
static inline int
peer_publish (struct peer *self, struct siaga_bytes batch)
{
	siaga_writer_init (&self->writer, self->out, sizeof self->out);
	siaga_writer_array (&self->writer, 2);
	siaga_writer_uint (&self->writer, SIAGA_PUBLISH);
	siaga_writer_bytes (&self->writer, batch.data, batch.size);
	peer_send (self, self->out, self->writer.size, 0);
	if (peer_receive (self))
		return SIAGA_EAGAIN;
	if (self->in.type == SIAGA_REFUSED)
		return self->in.refused.code;
	return self->in.type == SIAGA_ACK ? 0 : SIAGA_EGRAMMAR;
}

static inline void
peer_destroy (struct peer **self_p)
{
	struct peer *self = *self_p;

	peer_disconnect (self);
	zmq_ctx_term (self->context);
	siaga_identity_destroy (&self->identity);
	siaga_roster_destroy (&self->roster);
	free (self);
	*self_p = NULL;
}

#endif
