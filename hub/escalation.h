/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Escalation: the hub follows the deadlines that the playbook gives to alerts, and says in the log what was missed
 * (PROTOCOL.md section 6.9). Only alerts that a deadline covers cost anything. The time that counts is the hub's own:
 * what passed, not what a clock was set to. What was said of an alert is a fact of the journal in the same transaction
 * as the entry, so whatever dies, each is said once; the rest is derived again from the log (escalation_memory.c).
 */
#ifndef SIAGA_HUB_ESCALATION_H
#define SIAGA_HUB_ESCALATION_H

#include <stddef.h>

#include "hub/journal_writer.h"

struct core;
struct escalation;

/* Takes up what the journal says: 0, SIAGA_ENOMEM, SIAGA_EIO. `core` is borrowed, and has its cache and roster. */
int
escalation_new (struct escalation **self_p, struct core *core);

/* NULL is fine. */
void
escalation_destroy (struct escalation **self_p);

/* A batch went into the log; called in the order of the log. */
void
escalation_on_published (struct escalation *self, const struct journal_job *job);

/* Another roster is in force: its deadlines count for what is followed. */
void
escalation_on_roster (struct escalation *self);

/* What became of the hub's own batch or facts. */
void
escalation_on_logged (struct escalation *self, const struct journal_result *result);

/* Has said what is due. */
void
escalation_on_tick (struct escalation *self);

/* How many alerts are followed. */
size_t
escalation_count (const struct escalation *self);

#endif
