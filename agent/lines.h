/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a pipe or a socket, cut into lines: a buffer of fixed size, from which lines are taken
 * for good only when the owner has stored them. A line that does not fit is skipped to its newline
 * and counted.
 */
#ifndef AGENT_LINES_H
#define AGENT_LINES_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define LINES_LINE_MAX (2 * SIAGA_ENTRY_MAX) /* bytes with the newline */

struct lines {
	size_t size;
	bool skipping;
	uint64_t too_long; /* lines skipped */
	char data[LINES_LINE_MAX];
};

void
lines_init (struct lines *self);

/* Where to read the next bytes to, and how many there is room for: at least 1 after lines_drop ().
   */
char *
lines_room (struct lines *self, size_t *size);

/* That many were read there. */
void
lines_added (struct lines *self, size_t size);

/* No more will come: what is left is a line. */
void
lines_end (struct lines *self);

/* The next complete line from *at (0 at first) on, without its newline and a CR before it; false:
   none. Borrowed until lines_drop (). */
bool
lines_next (const struct lines *self, size_t *at, struct siaga_text *line);

/* The first `at` bytes are done with. Also skips a line that fills the buffer. */
void
lines_drop (struct lines *self, size_t at);

#endif
