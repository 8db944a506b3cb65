/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to the agent's socket: reads lines, stores what one read brings in one
 * transaction, and answers each line after the commit. While its answers are not taken nothing more
 * is read from it.
 */
#ifndef AGENT_SOCKET_CLIENT_H
#define AGENT_SOCKET_CLIENT_H

#include "agent/feed.h"

struct socket_client;

/* The connection has ended: the owner destroys the client. Called from the loop only. */
typedef void (socket_client_gone_fn) (void *arg, struct socket_client *client);

/* Takes the descriptor, which does not block, and registers it in the loop. The feed, and the parser that *parser is at
   any time, are borrowed. NULL when out of memory; the descriptor is the caller's then. */
struct socket_client *
socket_client_new (struct feed *feed, void *const *parser, int fd, socket_client_gone_fn *on_gone,
		   void *arg);

/* Leaves the loop and closes; NULL is fine. */
void
socket_client_destroy (struct socket_client **self_p);

#endif
