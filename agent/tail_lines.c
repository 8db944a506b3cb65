/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the bytes at a place in a file to lines: whole ones, those that are too long, and the last one of a file.
 */
#include "agent/tail_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "siaga/error.h"

int
tail_io_error (const struct tail *self)
{
	log_error ("source-read", "%s: %s: %s", self->name, self->path, strerror (errno));
	return SIAGA_EIO;
}

/* Reads at the place into the buffer, which grows while not even one line fits. Bytes read, or
   negative. */
static ssize_t
s_fill (struct tail *self)
{
	for (;;) {
		ssize_t got =
			pread (self->fd, self->buffer, self->capacity, (off_t) self->now.offset);
		if (got < 0)
			return tail_io_error (self);
		if ((size_t) got < self->capacity || self->now.skipping ||
		    self->capacity > TAIL_LINE_MAX || memchr (self->buffer, '\n', (size_t) got) ||
		    self->buffer[0] == '\0')
			return got;
		size_t capacity =
			self->capacity < TAIL_LINE_MAX ? self->capacity * 2 : TAIL_LINE_MAX + 1;
		char *larger = realloc (self->buffer, capacity);
		if (!larger)
			return SIAGA_ENOMEM;
		self->buffer = larger;
		self->capacity = capacity;
	}
}

void
tail_shrink_buffer (struct tail *self)
{
	if (self->capacity <= TAIL_CHUNK_BYTES)
		return;
	char *smaller = realloc (self->buffer, TAIL_CHUNK_BYTES);
	if (!smaller)
		return;
	self->buffer = smaller;
	self->capacity = TAIL_CHUNK_BYTES;
}

/* Many files are followed and few are written to. */
bool
tail_have_buffer (struct tail *self)
{
	if (!self->buffer)
		self->buffer = malloc (TAIL_CHUNK_BYTES);
	if (self->buffer && self->capacity == 0)
		self->capacity = TAIL_CHUNK_BYTES;
	return self->buffer != NULL;
}

void
tail_free_buffer (struct tail *self)
{
	free (self->buffer);
	self->buffer = NULL;
	self->capacity = 0;
}

/* The bytes that begin a line but belong to none: a writer that does not append leaves a hole after
   a truncation. */
static size_t
s_hole (const char *data, size_t size)
{
	size_t at = 0;
	while (at < size && data[at] == '\0')
		at++;
	return at;
}

/* Gives the lines of the first `size` bytes of the buffer; the last one may lack its newline. */
static int
s_give_lines (struct tail *self, size_t size, tail_line_fn *on_line, void *arg)
{
	bool skipping = self->now.skipping;
	for (size_t at = 0; at < size;) {
		const char *start = self->buffer + at;
		const char *newline = memchr (start, '\n', size - at);
		size_t length = newline ? (size_t) (newline - start) : size - at;
		size_t hole = s_hole (start, length);
		struct tail_line line = {start + hole, length - hole, self->now.inode,
					 self->now.offset + at + hole, false};
		int rc = skipping || line.size == 0 ? 0 : on_line (arg, &line);
		if (rc)
			return rc;
		skipping = false;
		at += length + (newline ? 1 : 0);
	}
	return 0;
}

/* Is the file still the one we are in? What begins it is kept: the file may be cut back before it is needed again. */
static bool
s_still_matches (struct tail *self)
{
	struct tail_place here = {.offset = self->now.offset};
	if (here.offset >= TAIL_FINGERPRINT_BYTES)
		return tail_matches (self->fd, &self->now);
	ssize_t got = pread (self->fd, self->head, here.offset, 0);
	if (got != (ssize_t) here.offset)
		return false;
	tail_print_of (self->head, &here);
	return here.offset == 0 || memcmp (here.print, self->now.print, TAIL_PRINT_BYTES) == 0;
}

/* What identifies the file is taken from the bytes that are told of, not from the file as it may be by now. */
static int
s_pend (struct tail *self, size_t size, bool skipping)
{
	uint64_t offset = self->now.offset;
	self->next = self->now;
	self->next.offset += size;
	self->next.skipping = skipping;
	if (offset < TAIL_FINGERPRINT_BYTES) {
		size_t room = TAIL_FINGERPRINT_BYTES - (size_t) offset;
		memcpy (self->head + offset, self->buffer, size < room ? size : room);
		tail_print_of (self->head, &self->next);
	}
	self->pending = true;
	return 1;
}

/* How many of the `got` bytes can be told of now, 0 when a line's end must be waited for. */
static size_t
s_complete (const struct tail *self, size_t got)
{
	bool grown = self->capacity > TAIL_CHUNK_BYTES;
	const char *newline =
		grown ? memchr (self->buffer, '\n', got) : memrchr (self->buffer, '\n', got);
	if (newline)
		return (size_t) (newline + 1 - self->buffer);
	return self->last_line && got <= TAIL_LINE_MAX ? got : 0;
}

/* Gives as much of a line as one may have; the rest is passed over up to its newline. */
static int
s_cut_line (struct tail *self, size_t got, tail_line_fn *on_line, void *arg)
{
	struct tail_line line = {self->buffer, TAIL_LINE_MAX, self->now.inode, self->now.offset,
				 true};
	int rc = on_line (arg, &line);
	if (rc)
		return rc;
	self->long_lines++;
	return s_pend (self, got, true);
}

int
tail_read_lines (struct tail *self, tail_line_fn *on_line, void *arg)
{
	ssize_t got = s_fill (self);
	if (got < 0)
		return (int) got;
	if (!s_still_matches (self))
		return tail_truncated (self);
	if (got == 0)
		return 0;
	if (self->now.offset == 0 && tail_skipped (self, (size_t) got))
		return CHANGED;
	size_t size = s_complete (self, (size_t) got);
	if (size > 0) {
		int rc = s_give_lines (self, size, on_line, arg);
		return rc ? rc : s_pend (self, size, false);
	}
	if (self->now.skipping)
		return s_pend (self, (size_t) got, true);
	if ((size_t) got > TAIL_LINE_MAX)
		return s_cut_line (self, (size_t) got, on_line, arg);
	size_t hole = s_hole (self->buffer, (size_t) got);
	return hole > 0 ? s_pend (self, hole, false) : 0;
}
