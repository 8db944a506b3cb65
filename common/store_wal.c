/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole file rather than its rows: the WAL's way into the database, snapshots, checks and copies.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "common/store_private.h"
#include "siaga/error.h"

#define COPY_STEP_PAGES 256 /* 1 MiB: how often one may stop it */

int
store_checkpoint (struct store *self)
{
	int rc = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return rc == SQLITE_OK || rc == SQLITE_BUSY ? 0 : store_fail (self, rc);
}

int
store_size (struct store *self, uint64_t *bytes, uint64_t *free_bytes)
{
	uint64_t pages = 0, free_pages = 0, page_size = 0;
	int error = store_pragma_uint (self, "PRAGMA page_count", &pages);
	if (error == 0)
		error = store_pragma_uint (self, "PRAGMA freelist_count", &free_pages);
	if (error == 0)
		error = store_pragma_uint (self, "PRAGMA page_size", &page_size);
	if (error != 0)
		return error;
	*bytes = pages * page_size;
	*free_bytes = free_pages * page_size;
	return 0;
}

/* After each commit: how long the WAL is now. */
static int
s_on_wal (void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *self = arg;
	(void) db;
	(void) name;
	atomic_store (self->wal_pages, (unsigned) pages);
	return SQLITE_OK;
}

void
store_share_wal (struct store *self, _Atomic unsigned *pages)
{
	self->wal_pages = pages;
	sqlite3_wal_autocheckpoint (self->db, 0);
	/* After a backup or a check let it grow, it becomes short again when it begins anew. */
	store_exec (self, "PRAGMA journal_size_limit = 67108864");
	sqlite3_wal_hook (self->db, s_on_wal, self);
}

int
store_flush_wal (struct store *self)
{
	int rc = sqlite3_wal_checkpoint_v2 (self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED
		       ? 0
		       : store_fail (self, rc);
}

int
store_begin_read (struct store *self)
{
	assert (!self->in_transaction);
	self->failed = 0;
	int error = store_exec (self, "BEGIN");
	uint64_t unused;
	self->in_transaction = error == 0;
	/* A snapshot is taken by the first read. */
	return error ? error
		     : store_pragma_uint (self, "SELECT count (*) FROM sqlite_schema", &unused);
}

void
store_on_progress (struct store *self, int (*stop) (void *arg), void *arg)
{
	sqlite3_progress_handler (self->db, stop ? 10000 : 0, stop, arg);
}

int
store_quick_check (struct store *self)
{
	sqlite3_stmt *stmt = NULL;
	int error = 0;
	int rc = sqlite3_prepare_v2 (self->db, "PRAGMA quick_check (1)", -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step (stmt);
	if (rc == SQLITE_ROW) {
		const char *said = (const char *) sqlite3_column_text (stmt, 0);
		if (!said || strcmp (said, "ok") != 0) {
			snprintf (self->words, sizeof self->words, "%s", said ? said : "?");
			error = SIAGA_EFORMAT;
		}
	} else if ((rc & 0xff) == SQLITE_INTERRUPT) {
		error = SIAGA_EAGAIN;
	} else {
		store_fail (self, rc);
		error = (rc & 0xff) == SQLITE_CORRUPT ? SIAGA_EFORMAT : SIAGA_EIO;
	}
	sqlite3_finalize (stmt);
	return error;
}

/* Steps until done, stopped or failed; SQLite's code. */
static int
s_copy_steps (sqlite3_backup *backup, int (*stop) (void *arg), void *arg)
{
	int rc = SQLITE_OK;
	while (rc == SQLITE_OK) {
		if (stop && stop (arg))
			return SQLITE_INTERRUPT;
		rc = sqlite3_backup_step (backup, COPY_STEP_PAGES);
	}
	return rc;
}

static int
s_copy (struct store *self, sqlite3 *into, int (*stop) (void *arg), void *arg)
{
	sqlite3_backup *backup = sqlite3_backup_init (into, "main", self->db, "main");
	int rc = backup ? s_copy_steps (backup, stop, arg) : sqlite3_extended_errcode (into);
	int finished = sqlite3_backup_finish (backup);
	if (rc == SQLITE_DONE)
		rc = finished;
	/* A plain file without a WAL beside it. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec (into, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		return 0;
	snprintf (self->words, sizeof self->words, "%s (SQLite error %d)", sqlite3_errstr (rc), rc);
	return (rc & 0xff) == SQLITE_FULL ? SIAGA_EDISK : SIAGA_EIO;
}

int
store_copy (struct store *self, const char *path, int (*stop) (void *arg), void *arg)
{
	sqlite3 *into = NULL;
	assert (self->in_transaction); /* or a writer's every commit starts it again */
	int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		snprintf (self->words, sizeof self->words, "%.150s: %s", path, strerror (errno));
		return errno == EEXIST ? SIAGA_EEXISTS : SIAGA_EIO;
	}
	close (fd);
	int rc = sqlite3_open_v2 (path, &into, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	int error = rc == SQLITE_OK ? s_copy (self, into, stop, arg) : store_fail (self, rc);
	sqlite3_close (into);
	if (error)
		unlink (path);
	return error;
}
