/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's thread: what it judges, that a group is one commit, that nothing acknowledged is lost.
 * A gate in the check hook holds the thread while a group gathers, so nothing here sleeps.
 */
#include "tests/unit/journal_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "common/clock.h"
#include "hub/journal_sqlite.h"

#define PLENTY_BYTES (64 << 20)
#define COPIES_MAX 64

enum hook {
	HOOK_NOTHING,
	HOOK_REFS,   /* an entry must refer to something that exists */
	HOOK_TWICE,  /* index 1 is bad, told twice, after the maker's own */
	HOOK_UNFULL, /* lifts the limit on pages */
};

struct fixture {
	char directory[256];
	char path[300];
	struct fixture_lane lane;
	struct fixture_lane other;
	struct journal_writer *writer;
	struct store *store; /* the writer's own: only for its thread, or before it starts */
	struct journal_writer_options options;

	pthread_mutex_t lock;
	pthread_cond_t turn;
	bool shut;    /* the gate */
	bool waiting; /* the thread stands before it */
	enum hook hook;
	bool copies; /* copy the files after each commit */
	unsigned copy_count;
	atomic_uint fatal_count;
	atomic_uint committed_count;
};

static atomic_uint_fast64_t test_now_us;
static atomic_int test_step_us;

static uint64_t
test_clock (void *context)
{
	(void) context;
	return atomic_fetch_add (&test_now_us, (uint64_t) (int64_t) atomic_load (&test_step_us));
}

static void
pass_gate (struct fixture *self)
{
	pthread_mutex_lock (&self->lock);
	while (self->shut) {
		self->waiting = true;
		pthread_cond_broadcast (&self->turn);
		pthread_cond_wait (&self->turn, &self->lock);
	}
	self->waiting = false;
	pthread_mutex_unlock (&self->lock);
}

static void
check_refs (struct journal_view *view, const struct journal_job *job, struct siaga_bad *bad,
	    size_t *count)
{
	for (uint32_t i = 0; i < job->batch.head.count; i++) {
		struct journal_found found;
		const struct siaga_header *header = &job->headers[i];
		if (header->ref_count == 0)
			continue;
		int error = journal_view_find (view, header->refs[0].id, &found);
		if (error != 0 || found.number >= journal_view_number (view) + i)
			bad[(*count)++] = (struct siaga_bad){i, SIAGA_EREF};
		else if (found.job)
			assert (memcmp (found.job->headers[found.index].id, header->refs[0].id,
					16) == 0);
		else
			assert (found.number < journal_view_journal (view)->ops->head (
						       journal_view_journal (view)));
	}
}

static int
hook_check (void *arg, struct journal_view *view, const struct journal_job *job,
	    struct siaga_bad *bad, size_t *count)
{
	struct fixture *self = arg;
	pass_gate (self);
	if (self->hook == HOOK_REFS)
		check_refs (view, job, bad, count);
	if (self->hook == HOOK_TWICE) {
		bad[(*count)++] = (struct siaga_bad){1, SIAGA_EROLE};
		bad[(*count)++] = (struct siaga_bad){1, SIAGA_EREF};
	}
	if (self->hook == HOOK_UNFULL)
		store_run (store_query (self->store, "PRAGMA max_page_count = 1000000"));
	return 0;
}

static void
copy_file (const char *from, const char *to)
{
	char buffer[65536];
	FILE *in = fopen (from, "rb"), *out = fopen (to, "wb");
	size_t size;
	while (in && out && (size = fread (buffer, 1, sizeof buffer, in)) > 0)
		fwrite (buffer, 1, size, out);
	if (in)
		fclose (in);
	if (out)
		fclose (out);
}

/* The files as a crash right now would leave them. */
static void
copy_files (struct fixture *self)
{
	char from[400], to[400];
	unsigned n = self->copy_count++;
	assert (n < COPIES_MAX);
	snprintf (to, sizeof to, "%s/copy-%u.db", self->directory, n);
	copy_file (self->path, to);
	snprintf (from, sizeof from, "%s-wal", self->path);
	snprintf (to, sizeof to, "%s/copy-%u.db-wal", self->directory, n);
	copy_file (from, to);
}

