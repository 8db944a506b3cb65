/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's thread (keeper.h): a turn each second, or at once when there is a checkpoint to keep. Low priority
 * is for the inspector alone: a checkpoint is waited for.
 */
#include "hub/keeper.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/file.h"
#include "common/log.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

struct keeper {
	struct keeper_options options;
	struct journal *journal; /* the thread's */
	pthread_t thread;
	bool joinable;
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t wake;
	bool stopping;
	size_t note_size; /* 0: none waits */
	char note[SIAGA_CHECKPOINT_MAX];
	struct keeper_news news;
};

/* Waits for a note or the next second: false when it is time to end. `note` gets what is to be kept. */
static bool
s_wait (struct keeper *self, char note[SIAGA_CHECKPOINT_MAX], size_t *size)
{
	struct timespec until;

	clock_gettime (CLOCK_MONOTONIC, &until);
	until.tv_sec += HUB_KEEPER_TURN_S;
	pthread_mutex_lock (&self->lock);
	int rc = 0;
	while (!self->stopping && self->note_size == 0 && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait (&self->wake, &self->lock, &until);
	*size = self->note_size;
	memcpy (note, self->note, self->note_size);
	self->note_size = 0;
	bool go_on = !self->stopping || *size > 0;
	pthread_mutex_unlock (&self->lock);
	return go_on;
}

static void
s_keep (struct keeper *self, const char *note, size_t size)
{
	int error = file_replace (self->options.checkpoint, 0600, note, size);
	int why = errno;

	pthread_mutex_lock (&self->lock);
	self->news.kept = true;
	self->news.kept_error = error;
	if (error)
		snprintf (self->news.words, sizeof self->news.words, "%.180s: %.60s",
			  self->options.checkpoint,
			  error == SIAGA_EIO ? strerror (why) : siaga_strerror (error));
	pthread_mutex_unlock (&self->lock);
}

/* Low below the reserve, and until there is a tenth more: it does not flap. */
static void
s_watch_disk (struct keeper *self)
{
	struct statvfs disk;

	if (statvfs (self->options.path, &disk) != 0)
		return;
	uint64_t free_bytes = (uint64_t) disk.f_bavail * disk.f_frsize;
	uint64_t reserve = self->options.reserve_bytes;
	pthread_mutex_lock (&self->lock);
	self->news.disk_free = free_bytes;
	self->news.disk_is_low =
		free_bytes < (self->news.disk_is_low ? reserve + reserve / 10 : reserve);
	pthread_mutex_unlock (&self->lock);
}

static void
s_flush_wal (struct keeper *self)
{
	struct journal_wal *wal = self->options.wal;
	char words[256];

	if (atomic_load (&wal->pages) < HUB_WAL_PAGES)
		return;
	int error = journal_flush_wal (self->journal, words);
	if (!error && atomic_load (&wal->pages) >= HUB_WAL_PAGES_MAX)
		atomic_store (&wal->finish, true);
	if (error != SIAGA_EIO)
		return;
	pthread_mutex_lock (&self->lock);
	self->news.failed = error;
	snprintf (self->news.words, sizeof self->news.words, "%.200s", words);
	pthread_mutex_unlock (&self->lock);
}

static void *
s_keeper_main (void *arg)
{
	struct keeper *self = arg;
	char note[SIAGA_CHECKPOINT_MAX];
	size_t size;

	while (s_wait (self, note, &size)) {
		if (size > 0)
			s_keep (self, note, size);
		s_watch_disk (self);
		s_flush_wal (self);
	}
	return NULL;
}

int
keeper_start (struct keeper **self_p, const struct keeper_options *options, char words[256])
{
	struct keeper *self = calloc (1, sizeof *self);
	pthread_condattr_t attributes;

	if (!self)
		return SIAGA_ENOMEM;
	self->options = *options;
	pthread_mutex_init (&self->lock, NULL);
	pthread_condattr_init (&attributes);
	pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
	pthread_cond_init (&self->wake, &attributes);
	pthread_condattr_destroy (&attributes);
	int error = journal_open_sqlite (&self->journal, options->path, options->network,
					 JOURNAL_KEEP, words);
	if (!error) {
		s_watch_disk (self);
		self->joinable = pthread_create (&self->thread, NULL, s_keeper_main, self) == 0;
		error = self->joinable ? 0 : SIAGA_ENOMEM;
	}
	if (error)
		keeper_destroy (&self);
	*self_p = self;
	return error;
}

void
keeper_destroy (struct keeper **self_p)
{
	struct keeper *self = *self_p;

	if (!self)
		return;
	pthread_mutex_lock (&self->lock);
	self->stopping = true;
	pthread_cond_signal (&self->wake);
	pthread_mutex_unlock (&self->lock);
	if (self->joinable)
		pthread_join (self->thread, NULL);
	if (self->journal)
		self->journal->ops->close (&self->journal);
	pthread_cond_destroy (&self->wake);
	pthread_mutex_destroy (&self->lock);
	free (self);
	*self_p = NULL;
}

void
keeper_keep (struct keeper *self, struct siaga_text note)
{
	pthread_mutex_lock (&self->lock);
	memcpy (self->note, note.data, note.size);
	self->note_size = note.size;
	pthread_cond_signal (&self->wake);
	pthread_mutex_unlock (&self->lock);
}

void
keeper_hear (struct keeper *self, struct keeper_news *news)
{
	pthread_mutex_lock (&self->lock);
	*news = self->news;
	self->news.kept = false;
	pthread_mutex_unlock (&self->lock);
}
