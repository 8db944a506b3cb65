/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent is doing, for `siaga-agent --status`: a UNIX socket, `status` in the state directory, mode 0600.
 * Whoever connects gets one JSON object and the end.
 */
#ifndef AGENT_STATUS_SOCKET_H
#define AGENT_STATUS_SOCKET_H

#include <jansson.h>

#include "agent/agent.h"

#define STATUS_SOCKET_NAME "status.sock"

struct status_socket;

/* Listens in the agent's loop. NULL, with the reason logged, when it can not: the agent goes on without. */
struct status_socket *
status_socket_new (struct agent *agent);

void
status_socket_destroy (struct status_socket **self_p);

/* status_facts.c. What there is to say, the caller's; NULL when out of memory. */
json_t *
status_facts (struct agent *agent);

/* status_show.c. Asks the agent that runs on this configuration and prints its answer, as text or, with `json`, as it
   is. What main () exits with. */
int
status_show (const char *conf_path, bool json);

/* The answer as aligned text. */
void
status_print (FILE *out, const json_t *facts);

#endif