static void
hook_committed (void *arg, const struct journal_job *job)
{
	struct fixture *self = arg;
	(void) job;
	atomic_fetch_add (&self->committed_count, 1);
	if (self->copies)
		copy_files (self);
}

static void
hook_fatal (void *arg, int error)
{
	struct fixture *self = arg;
	assert (error == SIAGA_EIO);
	atomic_fetch_add (&self->fatal_count, 1);
}

static int
setup (void **state)
{
	static const struct clock_source source = {test_clock, test_clock, NULL};
	struct fixture *self = calloc (1, sizeof *self);
	assert_non_null (self);
	fixture_lane_init (&self->lane, "bssn/soc-1");
	fixture_lane_init (&self->other, "polri/siber-2");
	fixture_directory_make (self->directory);
	snprintf (self->path, sizeof self->path, "%s/journal.db", self->directory);
	pthread_mutex_init (&self->lock, NULL);
	pthread_cond_init (&self->turn, NULL);
	self->options = (struct journal_writer_options){
		.max_pending_bytes = PLENTY_BYTES,
		.check = hook_check,
		.committed = hook_committed,
		.fatal = hook_fatal,
		.arg = self,
	};
	atomic_store (&test_now_us, 1700000000000000);
	atomic_store (&test_step_us, 1);
	clock_set (&source);
	*state = self;
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	journal_writer_destroy (&self->writer);
	clock_set (NULL);
	fixture_directory_remove (self->directory);
	fixture_lane_finish (&self->lane);
	fixture_lane_finish (&self->other);
	pthread_cond_destroy (&self->turn);
	pthread_mutex_destroy (&self->lock);
	free (self);
	return 0;
}

static struct journal *
open_journal (const char *path)
{
	struct journal *journal = NULL;
	char words[256];
	if (journal_open_sqlite (&journal, path, FIXTURE_NETWORK, JOURNAL_WRITE, words) != 0)
		fail_msg ("%s", words);
	return journal;
}

static void
start_with (struct fixture *self, struct journal *journal)
{
	assert_int_equal (journal_writer_start (&self->writer, &journal, &self->options), 0);
	assert_null (journal);
}

static void
start (struct fixture *self)
{
	struct journal *journal = open_journal (self->path);
	self->store = ((struct journal_sqlite *) journal)->store;
	start_with (self, journal);
}

static void
submit (struct fixture *self, struct journal_job *job)
{
	assert_int_equal (journal_writer_submit (self->writer, &job), 0);
	assert_null (job);
}

static struct journal_job *
take (struct fixture *self)
{
	struct journal_job *job;
	while (!(job = journal_writer_take (self->writer))) {
		struct pollfd wait = {.fd = journal_writer_fd (self->writer), .events = POLLIN};
		assert_int_equal (poll (&wait, 1, -1), 1);
	}
	return job;
}

static struct journal_result
take_result (struct fixture *self)
{
	struct journal_job *job = take (self);
	struct journal_result result = job->result;
	journal_job_destroy (&job);
	return result;
}

static void
take_code (struct fixture *self, int code)
{
	struct journal_result result = take_result (self);
	assert_int_equal (result.code, code);
}

static struct journal_result
run (struct fixture *self, struct journal_job *job)
{
	submit (self, job);
	return take_result (self);
}

/* Shuts the gate and brings the thread before it with a batch of the other lane, alone in its group: what is
   submitted until the gate opens is one group. */
static void
hold (struct fixture *self)
{
	pthread_mutex_lock (&self->lock);
	self->shut = true;
	pthread_mutex_unlock (&self->lock);
	submit (self, fixture_job (&self->other, 1));
	pthread_mutex_lock (&self->lock);
	while (!self->waiting)
		pthread_cond_wait (&self->turn, &self->lock);
	pthread_mutex_unlock (&self->lock);
}

static void
release (struct fixture *self)
{
	pthread_mutex_lock (&self->lock);
	self->shut = false;
	pthread_cond_broadcast (&self->turn);
	pthread_mutex_unlock (&self->lock);
	take_code (self, 0);
}

