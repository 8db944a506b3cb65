/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An undo log of what is not synced yet, the file SIAGA_SHIM_UNDO, of one program after the other: before a file changes,
 * what stood there; and which files were synced. After a `kill -9` tests/chaos/shim.py puts back what the disk would
 * never have had.
 */
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim.h"

#define DIRTY_MAX 64
#define NAMES_MAX 32	     /* that were given and are not synced */
#define UNDO_SMALL (1 << 20) /* bytes; above that the log is emptied when nothing is left to undo */

enum record_type {
	RECORD_CHANGE = 1,
	RECORD_SYNCED = 2,
	RECORD_MADE = 3,
	/* In the directory `inode`, the path that follows; what it stood for is kept as PATH.undo-OFFSET (0: nothing). */
	RECORD_NAMED = 4,
};

/* Little endian, as tests/chaos/shim.py reads it; `length` bytes follow. */
struct record {
	uint32_t type;
	uint32_t length;
	uint64_t inode;
	uint64_t offset;
	uint64_t size; /* of the file, before */
};

static struct {
	const struct shim_real *real;
	int fd;
	uint64_t written;
	uint64_t dirty[DIRTY_MAX];
	size_t dirty_count;
	struct {
		uint64_t directory;
		char kept[4096];
	} names[NAMES_MAX];
	uint64_t name_count; /* of all that ever were */
	pthread_mutex_t lock;
} s_undo = {.fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

void
shim_undo_open (const struct shim_real *real, const char *path)
{
	s_undo.real = real;
	if (path)
		s_undo.fd = real->open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void
s_mark (uint64_t inode, bool is_dirty)
{
	size_t i = 0;

	while (i < s_undo.dirty_count && s_undo.dirty[i] != inode)
		i++;
	if (is_dirty && i == s_undo.dirty_count && i < DIRTY_MAX)
		s_undo.dirty[s_undo.dirty_count++] = inode;
	if (!is_dirty && i < s_undo.dirty_count)
		s_undo.dirty[i] = s_undo.dirty[--s_undo.dirty_count];
}

/* One write for each record: a kill leaves a whole one, or a torn last one, which is passed over. */
static void
s_record (enum record_type type, const struct stat *file, off_t offset, const void *data,
	  size_t length)
{
	struct record head = {type, (uint32_t) length, file->st_ino, (uint64_t) offset,
			      (uint64_t) file->st_size};
	uint8_t *bytes = malloc (sizeof head + length);

	if (!bytes)
		abort ();
	memcpy (bytes, &head, sizeof head);
	if (length > 0)
		memcpy (bytes + sizeof head, data, length);
	if (s_undo.real->write (s_undo.fd, bytes, sizeof head + length) < 0)
		abort (); /* what cannot be undone must not be done */
	s_undo.written += sizeof head + length;
	free (bytes);
}

static bool
s_directory_of (const char *path, struct stat *directory)
{
	char copy[4096];

	snprintf (copy, sizeof copy, "%s", path);
	return stat (dirname (copy), directory) == 0;
}

void
shim_undo_rename (const char *path)
{
	struct stat directory;

	if (s_undo.fd < 0 || !s_directory_of (path, &directory))
		return;
	pthread_mutex_lock (&s_undo.lock);
	uint64_t number = (uint64_t) getpid () << 20 | ++s_undo.name_count;
	size_t slot = s_undo.name_count % NAMES_MAX;
	char *kept = s_undo.names[slot].kept;
	snprintf (kept, sizeof s_undo.names[slot].kept, "%s.undo-%llu", path,
		  (unsigned long long) number);
	s_undo.names[slot].directory = directory.st_ino;
	if (link (path, kept) != 0) {
		number = 0;
		kept[0] = '\0';
	}
	s_record (RECORD_NAMED, &directory, (off_t) number, path, strlen (path));
	s_mark (directory.st_ino, true);
	pthread_mutex_unlock (&s_undo.lock);
}

static void
s_forget_names (uint64_t directory)
{
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (s_undo.names[i].kept[0] && s_undo.names[i].directory == directory) {
			unlink (s_undo.names[i].kept);
			s_undo.names[i].kept[0] = '\0';
		}
}

/* Locked, with the file's state, when there is something to remember. */
static bool
s_begin (int fd, struct stat *file)
{
	if (s_undo.fd < 0 || fstat (fd, file) != 0 || S_ISSOCK (file->st_mode))
		return false;
	pthread_mutex_lock (&s_undo.lock);
	return fstat (fd, file) == 0;
}

static void
s_end (void)
{
	pthread_mutex_unlock (&s_undo.lock);
}

void
shim_undo_made (int fd)
{
	struct stat file;

	if (!s_begin (fd, &file))
		return;
	s_record (RECORD_MADE, &file, 0, NULL, 0);
	s_mark (file.st_ino, false);
	s_end ();
}

void
shim_undo_change (int fd, off_t offset, size_t size)
{
	struct stat file;

	if (!s_begin (fd, &file))
		return;
	if (size == 0 && offset < file.st_size) /* cut off */
		size = (size_t) (file.st_size - offset);
	uint8_t *old = malloc (size + 1);
	if (!old)
		abort ();
	ssize_t got = 0;
	char path[64];
	snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
	if (offset < file.st_size && size > 0) {
		got = s_undo.real->pread (fd, old, size, offset);
		if (got < 0) { /* write only: by another descriptor */
			int other = s_undo.real->open (path, O_RDONLY | O_CLOEXEC);
			got = other < 0 ? -1 : s_undo.real->pread (other, old, size, offset);
			if (other >= 0)
				s_undo.real->close (other);
		}
		if (got < 0)
			abort ();
	}
	s_record (RECORD_CHANGE, &file, offset, old, (size_t) got);
	s_mark (file.st_ino, true);
	free (old);
	s_end ();
}

void
shim_undo_synced (int fd)
{
	struct stat file;

	if (!s_begin (fd, &file))
		return;
	s_mark (file.st_ino, false);
	if (s_undo.dirty_count == 0 && s_undo.written > UNDO_SMALL &&
	    s_undo.real->ftruncate (s_undo.fd, 0) == 0)
		s_undo.written = 0;
	else
		s_record (RECORD_SYNCED, &file, 0, NULL, 0);
	s_forget_names (file.st_ino);
	s_end ();
}
