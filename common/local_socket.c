/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See local_socket.h.
 */
#include "common/local_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 4
#define SOCKET_UMASK 0177    /* leaves 0600 */
#define SEND_BYTES (1 << 20) /* room for an answer */

static int
s_open (const char *path, int flags, struct sockaddr_un *address)
{
	memset (address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	int size = snprintf (address->sun_path, sizeof address->sun_path, "%s", path);
	errno = ENAMETOOLONG;
	if (size < 0 || (size_t) size >= sizeof address->sun_path)
		return -1;
	return socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

static int
s_fail (int fd)
{
	int error = errno;
	close (fd);
	errno = error;
	return -1;
}

int
local_socket_listen (const char *path)
{
	struct sockaddr_un address;
	int fd = s_open (path, SOCK_NONBLOCK, &address);
	if (fd < 0)
		return -1;
	unlink (path);
	mode_t before = umask (SOCKET_UMASK);
	int rc = bind (fd, (struct sockaddr *) &address, sizeof address);
	umask (before);
	return rc == 0 && listen (fd, BACKLOG) == 0 ? fd : s_fail (fd);
}

int
local_socket_connect (const char *path, unsigned patience_s)
{
	struct sockaddr_un address;
	struct timeval patience = {.tv_sec = patience_s};
	int fd = s_open (path, 0, &address);
	if (fd < 0)
		return -1;
	setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
		return fd;
	return s_fail (fd);
}

int
local_socket_accept (int fd)
{
	int room = SEND_BYTES;
	int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client >= 0)
		setsockopt (client, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return client;
}

bool
local_socket_say (int fd, const char *text)
{
	size_t size = strlen (text);
	return send (fd, text, size, MSG_NOSIGNAL) == (ssize_t) size;
}
