/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filters. The gate's is a list of what libzmq, czmq and glibc were seen to call (strace) and their next of kin;
 * everything else is refused, not killed for: what is missing here may then still have a way around. The core's is a
 * list of what it has no business with: SQLite may call what it likes, but nothing reaches the network.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hub/sandbox.h"

#define REFUSE SCMP_ACT_ERRNO (EACCES)
#define ABSENT SCMP_ACT_ERRNO (ENOSYS) /* glibc tries an older call then */
#define SOCKET_TYPE_MASK 0xf	       /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
#define NAMES(array) (array), sizeof (array) / sizeof *(array)
#define VALUES(array) NAMES (array)

static const char *const s_gate_calls[] = {
	/* bytes and descriptors */
	"read", "readv", "write", "writev", "close", "dup", "fstat", "fstat64", "newfstatat",
	"lseek", "pipe2", "eventfd2", "timerfd_create", "timerfd_settime", "epoll_create1",
	"epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select",
	"pselect6",
	/* sockets; what makes one, or could connect, has rules of its own */
	"bind", "listen", "accept", "accept4", "connect", "shutdown", "getsockname", "getpeername",
	"getsockopt", "setsockopt", "recvfrom", "recvmsg",
	/* memory */
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock",
	/* threads, signals, time */
	"futex", "futex_time64", "set_robust_list", "rseq", "membarrier", "exit", "exit_group",
	"getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "restart_syscall",
	"sched_yield", "sched_getaffinity", "sched_getscheduler", "sched_getparam", "clock_gettime",
	"clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom",
	"uname", "sysinfo", "getrusage", "getrlimit",
	/* for sandbox_seccomp_seal () */
	"seccomp"};

static const char *const s_core_refused[] = {
	/* other programs, other processes */
	"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
	"kcmp", "fork", "vfork",
	/* the network, by whichever door */
	"connect", "io_uring_setup", "io_uring_enter", "io_uring_register",
	/* the machine */
	"mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount",
	"fsopen", "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key",
	"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
	"swapon", "swapoff", "acct", "sethostname", "setdomainname", "settimeofday",
	"clock_settime", "clock_adjtime", "adjtimex", "mknod", "mknodat", "personality"};

/* A rule for each name; those that this machine's processor does not have are passed over. */
static int
s_add_all (scmp_filter_ctx filter, uint32_t action, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int call = seccomp_syscall_resolve_name (names[i]);
		int error =
			call == __NR_SCMP_ERROR ? 0 : seccomp_rule_add (filter, action, call, 0);
		if (error && error != -EDOM)
			return error;
	}
	return 0;
}

/* A rule about one argument: allowed, or refused, where (argument & mask) == value. */
static int
s_add (scmp_filter_ctx filter, uint32_t action, int call, unsigned argument, scmp_datum_t mask,
       scmp_datum_t value)
{
	return seccomp_rule_add (filter, action, call, 1,
				 SCMP_CMP (argument, SCMP_CMP_MASKED_EQ, mask, value));
}

/* TCP to listen on; UNIX; netlink, by which libzmq asks which interface is which. */
static int
s_allow_sockets (scmp_filter_ctx filter)
{
	static const int inet[] = {AF_INET, AF_INET6};
	int error = 0;

	for (size_t i = 0; i < sizeof inet / sizeof *inet && !error; i++)
		error = seccomp_rule_add (
			filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), 2,
			SCMP_A0_32 (SCMP_CMP_EQ, (uint32_t) inet[i]),
			SCMP_A1_32 (SCMP_CMP_MASKED_EQ, SOCKET_TYPE_MASK, SOCK_STREAM));
	if (!error)
		error = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), 1,
					  SCMP_A0_32 (SCMP_CMP_EQ, AF_UNIX));
	if (!error)
		error = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (socket), 1,
					  SCMP_A0_32 (SCMP_CMP_EQ, AF_NETLINK));
	return error;
}

