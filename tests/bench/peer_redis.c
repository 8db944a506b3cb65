/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer of the storm: redis streams (XADD pipelined, XREAD) over TLS, made and read with hiredis. Debian's hiredis
 * has no TLS: the bytes it formats and parses go through OpenSSL here. With `appendfsync always` redis answers an
 * XADD only after its fsync; who reads may see an entry before.
 *
 *	peer_redis pub|sub PORT CA-FILE …
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>
#include <openssl/ssl.h>

#include "peer_load.h"

#define KEY "alerts"
#define WINDOW 1024 /* commands without an answer */
#define READ_BYTES 65536
#define OUT_BYTES 65536
#define READ_COMMAND "XREAD COUNT 1000 BLOCK 0 STREAMS " KEY " %s"

struct link {
	SSL *ssl;
	int fd;
	redisReader *reader;
	char out[2 * OUT_BYTES];
	size_t out_size;
	uint64_t waiting; /* for an answer */
};

static int
s_open (const char *port)
{
	int one = 1, fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons ((uint16_t) atoi (port)),
				      .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};

	if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
		peer_load_fail ("connect", strerror (errno));
	setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static void
s_connect (struct link *self, const struct peer_load *load)
{
	SSL_CTX *context = SSL_CTX_new (TLS_client_method ());

	self->fd = s_open (load->where);
	self->reader = redisReaderCreate ();
	if (!context || !self->reader ||
	    SSL_CTX_load_verify_locations (context, load->trust, NULL) != 1)
		peer_load_fail ("tls", load->trust);
	SSL_CTX_set_verify (context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode (context,
			  SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	self->ssl = SSL_new (context);
	if (!self->ssl || SSL_set1_host (self->ssl, "localhost") != 1 ||
	    SSL_set_fd (self->ssl, self->fd) != 1 || SSL_connect (self->ssl) != 1)
		peer_load_fail ("tls", "no session");
	fcntl (self->fd, F_SETFL, O_NONBLOCK);
	SSL_CTX_free (context);
}

static void
s_finish (struct link *self)
{
	SSL_free (self->ssl);
	redisReaderFree (self->reader);
	close (self->fd);
}

static void
s_check_ssl (const struct link *self, int result)
{
	int error = SSL_get_error (self->ssl, result);

	if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		peer_load_fail ("tls", "the session is over");
}

static void
s_wait (const struct link *self, short events)
{
	struct pollfd waits = {.fd = self->fd, .events = events};

	while (poll (&waits, 1, -1) < 0 && errno == EINTR)
		continue;
}

/* The next answer, which is the caller's; NULL when it is not there yet. */
static redisReply *
s_answer (struct link *self)
{
	char bytes[READ_BYTES];
	void *reply = NULL;

	while (redisReaderGetReply (self->reader, &reply) == REDIS_OK && !reply) {
		int got = SSL_read (self->ssl, bytes, sizeof bytes);
		if (got <= 0) {
			s_check_ssl (self, got);
			return NULL;
		}
		redisReaderFeed (self->reader, bytes, (size_t) got);
	}
	if (!reply || ((redisReply *) reply)->type == REDIS_REPLY_ERROR)
		peer_load_fail ("redis", reply ? ((redisReply *) reply)->str : "no answer");
	return reply;
}

static void
s_take_answers (struct link *self)
{
	redisReply *reply;

	while (self->waiting > 0 && (reply = s_answer (self))) {
		freeReplyObject (reply);
		self->waiting--;
	}
}

static void
s_flush (struct link *self)
{
	size_t done = 0;

	while (done < self->out_size) {
		int wrote = SSL_write (self->ssl, self->out + done, (int) (self->out_size - done));
		if (wrote > 0) {
			done += (size_t) wrote;
			continue;
		}
		s_check_ssl (self, wrote);
		s_wait (self, POLLIN | POLLOUT);
		s_take_answers (self);
	}
	self->out_size = 0;
}

static void
s_say (struct link *self, const char *command, size_t size)
{
	memcpy (self->out + self->out_size, command, size);
	self->out_size += size;
}

static void
s_add (struct link *self, const uint8_t *message, size_t size)
{
	const char *words[] = {"XADD", KEY, "*", "m", (const char *) message};
	const size_t sizes[] = {4, strlen (KEY), 1, 1, size};
	char *command = NULL;
	int length = redisFormatCommandArgv (&command, 5, words, sizes);

	if (length < 0)
		peer_load_fail ("start", "out of memory");
	s_say (self, command, (size_t) length);
	redisFreeCommand (command);
	self->waiting++;
}

/* What is under way is filled up to the window whenever half of it is answered. */
static void
s_publish (struct link *self, struct peer_load *load)
{
	uint8_t message[PEER_MESSAGE_MAX];

	for (uint64_t i = 0; i < load->count; i++) {
		s_add (self, message, peer_load_make (load, message));
		if (load->rate == 0 && self->out_size < OUT_BYTES && self->waiting < WINDOW &&
		    i + 1 < load->count)
			continue;
		s_flush (self);
		s_take_answers (self);
		while (self->waiting >= WINDOW / 2 && load->rate == 0) {
			s_wait (self, POLLIN);
			s_take_answers (self);
		}
	}
	while (self->waiting > 0) {
		s_wait (self, POLLIN);
		s_take_answers (self);
	}
}

/* [[key, [[id, [field, value]], …]]]; returns the last id. True when all are there. */
static bool
s_take_entries (struct peer_load *load, const redisReply *reply, char last_id[64])
{
	const redisReply *entries = reply->element[0]->element[1];
	bool is_last = false;

	for (size_t i = 0; i < entries->elements; i++) {
		const redisReply *entry = entries->element[i];
		const redisReply *value = entry->element[1]->element[1];
		is_last = peer_load_take (load, value->str, (size_t) value->len);
		snprintf (last_id, 64, "%s", entry->element[0]->str);
	}
	return is_last;
}

static void
s_subscribe (struct link *self, struct peer_load *load)
{
	char last_id[64] = "0";
	redisReply *reply;
	bool is_last = false;

	peer_load_ready ();
	while (!is_last) {
		char *formatted = NULL;
		int size = redisFormatCommand (&formatted, READ_COMMAND, last_id);
		if (size < 0)
			peer_load_fail ("start", "out of memory");
		s_say (self, formatted, (size_t) size);
		redisFreeCommand (formatted);
		s_flush (self);
		while (!(reply = s_answer (self)))
			s_wait (self, POLLIN);
		is_last = s_take_entries (load, reply, last_id);
		freeReplyObject (reply);
	}
	arrivals_print (&load->arrivals);
}

int
main (int argc, char **argv)
{
	static struct link self;
	struct peer_load load;

	peer_load_init (&load, argc, argv);
	s_connect (&self, &load);
	if (strcmp (load.role, "pub") == 0)
		s_publish (&self, &load);
	else
		s_subscribe (&self, &load);
	s_finish (&self);
	peer_load_finish (&load);
	return 0;
}
