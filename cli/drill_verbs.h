/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs under `siaga drill` share.
 */
#ifndef CLI_DRILL_VERBS_H
#define CLI_DRILL_VERBS_H

#include "cli/drill_read.h"
#include "cli/drill_report.h"
#include "cli/drill_state.h"
#include "cli/output.h"

struct drill_command {
	struct options_common common;
	struct settings settings;
	struct output output;
	const char *scenario_path;
	const char *operand; /* NULL: the drill this person runs */
	uint64_t speed;	     /* the injects come so many times faster */
	bool check;
	bool no_queue;		  /* what the hub does not take at once is not published at all */
	enum drill_format format; /* of a report */
};

/* Each an enum cmd_exit, with settings and output in place. */
int
drill_start (struct drill_command *self);
int
drill_status (struct drill_command *self);
int
drill_end (struct drill_command *self);
int
drill_report (struct drill_command *self);

/* The drill of `operand`, or of this person's state, out of the log. Then drill_finish (), in any case. */
int
drill_command_read (struct drill_command *self, struct drill *drill);

/* Publishes entries of the drill as `siaga send` does; at most DRILL_PUBLISH_MAX. */
#define DRILL_PUBLISH_MAX (SCENARIO_INJECTS_MAX + 1)
int
drill_publish (struct drill_command *self, const struct drill_entry *entries, size_t count);

/* Does the outbox hold the entry, sent or not, or know that it was refused? false with a status: it cannot be asked. */
int
drill_is_held (struct drill_command *self, const uint8_t id[SIAGA_ID_BYTES], bool *held);

/* Takes the lock under which entries are published, waiting for another siaga: -1, said to the user. */
int
drill_lock_publishing (struct drill_command *self);

/* "no such drill" and the like. */
int
drill_none (const struct drill_command *self);

#endif
