/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/file.h, each test in a fresh directory that is the current one while it runs. That bytes
 * survive a power cut cannot be shown here; that nothing half-made is left behind can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/file.h"
#include "directory_fixture.h"
#include "siaga/error.h"

static char s_directory[64];

static int
s_setup (void **state)
{
	(void) state;
	umask (022);
	fixture_enter (s_directory);
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	fixture_leave (s_directory);
	return 0;
}

static void
s_put (const char *path, const char *text)
{
	FILE *file = fopen (path, "w");
	assert_non_null (file);
	assert_true (fputs (text, file) >= 0);
	assert_int_equal (fclose (file), 0);
}

static void
s_assert_holds (const char *path, const char *text)
{
	uint8_t *data = NULL;
	size_t size = 0;
	assert_int_equal (file_read (path, 65536, &data, &size), 0);
	assert_int_equal (size, strlen (text));
	assert_string_equal ((char *) data, text);
	free (data);
}

static mode_t
s_mode (const char *path)
{
	struct stat status;
	assert_int_equal (stat (path, &status), 0);
	return status.st_mode & 07777;
}

/* How many names the current directory has. */
static int
s_names (void)
{
	int names = 0;
	DIR *directory = opendir (".");
	assert_non_null (directory);
	for (struct dirent *entry; (entry = readdir (directory));)
		names += entry->d_name[0] != '.' || strlen (entry->d_name) > 2;
	closedir (directory);
	return names;
}

/* Calls `write_file` where the file system takes no more than a few bytes of a file. */
static int
s_write_on_full_disk (int (*write_file) (const char *, mode_t, const void *, size_t),
		      const char *path)
{
	static uint8_t data[8192];
	struct rlimit before;
	getrlimit (RLIMIT_FSIZE, &before);
	struct rlimit small = {.rlim_cur = 100, .rlim_max = before.rlim_max};
	signal (SIGXFSZ, SIG_IGN);
	setrlimit (RLIMIT_FSIZE, &small);
	int result = write_file (path, 0600, data, sizeof data);
	int saved_errno = errno;
	setrlimit (RLIMIT_FSIZE, &before);
	signal (SIGXFSZ, SIG_DFL);
	assert_int_equal (saved_errno, EFBIG);
	return result;
}

static void
test_file_read_gives_all_bytes_and_a_nul (void **state)
{
	(void) state;
	uint8_t *data = NULL;
	size_t size = 0;
	assert_int_equal (file_write_new ("f", 0600, "a\0b\n", 4), 0);
	assert_int_equal (file_read ("f", 4, &data, &size), 0);
	assert_int_equal (size, 4);
	assert_memory_equal (data, "a\0b\n", 5);
	free (data);
}

static void
test_file_read_of_an_empty_file_is_no_error (void **state)
{
	(void) state;
	uint8_t *data = NULL;
	size_t size = 9;
	s_put ("f", "");
	assert_int_equal (file_read ("f", 0, &data, &size), 0);
	assert_int_equal (size, 0);
	assert_int_equal (data[0], 0);
	free (data);
}

static void
test_file_read_refuses_more_than_the_limit_and_leaves_outputs (void **state)
{
	(void) state;
	uint8_t *data = NULL;
	size_t size = 9;
	s_put ("f", "12345");
	assert_int_equal (file_read ("f", 4, &data, &size), SIAGA_ELIMIT);
	assert_int_equal (file_read ("f", 0, &data, &size), SIAGA_ELIMIT);
	assert_null (data);
	assert_int_equal (size, 9);
}

static void
test_file_read_stops_at_the_limit_of_an_endless_file (void **state)
{
	(void) state;
	uint8_t *data = NULL;
	size_t size = 0;
	assert_int_equal (file_read ("/dev/zero", 100000, &data, &size), SIAGA_ELIMIT);
	assert_null (data);
}

