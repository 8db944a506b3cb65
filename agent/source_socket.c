/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UNIX stream socket for programs on this machine: one alert as JSON a line, one line of JSON
 * back for each, in order:  {"queued":"<uuid>"}  when it is on the disk, or  {"error":"field:
 * why"}.  Who may connect is decided by the file system: mode 0660. A full outbox is told to the
 * client at once, which knows best what to do. One client is socket_client.c's.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/listen_address.h"
#include "agent/socket_client.h"
#include "agent/source.h"
#include "common/log.h"
#include "siaga/error.h"

#define CLIENTS_MAX 64
#define BACKLOG 16

struct listener {
	struct feed feed;
	void *parser;
	int fd;
	char *path;
	bool bound; /* the name in the file system is ours to remove */
	bool listening;
	size_t client_count;
	struct socket_client *clients[CLIENTS_MAX];
};

static int
s_bind (struct listener *self, const char *path)
{
	struct listen_address address;
	errno = ENAMETOOLONG;
	if (!listen_address_unix (&address, path, SOCK_STREAM))
		return -1;
	self->fd = listen_address_open (&address);
	self->bound = self->fd >= 0;
	return self->bound ? listen (self->fd, BACKLOG) : -1;
}

static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static void
s_listen (struct listener *self, bool wanted)
{
	zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
	if (wanted && !self->listening)
		zloop_poller (self->feed.context.loop, &item, s_on_connect, self);
	if (wanted && !self->listening)
		zloop_poller_set_tolerant (self->feed.context.loop, &item);
	if (!wanted && self->listening)
		zloop_poller_end (self->feed.context.loop, &item);
	self->listening = wanted;
}

/* Takes a finished client off the list. */
static void
s_on_gone (void *arg, struct socket_client *client)
{
	struct listener *self = arg;
	for (size_t i = 0; i < self->client_count; i++)
		if (self->clients[i] == client)
			self->clients[i] = self->clients[--self->client_count];
	socket_client_destroy (&client);
	s_listen (self, true);
}

/* At the limit the others wait in the kernel's queue until one of these leaves. */
static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct listener *self = arg;
	(void) loop;
	int fd = accept4 (item->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;
	struct socket_client *client =
		socket_client_new (&self->feed, &self->parser, fd, s_on_gone, self);
	if (!client) {
		close (fd);
		return 0;
	}
	self->clients[self->client_count++] = client;
	if (self->client_count == CLIENTS_MAX)
		s_listen (self, false);
	return 0;
}

static void
s_destroy (void **self_p)
{
	struct listener *self = *self_p;
	if (!self)
		return;
	s_listen (self, false);
	for (size_t i = 0; i < self->client_count; i++)
		socket_client_destroy (&self->clients[i]);
	if (self->fd >= 0)
		close (self->fd);
	if (self->bound)
		unlink (self->path);
	if (self->parser)
		self->feed.parser->destroy (&self->parser);
	feed_finish (&self->feed);
	free (self->path);
	free (self);
	*self_p = NULL;
}

static void *
s_create (const struct source_context *context)
{
	struct listener *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->fd = -1;
	self->path = strdup (context->source->path);
	int rc = feed_init (&self->feed, context);
	if (!rc)
		self->parser = feed_parser (&self->feed);
	if (self->parser && self->path && s_bind (self, self->path) == 0)
		return self;
	log_error ("source-failed", "%s: %s: %s", context->source->name, context->source->path,
		   strerror (errno));
	s_destroy ((void *[]){self});
	return NULL;
}

static void
s_start (void *arg)
{
	s_listen (arg, true);
}

/* Each client is answered as it asks, also that the outbox is full. */
static void
s_nothing (void *arg)
{
	(void) arg;
}

static void
s_describe (const void *arg, struct source_facts *facts)
{
	const struct listener *self = arg;
	feed_describe (&self->feed, facts);
	snprintf (facts->position, sizeof facts->position, "%zu connections", self->client_count);
}

/* The clients stay: they borrow what is in this struct. */
static int
s_reload (void *arg, const struct source_context *context)
{
	struct listener *self = arg;
	self->feed.parser->destroy (&self->parser);
	feed_configure (&self->feed, context);
	self->parser = feed_parser (&self->feed);
	return 0; /* of JSON: there is no state that could not be made */
}

const struct source_class source_socket = {
	.create = s_create,
	.start = s_start,
	.pause = s_nothing,
	.resume = s_nothing,
	.describe = s_describe,
	.reload = s_reload,
	.destroy = s_destroy,
};