static void
test_writer_takes_batches_in_order (void **state)
{
	struct fixture *self = *state;
	start (self);
	for (uint64_t i = 0; i < 200; i++) {
		struct journal_job *job = fixture_job (&self->lane, 2);
		job->session = i;
		submit (self, job);
	}
	for (uint64_t i = 0; i < 200; i++) {
		struct journal_job *job = take (self);
		assert_int_equal (job->session, i);
		assert_int_equal (job->result.code, 0);
		assert_false (job->result.repeated);
		assert_int_equal (job->result.oseq, 2 * i + 2);
		assert_int_equal (job->result.number, 2 * i + 1);
		journal_job_destroy (&job);
	}
	assert_null (journal_writer_take (self->writer));
	assert_int_equal (self->committed_count, 200);
}

static void
test_writer_commits_what_waits_as_one_group (void **state)
{
	struct fixture *self = *state;
	uint64_t accepted_us = 0;
	start (self);
	hold (self);
	for (size_t i = 0; i < 20; i++)
		submit (self, fixture_job (&self->lane, 3));
	release (self);
	for (size_t i = 0; i < 20; i++) {
		struct journal_result result = take_result (self);
		assert_int_equal (result.code, 0);
		assert_true (accepted_us == 0 || result.accepted_us == accepted_us);
		accepted_us = result.accepted_us;
	}
	assert_true (run (self, fixture_job (&self->lane, 1)).accepted_us > accepted_us);
}

static void
test_writer_is_readable_while_something_is_done (void **state)
{
	struct fixture *self = *state;
	start (self);
	struct pollfd wait = {.fd = journal_writer_fd (self->writer), .events = POLLIN};
	assert_int_equal (poll (&wait, 1, 0), 0);
	hold (self);
	submit (self, fixture_job (&self->lane, 1));
	submit (self, fixture_job (&self->lane, 1));
	release (self);
	assert_int_equal (poll (&wait, 1, -1), 1);
	take_code (self, 0);
	assert_int_equal (poll (&wait, 1, -1), 1);
	take_code (self, 0);
	assert_int_equal (poll (&wait, 1, 0), 0);
}

static void
test_writer_refuses_a_hole_with_the_oseq_expected (void **state)
{
	struct fixture *self = *state;
	start (self);
	struct journal_result result = run (self, fixture_job_at (&self->lane, 2, NULL, 1));
	assert_int_equal (result.code, SIAGA_EHOLE);
	assert_int_equal (result.expected_oseq, 1);
	assert_int_equal (run (self, fixture_job (&self->lane, 3)).code, 0);
	hold (self);
	submit (self, fixture_job (&self->lane, 2));
	submit (self, fixture_job_at (&self->lane, 7, NULL, 1));
	release (self);
	take_code (self, 0);
	result = take_result (self);
	assert_int_equal (result.code, SIAGA_EHOLE);
	assert_int_equal (result.expected_oseq, 6);
}

static void
test_writer_acknowledges_a_repetition_again (void **state)
{
	struct fixture *self = *state;
	start (self);
	struct journal_job *job = fixture_job (&self->lane, 3), *again = fixture_job_copy (job);
	struct journal_job *third = fixture_job_copy (job);
	struct siaga_bad bad = {1, SIAGA_EROLE};
	assert_int_equal (run (self, job).code, 0);
	assert_int_equal (run (self, fixture_job (&self->lane, 3)).code, 0);
	struct journal_result result = run (self, again);
	assert_int_equal (result.code, 0);
	assert_true (result.repeated);
	assert_int_equal (result.oseq, 3);
	assert_int_equal (result.number, 2);
	/* Even when its maker would not have it today. */
	third->bad = memcpy (malloc (sizeof bad), &bad, sizeof bad);
	third->bad_count = 1;
	assert_true (run (self, third).repeated);
	assert_int_equal (self->committed_count, 2);
}

