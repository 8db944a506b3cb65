/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the SQLite journal, and the log's identity in `meta`.
 */
#include "hub/journal_sqlite.h"

#include <stdio.h>
#include <sodium.h>

#include "siaga/error.h"

#define SCHEMA_PACKED_IDS 3

/*
 * batch   the received bytes, once, under the log number of their first entry
 * id_leaf which log number an id has (id_index.h)
 * ref     which entries refer to an id, and whether they may change the life of what it names
 * mark    how far each origin's epoch has got
 * fact    current state beside the log (journal.h)
 * tile    place = level * 2^56 + index; hashes as in C2SP tlog-tiles
 */
const char *const journal_schema_steps[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE batch (number INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
	" accepted INTEGER NOT NULL, origin TEXT NOT NULL, epoch BLOB NOT NULL,"
	" first_oseq INTEGER NOT NULL, head_hash BLOB NOT NULL, bytes BLOB NOT NULL);"
	"CREATE UNIQUE INDEX batch_place ON batch (origin, epoch, first_oseq);"
	"CREATE TABLE entry (number INTEGER PRIMARY KEY, batch INTEGER NOT NULL,"
	" offset INTEGER NOT NULL, length INTEGER NOT NULL, id BLOB NOT NULL, kind INTEGER NOT NULL,"
	" action INTEGER NOT NULL, status INTEGER NOT NULL, severity INTEGER NOT NULL,"
	" certainty INTEGER NOT NULL, tlp INTEGER NOT NULL, category TEXT NOT NULL,"
	" system TEXT NOT NULL);"
	"CREATE UNIQUE INDEX entry_id ON entry (id);"
	"CREATE TABLE ref (id BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (id, number))"
	" WITHOUT ROWID;"
	"CREATE TABLE mark (origin TEXT NOT NULL, epoch BLOB NOT NULL, oseq INTEGER NOT NULL,"
	" head_hash BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (origin, epoch)) WITHOUT ROWID;"
	"CREATE TABLE tile (place INTEGER PRIMARY KEY, width INTEGER NOT NULL, hashes BLOB NOT NULL);",
	/* 2: conditions and who was seen. */
	"CREATE TABLE fact (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;",
	/* 3: no row for each entry. Its id goes into a leaf (s_pack_ids ()); the rest of it nobody asked for. */
	"CREATE TABLE id_leaf (leaf INTEGER PRIMARY KEY, first BLOB NOT NULL UNIQUE,"
	" ids BLOB NOT NULL);"
	"ALTER TABLE ref ADD COLUMN is_deed INTEGER NOT NULL DEFAULT 0;"
	"UPDATE ref SET is_deed = 1 WHERE EXISTS (SELECT 1 FROM entry WHERE entry.number = ref.number"
	" AND (kind = 2 OR (kind = 3 AND action != 5)));",
};
const size_t journal_schema_step_count =
	sizeof journal_schema_steps / sizeof journal_schema_steps[0];

/* By the index on it, ids come in order, so the leaves are full. */
static int
s_pack_ids (struct store *store)
{
	struct store_query *query =
		store_query (store, "SELECT id, number FROM entry INDEXED BY entry_id ORDER BY id");
	struct id_index *ids = NULL;
	int error = id_index_new (&ids, store);

	while (!error && (error = store_step (query)) == 0) {
		struct siaga_bytes id = store_column_blob (query, 0);
		error = id.size == SIAGA_ID_BYTES
				? id_index_add (ids, id.data, store_column_uint (query, 1))
				: SIAGA_EFORMAT;
	}
	store_done (query);
	if (error == SIAGA_ENOTFOUND)
		error = id_index_flush (ids);
	id_index_destroy (&ids);
	return error;
}

int
journal_schema_step (struct store *store, size_t version)
{
	int error = version == SCHEMA_PACKED_IDS ? s_pack_ids (store) : 0;

	if (!error && version == SCHEMA_PACKED_IDS)
		error = store_run (store_query (store, "DROP TABLE entry"));
	return error;
}

int
journal_meta_set (struct store *store, const char *key, const void *value, size_t size)
{
	struct store_query *query =
		store_query (store, "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
	store_bind_text (query, siaga_text (key));
	store_bind_blob (query, value, size);
	return store_run (query);
}

int
journal_meta_get (struct store *store, const char *key, void *value, size_t capacity,
		  size_t *size_p)
{
	struct store_query *query = store_query (store, "SELECT value FROM meta WHERE key = ?");
	store_bind_text (query, siaga_text (key));
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes bytes = store_column_blob (query, 0);
	if (bytes.size > capacity || (!size_p && bytes.size != capacity))
		error = SIAGA_EFORMAT;
	else
		memcpy (value, bytes.data, bytes.size);
	if (error == 0 && size_p)
		*size_p = bytes.size;
	store_done (query);
	return error;
}

static int
s_meta_make (struct store *store, const char *network)
{
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	randombytes_buf (log_id, sizeof log_id);
	int error = store_begin (store);
	if (error != 0)
		return error;
	journal_meta_set (store, "network", network, strlen (network));
	journal_meta_set (store, "log-id", log_id, sizeof log_id);
	return store_commit (store);
}

int
journal_schema_meta (struct journal_sqlite *self, const char *network, char words[256])
{
	char held[SIAGA_NETWORK_MAX];
	size_t size = 0;
	int error =
		journal_meta_get (self->store, "log-id", self->log_id, sizeof self->log_id, NULL);
	if (error == SIAGA_ENOTFOUND && self->mode == JOURNAL_WRITE) {
		error = s_meta_make (self->store, network);
		if (error == 0)
			error = journal_meta_get (self->store, "log-id", self->log_id,
						  sizeof self->log_id, NULL);
	}
	if (error == 0)
		error = journal_meta_get (self->store, "network", held, sizeof held, &size);
	if (error == SIAGA_ENOTFOUND || error == SIAGA_EFORMAT) {
		snprintf (words, 256, "the journal does not say which log and network it is");
		return SIAGA_EFORMAT;
	}
	if (error == 0 &&
	    !siaga_text_equal ((struct siaga_text){held, size}, siaga_text (network))) {
		snprintf (words, 256, "the journal is network %.*s's, not %.64s's", (int) size,
			  held, network);
		return SIAGA_EFORMAT;
	}
	return error;
}
