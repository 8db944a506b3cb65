/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of the hub can no longer do once it is shut in. Each attempt is made in a child of its own, first
 * outside, where it must work (else it would show nothing), then inside, where it must be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "hub/sandbox.h"
#include "siaga/error.h"

#define STRANGE 250 /* a child's exit status for what should not happen */

static char s_file[] = "/tmp/siaga-sandbox-XXXXXX";
static uint16_t s_port; /* of s_listener, on which nobody is ever accepted */
static int s_listener = -1;

/* --- attempts: 0, or errno ------------------------------------------------------------------------------- */

static int
result_of (int fd)
{
	return fd < 0 ? errno : 0;
}

static int
try_read_file (void)
{
	return result_of (open (s_file, O_RDONLY));
}

static int
try_write_file (void)
{
	return result_of (open (s_file, O_WRONLY));
}

static int
try_make_file (void)
{
	return result_of (open ("/tmp", O_TMPFILE | O_WRONLY, 0600));
}

static int
try_truncate (void)
{
	return result_of (truncate (s_file, 0));
}

static int
try_connect (void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = s_port};
	int fd = socket (AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
	return fd < 0 ? errno : result_of (connect (fd, (struct sockaddr *) &to, sizeof to));
}

/* A datagram needs no connection. */
static int
try_datagram (void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = s_port};
	int fd = socket (AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
	return fd < 0 ? errno
		      : result_of (
				(int) sendto (fd, "x", 1, 0, (struct sockaddr *) &to, sizeof to));
}

/* A send can make a connection. */
static int
try_fast_open (void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = s_port};
	int fd = socket (AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
	return fd < 0 ? errno
		      : result_of ((int) sendto (fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *) &to,
						 sizeof to));
}