static void
test_writer_acknowledges_a_repetition_within_a_group (void **state)
{
	struct fixture *self = *state;
	start (self);
	hold (self);
	struct journal_job *job = fixture_job (&self->lane, 3);
	struct journal_job *again = fixture_job_copy (job);
	submit (self, job);
	submit (self, fixture_job (&self->lane, 1));
	submit (self, again);
	release (self);
	take_code (self, 0);
	take_code (self, 0);
	struct journal_result result = take_result (self);
	assert_int_equal (result.code, 0);
	assert_true (result.repeated);
	assert_int_equal (result.oseq, 3);
	assert_int_equal (result.number, 3);
}

static void
test_writer_refuses_another_batch_under_the_same_oseqs (void **state)
{
	struct fixture *self = *state;
	start (self);
	assert_int_equal (run (self, fixture_job (&self->lane, 3)).code, 0);
	assert_int_equal (run (self, fixture_job_at (&self->lane, 1, NULL, 3)).code,
			  SIAGA_ECONFLICT);
	assert_int_equal (run (self, fixture_job_at (&self->lane, 2, NULL, 5)).code,
			  SIAGA_ECONFLICT);
	hold (self);
	submit (self, fixture_job (&self->lane, 3));
	submit (self, fixture_job_at (&self->lane, 4, NULL, 3));
	submit (self, fixture_job_at (&self->lane, 6, NULL, 1));
	release (self);
	take_code (self, 0);
	take_code (self, SIAGA_ECONFLICT);
	take_code (self, SIAGA_ECONFLICT);
	assert_int_equal (run (self, fixture_job (&self->lane, 1)).number, 7);
}

static void
assert_bad (struct fixture *self, size_t count, const struct siaga_bad *expected)
{
	struct journal_job *job = take (self);
	assert_int_equal (job->result.code, SIAGA_EMALFORMED);
	assert_int_equal (job->bad_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal (job->bad[i].index, expected[i].index);
		assert_int_equal (job->bad[i].code, expected[i].code);
	}
	journal_job_destroy (&job);
}

static void
test_writer_lists_every_known_id (void **state)
{
	static const struct siaga_bad expected[] = {{1, SIAGA_EKNOWN}, {3, SIAGA_EKNOWN}};
	struct fixture *self = *state;
	struct fixture_entry entries[4] = {0};
	start (self);
	fixture_id (entries[1].id);
	fixture_id (entries[2].id);
	/* Index 1 is in the log, index 3 repeats index 2. */
	assert_int_equal (run (self, fixture_job_at (&self->other, 1, &entries[1], 1)).code, 0);
	memcpy (entries[3].id, entries[2].id, SIAGA_ID_BYTES);
	submit (self, fixture_job_at (&self->lane, 1, entries, 4));
	assert_bad (self, 2, expected);
	/* Nothing of it was taken: its ids and its place are free. */
	struct journal_result result = run (self, fixture_job_at (&self->lane, 1, &entries[2], 1));
	assert_int_equal (result.code, 0);
	assert_int_equal (result.number, 1);
}

static void
test_writer_knows_the_ids_of_its_group (void **state)
{
	static const struct siaga_bad known = {0, SIAGA_EKNOWN}, twice = {1, SIAGA_EKNOWN};
	struct fixture *self = *state;
	struct fixture_entry entries[3] = {0};
	start (self);
	for (size_t i = 0; i < 3; i++)
		fixture_id (entries[i].id);
	hold (self);
	submit (self, fixture_job_at (&self->lane, 1, &entries[0], 1));
	submit (self, fixture_job_at (&self->lane, 2, &entries[0], 1));
	/* Refused, so that what it names first is not known after it. */
	memcpy (entries[2].id, entries[1].id, SIAGA_ID_BYTES);
	submit (self, fixture_job_at (&self->lane, 2, &entries[1], 2));
	submit (self, fixture_job_at (&self->lane, 2, &entries[1], 1));
	submit (self, fixture_job_at (&self->lane, 3, &entries[1], 1));
	release (self);
	take_code (self, 0);
	assert_bad (self, 1, &known);
	assert_bad (self, 1, &twice);
	take_code (self, 0);
	assert_bad (self, 1, &known);
}

