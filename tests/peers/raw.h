/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ZMTP 3.1 with CURVE over a plain TCP socket (RFC 23, RFC 26), step by step, for what libzmq would not let a
 * peer do: stop in the middle of a handshake, claim properties, send frames without an end. Keys and roster come
 * from a struct peer, whose own socket stays unused.
 */
#ifndef SIAGA_TESTS_RAW_H
#define SIAGA_TESTS_RAW_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "peer.h"

#define RAW_GREETING_BYTES 64
#define RAW_COOKIE_BYTES 96
#define RAW_METADATA_MAX 1024
#define RAW_MORE 1 /* flags inside a MESSAGE */
#define RAW_COMMAND 2
#define RAW_FRAME_OVERHEAD 64 /* of a MESSAGE around its data, at most */

struct raw {
	int fd;
	const struct siaga_identity *identity; /* borrowed */
	const uint8_t *server_key;
	uint8_t own_public[32]; /* of this connection, C' and c' */
	uint8_t own_secret[32];
	uint8_t hub_public[32]; /* of this connection, S' */
	uint8_t cookie[RAW_COOKIE_BYTES];
	uint8_t shared[32];
	uint64_t nonce;
	uint8_t buffer[2 * SIAGA_MESSAGE_MAX];
};

/* --- TCP ------------------------------------------------------------------------------------------------ */

/* 0 or -1 (errno). Reads give up after PEER_TIMEOUT_MS, writes sooner: to a connection that was cut with its buffers
   full the kernel keeps trying. */
static inline int
raw_connect (struct raw *self, struct peer *peer)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct timeval timeout = {PEER_TIMEOUT_MS / 1000, 0};
	const char *colon = strrchr (peer->roster->addresses[0], ':');

	memset (self, 0, offsetof (struct raw, buffer));
	self->identity = peer->identity;
	self->server_key = peer_hub_card (peer)->transport;
	address.sin_port = htons ((uint16_t) atoi (colon + 1));
	address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
	self->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt (self->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
	timeout = (struct timeval){0, 200000};
	setsockopt (self->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof (int));
	return self->fd < 0 ? -1 : connect (self->fd, (struct sockaddr *) &address, sizeof address);
}

static inline void
raw_close (struct raw *self)
{
	if (self->fd >= 0)
		close (self->fd);
	self->fd = -1;
}

/* All of it: 0, or SIAGA_EIO when the hub cut the connection. */
static inline int
raw_write (struct raw *self, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size > 0) {
		ssize_t sent = send (self->fd, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return SIAGA_EIO;
		at += sent;
		size -= (size_t) sent;
	}
	return 0;
}

static inline int
raw_read (struct raw *self, void *data, size_t size)
{
	ssize_t got = size > 0 ? recv (self->fd, data, size, MSG_WAITALL) : 0;

	return got == (ssize_t) size ? 0 : SIAGA_EIO;
}

/* Has the hub closed it? Waits for that. */
static inline bool
raw_is_cut (struct raw *self)
{
	uint8_t rest[4096];
	ssize_t got;

	do
		got = recv (self->fd, rest, sizeof rest, 0);
	while (got > 0);
	return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

/* --- frames ---------------------------------------------------------------------------------------------- */

/* Writes a frame's head to `out`; how many bytes it has. */
static inline size_t
raw_frame_head (uint8_t *out, uint8_t flags, size_t size)
{
	if (size < 256) {
		out[0] = flags;
		out[1] = (uint8_t) size;
		return 2;
	}
	out[0] = flags | 2;
	for (int i = 0; i < 8; i++)
		out[1 + i] = (uint8_t) ((uint64_t) size >> (56 - 8 * i));
	return 9;
}

static inline int
raw_write_frame (struct raw *self, uint8_t flags, const void *data, size_t size)
{
	uint8_t head[9];
	size_t head_size = raw_frame_head (head, flags, size);
	int error = raw_write (self, head, head_size);

	return error ? error : raw_write (self, data, size);
}

/* One frame into self->buffer: its size, or SIAGA_EIO. */
static inline int
raw_read_frame (struct raw *self)
{
	uint8_t head[9] = {0};
	uint64_t size;

	if (raw_read (self, head, 2))
		return SIAGA_EIO;
	size = head[1];
	if (head[0] & 2) {
		if (raw_read (self, head + 2, 7))
			return SIAGA_EIO;
		for (int i = 2; i < 9; i++)
			size = size << 8 | head[i];
	}
	if (size > sizeof self->buffer || raw_read (self, self->buffer, (size_t) size))
		return SIAGA_EIO;
	return (int) size;
}

/* A 24-byte nonce: a prefix and a number, or a prefix of 8 and 16 random bytes. */
static inline void
raw_nonce (uint8_t nonce[24], const char prefix[17], uint64_t number)
{
	memcpy (nonce, prefix, 16);
	for (int i = 0; i < 8; i++)
		nonce[16 + i] = (uint8_t) (number >> (56 - 8 * i));
}

/* --- the handshake --------------------------------------------------------------------------------------- */

static inline int
raw_greet (struct raw *self, uint8_t major, uint8_t minor, const char *mechanism)
{
	uint8_t greeting[RAW_GREETING_BYTES] = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, major, minor};

	memcpy (greeting + 12, mechanism, strlen (mechanism));
	int error = raw_write (self, greeting, sizeof greeting);
	return error ? error : raw_read (self, greeting, sizeof greeting);
}

