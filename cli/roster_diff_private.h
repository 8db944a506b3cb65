/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of a comparison share.
 */
#ifndef CLI_ROSTER_DIFF_PRIVATE_H
#define CLI_ROSTER_DIFF_PRIVATE_H

#include "cli/roster_diff.h"

struct roster_diff {
	FILE *out;
	unsigned count;
	const struct siaga_roster *old;
	const struct siaga_roster *new;
};

/* One difference: a line. */
void __attribute__ ((format (printf, 3, 4)))
roster_diff_say (struct roster_diff *self, const char *what, const char *format, ...);

/* Are two texts the same? NULL is an empty one. */
bool
roster_diff_same (const char *a, const char *b);

/* roster_diff_playbook.c: phases, defaults, rules. */
void
roster_diff_playbook (struct roster_diff *self);

#endif
