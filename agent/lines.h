/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a pipe or a socket, cut into lines: a buffer that grows to a longest line, from which lines are taken for
 * good only when the owner has stored them. Of a line that does not fit either its beginning is given, as a line that is
 * cut, or nothing; the rest is skipped to its newline, and it is counted.
 */
#ifndef AGENT_LINES_H
#define AGENT_LINES_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define LINES_LINE_MAX (2 * SIAGA_ENTRY_MAX) /* bytes of an alert as JSON with the newline */
#define LINES_LOG_MAX ((1 << 20) + 1)	     /* bytes of a line of a log with the newline */

struct lines {
	size_t max; /* bytes of a line with its newline */
	bool cuts;  /* gives the beginning of a longer one */
	size_t size;
	size_t capacity;
	size_t cut; /* the first so many bytes are such a beginning; 0: none */
	bool skipping;
	uint64_t too_long; /* lines skipped or cut */
	char *data;
};

/* 0 or SIAGA_ENOMEM; finish either way. */
int
lines_init (struct lines *self, size_t max, bool cuts);
void
lines_finish (struct lines *self);

/* Where to read the next bytes to, and how many there is room for: at least 1 after lines_drop (), 0 when out of
   memory. */
char *
lines_room (struct lines *self, size_t *size);

/* That many were read there. */
void
lines_added (struct lines *self, size_t size);

/* No more will come: what is left is a line. */
void
lines_end (struct lines *self);

/* The next complete line from *at (0 at first) on, without its newline and a CR before it; false: none. Borrowed until
   lines_drop (). */
bool
lines_next (const struct lines *self, size_t *at, struct siaga_text *line);

/* Is the line that was given with *at before it at 0 only a beginning? */
bool
lines_is_cut (const struct lines *self, size_t at);

/* The first `at` bytes are done with. */
void
lines_drop (struct lines *self, size_t at);

#endif