static inline int
raw_hello (struct raw *self)
{
	uint8_t hello[200] = "\5HELLO\1";
	uint8_t zeros[64] = {0};
	uint8_t nonce[24];

	crypto_box_keypair (self->own_public, self->own_secret);
	raw_nonce (nonce, "CurveZMQHELLO---", ++self->nonce);
	memcpy (hello + 80, self->own_public, 32);
	memcpy (hello + 112, nonce + 16, 8);
	if (crypto_box_easy (hello + 120, zeros, sizeof zeros, nonce, self->server_key,
			     self->own_secret))
		peer_die ("raw", "crypto_box");
	return raw_write_frame (self, 4, hello, sizeof hello);
}

static inline int
raw_welcome (struct raw *self)
{
	uint8_t nonce[24] = "WELCOME-";
	uint8_t plain[128];

	if (raw_read_frame (self) != 168)
		return SIAGA_EIO;
	memcpy (nonce + 8, self->buffer + 8, 16);
	if (crypto_box_open_easy (plain, self->buffer + 24, 144, nonce, self->server_key,
				  self->own_secret))
		return SIAGA_ESIGNATURE;
	memcpy (self->hub_public, plain, 32);
	memcpy (self->cookie, plain + 32, RAW_COOKIE_BYTES);
	return crypto_box_beforenm (self->shared, self->hub_public, self->own_secret);
}

/* Adds a property to ZMTP metadata; the new size. */
static inline size_t
raw_property (uint8_t *metadata, size_t at, const char *name, const void *value, size_t size)
{
	size_t name_size = strlen (name);

	metadata[at++] = (uint8_t) name_size;
	memcpy (metadata + at, name, name_size);
	at += name_size;
	memset (metadata + at, 0, 2);
	metadata[at + 2] = (uint8_t) (size >> 8);
	metadata[at + 3] = (uint8_t) size;
	memcpy (metadata + at + 4, value, size);
	return at + 4 + size;
}

/* A DEALER's honest metadata, with a fresh routing id. */
static inline size_t
raw_metadata (uint8_t metadata[RAW_METADATA_MAX])
{
	uint8_t routing_id[16];

	randombytes_buf (routing_id, sizeof routing_id);
	routing_id[0] |= 1;
	size_t size = raw_property (metadata, 0, "Socket-Type", "DEALER", 6);
	return raw_property (metadata, size, "Identity", routing_id, sizeof routing_id);
}

static inline int
raw_initiate (struct raw *self, const uint8_t *metadata, size_t size)
{
	uint8_t initiate[9 + RAW_COOKIE_BYTES + 8 + 16 + 128 + RAW_METADATA_MAX] = "\10INITIATE";
	uint8_t plain[128 + RAW_METADATA_MAX];
	uint8_t vouch[64];
	uint8_t nonce[24] = "VOUCH---";

	randombytes_buf (nonce + 8, 16);
	memcpy (vouch, self->own_public, 32);
	memcpy (vouch + 32, self->server_key, 32);
	memcpy (plain, self->identity->card.transport, 32);
	memcpy (plain + 32, nonce + 8, 16);
	int failed = crypto_box_easy (plain + 48, vouch, sizeof vouch, nonce, self->hub_public,
				      self->identity->transport_secret);
	memcpy (plain + 128, metadata, size);

	raw_nonce (nonce, "CurveZMQINITIATE", ++self->nonce);
	memcpy (initiate + 9, self->cookie, RAW_COOKIE_BYTES);
	memcpy (initiate + 105, nonce + 16, 8);
	failed |= crypto_box_easy (initiate + 113, plain, 128 + size, nonce, self->hub_public,
				   self->own_secret);
	if (failed)
		peer_die ("raw", "crypto_box");
	return raw_write_frame (self, 4, initiate, 113 + 16 + 128 + size);
}

/* 0 after READY, SIAGA_EUNKNOWN after ERROR, SIAGA_EIO after nothing. */
static inline int
raw_ready (struct raw *self)
{
	int size = raw_read_frame (self);

	if (size < 6)
		return SIAGA_EIO;
	return memcmp (self->buffer, "\5READY", 6) == 0 ? 0 : SIAGA_EUNKNOWN;
}

