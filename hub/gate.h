/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate: the process that speaks ZMTP. It admits whose key the core named, gives each connection a
 * number, and carries body frames between connections and core. It knows no grammar, holds no state that
 * matters and opens no file: libzmq can be made to abort by an enrolled peer, and then a new gate takes
 * over within a second.
 */
#ifndef SIAGA_HUB_GATE_H
#define SIAGA_HUB_GATE_H

#include "hub/sandbox.h"
#include "siaga/keys.h"

struct gate_options {
	int from_core; /* packet sockets */
	int to_core;
	int signal_fd;			 /* SIGTERM ends the gate */
	const uint8_t *transport_secret; /* borrowed while gate_run () starts */
	const uint8_t *transport_key;
	char *const *listen; /* endpoints of libzmq; borrowed */
	size_t listen_count;
	enum sandbox_mode sandbox; /* the one it was entered with */
};

/* Runs until SIGTERM or an error (logged); returns the exit status: 0, EX_CONFIG or EX_OSERR when it cannot
   start, EX_SOFTWARE for what a restart may cure. */
int
gate_run (const struct gate_options *options);

#endif
