/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of a source: from its paths and wildcards, less those that are only another one's earlier generation under
 * its new name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/files_private.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define RETIRE_MS 60000 /* a file is gone so long before it is forgotten */
#define UNSURE_MS 1000	/* what a file without a byte will be */
#define SCAN_MS 5000	/* between looks where directories can not be watched */

static const struct source_conf *
s_conf (const struct files *self)
{
	return self->feed.context.source;
}

static const char *
s_base (const char *path)
{
	const char *slash = strrchr (path, '/');
	return slash ? slash + 1 : path;
}

/* Can the one be a copy of the other, by their names? "notice-20261124.log" and "notice.log.1" can, of "notice.log". */
static bool
s_extends (const char *name, const char *other)
{
	size_t stem = strcspn (other, ".-_0123456789");
	return stem > 0 && strlen (name) > strlen (other) && strncmp (name, other, stem) == 0;
}

static bool
s_is_others (const struct file *other, int fd, uint64_t inode, const char *name)
{
	struct tail_place place;
	bool is_open = tail_place (other->tail, &place);
	if (place.inode == inode)
		return is_open || (place.inode > 0 && tail_matches (fd, &place));
	if (!s_extends (name, s_base (other->path)))
		return false;
	return place.offset >= TAIL_COPY_BYTES ? tail_may_be_copy (fd, &place)
					       : tail_begins_as (fd, other->path);
}

/* Can it be a copy of one that we have, by its name? */
static bool
s_extends_any (const struct files *self, const char *name)
{
	for (size_t i = 0; i < self->count; i++)
		if (s_extends (name, s_base (self->list[i]->path)))
			return true;
	return false;
}

/* `self` NULL: of a file that has no tail yet. */
static bool
s_is_taken (const struct files *owner, const struct file *self, int fd, uint64_t inode,
	    const char *name)
{
	if (left_files_has (&owner->left, fd, inode, s_extends_any (owner, name)))
		return true;
	for (size_t i = 0; i < owner->count; i++)
		if (owner->list[i] != self && s_is_others (owner->list[i], fd, inode, name))
			return true;
	return false;
}

static bool
s_on_taken (void *arg, int fd, uint64_t inode, const char *name)
{
	struct file *self = arg;
	return s_is_taken (self->owner, self, fd, inode, name);
}

static void
s_destroy (struct file **self_p)
{
	struct file *self = *self_p;
	if (!self)
		return;
	files_watch (self, false);
	if (self->parser)
		self->owner->feed.parser->destroy (&self->parser);
	tail_destroy (&self->tail);
	free (self->path);
	free (self->key);
	free (self);
	*self_p = NULL;
}

/* "name", or "name:path". */
static char *
s_key (const struct files *self, const char *path, bool single)
{
	char *key = NULL;
	if (single)
		return strdup (self->feed.name);
	return asprintf (&key, "%s:%s", self->feed.name, path) < 0 ? NULL : key;
}

static int
s_get (const struct files *self, const char *key, char **position_p)
{
	int rc = intake_get_position (self->feed.context.intake, key, position_p);
	return rc == SIAGA_ENOTFOUND ? 0 : rc;
}

/* One that was stored while the source had another number of paths is as good, when it is of the file at the path. */
static int
s_former_position (const struct files *self, const char *path, char **position_p)
{
	char *key = s_key (self, path, !self->single);
	int rc = key ? s_get (self, key, position_p) : SIAGA_ENOMEM;
	free (key);
	if (rc || !*position_p || self->single)
		return rc;
	if (left_files_is_text (*position_p) || !tail_is_of (path, *position_p)) {
		free (*position_p);
		*position_p = NULL;
	}
	return 0;
}

static int
s_position (const struct files *self, const struct file *file, char **position_p)
{
	int rc = s_get (self, file->key, position_p);
	if (!rc && *position_p && self->single && left_files_is_text (*position_p)) {
		free (*position_p);
		*position_p = NULL;
	}
	return rc || *position_p ? rc : s_former_position (self, file->path, position_p);
}

static int
s_open (struct files *self, struct file *file)
{
	char *position = NULL;
	int rc = s_position (self, file, &position);
	struct tail_options options = {
		.name = self->feed.name,
		.path = file->path,
		.from_start = self->begun || s_conf (self)->from == SOURCE_FROM_START,
		.is_taken = self->single ? NULL : s_on_taken,
		.arg = file,
	};
	if (!rc)
		file->tail = tail_new (&options, position);
	free (position);
	return rc ? rc : file->tail ? 0 : SIAGA_ENOMEM;
}

static int
s_add (struct files *self, const char *path, bool wild)
{
	struct file *file = calloc (1, sizeof *file);
	if (!file)
		return SIAGA_ENOMEM;
	*file = (struct file){.owner = self, .path = strdup (path), .ready = true, .wild = wild};
	file->key = s_key (self, path, self->single);
	file->parser = feed_parser (&self->feed);
	int rc = !file->path || !file->key ? SIAGA_ENOMEM : file->parser ? 0 : SIAGA_ECONF;
	if (!rc)
		rc = s_open (self, file);
	if (rc) {
		s_destroy (&file);
		return rc;
	}
	self->list[self->count++] = file;
	files_watch (file, self->running);
	return 0;
}

static bool
s_has (const struct files *self, const char *path)
{
	for (size_t i = 0; i < self->count; i++)
		if (strcmp (self->list[i]->path, path) == 0)
			return true;
	return false;
}

