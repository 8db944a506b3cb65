/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bounds of the outbox cost: lines dropped because it was full (outbox.max_size) or they had waited too long
 * (outbox.max_age), counted durably in the transaction that drops them, and told as an alert of its own when there is
 * a hub to tell it to. The `count`s of those alerts add up to the lines lost.
 */
#ifndef AGENT_LOSS_H
#define AGENT_LOSS_H

#include "agent/damper.h"
#include "agent/intake.h"

#define LOSS_REPORT_MS 60000 /* between reports, while more is lost; … */
#define LOSS_QUIET_MS 5000   /* … or when no more is */

struct loss;

struct loss_counts {
	uint64_t lines[SIAGA_SEVERITY_CRITICAL + 1]; /* not yet reported, by severity */
	uint64_t aged;				     /* of them: dropped for their age */
	uint64_t total;				     /* ever, reported or not */
	uint64_t first_us;			     /* of those not yet reported */
	uint64_t last_us;
};

/* What is not yet reported is read back from the outbox, and intake is told of the loss. NULL when out of memory or the
   outbox fails. Everything is borrowed and outlives it; `damper` may be NULL. */
struct loss *
loss_new (struct outbox *outbox, struct intake *intake, struct damper *damper,
	  enum siaga_status status);

void
loss_destroy (struct loss **self_p);

/* The status that reports carry from now on. */
void
loss_set_status (struct loss *self, enum siaga_status status);

/* Within intake's transaction: drops what is of a severity less than `below` until there is room for `bytes`. 0,
   SIAGA_EFULL, or the outbox's error. */
int
loss_make_room (struct loss *self, uint64_t bytes, unsigned below);

/* Within intake's transaction: so many lines are lost. */
void
loss_add (struct loss *self, enum siaga_severity severity, uint64_t lines);

/* Called by intake, as damper_flush () and its like. */
int
loss_flush (struct loss *self);
void
loss_committed (struct loss *self);
void
loss_rollback (struct loss *self);

/* In transactions of its own: drops what has waited longer than `max_age_us`, and with `connected` reports what is
   due. 0 or the outbox's error. */
int
loss_tick (struct loss *self, uint64_t max_age_us, bool connected);

const struct loss_counts *
loss_counts (const struct loss *self);

/* Lines lost and not yet reported. */
uint64_t
loss_pending (const struct loss *self);

#endif
