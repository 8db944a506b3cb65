/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by inode, by their first bytes and by age; and inotify. No state but the watches.
 */
#include "agent/tail_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agent/tail.h"
#include "siaga/error.h"

#define DIRECTORY_EVENTS                                                                           \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |        \
	 IN_MOVE_SELF | IN_ONLYDIR)

static int
s_open_at (int directory, const char *path, struct stat *status)
{
	int fd = openat (directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	int error = fstat (fd, status) ? errno : S_ISREG (status->st_mode) ? 0 : EINVAL;
	if (!error)
		return fd;
	close (fd);
	errno = error;
	return -1;
}

int
tail_open (const char *path, struct stat *status)
{
	return s_open_at (AT_FDCWD, path, status);
}

static size_t
s_print_size (const struct tail_place *place)
{
	return place->offset < TAIL_FINGERPRINT_BYTES ? (size_t) place->offset
						      : TAIL_FINGERPRINT_BYTES;
}

void
tail_print_of (const uint8_t *first, struct tail_place *place)
{
	crypto_generichash (place->print, TAIL_PRINT_BYTES, first, s_print_size (place), NULL, 0);
}

int
tail_print (int fd, struct tail_place *place)
{
	uint8_t first[TAIL_FINGERPRINT_BYTES];
	size_t size = s_print_size (place);
	ssize_t got = size ? pread (fd, first, size, 0) : 0;
	if (got < 0)
		return -1;
	crypto_generichash (place->print, TAIL_PRINT_BYTES, first, (size_t) got, NULL, 0);
	return 0;
}

bool
tail_matches (int fd, const struct tail_place *place)
{
	struct stat status;
	struct tail_place here = {.offset = place->offset};
	if (place->offset == 0)
		return true;
	return fstat (fd, &status) == 0 && (uint64_t) status.st_size >= place->offset &&
	       tail_print (fd, &here) == 0 &&
	       memcmp (here.print, place->print, TAIL_PRINT_BYTES) == 0;
}

bool
tail_may_be_copy (int fd, const struct tail_place *place)
{
	struct tail_place start = *place;
	if (place->offset < TAIL_COPY_BYTES)
		return false;
	if (start.offset > TAIL_FINGERPRINT_BYTES)
		start.offset = TAIL_FINGERPRINT_BYTES;
	return tail_matches (fd, &start);
}

bool
tail_begins_as (int fd, const char *path)
{
	uint8_t a[TAIL_FINGERPRINT_BYTES], b[TAIL_FINGERPRINT_BYTES];
	struct stat status;
	int other = tail_open (path, &status);
	if (other < 0)
		return false;
	ssize_t size = pread (fd, a, sizeof a, 0), other_size = pread (other, b, sizeof b, 0);
	close (other);
	if (size > other_size)
		size = other_size;
	return size >= TAIL_COPY_BYTES && memcmp (a, b, (size_t) size) == 0;
}

/* A search through the directory of a path. `better` judges an open regular file against the best
   so far. */
struct search {
	const char *base; /* the path's last part */
	const struct tail_place *place;
	bool numbered;
	const struct tail_done *done;
	struct stat finished;
	struct stat current; /* of a skipped copy: the file that was cut back after it was made */
	const char *data;    /* likewise: what begins that file now */
	size_t size;
	struct stat best;
	struct tail_found *found;
	bool (*better) (const struct search *search, const char *name, int fd,
			const struct stat *status);
};

static void
s_take (struct search *search, const char *name, int fd, const struct stat *status)
{
	if (search->found->fd >= 0)
		close (search->found->fd);
	search->found->fd = fd;
	search->found->inode = status->st_ino;
	search->best = *status;
	snprintf (search->found->name, sizeof search->found->name, "%s", name);
}

static void
s_look (struct search *search, int directory, const struct dirent *entry)
{
	struct stat status;
	if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
		return;
	int fd = s_open_at (directory, entry->d_name, &status);
	if (fd < 0)
		return;
	if (search->better (search, entry->d_name, fd, &status))
		s_take (search, entry->d_name, fd, &status);
	else
		close (fd);
}

static bool
s_search (struct search *search, const char *path, struct tail_found *found)
{
	char *for_directory = strdup (path), *for_base = strdup (path);
	DIR *directory = for_directory && for_base ? opendir (dirname (for_directory)) : NULL;
	struct dirent *entry;
	search->found = found;
	found->fd = -1;
	if (directory) {
		search->base = basename (for_base);
		while ((entry = readdir (directory)))
			s_look (search, dirfd (directory), entry);
		closedir (directory);
	}
	free (for_directory);
	free (for_base);
	return found->fd >= 0;
}

/* Is it "eve.json.1" or "eve.json-20261124", of eve.json? */
static bool
s_is_sibling (const struct search *search, const char *name)
{
	size_t length = strlen (search->base);
	return strncmp (name, search->base, length) == 0 && name[length] &&
	       strchr (".-_", name[length]);
}

/* Inodes are used again: without first bytes to compare, the name must speak for it. */
static bool
s_same_inode (const struct search *search, const char *name, int fd, const struct stat *status)
{
	return status->st_ino == search->place->inode && tail_matches (fd, search->place) &&
	       (search->place->offset > 0 || s_is_sibling (search, name));
}

static bool
s_longer_copy (const struct search *search, const char *name, int fd, const struct stat *status)
{
	(void) name;
	return (search->found->fd < 0 || status->st_size > search->best.st_size) &&
	       tail_matches (fd, search->place);
}

bool
tail_is_compressed (int fd)
{
	static const char magics[][3] = {"\x1f\x8b", "BZ",
					 "\xfd"
					 "7",
					 "\x28\xb5"};
	char first[2];
	if (pread (fd, first, sizeof first, 0) != (ssize_t) sizeof first)
		return true; /* too short to hold a line */
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (memcmp (first, magics[i], sizeof first) == 0)
			return true;
	return false;
}

static int
s_compare_times (const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

/* Written to last before; within one tick of the clock, renamed before. */
static bool
s_is_older (const struct stat *a, const struct stat *b)
{
	int by_content = s_compare_times (&a->st_mtim, &b->st_mtim);
	return by_content != 0 ? by_content < 0 : s_compare_times (&a->st_ctim, &b->st_ctim) < 0;
}

static bool
s_is_numbered (const struct search *search, const char *name)
{
	const char *rest = name + strlen (search->base);
	return strspn (rest, "0123456789.-_:T+") == strlen (rest);
}

void
tail_done_add (struct tail_done *self, uint64_t inode)
{
	self->inodes[self->next] = inode;
	self->next = (self->next + 1) % TAIL_DONE_MAX;
}

static bool
s_is_done (const struct tail_done *self, uint64_t inode)
{
	for (size_t i = 0; i < TAIL_DONE_MAX; i++)
		if (self->inodes[i] == inode)
			return true;
	return false;
}

/* The clock of files ticks every few milliseconds: what was rotated twice within one tick cannot be told apart by times. */
static bool
s_comes_after (const struct search *search, const struct stat *status)
{
	if (s_is_older (&search->finished, status))
		return true;
	return !s_is_older (status, &search->finished) && !s_is_done (search->done, status->st_ino);
}

static bool
s_next_generation (const struct search *search, const char *name, int fd, const struct stat *status)
{
	return s_is_sibling (search, name) && (!search->numbered || s_is_numbered (search, name)) &&
	       status->st_ino != search->finished.st_ino && s_comes_after (search, status) &&
	       (search->found->fd < 0 || s_is_older (status, &search->best)) &&
	       !tail_is_compressed (fd);
}

/* Or as much of it as there is in both. */
static bool
s_begins_with (int fd, const char *data, size_t size)
{
	char first[TAIL_FINGERPRINT_BYTES];
	ssize_t got = pread (fd, first, size < sizeof first ? size : sizeof first, 0);
	return got <= 0 || memcmp (first, data, (size_t) got) == 0;
}

static bool
s_skipped (const struct search *search, const char *name, int fd, const struct stat *status)
{
	return s_next_generation (search, name, fd, status) &&
	       status->st_ino != search->current.st_ino && !s_is_older (&search->current, status) &&
	       !s_begins_with (fd, search->data, search->size);
}

bool
tail_find (const char *path, const struct tail_place *place, struct tail_found *found)
{
	struct search search = {.place = place, .better = s_same_inode};
	return s_search (&search, path, found) || tail_find_copy (path, place, found);
}

bool
tail_find_copy (const char *path, const struct tail_place *place, struct tail_found *found)
{
	struct search search = {.place = place, .better = s_longer_copy};
	return place->offset >= TAIL_COPY_BYTES && s_search (&search, path, found);
}

bool
tail_find_next (const char *path, int fd, bool numbered, const struct tail_done *done,
		struct tail_found *found)
{
	struct search search = {.numbered = numbered, .done = done, .better = s_next_generation};
	return fstat (fd, &search.finished) == 0 && s_search (&search, path, found);
}

bool
tail_find_skipped (const char *path, int fd, const struct stat *former,
		   const struct tail_done *done, const char *data, size_t size,
		   struct tail_found *found)
{
	struct search search = {.numbered = true,
				.done = done,
				.finished = *former,
				.data = data,
				.size = size,
				.better = s_skipped};
	return fstat (fd, &search.current) == 0 && s_search (&search, path, found);
}

int
tail_watch_init (struct tail_watch *self, const char *path)
{
	*self = (struct tail_watch){.fd = -1, .directory_wd = -1, .file_wd = -1, .path_wd = -1};
	self->path = strdup (path);
	char *copy = strdup (path);
	self->directory = copy ? strdup (dirname (copy)) : NULL;
	free (copy);
	if (!self->path || !self->directory)
		return SIAGA_ENOMEM;
	self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
	self->incomplete = self->fd < 0;
	return 0;
}

void
tail_watch_finish (struct tail_watch *self)
{
	if (self->fd >= 0)
		close (self->fd);
	self->fd = -1;
	free (self->path);
	free (self->directory);
	self->path = self->directory = NULL;
}

/* Watches `path`, and no longer what `*wd` was, unless that is still wanted. */
static bool
s_watch (struct tail_watch *self, int *wd, int other_wd, const char *path, uint32_t events)
{
	int fresh = inotify_add_watch (self->fd, path, events);
	if (*wd >= 0 && *wd != fresh && *wd != other_wd)
		inotify_rm_watch (self->fd, *wd);
	*wd = fresh;
	return fresh >= 0;
}

void
tail_watch_renew (struct tail_watch *self, int fd)
{
	char by_fd[64];
	if (self->fd < 0)
		return;
	bool complete = s_watch (self, &self->directory_wd, -1, self->directory, DIRECTORY_EVENTS);
	if (fd >= 0) {
		snprintf (by_fd, sizeof by_fd, "/proc/self/fd/%d", fd);
		complete &= s_watch (self, &self->file_wd, self->path_wd, by_fd, IN_MODIFY);
	}
	/* One that is missing is not watched for: the directory tells. */
	bool there = s_watch (self, &self->path_wd, self->file_wd, self->path, IN_MODIFY);
	self->incomplete = !complete || (!there && errno != ENOENT && errno != EACCES);
}

void
tail_watch_drain (struct tail_watch *self)
{
	char events[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
	while (self->fd >= 0 && read (self->fd, events, sizeof events) > 0)
		;
}
