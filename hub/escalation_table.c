/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alerts that are followed: by id, and by severity in the order they came. Bounded; what was dropped and has a fact
 * stands in a list until that is forgotten, which is bounded too.
 */
#include <stdlib.h>

#include "hub/escalation_private.h"

void
followed_table_init (struct followed_table *self)
{
	randombytes_buf (self->key, sizeof self->key);
	for (size_t i = 0; i <= SIAGA_SEVERITY_CRITICAL; i++)
		TAILQ_INIT (&self->queues[i]);
	TAILQ_INIT (&self->gone);
}

static void
s_free_all (struct followed_queue *queue)
{
	struct followed *followed;

	while ((followed = TAILQ_FIRST (queue))) {
		TAILQ_REMOVE (queue, followed, entry);
		free (followed);
	}
}

void
followed_table_finish (struct followed_table *self)
{
	for (size_t i = 0; i <= SIAGA_SEVERITY_CRITICAL; i++)
		s_free_all (&self->queues[i]);
	s_free_all (&self->gone);
}

static struct followed **
s_bucket_of (struct followed_table *self, const uint8_t *id)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t at;

	crypto_shorthash (hash, id, SIAGA_ID_BYTES, self->key);
	memcpy (&at, hash, sizeof at);
	return &self->buckets[at % FOLLOWED_BUCKETS];
}

struct followed *
followed_table_find (struct followed_table *self, const uint8_t id[SIAGA_ID_BYTES])
{
	struct followed *followed = *s_bucket_of (self, id);

	while (followed && memcmp (followed->id, id, SIAGA_ID_BYTES) != 0)
		followed = followed->next;
	return followed;
}

/* Room for one of that severity? A storm of its like does not push each other out: that would keep nothing but the
   disk busy. */
static bool
s_make_room (struct followed_table *self, enum siaga_severity severity)
{
	if (self->count < HUB_FOLLOWED_MAX)
		return true;
	self->dropped++;
	if (self->gone_count >= HUB_FOLLOWED_MAX)
		return false;
	for (size_t i = 0; i < severity; i++) {
		struct followed *oldest = TAILQ_FIRST (&self->queues[i]);
		if (!oldest)
			continue;
		followed_table_drop (self, &oldest);
		return true;
	}
	return false;
}

/* One that comes back before its fact was forgotten keeps it. */
static bool
s_was_stored (struct followed_table *self, const uint8_t *id)
{
	struct followed *it;

	TAILQ_FOREACH (it, &self->gone, entry)
	if (!it->is_going && memcmp (it->id, id, SIAGA_ID_BYTES) == 0)
		break;
	if (!it)
		return false;
	TAILQ_REMOVE (&self->gone, it, entry);
	self->gone_count--;
	free (it);
	return true;
}

static void
s_insert (struct followed_table *self, struct followed *followed)
{
	struct followed **bucket = s_bucket_of (self, followed->id);

	followed->next = *bucket;
	*bucket = followed;
	TAILQ_INSERT_TAIL (&self->queues[followed->severity], followed, entry);
	self->count++;
	if (followed->number >= self->newest)
		self->newest = followed->number + 1;
}

struct followed *
followed_table_add (struct followed_table *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number,
		    enum siaga_severity severity)
{
	struct followed *followed =
		s_make_room (self, severity) ? calloc (1, sizeof *followed) : NULL;

	if (!followed)
		return NULL;
	memcpy (followed->id, id, SIAGA_ID_BYTES);
	followed->number = number;
	followed->severity = severity;
	followed->is_stored = s_was_stored (self, id);
	followed->is_dirty = true;
	s_insert (self, followed);
	return followed;
}

int
followed_table_restore (struct followed_table *self, const uint8_t id[SIAGA_ID_BYTES],
			const struct followed *fact)
{
	if (!s_make_room (self, fact->severity))
		return 0;
	struct followed *followed = malloc (sizeof *followed);
	if (!followed)
		return SIAGA_ENOMEM;
	*followed = *fact;
	memcpy (followed->id, id, SIAGA_ID_BYTES);
	s_insert (self, followed);
	return 0;
}

void
followed_table_move (struct followed_table *self, struct followed *followed,
		     enum siaga_severity severity)
{
	TAILQ_REMOVE (&self->queues[followed->severity], followed, entry);
	followed->severity = severity;
	TAILQ_INSERT_TAIL (&self->queues[severity], followed, entry);
}

void
followed_table_drop (struct followed_table *self, struct followed **followed_p)
{
	struct followed *followed = *followed_p;
	struct followed **at = s_bucket_of (self, followed->id);

	while (*at != followed)
		at = &(*at)->next;
	*at = followed->next;
	TAILQ_REMOVE (&self->queues[followed->severity], followed, entry);
	self->count--;
	*followed_p = NULL;
	if (!followed->is_stored) {
		free (followed);
		return;
	}
	followed->is_going = false;
	TAILQ_INSERT_TAIL (&self->gone, followed, entry);
	self->gone_count++;
}

struct followed *
followed_table_next (const struct followed_table *self, const struct followed *previous)
{
	struct followed *next = previous ? TAILQ_NEXT (previous, entry) : NULL;
	int severity = previous ? (int) previous->severity : SIAGA_SEVERITY_CRITICAL + 1;

	while (!next && --severity >= 0)
		next = TAILQ_FIRST (&self->queues[severity]);
	return next;
}
