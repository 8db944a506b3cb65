/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows one growing log file line by line, through rotation by rename, truncation and
 * copytruncate, and over restarts, without polling. What the lines mean and where positions are
 * stored is the owner's; nothing is passed over before the owner says so:
 *
 *	while ((rc = tail_read (tail, on_line, arg)) > 0) {
 *		store what on_line got, and tail_position (tail, text), in one transaction;
 *		tail_accept (tail);        or tail_forget (tail): the same lines come again
 *	}
 *	rc 0: nothing more now; wait for tail_fd () to become readable, then tail_drain () and read again
 *
 * A file is known by its inode and its first bytes, so that neither a reused inode nor a file cut
 * back to nothing is taken for the old one.
 */
#ifndef AGENT_TAIL_H
#define AGENT_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAIL_LINE_MAX (1 << 20)	    /* bytes of a line; longer ones are cut there and counted */
#define TAIL_CHUNK_BYTES (64 << 10) /* given by one tail_read (), but for longer lines */
#define TAIL_FINGERPRINT_BYTES 256  /* first bytes of a file that identify it */
#define TAIL_POSITION_TEXT 160	    /* characters of a position with the final NUL */

struct tail;
struct tail_place; /* tail_files.h */

/* One line without its newline; borrowed until the callback returns. `inode` and `offset` say where
   the line stands: the same line has the same place however often it is read. */
struct tail_line {
	const char *data;
	size_t size;
	uint64_t inode;
	uint64_t offset;
	bool cut; /* it is longer than this */
};

/* A line was read: 0, or an error that ends the reading; tail_read () then returns it and stays
   where it was. */
typedef int (tail_line_fn) (void *arg, const struct tail_line *line);

struct tail_options {
	const char *name; /* of the source, for the log */
	const char *path;
	bool from_start; /* without a position: from the file's first line, not its end */

	/* Is the open file another tail's to read, although it is at our path now? May be NULL. */
	bool (*is_taken) (void *arg, int fd, uint64_t inode, const char *name);
	void *arg;
};

/* NULL when out of memory. `position` is what tail_position () gave once, or NULL; one that cannot
   be understood counts as none, with a warning. Nothing is opened yet. */
struct tail *
tail_new (const struct tail_options *options, const char *position);

void
tail_destroy (struct tail **self_p);

/* Is the position in the file that is at this path now? */
bool
tail_is_of (const char *path, const char *position);

/* Reads the next complete lines, opening and changing files as needed. 1: something was read
   (perhaps only passed over): accept or forget it before the next call. 0: nothing more now.
   Negative: on_line's error, or SIAGA_EIO or SIAGA_ENOMEM (already logged; try again later). A file
   that is missing is no error. */
int
tail_read (struct tail *self, tail_line_fn *on_line, void *arg);

/* Where reading goes on after what the last tail_read () gave. */
void
tail_position (const struct tail *self, char text[TAIL_POSITION_TEXT]);

void
tail_accept (struct tail *self);
void
tail_forget (struct tail *self);

/* Bytes accepted, or files changed, since tail_saved (): the owner may leave positions that pass
   nothing of interest unsaved for a while; lines read again then are of no interest either. */
uint64_t
tail_unsaved_bytes (const struct tail *self);
bool
tail_unsaved_file (const struct tail *self);
void
tail_saved (struct tail *self);

/* Readable when there may be more; -1 when the system can not watch: then call tail_read () now and
   then. */
int
tail_fd (const struct tail *self);

/* Takes what made tail_fd () readable, and renews the watches. */
void
tail_drain (struct tail *self);

/* Is something not watched, so that a look every few seconds is needed? */
bool
tail_needs_polling (const struct tail *self);

/* Lines cut for their length so far. */
uint64_t
tail_long_lines (const struct tail *self);

/* The file open now (false: none) or, before it is opened, that of the stored position; and where we are in it. */
bool
tail_place (const struct tail *self, struct tail_place *place);

/* A file was finished and left: once for each, where in it that was. Inode 0: it was cut back or is gone, and what can be
   there is a copy of it. */
bool
tail_left (struct tail *self, struct tail_place *place);

/* The first bytes of the file that is read: how many, 0 when there is none. */
size_t
tail_head (const struct tail *self, char *data, size_t capacity);

/* Why nothing can be read; 0: it can, or nobody has tried. An errno. */
int
tail_errno (const struct tail *self);

#endif