static void
test_writer_joins_the_bad_lists_of_maker_and_hook (void **state)
{
	static const struct siaga_bad expected[] = {
		{0, SIAGA_EKNOWN}, {1, SIAGA_EROLE}, {2, SIAGA_EMALFORMED}};
	struct fixture *self = *state;
	struct fixture_entry entries[4] = {0};
	self->hook = HOOK_TWICE;
	start (self);
	fixture_id (entries[3].id);
	memcpy (entries[0].id, entries[3].id, SIAGA_ID_BYTES);
	self->hook = HOOK_NOTHING;
	assert_int_equal (run (self, fixture_job_at (&self->other, 1, &entries[3], 1)).code, 0);
	self->hook = HOOK_TWICE;
	struct journal_job *job = fixture_job_at (&self->lane, 1, entries, 3);
	job->bad = malloc (sizeof *job->bad);
	job->bad[0] = (struct siaga_bad){2, SIAGA_EMALFORMED};
	job->bad_count = 1;
	submit (self, job);
	assert_bad (self, 3, expected);
}

static void
test_writer_lets_the_hook_see_journal_group_and_batch (void **state)
{
	static const struct siaga_bad dangling = {1, SIAGA_EREF};
	struct fixture *self = *state;
	struct fixture_entry stored = {0}, batch[3] = {0}, later[2] = {0}, forward[2] = {0};
	self->hook = HOOK_REFS;
	start (self);
	fixture_id (stored.id);
	assert_int_equal (run (self, fixture_job_at (&self->lane, 1, &stored, 1)).code, 0);
	hold (self);
	/* An update of what is stored, an alert and its update; then an update of that from the next batch. */
	memcpy (batch[0].ref, stored.id, SIAGA_ID_BYTES);
	fixture_id (batch[1].id);
	memcpy (batch[2].ref, batch[1].id, SIAGA_ID_BYTES);
	memcpy (later[0].ref, batch[1].id, SIAGA_ID_BYTES);
	fixture_id (later[1].ref);
	fixture_id (forward[1].id);
	memcpy (forward[0].ref, forward[1].id, SIAGA_ID_BYTES);
	submit (self, fixture_job_at (&self->lane, 2, batch, 3));
	submit (self, fixture_job_at (&self->lane, 5, later, 2));
	submit (self, fixture_job_at (&self->lane, 5, later, 1));
	submit (self, fixture_job_at (&self->lane, 6, forward, 2));
	release (self);
	take_code (self, 0);
	assert_bad (self, 1, &dangling);
	take_code (self, 0);
	assert_bad (self, 1, &(struct siaga_bad){0, SIAGA_EREF});
}

static void
test_writer_tells_the_whole_group_that_the_disk_is_full (void **state)
{
	struct fixture *self = *state;
	struct journal *journal = open_journal (self->path);
	self->store = ((struct journal_sqlite *) journal)->store;
	assert_int_equal (store_run (store_query (self->store, "PRAGMA max_page_count = 40")), 0);
	start_with (self, journal);
	hold (self);
	for (size_t i = 0; i < 4; i++)
		submit (self, fixture_job (&self->lane, 100));
	struct journal_job *again = fixture_job_at (&self->lane, 1, NULL, 1);
	submit (self, again);
	release (self);
	for (size_t i = 0; i < 5; i++)
		take_code (self, SIAGA_EDISK);
	assert_false (journal_writer_has_failed (self->writer));
	pthread_mutex_lock (&self->lock);
	self->hook = HOOK_UNFULL;
	pthread_mutex_unlock (&self->lock);
	struct journal_result result = run (self, fixture_job_at (&self->lane, 1, NULL, 100));
	assert_int_equal (result.code, 0);
	assert_int_equal (result.number, 100);
	assert_int_equal (self->fatal_count, 0);
}

/* A journal whose disk dies at the third append. */

struct dying {
	struct journal base;
	struct journal_ops ops;
	struct journal *inner;
	unsigned appends;
};

static int
dying_append (struct journal *base, struct journal_batch *batches, size_t count,
	      uint64_t accepted_us)
{
	struct dying *self = (struct dying *) base;
	if (++self->appends > 2)
		return SIAGA_EIO;
	return self->inner->ops->append (self->inner, batches, count, accepted_us);
}

