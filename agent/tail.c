/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file descriptor, one place in it, and the question "is this still the same file?", asked
 * after every read and before its bytes are believed. What is found in the directory, and the
 * watching of it, is in tail_files.c.
 */
#include "agent/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/tail_files.h"
#include "common/log.h"
#include "siaga/error.h"
#include "siaga/names.h"

#define CHANGED 2 /* of s_read_lines (): another file, or the same from its start; look again */

struct tail {
	const char *name;
	char *path;
	bool from_start;
	bool known;	/* `now` means something */
	bool last_line; /* the writer has left this file: its end is a line, newline or not */
	int fd;		/* -1: none */
	uint64_t inode; /* of fd; differs from now.inode in a copy */
	struct tail_place now;
	struct tail_place next;
	bool pending; /* next is waiting for accept or forget */
	bool unsaved_file;
	uint64_t unsaved_bytes;
	uint64_t long_lines;
	int said_errno; /* why the file could not be opened, said once */
	char *buffer;
	size_t capacity;
	struct tail_watch watch;
};

static bool
s_position_parse (struct tail_place *place, const char *text)
{
	char print[2 * TAIL_PRINT_BYTES + 1], state;
	int end = 0;
	struct tail_place read = {.offset = 0};
	if (sscanf (text, "1 %" SCNu64 " %" SCNu64 " %c %32[0-9a-f]%n", &read.inode, &read.offset,
		    &state, print, &end) != 4 ||
	    text[end] != '\0' || (state != '-' && state != 's') || read.offset > INT64_MAX ||
	    siaga_hex_parse (read.print, TAIL_PRINT_BYTES, siaga_text (print)))
		return false;
	read.skipping = state == 's';
	*place = read;
	return true;
}

struct tail *
tail_new (const struct tail_options *options, const char *position)
{
	struct tail *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->name = options->name;
	self->from_start = options->from_start;
	self->fd = -1;
	self->path = strdup (options->path);
	self->capacity = TAIL_CHUNK_BYTES;
	self->buffer = malloc (self->capacity);
	if (tail_watch_init (&self->watch, options->path) || !self->path || !self->buffer) {
		tail_destroy (&self);
		return NULL;
	}
	if (position) {
		self->known = s_position_parse (&self->now, position);
		if (!self->known)
			log_warn ("source-position", "%s: stored position is not understood: %s",
				  self->name, position);
	}
	tail_watch_renew (&self->watch, -1);
	return self;
}

static void
s_close (struct tail *self)
{
	if (self->fd >= 0)
		close (self->fd);
	self->fd = -1;
}

void
tail_destroy (struct tail **self_p)
{
	struct tail *self = *self_p;
	if (!self)
		return;
	s_close (self);
	tail_watch_finish (&self->watch);
	free (self->path);
	free (self->buffer);
	free (self);
	*self_p = NULL;
}

static int
s_io_error (const struct tail *self)
{
	log_error ("source-read", "%s: %s: %s", self->name, self->path, strerror (errno));
	return SIAGA_EIO;
}

/* Goes to `fd` at `place`. `fd` is ours from now on. */
static void
s_use (struct tail *self, int fd, uint64_t inode, const struct tail_place *place)
{
	s_close (self);
	self->fd = fd;
	self->inode = inode;
	self->now = *place;
	self->known = true;
	self->last_line = false;
	self->unsaved_file = true;
	self->said_errno = 0;
	tail_watch_renew (&self->watch, fd);
}

static void
s_use_from_start (struct tail *self, int fd, uint64_t inode)
{
	struct tail_place place = {.inode = inode};
	s_use (self, fd, inode, &place);
}

/* The first start, with the option not to tell what was there before: behind the last newline, so
   that a line just being written is whole when it comes. */
static int
s_use_from_end (struct tail *self, int fd, const struct stat *status)
{
	struct tail_place place = {.inode = status->st_ino, .offset = (uint64_t) status->st_size};
	while (place.offset > 0) {
		size_t size =
			place.offset < TAIL_CHUNK_BYTES ? (size_t) place.offset : TAIL_CHUNK_BYTES;
		ssize_t got = pread (fd, self->buffer, size, (off_t) (place.offset - size));
		if (got != (ssize_t) size)
			break; /* cut back meanwhile: from the start */
		const char *newline = memrchr (self->buffer, '\n', size);
		place.offset -= newline ? size - (size_t) (newline + 1 - self->buffer) : size;
		if (newline)
			break;
	}
	if (tail_print (fd, &place)) {
		close (fd);
		return s_io_error (self);
	}
	s_use (self, fd, status->st_ino, &place);
	return 0;
}

