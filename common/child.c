/* SPDX-License-Identifier: Apache-2.0 */
/*
 * posix_spawn(3): signals, which our programs block, are as usual in the child.
 */
#include "common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_MS 1000

static void
s_close (int *fd)
{
	if (*fd >= 0)
		close (*fd);
	*fd = -1;
}

static int
s_attributes (posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	sigemptyset (&none);
	sigfillset (&all);
	sigdelset (&all, SIGKILL);
	sigdelset (&all, SIGSTOP);
	int error = posix_spawnattr_init (attributes);
	if (error)
		return error;
	posix_spawnattr_setsigmask (attributes, &none);
	posix_spawnattr_setsigdefault (attributes, &all);
	posix_spawnattr_setpgroup (attributes, 0);
	return posix_spawnattr_setflags (
		attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

/* What it has as its standard descriptors; -1: /dev/null to read, our own to write. */
static void
s_redirect (posix_spawn_file_actions_t *actions, int in, int out, int err)
{
	if (in >= 0)
		posix_spawn_file_actions_adddup2 (actions, in, STDIN_FILENO);
	else
		posix_spawn_file_actions_addopen (actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2 (actions, out, STDOUT_FILENO);
	if (err >= 0)
		posix_spawn_file_actions_adddup2 (actions, err, STDERR_FILENO);
}

static int
s_spawn (struct child *self, char *const argv[], char *const envp[], const int fds[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = s_attributes (&attributes);
	if (error)
		return error;
	error = posix_spawn_file_actions_init (&actions);
	if (!error) {
		s_redirect (&actions, fds[0], fds[1], fds[2]);
		error = posix_spawn (&self->pid, argv[0], &actions, &attributes, argv, envp);
		posix_spawn_file_actions_destroy (&actions);
	}
	posix_spawnattr_destroy (&attributes);
	return error;
}

/* Notices its end; without that it must not run on. */
static int
s_watch_end (struct child *self)
{
	self->pid_fd = pidfd_open (self->pid, 0); /* closed on exec */
	return self->pid_fd < 0 ? errno : 0;
}

int
child_start (struct child *self, char *const argv[])
{
	int out[2] = {-1, -1}, err[2] = {-1, -1};
	*self = (struct child){.pid_fd = -1, .out = -1, .err = -1};
	int error = pipe2 (out, O_CLOEXEC) || pipe2 (err, O_CLOEXEC) ? errno : 0;
	if (!error)
		error = s_spawn (self, argv, environ, (const int[]){-1, out[1], err[1]});
	if (!error)
		error = s_watch_end (self);
	s_close (&out[1]);
	s_close (&err[1]);
	self->out = out[0];
	self->err = err[0];
	if (error) {
		child_stop (self);
		return error;
	}
	fcntl (self->out, F_SETFL, O_NONBLOCK);
	fcntl (self->err, F_SETFL, O_NONBLOCK);
	return 0;
}

int
child_start_with (struct child *self, char *const argv[], char *const envp[], int in)
{
	*self = (struct child){.pid_fd = -1, .out = -1, .err = -1};
	int error = s_spawn (self, argv, envp, (const int[]){in, -1, -1});
	if (!error)
		error = s_watch_end (self);
	if (error)
		child_stop (self);
	return error;
}

int
child_reap (struct child *self)
{
	int status = 0;
	waitpid (self->pid, &status, 0);
	self->pid = 0;
	s_close (&self->pid_fd);
	return status;
}

void
child_stop (struct child *self)
{
	s_close (&self->out);
	s_close (&self->err);
	if (self->pid > 0) {
		struct pollfd end = {.fd = self->pid_fd, .events = POLLIN};
		kill (-self->pid, SIGTERM);
		if (self->pid_fd >= 0)
			poll (&end, 1, GRACE_MS);
		kill (-self->pid, SIGKILL);
		child_reap (self);
	}
	s_close (&self->pid_fd);
}
