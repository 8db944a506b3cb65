/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hub/keeper.c and hub/journal_wal.c: the checkpoint's file, the disk, and the WAL off the writer's back.
 */
#include "journal_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/hub_limits.h"
#include "hub/keeper.h"

#define PATIENCE_MS 30000

struct fixture {
	char directory[256];
	char path[300];
	char file[300];
	int changes;
	struct fixture_lane lane;
	struct journal *journal;
	struct journal_wal wal;
	struct keeper *keeper;
};

/* In the C library's place, for SQLite too: the database's disk fails while `sync_fails`. */
static _Atomic bool sync_fails;

static int
sync_file (long call, int fd)
{
	char link[64], name[512];
	snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t size = readlink (link, name, sizeof name);
	bool is_database = size > 10 && memcmp (name + size - 10, "journal.db", 10) == 0;
	if (atomic_load (&sync_fails) && is_database) {
		errno = EIO;
		return -1;
	}
	return (int) syscall (call, fd);
}

int
fdatasync (int fd)
{
	return sync_file (SYS_fdatasync, fd);
}

int
fsync (int fd)
{
	return sync_file (SYS_fsync, fd);
}

static int
setup (void **state)
{
	struct fixture *self = calloc (1, sizeof *self);
	char words[256];
	log_open ("test", LOG_TO_NOTHING, -2);
	fixture_directory_make (self->directory);
	snprintf (self->path, sizeof self->path, "%s/journal.db", self->directory);
	snprintf (self->file, sizeof self->file, "%s/checkpoint", self->directory);
	fixture_lane_init (&self->lane, "bssn/soc-1");
	assert_int_equal (journal_open_sqlite (&self->journal, self->path, FIXTURE_NETWORK,
					       JOURNAL_WRITE, words),
			  0);
	journal_share_wal (self->journal, &self->wal);
	self->changes = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
	inotify_add_watch (self->changes, self->directory, IN_MODIFY | IN_MOVED_TO);
	*state = self;
	return 0;
}

static int
teardown (void **state)
{
	struct fixture *self = *state;
	atomic_store (&sync_fails, false);
	keeper_destroy (&self->keeper);
	self->journal->ops->close (&self->journal);
	close (self->changes);
	fixture_lane_finish (&self->lane);
	fixture_directory_remove (self->directory);
	free (self);
	return 0;
}

static void
start (struct fixture *self, const char *file, uint64_t reserve)
{
	char words[256];
	struct keeper_options options = {
		.path = self->path,
		.network = FIXTURE_NETWORK,
		.checkpoint = file,
		.wal = &self->wal,
		.reserve_bytes = reserve,
	};
	if (keeper_start (&self->keeper, &options, words) != 0)
		fail_msg ("%s", words);
}

/* Until something changes in the directory. */
static void
wait_change (struct fixture *self)
{
	uint8_t events[4096];
	struct pollfd item = {.fd = self->changes, .events = POLLIN};
	assert_int_equal (poll (&item, 1, PATIENCE_MS), 1);
	assert_true (read (self->changes, events, sizeof events) > 0);
}

static struct keeper_news
wait_kept (struct fixture *self)
{
	struct keeper_news news;
	uint64_t end_ms = clock_mono_ms () + PATIENCE_MS;
	for (keeper_hear (self->keeper, &news); !news.kept; keeper_hear (self->keeper, &news)) {
		assert_true (clock_mono_ms () < end_ms);
		sched_yield ();
	}
	return news;
}

static void
append (struct fixture *self)
{
	struct journal_job *job = fixture_job (&self->lane, 16);
	struct journal_batch batch = fixture_batch (job);
	assert_int_equal (self->journal->ops->append (self->journal, &batch, 1, 1000), 0);
	journal_job_destroy (&job);
}

static void
test_keeper_puts_the_note_into_its_file (void **state)
{
	struct fixture *self = *state;
	char held[64] = "";
	start (self, self->file, 0);
	for (int i = 0; i < 3; i++) {
		const char *note = i % 2 ? "a longer note\n" : "a note\n";
		keeper_keep (self->keeper, siaga_text (note));
		assert_int_equal (wait_kept (self).kept_error, 0);
		int fd = open (self->file, O_RDONLY | O_CLOEXEC);
		ssize_t size = read (fd, held, sizeof held);
		close (fd);
		assert_int_equal (size, strlen (note));
		assert_memory_equal (held, note, strlen (note));
	}
}

