/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LD_PRELOADed into agents, hub and readers by tests/chaos: their writes to files whose paths begin as SIAGA_SHIM_DIR says fail, are short
 * or find no space, their syncs fail, and their time of day is another, as the file that SIAGA_SHIM_CONTROL names says
 * at that moment. It is mapped before any sandbox closes. What stdio writes by itself passes by.
 */
#undef _FORTIFY_SOURCE /* its inline versions of what is defined here would be in the way */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "shim.h"

#define FD_MAX 4096
#define US_PER_S 1000000

static struct shim_real s_real;
static int (*s_real_clock) (clockid_t, struct timespec *);
static int (*s_real_rename) (const char *, const char *);
static struct shim_control *s_control;
static const char *s_directory;
static atomic_bool s_watched[FD_MAX];
static atomic_uint s_random = 1;

static void
s_find (void *function_p, const char *name)
{
	void *found = dlsym (RTLD_NEXT, name);

	if (!found)
		abort ();
	memcpy (function_p, &found, sizeof found); /* ISO C knows no cast between the two */
}

static void
s_find_all (void)
{
	s_find (&s_real.close, "close");
	s_find (&s_real.read, "read");
	s_find (&s_real.pread, "pread");
	s_find (&s_real.write, "write");
	s_find (&s_real.pwrite, "pwrite");
	s_find (&s_real.fsync, "fsync");
	s_find (&s_real.fdatasync, "fdatasync");
	s_find (&s_real.ftruncate, "ftruncate");
	s_find (&s_real_rename, "rename");
	s_find (&s_real_clock, "clock_gettime");
	s_find (&s_real.open, "open");
}

/* Others' constructors may call before ours. */
static const struct shim_real *
s_lib (void)
{
	if (!s_real.open)
		s_find_all ();
	return &s_real;
}

__attribute__ ((constructor)) static void
s_start (void)
{
	const char *path = getenv ("SIAGA_SHIM_CONTROL");
	const struct shim_real *lib = s_lib ();

	s_directory = getenv ("SIAGA_SHIM_DIR");
	int fd = path ? lib->open (path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0 || !s_directory)
		return;
	void *page = mmap (NULL, sizeof *s_control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	lib->close (fd);
	s_control = page == MAP_FAILED ? NULL : page;
	s_random = (unsigned) getpid () | 1u;
	shim_undo_open (lib, getenv ("SIAGA_SHIM_UNDO"));
}

static bool
s_is_watched (int fd)
{
	return s_control && fd >= 0 && fd < FD_MAX && s_watched[fd];
}

static bool
s_strikes (enum shim_fault fault)
{
	if (!(s_control->armed & fault) || s_control->left == 0)
		return false;
	unsigned value = s_random;
	value ^= value << 13;
	value ^= value >> 17;
	value ^= value << 5;
	s_random = value;
	if (value % 1024 >= s_control->chance)
		return false;
	s_control->left--;
	s_control->hits++;
	return true;
}

static int
s_fail (int error)
{
	errno = error;
	return -1;
}

/* How many bytes of a write are really written; -1 with errno. */
static ssize_t
s_allowed (size_t size)
{
	if (s_strikes (SHIM_WRITE_EIO))
		return s_fail (EIO);
	if (s_strikes (SHIM_WRITE_NOSPC))
		return s_fail (ENOSPC);
	if (size > 1 && s_strikes (SHIM_WRITE_SHORT))
		return (ssize_t) (size / 2);
	return (ssize_t) size;
}

/* Does it begin with one of the prefixes in SIAGA_SHIM_DIR, or is it a directory that one lies in? */
static bool
s_is_ours (const char *path, bool is_directory)
{
	const char *at = s_control ? s_directory : "";
	size_t length = strlen (path);

	while (length > 1 && (path[length - 1] == '/' || path[length - 1] == '.'))
		length--;
	while (*at) {
		size_t size = strcspn (at, ":");
		if (size > 0 && strncmp (path, at, size) == 0)
			return true;
		if (is_directory && length < size && strncmp (path, at, length) == 0 &&
		    at[length] == '/' && !memchr (at + length + 1, '/', size - length - 1))
			return true;
		at += size + (at[size] == ':');
	}
	return false;
}

static int
s_open (const char *path, int flags, mode_t mode)
{
	const struct shim_real *lib = s_lib ();
	bool ours = s_is_ours (path, flags & O_DIRECTORY);
	bool makes = ours && (flags & O_CREAT) && access (path, F_OK) != 0;
	int fd = lib->open (path, flags, mode);

	if (fd < 0 || fd >= FD_MAX)
		return fd;
	s_watched[fd] = ours;
	if (s_watched[fd] && makes)
		shim_undo_made (fd);
	if (s_watched[fd] && (flags & O_TRUNC) && !makes)
		abort (); /* would have to be remembered before: nobody does it yet */
	return fd;
}

#define OPEN_BODY                                                                                  \
	mode_t mode = 0;                                                                           \
	if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
		va_list args;                                                                      \
		va_start (args, flags);                                                            \
		mode = va_arg (args, mode_t);                                                      \
		va_end (args);                                                                     \
	}                                                                                          \
	return s_open (path, flags, mode)

