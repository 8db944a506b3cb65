/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's chores (chores.h). A step of dropping is one small transaction, and between two of them groups of new
 * entries go first.
 */
#include "hub/chores.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

struct chores {
	struct chores_options options;
	uint64_t dropped; /* entries, since it was last said */
	pthread_mutex_t lock;
	size_t note_size; /* 0: none waits */
	char note[SIAGA_CHECKPOINT_MAX];
};

struct chores *
chores_new (const struct chores_options *options)
{
	struct chores *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	self->options = *options;
	pthread_mutex_init (&self->lock, NULL);
	return self;
}

void
chores_destroy (struct chores **self_p)
{
	struct chores *self = *self_p;

	if (!self)
		return;
	pthread_mutex_destroy (&self->lock);
	free (self);
	*self_p = NULL;
}

void
chores_keep_note (struct chores *self, struct siaga_text note)
{
	pthread_mutex_lock (&self->lock);
	memcpy (self->note, note.data, note.size);
	self->note_size = note.size;
	pthread_mutex_unlock (&self->lock);
}

/* A full disk costs nothing: the next checkpoint is tried again, and the file outside has this one. */
static int
s_store_note (struct chores *self, struct journal *journal)
{
	char note[SIAGA_CHECKPOINT_MAX];

	pthread_mutex_lock (&self->lock);
	size_t size = self->note_size;
	memcpy (note, self->note, size);
	self->note_size = 0;
	pthread_mutex_unlock (&self->lock);
	if (size == 0 || !journal->ops->keep_note)
		return 0;
	int error = journal->ops->keep_note (journal, (struct siaga_text){note, size});
	return error == SIAGA_EIO ? error : 0;
}

/* One step: how many entries it dropped, or an error. */
static int
s_drop (struct chores *self, struct journal *journal)
{
	uint64_t now_us = clock_now_us (), keep_us = self->options.keep_us;
	uint64_t before_us = keep_us > 0 && now_us > keep_us ? now_us - keep_us : 0;

	if ((before_us == 0 && self->options.keep_bytes == 0) || !journal->ops->drop)
		return 0;
	return journal->ops->drop (journal, before_us, self->options.keep_bytes, HUB_DROP_ENTRIES);
}

int
chores_run (void *arg, struct journal *journal, uint64_t *next_ms)
{
	struct chores *self = arg;

	*next_ms = HUB_CHORES_MS;
	int error = s_store_note (self, journal);
	if (error)
		return error;
	int dropped = s_drop (self, journal);
	if (dropped == SIAGA_EIO)
		return dropped;
	if (dropped > 0) {
		self->dropped += (uint64_t) dropped;
		*next_ms = HUB_DROP_PAUSE_MS;
	} else if (self->dropped > 0) {
		log_info ("retention", "%llu entries were dropped as the configuration says",
			  (unsigned long long) self->dropped);
		self->dropped = 0;
	}
	return 0;
}