static void
test_keeper_says_when_the_note_cannot_be_kept (void **state)
{
	struct fixture *self = *state;
	start (self, "/nonexistent/checkpoint", 0);
	keeper_keep (self->keeper, siaga_text ("a note\n"));
	struct keeper_news news = wait_kept (self);
	assert_int_not_equal (news.kept_error, 0);
	assert_non_null (strstr (news.words, "/nonexistent/checkpoint: "));
	assert_int_equal (news.failed, 0);
	/* Said once. */
	keeper_hear (self->keeper, &news);
	assert_false (news.kept);
}

static void
test_keeper_knows_a_disk_below_the_reserve (void **state)
{
	struct fixture *self = *state;
	struct keeper_news news;
	start (self, self->file, INT64_MAX);
	keeper_hear (self->keeper, &news);
	assert_true (news.disk_is_low);
	assert_true (news.disk_free > 0);
	keeper_destroy (&self->keeper);
	start (self, self->file, 1);
	keeper_hear (self->keeper, &news);
	assert_false (news.disk_is_low);
}

static off_t
size_of (const char *path)
{
	struct stat status;
	assert_int_equal (stat (path, &status), 0);
	return status.st_size;
}

/* The writer itself never copies; the keeper does from a bound on. */
static void
test_keeper_copies_the_wal (void **state)
{
	struct fixture *self = *state;
	off_t before = size_of (self->path);
	while (atomic_load (&self->wal.pages) < 2 * HUB_WAL_PAGES)
		append (self);
	assert_int_equal (size_of (self->path), before);
	while (inotify_add_watch (self->changes, self->directory, IN_MODIFY) < 0)
		continue;
	start (self, self->file, 0);
	uint64_t end_ms = clock_mono_ms () + PATIENCE_MS;
	while (size_of (self->path) < before + (HUB_WAL_PAGES << 12) / 4) {
		assert_true (clock_mono_ms () < end_ms);
		wait_change (self);
	}
	/* Then the WAL begins anew, which is the writer's doing at its next commit. */
	keeper_destroy (&self->keeper);
	append (self);
	assert_true (atomic_load (&self->wal.pages) < HUB_WAL_PAGES);
	assert_false (atomic_load (&self->wal.finish));
}

/* Where the writer never rests it is asked for the last step. */
static void
test_writer_finishes_what_it_is_asked_to (void **state)
{
	struct fixture *self = *state;
	while (atomic_load (&self->wal.pages) < HUB_WAL_PAGES)
		append (self);
	off_t before = size_of (self->path);
	atomic_store (&self->wal.finish, true);
	append (self);
	assert_true (size_of (self->path) > before);
	assert_false (atomic_load (&self->wal.finish));
	assert_true (atomic_load (&self->wal.pages) < HUB_WAL_PAGES);
}

/* What is on the disk after a sync that failed is not known: the core must end and open the journal again. */
static void
test_keeper_takes_a_failed_sync_of_the_database_for_fatal (void **state)
{
	struct fixture *self = *state;
	struct keeper_news news = {0};
	while (atomic_load (&self->wal.pages) < HUB_WAL_PAGES)
		append (self);
	atomic_store (&sync_fails, true);
	append (self); /* the WAL is another file: commits go on */
	start (self, self->file, 0);
	uint64_t end_ms = clock_mono_ms () + PATIENCE_MS;
	for (keeper_hear (self->keeper, &news); !news.failed; keeper_hear (self->keeper, &news)) {
		assert_true (clock_mono_ms () < end_ms);
		sched_yield ();
	}
	assert_int_equal (news.failed, SIAGA_EIO);
	assert_non_null (strstr (news.words, "disk I/O error"));
}

static void
test_writer_takes_a_failed_sync_of_the_database_for_fatal (void **state)
{
	struct fixture *self = *state;
	append (self);
	atomic_store (&sync_fails, true);
	atomic_store (&self->wal.finish, true);
	assert_int_equal (self->journal->ops->begin (self->journal), SIAGA_EIO);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown (test_keeper_puts_the_note_into_its_file, setup,
						 teardown),
		cmocka_unit_test_setup_teardown (test_keeper_says_when_the_note_cannot_be_kept,
						 setup, teardown),
		cmocka_unit_test_setup_teardown (test_keeper_knows_a_disk_below_the_reserve, setup,
						 teardown),
		cmocka_unit_test_setup_teardown (test_keeper_copies_the_wal, setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_keeper_takes_a_failed_sync_of_the_database_for_fatal, setup, teardown),
		cmocka_unit_test_setup_teardown (
			test_writer_takes_a_failed_sync_of_the_database_for_fatal, setup, teardown),
		cmocka_unit_test_setup_teardown (test_writer_finishes_what_it_is_asked_to, setup,
						 teardown),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
