/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UNIX stream socket for programs on this machine: one alert as JSON a line, one line of JSON
 * back for each, in order:  {"queued":"<uuid>"}  when it is on the disk, or  {"error":"field:
 * why"}.  Who may connect is decided by the file system: mode 0660. A full outbox is told to the
 * client at once, which knows best what to do. One client is socket_client.c's.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/socket_client.h"
#include "agent/source.h"
#include "common/log.h"
#include "siaga/error.h"

#define CLIENTS_MAX 64
#define BACKLOG 16
#define SOCKET_UMASK 0117 /* leaves 0660 */

struct listener {
	struct source_context context;
	const char *name;
	struct alert_defaults defaults;
	int fd;
	bool bound; /* the name in the file system is ours to remove */
	bool listening;
	size_t client_count;
	struct socket_client *clients[CLIENTS_MAX];
};

static bool
s_address (struct sockaddr_un *address, const char *path)
{
	memset (address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	if (strlen (path) >= sizeof address->sun_path)
		return false;
	memcpy (address->sun_path, path, strlen (path) + 1);
	return true;
}

/* A socket left behind by a process that is gone is in the way; one that answers is in use. */
static int
s_remove_stale (const struct sockaddr_un *address)
{
	struct stat status;
	if (lstat (address->sun_path, &status))
		return errno == ENOENT ? 0 : -1;
	errno = EEXIST;
	if (!S_ISSOCK (status.st_mode))
		return -1;
	int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	int failed = connect (fd, (const struct sockaddr *) address, sizeof *address);
	bool stale = failed && errno == ECONNREFUSED;
	close (fd);
	errno = EADDRINUSE;
	return stale ? unlink (address->sun_path) : -1;
}

static int
s_bind (struct listener *self, const char *path)
{
	struct sockaddr_un address;
	errno = ENAMETOOLONG;
	if (!s_address (&address, path) || s_remove_stale (&address))
		return -1;
	self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (self->fd < 0)
		return -1;
	mode_t before = umask (SOCKET_UMASK);
	self->bound = bind (self->fd, (struct sockaddr *) &address, sizeof address) == 0;
	umask (before);
	return self->bound ? listen (self->fd, BACKLOG) : -1;
}

static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg);

static void
s_listen (struct listener *self, bool wanted)
{
	zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
	if (wanted && !self->listening)
		zloop_poller (self->context.loop, &item, s_on_connect, self);
	if (wanted && !self->listening)
		zloop_poller_set_tolerant (self->context.loop, &item);
	if (!wanted && self->listening)
		zloop_poller_end (self->context.loop, &item);
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
		socket_client_new (&self->context, &self->defaults, fd, s_on_gone, self);
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
		unlink (self->context.source->path);
	free (self);
	*self_p = NULL;
}

static void *
s_create (const struct source_context *context)
{
	struct listener *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->context = *context;
	self->name = context->source->name;
	self->fd = -1;
	agent_conf_defaults (context->conf, context->source, &self->defaults);
	if (s_bind (self, context->source->path) == 0)
		return self;
	log_error ("source-failed", "%s: %s: %s", self->name, context->source->path,
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

const struct source_class source_socket = {
	.create = s_create,
	.start = s_start,
	.pause = s_nothing,
	.resume = s_nothing,
	.destroy = s_destroy,
};
