/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the writer's thread does between groups (journal_writer_options.chore): it stores the last checkpoint, and
 * drops the oldest entries' bytes in small steps where the configuration bounds them.
 */
#ifndef SIAGA_HUB_CHORES_H
#define SIAGA_HUB_CHORES_H

#include "hub/journal.h"

struct chores;

struct chores_options {
	uint64_t keep_us;    /* entries accepted longer ago are dropped; 0: none is */
	uint64_t keep_bytes; /* of the database, above which the oldest are dropped; 0: unbounded */
};

/* NULL when out of memory. */
struct chores *
chores_new (const struct chores_options *options);

void
chores_destroy (struct chores **self_p);

/* A checkpoint to be stored next; a newer one takes its place. Any thread. */
void
chores_keep_note (struct chores *self, struct siaga_text note);

/* journal_writer_options.chore; `arg` is the struct chores. */
int
chores_run (void *arg, struct journal *journal, uint64_t *next_ms);

#endif
