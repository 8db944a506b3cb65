/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/log.h: what a line looks like, and that hostile text cannot change that. Each test
 * captures standard error in a pipe, for as long as something is logged and no longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/log.h"

#define THREADS 4
#define LINES_PER_THREAD 50
#define CAPTURE_MAX 65536 /* bytes; what a pipe holds */

static struct {
	int stderr_fd;
	int read_fd;
	char text[CAPTURE_MAX];
	size_t size;
} s_capture;

static uint64_t
s_now_us (void *context)
{
	(void) context;
	return UINT64_C (1795507200123456); /* 2026-11-24T08:00:00.123456Z */
}

static const struct clock_source s_clock = {s_now_us, s_now_us, NULL};

static void
s_capture_begin (void)
{
	int pipe_fds[2];
	fflush (stderr);
	assert_int_equal (pipe2 (pipe_fds, O_CLOEXEC), 0);
	s_capture.stderr_fd = dup (STDERR_FILENO);
	s_capture.read_fd = pipe_fds[0];
	assert_true (dup2 (pipe_fds[1], STDERR_FILENO) == STDERR_FILENO);
	close (pipe_fds[1]);
}

/* What was written since s_capture_begin, as a string that lives until the next capture. */
static const char *
s_capture_end (void)
{
	dup2 (s_capture.stderr_fd, STDERR_FILENO);
	close (s_capture.stderr_fd);
	s_capture.size = 0;
	ssize_t got;
	while ((got = read (s_capture.read_fd, s_capture.text + s_capture.size,
			    sizeof s_capture.text - 1 - s_capture.size)) > 0)
		s_capture.size += (size_t) got;
	close (s_capture.read_fd);
	s_capture.text[s_capture.size] = '\0';
	return s_capture.text;
}

/* The line that `words` make, without its head. */
static const char *
s_logged (const char *words)
{
	s_capture_begin ();
	log_warn ("test", "%s", words);
	const char *line = s_capture_end ();
	const char *start = strstr (line, "test: ");
	assert_non_null (start);
	return start + strlen ("test: ");
}

static int
s_setup (void **state)
{
	(void) state;
	clock_set (&s_clock);
	unsetenv ("JOURNAL_STREAM");
	log_open ("siaga-agent", LOG_TO_STDERR, 0);
	return 0;
}

static void
test_log_line_has_time_program_level_id_and_words (void **state)
{
	(void) state;
	char expected[256];
	snprintf (
		expected, sizeof expected,
		"2026-11-24T08:00:00.123456Z siaga-agent[%ld] warn uplink-refused: role, retry in 5 s\n",
		(long) getpid ());
	s_capture_begin ();
	log_warn ("uplink-refused", "%s, retry in %d s", "role", 5);
	assert_string_equal (s_capture_end (), expected);
}

static void
test_log_line_to_the_journal_has_priority_for_time (void **state)
{
	(void) state;
	char stream[64];
	char expected[256];
	struct stat status;
	s_capture_begin ();
	fstat (STDERR_FILENO, &status);
	snprintf (stream, sizeof stream, "%ju:%ju", (uintmax_t) status.st_dev,
		  (uintmax_t) status.st_ino);
	setenv ("JOURNAL_STREAM", stream, 1);
	log_open ("siaga-hub", LOG_TO_STDERR, 1);
	log_error ("a", "1");
	log_warn ("b", "2");
	log_info ("c", "3");
	log_debug ("d", "4");
	const char *text = s_capture_end ();
	long pid = (long) getpid ();
	snprintf (expected, sizeof expected,
		  "<3>siaga-hub[%ld] error a: 1\n<4>siaga-hub[%ld] warn b: 2\n"
		  "<6>siaga-hub[%ld] info c: 3\n<7>siaga-hub[%ld] debug d: 4\n",
		  pid, pid, pid, pid);
	assert_string_equal (text, expected);
}

static void
test_log_keeps_the_time_when_the_journal_is_not_stderr (void **state)
{
	(void) state;
	setenv ("JOURNAL_STREAM", "0:0", 1);
	s_capture_begin ();
	log_open ("siaga-hub", LOG_TO_STDERR, 0);
	log_warn ("a", "1");
	assert_memory_equal (s_capture_end (), "2026-", 5);
}

