/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See out_file.h. What is judged at the start is the end of the file: the last newline, and the whole line before
 * it. Only the bytes after that newline may ever be cut.
 */
#include "cli/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "siaga/error.h"

#define BUFFER_MAX ((size_t) 16 << 20) /* bytes of lines not yet synced */

struct out_file {
	char *path;
	int fd;
	bool has_cursor;
	struct siaga_cursor cursor;
	char *buffer;
	size_t size;
	size_t capacity;
	int failed; /* the errno of a sync: half of the buffer may be in the file */
};

static int
s_fail (int error, char words[OUT_FILE_WORDS], const char *path, const char *what)
{
	snprintf (words, OUT_FILE_WORDS, "%.384s: %s", path, what);
	return error;
}

static int
s_fail_errno (char words[OUT_FILE_WORDS], const char *path)
{
	int error = errno == ENOENT || errno == ENOTDIR ? SIAGA_ENOTFOUND : SIAGA_EIO;
	return s_fail (error, words, path, strerror (errno));
}

/* A line of ours: a JSON object with a cursor. NULL when it is not. */
static json_t *
s_parse_line (const char *line, size_t size, struct siaga_cursor *cursor)
{
	json_t *object = json_loadb (line, size, JSON_REJECT_DUPLICATES, NULL);
	const char *text = json_string_value (json_object_get (object, "cursor"));
	if (text && cursor_parse (siaga_text (text), cursor) == 0)
		return object;
	json_decref (object);
	return NULL;
}