static int
dying_find (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number)
{
	struct dying *self = (struct dying *) base;
	return self->inner->ops->find (self->inner, id, number);
}

static int
dying_mark (struct journal *base, struct siaga_text origin, const uint8_t epoch[SIAGA_EPOCH_BYTES],
	    struct journal_mark *mark)
{
	struct dying *self = (struct dying *) base;
	return self->inner->ops->mark (self->inner, origin, epoch, mark);
}

static uint64_t
dying_head (struct journal *base)
{
	struct dying *self = (struct dying *) base;
	return self->inner->ops->head (self->inner);
}

static void
dying_close (struct journal **base_p)
{
	struct dying *self = (struct dying *) *base_p;
	self->inner->ops->close (&self->inner);
	free (self);
	*base_p = NULL;
}

static void
test_writer_fails_for_good_with_its_journal (void **state)
{
	struct fixture *self = *state;
	struct dying *dying = calloc (1, sizeof *dying);
	dying->ops = (struct journal_ops){
		.name = "dying",
		.append = dying_append,
		.find = dying_find,
		.mark = dying_mark,
		.head = dying_head,
		.close = dying_close,
	};
	dying->base.ops = &dying->ops;
	assert_int_equal (journal_open_memory (&dying->inner), 0);
	start_with (self, &dying->base);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal (run (self, fixture_job (&self->lane, 1)).code, 0);
	assert_false (journal_writer_has_failed (self->writer));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal (run (self, fixture_job (&self->lane, 1)).code, SIAGA_EIO);
	assert_true (journal_writer_has_failed (self->writer));
	assert_int_equal (self->fatal_count, 1);
	assert_int_equal (dying->appends, 3);
}

static void
test_writer_is_full_until_jobs_are_taken (void **state)
{
	struct fixture *self = *state;
	self->options.max_pending_bytes = 3 * sizeof (struct journal_job);
	start (self);
	assert_false (journal_writer_is_full (self->writer));
	size_t in = 0;
	struct journal_job *job;
	for (;;) {
		job = fixture_job (&self->lane, 2);
		if (journal_writer_submit (self->writer, &job) != 0)
			break;
		in++;
	}
	assert_non_null (job);
	assert_int_equal (in, 2);
	take_code (self, 0);
	assert_int_equal (journal_writer_submit (self->writer, &job), 0);
	take_code (self, 0);
	take_code (self, 0);
	/* One is let in, however large. */
	submit (self, fixture_job (&self->lane, 150));
	assert_true (journal_writer_is_full (self->writer));
	take_code (self, 0);
	assert_false (journal_writer_is_full (self->writer));
}

static void
test_writer_never_accepts_earlier_than_before (void **state)
{
	struct fixture *self = *state;
	uint64_t last_us = 0;
	start (self);
	atomic_store (&test_step_us, -1000);
	for (size_t i = 0; i < 10; i++) {
		struct journal_result result = run (self, fixture_job (&self->lane, 1));
		assert_true (result.accepted_us >= last_us);
		last_us = result.accepted_us;
		if (i % 3 != 2)
			continue;
		journal_writer_destroy (&self->writer);
		start (self);
	}
}

static void
test_writer_stop_finishes_what_was_submitted (void **state)
{
	struct fixture *self = *state;
	start (self);
	for (size_t i = 0; i < 150; i++)
		submit (self, fixture_job (&self->lane, 1));
	journal_writer_stop (self->writer);
	for (size_t i = 0; i < 150; i++) {
		struct journal_job *job = journal_writer_take (self->writer);
		assert_non_null (job);
		assert_int_equal (job->result.code, 0);
		journal_job_destroy (&job);
	}
	assert_null (journal_writer_take (self->writer));
}

static void
test_writer_frees_what_nobody_took (void **state)
{
	struct fixture *self = *state;
	start (self);
	for (size_t i = 0; i < 10; i++)
		submit (self, fixture_job (&self->lane, 1));
	journal_writer_destroy (&self->writer);
	struct journal *journal = open_journal (self->path);
	assert_int_equal (journal->ops->head (journal), 10);
	journal->ops->close (&journal);
}