static void
test_log_verbosity_chooses_the_levels (void **state)
{
	(void) state;
	static const struct {
		int verbosity;
		const char *levels;
	} cases[] = {{-9, "e"}, {-2, "e"}, {-1, "ew"}, {0, "ewi"}, {1, "ewid"}, {9, "ewid"}};
	for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
		log_open ("siaga", LOG_TO_STDERR, cases[index].verbosity);
		s_capture_begin ();
		log_error ("e", "-");
		log_warn ("w", "-");
		log_info ("i", "-");
		log_debug ("d", "-");
		const char *text = s_capture_end ();
		size_t found = 0;
		for (const char *at = text; (at = strstr (at, ": -\n")); at++)
			assert_int_equal (at[-1], cases[index].levels[found++]);
		assert_int_equal (found, strlen (cases[index].levels));
	}
}

static void
test_log_to_nothing_writes_nothing (void **state)
{
	(void) state;
	log_open ("siaga", LOG_TO_NOTHING, 1);
	s_capture_begin ();
	log_error ("a", "1");
	assert_string_equal (s_capture_end (), "");
}

static void
test_log_escapes_control_bytes (void **state)
{
	(void) state;
	assert_string_equal (s_logged ("a\nb\r\tc\x1b[2J\x7f\x01"),
			     "a\\x0ab\\x0d\\x09c\\x1b[2J\\x7f\\x01\n");
}

static void
test_log_escapes_c1_controls (void **state)
{
	(void) state;
	assert_string_equal (s_logged ("\xc2\x9b"
				       "2J\xc2\x85"),
			     "\\xc2\\x9b2J\\xc2\\x85\n");
}

static void
test_log_escapes_what_breaks_or_turns_a_line (void **state)
{
	(void) state;
	assert_string_equal (s_logged ("\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6"),
			     "\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xe2\\x81\\xa6\n");
}