static void
test_file_read_grows_past_the_size_the_file_says (void **state)
{
	(void) state;
	static char text[50000];
	int pipe_fds[2];
	char path[64];
	uint8_t *data = NULL;
	size_t size = 0;
	memset (text, 'x', sizeof text);
	assert_int_equal (pipe2 (pipe_fds, O_CLOEXEC), 0);
	assert_int_equal (write (pipe_fds[1], text, sizeof text), sizeof text);
	snprintf (path, sizeof path, "/proc/self/fd/%d", pipe_fds[0]);
	/* The reader opens an end of its own, and sees the end once no writer is left. */
	int reader = open (path, O_RDONLY | O_CLOEXEC);
	assert_true (reader >= 0);
	close (pipe_fds[1]);
	snprintf (path, sizeof path, "/proc/self/fd/%d", reader);
	assert_int_equal (file_read (path, sizeof text, &data, &size), 0);
	assert_int_equal (size, sizeof text);
	assert_memory_equal (data, text, sizeof text);
	free (data);
	close (reader);
	close (pipe_fds[0]);
}

static void
test_file_read_tells_a_missing_file_from_a_failure (void **state)
{
	(void) state;
	uint8_t *data = NULL;
	size_t size = 0;
	assert_int_equal (file_read ("none", 10, &data, &size), SIAGA_ENOTFOUND);
	assert_int_equal (file_read ("none/f", 10, &data, &size), SIAGA_ENOTFOUND);
	assert_int_equal (file_read (".", 10, &data, &size), SIAGA_EIO);
	assert_int_equal (errno, EISDIR);
	assert_null (data);
}

static void
test_file_write_new_makes_a_file_with_its_mode (void **state)
{
	(void) state;
	assert_int_equal (file_write_new ("secret", 0600, "s", 1), 0);
	assert_int_equal (file_write_new ("card", 0644, "c", 1), 0);
	s_assert_holds ("secret", "s");
	assert_int_equal (s_mode ("secret"), 0600);
	assert_int_equal (s_mode ("card"), 0644);
}

static void
test_file_write_new_never_overwrites (void **state)
{
	(void) state;
	s_put ("f", "old");
	assert_int_equal (file_write_new ("f", 0600, "new", 3), SIAGA_EEXISTS);
	s_assert_holds ("f", "old");
}

static void
test_file_write_new_does_not_follow_a_dangling_link (void **state)
{
	(void) state;
	assert_int_equal (symlink ("elsewhere", "f"), 0);
	assert_int_equal (file_write_new ("f", 0600, "new", 3), SIAGA_EEXISTS);
	assert_int_not_equal (access ("elsewhere", F_OK), 0);
}

static void
test_file_write_new_leaves_nothing_when_the_disk_is_full (void **state)
{
	(void) state;
	assert_int_equal (s_write_on_full_disk (file_write_new, "f"), SIAGA_EIO);
	assert_int_equal (s_names (), 0);
}

static void
test_file_write_new_needs_its_directory (void **state)
{
	(void) state;
	assert_int_equal (file_write_new ("none/f", 0600, "a", 1), SIAGA_ENOTFOUND);
}

static void
test_file_replace_makes_and_replaces (void **state)
{
	(void) state;
	assert_int_equal (file_replace ("f", 0644, "one", 3), 0);
	s_assert_holds ("f", "one");
	assert_int_equal (file_replace ("f", 0600, "two!", 4), 0);
	s_assert_holds ("f", "two!");
	assert_int_equal (s_mode ("f"), 0600);
	assert_int_equal (s_names (), 1);
}

static void
test_file_replace_does_not_disturb_an_open_reader (void **state)
{
	(void) state;
	char text[8] = "";
	s_put ("f", "old");
	int fd = open ("f", O_RDONLY | O_CLOEXEC);
	assert_int_equal (file_replace ("f", 0600, "new", 3), 0);
	assert_int_equal (read (fd, text, sizeof text), 3);
	assert_string_equal (text, "old");
	close (fd);
}