/* The names of a file and its directory are durable before anything is written to it. */
static int
s_sync_directory (const char *path)
{
	char *directory = strdup (path);
	char *slash = directory ? strrchr (directory, '/') : NULL;
	if (slash)
		slash[slash == directory ? 1 : 0] = '\0';
	int fd =
		directory ? open (slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int failed = fd < 0 ? -1 : fsync (fd);
	if (fd >= 0)
		close (fd);
	free (directory);
	return failed;
}

static int
s_open_and_lock (struct out_file *self, char words[OUT_FILE_WORDS])
{
	self->fd = open (self->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (self->fd < 0)
		return s_fail_errno (words, self->path);
	if (flock (self->fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			return s_fail (SIAGA_ELOCKED, words, self->path,
				       "another process writes this file");
		return s_fail_errno (words, self->path);
	}
	struct stat status;
	if (fstat (self->fd, &status))
		return s_fail_errno (words, self->path);
	if (!S_ISREG (status.st_mode))
		return s_fail (SIAGA_EFORMAT, words, self->path, "not a regular file");
	return s_sync_directory (self->path) ? s_fail_errno (words, self->path) : 0;
}

/* How many lines the first `size` bytes hold: for the words of an error. */
static uint64_t
s_count_lines (int fd, off_t size)
{
	char chunk[65536];
	uint64_t lines = 0;
	for (off_t at = 0; at < size;) {
		size_t want =
			size - at < (off_t) sizeof chunk ? (size_t) (size - at) : sizeof chunk;
		ssize_t got = pread (fd, chunk, want, at);
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got; i++)
			lines += chunk[i] == '\n';
		at += got;
	}
	return lines;
}

static int
s_garbage (const struct out_file *self, off_t end, char words[OUT_FILE_WORDS])
{
	snprintf (words, OUT_FILE_WORDS,
		  "%.384s:%llu: not a line that siaga watch --out wrote; the file is left as it is",
		  self->path, (unsigned long long) s_count_lines (self->fd, end));
	return SIAGA_EFORMAT;
}

/* The last bytes of the file, at most two lines of them. */
static int
s_read_tail (const struct out_file *self, off_t size, char **tail_p, size_t *tail_size_p)
{
	size_t want = size < 2 * OUT_FILE_LINE_MAX ? (size_t) size : 2 * OUT_FILE_LINE_MAX;
	char *tail = malloc (want + 1);
	if (!tail)
		return SIAGA_ENOMEM;
	for (size_t at = 0; at < want;) {
		ssize_t got = pread (self->fd, tail + at, want - at, size - (off_t) (want - at));
		if (got <= 0) {
			free (tail);
			return SIAGA_EIO;
		}
		at += (size_t) got;
	}
	*tail_p = tail;
	*tail_size_p = want;
	return 0;
}

/* Judges the last whole line, which ends before `end`; its start may lie before the tail: then it is too long
   to be ours. */
static bool
s_take_last_line (struct out_file *self, const char *tail, size_t end)
{
	size_t newline = end - 1;
	const char *before = newline ? memrchr (tail, '\n', newline) : NULL;
	const char *start = before ? before + 1 : tail;
	json_t *object = s_parse_line (start, (size_t) (tail + newline - start), &self->cursor);
	self->has_cursor = object != NULL;
	json_decref (object);
	return self->has_cursor;
}

static int
s_recover (struct out_file *self, char words[OUT_FILE_WORDS])
{
	char *tail = NULL;
	size_t tail_size = 0;
	off_t size = lseek (self->fd, 0, SEEK_END);
	if (size == 0)
		return 0;
	int error = size < 0 ? SIAGA_EIO : s_read_tail (self, size, &tail, &tail_size);
	if (error)
		return s_fail (error, words, self->path, "cannot be read");
	const char *last = memrchr (tail, '\n', tail_size);
	size_t end = last ? (size_t) (last - tail) + 1 : 0;
	off_t keep = size - (off_t) (tail_size - end);
	bool too_long = tail_size - end > OUT_FILE_LINE_MAX || (end == 0 && keep > 0);
	if (too_long)
		error = s_garbage (self, size, words);
	else if (end > 0 && !s_take_last_line (self, tail, end))
		error = s_garbage (self, keep, words);
	if (!error && keep < size && (ftruncate (self->fd, keep) || fdatasync (self->fd)))
		error = s_fail_errno (words, self->path);
	free (tail);
	return error;
}

int
out_file_open (struct out_file **self_p, const char *path, char words[OUT_FILE_WORDS])
{
	struct out_file *self = calloc (1, sizeof *self);
	if (!self)
		return s_fail (SIAGA_ENOMEM, words, path, siaga_strerror (SIAGA_ENOMEM));
	self->fd = -1;
	self->path = strdup (path);
	int error = self->path ? s_open_and_lock (self, words) : SIAGA_ENOMEM;
	if (!error)
		error = s_recover (self, words);
	if (error)
		out_file_close (&self);
	else
		*self_p = self;
	return error;
}

void
out_file_close (struct out_file **self_p)
{
	struct out_file *self = *self_p;
	if (!self)
		return;
	if (self->fd >= 0)
		close (self->fd);
	free (self->buffer);
	free (self->path);
	free (self);
	*self_p = NULL;
}

bool
out_file_cursor (const struct out_file *self, struct siaga_cursor *cursor)
{
	if (self->has_cursor)
		*cursor = self->cursor;
	return self->has_cursor;
}

int
out_file_add (struct out_file *self, const char *line, size_t size)
{
	if (size > OUT_FILE_LINE_MAX || self->size + size > BUFFER_MAX)
		return SIAGA_ELIMIT;
	if (self->size + size > self->capacity) {
		size_t capacity = 2 * self->capacity + size;
		char *buffer = realloc (self->buffer, capacity);
		if (!buffer)
			return SIAGA_ENOMEM;
		self->buffer = buffer;
		self->capacity = capacity;
	}
	memcpy (self->buffer + self->size, line, size);
	self->size += size;
	return 0;
}

static int
s_write (struct out_file *self)
{
	for (size_t at = 0; at < self->size;) {
		ssize_t wrote = write (self->fd, self->buffer + at, self->size - at);
		if (wrote < 0 && errno != EINTR)
			return -1;
		at += wrote > 0 ? (size_t) wrote : 0;
	}
	self->size = 0;
	return fdatasync (self->fd);
}

int
out_file_sync (struct out_file *self)
{
	if (self->failed == 0 && self->size > 0 && s_write (self) != 0)
		self->failed = errno;
	errno = self->failed;
	return self->failed ? SIAGA_EIO : 0;
}

static int
s_handled_line (const struct out_file *self, const char *line, size_t size, uint64_t number,
		struct handled *handled, char words[OUT_FILE_WORDS])
{
	struct siaga_cursor cursor;
	json_t *object = s_parse_line (line, size, &cursor);
	int error = object ? handled_load_one (handled, object) : SIAGA_EFORMAT;
	json_decref (object);
	if (error)
		snprintf (words, OUT_FILE_WORDS, "%.384s:%llu: %s", self->path,
			  (unsigned long long) number, siaga_strerror (error));
	return error;
}

int
out_file_handled (struct out_file *self, struct handled *handled, char words[OUT_FILE_WORDS])
{
	FILE *file = fopen (self->path, "re");
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;
	int error = 0;
	if (!file)
		return s_fail_errno (words, self->path);
	for (uint64_t number = 1; !error && (size = getline (&line, &capacity, file)) > 0; number++)
		if (line[size - 1] == '\n')
			error = s_handled_line (self, line, (size_t) size - 1, number, handled,
						words);
	if (!error && ferror (file))
		error = s_fail_errno (words, self->path);
	free (line);
	fclose (file);
	return error;
}