static void
test_log_escapes_invalid_utf8 (void **state)
{
	(void) state;
	/* A lone byte, a lone lead at the end, overlong NUL and "/", a surrogate, beyond U+10FFFF,
	 * 0xff. */
	assert_string_equal (s_logged ("\x80."), "\\x80.\n");
	assert_string_equal (s_logged ("a\xe2\x82"), "a\\xe2\\x82\n");
	assert_string_equal (s_logged ("\xc0\x80"), "\\xc0\\x80\n");
	assert_string_equal (s_logged ("\xe0\x80\xaf"), "\\xe0\\x80\\xaf\n");
	assert_string_equal (s_logged ("\xed\xa0\x80"), "\\xed\\xa0\\x80\n");
	assert_string_equal (s_logged ("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80\n");
	assert_string_equal (s_logged ("\xff"), "\\xff\n");
}

static void
test_log_keeps_valid_utf8 (void **state)
{
	(void) state;
	const char *words = "surat suara \xc3\xa9 \xe2\x82\xac \xed\x9f\xbf \xf0\x9f\x97\xb3";
	char expected[128];
	snprintf (expected, sizeof expected, "%s\n", words);
	assert_string_equal (s_logged (words), expected);
}

static void
test_log_escapes_the_id_too (void **state)
{
	(void) state;
	s_capture_begin ();
	log_warn ("a\nb", "c");
	assert_non_null (strstr (s_capture_end (), " warn a\\x0ab: c\n"));
}

static void
test_log_line_is_bounded_and_marked (void **state)
{
	(void) state;
	static char words[3 * LOG_LINE_MAX];
	const char end[] = "\xe2\x80\xa6\n";
	const char *fillings[] = {"a", "\x01", "\xc3\xa9"};
	for (size_t index = 0; index < sizeof fillings / sizeof *fillings; index++) {
		size_t size = strlen (fillings[index]);
		for (size_t at = 0; at + size < sizeof words; at += size)
			memcpy (words + at, fillings[index], size);
		words[(sizeof words - 1) / size * size] = '\0';
		s_logged (words);
		assert_in_range (s_capture.size, LOG_LINE_MAX - 4, LOG_LINE_MAX);
		assert_string_equal (s_capture.text + s_capture.size - strlen (end), end);
		assert_ptr_equal (strchr (s_capture.text, '\n'),
				  s_capture.text + s_capture.size - 1);
	}
}

static void
test_log_line_that_just_fits_is_not_marked (void **state)
{
	(void) state;
	char words[LOG_LINE_MAX];
	s_logged ("");
	size_t room = LOG_LINE_MAX - 3 - s_capture.size; /* what the mark would take is kept free */
	memset (words, 'a', room);
	words[room] = '\0';
	s_logged (words);
	assert_int_equal (s_capture.size, LOG_LINE_MAX - 3);
	assert_int_equal (s_capture.text[s_capture.size - 2], 'a');
}

static void
test_log_leaves_errno_alone (void **state)
{
	(void) state;
	s_capture_begin ();
	close (STDERR_FILENO);
	errno = ENOSPC;
	log_error ("a", "1");
	assert_int_equal (errno, ENOSPC);
	s_capture_end ();
}

static void *
s_log_many (void *arg)
{
	for (int line = 0; line < LINES_PER_THREAD; line++)
		log_info ("thread", "%s says that its line is whole", (const char *) arg);
	return NULL;
}

static void
test_log_lines_of_threads_do_not_mix (void **state)
{
	(void) state;
	static char names[THREADS][2] = {"a", "b", "c", "d"};
	pthread_t threads[THREADS];
	s_capture_begin ();
	for (size_t index = 0; index < THREADS; index++)
		pthread_create (&threads[index], NULL, s_log_many, names[index]);
	for (size_t index = 0; index < THREADS; index++)
		pthread_join (threads[index], NULL);

	int lines = 0;
	char *save = NULL;
	s_capture_end ();
	for (char *line = strtok_r (s_capture.text, "\n", &save); line;
	     line = strtok_r (NULL, "\n", &save)) {
		assert_memory_equal (line, "2026-11-24T08:00:00.123456Z siaga-agent[", 40);
		const char *words = strstr (line, "thread: ");
		assert_non_null (words);
		assert_string_equal (words + strlen ("thread: a"), " says that its line is whole");
		lines++;
	}
	assert_int_equal (lines, THREADS * LINES_PER_THREAD);
}

static void
test_log_escapes_what_is_not_seen (void **state)
{
	(void) state;
	/* a zero-width space, a byte order mark, a tag character */
	assert_string_equal (s_logged ("a\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x81\x81z"),
			     "a\\xe2\\x80\\x8b\\xef\\xbb\\xbf\\xf3\\xa0\\x81\\x81z\n");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup (test_log_line_has_time_program_level_id_and_words, s_setup),
		cmocka_unit_test_setup (test_log_line_to_the_journal_has_priority_for_time,
					s_setup),
		cmocka_unit_test_setup (test_log_keeps_the_time_when_the_journal_is_not_stderr,
					s_setup),
		cmocka_unit_test_setup (test_log_verbosity_chooses_the_levels, s_setup),
		cmocka_unit_test_setup (test_log_to_nothing_writes_nothing, s_setup),
		cmocka_unit_test_setup (test_log_escapes_control_bytes, s_setup),
		cmocka_unit_test_setup (test_log_escapes_c1_controls, s_setup),
		cmocka_unit_test_setup (test_log_escapes_what_breaks_or_turns_a_line, s_setup),
		cmocka_unit_test_setup (test_log_escapes_invalid_utf8, s_setup),
		cmocka_unit_test_setup (test_log_keeps_valid_utf8, s_setup),
		cmocka_unit_test_setup (test_log_escapes_the_id_too, s_setup),
		cmocka_unit_test_setup (test_log_line_is_bounded_and_marked, s_setup),
		cmocka_unit_test_setup (test_log_line_that_just_fits_is_not_marked, s_setup),
		cmocka_unit_test_setup (test_log_leaves_errno_alone, s_setup),
		cmocka_unit_test_setup (test_log_lines_of_threads_do_not_mix, s_setup),
		cmocka_unit_test_setup (test_log_escapes_what_is_not_seen, s_setup),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
