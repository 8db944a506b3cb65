/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's thread and the two queues between it and its owner (journal_writer.h). The lock guards the
 * queues, the count of bytes and the flags, never the journal: that is the thread's alone from start to
 * stop. The eventfd is written and emptied under the lock, so it is readable just while something is done.
 */
#include "hub/journal_writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "hub/journal_group.h"
#include "siaga/error.h"

struct job_queue {
	struct journal_job *first;
	struct journal_job *last;
};

struct journal_writer {
	struct journal_writer_options options;
	struct journal *journal;
	struct journal_view *group;
	uint64_t accepted_us; /* of the last commit: accepted never goes backwards */
	pthread_t thread;
	bool joinable; /* the owner's */
	int fd;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job_queue submitted;
	struct job_queue done;
	size_t pending_bytes; /* submitted and not taken back */
	bool stopping;
	bool failed;
	uint64_t chore_ms; /* the thread's: when the chore is due */
	struct journal_writer_counts counts;
};

static void
s_queue_put (struct job_queue *queue, struct journal_job *job)
{
	job->next = NULL;
	if (queue->last)
		queue->last->next = job;
	else
		queue->first = job;
	queue->last = job;
}

static struct journal_job *
s_queue_pop (struct job_queue *queue)
{
	struct journal_job *job = queue->first;
	if (!job)
		return NULL;
	queue->first = job->next;
	if (!queue->first)
		queue->last = NULL;
	job->next = NULL;
	return job;
}

static size_t
s_job_cost (const struct journal_job *job)
{
	size_t facts = 0;
	for (size_t i = 0; i < job->fact_count; i++)
		facts += sizeof *job->facts + job->facts[i].key.size + job->facts[i].value.size;
	return sizeof *job + job->size + job->batch.head.count * sizeof *job->headers + facts;
}

