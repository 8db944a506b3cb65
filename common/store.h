/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SQLite file opened the one way Siaga uses it: WAL, synchronous=FULL, a version in the file, statements
 * prepared once. What the tables mean belongs to the module that opens it (outbox, journal). One store
 * belongs to one thread; another thread opens another.
 *
 *	struct store_query *query = store_query (store, "SELECT entry FROM held WHERE id = ?");
 *	store_bind_blob (query, id, SIAGA_ID_BYTES);
 *	int error = store_step (query);
 *	if (error == 0)
 *		… store_column_blob (query, 0) …
 *	store_done (query);
 *
 * Every error of SQLite is SIAGA_EDISK when the disk is full (SQLITE_FULL), SIAGA_EEXISTS when a unique key is
 * taken (only the statement had no effect), else SIAGA_EIO. After another error than SIAGA_EEXISTS inside a
 * transaction its every later step and its commit fail likewise, and commit rolls it back whole.
 */
#ifndef COMMON_STORE_H
#define COMMON_STORE_H

#include "siaga/bytes.h"

struct store;
struct store_query;

struct store_options {
	const char *path;	 /* ":memory:" keeps nothing; a new file gets mode 0600 */
	uint32_t application_id; /* PRAGMA application_id: whose file it is */
	const char *const
		*steps;	   /* SQL: steps[i] leads from version i to i + 1; borrowed until return */
	size_t step_count; /* the version of today */
	/* What SQL cannot do in the step that leads to `version`, after its SQL and in its transaction; it gets a store that
	   is open for nothing else yet. 0 or an error. NULL: nothing. */
	int (*step) (struct store *self, size_t version);
	unsigned cache_kib; /* page cache; 0: 512 */
	bool read_only;	    /* opens only a file of today's version … */
	bool may_be_older;  /* … or an older one, which stays as it is */
};

/* 0, SIAGA_ENOTFOUND (no such directory; read only: no such file), SIAGA_EFORMAT (another program's file,
   a newer version, or no database at all), SIAGA_ENOMEM, SIAGA_EDISK, SIAGA_EIO. `words` (may be NULL, 256
   bytes) gets the reason with the path. A new file and its name are on the disk when this returns. */
int
store_open (struct store **self_p, const struct store_options *options, char words[256]);

/* Rolls back an open transaction; NULL is fine. */
void
store_close (struct store **self_p);

/* The last error in SQLite's words; "" when there was none. */
const char *
store_error (const struct store *self);

/* A transaction: begins at once as the writer. Not nested. */
int
store_begin (struct store *self);

/* The same for what is learned again when it is lost: the commit does not wait for the disk. kill -9 takes nothing of
   it; a power cut may, and then nothing but it, for the next commit makes all before it durable as well. */
int
store_begin_lazy (struct store *self);

/* Durable when this returns 0. After any error the transaction is rolled back. SIAGA_EIO from a commit leaves
   the store broken: whether the disk has the transaction is not known (a second fsync may lie), every later
   call fails with SIAGA_EIO, and only close and open again tells. */
int
store_commit (struct store *self);

/* No effect without a transaction. */
void
store_rollback (struct store *self);

bool
store_in_transaction (const struct store *self);

/* Did a commit fail (see store_commit ())? */
bool
store_is_broken (const struct store *self);

/* The statement for this SQL, prepared at its first use and kept until the store is closed; parameters cleared.
   `sql` is a string literal: it is looked up by its address. Never NULL: a failure is sticky and comes out of
   store_step () or store_run (). A statement still being read must not be asked for again. */
struct store_query *
store_query (struct store *self, const char *sql);

/* Bind the next parameter, left to right. Bytes and text are borrowed until the statement is done (run, no more
   rows, or store_done ()). A number above INT64_MAX makes the statement fail with SIAGA_ELIMIT. */
void
store_bind_uint (struct store_query *query, uint64_t value);
void
store_bind_int (struct store_query *query, int64_t value);
void
store_bind_blob (struct store_query *query, const void *data, size_t size);
void
store_bind_text (struct store_query *query, struct siaga_text text);
void
store_bind_null (struct store_query *query);

/* The next row: 0, SIAGA_ENOTFOUND when there is none (the statement is then done), or an error. */
int
store_step (struct store_query *query);

/* Columns of the row, from 0; bytes and text are borrowed until the next step or done. NULL reads as 0 or
   empty. */
uint64_t
store_column_uint (struct store_query *query, int column);
int64_t
store_column_int (struct store_query *query, int column);
struct siaga_bytes
store_column_blob (struct store_query *query, int column);
struct siaga_text
store_column_text (struct store_query *query, int column);
bool
store_column_is_null (struct store_query *query, int column);

/* Ends reading a statement; needed before commit unless store_step () said SIAGA_ENOTFOUND. */
void
store_done (struct store_query *query);

/* Step and done for a statement that gives no rows, or whose rows do not matter: 0 or an error. */
int
store_run (struct store_query *query);

/* store_step () for one value: *value gets the first row's first column. 0, SIAGA_ENOTFOUND, or an error. */
int
store_run_uint (struct store_query *query, uint64_t *value);

/* Rows the last statement changed; the rowid it inserted. */
uint64_t
store_changes (const struct store *self);
uint64_t
store_last_rowid (const struct store *self);

/* Copies the WAL into the database and truncates it, as far as readers let it: 0 or SIAGA_EIO. */
int
store_checkpoint (struct store *self);

/* From now on SQLite never copies the WAL by itself after a commit: store_flush_wal () does, mostly on another
   connection. `*pages` (borrowed for the store's life) gets the WAL's length after each commit. */
void
store_share_wal (struct store *self, _Atomic unsigned *pages);

/* Copies what it can of the WAL into the database, waiting for nobody: 0, SIAGA_EDISK (the WAL stays as it is), or
   SIAGA_EIO: then what the database has is not known, and the process must open it again. */
int
store_flush_wal (struct store *self);

/* A transaction that only reads, all of it from one moment; end it by store_rollback (). 0 or an error. */
int
store_begin_read (struct store *self);

/* What takes long stops when `stop` says so (not 0), and fails. NULL: never. */
void
store_on_progress (struct store *self, int (*stop) (void *arg), void *arg);

/* PRAGMA quick_check: 0, SIAGA_EFORMAT (store_error () says what), SIAGA_EAGAIN (stopped), SIAGA_EIO. */
int
store_quick_check (struct store *self);

/* Copies the database, as the open read transaction sees it, to a new file of mode 0600 that needs no WAL: 0,
   SIAGA_EEXISTS, SIAGA_EDISK, SIAGA_EIO (also when stopped; then the file is gone again). The name is not synced. */
int
store_copy (struct store *self, const char *path, int (*stop) (void *arg), void *arg);

/* Bytes the database and its free pages take: page count and free pages times the page size. */
int
store_size (struct store *self, uint64_t *bytes, uint64_t *free_bytes);

#endif
