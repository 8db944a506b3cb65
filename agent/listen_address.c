/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of an address, and a socket there.
 */
#include "agent/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_UMASK 0117 /* leaves 0660 */
#define HOST_MAX 64

static bool
s_begins (const char **text, const char *with)
{
	size_t size = strlen (with);
	if (strncmp (*text, with, size) != 0)
		return false;
	*text += size;
	return true;
}

bool
listen_address_unix (struct listen_address *self, const char *path, int type)
{
	memset (self, 0, sizeof *self);
	struct sockaddr_un *un = &self->name.un;
	if (path[0] == '\0' || strlen (path) >= sizeof un->sun_path)
		return false;
	self->type = type;
	self->path = path;
	self->size = sizeof *un;
	un->sun_family = AF_UNIX;
	memcpy (un->sun_path, path, strlen (path) + 1);
	return true;
}

static bool
s_port (const char *text, in_port_t *port)
{
	char *end;
	unsigned long number = *text >= '0' && *text <= '9' ? strtoul (text, &end, 10) : 0;
	if (number == 0 || number > 65535 || *end)
		return false;
	*port = htons ((uint16_t) number);
	return true;
}

static bool
s_udp (struct listen_address *self, const char *text)
{
	char host[HOST_MAX];
	const char *colon = strrchr (text, ':');
	bool brackets = text[0] == '[';
	size_t size = colon ? (size_t) (colon - text) : 0;
	if (brackets && (size < 2 || text[size - 1] != ']'))
		return false;
	if (brackets) {
		text++;
		size -= 2;
	}
	if (size == 0 || size >= sizeof host)
		return false;
	memcpy (host, text, size);
	host[size] = '\0';
	self->type = SOCK_DGRAM;
	if (brackets) {
		self->size = sizeof self->name.in6;
		self->name.in6.sin6_family = AF_INET6;
		return inet_pton (AF_INET6, host, &self->name.in6.sin6_addr) == 1 &&
		       s_port (colon + 1, &self->name.in6.sin6_port);
	}
	self->size = sizeof self->name.in;
	self->name.in.sin_family = AF_INET;
	return inet_pton (AF_INET, host, &self->name.in.sin_addr) == 1 &&
	       s_port (colon + 1, &self->name.in.sin_port);
}

bool
listen_address_parse (struct listen_address *self, const char *text)
{
	memset (self, 0, sizeof *self);
	if (s_begins (&text, "udp://"))
		return s_udp (self, text);
	int type = s_begins (&text, "unix:") ? SOCK_DGRAM : SOCK_STREAM;
	if (type == SOCK_STREAM && !s_begins (&text, "unix-stream:"))
		return false;
	return text[0] == '/' && listen_address_unix (self, text, type);
}

/* A socket left behind by a process that is gone is in the way; one that answers is in use. */
static int
s_remove_stale (const struct listen_address *self)
{
	struct stat status;
	if (lstat (self->path, &status))
		return errno == ENOENT ? 0 : -1;
	errno = EEXIST;
	if (!S_ISSOCK (status.st_mode))
		return -1;
	int fd = socket (AF_UNIX, self->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	int failed = connect (fd, &self->name.any, self->size);
	bool stale = failed && errno == ECONNREFUSED;
	close (fd);
	errno = EADDRINUSE;
	return stale ? unlink (self->path) : -1;
}

int
listen_address_open (const struct listen_address *self)
{
	if (self->path && s_remove_stale (self))
		return -1;
	int fd = socket (self->name.any.sa_family, self->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	mode_t before = umask (SOCKET_UMASK);
	int failed = bind (fd, &self->name.any, self->size);
	int error = errno;
	umask (before);
	if (!failed)
		return fd;
	close (fd);
	errno = error;
	return -1;
}