/* Waits for work, or until the chore is due. The lock is held. */
static void
s_wait (struct journal_writer *self)
{
	if (!self->options.chore) {
		pthread_cond_wait (&self->wake, &self->lock);
		return;
	}
	uint64_t now_ms = clock_mono_ms ();
	uint64_t left_ms = self->chore_ms > now_ms ? self->chore_ms - now_ms : 0;
	struct timespec until;
	clock_gettime (CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t) (left_ms / 1000);
	until.tv_nsec += (long) (left_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait (&self->wake, &self->lock, &until);
}

static bool
s_chore_is_due (const struct journal_writer *self)
{
	return self->options.chore && clock_mono_ms () >= self->chore_ms;
}

/* Waits for work and takes what is there, up to a group; empty when it is time to end, or for the chore. */
static struct job_queue
s_take_group (struct journal_writer *self, bool *end)
{
	struct job_queue group = {NULL, NULL};
	size_t bytes = 0;
	pthread_mutex_lock (&self->lock);
	while (!self->submitted.first && !self->stopping && !s_chore_is_due (self))
		s_wait (self);
	for (size_t i = 0; i < JOURNAL_GROUP_JOBS && bytes < JOURNAL_GROUP_BYTES; i++) {
		struct journal_job *job = s_queue_pop (&self->submitted);
		if (!job)
			break;
		bytes += job->size;
		s_queue_put (&group, job);
	}
	*end = self->stopping && !group.first;
	pthread_mutex_unlock (&self->lock);
	return group;
}

static void
s_hand_back (struct journal_writer *self, struct job_queue *group, bool failed)
{
	uint64_t one = 1;
	struct journal_job *job;
	pthread_mutex_lock (&self->lock);
	self->failed = failed;
	while ((job = s_queue_pop (group)))
		s_queue_put (&self->done, job);
	ssize_t written = write (self->fd, &one, sizeof one);
	assert (written == sizeof one);
	(void) written;
	pthread_mutex_unlock (&self->lock);
}

static void
s_count (struct journal_writer *self, uint64_t took_us)
{
	pthread_mutex_lock (&self->lock);
	self->counts.commits++;
	self->counts.commit_us += took_us;
	if (took_us > self->counts.longest_us)
		self->counts.longest_us = took_us;
	pthread_mutex_unlock (&self->lock);
}

/* Returns false when the journal failed for good. */
static bool
s_run_group (struct journal_writer *self, struct job_queue *group)
{
	uint64_t now_us = clock_now_us ();
	if (now_us < self->accepted_us)
		now_us = self->accepted_us;
	uint64_t begun_us = clock_mono_us ();
	int count = journal_group_run (self->group, group->first, now_us);
	if (count > 0) {
		self->accepted_us = now_us;
		s_count (self, clock_mono_us () - begun_us);
	}
	if (count < 0 && self->options.fatal)
		self->options.fatal (self->options.arg, count);
	return count >= 0;
}

/* Returns false when the journal failed for good. */
static bool
s_run_chore (struct journal_writer *self)
{
	uint64_t next_ms = 1000;
	int error = self->options.chore (self->options.chore_arg, self->journal, &next_ms);
	self->chore_ms = clock_mono_ms () + next_ms;
	return error != SIAGA_EIO;
}

static void *
s_writer_main (void *arg)
{
	struct journal_writer *self = arg;
	bool failed = false;
	for (;;) {
		bool end;
		struct job_queue group = s_take_group (self, &end);
		if (end)
			return NULL;
		if (s_chore_is_due (self))
			failed = !s_run_chore (self);
		if (!failed && group.first)
			failed = !s_run_group (self, &group);
		else if (failed)
			for (struct journal_job *job = group.first; job; job = job->next)
				job->result = (struct journal_result){.code = SIAGA_EIO};
		if (failed)
			self->options.chore = NULL;
		if (failed || group.first)
			s_hand_back (self, &group, failed);
	}
}

/* When the last batch in the log was accepted; 0: none. */
static int
s_last_accepted (struct journal *journal, uint64_t *accepted_us)
{
	struct journal_record record;
	uint64_t head = journal->ops->head (journal);
	if (head == 0)
		return 0;
	int error = journal->ops->read (journal, head - 1, &record);
	if (error != 0)
		return error == SIAGA_ENOMEM ? error : SIAGA_EIO;
	*accepted_us = record.accepted_us;
	journal_record_finish (&record);
	return 0;
}

static int
s_writer_init (struct journal_writer *self)
{
	int error = s_last_accepted (self->journal, &self->accepted_us);
	if (error == 0)
		error = journal_group_new (&self->group, self->journal, &self->options);
	if (error != 0)
		return error;
	self->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (self->fd < 0)
		return SIAGA_EIO;
	if (pthread_create (&self->thread, NULL, s_writer_main, self) != 0)
		return SIAGA_EIO;
	self->joinable = true;
	return 0;
}

int
journal_writer_start (struct journal_writer **self_p, struct journal **journal_p,
		      const struct journal_writer_options *options)
{
	struct journal_writer *self = calloc (1, sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	self->options = *options;
	self->journal = *journal_p;
	self->fd = -1;
	pthread_mutex_init (&self->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init (&attributes);
	pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
	pthread_cond_init (&self->wake, &attributes);
	pthread_condattr_destroy (&attributes);
	int error = s_writer_init (self);
	if (error != 0) {
		self->journal = NULL;
		journal_writer_destroy (&self);
		return error;
	}
	*journal_p = NULL;
	*self_p = self;
	return 0;
}

int
journal_writer_submit (struct journal_writer *self, struct journal_job **job_p)
{
	size_t cost = s_job_cost (*job_p);
	assert ((*job_p)->batch.form == SIAGA_BATCH_FULL);
	pthread_mutex_lock (&self->lock);
	assert (!self->stopping);
	bool full = self->pending_bytes > 0 &&
		    self->pending_bytes + cost > self->options.max_pending_bytes;
	if (!full) {
		self->pending_bytes += cost;
		s_queue_put (&self->submitted, *job_p);
		pthread_cond_signal (&self->wake);
	}
	pthread_mutex_unlock (&self->lock);
	if (full)
		return SIAGA_EAGAIN;
	*job_p = NULL;
	return 0;
}

bool
journal_writer_is_full (struct journal_writer *self)
{
	pthread_mutex_lock (&self->lock);
	bool full =
		self->pending_bytes > 0 && self->pending_bytes >= self->options.max_pending_bytes;
	pthread_mutex_unlock (&self->lock);
	return full;
}

int
journal_writer_fd (const struct journal_writer *self)
{
	return self->fd;
}

struct journal_job *
journal_writer_take (struct journal_writer *self)
{
	uint64_t value;
	pthread_mutex_lock (&self->lock);
	struct journal_job *job = s_queue_pop (&self->done);
	if (job)
		self->pending_bytes -= s_job_cost (job);
	if (!self->done.first && read (self->fd, &value, sizeof value) < 0)
		value = 0; /* EAGAIN: it was empty already */
	pthread_mutex_unlock (&self->lock);
	return job;
}

struct journal_writer_counts
journal_writer_counts (struct journal_writer *self)
{
	pthread_mutex_lock (&self->lock);
	struct journal_writer_counts counts = self->counts;
	pthread_mutex_unlock (&self->lock);
	return counts;
}

bool
journal_writer_has_failed (struct journal_writer *self)
{
	pthread_mutex_lock (&self->lock);
	bool failed = self->failed;
	pthread_mutex_unlock (&self->lock);
	return failed;
}

void
journal_writer_stop (struct journal_writer *self)
{
	if (!self->joinable)
		return;
	pthread_mutex_lock (&self->lock);
	self->stopping = true;
	pthread_cond_signal (&self->wake);
	pthread_mutex_unlock (&self->lock);
	pthread_join (self->thread, NULL);
	self->joinable = false;
}

void
journal_writer_destroy (struct journal_writer **self_p)
{
	assert (self_p);
	struct journal_writer *self = *self_p;
	if (!self)
		return;
	struct journal_job *job;
	journal_writer_stop (self);
	while ((job = s_queue_pop (&self->done)))
		journal_job_destroy (&job);
	journal_group_destroy (&self->group);
	if (self->journal)
		self->journal->ops->close (&self->journal);
	if (self->fd >= 0)
		close (self->fd);
	pthread_cond_destroy (&self->wake);
	pthread_mutex_destroy (&self->lock);
	free (self);
	*self_p = NULL;
}