static int
try_listen (void)
{
	int fd = socket (AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? errno : result_of (listen (fd, 1));
}

static int
try_execve (void)
{
	char *const argv[] = {(char[]){"true"}, NULL};
	char *const envp[] = {NULL};

	execve ("/bin/true", argv, envp);
	return errno;
}

static int
try_fork (void)
{
	pid_t pid = fork ();

	if (pid == 0)
		_exit (0);
	return result_of (pid);
}

static int
try_ptrace (void)
{
	return result_of ((int) ptrace (PTRACE_TRACEME, 0, NULL, NULL));
}

/* The parent is of the same user. */
static int
try_kill (void)
{
	return result_of (kill (getppid (), 0));
}

static int
try_limit_another (void)
{
	struct rlimit limit;

	return result_of (prlimit (getppid (), RLIMIT_NOFILE, NULL, &limit));
}

/* Signals at will to whoever "owns" a descriptor. */
static int
try_own (void)
{
	return result_of (fcntl (s_listener, F_SETOWN, getppid ()));
}

static int
try_dumpable (void)
{
	return result_of (prctl (PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int
try_ioctl (void)
{
	int size;

	/* A listener has nothing to be read and says so. */
	return ioctl (s_listener, FIONREAD, &size) < 0 && errno != EINVAL ? errno : 0;
}

static int
try_unix_socket (void)
{
	return result_of (socket (AF_UNIX, SOCK_DGRAM, 0));
}

/* Of its own: what abort (3) needs. */
static int
try_raise (void)
{
	return raise (0);
}

static int
try_code (void)
{
	void *page = mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : 0;
}

static void *
idle (void *arg)
{
	return arg;
}

static int
try_thread (void)
{
	pthread_t thread;
	int error = pthread_create (&thread, NULL, idle, NULL);

	return error ? error : pthread_join (thread, NULL);
}

static int
try_unix_pair (void)
{
	int fds[2];

	return result_of (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, fds));
}

/* --- shutting in ----------------------------------------------------------------------------------------- */

static int
enter_nothing (void)
{
	return 0;
}

static int
enter_gate (void)
{
	int error = sandbox_enter_gate (SANDBOX_REQUIRED);
	return error ? error : sandbox_seal_gate (SANDBOX_REQUIRED);
}

static int
enter_core (void)
{
	return sandbox_enter_core (SANDBOX_REQUIRED);
}

/* What an attempt comes to in a child that has shut itself in. execve that works ends with 0 like the others. */
static int
attempt (int (*enter) (void), int (*act) (void))
{
	int status;
	pid_t pid = fork ();

	if (pid == 0) {
		int error = enter ();
		_exit (error ? STRANGE : act ());
	}
	assert_true (pid > 0);
	assert_int_equal (waitpid (pid, &status, 0), pid);
	return WIFEXITED (status) ? WEXITSTATUS (status) : STRANGE;
}

static void
assert_all (int (*enter) (void), int (*const *acts) (void), size_t count, bool refused)
{
	for (size_t i = 0; i < count; i++) {
		assert_int_equal (attempt (enter_nothing, acts[i]), 0);
		int result = attempt (enter, acts[i]);
		if ((result == EACCES) != refused || result == STRANGE)
			fail_msg ("attempt %zu: %s", i, strerror (result));
	}
}

#define ASSERT_ALL(enter, refused, ...)                                                            \
	do {                                                                                       \
		static int (*const acts[]) (void) = {__VA_ARGS__};                                 \
		assert_all (enter, acts, sizeof acts / sizeof *acts, refused);                     \
	} while (0)

/* --- tests ----------------------------------------------------------------------------------------------- */

static void
skip_unless_there (void)
{
	if (attempt (enter_gate, enter_nothing) != 0) {
		print_message ("no Landlock or no seccomp here, or a build with a sanitizer\n");
		skip ();
	}
}

static void
test_gate_can_touch_no_file_and_reach_nobody (void **state)
{
	(void) state;
	skip_unless_there ();
	ASSERT_ALL (enter_gate, true, try_read_file, try_write_file, try_make_file, try_truncate,
		    try_connect, try_datagram, try_fast_open, try_execve, try_fork, try_ptrace,
		    try_code, try_unix_socket, try_unix_pair);
	ASSERT_ALL (enter_gate, true, try_kill, try_limit_another, try_own, try_dumpable,
		    try_ioctl);
	ASSERT_ALL (enter_gate, false, try_thread, try_listen, try_raise);
}

static void
test_core_has_no_network_and_starts_nothing (void **state)
{
	(void) state;
	skip_unless_there ();
	ASSERT_ALL (enter_core, true, try_connect, try_datagram, try_fast_open, try_listen,
		    try_execve, try_fork, try_ptrace);
	ASSERT_ALL (enter_core, false, try_read_file, try_write_file, try_make_file, try_thread,
		    try_unix_pair);
}

/* Landlock alone: without seccomp, a file is still out of reach. */
static int
enter_landlock (void)
{
	return sandbox_landlock (false, true);
}

static void
test_landlock_alone_keeps_files_out_of_reach (void **state)
{
	(void) state;
	skip_unless_there ();
	ASSERT_ALL (enter_landlock, true, try_read_file, try_write_file, try_make_file, try_execve);
}

/* --- where a part is missing -------------------------------------------------------------------------------- */

/* A container whose own filter hides the call, as a kernel that is too old would. */
static int
hide_landlock (void)
{
	scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
	int error = filter ? 0 : -ENOMEM;

	if (!error)
		error = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS),
					  SCMP_SYS (landlock_create_ruleset), 0);
	if (!error)
		error = seccomp_load (filter);
	seccomp_release (filter);
	return error;
}

/* prctl (2) does the same as seccomp (2). */
static int
hide_seccomp (void)
{
	scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);
	int error = filter ? 0 : -ENOMEM;

	if (!error)
		error = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EINVAL), SCMP_SYS (seccomp), 0);
	if (!error)
		error = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EINVAL), SCMP_SYS (prctl), 1,
					  SCMP_A0 (SCMP_CMP_EQ, PR_SET_SECCOMP));
	if (!error)
		error = seccomp_load (filter);
	seccomp_release (filter);
	return error;
}

