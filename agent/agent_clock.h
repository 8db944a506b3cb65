/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the clock that alerts are dated by, against the one that only counts and against the hub's. A wrong clock
 * or one that is set stops nothing; it is told of once, and how long entries have waited is kept right over it.
 */
#ifndef AGENT_CLOCK_H
#define AGENT_CLOCK_H

#include "common/outbox.h"

#define CLOCK_STEP_US INT64_C (1000000)	  /* less is the clock being steered */
#define CLOCK_WRONG_US INT64_C (10000000) /* from the hub's */
#define CLOCK_AWAY_US                                                                              \
	INT64_C (7200000000) /* not running, beyond which it does not count as waiting */

struct agent_clock {
	bool known;
	int64_t base_us; /* of the time of day less the time that passed */
	unsigned steps;
	int64_t last_step_us;
	bool wrong; /* told that it differs from the hub's */
	uint64_t noted_ms;
};

/* At the start: what was last noted in the outbox tells how long nobody looked. 0 or the outbox's error. */
int
agent_clock_start (struct agent_clock *self, struct outbox *outbox);

/* Has the clock been set since the last look? Then the ages in the outbox follow. 0 or the outbox's error. */
int
agent_clock_look (struct agent_clock *self, struct outbox *outbox);

/* The hub's clock is so far ahead of ours. */
void
agent_clock_compare (struct agent_clock *self, int64_t offset_us);

#endif
