/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of an audit that concerns what this person published: what the hub acknowledged must be in the log, as it was
 * signed.
 */
#ifndef CLI_AUDIT_OWN_H
#define CLI_AUDIT_OWN_H

#include "cli/ask.h"
#include "siaga/checkpoint.h"

struct audit_own {
	struct settings *settings;
	const struct options_common *common;
	const struct siaga_checkpoint *checkpoint;
	const uint8_t *leaves; /* of all its entries */
	uint64_t found;
	uint64_t later; /* newer than the checkpoint */
	uint64_t wrong; /* said to the user */
};

/* Looks at the batches of the outbox's epoch that are still kept, where it publishes to this log. CMD_OK (look at
   `wrong`), or why it could not be looked at. */
int
audit_own_run (struct audit_own *self);

#endif
