/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folds in memory: found by key, ordered by their end, and given back as they were by a rollback.
 */
#include "agent/damper_private.h"

#include <stdlib.h>

#include "siaga/error.h"

static struct fold_bucket *
s_bucket (struct damper *self, const uint8_t key[FOLD_KEY_BYTES])
{
	uint32_t hash;
	memcpy (&hash, key, sizeof hash);
	return &self->buckets[hash & (FOLD_BUCKETS - 1)];
}

struct fold *
fold_new (struct damper *self, const uint8_t key[FOLD_KEY_BYTES], unsigned severity, bool summary)
{
	struct fold *fold = calloc (1, sizeof *fold);
	if (!fold)
		return NULL;
	if (summary)
		fold->now.rules = calloc (1, sizeof *fold->now.rules);
	if (summary && !fold->now.rules) {
		free (fold);
		return NULL;
	}
	memcpy (fold->key, key, FOLD_KEY_BYTES);
	fold->severity = severity;
	fold->is_fresh = fold->is_touched = true;
	SLIST_INSERT_HEAD (&self->touched, fold, touched);
	LIST_INSERT_HEAD (s_bucket (self, key), fold, bucket);
	TAILQ_INSERT_TAIL (&self->order[severity], fold, order);
	self->open[severity]++;
	return fold;
}

void
fold_destroy (struct damper *self, struct fold **fold_p)
{
	struct fold *fold = *fold_p;
	LIST_REMOVE (fold, bucket);
	TAILQ_REMOVE (&self->order[fold->severity], fold, order);
	self->open[fold->severity]--;
	free (fold->saved.rules);
	free (fold->now.rules);
	free (fold);
	*fold_p = NULL;
}

struct fold *
fold_find (struct damper *self, const uint8_t key[FOLD_KEY_BYTES])
{
	struct fold *fold;
	LIST_FOREACH (fold, s_bucket (self, key), bucket)
	if (!fold->now.ended && memcmp (fold->key, key, FOLD_KEY_BYTES) == 0)
		return fold;
	return NULL;
}

int
fold_touch (struct damper *self, struct fold *fold)
{
	struct fold_rules *rules = NULL;
	if (fold->is_touched)
		return 0;
	if (fold->now.rules) {
		rules = malloc (sizeof *rules);
		if (!rules)
			return SIAGA_ENOMEM;
		*rules = *fold->now.rules;
	}
	fold->saved = fold->now;
	fold->saved.rules = rules;
	fold->is_touched = true;
	SLIST_INSERT_HEAD (&self->touched, fold, touched);
	return 0;
}

void
fold_restore (struct fold *fold)
{
	free (fold->now.rules);
	fold->now = fold->saved;
	fold->saved.rules = NULL;
	fold->is_touched = false;
}
