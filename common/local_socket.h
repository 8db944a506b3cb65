/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UNIX stream sockets by which a program on this machine is asked by its own user: the agent's status socket and the
 * hub's control socket.
 */
#ifndef COMMON_LOCAL_SOCKET_H
#define COMMON_LOCAL_SOCKET_H

#include <stdbool.h>

/* Listens at `path`, mode 0600, without blocking; what is left there under the name goes (the caller holds a lock that
   says nobody else runs). A descriptor, or -1 with errno. */
int
local_socket_listen (const char *path);

/* Connects; reads wait `patience_s` seconds at most. A descriptor, or -1 with errno: ENOENT or ECONNREFUSED when nobody
   listens. */
int
local_socket_connect (const char *path, unsigned patience_s);

/* The next who connected, or -1; with room for an answer of a MiB that it need not read at once. */
int
local_socket_accept (int fd);

/* Writes the text whole, or not at all: false with errno. Never waits on an accepted socket. */
bool
local_socket_say (int fd, const char *text);

#endif
