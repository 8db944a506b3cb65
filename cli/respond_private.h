/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One response on its way: cmd_respond.c fills it in, respond.c does it.
 */
#ifndef CLI_RESPOND_PRIVATE_H
#define CLI_RESPOND_PRIVATE_H

#include "cli/publish.h"
#include "cli/respond.h"

struct respond {
	const struct respond_verb *verb;
	struct options_common common;
	struct settings settings;
	struct output output;
	uint64_t deadline_ms;
	/* from the command line */
	const char *alert_name;
	const char *member;
	const char *comment;
	const char *title;
	const char *duplicate_of;
	enum siaga_outcome outcome;
	int severity;  /* -1: not said */
	int certainty; /* likewise */
	bool no_queue;
	struct alert alert;
	struct alert other; /* of which it is a duplicate */
	struct siaga_deed deed;
	uint8_t entry[SIAGA_ENTRY_MAX];
	struct publish_item item;
};

/* With settings, output, deed and deadline in place: finds the alert, composes, publishes, and says what became of it.
   An enum cmd_exit. */
int
respond_run (struct respond *self);

#endif
