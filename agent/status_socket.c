/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer a connection, written whole into the socket's buffer or not at all: nobody who asks and does not read
 * holds the agent up.
 */
#include "agent/status_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/log.h"

#define BACKLOG 4
#define SOCKET_UMASK 0177    /* leaves 0600 */
#define SEND_BYTES (1 << 20) /* room for an answer */

struct status_socket {
	struct agent *agent;
	int fd;
	struct sockaddr_un address;
};

static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct status_socket *self = arg;
	int room = SEND_BYTES;
	(void) loop;
	int fd = accept4 (item->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;
	setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	json_t *facts = status_facts (self->agent);
	char *text = facts ? json_dumps (facts, JSON_COMPACT) : NULL;
	if (text && send (fd, text, strlen (text), MSG_NOSIGNAL) < 0)
		log_debug ("status-socket", "%s", strerror (errno));
	free (text);
	json_decref (facts);
	close (fd);
	return 0;
}

/* The outbox's lock says that no other agent runs here: what is left under the name is nobody's. */
static int
s_bind (struct status_socket *self)
{
	unlink (self->address.sun_path);
	mode_t before = umask (SOCKET_UMASK);
	int rc = bind (self->fd, (struct sockaddr *) &self->address, sizeof self->address);
	umask (before);
	return rc ? rc : listen (self->fd, BACKLOG);
}

static int
s_open (struct status_socket *self)
{
	int size = snprintf (self->address.sun_path, sizeof self->address.sun_path,
			     "%s/" STATUS_SOCKET_NAME, self->agent->conf.state);
	errno = ENAMETOOLONG;
	if (size < 0 || (size_t) size >= sizeof self->address.sun_path)
		return -1;
	self->address.sun_family = AF_UNIX;
	self->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return self->fd < 0 ? -1 : s_bind (self);
}

struct status_socket *
status_socket_new (struct agent *agent)
{
	struct status_socket *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->agent = agent;
	self->fd = -1;
	if (s_open (self)) {
		log_warn ("status-socket", "%s/" STATUS_SOCKET_NAME ": %s; --status will not work",
			  agent->conf.state, strerror (errno));
		status_socket_destroy (&self);
		return NULL;
	}
	zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
	zloop_poller (agent->loop, &item, s_on_connect, self);
	zloop_poller_set_tolerant (agent->loop, &item);
	return self;
}

void
status_socket_destroy (struct status_socket **self_p)
{
	struct status_socket *self = *self_p;
	if (!self)
		return;
	if (self->fd >= 0) {
		zmq_pollitem_t item = {.fd = self->fd, .events = ZMQ_POLLIN};
		zloop_poller_end (self->agent->loop, &item);
		close (self->fd);
		unlink (self->address.sun_path);
	}
	free (self);
	*self_p = NULL;
}
