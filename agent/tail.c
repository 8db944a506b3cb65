/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file descriptor, one place in it, and the question "is this still the same file?", asked
 * after every read and before its bytes are believed. What is found in the directory, and the
 * watching of it, is in tail_files.c; what is read, in tail_lines.c.
 */
#include "agent/tail_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "siaga/error.h"

struct tail *
tail_new (const struct tail_options *options, const char *position)
{
	struct tail *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->name = strdup (options->name);
	self->from_start = options->from_start;
	self->fd = -1;
	self->is_taken = options->is_taken;
	self->arg = options->arg;
	self->path = strdup (options->path);
	if (tail_watch_init (&self->watch, options->path) || !self->path || !self->name) {
		tail_destroy (&self);
		return NULL;
	}
	self->former = tail_former_now ();
	if (position) {
		self->known = tail_position_parse (&self->now, &self->former, position);
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
	free (self->name);
	free (self->path);
	free (self->buffer);
	free (self);
	*self_p = NULL;
}

/* What is left behind is remembered for the owner; inode 0: only a copy of it can be there still. */
static void
s_leave (struct tail *self, uint64_t inode)
{
	if (self->now.offset == 0)
		return;
	if (self->left_count == LEFT_MAX)
		memmove (self->left, self->left + 1, --self->left_count * sizeof *self->left);
	self->left[self->left_count] = self->now;
	self->left[self->left_count++].inode = inode;
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
		return tail_io_error (self);
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

static bool
s_is_taken (const struct tail *self, int fd, const struct stat *status)
{
	const char *slash = strrchr (self->path, '/');
	return self->is_taken &&
	       self->is_taken (self->arg, fd, status->st_ino, slash ? slash + 1 : self->path);
}

static int
s_open (struct tail *self)
{
	struct stat status;
	int fd = tail_open (self->path, &status);
	int open_errno = errno;
	if (!self->known && fd >= 0 && s_is_taken (self, fd, &status)) {
		close (fd);
		return 0;
	}
	if (!self->known && fd >= 0)
		return self->from_start ? (s_use_from_start (self, fd, status.st_ino), 0)
					: s_use_from_end (self, fd, &status);
	if (fd >= 0 && self->now.inode == status.st_ino && tail_matches (fd, &self->now)) {
		struct tail_place place = self->now;
		s_use (self, fd, status.st_ino, &place);
		return 0;
	}
	if (self->known && self->now.inode > 0 && s_open_old (self)) {
		self->catching_up = fd < 0 || status.st_ino != self->inode;
		if (fd >= 0)
			close (fd);
		return 0;
	}
	if (fd < 0)
		return s_cannot_open (self, open_errno);
	if (s_is_taken (self, fd, &status)) {
		close (fd);
		return 0;
	}
	if (self->now.offset > 0) {
		log_warn ("source-lost", "%s: the file read before is gone; %s from its start",
			  self->name, self->path);
		self->former = tail_former_now ();
	}
	s_leave (self, 0);
	s_use_from_start (self, fd, status.st_ino);
	return 0;
}

/* Cut back, or written anew in place. With copytruncate the rest of what we have not read stands in
   a copy. */
int
tail_truncated (struct tail *self)
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
	s_leave (self, 0);
	self->former =
		tail_former_now (); /* a copy can be shorter than what was read of the file */
	self->now = (struct tail_place){.inode = self->inode};
	self->last_line = false;
	self->unsaved_file = true;
	return CHANGED;
}

int
tail_skipped (struct tail *self, size_t size)
{
	struct tail_found found;
	struct stat status;
	if (!tail_find_skipped (self->path, self->fd, &self->former, &self->done, self->buffer,
				size, &found))
		return 0;
	if (fstat (found.fd, &status) || s_is_taken (self, found.fd, &status)) {
		close (found.fd);
		return 0;
	}
	log_info ("source-rotated", "%s: truncated before it was read; going on in its copy %s",
		  self->name, found.name);
	s_use_from_start (self, found.fd, found.inode);
	return CHANGED;
}

/* One that was rotated away later than the finished one, and is nobody else's; -1: none. */
static int
s_open_generation (const struct tail *self, bool numbered, struct stat *status)
{
	struct tail_found found;
	if (!tail_find_next (self->path, self->fd, numbered, &self->done, &found))
		return -1;
	if (fstat (found.fd, status) == 0 && !s_is_taken (self, found.fd, status)) {
		log_info ("source-rotated", "%s: going on in %s", self->name, found.name);
		return found.fd;
	}
	close (found.fd);
	return -1;
}

/* The next file after a finished one: rotated away later than it, or the one at the path. -1: none
   yet. */
static int
s_open_next (struct tail *self, struct stat *status)
{
	int fd = self->catching_up ? s_open_generation (self, false, status) : -1;
	if (fd >= 0)
		return fd;
	fd = tail_open (self->path, status);
	/* An empty new file: the writer may still be on the old one (logrotate creates before it
	   signals). */
	if (fd >= 0 && (status->st_ino == self->inode || status->st_size == 0 ||
			s_is_taken (self, fd, status))) {
		close (fd);
		return -1;
	}
	/* While we were held up there may have been more than one rotation. */
	struct stat between;
	int earlier = fd >= 0 && !self->catching_up ? s_open_generation (self, true, &between) : -1;
	if (earlier < 0)
		return fd;
	close (fd);
	*status = between;
	return earlier;
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
	int rc = tail_read_lines (self, on_line, arg); /* written since we saw its end */
	if (rc) {
		close (fd);
		return rc;
	}
	s_leave (self, self->inode);
	tail_done_add (&self->done, self->inode);
	if (fstat (self->fd, &self->former))
		self->former = tail_former_now ();
	if (self->now.offset >= TAIL_COPY_BYTES && tail_matches (fd, &self->now)) {
		struct tail_place place = self->now; /* the same file on another inode */
		s_use (self, fd, status.st_ino, &place);
	} else {
		s_use_from_start (self, fd, status.st_ino);
	}
	struct stat path;
	if (stat (self->path, &path) == 0 && path.st_ino == status.st_ino)
		self->catching_up = false;
	return CHANGED;
}

static int
s_read (struct tail *self, tail_line_fn *on_line, void *arg)
{
	if (!tail_have_buffer (self))
		return SIAGA_ENOMEM;
	if (self->fd < 0) {
		int rc = s_open (self);
		if (rc || self->fd < 0)
			return rc;
	}
	for (;;) {
		int rc = tail_read_lines (self, on_line, arg);
		if (rc == 0)
			rc = s_follow (self, on_line, arg);
		if (rc != CHANGED)
			return rc;
	}
}

int
tail_read (struct tail *self, tail_line_fn *on_line, void *arg)
{
	int rc = s_read (self, on_line, arg);
	if (rc <= 0)
		tail_free_buffer (self);
	return rc;
}

void
tail_accept (struct tail *self)
{
	if (!self->pending)
		return;
	self->unsaved_bytes += self->next.offset - self->now.offset;
	self->now = self->next;
	self->pending = false;
	tail_shrink_buffer (self);
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

bool
tail_place (const struct tail *self, struct tail_place *place)
{
	*place = self->now;
	if (self->fd >= 0)
		place->inode = self->inode;
	return self->fd >= 0;
}

bool
tail_left (struct tail *self, struct tail_place *place)
{
	if (self->left_count == 0)
		return false;
	*place = self->left[0];
	memmove (self->left, self->left + 1, --self->left_count * sizeof *self->left);
	return true;
}

size_t
tail_head (const struct tail *self, char *data, size_t capacity)
{
	ssize_t got = self->fd >= 0 ? pread (self->fd, data, capacity, 0) : 0;
	return got > 0 ? (size_t) got : 0;
}

int
tail_errno (const struct tail *self)
{
	return self->said_errno;
}
