/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles on the command line: made from what the hub answers, read from a file, checked, and told about.
 */
#ifndef CLI_PROOF_H
#define CLI_PROOF_H

#include "cli/ask.h"
#include "common/bundle.h"

/* A bundle and the memory it borrows from. */
struct proof {
	struct bundle bundle;
	struct asked entry;
	struct asked path;
	uint8_t *file;
};

/* Asks the hub for the entry and for its proof. CMD_OK, or an enum cmd_exit said to the user; proof_finish () either
   way. */
int
proof_fetch (struct proof *self, struct settings *settings, const struct options_common *common,
	     const struct siaga_query *query);

/* Reads a bundle from a file. As above. */
int
proof_load (struct proof *self, const char *path);

void
proof_finish (struct proof *self);

/* Checks it from the pinned roots on and says what is proved. `query` (NULL: whatever is in it) is what must be proved.
   CMD_OK, CMD_REFUSED (said why), CMD_INTERNAL, CMD_CONFIG. */
int
proof_check (const struct proof *self, const struct settings *settings,
	     const struct siaga_query *query, bool quiet);

#endif
