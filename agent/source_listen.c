/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syslog from a socket: datagrams (UDP, or UNIX as /dev/log), each a message; or UNIX connections, each line a message.
 * Nobody can send again what is refused here, so what was received waits until the outbox takes it, and what the kernel
 * could not keep meanwhile is counted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/feed.h"
#include "agent/lines.h"
#include "agent/listen_address.h"
#include "common/log.h"
#include "siaga/error.h"

#define DATAGRAMS_MAX 256	  /* of one transaction */
#define DATAGRAM_BYTES (64 << 10) /* of one */
#define HELD_BYTES (256 << 10)	  /* of them together */
#define RECEIVE_BYTES (4 << 20)	  /* that the kernel keeps for us, if it may */
#define CLIENTS_MAX 64
#define BACKLOG 16

struct listener;

/* One connection. */
struct client {
	struct listener *owner;
	int fd;
	bool watched;
	void *parser;
	struct lines lines;
};

struct datagram {
	size_t at;
	size_t size;
	bool cut;
};

struct listener {
	struct feed feed;
	char *text;
	struct listen_address address;
	int fd;
	void *parser;
	bool running;
	bool listening; /* fd is in the loop */
	uint32_t lost;	/* by the kernel, told of so far */
	struct complaint loss;
	char *held; /* datagrams that were received; NULL: none */
	size_t held_size;
	size_t datagram_count;
	struct datagram datagrams[DATAGRAMS_MAX];
	size_t client_count;
	struct client *clients[CLIENTS_MAX];
};

static int
s_refuse (struct listener *self, int rc)
{
	if (rc)
		self->feed.context.on_refused (self->feed.context.arg, rc);
	return rc;
}

/* -- datagrams -- */

/* How many the kernel has thrown away since the socket was made. */
static void
s_count_lost (struct listener *self, struct msghdr *message)
{
	uint32_t lost = self->lost;
	for (struct cmsghdr *control = CMSG_FIRSTHDR (message); control;
	     control = CMSG_NXTHDR (message, control))
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL)
			memcpy (&lost, CMSG_DATA (control), sizeof lost);
	for (; self->lost != lost; self->lost++)
		complaint_add (&self->loss,
			       "a message was lost: they come faster than they are read");
}

/* Takes one. False: there is none now, or no room. */
static bool
s_receive (struct listener *self)
{
	char control[CMSG_SPACE (sizeof (uint32_t))] __attribute__ ((aligned (8)));
	struct iovec part = {self->held + self->held_size, DATAGRAM_BYTES};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof control};
	if (self->datagram_count == DATAGRAMS_MAX || self->held_size + DATAGRAM_BYTES > HELD_BYTES)
		return false;
	ssize_t got = recvmsg (self->fd, &message, MSG_DONTWAIT);
	if (got < 0)
		return errno == EINTR;
	s_count_lost (self, &message);
	size_t size = (size_t) got;
	const char *data = self->held + self->held_size;
	while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\0'))
		size--;
	self->datagrams[self->datagram_count++] =
		(struct datagram){self->held_size, size, (message.msg_flags & MSG_TRUNC) != 0};
	self->held_size += size;
	return true;
}

static void
s_let_go (struct listener *self)
{
	free (self->held);
	self->held = NULL;
	self->held_size = self->datagram_count = 0;
}

/* What was received, in one transaction; refused, it stays. */
static int
s_store_datagrams (struct listener *self)
{
	char words[PARSER_WORDS];
	int rc = 0;
	for (size_t i = 0; i < self->datagram_count && !rc; i++) {
		const struct datagram *datagram = &self->datagrams[i];
		struct feed_line line = {.text = {self->held + datagram->at, datagram->size},
					 .cut = datagram->cut};
		if (!feed_is_blank (line.text))
			rc = feed_line (&self->feed, self->parser, &line, NULL, words);
	}
	if (!rc)
		rc = feed_commit (&self->feed);
	if (rc)
		feed_rollback (&self->feed);
	else
		s_let_go (self);
	return rc;
}

static int
s_on_datagrams (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct listener *self = arg;
	(void) loop;
	(void) item;
	if (!self->held)
		self->held = malloc (HELD_BYTES);
	while (self->held && s_receive (self))
		;
	s_refuse (self, s_store_datagrams (self));
	return 0;
}

/* -- connections -- */

static int
s_on_client (zloop_t *loop, zmq_pollitem_t *item, void *arg);
static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static void
s_listen (struct listener *self, bool wanted)
{
	bool is_stream = self->address.type == SOCK_STREAM;
	source_watch (&self->feed.context, self->fd, is_stream ? s_on_connect : s_on_datagrams,
		      self, wanted && (!is_stream || self->client_count < CLIENTS_MAX),
		      &self->listening);
}

static void
s_watch (struct client *client, bool wanted)
{
	source_watch (&client->owner->feed.context, client->fd, s_on_client, client, wanted,
		      &client->watched);
}

static void
s_client_destroy (struct client **self_p)
{
	struct client *self = *self_p;
	if (self->parser)
		self->owner->feed.parser->destroy (&self->parser);
	lines_finish (&self->lines);
	close (self->fd);
	free (self);
	*self_p = NULL;
}