static bool
s_is_new (struct files *self, const char *path)
{
	struct stat status;
	if (s_has (self, path))
		return false;
	int fd = tail_open (path, &status);
	if (fd < 0)
		return true; /* said by its tail */
	/* One without a byte may be the beginning of a copy: soon it is known. */
	bool empty = status.st_size == 0 && s_extends_any (self, s_base (path));
	self->unsure |= empty;
	bool taken = empty || s_is_taken (self, NULL, fd, status.st_ino, s_base (path)) ||
		     (status.st_size > 1 && tail_is_compressed (fd));
	close (fd);
	return !taken;
}

static int
s_on_path (void *arg, const char *path)
{
	struct files *self = arg;
	if (!s_is_new (self, path))
		return 0;
	if (self->count < FILES_MAX)
		return s_add (self, path, true);
	if (!self->told_full)
		log_warn ("source-files", "%s: more than %d files: %s and others are not read",
			  self->feed.name, FILES_MAX, path);
	self->told_full = true;
	return 0;
}

/* What is known from the last time. */
struct known {
	size_t prefix; /* of a key, before its path */
	size_t count;
	char *paths[FILES_MAX];
};

static int
s_on_known (void *arg, struct siaga_text key)
{
	struct known *known = arg;
	if (known->count == FILES_MAX)
		return 0;
	char *path = strndup (key.data + known->prefix, key.size - known->prefix);
	known->paths[known->count] = path;
	known->count += path != NULL;
	return path ? 0 : SIAGA_ENOMEM;
}

/* Those read before come first, also where there is nothing now: else what was renamed or copied meanwhile would be
   taken for new. */
static int
s_add_known (struct files *self)
{
	struct known known = {.count = 0};
	char *prefix = s_key (self, "", false);
	int rc = prefix ? 0 : SIAGA_ENOMEM;
	if (!rc) {
		known.prefix = strlen (prefix);
		rc = intake_each_position (self->feed.context.intake, prefix, s_on_known, &known);
	}
	for (size_t i = 0; i < known.count && !rc; i++)
		if (file_glob_matches (self->glob, known.paths[i]) && !s_has (self, known.paths[i]))
			rc = s_add (self, known.paths[i], true);
	for (size_t i = 0; i < known.count; i++)
		free (known.paths[i]);
	free (prefix);
	return rc;
}

int
files_list_init (struct files *self)
{
	const struct conf_strings *paths = &s_conf (self)->paths;
	char *list = NULL;
	self->single = paths->count == 1 && !file_glob_is_wild (paths->items[0]);
	int rc = self->single ? 0 : s_get (self, self->feed.name, &list);
	self->begun = list != NULL;
	if (list && left_files_is_text (list))
		rc = left_files_parse (&self->left, list);
	free (list);
	for (size_t i = 0; i < paths->count && !rc; i++)
		if (!file_glob_is_wild (paths->items[i]))
			rc = s_add (self, paths->items[i], false);
		else if (!self->glob && !(self->glob = file_glob_new (paths)))
			rc = SIAGA_ENOMEM;
	if (!rc && self->glob)
		rc = s_add_known (self);
	if (!rc)
		rc = files_list_scan (self);
	self->unsaved = !self->single && !self->begun;
	self->begun |= !self->single; /* what appears from now on is new */
	return rc;
}

void
files_list_finish (struct files *self)
{
	for (size_t i = 0; i < self->count; i++)
		s_destroy (&self->list[i]);
	self->count = 0;
	left_files_finish (&self->left);
	file_glob_destroy (&self->glob);
}

/* It is gone, and read to its end: forgotten with its position. */
static int
s_retire (struct files *self, size_t index)
{
	struct file *file = self->list[index];
	struct tail_place place;
	tail_place (file->tail, &place);
	int rc = left_files_add (&self->left, &place);
	self->unsaved = true;
	if (!rc)
		rc = feed_begin (&self->feed);
	if (!rc)
		rc = feed_position (&self->feed, file->key, NULL);
	if (!rc)
		rc = feed_commit (&self->feed);
	if (rc) {
		feed_rollback (&self->feed);
		return rc;
	}
	s_destroy (&file);
	self->list[index] = self->list[--self->count];
	self->told_full = false;
	return 0;
}

static int
s_look_after (struct files *self, size_t index, uint64_t now_ms, bool *gone)
{
	struct file *file = self->list[index];
	if (!file->wild || access (file->path, F_OK) == 0) {
		file->missing_ms = 0;
		return 0;
	}
	if (file->missing_ms == 0)
		file->missing_ms = now_ms;
	*gone = now_ms - file->missing_ms >= RETIRE_MS && !file->ready;
	return *gone ? s_retire (self, index) : 0;
}

int
files_list_scan (struct files *self)
{
	uint64_t now_ms = clock_mono_ms ();
	self->unsure = false;
	int rc = self->glob ? file_glob_scan (self->glob, s_on_path, self) : 0;
	for (size_t i = 0; self->glob && i < self->count && !rc;) {
		bool gone = false;
		rc = s_look_after (self, i, now_ms, &gone);
		i += !gone;
	}
	return rc;
}

uint64_t
files_list_due_ms (const struct files *self)
{
	if (self->unsure)
		return UNSURE_MS;
	if (self->glob && file_glob_needs_polling (self->glob))
		return SCAN_MS;
	for (size_t i = 0; i < self->count; i++)
		if (self->list[i]->missing_ms > 0)
			return RETIRE_MS;
	return 0;
}
