/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/out_file.h: only an incomplete tail is ever cut, and the last line says where to go on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "cli/out_file.h"
#include "roster_fixture.h"
#include "siaga/error.h"
#include "siaga/names.h"

#define LOG_ID "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define LINE(n)                                                                                    \
	"{\"number\":" #n ",\"id\":\"019de000-0000-7000-8000-00000000000" #n                       \
	"\",\"cursor\":\"" LOG_ID ":" #n ":\"}\n"

static char s_directory[64];

static int
s_setup (void **state)
{
	(void) state;
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
s_assert_content (const char *expected)
{
	uint8_t *data = NULL;
	size_t size = 0;
	assert_int_equal (file_read ("out", 1 << 24, &data, &size), 0);
	assert_string_equal ((char *) data, expected);
	free (data);
}

/* Opens, expects the cursor's number (0: none), closes. */
static void
s_assert_opens (uint64_t next)
{
	struct out_file *file = NULL;
	struct siaga_cursor cursor = {0};
	char words[OUT_FILE_WORDS] = "";
	assert_int_equal (out_file_open (&file, "out", words), 0);
	assert_int_equal (out_file_cursor (file, &cursor), next > 0);
	assert_int_equal (cursor.next, next);
	out_file_close (&file);
	assert_null (file);
}

/* Refuses to open for these words, and leaves the bytes alone. */
static void
s_assert_refused (const char *content, int error, const char *expected)
{
	struct out_file *file = NULL;
	char words[OUT_FILE_WORDS] = "";
	fixture_write ("out", content);
	assert_int_equal (out_file_open (&file, "out", words), error);
	assert_null (file);
	assert_non_null (strstr (words, expected));
	s_assert_content (content);
}

static void
test_out_file_new_one_has_no_cursor (void **state)
{
	(void) state;
	s_assert_opens (0);
	s_assert_content ("");
}

static void
test_out_file_goes_on_from_its_last_line (void **state)
{
	(void) state;
	fixture_write ("out", LINE (1) LINE (2));
	s_assert_opens (2);
	s_assert_content (LINE (1) LINE (2));
}

static void
test_out_file_cuts_a_half_last_line_at_every_byte (void **state)
{
	(void) state;
	static const char whole[] = LINE (1) LINE (2);
	for (size_t size = sizeof (LINE (1)) - 1; size < sizeof whole - 1; size++) {
		char content[sizeof whole];
		memcpy (content, whole, size);
		content[size] = '\0';
		fixture_write ("out", content);
		s_assert_opens (1);
		s_assert_content (LINE (1));
	}
}

static void
test_out_file_cuts_a_first_line_that_is_half (void **state)
{
	(void) state;
	fixture_write ("out", "{\"number\":1");
	s_assert_opens (0);
	s_assert_content ("");
}

static void
test_out_file_refuses_a_whole_line_that_is_not_its_own (void **state)
{
	(void) state;
	s_assert_refused (LINE (1) "garbage\n", SIAGA_EFORMAT, "out:2: ");
	s_assert_refused (LINE (1) "{\"number\":2}\n", SIAGA_EFORMAT, "out:2: ");
	s_assert_refused (LINE (1) "\n", SIAGA_EFORMAT, "out:2: ");
	s_assert_refused ("notes\nof mine\n", SIAGA_EFORMAT, "out:2: ");
	s_assert_refused ("{\"cursor\":\"x\"}\n", SIAGA_EFORMAT, "out:1: ");
}

static void
test_out_file_refuses_garbage_before_a_half_line (void **state)
{
	(void) state;
	s_assert_refused (LINE (1) "garbage\n{\"half", SIAGA_EFORMAT, "out:2: ");
}

static void
test_out_file_refuses_a_tail_too_long_to_be_a_line (void **state)
{
	(void) state;
	size_t size = 3 * OUT_FILE_LINE_MAX;
	char *content = malloc (size + 1);
	memset (content, 'x', size);
	content[size] = '\0';
	s_assert_refused (content, SIAGA_EFORMAT, "not a line that siaga watch --out wrote");
	content[size - 1] = '\n';
	s_assert_refused (content, SIAGA_EFORMAT, "out:1: ");
	content[0] = '\n';
	content[size - 1] = 'x';
	s_assert_refused (content, SIAGA_EFORMAT, "not a line");
	free (content);
}

static void
test_out_file_belongs_to_one_process (void **state)
{
	(void) state;
	struct out_file *file = NULL;
	struct out_file *other = NULL;
	char words[OUT_FILE_WORDS] = "";
	assert_int_equal (out_file_open (&file, "out", words), 0);
	assert_int_equal (out_file_open (&other, "out", words), SIAGA_ELOCKED);
	assert_non_null (strstr (words, "another process"));
	out_file_close (&file);
	assert_int_equal (out_file_open (&other, "out", words), 0);
	out_file_close (&other);
}

static void
test_out_file_says_why_it_cannot_be_made (void **state)
{
	(void) state;
	struct out_file *file = NULL;
	char words[OUT_FILE_WORDS] = "";
	assert_int_equal (out_file_open (&file, "no/out", words), SIAGA_ENOTFOUND);
	assert_non_null (strstr (words, "no/out: No such file"));
	assert_int_equal (out_file_open (&file, ".", words), SIAGA_EIO);
}

static void
test_out_file_writes_nothing_before_it_is_synced (void **state)
{
	(void) state;
	struct out_file *file = NULL;
	char words[OUT_FILE_WORDS] = "";
	assert_int_equal (out_file_open (&file, "out", words), 0);
	assert_int_equal (out_file_add (file, LINE (1), strlen (LINE (1))), 0);
	s_assert_content ("");
	assert_int_equal (out_file_sync (file), 0);
	assert_int_equal (out_file_add (file, LINE (2), strlen (LINE (2))), 0);
	assert_int_equal (out_file_add (file, LINE (3), strlen (LINE (3))), 0);
	assert_int_equal (out_file_sync (file), 0);
	assert_int_equal (out_file_sync (file), 0);
	s_assert_content (LINE (1) LINE (2) LINE (3));
	out_file_close (&file);
	s_assert_opens (3);
}

static void
test_out_file_learns_what_was_handled (void **state)
{
	(void) state;
	struct out_file *file = NULL;
	struct handled *handled = handled_new (0);
	uint8_t id[SIAGA_ID_BYTES];
	char words[OUT_FILE_WORDS] = "";
	fixture_write ("out", LINE (1) LINE (2) LINE (5));
	assert_int_equal (out_file_open (&file, "out", words), 0);
	assert_int_equal (out_file_handled (file, handled, words), 0);
	assert_int_equal (handled_count (handled), 3);
	siaga_uuid_parse (id, siaga_text ("019de000-0000-7000-8000-000000000005"));
	assert_true (handled_has (handled, id));
	out_file_close (&file);
	fixture_write ("out", LINE (1) "garbage\n" LINE (2));
	assert_int_equal (out_file_open (&file, "out", words), 0);
	assert_int_equal (out_file_handled (file, handled, words), SIAGA_EFORMAT);
	assert_non_null (strstr (words, "out:2: "));
	out_file_close (&file);
	handled_destroy (&handled);
}

/* A disk that is full for a moment, which a bound on the size of files plays: what is half there is not written again
   behind that half. */
static void
test_out_file_writes_nothing_after_it_failed (void **state)
{
	(void) state;
	const size_t line = sizeof (LINE (1)) - 1;
	struct out_file *file = NULL;
	struct rlimit before, full;
	char words[OUT_FILE_WORDS];
	assert_int_equal (out_file_open (&file, "out", words), 0);
	assert_int_equal (out_file_add (file, LINE (1), line), 0);
	assert_int_equal (out_file_add (file, LINE (2), line), 0);
	signal (SIGXFSZ, SIG_IGN);
	assert_int_equal (getrlimit (RLIMIT_FSIZE, &before), 0);
	full = (struct rlimit){line + 10, before.rlim_max};
	assert_int_equal (setrlimit (RLIMIT_FSIZE, &full), 0);
	assert_int_equal (out_file_sync (file), SIAGA_EIO);
	assert_int_equal (errno, EFBIG);
	assert_int_equal (setrlimit (RLIMIT_FSIZE, &before), 0);
	errno = 0;
	assert_int_equal (out_file_sync (file), SIAGA_EIO);
	assert_int_equal (errno, EFBIG);
	out_file_close (&file);
	s_assert_opens (1);
	s_assert_content (LINE (1));
}

int
main (void)
{
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
	const struct CMUnitTest tests[] = {
		TEST (test_out_file_new_one_has_no_cursor),
		TEST (test_out_file_goes_on_from_its_last_line),
		TEST (test_out_file_cuts_a_half_last_line_at_every_byte),
		TEST (test_out_file_cuts_a_first_line_that_is_half),
		TEST (test_out_file_refuses_a_whole_line_that_is_not_its_own),
		TEST (test_out_file_refuses_garbage_before_a_half_line),
		TEST (test_out_file_refuses_a_tail_too_long_to_be_a_line),
		TEST (test_out_file_belongs_to_one_process),
		TEST (test_out_file_says_why_it_cannot_be_made),
		TEST (test_out_file_writes_nothing_before_it_is_synced),
		TEST (test_out_file_learns_what_was_handled),
		TEST (test_out_file_writes_nothing_after_it_failed),
	};
	return cmocka_run_group_tests (tests, NULL, NULL);
}
