/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long an append waits, with SQLite copying the WAL by itself and with the keeper doing it on its own thread.
 *
 *	bench_wal DIRECTORY [appends of 16 entries]
 */
#include "tests/unit/journal_fixture.h"

#include <time.h>

#include "common/log.h"
#include "hub/keeper.h"

#define ENTRIES 16

static double
now_ms (void)
{
	struct timespec now;
	clock_gettime (CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static int
compare (const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;
	return (x > y) - (x < y);
}

static void
run (const char *path, size_t count, bool kept)
{
	char words[256] = "";
	struct journal *journal = NULL;
	struct journal_wal wal = {0};
	struct keeper *keeper = NULL;
	struct keeper_options options = {
		.path = path, .network = FIXTURE_NETWORK, .checkpoint = "/dev/null", .wal = &wal};
	struct fixture_lane lane;
	double *took = calloc (count, sizeof *took);
	unsigned pages = 0;
	fixture_lane_init (&lane, "bssn/soc-1");
	if (journal_open_sqlite (&journal, path, FIXTURE_NETWORK, JOURNAL_WRITE, words) != 0)
		exit (1);
	if (kept) {
		journal_share_wal (journal, &wal);
		if (keeper_start (&keeper, &options, words) != 0)
			exit (1);
	}
	for (size_t i = 0; i < count; i++) {
		struct journal_job *job = fixture_job (&lane, ENTRIES);
		struct journal_batch batch = fixture_batch (job);
		double start = now_ms ();
		journal->ops->begin (journal);
		if (journal->ops->append (journal, &batch, 1, 1000 + i) != 0)
			exit (1);
		took[i] = now_ms () - start;
		if (wal.pages > pages)
			pages = wal.pages;
		journal_job_destroy (&job);
	}
	qsort (took, count, sizeof *took, compare);
	printf ("%s: %zu appends of %d: median %.2f ms, p99 %.2f ms, p99.9 %.2f ms, worst %.2f ms; WAL at most "
		"%.1f MiB\n",
		kept ? "keeper" : "SQLite by itself", count, ENTRIES, took[count / 2],
		took[count * 99 / 100], took[count * 999 / 1000], took[count - 1],
		(double) pages / 256);
	keeper_destroy (&keeper);
	journal->ops->close (&journal);
	fixture_lane_finish (&lane);
	free (took);
}

int
main (int argc, char **argv)
{
	char path[512];
	size_t count = argc > 2 ? strtoull (argv[2], NULL, 10) : 20000;
	if (argc < 2)
		return 64;
	log_open ("bench", LOG_TO_NOTHING, -2);
	for (int kept = 0; kept < 2; kept++) {
		snprintf (path, sizeof path, "%s/bench-%d.db", argv[1], kept);
		run (path, count, kept);
	}
	return 0;
}
