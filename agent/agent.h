/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent as a whole: what it is made of, and the loop it runs. One of them, made in main ().
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include "agent/source.h"
#include "common/loop_timer.h"

struct agent_source {
	const struct source_class *class;
	void *self;
};

/* What was last said about the uplink, so that it is said once. */
struct agent_uplink_log {
	bool down;
	char words[256];
	uint64_t told_ms;
	int later_code;
};

struct agent {
	struct agent_conf conf;
	struct trust trust;
	zloop_t *loop;
	int signal_fd; /* -1: none */
	int stop_fd;   /* readable: end the loop; -1: none */
	struct outbox *outbox;
	struct intake *intake;
	struct uplink *uplink;
	struct agent_uplink_log uplink_log;
	size_t source_count;
	struct agent_source *sources;
	struct loop_timer retry;
	int refused;		  /* why the outbox takes nothing now; 0: it does */
	uint64_t refused_told_ms; /* 0: never */
	bool failed;
};

/* Reads and checks the configuration, the identity and the roster; opens nothing else. `remember`:
   adopt the roster in the state directory, which is made if it is not there. 0, or an error with
   words; then nothing is left to free. */
int
agent_configure (struct agent *self, const char *conf_path, bool remember,
		 struct conf_error *error);

/* Makes outbox, sources and uplink. Every signal must be blocked already (agent_block_signals ()).
   0, or a negative error that is logged; agent_finish () either way. */
int
agent_init (struct agent *self);

/* Until SIGTERM or SIGINT: 0. SIAGA_EIO when the outbox broke; starting again finds out what is on
   the disk. */
int
agent_run (struct agent *self);

/* Stores positions, says goodbye to the hub, closes. */
void
agent_finish (struct agent *self);

/* Blocks the signals that the loop reads itself, and SIGPIPE, in this thread and all made after it.
   */
void
agent_block_signals (void);

/* Hardens the process and prepares libsodium and czmq: before anything else here. 0 or
   SIAGA_EINTERNAL. */
int
agent_prepare (void);

/* The outbox refused, or its disk did: pauses the sources, or ends the loop when it broke. */
void
agent_on_refused (void *arg, int error);

/* Connects: agent_uplink.c. 0 or SIAGA_ENOMEM. */
int
agent_connect (struct agent *self);

#endif
