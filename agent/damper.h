/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folds a storm into one alert with a count: identical alerts within a window are counted, durably, in the
 * same transaction as the read position, and told of as updates on a growing schedule (10, 100, 1000 … and at the
 * window's end). Also a rate limit for each source and severity, whose surplus is folded into one summary. What was
 * folded always adds up: the `count` of an alert's last update (its own, where there is none) is the number of
 * lines it stands for, and the sum of those over all alerts is the number of lines.
 *
 *	fold        event                              told
 *	(none)      first of its kind                  alert, count 1, by the owner
 *	open        another one                        at 10, 100, 1000 …: update with the whole count
 *	open        another one, the alert still waits the waiting alert itself gets the count
 *	open        its waiting entry is dropped       again, at the next step or the end: nothing is lost
 *	open        the window ends, or too many folds update with what was not told, and it is forgotten
 *
 * Never folded together: alerts of another source, severity, status, tlp, audience or category, whatever the key.
 */
#ifndef AGENT_DAMPER_H
#define AGENT_DAMPER_H

#include "agent/event.h"
#include "agent/intake.h"

#define DAMPER_FOLDS_MAX 1024 /* open at a time for each severity; the oldest ends early */

struct damper;
struct damper_conf; /* part of struct agent_conf */

enum damper_verdict {
	DAMPER_SEND = 0,   /* add it as it is (the first of its kind, or not damped) */
	DAMPER_FOLDED = 1, /* counted; nothing to add */
};

/* Folds in progress are read back from the outbox, and intake is told of the damper. NULL when out of memory or the
   outbox fails. Everything is borrowed and outlives it. */
struct damper *
damper_new (const struct damper_conf *conf, struct outbox *outbox, struct intake *intake);

void
damper_destroy (struct damper **self_p);

/* Other settings (SIGHUP): open folds stay open, for the new window at most. */
void
damper_configure (struct damper *self, const struct damper_conf *conf);

/* Within intake's transaction: decides about one event, mapped and ruled. A verdict, or the outbox's error. For
   DAMPER_SEND the owner adds it with intake_add () and then calls damper_sent (). */
int
damper_take (struct damper *self, const struct event *event);
int
damper_sent (struct damper *self, const struct event *event);

/* An entry that waited was dropped for room or age, in the running transaction: true when its lines are of an open
   fold, which will tell them later: nothing is lost. */
bool
damper_dropped (struct damper *self, const uint8_t id[SIAGA_ID_BYTES]);

/* Called by intake: makes what was counted durable with the transaction, and then it is so; or the transaction was
   rolled back: forget what was counted in it. */
int
damper_flush (struct damper *self);
void
damper_committed (struct damper *self);
void
damper_rollback (struct damper *self);

/* Adds what is due (windows' ends), in a transaction of its own. 0 or the outbox's error. */
int
damper_tick (struct damper *self);

/* When damper_tick () is due next, in milliseconds from now; -1: nothing is folded. */
int64_t
damper_due_ms (const struct damper *self);

/* Folds open now; lines folded since the start. */
size_t
damper_open (const struct damper *self);
uint64_t
damper_folded (const struct damper *self);

#endif
