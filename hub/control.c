/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is connected to the control socket. One epoll descriptor stands for all of them in the core's loop.
 */
#include "hub/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/local_socket.h"
#include "common/log.h"
#include "hub/hub_limits.h"

struct client {
	int fd; /* -1: none */
	uint64_t since_ms;
	bool waits; /* for the end of a drain */
	size_t size;
	char line[HUB_CONTROL_LINE_BYTES];
};

struct control {
	struct core *core;
	int fd;
	int epoll_fd;
	char path[4096];
	bool wants_end;
	struct client clients[HUB_CONTROL_CLIENTS_MAX];
};

static void
s_close (struct client *client)
{
	if (client->fd >= 0)
		close (client->fd); /* leaves the epoll set by itself */
	client->fd = -1;
}

static bool
s_watch (struct control *self, int fd, uint64_t index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = index};

	return epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* --- life ------------------------------------------------------------------------------------------------- */

static bool
s_open (struct control *self, const char *state_dir)
{
	snprintf (self->path, sizeof self->path, "%s/" CONTROL_SOCKET_NAME, state_dir);
	self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
	self->fd = self->epoll_fd < 0 ? -1 : local_socket_listen (self->path);
	return self->fd >= 0 && s_watch (self, self->fd, HUB_CONTROL_CLIENTS_MAX);
}

struct control *
control_new (struct core *core, const char *state_dir)
{
	struct control *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	self->core = core;
	self->fd = self->epoll_fd = -1;
	for (size_t i = 0; i < HUB_CONTROL_CLIENTS_MAX; i++)
		self->clients[i].fd = -1;
	if (!s_open (self, state_dir)) {
		log_warn ("control-socket", "%s: %s; siaga-hub --status and the like will not work",
			  self->path, strerror (errno));
		control_destroy (&self);
	}
	return self;
}

void
control_destroy (struct control **self_p)
{
	struct control *self = *self_p;

	if (!self)
		return;
	for (size_t i = 0; i < HUB_CONTROL_CLIENTS_MAX; i++)
		s_close (&self->clients[i]);
	if (self->fd >= 0) {
		unlink (self->path);
		close (self->fd);
	}
	if (self->epoll_fd >= 0)
		close (self->epoll_fd);
	free (self);
	*self_p = NULL;
}

int
control_fd (const struct control *self)
{
	return self ? self->epoll_fd : -1;
}

bool
control_wants_end (const struct control *self)
{
	return self && self->wants_end;
}

/* --- a client --------------------------------------------------------------------------------------------- */

static void
s_answer (struct client *client, json_t *answer)
{
	char *text = answer ? json_dumps (answer, JSON_COMPACT) : NULL;

	/* Its newline with it: one write, whole or not at all. */
	char *line = NULL;
	if (text && asprintf (&line, "%s\n", text) < 0)
		line = NULL;
	if (line && !local_socket_say (client->fd, line))
		log_debug ("control-socket", "%s", strerror (errno));
	free (line);
	free (text);
	json_decref (answer);
	s_close (client);
}

static void
s_on_line (struct control *self, struct client *client, size_t size)
{
	json_error_t error;
	json_t *request = json_loadb (client->line, size, JSON_REJECT_DUPLICATES, &error);
	const char *verb = json_string_value (json_object_get (request, "verb"));

	client->waits = verb && strcmp (verb, "drain") == 0;
	self->wants_end = self->wants_end || client->waits;
	json_t *answer = control_do (self->core, request);
	json_decref (request);
	if (!client->waits)
		s_answer (client, answer);
	else
		json_decref (answer);
}

static void
s_on_readable (struct control *self, struct client *client)
{
	ssize_t size = recv (client->fd, client->line + client->size,
			     sizeof client->line - client->size, MSG_DONTWAIT);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0 || client->waits) { /* gone, or talking where it should wait */
		s_close (client);
		return;
	}
	client->size += (size_t) size;
	char *end = memchr (client->line, '\n', client->size);
	if (end)
		s_on_line (self, client, (size_t) (end - client->line));
	else if (client->size == sizeof client->line)
		s_close (client);
}

static void
s_on_connect (struct control *self)
{
	int fd = local_socket_accept (self->fd);
	size_t i = 0;

	if (fd < 0)
		return;
	while (i < HUB_CONTROL_CLIENTS_MAX && self->clients[i].fd >= 0)
		i++;
	if (i == HUB_CONTROL_CLIENTS_MAX || !s_watch (self, fd, i)) {
		close (fd);
		return;
	}
	self->clients[i] = (struct client){.fd = fd, .since_ms = clock_mono_ms ()};
}

void
control_serve (struct control *self)
{
	struct epoll_event events[HUB_CONTROL_CLIENTS_MAX + 1];
	int count = epoll_wait (self->epoll_fd, events, HUB_CONTROL_CLIENTS_MAX + 1, 0);

	for (int i = 0; i < count; i++) {
		if (events[i].data.u64 == HUB_CONTROL_CLIENTS_MAX)
			s_on_connect (self);
		else if (self->clients[events[i].data.u64].fd >= 0)
			s_on_readable (self, &self->clients[events[i].data.u64]);
	}
}

void
control_on_tick (struct control *self)
{
	uint64_t now_ms = clock_mono_ms ();

	for (size_t i = 0; self && i < HUB_CONTROL_CLIENTS_MAX; i++) {
		struct client *client = &self->clients[i];
		if (client->fd >= 0 && !client->waits &&
		    now_ms - client->since_ms > HUB_CONTROL_PATIENCE_MS)
			s_close (client);
	}
}

void
control_drained (struct control *self)
{
	for (size_t i = 0; self && i < HUB_CONTROL_CLIENTS_MAX; i++)
		if (self->clients[i].fd >= 0 && self->clients[i].waits)
			s_answer (&self->clients[i],
				  json_pack ("{s:b, s:b}", "ok", 1, "drained", 1));
}