static uint64_t
head_of_copy (const char *path)
{
	struct journal *journal = open_journal (path);
	uint64_t head = journal->ops->head (journal);
	journal->ops->close (&journal);
	return head;
}

static void
test_writer_files_hold_each_commit_when_copied_after_it (void **state)
{
	struct fixture *self = *state;
	char path[400];
	self->copies = true;
	start (self);
	for (size_t i = 0; i < 20; i++)
		assert_int_equal (run (self, fixture_job (&self->lane, 5)).code, 0);
	journal_writer_destroy (&self->writer);
	for (unsigned i = 0; i < 20; i++) {
		snprintf (path, sizeof path, "%s/copy-%u.db", self->directory, i);
		assert_int_equal (head_of_copy (path), 5 * (i + 1));
	}
}

/* Power lost in the middle of writing the log ahead: any length of it must open, at some commit's end. */
static void
test_writer_files_open_with_any_torn_tail (void **state)
{
	struct fixture *self = *state;
	char db[400], wal[400], torn_db[400], torn_wal[400];
	struct stat status;
	uint64_t last = 0;
	self->copies = true;
	start (self);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal (run (self, fixture_job (&self->lane, 5)).code, 0);
	journal_writer_destroy (&self->writer);
	snprintf (db, sizeof db, "%s/copy-5.db", self->directory);
	snprintf (wal, sizeof wal, "%s/copy-5.db-wal", self->directory);
	snprintf (torn_db, sizeof torn_db, "%s/torn.db", self->directory);
	snprintf (torn_wal, sizeof torn_wal, "%s/torn.db-wal", self->directory);
	assert_int_equal (stat (wal, &status), 0);
	for (off_t size = status.st_size / 2; size <= status.st_size; size += 5003) {
		copy_file (db, torn_db);
		copy_file (wal, torn_wal);
		assert_int_equal (truncate (torn_wal, size), 0);
		uint64_t head = head_of_copy (torn_db);
		assert_true (head % 5 == 0 && head <= 30 && head >= last);
		last = head;
	}
	assert_true (last >= 25);
}

/* The child tells through the pipe what was acknowledged, until it is killed. */
static void
publish_until_killed (struct fixture *self, int out)
{
	start (self);
	for (;;) {
		for (size_t i = 0; i < 8; i++)
			submit (self, fixture_job (&self->lane, 7));
		for (size_t i = 0; i < 8; i++) {
			struct journal_result result = take_result (self);
			if (result.code != 0 || write (out, &result.oseq, sizeof result.oseq) < 0)
				_exit (1);
		}
	}
}

static void
test_writer_loses_nothing_acknowledged_when_killed (void **state)
{
	struct fixture *self = *state;
	int fds[2];
	uint64_t oseq = 0, acked = 0;
	struct journal_mark mark;
	assert_int_equal (pipe2 (fds, O_CLOEXEC), 0);
	pid_t pid = fork ();
	assert_true (pid >= 0);
	if (pid == 0)
		publish_until_killed (self, fds[1]);
	close (fds[1]);
	while (acked < 7 * 100 && read (fds[0], &oseq, sizeof oseq) == sizeof oseq)
		acked = oseq;
	kill (pid, SIGKILL);
	while (read (fds[0], &oseq, sizeof oseq) == sizeof oseq)
		acked = oseq;
	close (fds[0]);
	assert_int_equal (waitpid (pid, NULL, 0), pid);
	assert_true (acked >= 700);
	struct journal *journal = open_journal (self->path);
	assert_int_equal (
		journal->ops->mark (journal, siaga_text ("bssn/soc-1"), self->lane.epoch, &mark),
		0);
	assert_true (mark.oseq >= acked);
	assert_int_equal (mark.number + 1, mark.oseq);
	assert_int_equal (journal->ops->head (journal), mark.oseq);
	journal->ops->close (&journal);
}