int
open (const char *path, int flags, ...)
{
	OPEN_BODY;
}

int
open64 (const char *path, int flags, ...)
{
	OPEN_BODY;
}

int
close (int fd)
{
	if (fd >= 0 && fd < FD_MAX)
		s_watched[fd] = false;
	return s_lib ()->close (fd);
}

ssize_t
read (int fd, void *data, size_t size)
{
	if (s_is_watched (fd) && s_strikes (SHIM_READ_EIO))
		return s_fail (EIO);
	return s_lib ()->read (fd, data, size);
}

ssize_t
pread (int fd, void *data, size_t size, off_t offset)
{
	if (s_is_watched (fd) && s_strikes (SHIM_READ_EIO))
		return s_fail (EIO);
	return s_lib ()->pread (fd, data, size, offset);
}

ssize_t
pread64 (int fd, void *data, size_t size, off_t offset)
{
	return pread (fd, data, size, offset);
}

ssize_t
write (int fd, const void *data, size_t size)
{
	if (!s_is_watched (fd))
		return s_lib ()->write (fd, data, size);
	ssize_t allowed = s_allowed (size);
	if (allowed > 0) {
		bool appends = fcntl (fd, F_GETFL) & O_APPEND;
		shim_undo_change (fd, lseek (fd, 0, appends ? SEEK_END : SEEK_CUR),
				  (size_t) allowed);
	}
	return allowed < 0 ? allowed : s_real.write (fd, data, (size_t) allowed);
}

ssize_t
pwrite (int fd, const void *data, size_t size, off_t offset)
{
	if (!s_is_watched (fd))
		return s_lib ()->pwrite (fd, data, size, offset);
	ssize_t allowed = s_allowed (size);
	if (allowed > 0)
		shim_undo_change (fd, offset, (size_t) allowed);
	return allowed < 0 ? allowed : s_real.pwrite (fd, data, (size_t) allowed, offset);
}

ssize_t
pwrite64 (int fd, const void *data, size_t size, off_t offset)
{
	return pwrite (fd, data, size, offset);
}

int
ftruncate (int fd, off_t size)
{
	if (s_is_watched (fd)) {
		if (s_strikes (SHIM_WRITE_EIO))
			return s_fail (EIO);
		shim_undo_change (fd, size, 0);
	}
	return s_lib ()->ftruncate (fd, size);
}

int
ftruncate64 (int fd, off_t size)
{
	return ftruncate (fd, size);
}

int
rename (const char *from, const char *to)
{
	s_lib ();
	if (s_is_ours (to, false))
		shim_undo_rename (to);
	return s_real_rename (from, to);
}

static int
s_sync (int fd, int (*sync) (int))
{
	if (!s_is_watched (fd))
		return sync (fd);
	if (s_strikes (SHIM_SYNC_EIO))
		return s_fail (EIO);
	int rc = sync (fd);
	if (rc == 0)
		shim_undo_synced (fd);
	return rc;
}

int
fsync (int fd)
{
	return s_sync (fd, s_lib ()->fsync);
}

int
fdatasync (int fd)
{
	return s_sync (fd, s_lib ()->fdatasync);
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
	s_lib ();
	int rc = s_real_clock (clock, now);
	if (rc == 0 && s_control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
		int64_t us = now->tv_sec * (int64_t) US_PER_S + now->tv_nsec / 1000;
		us += s_control->clock_us;
		now->tv_sec = us / US_PER_S;
		now->tv_nsec = us % US_PER_S * 1000;
	}
	return rc;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
	struct timespec time;

	(void) zone;
	clock_gettime (CLOCK_REALTIME, &time);
	now->tv_sec = time.tv_sec;
	now->tv_usec = time.tv_nsec / 1000;
	return 0;
}

time_t
time (time_t *time_p)
{
	struct timespec now;

	clock_gettime (CLOCK_REALTIME, &now);
	if (time_p)
		*time_p = now.tv_sec;
	return now.tv_sec;
}