static int
enter_gate_if_possible (void)
{
	int error = sandbox_enter_gate (SANDBOX_AUTO);
	return error ? error : sandbox_seal_gate (SANDBOX_AUTO);
}

static int
enter_without_landlock (void)
{
	int error = hide_landlock ();
	return error ? error : enter_gate_if_possible ();
}

static int
enter_without_seccomp (void)
{
	int error = hide_seccomp ();
	return error ? error : enter_gate_if_possible ();
}

static int
insist_without_landlock (void)
{
	int error = hide_landlock ();
	return error ? error : enter_gate ();
}

static int
insist_without_seccomp (void)
{
	int error = hide_seccomp ();
	return error ? error : enter_gate ();
}

static void
test_where_a_part_is_missing_the_other_one_has_to_do (void **state)
{
	(void) state;
	skip_unless_there ();
	ASSERT_ALL (enter_without_landlock, true, try_read_file, try_write_file, try_make_file,
		    try_connect, try_datagram, try_execve, try_fork, try_ptrace);
	ASSERT_ALL (enter_without_landlock, false, try_thread, try_listen);
	ASSERT_ALL (enter_without_seccomp, true, try_read_file, try_write_file, try_make_file,
		    try_execve);
	ASSERT_ALL (enter_without_seccomp, false, try_thread, try_listen);
}

static void
test_where_a_part_is_missing_and_required_nothing_starts (void **state)
{
	(void) state;
	skip_unless_there ();
	assert_int_equal (attempt (hide_landlock, enter_nothing), 0);
	assert_int_equal (attempt (hide_seccomp, enter_nothing), 0);
	assert_int_equal (attempt (insist_without_landlock, enter_nothing), STRANGE);
	assert_int_equal (attempt (insist_without_seccomp, enter_nothing), STRANGE);
}

static int
show_dumpable (void)
{
	return prctl (PR_GET_DUMPABLE, 0, 0, 0, 0);
}

static int
enter_without (void)
{
	return sandbox_enter_gate (SANDBOX_OFF);
}

static void
test_off_is_off_but_never_dumpable (void **state)
{
	(void) state;
	assert_int_equal (attempt (enter_without, show_dumpable), 0);
	assert_int_equal (attempt (enter_without, try_write_file), 0);
}

#ifdef SIAGA_SANITIZED
static int
enter_auto (void)
{
	return sandbox_enter_gate (SANDBOX_AUTO);
}

static void
test_what_is_missing_is_passed_over_unless_required (void **state)
{
	(void) state;
	assert_int_equal (attempt (enter_auto, enter_nothing), 0);
	assert_int_equal (attempt (enter_gate, enter_nothing), STRANGE);
}
#endif

static int
set_up (void **state)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t size = sizeof here;

	(void) state;
	log_open ("test", LOG_TO_NOTHING, -2);
	here.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
	s_listener = socket (AF_INET, SOCK_STREAM, 0);
	if (bind (s_listener, (struct sockaddr *) &here, sizeof here) != 0 ||
	    listen (s_listener, 64) != 0 ||
	    getsockname (s_listener, (struct sockaddr *) &here, &size) != 0)
		return -1;
	s_port = here.sin_port;
	int fd = mkstemp (s_file);
	return fd < 0 ? -1 : close (fd);
}

static int
tear_down (void **state)
{
	(void) state;
	close (s_listener);
	return unlink (s_file);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_gate_can_touch_no_file_and_reach_nobody),
		cmocka_unit_test (test_core_has_no_network_and_starts_nothing),
		cmocka_unit_test (test_landlock_alone_keeps_files_out_of_reach),
		cmocka_unit_test (test_where_a_part_is_missing_the_other_one_has_to_do),
		cmocka_unit_test (test_where_a_part_is_missing_and_required_nothing_starts),
		cmocka_unit_test (test_off_is_off_but_never_dumpable),
#ifdef SIAGA_SANITIZED
		cmocka_unit_test (test_what_is_missing_is_passed_over_unless_required),
#endif
	};

	return cmocka_run_group_tests (tests, set_up, tear_down);
}