/* What the journal of a path keeps beside the log, as "key=value;" one behind the other. */
static int
join_fact (void *arg, struct siaga_text key, struct siaga_bytes value)
{
	char *out = arg;
	snprintf (out + strlen (out), 256 - strlen (out), "%.*s=%.*s;", (int) key.size, key.data,
		  (int) value.size, (const char *) value.data);
	return 0;
}

static void
check_facts (const char *path, const char *expected)
{
	char out[256] = "";
	struct journal *reader;
	assert_int_equal (journal_open_sqlite (&reader, path, FIXTURE_NETWORK, JOURNAL_READ, NULL),
			  0);
	assert_int_equal (reader->ops->facts (reader, join_fact, out), 0);
	assert_string_equal (out, expected);
	reader->ops->close (&reader);
}

static void
add_fact (struct journal_job *job, const char *key, const char *value)
{
	struct siaga_bytes bytes = {(const uint8_t *) value, strlen (value)};
	assert_int_equal (journal_job_add_fact (job, key, bytes), 0);
}

static void
test_writer_keeps_facts_with_their_batch_or_not_at_all (void **state)
{
	struct fixture *self = *state;
	start (self);
	struct journal_job *job = fixture_job (&self->lane, 2);
	add_fact (job, "b", "1");
	add_fact (job, "a", "2");
	submit (self, job);
	job = take (self);
	assert_int_equal (job->result.code, 0);
	assert_false (job->result.repeated);
	journal_job_destroy (&job);
	check_facts (self->path, "a=2;b=1;");
	job = fixture_job_at (&self->lane, 9, NULL, 1); /* a hole */
	add_fact (job, "a", "");
	add_fact (job, "c", "3");
	submit (self, job);
	job = take (self);
	assert_int_equal (job->result.code, SIAGA_EHOLE);
	journal_job_destroy (&job);
	check_facts (self->path, "a=2;b=1;");
}

static void
test_writer_keeps_facts_without_a_batch (void **state)
{
	struct fixture *self = *state;
	start (self);
	struct journal_job *job = journal_job_new_facts ();
	add_fact (job, "a", "1");
	submit (self, job);
	job = take (self);
	assert_int_equal (job->result.code, 0);
	assert_true (job->result.repeated); /* nothing new in the log */
	journal_job_destroy (&job);
	check_facts (self->path, "a=1;");
	job = journal_job_new_facts ();
	add_fact (job, "a", "");
	submit (self, job);
	job = take (self);
	journal_job_destroy (&job);
	check_facts (self->path, "");
	job = fixture_job (&self->lane, 1);
	submit (self, job);
	job = take (self);
	assert_int_equal (job->result.number, 0);
	journal_job_destroy (&job);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_writer_takes_batches_in_order),
		TEST (test_writer_commits_what_waits_as_one_group),
		TEST (test_writer_is_readable_while_something_is_done),
		TEST (test_writer_refuses_a_hole_with_the_oseq_expected),
		TEST (test_writer_acknowledges_a_repetition_again),
		TEST (test_writer_acknowledges_a_repetition_within_a_group),
		TEST (test_writer_refuses_another_batch_under_the_same_oseqs),
		TEST (test_writer_lists_every_known_id),
		TEST (test_writer_knows_the_ids_of_its_group),
		TEST (test_writer_joins_the_bad_lists_of_maker_and_hook),
		TEST (test_writer_lets_the_hook_see_journal_group_and_batch),
		TEST (test_writer_tells_the_whole_group_that_the_disk_is_full),
		TEST (test_writer_fails_for_good_with_its_journal),
		TEST (test_writer_is_full_until_jobs_are_taken),
		TEST (test_writer_never_accepts_earlier_than_before),
		TEST (test_writer_stop_finishes_what_was_submitted),
		TEST (test_writer_frees_what_nobody_took),
		TEST (test_writer_files_hold_each_commit_when_copied_after_it),
		TEST (test_writer_files_open_with_any_torn_tail),
		TEST (test_writer_loses_nothing_acknowledged_when_killed),
		TEST (test_writer_keeps_facts_with_their_batch_or_not_at_all),
		TEST (test_writer_keeps_facts_without_a_batch),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
