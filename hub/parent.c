/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Supervision. A child that dies is started again at once; one that dies over and over right after its start
 * is given growing pauses. One that cannot start the first time it tries ends the hub: then somebody is there to
 * read why.
 */
#include "hub/parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/children.h"
#include "hub/hub_limits.h"
#include "hub/packet.h"

enum child_id {
	CORE,
	GATE,
	CHILDREN,
};

/* In the order in which they are stopped: the core's last words leave by the gate. */
static const struct {
	const char *name;
	int (*main) (const struct child_options *);
} s_children[CHILDREN] = {
	[CORE] = {"core", core_main},
	[GATE] = {"gate", gate_main},
};

struct child {
	pid_t pid; /* 0: not running */
	unsigned starts;
	uint64_t started_ms;
	uint64_t pause_ms;
	uint64_t due_ms; /* not running: when to start it */
};

struct parent {
	struct child_options options;
	struct channel channel;
	int signal_fd;
	struct child children[CHILDREN];
	bool stopping;
	uint64_t stop_ms; /* when the child that is being stopped is killed */
	int stopped;	  /* the child that was last told to stop, or -1 */
	int status;
};

static void
s_child_close (const struct parent *self)
{
	close (self->signal_fd);
}

static bool
s_child_start (struct parent *self, enum child_id id)
{
	struct child *child = &self->children[id];

	child->started_ms = clock_mono_ms ();
	child->starts++;
	child->pid = fork ();
	if (child->pid == 0) {
		s_child_close (self);
		exit (s_children[id].main (&self->options));
	}
	if (child->pid > 0)
		return true;
	log_error ("fork", "%s: %s", s_children[id].name, strerror (errno));
	child->pid = 0;
	child->due_ms = child->started_ms + PARENT_BACKOFF_FIRST_MS;
	return false;
}

static void
s_stop_all (struct parent *self, int status)
{
	if (!self->stopping)
		self->status = status;
	self->stopping = true;
}

static void
s_log_death (enum child_id id, int wait_status)
{
	const char *name = s_children[id].name;

	if (WIFSIGNALED (wait_status))
		log_error ("child-died", "%s: killed by signal %d", name, WTERMSIG (wait_status));
	else
		log_error ("child-died", "%s: exit status %d", name, WEXITSTATUS (wait_status));
}

/* Can it not start at all? Only what it says at its first start counts: later the world has changed. */
static bool
s_is_hopeless (const struct child *child, int wait_status)
{
	return child->starts == 1 && WIFEXITED (wait_status) &&
	       (WEXITSTATUS (wait_status) == EX_CONFIG || WEXITSTATUS (wait_status) == EX_OSERR);
}

static void
s_on_death (struct parent *self, enum child_id id, int wait_status)
{
	struct child *child = &self->children[id];
	uint64_t now_ms = clock_mono_ms ();

	child->pid = 0;
	if (self->stopping)
		return;
	s_log_death (id, wait_status);
	if (s_is_hopeless (child, wait_status)) {
		s_stop_all (self, WEXITSTATUS (wait_status));
		return;
	}
	if (now_ms - child->started_ms >= PARENT_QUICK_DEATH_MS)
		child->pause_ms = 0;
	child->due_ms = now_ms + child->pause_ms;
	/* The next quick death waits, then twice as long. */
	child->pause_ms = child->pause_ms ? 2 * child->pause_ms : PARENT_BACKOFF_FIRST_MS;
	if (child->pause_ms > PARENT_BACKOFF_MAX_MS)
		child->pause_ms = PARENT_BACKOFF_MAX_MS;
}

static void
s_reap (struct parent *self)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid (-1, &wait_status, WNOHANG)) > 0)
		for (int id = 0; id < CHILDREN; id++)
			if (self->children[id].pid == pid)
				s_on_death (self, id, wait_status);
}

static void
s_on_signal (struct parent *self, uint32_t signal_number)
{
	switch (signal_number) {
	case SIGCHLD:
		s_reap (self);
		break;
	case SIGHUP:
		if (self->children[CORE].pid > 0)
			kill (self->children[CORE].pid, SIGHUP);
		break;
	default:
		log_info ("stopping", "signal %u", signal_number);
		s_stop_all (self, EX_OK);
		break;
	}
}

/* Starts what is due; returns the milliseconds until something else is, or -1. */
static int
s_start_due (struct parent *self)
{
	uint64_t now_ms = clock_mono_ms ();
	int wait_ms = -1;

	for (int id = 0; id < CHILDREN; id++) {
		struct child *child = &self->children[id];
		if (child->pid > 0 || (child->due_ms <= now_ms && s_child_start (self, id)))
			continue;
		int left_ms = child->due_ms > now_ms ? (int) (child->due_ms - now_ms) : 1;
		if (wait_ms < 0 || left_ms < wait_ms)
			wait_ms = left_ms;
	}
	return wait_ms;
}

/* Stops one child after the other; returns how long to wait for the one it is at, or -2 when all are gone. */
static int
s_stop_next (struct parent *self)
{
	uint64_t now_ms = clock_mono_ms ();
	int id = 0;

	while (id < CHILDREN && self->children[id].pid == 0)
		id++;
	if (id == CHILDREN)
		return -2;
	if (self->stopped != id) {
		self->stopped = id;
		self->stop_ms = now_ms + PARENT_STOP_MS;
		kill (self->children[id].pid, SIGTERM);
	} else if (now_ms >= self->stop_ms) {
		log_warn ("child-killed", "%s did not stop", s_children[id].name);
		self->stop_ms = now_ms + PARENT_STOP_MS;
		kill (self->children[id].pid, SIGKILL);
	}
	return (int) (self->stop_ms - now_ms);
}

static void
s_run (struct parent *self)
{
	struct pollfd signals = {.fd = self->signal_fd, .events = POLLIN};
	struct signalfd_siginfo info;

	for (;;) {
		int wait_ms = self->stopping ? s_stop_next (self) : s_start_due (self);
		if (wait_ms == -2)
			return;
		poll (&signals, 1, wait_ms);
		while (read (self->signal_fd, &info, sizeof info) == (ssize_t) sizeof info)
			s_on_signal (self, info.ssi_signo);
	}
}

static bool
s_parent_init (struct parent *self, const struct hub_conf *conf, int verbosity)
{
	sigset_t signals;

	memset (self, 0, sizeof *self);
	self->stopped = -1;
	self->options.conf = conf;
	self->options.channel = &self->channel;
	self->options.parent = getpid ();
	self->options.verbosity = verbosity;
	sigemptyset (&signals);
	sigaddset (&signals, SIGTERM);
	sigaddset (&signals, SIGINT);
	sigaddset (&signals, SIGHUP);
	sigaddset (&signals, SIGCHLD);
	if (sigprocmask (SIG_BLOCK, &signals, NULL) != 0)
		return false;
	self->signal_fd = signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	return self->signal_fd >= 0 && packet_pair (self->channel.to_core) == 0 &&
	       packet_pair (self->channel.to_gate) == 0;
}

int
parent_run (const struct hub_conf *conf, int verbosity)
{
	struct parent self;

	if (!s_parent_init (&self, conf, verbosity)) {
		log_error ("parent", "%s", strerror (errno));
		return EX_OSERR;
	}
	s_run (&self);
	return self.status;
}
