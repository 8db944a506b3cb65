/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk whose power is cut, for SQLite: a VFS over the ordinary one that knows, of each file, what was synced and what was
 * written since. A cut makes the files as a disk may leave them: of what was not synced some is there, in any order, and
 * some is torn.
 */
#ifndef SIAGA_TESTS_POWER_CUT_H
#define SIAGA_TESTS_POWER_CUT_H

#include <assert.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POWER_CUT_FILES 8
#define POWER_CUT_SECTOR 512 /* bytes that are written whole */

/* A write since the last sync, or with no data a new size. */
struct power_cut_write {
	struct power_cut_write *next;
	size_t offset;
	size_t size;
	uint8_t data[];
};

struct power_cut_file {
	char name[128];
	uint8_t *image; /* what is synced */
	size_t size;
	struct power_cut_write *first, *last;
};

struct power_cut_handle {
	sqlite3_file base;
	struct power_cut_file *file; /* NULL: not watched */
	sqlite3_file *real;
};

static struct power_cut_file power_cut_files[POWER_CUT_FILES];
static size_t power_cut_count;
static sqlite3_vfs *power_cut_below;

static inline void
power_cut_apply (struct power_cut_file *file, const struct power_cut_write *write, size_t size)
{
	size_t end = write->offset + size;
	bool cuts = write->size == 0;

	if (cuts || end > file->size) {
		uint8_t *image = realloc (file->image, end + 1);
		assert (image);
		if (end > file->size)
			memset (image + file->size, 0, end - file->size);
		file->image = image;
		file->size = end;
	}
	memcpy (file->image + write->offset, write->data, size);
}

static inline void
power_cut_forget (struct power_cut_file *file)
{
	while (file->first) {
		struct power_cut_write *next = file->first->next;
		free (file->first);
		file->first = next;
	}
	file->last = NULL;
}

static inline void
power_cut_note (struct power_cut_file *file, const void *data, size_t size, size_t offset)
{
	struct power_cut_write *write = malloc (sizeof *write + size);

	assert (write);
	*write = (struct power_cut_write){.offset = offset, .size = size};
	if (size > 0)
		memcpy (write->data, data, size);
	if (file->last)
		file->last->next = write;
	else
		file->first = write;
	file->last = write;
}

/* -- the file's methods -- */

#define POWER_CUT_REAL(file) (((struct power_cut_handle *) (file))->real)
#define POWER_CUT_PASS(file, method, ...)                                                          \
	POWER_CUT_REAL (file)->pMethods->method (POWER_CUT_REAL (file), ##__VA_ARGS__)

static inline int
power_cut_close (sqlite3_file *file)
{
	int rc = POWER_CUT_REAL (file)->pMethods ? POWER_CUT_PASS (file, xClose) : SQLITE_OK;

	free (POWER_CUT_REAL (file));
	return rc;
}

static inline int
power_cut_read (sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
	return POWER_CUT_PASS (file, xRead, data, size, offset);
}

static inline int
power_cut_write (sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
	struct power_cut_file *watched = ((struct power_cut_handle *) file)->file;

	if (watched)
		power_cut_note (watched, data, (size_t) size, (size_t) offset);
	return POWER_CUT_PASS (file, xWrite, data, size, offset);
}

static inline int
power_cut_truncate (sqlite3_file *file, sqlite3_int64 size)
{
	struct power_cut_file *watched = ((struct power_cut_handle *) file)->file;

	if (watched)
		power_cut_note (watched, NULL, 0, (size_t) size);
	return POWER_CUT_PASS (file, xTruncate, size);
}

static inline int
power_cut_sync (sqlite3_file *file, int flags)
{
	struct power_cut_file *watched = ((struct power_cut_handle *) file)->file;

	(void) flags;
	for (struct power_cut_write *it = watched ? watched->first : NULL; it; it = it->next)
		power_cut_apply (watched, it, it->size);
	if (watched)
		power_cut_forget (watched);
	return SQLITE_OK;
}

static inline int
power_cut_file_size (sqlite3_file *file, sqlite3_int64 *size)
{
	return POWER_CUT_PASS (file, xFileSize, size);
}

static inline int
power_cut_lock (sqlite3_file *file, int level)
{
	return POWER_CUT_PASS (file, xLock, level);
}

static inline int
power_cut_unlock (sqlite3_file *file, int level)
{
	return POWER_CUT_PASS (file, xUnlock, level);
}

static inline int
power_cut_check_lock (sqlite3_file *file, int *out)
{
	return POWER_CUT_PASS (file, xCheckReservedLock, out);
}

static inline int
power_cut_control (sqlite3_file *file, int op, void *arg)
{
	return POWER_CUT_PASS (file, xFileControl, op, arg);
}

static inline int
power_cut_sector (sqlite3_file *file)
{
	return POWER_CUT_PASS (file, xSectorSize);
}

/* Nothing is promised that an ordinary disk does not keep. */
static inline int
power_cut_traits (sqlite3_file *file)
{
	(void) file;
	return 0;
}

static inline int
power_cut_shm_map (sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return POWER_CUT_PASS (file, xShmMap, page, size, extend, out);
}

static inline int
power_cut_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
	return POWER_CUT_PASS (file, xShmLock, offset, n, flags);
}

