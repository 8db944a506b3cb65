/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/passphrase.c on a terminal of its own: a child in a new session asks, and the test types at the other
 * end, each time only after it has seen the prompt.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "common/identity_file.h"
#include "siaga/error.h"

#define PROMPT "Passphrase of a/b: "

/* What came of one question. */
struct answer {
	int status;
	char passphrase[PASSPHRASE_MAX];
	bool echo_after; /* the terminal shows again what is typed */
};

static bool
s_echoes (int tty)
{
	struct termios mode;

	assert_int_equal (tcgetattr (tty, &mode), 0);
	return (mode.c_lflag & ECHO) != 0;
}

/* The child: asks and reports on `report`. */
static void
s_ask (int report)
{
	struct answer answer = {.passphrase = "before"};

	answer.status = identity_ask_tty (NULL, "a/b", answer.passphrase);
	answer.echo_after = s_echoes (STDIN_FILENO);
	exit (write (report, &answer, sizeof answer) == sizeof answer ? 0 : 1);
}

/* What the terminal shows, up to the prompt. */
static void
s_await_prompt (int master)
{
	char shown[sizeof PROMPT] = "";
	size_t size = 0;

	while (size < sizeof PROMPT - 1) {
		assert_int_equal (read (master, shown + size, 1), 1);
		size++;
	}
	assert_string_equal (shown, PROMPT);
}

/* Asks on a new terminal and types this; without anything, hangs up. */
static struct answer
s_type (const char *keys)
{
	struct answer answer = {0};
	int master, report[2], status;
	pid_t child;

	fflush (NULL);
	assert_int_equal (pipe2 (report, O_CLOEXEC), 0);
	child = forkpty (&master, NULL, NULL, NULL);
	assert_true (child >= 0);
	if (child == 0)
		s_ask (report[1]);
	close (report[1]);
	s_await_prompt (master);
	assert_false (s_echoes (master));
	assert_int_equal (write (master, keys, strlen (keys)), strlen (keys));
	assert_int_equal (read (report[0], &answer, sizeof answer), sizeof answer);
	assert_int_equal (waitpid (child, &status, 0), child);
	assert_int_equal (status, 0);
	close (report[0]);
	close (master);
	assert_true (answer.echo_after);
	return answer;
}

static void
test_passphrase_is_the_line_typed_without_echo (void **state)
{
	struct answer answer = s_type ("dua kata\n");

	(void) state;
	assert_int_equal (answer.status, 0);
	assert_string_equal (answer.passphrase, "dua kata");
}

static void
test_passphrase_may_be_empty (void **state)
{
	struct answer answer = s_type ("\n");

	(void) state;
	assert_int_equal (answer.status, 0);
	assert_string_equal (answer.passphrase, "");
}

static void
s_assert_refused (const char *keys)
{
	static const char zero[PASSPHRASE_MAX];
	struct answer answer = s_type (keys);

	assert_int_equal (answer.status, SIAGA_EPASSPHRASE);
	assert_memory_equal (answer.passphrase, zero, sizeof zero);
}

static void
test_passphrase_interrupted_leaves_nothing_behind (void **state)
{
	(void) state;
	s_assert_refused ("abc\003def\n");
}

static void
test_passphrase_ended_before_its_newline_is_none (void **state)
{
	(void) state;
	s_assert_refused ("abc\004\004");
}

static void
test_passphrase_that_is_too_long_is_refused (void **state)
{
	char keys[PASSPHRASE_MAX + 2];

	(void) state;
	memset (keys, 'x', sizeof keys);
	keys[PASSPHRASE_MAX] = '\n';
	keys[PASSPHRASE_MAX + 1] = '\0';
	s_assert_refused (keys);
	keys[PASSPHRASE_MAX - 1] = '\n';
	keys[PASSPHRASE_MAX] = '\0';
	assert_int_equal (s_type (keys).status, 0);
}

static void
test_passphrase_without_a_terminal_cannot_be_asked (void **state)
{
	int status;
	pid_t child;

	(void) state;
	fflush (NULL);
	child = fork ();
	assert_true (child >= 0);
	if (child == 0) {
		char out[PASSPHRASE_MAX] = "kept";

		setsid (); /* leaves the terminal, if there was one */
		exit (passphrase_read ("?", out) == SIAGA_EPASSPHRASE ? 0 : 1);
	}
	assert_int_equal (waitpid (child, &status, 0), child);
	assert_int_equal (status, 0);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_passphrase_is_the_line_typed_without_echo),
		cmocka_unit_test (test_passphrase_may_be_empty),
		cmocka_unit_test (test_passphrase_interrupted_leaves_nothing_behind),
		cmocka_unit_test (test_passphrase_ended_before_its_newline_is_none),
		cmocka_unit_test (test_passphrase_that_is_too_long_is_refused),
		cmocka_unit_test (test_passphrase_without_a_terminal_cannot_be_asked),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
