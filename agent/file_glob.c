/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob(3) and one inotify. Watches of directories that are gone go with them.
 */
#include "agent/file_glob.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conf.h"
#include "siaga/error.h"

#define EVENTS                                                                                     \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF |        \
	 IN_MOVE_SELF | IN_ONLYDIR)

struct file_glob {
	const struct conf_strings *paths;
	int fd;
	bool incomplete;
};

struct found {
	const char *path;
	struct timespec written;
};

bool
file_glob_is_wild (const char *path)
{
	return strpbrk (path, "*?[") != NULL;
}

bool
file_glob_is_compressed (const char *path)
{
	static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z", ".zip"};
	size_t size = strlen (path);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t ending = strlen (endings[i]);
		if (size > ending && strcmp (path + size - ending, endings[i]) == 0)
			return true;
	}
	return false;
}

struct file_glob *
file_glob_new (const struct conf_strings *paths)
{
	struct file_glob *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->paths = paths;
	self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
	self->incomplete = self->fd < 0;
	return self;
}

void
file_glob_destroy (struct file_glob **self_p)
{
	struct file_glob *self = *self_p;
	if (!self)
		return;
	if (self->fd >= 0)
		close (self->fd);
	free (self);
	*self_p = NULL;
}

void
file_glob_configure (struct file_glob *self, const struct conf_strings *paths)
{
	self->paths = paths;
}

bool
file_glob_matches (const struct file_glob *self, const char *path)
{
	for (size_t i = 0; i < self->paths->count; i++)
		if (fnmatch (self->paths->items[i], path, FNM_PATHNAME | FNM_PERIOD) == 0)
			return true;
	return false;
}

/* Watches the directories that the path's directory part stands for. With wildcards there, or none of them there yet,
   others may come unseen. */
static void
s_watch (struct file_glob *self, const char *path)
{
	char *directory = strdup (path);
	char *slash = directory ? strrchr (directory, '/') : NULL;
	glob_t found = {0};
	if (slash)
		*(slash == directory ? slash + 1 : slash) = '\0';
	const char *name = slash ? directory : ".";
	bool any = directory && glob (name, GLOB_ONLYDIR, NULL, &found) == 0;
	bool complete = any && !file_glob_is_wild (name);
	for (size_t i = 0; any && i < found.gl_pathc; i++)
		if (self->fd < 0 || inotify_add_watch (self->fd, found.gl_pathv[i], EVENTS) < 0)
			complete = false;
	self->incomplete |= !complete;
	globfree (&found);
	free (directory);
}

/* A file before what it was renamed or copied to. */
static int
s_compare (const void *a, const void *b)
{
	size_t m = strlen (((const struct found *) a)->path);
	size_t n = strlen (((const struct found *) b)->path);
	if (m != n)
		return m < n ? -1 : 1;
	const struct timespec *x = &((const struct found *) a)->written;
	const struct timespec *y = &((const struct found *) b)->written;
	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

static int
s_visit (const glob_t *matches, int (*each) (void *arg, const char *path), void *arg)
{
	struct found *found = calloc (matches->gl_pathc + 1, sizeof *found);
	size_t count = 0;
	int rc = found ? 0 : SIAGA_ENOMEM;
	for (size_t i = 0; !rc && i < matches->gl_pathc; i++) {
		struct stat status;
		if (file_glob_is_compressed (matches->gl_pathv[i]) ||
		    stat (matches->gl_pathv[i], &status) || !S_ISREG (status.st_mode))
			continue;
		found[count++] = (struct found){matches->gl_pathv[i], status.st_mtim};
	}
	if (found)
		qsort (found, count, sizeof *found, s_compare);
	for (size_t i = 0; !rc && i < count; i++)
		rc = each (arg, found[i].path);
	free (found);
	return rc;
}

int
file_glob_scan (struct file_glob *self, int (*each) (void *arg, const char *path), void *arg)
{
	int rc = 0;
	self->incomplete = self->fd < 0;
	for (size_t i = 0; i < self->paths->count && !rc; i++) {
		const char *path = self->paths->items[i];
		glob_t matches = {0};
		if (!file_glob_is_wild (path))
			continue;
		s_watch (self, path); /* before looking, so that nothing comes in between */
		if (glob (path, GLOB_NOSORT, NULL, &matches) == 0)
			rc = s_visit (&matches, each, arg);
		globfree (&matches);
	}
	return rc;
}

int
file_glob_fd (const struct file_glob *self)
{
	return self->fd;
}

void
file_glob_drain (struct file_glob *self)
{
	char events[4096] __attribute__ ((aligned (__alignof__(struct inotify_event))));
	while (self->fd >= 0 && read (self->fd, events, sizeof events) > 0)
		;
}

bool
file_glob_needs_polling (const struct file_glob *self)
{
	return self->incomplete;
}