static void
test_file_replace_keeps_the_old_when_the_disk_is_full (void **state)
{
	(void) state;
	s_put ("f", "old");
	assert_int_equal (s_write_on_full_disk (file_replace, "f"), SIAGA_EIO);
	s_assert_holds ("f", "old");
	assert_int_equal (s_names (), 1);
}

static void
test_file_replace_cannot_replace_a_directory (void **state)
{
	(void) state;
	assert_int_equal (mkdir ("d", 0700), 0);
	assert_int_equal (file_replace ("d", 0600, "a", 1), SIAGA_EIO);
	assert_int_equal (s_names (), 1);
}

static void
test_file_mkdirs_makes_all_that_is_missing (void **state)
{
	(void) state;
	char path[128];
	assert_int_equal (mkdir ("a", 0755), 0);
	assert_int_equal (file_mkdirs ("a/b//c/", 0700), 0);
	assert_int_equal (s_mode ("a"), 0755);
	assert_int_equal (s_mode ("a/b"), 0700);
	assert_int_equal (s_mode ("a/b/c"), 0700);
	assert_int_equal (file_mkdirs ("a/b/c", 0755), 0);
	assert_int_equal (s_mode ("a/b/c"), 0700);
	snprintf (path, sizeof path, "%s/x/y", s_directory);
	assert_int_equal (file_mkdirs (path, 0700), 0);
	assert_int_equal (s_mode ("x/y"), 0700);
	assert_int_equal (file_mkdirs ("/", 0700), 0);
}

static void
test_file_mkdirs_stops_at_a_file_in_the_way (void **state)
{
	(void) state;
	s_put ("f", "");
	assert_int_equal (file_mkdirs ("f", 0700), SIAGA_EEXISTS);
	assert_int_equal (file_mkdirs ("f/b", 0700), SIAGA_EEXISTS);
	assert_int_equal (file_mkdirs ("", 0700), SIAGA_ENOTFOUND);
}

static void
test_file_lock_is_held_by_one_until_closed (void **state)
{
	(void) state;
	int first = file_lock ("lock");
	assert_true (first >= 0);
	assert_int_equal (s_mode ("lock"), 0600);
	assert_int_equal (file_lock ("lock"), SIAGA_ELOCKED);
	close (first);
	int second = file_lock ("lock");
	assert_true (second >= 0);
	close (second);
}

static void
test_file_lock_needs_its_directory (void **state)
{
	(void) state;
	assert_int_equal (file_lock ("none/lock"), SIAGA_ENOTFOUND);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST (test_file_read_gives_all_bytes_and_a_nul),
		FILE_TEST (test_file_read_of_an_empty_file_is_no_error),
		FILE_TEST (test_file_read_refuses_more_than_the_limit_and_leaves_outputs),
		FILE_TEST (test_file_read_stops_at_the_limit_of_an_endless_file),
		FILE_TEST (test_file_read_grows_past_the_size_the_file_says),
		FILE_TEST (test_file_read_tells_a_missing_file_from_a_failure),
		FILE_TEST (test_file_write_new_makes_a_file_with_its_mode),
		FILE_TEST (test_file_write_new_never_overwrites),
		FILE_TEST (test_file_write_new_does_not_follow_a_dangling_link),
		FILE_TEST (test_file_write_new_leaves_nothing_when_the_disk_is_full),
		FILE_TEST (test_file_write_new_needs_its_directory),
		FILE_TEST (test_file_replace_makes_and_replaces),
		FILE_TEST (test_file_replace_does_not_disturb_an_open_reader),
		FILE_TEST (test_file_replace_keeps_the_old_when_the_disk_is_full),
		FILE_TEST (test_file_replace_cannot_replace_a_directory),
		FILE_TEST (test_file_mkdirs_makes_all_that_is_missing),
		FILE_TEST (test_file_mkdirs_stops_at_a_file_in_the_way),
		FILE_TEST (test_file_lock_is_held_by_one_until_closed),
		FILE_TEST (test_file_lock_needs_its_directory),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
