/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files, durably: small ones that are read or written at once (identities, rosters, cursors),
 * the directories they stand in, and locks. What is appended to or queried belongs to SQLite or the
 * sources.
 *
 * Errors are negative SIAGA_E…; with SIAGA_EIO errno says why. Modes are less the umask.
 */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Reads a whole file of at most `max_bytes` (less than SIZE_MAX). `*data_p` is the caller's to
 * free; a NUL stands after the end and is not counted. Bytes read leave no other copy in freed
 * memory. SIAGA_ENOTFOUND, SIAGA_ELIMIT when it is larger, SIAGA_ENOMEM, SIAGA_EIO.
 */
int
file_read (const char *path, size_t max_bytes, uint8_t **data_p, size_t *size_p);

/*
 * Makes a new file, on the disk with its name before this returns; never touches one that is there.
 * After a failure there is no file. SIAGA_EEXISTS (a dangling link also), SIAGA_ENOTFOUND (no such
 * directory), SIAGA_ENOMEM, SIAGA_EIO.
 */
int
file_write_new (const char *path, mode_t mode, const void *data, size_t size);

/*
 * Makes or replaces a file in one step: whoever opens `path`, also after a power cut, finds the old
 * bytes or the new, whole. The new file has `mode` whatever the old one had; a symbolic link is
 * itself replaced. After a failure the old file is there, save where only making the new name
 * durable failed. A process killed on the way may leave `path`.new-XXXXXXXX beside it.
 * SIAGA_ENOTFOUND (no such directory), SIAGA_ENOMEM, SIAGA_EIO.
 */
int
file_replace (const char *path, mode_t mode, const void *data, size_t size);

/* Makes new names in the directory of `path` durable: 0, SIAGA_ENOMEM, SIAGA_EIO. */
int
file_sync_parent (const char *path);

/*
 * Makes a directory and those above it, each with `mode`, durably; those already there stay as they
 * are. SIAGA_EEXISTS when something else than a directory is in the way, SIAGA_ENOTFOUND (an empty
 * name), SIAGA_ENOMEM, SIAGA_EIO.
 */
int
file_mkdirs (const char *path, mode_t mode);

/*
 * Takes the lock `path` (flock(2); the file is made with mode 0600 and is never removed) without
 * waiting. Returns a descriptor: the lock is held until it is closed, here and in every child that
 * inherited it by fork. SIAGA_ELOCKED when another holds it, SIAGA_ENOTFOUND (no such directory),
 * SIAGA_EIO.
 */
int
file_lock (const char *path);

#endif
