/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One answer a connection, written whole into the socket's buffer or not at all: nobody who asks and does not read
 * holds the agent up.
 */
#include "agent/status_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/local_socket.h"
#include "common/log.h"

struct status_socket {
	struct agent *agent;
	int fd;
	char path[4096];
};

static int
s_on_connect (zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
	struct status_socket *self = arg;
	(void) loop;
	int fd = local_socket_accept (item->fd);
	if (fd < 0)
		return 0;
	json_t *facts = status_facts (self->agent);
	char *text = facts ? json_dumps (facts, JSON_COMPACT) : NULL;
	if (text && !local_socket_say (fd, text))
		log_debug ("status-socket", "%s", strerror (errno));
	free (text);
	json_decref (facts);
	close (fd);
	return 0;
}

/* The outbox's lock says that no other agent runs here. */
static int
s_open (struct status_socket *self)
{
	snprintf (self->path, sizeof self->path, "%s/" STATUS_SOCKET_NAME, self->agent->conf.state);
	self->fd = local_socket_listen (self->path);
	return self->fd;
}

struct status_socket *
status_socket_new (struct agent *agent)
{
	struct status_socket *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->agent = agent;
	self->fd = -1;
	if (s_open (self) < 0) {
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
		unlink (self->path);
	}
	free (self);
	*self_p = NULL;
}
