/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exercise a person runs, `drill.json` in their state directory: which scenario, and under which ids its entries
 * go. It is on the disk before the first of them is published and then changes once, when the drill is ended: what has
 * been sent is known from the outbox and the log, which cannot be wrong about it.
 */
#ifndef CLI_DRILL_STATE_H
#define CLI_DRILL_STATE_H

#include "cli/drill_entry.h"
#include "cli/settings.h"

struct drill_state {
	char *file_name; /* of the scenario, as it was given */
	char *text;	 /* all of it */
	struct drill_entry opening;
	uint64_t started_us;
	bool ended;
	size_t inject_count;
	uint8_t ids[SCENARIO_INJECTS_MAX][SIAGA_ID_BYTES];
};

/* CMD_OK; CMD_NOTFOUND: there is none (nothing is said); or another enum cmd_exit, said to the user. Then
   drill_state_finish (), in any case. */
int
drill_state_load (struct drill_state *self, const struct settings *settings);

/* CMD_OK, or an enum cmd_exit, said to the user. */
int
drill_state_save (const struct drill_state *self, const struct settings *settings);

void
drill_state_finish (struct drill_state *self);

/* Held while a drill is started (`run`), or while an entry of it is being published. A descriptor; -1: another siaga of
   the person has it (nothing is said), or it cannot be made. */
int
drill_state_lock (const struct settings *settings, bool run);

#endif
