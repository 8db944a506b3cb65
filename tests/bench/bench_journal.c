/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many entries a second the journal takes, without signing and parsing: directly by append in groups,
 * then through the writer's thread (which also judges them). Batches are made in rounds, outside the clock.
 *
 *	bench_journal DIRECTORY [rounds of 200 batches [entries a batch [batches a group]]]
 */
#include "tests/unit/journal_fixture.h"

#include <poll.h>
#include <time.h>

#define ROUND_BATCHES 200
#define LANES 4

static double
now_s (void)
{
	struct timespec now;
	clock_gettime (CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static struct journal *
open_new (const char *directory, const char *name)
{
	char path[512], words[256];
	struct journal *journal = NULL;
	snprintf (path, sizeof path, "%s/%s", directory, name);
	if (journal_open_sqlite (&journal, path, FIXTURE_NETWORK, JOURNAL_WRITE, words) != 0) {
		fprintf (stderr, "%s\n", words);
		exit (1);
	}
	return journal;
}

static void
make_round (struct fixture_lane *lanes, struct journal_job **jobs, size_t entries)
{
	for (size_t i = 0; i < ROUND_BATCHES; i++)
		jobs[i] = fixture_job (&lanes[i % LANES], entries);
}

static void
report (const char *what, size_t round, size_t total, size_t count, double seconds)
{
	printf ("%s round %zu, log %zu: %.0f entries/s\n", what, round, total,
		(double) count / seconds);
	fflush (stdout);
}

static void
bench_append (struct journal *journal, struct fixture_lane *lanes, size_t rounds, size_t entries,
	      size_t group)
{
	struct journal_job *jobs[ROUND_BATCHES];
	struct journal_batch batches[ROUND_BATCHES];
	for (size_t round = 0; round < rounds; round++) {
		make_round (lanes, jobs, entries);
		for (size_t i = 0; i < ROUND_BATCHES; i++)
			batches[i] = fixture_batch (jobs[i]);
		double start = now_s ();
		for (size_t i = 0; i < ROUND_BATCHES; i += group)
			if (journal->ops->append (journal, batches + i,
						  i + group < ROUND_BATCHES ? group
									    : ROUND_BATCHES - i,
						  1000) != 0)
				exit (1);
		report ("append", round, journal->ops->head (journal), ROUND_BATCHES * entries,
			now_s () - start);
		for (size_t i = 0; i < ROUND_BATCHES; i++)
			journal_job_destroy (&jobs[i]);
	}
	journal->ops->close (&journal);
}

static struct journal_job *
take (struct journal_writer *writer)
{
	struct journal_job *job;
	while (!(job = journal_writer_take (writer))) {
		struct pollfd wait = {.fd = journal_writer_fd (writer), .events = POLLIN};
		poll (&wait, 1, -1);
	}
	return job;
}

static void
bench_writer (struct journal *journal, struct fixture_lane *lanes, size_t rounds, size_t entries)
{
	struct journal_writer_options options = {.max_pending_bytes = SIZE_MAX};
	struct journal_writer *writer = NULL;
	struct journal_job *jobs[ROUND_BATCHES];
	size_t total = 0;
	if (journal_writer_start (&writer, &journal, &options) != 0)
		exit (1);
	for (size_t round = 0; round < rounds; round++) {
		make_round (lanes, jobs, entries);
		double start = now_s ();
		for (size_t i = 0; i < ROUND_BATCHES; i++)
			journal_writer_submit (writer, &jobs[i]);
		for (size_t i = 0; i < ROUND_BATCHES; i++) {
			jobs[i] = take (writer);
			if (jobs[i]->result.code != 0)
				exit (1);
			total += entries;
		}
		report ("writer", round, total, ROUND_BATCHES * entries, now_s () - start);
		for (size_t i = 0; i < ROUND_BATCHES; i++)
			journal_job_destroy (&jobs[i]);
	}
	journal_writer_destroy (&writer);
}

int
main (int argc, char **argv)
{
	struct fixture_lane lanes[LANES];
	char name[32];
	if (argc < 2)
		return 2;
	size_t rounds = argc > 2 ? strtoul (argv[2], NULL, 10) : 10;
	size_t entries = argc > 3 ? strtoul (argv[3], NULL, 10) : 150;
	size_t group = argc > 4 ? strtoul (argv[4], NULL, 10) : 1;
	for (size_t i = 0; i < LANES; i++) {
		snprintf (name, sizeof name, "bssn/soc-%zu", i);
		fixture_lane_init (&lanes[i], name);
	}
	bench_append (open_new (argv[1], "append.db"), lanes, rounds, entries, group);
	for (size_t i = 0; i < LANES; i++)
		lanes[i].oseq = 0;
	bench_writer (open_new (argv[1], "writer.db"), lanes, rounds, entries);
	for (size_t i = 0; i < LANES; i++)
		fixture_lane_finish (&lanes[i]);
	return 0;
}