static inline void
power_cut_shm_barrier (sqlite3_file *file)
{
	POWER_CUT_PASS (file, xShmBarrier);
}

static inline int
power_cut_shm_unmap (sqlite3_file *file, int remove_it)
{
	return POWER_CUT_PASS (file, xShmUnmap, remove_it);
}

static inline int
power_cut_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	static const sqlite3_io_methods methods = {
		.iVersion = 2,
		.xClose = power_cut_close,
		.xRead = power_cut_read,
		.xWrite = power_cut_write,
		.xTruncate = power_cut_truncate,
		.xSync = power_cut_sync,
		.xFileSize = power_cut_file_size,
		.xLock = power_cut_lock,
		.xUnlock = power_cut_unlock,
		.xCheckReservedLock = power_cut_check_lock,
		.xFileControl = power_cut_control,
		.xSectorSize = power_cut_sector,
		.xDeviceCharacteristics = power_cut_traits,
		.xShmMap = power_cut_shm_map,
		.xShmLock = power_cut_shm_lock,
		.xShmBarrier = power_cut_shm_barrier,
		.xShmUnmap = power_cut_shm_unmap,
	};
	struct power_cut_handle *handle = (struct power_cut_handle *) file;

	(void) vfs;
	handle->base.pMethods = &methods;
	handle->file = NULL;
	handle->real = calloc (1, (size_t) power_cut_below->szOsFile);
	assert (handle->real);
	if (name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))) {
		assert (power_cut_count < POWER_CUT_FILES);
		handle->file = &power_cut_files[power_cut_count++];
		snprintf (handle->file->name, sizeof handle->file->name, "%s",
			  strrchr (name, '/') + 1);
	}
	return power_cut_below->xOpen (power_cut_below, name, handle->real, flags, out);
}

/* From now on SQLite's files, all of them new, are watched. */
static inline void
power_cut_begin (void)
{
	static sqlite3_vfs vfs;

	power_cut_below = sqlite3_vfs_find ("unix");
	vfs = *power_cut_below;
	vfs.zName = "power-cut";
	vfs.szOsFile = sizeof (struct power_cut_handle);
	vfs.xOpen = power_cut_open;
	vfs.pNext = NULL;
	sqlite3_vfs_register (&vfs, 1);
}

/* The power is cut: the files that the disk has go into the directory `after`. `chance` is of each write that was not
   synced, in percent; the store that wrote them goes on as if nothing had happened, and may be closed. */
static inline void
power_cut_end (const char *after, unsigned (*dice) (unsigned sides), unsigned chance)
{
	char path[256];

	sqlite3_vfs_register (power_cut_below, 1);
	for (size_t i = 0; i < power_cut_count; i++) {
		struct power_cut_file *file = &power_cut_files[i];
		for (struct power_cut_write *it = file->first; it; it = it->next) {
			size_t sectors = it->size / POWER_CUT_SECTOR, size = it->size;
			if (dice (100) >= chance)
				continue;
			if (sectors > 1 && dice (4) == 0)
				size = POWER_CUT_SECTOR * (1 + dice ((unsigned) sectors - 1));
			power_cut_apply (file, it, size);
		}
		snprintf (path, sizeof path, "%.100s/%.127s", after, file->name);
		FILE *out = fopen (path, "wb");
		assert (out && fwrite (file->image ? file->image : (const void *) "", 1, file->size,
				       out) == file->size);
		fclose (out);
	}
}

/* After the store was closed. */
static inline void
power_cut_finish (void)
{
	for (size_t i = 0; i < power_cut_count; i++) {
		power_cut_forget (&power_cut_files[i]);
		free (power_cut_files[i].image);
		power_cut_files[i] = (struct power_cut_file){.size = 0};
	}
	power_cut_count = 0;
}

#endif
