/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of a tail share: tail.c has the file and the place in it, tail_lines.c what is read there, tail_place.c
 * the place as text.
 */
#ifndef AGENT_TAIL_PRIVATE_H
#define AGENT_TAIL_PRIVATE_H

#include <sys/stat.h>

#include "agent/tail.h"
#include "agent/tail_files.h"

#define LEFT_MAX 8
#define CHANGED                                                                                    \
	2 /* of tail_read_lines () and tail_truncated (): another file, or the same from its start; look again */

struct tail {
	char *name;
	char *path;
	bool from_start;
	bool known;	  /* `now` means something */
	bool catching_up; /* reading what was rotated away while we were not running */
	bool last_line;	  /* the writer has left this file: its end is a line, newline or not */
	int fd;		  /* -1: none */
	uint64_t inode;	  /* of fd; differs from now.inode in a copy */
	struct tail_place now;
	struct tail_place next;
	struct tail_place left[LEFT_MAX]; /* the files before this one, not yet asked for */
	size_t left_count;
	struct tail_done done;
	struct stat former; /* the file read before this one; only its times, after a restart */
	bool (*is_taken) (void *arg, int fd, uint64_t inode, const char *name);
	void *arg;
	bool pending; /* next is waiting for accept or forget */
	bool unsaved_file;
	uint64_t unsaved_bytes;
	uint64_t long_lines;
	int said_errno;			      /* why the file could not be opened, said once */
	uint8_t head[TAIL_FINGERPRINT_BYTES]; /* of the file, up to now.offset */
	char *buffer;
	size_t capacity;
	struct tail_watch watch;
};

/* tail_lines.c. Gives the complete lines at the place, or what is left of a file that its writer has left. 1: given, and
   pending; 0: nothing to give yet; CHANGED; negative. */
int
tail_read_lines (struct tail *self, tail_line_fn *on_line, void *arg);

/* The buffer is there while something is read. False: no memory. */
bool
tail_have_buffer (struct tail *self);
void
tail_free_buffer (struct tail *self);

/* Back to its usual size after a long line. */
void
tail_shrink_buffer (struct tail *self);

/* Logs errno: SIAGA_EIO. */
int
tail_io_error (const struct tail *self);

/* tail.c. The open file no longer begins as it did: goes to its copy, or to its start. CHANGED. */
int
tail_truncated (struct tail *self);

/* tail_place.c. Nothing was copied before this, and all that is copied from now on is after it. */
struct stat
tail_former_now (void);

/* False, and nothing is set: it is no position. When it is not of a file's start, nothing comes after `former`. */
bool
tail_position_parse (struct tail_place *place, struct stat *former, const char *text);

/* tail.c. The file is at its start, and begins with these bytes now: was it cut back before we read any of it? CHANGED: gone to the
   copy of what it was. 0: no. */
int
tail_skipped (struct tail *self, size_t size);

#endif
