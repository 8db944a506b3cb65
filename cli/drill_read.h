/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an exercise out of the hub's log, verified.
 */
#ifndef CLI_DRILL_READ_H
#define CLI_DRILL_READ_H

#include "cli/drill.h"
#include "cli/options.h"
#include "cli/settings.h"

/* How the log is read. */
struct drill_reading {
	struct settings *settings;
	const struct options_common *common;
	uint64_t since_number; /* of the opening, or */
	uint64_t since_us;     /* accepted from here on */
	/* NULL: up to the log's end. Else it goes on until that says so, or the time of `common` is over. */
	bool (*is_enough) (void *arg, const struct drill *drill);
	void *arg;
};

/* Into one that drill_init () was called for. An enum cmd_exit, said to the user; CMD_OK also where nothing of it was there. */
int
drill_read (struct drill *drill, const struct drill_reading *reading);

/* The drill that a person means by `operand`, a log number, an id or a handle. Then drill_finish (), in any case. */
int
drill_read_named (struct drill *drill, struct settings *settings,
		  const struct options_common *common, const char *operand);

#endif
