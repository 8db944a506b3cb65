/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core as a process: its loop over the gate's packets, the writer's results and signals.
 */
#ifndef SIAGA_HUB_CORE_PROCESS_H
#define SIAGA_HUB_CORE_PROCESS_H

#include "hub/hub_conf.h"

struct core_process_options {
	int from_gate; /* packet sockets */
	int to_gate;
	int signal_fd; /* SIGTERM stops, SIGHUP reads the roster again */
	struct trust *trust;
	const struct hub_conf *conf;
};

/* Where the journal and the file of its last checkpoint are. */
void
core_paths (const struct hub_conf *conf, char path[4096], char checkpoint[4096]);

/* Runs until SIGTERM or an error (logged); returns the exit status: 0, EX_OSERR or EX_CONFIG when it cannot
   start, EX_IOERR or EX_SOFTWARE for what a restart may cure. */
int
core_process_run (const struct core_process_options *options);

#endif
