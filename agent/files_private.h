/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What source_files.c (reading) and files_list.c (which files there are) share.
 */
#ifndef AGENT_FILES_PRIVATE_H
#define AGENT_FILES_PRIVATE_H

#include "agent/feed.h"
#include "agent/file_glob.h"
#include "agent/left_files.h"
#include "agent/tail.h"
#include "common/loop_timer.h"

#define FILES_MAX 256 /* of one source */

struct files;

/* One of them. */
struct file {
	struct files *owner;
	char *path;
	char *key; /* of its position */
	struct tail *tail;
	void *parser;
	bool headed;	     /* the lines at the file's start are known to the parser */
	bool ready;	     /* there may be something to read */
	bool polled;	     /* it must be looked at now and then */
	bool wild;	     /* found through wildcards */
	bool watched;	     /* in the loop */
	uint64_t missing_ms; /* since when there is nothing at its path; 0: there is */
};

/*
 * Where a source has got to, in the outbox:
 *
 *	one path without wildcards	"name": the file's position
 *	else				"name:path": the position of the file at each path
 *					"name": the files left behind (left_files.h); that it is there says that the
 *					source was read before, so that what appears is new
 */
struct files {
	struct feed feed;
	bool single;
	bool begun; /* "name" is there */
	bool running;
	bool unsaved; /* the files left behind */
	bool told_full;
	bool unsure;		/* a file was seen that has nothing in it yet */
	struct file_glob *glob; /* NULL: no wildcards */
	bool glob_watched;
	struct left_files left;
	size_t count;
	size_t turn; /* whose it is to be read */
	struct file *list[FILES_MAX];
	struct loop_timer next_timer; /* of the next chunk */
	struct loop_timer poll_timer;
	struct loop_timer scan_timer;
};

/* Makes what stands in the configuration and matches its wildcards. 0 or an error. */
int
files_list_init (struct files *self);

void
files_list_finish (struct files *self);

/* Looks for files that have come or gone; new ones are ready, and watched when the source runs. 0 or an error. */
int
files_list_scan (struct files *self);

/* Should it be looked again in a while, and when? 0: no. */
uint64_t
files_list_due_ms (const struct files *self);

/* In the loop, or not. */
void
files_watch (struct file *file, bool wanted);

/* Stores where a file is, and the list, in one transaction. 0 or the outbox's error. */
int
files_save (struct files *self, struct file *file);

#endif
