/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tail.c asks of the file system: is this the file we were in, where is it now, what came
 * after it, and tell us when something happens to it.
 */
#ifndef AGENT_TAIL_FILES_H
#define AGENT_TAIL_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define TAIL_PRINT_BYTES 16 /* of a fingerprint: BLAKE2b over the first bytes */
#define TAIL_COPY_BYTES 64  /* fewer equal first bytes do not make two files the same */

/* A place in a file. The device is left out: its number need not survive a reboot, the first bytes
   do. */
struct tail_place {
	uint64_t inode; /* 0: of no file yet */
	uint64_t offset;
	bool skipping;			 /* inside a line that is too long */
	uint8_t print[TAIL_PRINT_BYTES]; /* over the first bytes before `offset`, at most 256 */
};

struct tail_found {
	int fd; /* open for reading, the caller's */
	uint64_t inode;
	char name[NAME_MAX + 1];
};

/* Opens a regular file for reading: a descriptor, or -1 with errno (EINVAL: not a regular file). */
int
tail_open (const char *path, struct stat *status);

/* Sets place->print for place->offset from the first bytes of a file, as many as it needs. */
void
tail_print_of (const uint8_t *first, struct tail_place *place);

/* The same from the file's bytes: 0, or -1 with errno. */
int
tail_print (int fd, struct tail_place *place);

/* Has this file at least place->offset bytes, and are its first ones those of the place? */
bool
tail_matches (int fd, const struct tail_place *place);

/* The same for a copy that may not be finished: its first bytes are those of the place, of which there must be
   TAIL_COPY_BYTES. */
bool
tail_may_be_copy (int fd, const struct tail_place *place);

/* Do the open file and the one at the path begin with the same bytes, TAIL_COPY_BYTES of them at least? */
bool
tail_begins_as (int fd, const char *path);

/* Looks in the path's directory for the file of the place: by inode, else as tail_find_copy (). */
bool
tail_find (const char *path, const struct tail_place *place, struct tail_found *found);

/* The longest file in the path's directory that begins with the same bytes; needs TAIL_COPY_BYTES
   of them. */
bool
tail_find_copy (const char *path, const struct tail_place *place, struct tail_found *found);

#define TAIL_DONE_MAX 16

/* The inodes of the files finished last. */
struct tail_done {
	uint64_t inodes[TAIL_DONE_MAX];
	size_t next;
};

void
tail_done_add (struct tail_done *self, uint64_t inode);

/* Of the files named like the path and more ("eve.json.1", "eve.json-20261124"), not compressed,
   the first that was last written after the open file `fd`, or within the same tick of the clock and is not done.
   `numbered`: only those whose names go on with a number or a date. */
bool
tail_find_next (const char *path, int fd, bool numbered, const struct tail_done *done,
		struct tail_found *found);

/* A file that was at the path after `former` was last written, and of which nothing was read: copied aside, and cut back
   before the first read of the open file `fd`, whose first bytes are `data` now. A finished copy always begins otherwise:
   one that begins so is being made, and the file not cut yet. The first in time; names as with `numbered`. */
bool
tail_find_skipped (const char *path, int fd, const struct stat *former,
		   const struct tail_done *done, const char *data, size_t size,
		   struct tail_found *found);

/* By its first bytes; also one too short to hold a line. */
bool
tail_is_compressed (int fd);

/* inotify on the directory (names that come), on the file being read, and on the one at the path.
   */
struct tail_watch {
	int fd; /* -1: not available */
	bool incomplete;
	char *path;
	char *directory;
	int directory_wd;
	int file_wd;
	int path_wd;
};

/* 0 or SIAGA_ENOMEM; without inotify it is `incomplete`. */
int
tail_watch_init (struct tail_watch *self, const char *path);

void
tail_watch_finish (struct tail_watch *self);

/* Sees to it that all three are watched as they are now; `fd` -1: no file is being read. */
void
tail_watch_renew (struct tail_watch *self, int fd);

void
tail_watch_drain (struct tail_watch *self);

#endif
