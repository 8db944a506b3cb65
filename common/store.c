/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite opened the one way Siaga uses it. Statements live in a small table found by the address of their
 * SQL; an error inside a transaction sticks to the transaction, so that callers may write straight-line code
 * and look once, at commit.
 */
#include "common/store_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "siaga/error.h"

static int
s_code (int rc)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return SIAGA_EDISK;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
				       rc == SQLITE_CONSTRAINT_ROWID
			       ? SIAGA_EEXISTS
			       : SIAGA_EIO;
	case SQLITE_NOTADB:
		return SIAGA_EFORMAT;
	default:
		return SIAGA_EIO;
	}
}

/* Keeps the words of an error, and the error itself for the transaction it spoils. */
int
store_fail (struct store *self, int rc)
{
	int error = s_code (rc);
	if (error == SIAGA_EEXISTS)
		return error;
	snprintf (self->words, sizeof self->words, "%s (SQLite error %d)",
		  sqlite3_errmsg (self->db), rc);
	if (error == SIAGA_EFORMAT && self->in_transaction)
		error = SIAGA_EIO;
	if (self->in_transaction && self->failed == 0)
		self->failed = error;
	return error;
}

int
store_exec (struct store *self, const char *sql)
{
	int rc = sqlite3_exec (self->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK ? 0 : store_fail (self, sqlite3_extended_errcode (self->db));
}

/* Runs a PRAGMA that answers with one value, as text. */
static int
s_pragma (struct store *self, const char *sql, char out[64])
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2 (self->db, sql, -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step (stmt);
	if (rc == SQLITE_ROW)
		snprintf (out, 64, "%s", (const char *) sqlite3_column_text (stmt, 0));
	else
		store_fail (self, sqlite3_extended_errcode (self->db));
	sqlite3_finalize (stmt);
	return rc == SQLITE_ROW ? 0 : s_code (rc);
}

int
store_pragma_uint (struct store *self, const char *sql, uint64_t *value)
{
	char text[64];
	int error = s_pragma (self, sql, text);
	if (error == 0)
		*value = strtoull (text, NULL, 10);
	return error;
}

static int
s_setup (struct store *self, const struct store_options *options)
{
	char sql[128], mode[64];
	sqlite3_extended_result_codes (self->db, 1);
	sqlite3_busy_timeout (self->db, STORE_BUSY_TIMEOUT_MS);
	snprintf (sql, sizeof sql, "PRAGMA cache_size = -%u",
		  options->cache_kib ? options->cache_kib : STORE_CACHE_KIB);
	int error = store_exec (self, sql);
	/* Debian's SQLite is built to overwrite what is deleted, which writes every freed page once more: FAST does so
	   only where the page is written anyway. */
	if (error == 0)
		error = store_exec (self,
				    "PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF;"
				    "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = FAST;");
	if (error != 0 || options->read_only)
		return error;
	error = s_pragma (self, "PRAGMA journal_mode = WAL", mode);
	if (error == 0 && strcmp (mode, "wal") != 0 && strcmp (mode, "memory") != 0) {
		snprintf (self->words, sizeof self->words, "journal mode is %s, not WAL", mode);
		return SIAGA_EIO;
	}
	/* FULL syncs the WAL at each commit; a statement of its own because journal_mode may reset nothing. */
	return error ? error : store_exec (self, "PRAGMA synchronous = FULL");
}

static int
s_step_up (struct store *self, const struct store_options *options, uint64_t version)
{
	char sql[128];
	int error = store_begin (self);
	if (error != 0)
		return error;
	store_exec (self, options->steps[version]);
	if (self->failed == 0 && options->step)
		error = options->step (self, (size_t) version + 1);
	if (self->failed == 0)
		self->failed = error;
	snprintf (sql, sizeof sql, "PRAGMA user_version = %u; PRAGMA application_id = %d;",
		  (unsigned) version + 1, (int) (int32_t) options->application_id);
	if (self->failed == 0)
		store_exec (self, sql);
	return store_commit (self);
}

/* Brings an empty or older file to today's version; refuses what is not ours. */
static int
s_migrate (struct store *self, const struct store_options *options)
{
	uint64_t version = 0, tables = 0, id = 0;
	int error = store_pragma_uint (self, "PRAGMA user_version", &version);
	if (error == 0)
		error = store_pragma_uint (self, "PRAGMA application_id", &id);
	if (error == 0)
		error = store_pragma_uint (self, "SELECT count (*) FROM sqlite_schema", &tables);
	if (error != 0)
		return error;
	if ((version > 0 || tables > 0) && (uint32_t) id != options->application_id) {
		snprintf (self->words, sizeof self->words, "made by another program");
		return SIAGA_EFORMAT;
	}
	if (version > options->step_count ||
	    (options->read_only && !options->may_be_older && version < options->step_count)) {
		snprintf (self->words, sizeof self->words, "has version %u, this program knows %u",
			  (unsigned) version, (unsigned) options->step_count);
		return SIAGA_EFORMAT;
	}
	while (error == 0 && !options->read_only && version < options->step_count)
		error = s_step_up (self, options, version++);
	return error;
}

/* Syncs the directory that holds the file's name. */
static int
s_sync_directory (const char *path)
{
	char directory[STORE_PATH_MAX];
	const char *slash = strrchr (path, '/');
	size_t size = slash ? (size_t) (slash - path) : 0;
	if (size >= sizeof directory)
		return SIAGA_EIO;
	if (!slash)
		snprintf (directory, sizeof directory, ".");
	else
		snprintf (directory, sizeof directory, "%.*s", size ? (int) size : 1, path);
	int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return SIAGA_EIO;
	int rc = fsync (fd);
	close (fd);
	return rc == 0 ? 0 : SIAGA_EIO;
}

/* Makes the file before SQLite does, so that it has mode 0600; the WAL takes over the mode. */
static int
s_touch (const char *path, bool *fresh)
{
	int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	*fresh = fd >= 0;
	if (fd >= 0)
		close (fd);
	else if (errno != EEXIST)
		return errno == ENOENT || errno == ENOTDIR ? SIAGA_ENOTFOUND
		       : errno == ENOSPC		   ? SIAGA_EDISK
							   : SIAGA_EIO;
	return 0;
}

static int
s_open (struct store *self, const struct store_options *options)
{
	bool memory = strcmp (options->path, ":memory:") == 0;
	bool fresh = false;
	if (!memory && !options->read_only) {
		int error = s_touch (options->path, &fresh);
		if (error != 0) {
			snprintf (self->words, sizeof self->words, "%s", strerror (errno));
			return error;
		}
	} else if (!memory && access (options->path, F_OK) != 0) {
		snprintf (self->words, sizeof self->words, "%s", strerror (errno));
		return SIAGA_ENOTFOUND;
	}
	int flags = options->read_only ? SQLITE_OPEN_READONLY
				       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	int rc = sqlite3_open_v2 (options->path, &self->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (!self->db)
		return SIAGA_ENOMEM;
	if (rc != SQLITE_OK)
		return store_fail (self, rc);
	int error = s_setup (self, options);
	if (error == 0)
		error = s_migrate (self, options);
	if (error == 0 && fresh)
		error = s_sync_directory (options->path);
	return error;
}

int
store_open (struct store **self_p, const struct store_options *options, char words[256])
{
	struct store *self = calloc (1, sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	int error = s_open (self, options);
	if (error != 0) {
		if (words)
			snprintf (words, 256, "%.100s: %.150s", options->path,
				  self->words[0] ? self->words : siaga_strerror (error));
		store_close (&self);
		return error;
	}
	*self_p = self;
	return 0;
}

void
store_close (struct store **self_p)
{
	assert (self_p);
	struct store *self = *self_p;
	if (!self)
		return;
	for (size_t i = 0; i < self->query_count; i++)
		sqlite3_finalize (self->queries[i].stmt);
	if (self->in_transaction)
		sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close (self->db);
	free (self);
	*self_p = NULL;
}

const char *
store_error (const struct store *self)
{
	return self->words;
}

/* A commit or rollback fails or misleads while a statement is being read. */
static void
s_reset_all (struct store *self)
{
	for (size_t i = 0; i < self->query_count; i++)
		if (self->queries[i].active)
			store_done (&self->queries[i]);
}

/* Whether the commits to come are durable must not be in doubt. */
static void
s_end_lazy (struct store *self)
{
	if (self->lazy && store_exec (self, "PRAGMA synchronous = FULL") != 0)
		self->broken = true;
	self->lazy = false;
}

int
store_begin (struct store *self)
{
	assert (!self->in_transaction);
	if (self->broken)
		return SIAGA_EIO;
	self->failed = 0;
	int error = store_exec (self, "BEGIN IMMEDIATE");
	self->in_transaction = error == 0;
	return error;
}

int
store_begin_lazy (struct store *self)
{
	assert (!self->in_transaction);
	int error = store_exec (self, "PRAGMA synchronous = NORMAL");
	self->lazy = true;
	if (error == 0)
		error = store_begin (self);
	if (error != 0)
		s_end_lazy (self);
	return error;
}

int
store_commit (struct store *self)
{
	assert (self->in_transaction);
	s_reset_all (self);
	int error = self->failed;
	if (error != 0) {
		store_rollback (self);
		return error;
	}
	error = store_exec (self, "COMMIT");
	self->broken = error == SIAGA_EIO;
	store_rollback (self);
	return error;
}

void
store_rollback (struct store *self)
{
	if (!self->in_transaction)
		return;
	s_reset_all (self);
	/* SQLite may have rolled back by itself after a bad error; then this one fails, which is fine. */
	if (!sqlite3_get_autocommit (self->db))
		sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
	self->in_transaction = false;
	self->failed = 0;
	s_end_lazy (self);
}

bool
store_in_transaction (const struct store *self)
{
	return self->in_transaction;
}

bool
store_is_broken (const struct store *self)
{
	return self->broken;
}

static struct store_query *
s_find (struct store *self, const char *sql)
{
	for (size_t i = 0; i < self->query_count; i++)
		if (self->queries[i].sql == sql)
			return &self->queries[i];
	assert (self->query_count < STORE_QUERIES_MAX);
	struct store_query *query = &self->queries[self->query_count++];
	query->store = self;
	query->sql = sql;
	return query;
}

struct store_query *
store_query (struct store *self, const char *sql)
{
	struct store_query *query = s_find (self, sql);
	assert (!query->active);
	query->bound = 0;
	query->error = self->broken ? SIAGA_EIO : self->failed;
	if (query->stmt || query->error != 0)
		return query;
	int rc = sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->stmt,
				     NULL);
	if (rc != SQLITE_OK)
		query->error = store_fail (self, rc);
	return query;
}

static void
s_bound (struct store_query *query, int rc)
{
	if (rc != SQLITE_OK && query->error == 0)
		query->error = store_fail (query->store, rc);
}

void
store_bind_uint (struct store_query *query, uint64_t value)
{
	int at = ++query->bound;
	if (query->error != 0)
		return;
	if (value <= INT64_MAX) {
		s_bound (query, sqlite3_bind_int64 (query->stmt, at, (int64_t) value));
		return;
	}
	query->error = SIAGA_ELIMIT;
	if (query->store->in_transaction && query->store->failed == 0)
		query->store->failed = SIAGA_ELIMIT;
}

void
store_bind_int (struct store_query *query, int64_t value)
{
	int at = ++query->bound;
	if (query->error == 0)
		s_bound (query, sqlite3_bind_int64 (query->stmt, at, value));
}

void
store_bind_blob (struct store_query *query, const void *data, size_t size)
{
	int at = ++query->bound;
	if (query->error == 0)
		s_bound (query,
			 size ? sqlite3_bind_blob64 (query->stmt, at, data, size, SQLITE_STATIC)
			      : sqlite3_bind_zeroblob (query->stmt, at, 0));
}

void
store_bind_text (struct store_query *query, struct siaga_text text)
{
	int at = ++query->bound;
	if (query->error == 0)
		s_bound (query, sqlite3_bind_text64 (query->stmt, at, text.size ? text.data : "",
						     text.size, SQLITE_STATIC, SQLITE_UTF8));
}

void
store_bind_null (struct store_query *query)
{
	int at = ++query->bound;
	if (query->error == 0)
		s_bound (query, sqlite3_bind_null (query->stmt, at));
}

int
store_step (struct store_query *query)
{
	if (query->error == 0)
		query->error =
			query->store
				->failed; /* another statement failed since this one was asked for */
	if (query->error != 0) {
		int error = query->error;
		store_done (query);
		return error;
	}
	assert (query->bound == sqlite3_bind_parameter_count (query->stmt));
	query->active = true;
	int rc = sqlite3_step (query->stmt);
	if (rc == SQLITE_ROW)
		return 0;
	int error = SIAGA_ENOTFOUND;
	if (rc != SQLITE_DONE)
		error = store_fail (query->store, sqlite3_extended_errcode (query->store->db));
	store_done (query);
	return error;
}

uint64_t
store_column_uint (struct store_query *query, int column)
{
	return (uint64_t) sqlite3_column_int64 (query->stmt, column);
}

int64_t
store_column_int (struct store_query *query, int column)
{
	return sqlite3_column_int64 (query->stmt, column);
}

struct siaga_bytes
store_column_blob (struct store_query *query, int column)
{
	const uint8_t *data = sqlite3_column_blob (query->stmt, column);
	size_t size = data ? (size_t) sqlite3_column_bytes (query->stmt, column) : 0;
	return (struct siaga_bytes){data, size};
}

struct siaga_text
store_column_text (struct store_query *query, int column)
{
	const char *data = (const char *) sqlite3_column_text (query->stmt, column);
	size_t size = data ? (size_t) sqlite3_column_bytes (query->stmt, column) : 0;
	return (struct siaga_text){data, size};
}

bool
store_column_is_null (struct store_query *query, int column)
{
	return sqlite3_column_type (query->stmt, column) == SQLITE_NULL;
}

void
store_done (struct store_query *query)
{
	query->active = false;
	if (!query->stmt)
		return;
	sqlite3_reset (query->stmt);
	sqlite3_clear_bindings (query->stmt);
}

int
store_run (struct store_query *query)
{
	int error = store_step (query);
	if (error == 0)
		store_done (query);
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

int
store_run_uint (struct store_query *query, uint64_t *value)
{
	int error = store_step (query);
	if (error != 0)
		return error;
	*value = store_column_uint (query, 0);
	store_done (query);
	return 0;
}

uint64_t
store_changes (const struct store *self)
{
	return (uint64_t) sqlite3_changes64 (self->db);
}

uint64_t
store_last_rowid (const struct store *self)
{
	return (uint64_t) sqlite3_last_insert_rowid (self->db);
}
