/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the store share: store.c, and store_wal.c with what concerns the WAL and the whole file.
 */
#ifndef COMMON_STORE_PRIVATE_H
#define COMMON_STORE_PRIVATE_H

#include <sqlite3.h>

#include "common/store.h"

#define STORE_QUERIES_MAX 128	   /* statements of one module */
#define STORE_BUSY_TIMEOUT_MS 5000 /* another process reads the file, or copies it */
#define STORE_CACHE_KIB 512
#define STORE_WORDS_MAX 256
#define STORE_PATH_MAX 4096

struct store_query {
	struct store *store; /* borrowed */
	const char *sql;     /* borrowed; its address is the key */
	sqlite3_stmt *stmt;
	int bound; /* parameters bound so far */
	int error; /* sticky until the statement is asked for again */
	bool active;
};

struct store {
	sqlite3 *db;
	bool in_transaction;
	bool lazy; /* the transaction: its commit does not wait for the disk */
	bool broken;
	int failed;		     /* the transaction's first error, or 0 */
	_Atomic unsigned *wal_pages; /* borrowed; NULL: SQLite checkpoints by itself */
	char words[STORE_WORDS_MAX];
	size_t query_count;
	struct store_query queries[STORE_QUERIES_MAX];
};

/* Keeps the words of an SQLite error, and the error itself for the transaction it spoils: the SIAGA_E… it is. */
int
store_fail (struct store *self, int rc);

/* Runs SQL that gives no rows: 0 or store_fail ()'s. */
int
store_exec (struct store *self, const char *sql);

/* The number that a PRAGMA (or any statement) answers with. */
int
store_pragma_uint (struct store *self, const char *sql, uint64_t *value);

#endif
