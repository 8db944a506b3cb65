/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drill being played: its injects are published when their time has come.
 */
#ifndef CLI_DRILL_PLAY_H
#define CLI_DRILL_PLAY_H

#include "cli/drill_verbs.h"

struct drill_play {
	struct drill_command *command;
	struct drill_state state;
	struct scenario scenario;
	bool parsed;
	bool sent[SCENARIO_INJECTS_MAX];
	uint64_t begin_ms; /* of the monotonic clock: when inject time 0 is */
	bool queued;	   /* something waits for the hub */
};

/* Who runs it, now. */
struct drill_origin
drill_play_origin (const struct drill_play *self);

/* Sends what is not sent yet: CMD_OK (also when the drill was ended), CMD_QUEUED, CMD_SIGNALED, or another enum cmd_exit. */
int
drill_play_run (struct drill_play *self);

#endif
