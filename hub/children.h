/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two children do between fork and their loops: each keeps what it needs, and drops the rest.
 */
#ifndef SIAGA_HUB_CHILDREN_H
#define SIAGA_HUB_CHILDREN_H

#include <sys/types.h>

#include "hub/hub_conf.h"

/* The packet sockets, made once by the parent and inherited by every child. [0] reads, [1] writes. */
struct channel {
	int to_core[2]; /* from the gate */
	int to_gate[2]; /* from the core */
};

struct child_options {
	const struct hub_conf *conf;
	const struct channel *channel;
	pid_t parent;
	int verbosity;
};

/* Run in a forked child, with every signal that matters blocked; return the exit status. */
int
gate_main (const struct child_options *options);

int
core_main (const struct child_options *options);

#endif
