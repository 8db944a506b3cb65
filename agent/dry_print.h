/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How --dry-run prints what it found (siaga-agent(8), What would be sent): the forms are stable.
 */
#ifndef AGENT_DRY_PRINT_H
#define AGENT_DRY_PRINT_H

#include <stdio.h>

#include "agent/event.h"
#include "agent/rules.h"

enum dry_verdict {
	DRY_SEND,
	DRY_DROP,
	DRY_UNREADABLE,
	DRY_NO_ALERT, /* not printed, only counted */
	DRY_VERDICTS,
};

struct dry_print {
	FILE *out;
	bool json;
	uint64_t counts[DRY_VERDICTS];
};

/* One line of the input. `event` and `result` are of DRY_SEND and DRY_DROP, `words` of DRY_UNREADABLE. */
void
dry_print (struct dry_print *self, enum dry_verdict verdict, uint64_t line,
	   const struct event *event, const struct rules_result *result, const char *words);

void
dry_print_summary (const struct dry_print *self);

#endif
