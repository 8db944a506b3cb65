/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says when the roster's files may have changed: inotify on their directory, and a slow look for where that does not
 * work (network file systems, a directory that was replaced). What is in them is the core's to judge.
 *
 * Roster and signatures are several files: a change counts when they have been left alone for a moment.
 */
#ifndef SIAGA_HUB_ROSTER_WATCH_H
#define SIAGA_HUB_ROSTER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct roster_watch {
	char *path;
	int fd;		   /* -1: no inotify here, the slow look remains */
	int watch;	   /* -1: the directory is not watched now */
	bool changed;	   /* since then: */
	uint64_t first_ms; /* the first change not looked at yet … */
	uint64_t last_ms;  /* … and the last one */
	uint64_t look_ms;  /* the last look */
};

/* `path` is the roster's, copied. SIAGA_ENOMEM; without inotify it still works, slowly (logged). */
int
roster_watch_init (struct roster_watch *self, const char *path, uint64_t now_ms);

void
roster_watch_finish (struct roster_watch *self);

/* The descriptor is readable: takes the events. */
void
roster_watch_on_events (struct roster_watch *self, uint64_t now_ms);

/* Is it time to read the roster? True once for each change, and every HUB_ROSTER_LOOK_MS. */
bool
roster_watch_is_due (struct roster_watch *self, uint64_t now_ms);

/* Milliseconds until it may be. */
uint64_t
roster_watch_wait_ms (const struct roster_watch *self, uint64_t now_ms);

#endif