/* Says once for each reason why there is nothing to read; the directory's watch tells when to look
   again. */
static int
s_cannot_open (struct tail *self, int error)
{
	if (self->said_errno != error)
		log_warn ("source-missing", "%s: %s: %s; waiting for it", self->name, self->path,
			  strerror (error));
	self->said_errno = error;
	if (!self->known) {
		/* Whatever appears later is new: it is read from its start, also by a later run. */
		self->known = true;
		self->unsaved_file = true;
	}
	return 0;
}

/* The file of the stored position, wherever it is now: 1 in use, 0 not found. */
static int
s_open_old (struct tail *self)
{
	struct tail_found found;
	if (!tail_find (self->path, &self->now, &found))
		return 0;
	log_info ("source-rotated", "%s: going on in %s", self->name, found.name);
	struct tail_place place = self->now;
	s_use (self, found.fd, found.inode, &place);
	return 1;
}

static int
s_open (struct tail *self)
{
	struct stat status;
	int fd = tail_open (self->path, &status);
	int open_errno = errno;
	if (!self->known && fd >= 0)
		return self->from_start ? (s_use_from_start (self, fd, status.st_ino), 0)
					: s_use_from_end (self, fd, &status);
	if (fd >= 0 && self->now.inode == status.st_ino && tail_matches (fd, &self->now)) {
		struct tail_place place = self->now;
		s_use (self, fd, status.st_ino, &place);
		return 0;
	}
	if (self->known && self->now.inode > 0 && s_open_old (self)) {
		if (fd >= 0)
			close (fd);
		return 0;
	}
	if (fd < 0)
		return s_cannot_open (self, open_errno);
	if (self->now.offset > 0)
		log_warn ("source-lost", "%s: the file read before is gone; %s from its start",
			  self->name, self->path);
	s_use_from_start (self, fd, status.st_ino);
	return 0;
}

/* Cut back, or written anew in place. With copytruncate the rest of what we have not read stands in
   a copy. */
static int
s_truncated (struct tail *self)
{
	struct tail_found found;
	struct tail_place place = self->now;
	if (tail_find_copy (self->path, &self->now, &found)) {
		log_info ("source-rotated", "%s: truncated; going on in its copy %s", self->name,
			  found.name);
		s_use (self, found.fd, found.inode, &place);
		return CHANGED;
	}
	log_info ("source-truncated", "%s: %s was truncated: from its start", self->name,
		  self->path);
	self->now = (struct tail_place){.inode = self->inode};
	self->last_line = false;
	self->unsaved_file = true;
	return CHANGED;
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
			return s_io_error (self);
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

static void
s_shrink (struct tail *self)
{
	if (self->capacity == TAIL_CHUNK_BYTES)
		return;
	char *smaller = realloc (self->buffer, TAIL_CHUNK_BYTES);
	if (!smaller)
		return;
	self->buffer = smaller;
	self->capacity = TAIL_CHUNK_BYTES;
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
					 self->now.offset + at + hole};
		int rc = skipping || line.size == 0 ? 0 : on_line (arg, &line);
		if (rc)
			return rc;
		skipping = false;
		at += length + (newline ? 1 : 0);
	}
	return 0;
}

