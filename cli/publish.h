/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's outbox: what they said goes to the hub now, or with their next command. One file and one process at a
 * time for each principal of this machine, `outbox.db` in its state directory.
 */
#ifndef CLI_PUBLISH_H
#define CLI_PUBLISH_H

#include "cli/options.h"
#include "cli/settings.h"
#include "common/outbox.h"

/* What became of one entry that is published. */
enum publish_fate {
	PUBLISH_OPEN = 0, /* nobody has answered for it */
	PUBLISH_DONE,	  /* in the log under `number` */
	PUBLISH_REFUSED,  /* can never be: `code` */
};

struct publish_item {
	uint8_t id[SIAGA_ID_BYTES];
	struct siaga_bytes entry; /* borrowed */
	enum publish_fate fate;
	uint64_t number;
	int code;
};

struct publish_options {
	struct settings *settings; /* borrowed */
	const char *address;	   /* overrides the roster's; may be NULL */
	uint64_t timeout_ms;	   /* for the lock and the answer together */
	bool no_queue;		   /* nothing stays behind */
	bool quiet;
	bool tells_refusals; /* the caller does: of its items nothing is said when they are refused */
};

/* Adds the items to the outbox and waits until the hub has answered for each, or the time is over; with no
   items until the outbox is empty. Returns 0 (answered for all, or all gone), CMD_QUEUED (some wait for the next
   command), CMD_UNAVAILABLE (not queued), CMD_SIGNALED (without items), or another enum cmd_exit; reasons are said to the user. */
int
publish_run (const struct publish_options *options, struct publish_item *items, size_t count);

/* Before a verb that reads: sends what waits in this principal's outbox, if anything does, for a few seconds at
   most, and only says what came of it. The time it takes is taken from the verb's timeout; `default_ms` is that
   when none was given (0: none). CMD_OK, or CMD_SIGNALED: the verb ends. */
int
publish_flush (struct settings *settings, struct options_common *common, uint64_t default_ms);

/* How much waits: 0; SIAGA_ENOTFOUND when there has never been an outbox; SIAGA_ELOCKED; other errors. */
int
publish_count (struct settings *settings, struct outbox_counts *counts);

/* This person's outbox (or one that keeps nothing), which must be closed again: errors and words of outbox_open (). */
int
publish_open (struct settings *settings, bool in_memory, struct outbox **outbox_p, char words[256]);

#endif