/* MSG_FASTOPEN makes a connection of a send. */
static int
s_allow_sends (scmp_filter_ctx filter)
{
	int error = s_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (sendto), 3, MSG_FASTOPEN, 0);

	return error ? error
		     : s_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (sendmsg), 2, MSG_FASTOPEN, 0);
}

/* Threads but no processes; no memory that is code. clone3's arguments cannot be looked at. */
static int
s_allow_threads (scmp_filter_ctx filter)
{
	int error = s_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), 0, CLONE_THREAD, CLONE_THREAD);

	if (!error)
		error = seccomp_rule_add (filter, ABSENT, SCMP_SYS (clone3), 0);
	if (!error)
		error = s_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mmap), 2, PROT_EXEC, 0);
	return error ? error : s_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (mprotect), 2, PROT_EXEC, 0);
}

/* Allowed where the argument is one of these. */
static int
s_allow_values (scmp_filter_ctx filter, int call, unsigned argument, const int *values,
		size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = s_add (filter, SCMP_ACT_ALLOW, call, argument, UINT32_MAX,
			       (uint32_t) values[i]);
	return error;
}

/* Calls by which it could reach another process of its user, or take back what it gave up: only what they are needed
   for, and only for itself. */
static int
s_allow_itself (scmp_filter_ctx filter)
{
	static const int fcntls[] = {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC};
	static const int prctls[] = {PR_SET_NAME, PR_GET_DUMPABLE, PR_SET_NO_NEW_PRIVS};
	const int self = getpid (), this_process = 0, policy = SCHED_OTHER;

	int error = s_allow_values (filter, SCMP_SYS (fcntl), 1, VALUES (fcntls));
	if (!error)
		error = s_allow_values (filter, SCMP_SYS (prctl), 0, VALUES (prctls));
	if (!error)
		error = s_allow_values (filter, SCMP_SYS (tgkill), 0, &self, 1);
	if (!error)
		error = s_allow_values (filter, SCMP_SYS (prlimit64), 0, &this_process, 1);
	return error ? error
		     : s_allow_values (filter, SCMP_SYS (sched_setscheduler), 1, &policy, 1);
}

/* Puts it in force, in every thread there is, and frees it. */
static int
s_load (scmp_filter_ctx filter, int error)
{
	if (!error)
		error = seccomp_attr_set (filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!error)
		error = seccomp_load (filter);
	seccomp_release (filter);
	return error;
}

int
sandbox_seccomp_gate (void)
{
	scmp_filter_ctx filter = seccomp_init (REFUSE);

	if (!filter)
		return -ENOMEM;
	int error = s_add_all (filter, SCMP_ACT_ALLOW, NAMES (s_gate_calls));
	if (!error)
		error = s_allow_sockets (filter);
	if (!error)
		error = s_allow_sends (filter);
	if (!error)
		error = s_allow_threads (filter);
	if (!error)
		error = s_allow_itself (filter);
	return s_load (filter, error);
}

int
sandbox_seccomp_seal (void)
{
	scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

	if (!filter)
		return -ENOMEM;
	int error = seccomp_rule_add (filter, REFUSE, SCMP_SYS (connect), 0);
	/* A datagram to a service of this machine needs no connection. */
	if (!error)
		error = seccomp_rule_add (filter, REFUSE, SCMP_SYS (socket), 1,
					  SCMP_A0_32 (SCMP_CMP_EQ, AF_UNIX));
	return s_load (filter, error);
}

int
sandbox_seccomp_core (void)
{
	scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ALLOW);

	if (!filter)
		return -ENOMEM;
	int error = s_add_all (filter, REFUSE, NAMES (s_core_refused));
	if (!error)
		error = seccomp_rule_add (filter, REFUSE, SCMP_SYS (socket), 1,
					  SCMP_A0_32 (SCMP_CMP_NE, AF_UNIX));
	/* As above: threads but no processes. */
	if (!error)
		error = s_add (filter, REFUSE, SCMP_SYS (clone), 0, CLONE_THREAD, 0);
	if (!error)
		error = seccomp_rule_add (filter, ABSENT, SCMP_SYS (clone3), 0);
	return s_load (filter, error);
}