static int
s_pend (struct tail *self, size_t size, bool skipping)
{
	self->next = self->now;
	self->next.offset += size;
	self->next.skipping = skipping;
	if (self->now.offset < TAIL_FINGERPRINT_BYTES && tail_print (self->fd, &self->next))
		return s_io_error (self);
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

/* 1: pending; 0: nothing; CHANGED; negative. */
static int
s_read_lines (struct tail *self, tail_line_fn *on_line, void *arg)
{
	ssize_t got = s_fill (self);
	if (got < 0)
		return (int) got;
	if (!tail_matches (self->fd, &self->now))
		return s_truncated (self);
	if (got == 0)
		return 0;
	size_t size = s_complete (self, (size_t) got);
	if (size > 0) {
		int rc = s_give_lines (self, size, on_line, arg);
		return rc ? rc : s_pend (self, size, false);
	}
	if (self->now.skipping)
		return s_pend (self, (size_t) got, true);
	if ((size_t) got > TAIL_LINE_MAX) {
		self->long_lines++;
		return s_pend (self, (size_t) got, true);
	}
	size_t hole = s_hole (self->buffer, (size_t) got);
	return hole > 0 ? s_pend (self, hole, false) : 0;
}

/* The next file after a finished one: rotated away later than it (while we were not running, did not
   look, or the outbox was full), or the one at the path. -1: none yet. */
static int
s_open_next (struct tail *self, struct stat *status)
{
	struct tail_found found;
	int fd = tail_open (self->path, status);
	bool moved = fd < 0 || status->st_ino != self->inode;
	if (moved && tail_find_next (self->path, self->fd, &found)) {
		if (fd >= 0)
			close (fd);
		if (fstat (found.fd, status) == 0) {
			log_info ("source-rotated", "%s: going on in %s", self->name, found.name);
			return found.fd;
		}
		close (found.fd);
		return -1;
	}
	/* An empty new file: the writer may still be on the old one (logrotate creates before it
	   signals). */
	if (fd >= 0 && (status->st_ino == self->inode || status->st_size == 0)) {
		close (fd);
		fd = -1;
	}
	return fd;
}

/* At the end of the file: has the path another one? 1: changed to it, or there was a last line. */
static int
s_follow (struct tail *self, tail_line_fn *on_line, void *arg)
{
	struct stat status;
	int fd = s_open_next (self, &status);
	if (fd < 0)
		return 0;
	self->last_line = true;
	int rc = s_read_lines (self, on_line, arg); /* written since we saw its end */
	if (rc) {
		close (fd);
		return rc;
	}
	if (self->now.offset >= TAIL_COPY_BYTES && tail_matches (fd, &self->now)) {
		struct tail_place place = self->now; /* the same file on another inode */
		s_use (self, fd, status.st_ino, &place);
	} else {
		s_use_from_start (self, fd, status.st_ino);
	}
	return CHANGED;
}

int
tail_read (struct tail *self, tail_line_fn *on_line, void *arg)
{
	if (self->fd < 0) {
		int rc = s_open (self);
		if (rc || self->fd < 0)
			return rc;
	}
	for (;;) {
		int rc = s_read_lines (self, on_line, arg);
		if (rc == 0)
			rc = s_follow (self, on_line, arg);
		if (rc != CHANGED)
			return rc;
	}
}

void
tail_position (const struct tail *self, char text[TAIL_POSITION_TEXT])
{
	const struct tail_place *place = self->pending ? &self->next : &self->now;
	char print[2 * TAIL_PRINT_BYTES + 1];
	siaga_hex (print, place->print, TAIL_PRINT_BYTES);
	snprintf (text, TAIL_POSITION_TEXT, "1 %" PRIu64 " %" PRIu64 " %c %s", place->inode,
		  place->offset, place->skipping ? 's' : '-', print);
}

void
tail_accept (struct tail *self)
{
	if (!self->pending)
		return;
	self->unsaved_bytes += self->next.offset - self->now.offset;
	self->now = self->next;
	self->pending = false;
	s_shrink (self);
}

void
tail_forget (struct tail *self)
{
	self->pending = false;
}

uint64_t
tail_unsaved_bytes (const struct tail *self)
{
	return self->unsaved_bytes;
}

bool
tail_unsaved_file (const struct tail *self)
{
	return self->unsaved_file;
}

void
tail_saved (struct tail *self)
{
	self->unsaved_bytes = 0;
	self->unsaved_file = false;
}

int
tail_fd (const struct tail *self)
{
	return self->watch.fd;
}

void
tail_drain (struct tail *self)
{
	tail_watch_drain (&self->watch);
	tail_watch_renew (&self->watch, self->fd);
}

bool
tail_needs_polling (const struct tail *self)
{
	return self->watch.incomplete;
}

uint64_t
tail_long_lines (const struct tail *self)
{
	return self->long_lines;
}
