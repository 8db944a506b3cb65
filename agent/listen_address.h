/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a source listens, from its text: "udp://192.0.2.1:514", "udp://[::1]:514", "unix:/path" (datagrams, as
 * /dev/log), "unix-stream:/path".
 */
#ifndef AGENT_LISTEN_ADDRESS_H
#define AGENT_LISTEN_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/un.h>

struct listen_address {
	int type; /* SOCK_DGRAM or SOCK_STREAM */
	socklen_t size;
	const char *path; /* of a UNIX socket: borrowed from the text; else NULL */
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} name;
};

bool
listen_address_parse (struct listen_address *self, const char *text);

/* A UNIX socket of that type; false when the path is empty or too long. `path` is borrowed. */
bool
listen_address_unix (struct listen_address *self, const char *path, int type);

/* Makes the socket, which does not block, and binds it; one that a gone process left in the file system is
   replaced, one that answers is not. A UNIX socket gets mode 0660. The descriptor, or -1 with errno. */
int
listen_address_open (const struct listen_address *self);

#endif
