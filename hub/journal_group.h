/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jobs of one commit: each is judged, in order, against the journal and what the jobs before it add;
 * then all that were accepted are appended in one transaction. Belongs to the writer's thread
 * (journal_writer.c); it is the journal_view that hooks see.
 */
#ifndef SIAGA_HUB_JOURNAL_GROUP_H
#define SIAGA_HUB_JOURNAL_GROUP_H

#include "hub/journal_writer.h"

#define JOURNAL_GROUP_JOBS 64
#define JOURNAL_GROUP_BYTES (4 << 20) /* of batches; one more may reach past it */

/* Both are borrowed: 0 or SIAGA_ENOMEM. */
int
journal_group_new (struct journal_view **self_p, struct journal *journal,
		   const struct journal_writer_options *options);

void
journal_group_destroy (struct journal_view **self_p);

/* Judges and commits `jobs`, at most JOURNAL_GROUP_JOBS, linked by `next`, with `accepted_us`, and fills in each
   job's result and bad list. Returns how many batches were appended, or SIAGA_EIO when the journal failed for
   good; then every job's result is that. */
int
journal_group_run (struct journal_view *self, struct journal_job *jobs, uint64_t accepted_us);

#endif
