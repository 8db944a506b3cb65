/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files over the system's calls. Every name made here is on the disk before it is reported
 * made: the file is synced, then the directory that holds its name.
 */
#include "common/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "siaga/error.h"

#define READ_STEP 4096 /* bytes read beyond the size a file says it has */

static int
s_error (void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return SIAGA_ENOTFOUND;
	case EEXIST:
		return SIAGA_EEXISTS;
	case ENOMEM:
		return SIAGA_ENOMEM;
	default:
		return SIAGA_EIO;
	}
}

/* For cleaning up after a failure: errno still tells of that one. */
static void
s_close (int fd)
{
	int saved_errno = errno;
	close (fd);
	errno = saved_errno;
}

static void
s_unlink (const char *path)
{
	int saved_errno = errno;
	unlink (path);
	errno = saved_errno;
}

static void
s_wipe (uint8_t *data, size_t size)
{
	if (data)
		explicit_bzero (data, size);
	free (data);
}

/* Moves the first `size` bytes to a larger block; on failure the old one is untouched. */
static int
s_grow (uint8_t **data_p, size_t size, size_t capacity)
{
	uint8_t *larger = malloc (capacity);
	if (!larger)
		return SIAGA_ENOMEM;
	if (size)
		memcpy (larger, *data_p, size);
	s_wipe (*data_p, size);
	*data_p = larger;
	return 0;
}

/* Where to grow to so that `wanted` more fit, one byte for the NUL and one to see a file too large.
 */
static size_t
s_capacity (size_t capacity, size_t wanted, size_t max_bytes)
{
	size_t most = max_bytes < SIZE_MAX - 2 ? max_bytes + 2 : SIZE_MAX;
	return wanted < most - capacity ? capacity + wanted : most;
}

static int
s_read_all (int fd, size_t max_bytes, uint8_t **data_p, size_t *size_p)
{
	struct stat status;
	if (fstat (fd, &status))
		return s_error ();
	uint8_t *data = NULL;
	size_t size = 0;
	size_t step = (status.st_size > 0 ? (size_t) status.st_size : 0) + READ_STEP;
	size_t capacity = 0;
	int error = 0;
	for (;;) {
		if (size + 1 >= capacity) {
			size_t larger =
				s_capacity (capacity, capacity ? capacity : step, max_bytes);
			error = s_grow (&data, size, larger);
			if (error)
				break;
			capacity = larger;
		}
		ssize_t got = read (fd, data + size, capacity - size - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			error = s_error ();
		if (got <= 0)
			break;
		size += (size_t) got;
		if (size > max_bytes) {
			error = SIAGA_ELIMIT;
			break;
		}
	}
	if (error) {
		s_wipe (data, size);
		return error;
	}
	data[size] = '\0';
	*data_p = data;
	*size_p = size;
	return 0;
}

int
file_read (const char *path, size_t max_bytes, uint8_t **data_p, size_t *size_p)
{
	assert (max_bytes < SIZE_MAX);
	int fd = open (path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return s_error ();
	int error = s_read_all (fd, max_bytes, data_p, size_p);
	s_close (fd);
	return error;
}

static int
s_write_all (int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write (fd, data, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return s_error ();
		data += written;
		size -= (size_t) written;
	}
	return 0;
}

/* Makes `path`, which must not be there, with these bytes synced; its name is not durable yet. */
static int
s_create (const char *path, mode_t mode, const void *data, size_t size)
{
	int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return s_error ();
	int error = s_write_all (fd, data, size);
	if (!error && fsync (fd))
		error = s_error ();
	if (!error && close (fd))
		error = s_error ();
	else if (error)
		s_close (fd);
	if (error)
		s_unlink (path);
	return error;
}

/* Syncs the directory that holds the name `path`. */
int
file_sync_parent (const char *path)
{
	size_t length = strlen (path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	char *parent = length ? strndup (path, length) : strdup (".");
	if (!parent)
		return SIAGA_ENOMEM;
	int fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free (parent);
	if (fd < 0)
		return s_error ();
	/* EINVAL: a file system that does not sync directories. */
	int error = fsync (fd) && errno != EINVAL ? s_error () : 0;
	s_close (fd);
	return error;
}

int
file_write_new (const char *path, mode_t mode, const void *data, size_t size)
{
	int error = s_create (path, mode, data, size);
	if (error)
		return error;
	error = file_sync_parent (path);
	if (error)
		s_unlink (path);
	return error;
}

int
file_replace (const char *path, mode_t mode, const void *data, size_t size)
{
	char *temporary = NULL;
	if (asprintf (&temporary, "%s.new-%08" PRIx32, path, randombytes_random ()) < 0)
		return SIAGA_ENOMEM;
	int error = s_create (temporary, mode, data, size);
	if (!error && rename (temporary, path)) {
		error = s_error ();
		s_unlink (temporary);
	}
	free (temporary);
	return error ? error : file_sync_parent (path);
}

static int
s_mkdir (const char *path, mode_t mode)
{
	if (mkdir (path, mode) == 0)
		return file_sync_parent (path);
	struct stat status;
	int saved_errno = errno;
	if (stat (path, &status) == 0)
		return S_ISDIR (status.st_mode) ? 0 : SIAGA_EEXISTS;
	errno = saved_errno;
	return errno == ENOTDIR ? SIAGA_EEXISTS : s_error ();
}

int
file_mkdirs (const char *path, mode_t mode)
{
	char *copy = strdup (path);
	if (!copy)
		return SIAGA_ENOMEM;
	int error = 0;
	for (char *at = copy + 1; *copy && *at && !error; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		error = s_mkdir (copy, mode);
		*at = '/';
	}
	if (!error)
		error = s_mkdir (copy, mode);
	free (copy);
	return error;
}

int
file_lock (const char *path)
{
	int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return s_error ();
	int failed;
	do
		failed = flock (fd, LOCK_EX | LOCK_NB);
	while (failed && errno == EINTR);
	if (!failed)
		return fd;
	int error = errno == EWOULDBLOCK ? SIAGA_ELOCKED : s_error ();
	s_close (fd);
	return error;
}
