/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an exercise was worth, from its entries in the log: what each member and person was asked, did, and how fast.
 * A pure function of what it is given.
 */
#ifndef CLI_DRILL_SCORE_H
#define CLI_DRILL_SCORE_H

#include "cli/drill.h"

/* Of some durations: nearest rank, so that each is a duration that happened. */
struct drill_spread {
	size_t count;
	uint64_t median_us;
	uint64_t p95_us;
	uint64_t slowest_us;
};

/* Sorts the durations. */
struct drill_spread
drill_spread (uint64_t *durations_us, size_t count);

/* One member or person. */
struct drill_line {
	char name[SIAGA_PRINCIPAL_MAX + 1];
	bool is_member;
	size_t delivered;    /* injects that went to it: those it may see */
	size_t acknowledged; /* of these, answered in any way */
	size_t taken;
	size_t assisted;
	size_t resolved;
	size_t led;			 /* injects it was expected to lead (members) */
	size_t due;			 /* deadlines of these that had come, or were kept before */
	size_t missed;			 /* of these */
	struct drill_spread acknowledge; /* from accepted to its first answer, */
	struct drill_spread take;	 /* to its take, */
	struct drill_spread resolve;	 /* to its resolve */
	int percent; /* kept of what was asked: each inject an answer, each led inject its deadlines; -1: nothing was */
};

enum drill_fate {
	DRILL_NO_DEADLINE = 0,
	DRILL_PENDING, /* not done; the deadline had not come when the drill ended, or has not come yet */
	DRILL_KEPT,
	DRILL_MISSED,
};

/* One inject. Times are 0 where it did not happen. */
struct drill_outcome {
	uint64_t acknowledged_us; /* by the expected lead; where none is, by anybody */
	uint64_t taken_us;	  /* likewise */
	uint64_t resolved_us;	  /* by anybody */
	enum drill_fate acknowledge;
	enum drill_fate take;
	enum drill_fate resolve;
};

struct drill_score {
	size_t member_count;
	struct drill_line
		*members; /* the roster's order; those who were sent nothing are left out */
	size_t person_count;
	struct drill_line *persons;	/* who may respond, likewise */
	struct drill_outcome *outcomes; /* of each inject */
	struct drill_line all; /* of the members together; its spreads are of every first answer */
};

/* What came after the end does not count. `now_us` is the hub's as far as known: a deadline counts once it has come.
   0 or SIAGA_ENOMEM. */
int
drill_score_make (struct drill_score *self, const struct drill *drill, uint64_t now_us);

void
drill_score_finish (struct drill_score *self);

/* When `who` (a member or a principal; NULL: anybody) first did `what` about an inject, an enum siaga_action; NONE: anything.
   0: never. */
uint64_t
drill_first_us (const struct drill *drill, size_t inject, const char *who, unsigned what);

/* "4m 10s", "850ms" */
#define DRILL_SPAN_TEXT 32
void
drill_span (char out[DRILL_SPAN_TEXT], uint64_t span_us);

#endif
