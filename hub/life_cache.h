/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lives of alerts (siaga/life.h) for the writer's thread, which judges responses by them. A life is derived from the
 * journal when somebody responds, so alerts that nobody responds to cost nothing, and a restart forgets nothing; the
 * last few are kept. What this group adds before its commit counts too: of two who take an alert in one group
 * the first leads.
 *
 *	life_cache_begin (cache, view);               for each batch
 *	error = life_cache_judge (cache, …);          for each deed in it, in order
 */
#ifndef SIAGA_HUB_LIFE_CACHE_H
#define SIAGA_HUB_LIFE_CACHE_H

#include "hub/journal_writer.h"
#include "siaga/life.h"

struct life_cache;

/* NULL when out of memory. */
struct life_cache *
life_cache_new (void);

void
life_cache_destroy (struct life_cache **self_p);

/* A batch is about to be judged: forgets what batches that were refused, or a group that failed, had added. */
void
life_cache_begin (struct life_cache *self, struct journal_view *view);

/* One entry of the batch being judged, as it was asked for. */
struct life_question {
	const struct journal_job *job; /* being judged */
	uint32_t index;
	const struct siaga_header *alert; /* which its first ref names */
};

/* Does the state of the alert allow it? It then counts as done, unless its batch is refused. Not for updates and
   comments, which need no judging. 0, SIAGA_ENOTFOUND (it is no deed), SIAGA_ESTATE, SIAGA_ELIMIT, SIAGA_EMALFORMED; or an error of the journal, SIAGA_ENOMEM. */
int
life_cache_judge (struct life_cache *self, struct journal_view *view,
		  const struct life_question *question);

#endif
