/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that runs beside us in a process group of its own: one with nothing to read whose two outputs come through
 * pipes, or one that is given something to read and writes where we do.
 */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

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

/* The same with an environment, the descriptor `in` as its standard input, and our own outputs: there are no pipes. */
int
child_start_with (struct child *self, char *const argv[], char *const envp[], int in);

/* It has ended: its status as waitpid(2) gives it. Its outputs can still be read. */
int
child_reap (struct child *self);

/* Asks the group to end, a second later ends it, and closes all. Accepts one that was not started or was reaped. */
void
child_stop (struct child *self);

#endif
