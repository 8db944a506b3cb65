/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two halves of the shim share: shim_io.c stands between a program and its disk and clock, shim_undo.c
 * remembers what a power cut would take away.
 */
#ifndef SIAGA_TESTS_SHIM_H
#define SIAGA_TESTS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Which faults are armed; tests/chaos/shim.py has the same numbers. */
enum shim_fault {
	SHIM_WRITE_EIO = 1,
	SHIM_WRITE_SHORT = 2,
	SHIM_WRITE_NOSPC = 4,
	SHIM_SYNC_EIO = 8,
	SHIM_READ_EIO = 16,
};

/* The file that SIAGA_SHIM_CONTROL names, mapped by the program and written by the driver. */
struct shim_control {
	uint32_t armed;	  /* bits of enum shim_fault */
	uint32_t chance;  /* of 1024, for each call */
	uint32_t left;	  /* so many faults more */
	uint32_t hits;	  /* so many there were: the shim counts */
	int64_t clock_us; /* added to the time of day */
};

/* Of the C library, not of the shim. */
struct shim_real {
	int (*open) (const char *, int, ...);
	int (*close) (int);
	ssize_t (*read) (int, void *, size_t);
	ssize_t (*pread) (int, void *, size_t, off_t);
	ssize_t (*write) (int, const void *, size_t);
	ssize_t (*pwrite) (int, const void *, size_t, off_t);
	int (*fsync) (int);
	int (*fdatasync) (int);
	int (*ftruncate) (int, off_t);
};

/* Begins to remember, behind what that file has already; NULL: remembers nothing. */
void
shim_undo_open (const struct shim_real *real, const char *path);

/* A file was made: what was remembered of its number is another file's. */
void
shim_undo_made (int fd);

/* The file is about to change: `size` bytes at `offset`, or (size 0) its length. */
void
shim_undo_change (int fd, off_t offset, size_t size);

/* The name is about to be another file's; what it stands for now is kept beside until its directory is synced. */
void
shim_undo_rename (const char *path);

/* What changed until now in the file, or in the directory, is on the disk. */
void
shim_undo_synced (int fd);

#endif
