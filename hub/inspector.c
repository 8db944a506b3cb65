/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inspector's thread (inspector.h). While a check reads, the WAL cannot begin anew and grows by what arrives.
 */
#include "hub/inspector.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/inspector.h"
#include "hub/journal_wal.h"
#include "siaga/error.h"

#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_IDLE (3 << 13) /* linux/ioprio.h: class 3 */
#define NICE_LOWEST 19

#define STOP_S 1 /* what is waited for a check under way */

struct inspector {
	struct inspector_options options;
	char *path;		 /* its own */
	struct journal *journal; /* the thread's */
	pthread_t thread;
	bool joinable;
	_Atomic bool stopping;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool has_news; /* guarded by the lock, as the two below */
	bool is_well;
	char words[256];
};

static int
s_stop (void *arg)
{
	struct inspector *self = arg;

	return atomic_load (&self->stopping);
}

/* Of this thread alone: Linux takes a thread's id for a process's. */
static void
s_be_modest (void)
{
	pid_t id = (pid_t) syscall (SYS_gettid);

	if (setpriority (PRIO_PROCESS, (id_t) id, NICE_LOWEST) != 0 ||
	    syscall (SYS_ioprio_set, IOPRIO_WHO_PROCESS, id, IOPRIO_IDLE) != 0)
		log_debug ("journal-check", "the check runs at ordinary priority");
}

/* False when it is time to end. */
static bool
s_wait (struct inspector *self, uint64_t wait_ms)
{
	struct timespec until;
	int rc = 0;

	clock_gettime (CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t) (wait_ms / 1000);
	pthread_mutex_lock (&self->lock);
	while (!self->stopping && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait (&self->wake, &self->lock, &until);
	pthread_mutex_unlock (&self->lock);
	return !s_stop (self);
}

static void
s_check (struct inspector *self)
{
	char words[256] = "";
	uint64_t start_ms = clock_mono_ms ();
	int error = journal_check (self->journal, s_stop, self, words);

	if (error == SIAGA_EAGAIN)
		return;
	pthread_mutex_lock (&self->lock);
	self->has_news = true;
	self->is_well = error == 0;
	snprintf (self->words, sizeof self->words, "%s",
		  error && !words[0] ? siaga_strerror (error) : words);
	pthread_mutex_unlock (&self->lock);
	if (error)
		log_error ("journal-bad", "%s: %s: siaga-hub(8) says what to do", self->path,
			   words[0] ? words : siaga_strerror (error));
	else
		log_info ("journal-check", "the journal is sound; looked at for %llu ms",
			  (unsigned long long) (clock_mono_ms () - start_ms));
}

bool
inspector_hear (struct inspector *self, bool *is_well, char words[256])
{
	if (!self)
		return false;
	pthread_mutex_lock (&self->lock);
	bool has_news = self->has_news;
	self->has_news = false;
	*is_well = self->is_well;
	snprintf (words, 256, "%s", self->words);
	pthread_mutex_unlock (&self->lock);
	return has_news;
}

static void *
s_inspector_main (void *arg)
{
	struct inspector *self = arg;
	uint64_t wait_ms = self->options.first_ms;

	s_be_modest ();
	while (s_wait (self, wait_ms)) {
		s_check (self);
		wait_ms = self->options.every_ms;
	}
	return NULL;
}

int
inspector_start (struct inspector **self_p, const struct inspector_options *options,
		 char words[256])
{
	struct inspector *self = calloc (1, sizeof *self);
	pthread_condattr_t attributes;

	if (!self)
		return SIAGA_ENOMEM;
	self->options = *options;
	pthread_mutex_init (&self->lock, NULL);
	pthread_condattr_init (&attributes);
	pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
	pthread_cond_init (&self->wake, &attributes);
	pthread_condattr_destroy (&attributes);
	self->path = strdup (options->path);
	int error = self->path ? journal_open_sqlite (&self->journal, options->path,
						      options->network, JOURNAL_READ, words)
			       : SIAGA_ENOMEM;
	if (!error) {
		self->joinable = pthread_create (&self->thread, NULL, s_inspector_main, self) == 0;
		error = self->joinable ? 0 : SIAGA_ENOMEM;
	}
	if (error)
		inspector_destroy (&self);
	*self_p = self;
	return error;
}

void
inspector_destroy (struct inspector **self_p)
{
	struct inspector *self = *self_p;

	if (!self)
		return;
	pthread_mutex_lock (&self->lock);
	self->stopping = true;
	pthread_cond_signal (&self->wake);
	pthread_mutex_unlock (&self->lock);
	/* SQLite 3.40 looks at a whole table without asking whether to stop: then the thread ends with the process. */
	struct timespec until;
	clock_gettime (CLOCK_REALTIME, &until);
	until.tv_sec += STOP_S;
	*self_p = NULL;
	if (self->joinable && pthread_timedjoin_np (self->thread, NULL, &until) != 0)
		return;
	if (self->journal)
		self->journal->ops->close (&self->journal);
	pthread_cond_destroy (&self->wake);
	pthread_mutex_destroy (&self->lock);
	free (self->path);
	free (self);
}
