/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that runs beside us in a process group of its own, with nothing to read, whose two outputs come through
 * pipes.
 */
#ifndef AGENT_CHILD_H
#define AGENT_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int pid_fd; /* readable when it has ended; -1: there is none */
	int out;    /* -1: closed */
	int err;
};

/* Starts it with a NULL-terminated argv; argv[0] is the whole path. 0 or an errno. */
int
child_start (struct child *self, char *const argv[]);

/* It has ended: its status as waitpid(2) gives it. Its outputs can still be read. */
int
child_reap (struct child *self);

/* Asks the group to end, a second later ends it, and closes all. Accepts one that was not started or was reaped. */
void
child_stop (struct child *self);

#endif