static void
s_remove (struct client *client)
{
	struct listener *self = client->owner;
	for (size_t i = 0; i < self->client_count; i++)
		if (self->clients[i] == client)
			self->clients[i] = self->clients[--self->client_count];
	s_watch (client, false);
	s_client_destroy (&client);
	s_listen (self, self->running);
}

static int
s_on_client (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct client *client = arg;
	struct listener *self = client->owner;
	size_t room;
	char *data = lines_room (&client->lines, &room);
	(void) loop;
	(void) item;
	ssize_t got = recv (client->fd, data, room, MSG_DONTWAIT);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got > 0)
		lines_added (&client->lines, (size_t) got);
	else
		lines_end (&client->lines);
	int rc = feed_lines (&self->feed, client->parser, &client->lines);
	if (got <= 0 && !rc)
		s_remove (client);
	s_refuse (self, rc);
	return 0;
}

static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct listener *self = arg;
	(void) loop;
	int fd = accept4 (item->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client = fd >= 0 ? calloc (1, sizeof *client) : NULL;
	if (!client) {
		if (fd >= 0)
			close (fd);
		return 0;
	}
	*client = (struct client){.owner = self, .fd = fd};
	client->parser = feed_parser (&self->feed);
	if (lines_init (&client->lines, LINES_LOG_MAX, true) || !client->parser) {
		s_client_destroy (&client);
		return 0;
	}
	self->clients[self->client_count++] = client;
	s_watch (client, true);
	s_listen (self, true);
	return 0;
}

/* -- the class -- */

static void
s_pause (void *arg)
{
	struct listener *self = arg;
	if (!self->running)
		return;
	self->running = false;
	s_listen (self, false);
	for (size_t i = 0; i < self->client_count; i++)
		s_watch (self->clients[i], false);
}

static int
s_store_held (struct listener *self)
{
	int rc = s_store_datagrams (self);
	for (size_t i = 0; i < self->client_count && !rc; i++)
		rc = feed_lines (&self->feed, self->clients[i]->parser, &self->clients[i]->lines);
	return rc;
}

static void
s_resume (void *arg)
{
	struct listener *self = arg;
	if (self->running || s_refuse (self, s_store_held (self)))
		return;
	self->running = true;
	s_listen (self, true);
	for (size_t i = 0; i < self->client_count; i++)
		s_watch (self->clients[i], true);
}

static void
s_destroy (void **self_p)
{
	struct listener *self = *self_p;
	if (!self)
		return;
	s_pause (self);
	for (size_t i = 0; i < self->client_count; i++)
		s_client_destroy (&self->clients[i]);
	if (self->fd >= 0)
		close (self->fd);
	if (self->fd >= 0 && self->address.path)
		unlink (self->address.path);
	if (self->parser)
		self->feed.parser->destroy (&self->parser);
	complaint_finish (&self->loss);
	feed_finish (&self->feed);
	s_let_go (self);
	free (self->text);
	free (self);
	*self_p = NULL;
}

static int
s_bind (struct listener *self)
{
	int size = RECEIVE_BYTES, one = 1;
	self->fd = listen_address_open (&self->address);
	if (self->fd < 0)
		return -1;
	if (self->address.type == SOCK_STREAM)
		return listen (self->fd, BACKLOG);
	setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt (self->fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof one);
	return 0;
}

static void *
s_create (const struct source_context *context)
{
	struct listener *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->fd = -1;
	self->text = strdup (context->source->listen);
	int rc = feed_init (&self->feed, context);
	complaint_init (&self->loss, self->feed.name, "source-lost");
	if (!rc)
		self->parser = feed_parser (&self->feed);
	if (self->parser && self->text && listen_address_parse (&self->address, self->text) &&
	    s_bind (self) == 0)
		return self;
	log_error ("source-failed", "%s: %s: %s", context->source->name, context->source->listen,
		   strerror (errno));
	s_destroy ((void *[]){self});
	return NULL;
}

static void
s_describe (const void *arg, struct source_facts *facts)
{
	const struct listener *self = arg;
	feed_describe (&self->feed, facts);
	snprintf (facts->position, sizeof facts->position, "%.200s", self->text);
	if (self->lost > 0)
		snprintf (facts->error, sizeof facts->error, "%u messages lost by the kernel",
			  self->lost);
}

/* Of syslog: there is no parser's state that could not be made. */
static int
s_reload (void *arg, const struct source_context *context)
{
	struct listener *self = arg;
	const struct parser_class *class = self->feed.parser;
	if (!context->source->listen || strcmp (context->source->listen, self->text) != 0)
		return SIAGA_ECONF;
	feed_configure (&self->feed, context);
	self->loss.source = self->feed.name;
	class->destroy (&self->parser);
	self->parser = feed_parser (&self->feed);
	for (size_t i = 0; i < self->client_count; i++) {
		class->destroy (&self->clients[i]->parser);
		self->clients[i]->parser = feed_parser (&self->feed);
	}
	return 0;
}

const struct source_class source_listen = {
	.create = s_create,
	.start = s_resume,
	.pause = s_pause,
	.resume = s_resume,
	.describe = s_describe,
	.reload = s_reload,
	.destroy = s_destroy,
};