/* From TCP to READY. */
static inline int
raw_open (struct raw *self, struct peer *peer, const uint8_t *metadata, size_t size)
{
	int error = raw_connect (self, peer) ? SIAGA_EIO : 0;

	if (!error)
		error = raw_greet (self, 3, 1, "CURVE");
	if (!error)
		error = raw_hello (self);
	if (!error)
		error = raw_welcome (self);
	if (!error)
		error = raw_initiate (self, metadata, size);
	return error ? error : raw_ready (self);
}

/* --- messages -------------------------------------------------------------------------------------------- */

/* One MESSAGE as a frame into `out` (size + RAW_FRAME_OVERHEAD bytes): how many bytes. */
static inline size_t
raw_seal (struct raw *self, uint8_t flags, const void *data, size_t size, uint8_t *out)
{
	static uint8_t plain[1 + 2 * SIAGA_MESSAGE_MAX];
	uint8_t nonce[24];
	size_t head = raw_frame_head (out, 0, 16 + 16 + 1 + size);

	raw_nonce (nonce, "CurveZMQMESSAGEC", ++self->nonce);
	plain[0] = flags;
	memcpy (plain + 1, data, size);
	memcpy (out + head, "\7MESSAGE", 8);
	memcpy (out + head + 8, nonce + 16, 8);
	if (crypto_box_easy_afternm (out + head + 16, plain, 1 + size, nonce, self->shared))
		peer_die ("raw", "crypto_box");
	return head + 16 + 16 + 1 + size;
}

static inline int
raw_send (struct raw *self, uint8_t flags, const void *data, size_t size)
{
	static uint8_t frame[2 * SIAGA_MESSAGE_MAX + RAW_FRAME_OVERHEAD];

	return raw_write (self, frame, raw_seal (self, flags, data, size, frame));
}

/* One of the protocol's messages. */
static inline int
raw_say (struct raw *self, const struct siaga_message *message)
{
	static uint8_t bytes[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, bytes, sizeof bytes);
	if (siaga_message_write (&writer, message))
		peer_die ("write", siaga_message_name (message->type));
	return raw_send (self, 0, bytes, writer.size);
}

/* The next message of the hub into peer->in; commands of ZMTP are passed over. 0 or SIAGA_EIO. */
static inline int
raw_hear (struct raw *self, struct peer *peer)
{
	uint8_t nonce[24] = "CurveZMQMESSAGES";
	uint8_t *plain = self->buffer;

	for (;;) {
		int size = raw_read_frame (self);
		if (size < 16 + 16 + 1 || memcmp (self->buffer, "\7MESSAGE", 8) != 0)
			return SIAGA_EIO;
		memcpy (nonce + 16, self->buffer + 8, 8);
		size -= 16;
		if (crypto_box_open_easy_afternm (plain, self->buffer + 16, (size_t) size, nonce,
						  self->shared))
			return SIAGA_ESIGNATURE;
		if (plain[0] & RAW_COMMAND)
			continue;
		memcpy (peer->frame, plain + 1, (size_t) size - 17);
		struct siaga_bytes bytes = {peer->frame, (size_t) size - 17};
		return siaga_message_read (bytes, &peer->in) ? SIAGA_EMALFORMED : 0;
	}
}

/* KNOCK and HELLO over an open connection, as `principal`; `epoch` may be NULL: publishes nothing. 0 after WELCOME,
   which stands in peer->in, else the refusal's code. */
static inline int
raw_enter (struct raw *self, struct peer *peer, const char *principal, const uint8_t *epoch)
{
	static struct siaga_message message;
	static uint8_t bytes[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;

	message.type = SIAGA_KNOCK;
	message.knock = (struct siaga_knock){SIAGA_PROTOCOL_VERSION, SIAGA_PROTOCOL_VERSION};
	if (raw_say (self, &message) || raw_hear (self, peer))
		return SIAGA_EIO;
	memcpy (peer->hub_nonce, peer->in.challenge.nonce, SIAGA_NONCE_BYTES);
	struct siaga_hello hello = peer_hello_make (peer);
	hello.principal = siaga_text (principal);
	hello.has_epoch = epoch != NULL;
	memset (hello.epoch, 0, sizeof hello.epoch);
	if (epoch)
		memcpy (hello.epoch, epoch, sizeof hello.epoch);
	siaga_writer_init (&writer, bytes, sizeof bytes);
	if (siaga_hello_write (&writer, &hello, peer->identity->sign_secret))
		peer_die ("write", "hello");
	if (raw_send (self, 0, bytes, writer.size) || raw_hear (self, peer))
		return SIAGA_EIO;
	return peer->in.type == SIAGA_REFUSED ? peer->in.refused.code : 0;
}

/* From TCP to WELCOME in one's own name. */
static inline int
raw_session (struct raw *self, struct peer *peer, const uint8_t *epoch)
{
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);
	int error = raw_open (self, peer, metadata, size);

	return error ? error : raw_enter (self, peer, peer->identity->card.principal, epoch);
}

#endif
