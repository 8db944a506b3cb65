/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that owns the writing journal. Verified batches go in as jobs and come back, in the order
 * they went in, with what became of them. The thread takes all jobs that wait at once and commits them as
 * one group; when idle it waits for nobody. What can only be judged against the newest state of the log
 * is judged here: the place in the origin's sequence, ids already known, and, by a hook, references.
 *
 *	struct journal_job *job = journal_job_new ();
 *	job->data, size, batch, headers, session, tag … filled in
 *	journal_writer_submit (writer, &job)            SIAGA_EAGAIN: full, take some back first
 *	… poll journal_writer_fd () …
 *	while ((job = journal_writer_take (writer)))
 *		job->result says it;  journal_job_destroy (&job)
 */
#ifndef SIAGA_HUB_JOURNAL_WRITER_H
#define SIAGA_HUB_JOURNAL_WRITER_H

#include "hub/journal.h"
#include "siaga/wire.h"

/* What became of a batch. */
struct journal_result {
	/* 0: in the log, durably (also when repeated). SIAGA_EHOLE: expected_oseq. SIAGA_ECONFLICT.
	   SIAGA_EMALFORMED: a bad list, see journal_job.bad. SIAGA_EDISK, SIAGA_ENOMEM: nothing of the
	   group was stored; later. SIAGA_EINTERNAL: a mistake of ours, and nothing stored. SIAGA_EIO:
	   fatal, the process must exit and open the journal again. */
	int code;
	bool repeated; /* code 0: it was in the log before, or earlier in this group; or no batch at all */
	uint64_t oseq;		/* code 0: of its last entry */
	uint64_t number;	/* code 0: log number of its last entry */
	uint64_t accepted_us;	/* code 0 and not repeated */
	uint64_t expected_oseq; /* SIAGA_EHOLE */
};

/* One received batch on its way into the journal. The maker fills in the first part. */
struct journal_job {
	uint8_t *data; /* malloc ()ed, owned: the batch as received */
	size_t size;
	struct siaga_header *headers; /* malloc ()ed, owned: head.count; zeroed if unreadable */
	struct siaga_bad *bad;	      /* malloc ()ed, owned, ascending by index; or NULL */
	/* Entries that can never be taken. The maker may submit a batch with some (in a list of its own,
	   ascending by index, their ids are not looked up): it is still acknowledged when it is a
	   repetition, and otherwise refused with these and what is found here. */
	size_t bad_count;
	/* Kept with the batch, or not at all (journal_job_add_fact ()). With `batch.head.count` 0 there is no batch:
	   then they are kept alone. */
	struct journal_fact *facts;
	size_t fact_count;
	uint64_t session; /* the maker's own: who gets the answer */
	void *tag;	  /* the maker's own */

	struct journal_result result;
	struct journal_job *next; /* the owner's: whose queue it stands in */
	/* siaga_batch_read () of data: full form, every entry present, verified */
	struct siaga_batch batch;
};

/* Zeroed but for `batch`; NULL when out of memory. */
struct journal_job *
journal_job_new (void);

/* A job without a batch, for facts alone; NULL when out of memory. */
struct journal_job *
journal_job_new_facts (void);

/* Has the job keep a fact, of which it takes copies; an empty value forgets the key. 0, SIAGA_ELIMIT,
   SIAGA_ENOMEM. */
int
journal_job_add_fact (struct journal_job *self, const char *key, struct siaga_bytes value);

/* Frees it and what it owns; NULL is fine. */
void
journal_job_destroy (struct journal_job **self_p);

/* The log as the check hook sees it: the journal, and before its commit what this group adds. */
struct journal_view;

/* An entry that the hook asked for. */
struct journal_found {
	uint64_t number; /* where it stands, or will if its batch is taken */
	/* Of the group about to be committed: its batch's job and its index there; else NULL, and the
	   journal's read () has it. */
	const struct journal_job *job;
	uint32_t index;
};

/* Looks for an id in the batches accepted so far in this group, the batch being judged itself, then the
   journal: 0, SIAGA_ENOTFOUND, or the journal's error. */
int
journal_view_find (struct journal_view *view, const uint8_t id[SIAGA_ID_BYTES],
		   struct journal_found *found);

/* The writer's journal, for reading only. */
struct journal *
journal_view_journal (struct journal_view *view);

/* The log number that index 0 of the batch being judged will have. */
uint64_t
journal_view_number (const struct journal_view *view);

struct journal_writer;

/* Any function may be NULL. All are called on the writer's thread. */
struct journal_writer_options {
	/* Memory of the jobs submitted and not yet taken back, at most: data, headers, the job itself. One
	   job is always let in. */
	size_t max_pending_bytes;
	/* Called for each batch that stands right in its sequence. Appends what can never be taken to
	   bad[*bad_count], with room for head.count more; what is about an index listed already is
	   dropped. Returns 0, or an error of the journal (taken as the job's result; SIAGA_EIO is fatal). */
	int (*check) (void *arg, struct journal_view *view, const struct journal_job *job,
		      struct siaga_bad *bad, size_t *bad_count);
	/* Called after the commit for each batch it added, in log order. */
	void (*committed) (void *arg, const struct journal_job *job);
	/* Called now and then between groups, with nothing begun: what must be done on this thread and is nobody's
	   job. *next_ms says after how long it wants to be called again (a group that waits goes first). 0, or
	   SIAGA_EIO: fatal. */
	int (*chore) (void *arg, struct journal *journal, uint64_t *next_ms);
	void *chore_arg;
	/* Called once, when the journal failed for good: every job not yet committed gets SIAGA_EIO. */
	void (*fatal) (void *arg, int error);
	void *arg;
};

/* Starts the thread. *journal_p, opened for writing, is consumed. 0, SIAGA_ENOMEM, SIAGA_EIO (descriptors,
   threads, or the journal's last batch cannot be read); on failure the journal stays the caller's. */
int
journal_writer_start (struct journal_writer **self_p, struct journal **journal_p,
		      const struct journal_writer_options *options);

/* Hands a job over: 0, and *job_p is NULL; or SIAGA_EAGAIN when full (the job stays the caller's). Submit, take
   and stop belong to one thread. */
int
journal_writer_submit (struct journal_writer *self, struct journal_job **job_p);

/* Would submit say SIAGA_EAGAIN to a job of any size? */
bool
journal_writer_is_full (struct journal_writer *self);

/* Readable while there may be something to take. Borrowed; only poll it. */
int
journal_writer_fd (const struct journal_writer *self);

/* The next finished job, now the caller's, or NULL when there is none just now. */
struct journal_job *
journal_writer_take (struct journal_writer *self);

/* Groups committed, and the time that took, with their checks. */
struct journal_writer_counts {
	uint64_t commits;
	uint64_t commit_us;
	uint64_t longest_us;
};

struct journal_writer_counts
journal_writer_counts (struct journal_writer *self);

/* Did the journal fail for good? */
bool
journal_writer_has_failed (struct journal_writer *self);

/* Finishes what was submitted and ends the thread; the jobs can still be taken. */
void
journal_writer_stop (struct journal_writer *self);

/* Stops it, closes the journal, frees what was not taken; NULL is fine. */
void
journal_writer_destroy (struct journal_writer **self_p);

#endif
