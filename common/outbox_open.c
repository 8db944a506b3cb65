/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox's file: its tables, its lane, opening and closing it.
 */
#include "common/outbox_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sodium.h>

#include "common/file.h"
#include "siaga/error.h"

#define OUTBOX_APPLICATION_ID 0x53494f42 /* "SIOB" */
#define OUTBOX_PATH_MAX 4096
#define OUTBOX_REASON_MAX 160

/* Big columns stand last, so that reading the others does not walk their overflow pages. */
static const char *const s_schema[] = {
	"CREATE TABLE lane (one INTEGER PRIMARY KEY CHECK (one = 1), network TEXT NOT NULL,"
	"	principal TEXT NOT NULL, key_id BLOB NOT NULL, epoch BLOB NOT NULL,"
	"	last_oseq INTEGER NOT NULL, acked_oseq INTEGER NOT NULL, log_id BLOB);"
	"CREATE TABLE waiting (seq INTEGER PRIMARY KEY, priority INTEGER NOT NULL, id BLOB NOT NULL,"
	"	added_us INTEGER NOT NULL, size INTEGER NOT NULL, entry BLOB NOT NULL);"
	"CREATE INDEX waiting_order ON waiting (priority DESC);"
	"CREATE TABLE batch (seq INTEGER PRIMARY KEY, epoch BLOB NOT NULL, first_oseq INTEGER NOT NULL,"
	"	count INTEGER NOT NULL, size INTEGER NOT NULL, acked_us INTEGER, number INTEGER,"
	"	head_hash BLOB NOT NULL, bytes BLOB NOT NULL, UNIQUE (epoch, first_oseq));"
	"CREATE TABLE entry (id BLOB PRIMARY KEY, batch INTEGER NOT NULL, place INTEGER NOT NULL)"
	"	WITHOUT ROWID;"
	"CREATE INDEX entry_batch ON entry (batch, place) WHERE batch > 0;"
	"CREATE TABLE position (source TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE aside (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, code INTEGER NOT NULL,"
	"	at_us INTEGER NOT NULL, entry BLOB);",
	"CREATE TABLE known (seq INTEGER PRIMARY KEY, epoch BLOB NOT NULL, oseq INTEGER NOT NULL,"
	"	id BLOB NOT NULL, at_us INTEGER NOT NULL, size INTEGER NOT NULL, entry BLOB NOT NULL);"
	"CREATE INDEX known_place ON known (epoch, oseq);",
	"ALTER TABLE waiting ADD COLUMN lines INTEGER NOT NULL DEFAULT 1;"
	"CREATE INDEX waiting_id ON waiting (id);"
	"CREATE TABLE note (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;",
	/* outbox_turn (). */
	"CREATE TABLE turned (turn INTEGER PRIMARY KEY, id BLOB NOT NULL, added_us INTEGER NOT NULL,"
	"	size INTEGER NOT NULL, lines INTEGER NOT NULL, entry BLOB NOT NULL);"
	"INSERT INTO turned SELECT ((255 - priority) << 48) + (1 << 47) + seq, id, added_us, size,"
	"	lines, entry FROM waiting;"
	"DROP TABLE waiting; ALTER TABLE turned RENAME TO waiting;"
	"INSERT INTO entry (id, batch, place) SELECT id, 0, turn FROM waiting WHERE true"
	"	ON CONFLICT (id) DO UPDATE SET place = excluded.place;"
	"DROP INDEX entry_batch; UPDATE entry SET batch = 0, place = 0 WHERE batch > 0;"
	/* By themselves, for SQLite writes the whole of a row when it changes a part: an ACK wrote them again. */
	"CREATE TABLE encoded (batch INTEGER PRIMARY KEY, bytes BLOB NOT NULL);"
	"INSERT INTO encoded SELECT seq, bytes FROM batch;"
	"ALTER TABLE batch DROP COLUMN bytes;",
	/* Entries stay in their rows when they are cut (outbox_private.h). */
	"CREATE TABLE held (turn INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
	"	added_us INTEGER NOT NULL, size INTEGER NOT NULL, lines INTEGER NOT NULL,"
	"	entry BLOB NOT NULL);"
	"INSERT OR IGNORE INTO held SELECT turn, id, added_us, size, lines, entry FROM waiting;"
	"DELETE FROM entry WHERE batch = 0 AND id IN (SELECT id FROM waiting);"
	"DROP TABLE waiting;"
	"ALTER TABLE batch ADD COLUMN cut BLOB; ALTER TABLE batch ADD COLUMN top BLOB;"
	"ALTER TABLE lane ADD COLUMN gone BLOB;"
	"ALTER TABLE lane ADD COLUMN gone_bytes INTEGER NOT NULL DEFAULT 0;",
};

struct store_options
outbox_store_options (const char *path)
{
	return (struct store_options){
		.path = path,
		.application_id = OUTBOX_APPLICATION_ID,
		.steps = s_schema,
		.step_count = sizeof s_schema / sizeof *s_schema,
	};
}

int
outbox_save_lane (struct outbox *self)
{
	struct store_query *query = store_query (
		self->store,
		"UPDATE lane SET key_id = ?, epoch = ?, last_oseq = ?, acked_oseq = ?, gone = ?,"
		" gone_bytes = ? WHERE one = 1");
	store_bind_blob (query, self->key_id, sizeof self->key_id);
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, self->state.last_oseq);
	store_bind_uint (query, self->state.acked_oseq);
	uint8_t gone[OUTBOX_MARKS_BYTES];
	outbox_pack_marks (gone, &self->state.gone);
	store_bind_blob (query, gone, sizeof gone);
	store_bind_uint (query, self->state.gone_bytes);
	return store_run (query);
}

/* Two numbers of one row. */
static int
s_pair (struct store_query *query, uint64_t *a, uint64_t *b)
{
	int error = store_step (query);
	if (error != 0)
		return error;
	*a = store_column_uint (query, 0);
	*b = store_column_uint (query, 1);
	store_done (query);
	return 0;
}

static int
s_recount (struct outbox *self)
{
	struct outbox_state *state = &self->state;
	uint64_t unused;
	int error = outbox_read_marks (self->store, &state->cut);
	state->waiting = state->waiting_bytes = 0;
	for (size_t lane = 0; error == 0 && lane < OUTBOX_LANES; lane++) {
		state->waiting_in[lane] = 0;
		error = outbox_count_rows (self, lane, state->cut.of[lane],
					   outbox_lane_last (lane));
	}
	if (error == 0)
		error = s_pair (store_query (self->store,
					     "SELECT count (*), total (size) FROM batch"
					     " WHERE acked_us IS NULL"),
				&state->in_flight, &unused);
	if (error == 0)
		error = s_pair (store_query (self->store,
					     "SELECT count (*), total (size) FROM batch"
					     " WHERE acked_us IS NOT NULL"),
				&unused, &state->kept_bytes);
	if (error == 0)
		error = s_pair (
			store_query (self->store, "SELECT count (*), total (size) FROM known"),
			&unused, &state->known_bytes);
	struct store_query *query =
		store_query (self->store, "SELECT count (*) FROM aside WHERE code != ?");
	store_bind_uint (query, -SIAGA_EKNOWN);
	if (error == 0)
		error = store_run_uint (query, &state->aside);
	uint64_t places = 0;
	if (error == 0)
		error = store_run_uint (
			store_query (self->store, "SELECT EXISTS (SELECT 1 FROM entry)"), &places);
	state->has_places = places != 0;
	return error ? error : outbox_find_next_seq (self);
}

static int
s_insert_lane (struct outbox *self)
{
	randombytes_buf (self->state.epoch, SIAGA_EPOCH_BYTES);
	outbox_marks_init (&self->state.gone);
	struct store_query *query = store_query (
		self->store,
		"INSERT INTO lane (one, network, principal, key_id, epoch, last_oseq, acked_oseq)"
		" VALUES (1, ?, ?, ?, ?, 0, 0)");
	store_bind_text (query, siaga_text (self->network));
	store_bind_text (query, siaga_text (self->identity->card.principal));
	store_bind_blob (query, self->key_id, sizeof self->key_id);
	store_bind_blob (query, self->state.epoch, SIAGA_EPOCH_BYTES);
	return store_run (query);
}

static int
s_read_lane (struct outbox *self, struct store_query *query, bool *same_key,
	     char reason[OUTBOX_REASON_MAX])
{
	struct siaga_text network = store_column_text (query, 0),
			  principal = store_column_text (query, 1);
	struct siaga_bytes key_id = store_column_blob (query, 2),
			   epoch = store_column_blob (query, 3);
	self->state.last_oseq = store_column_uint (query, 4);
	self->state.acked_oseq = store_column_uint (query, 5);
	self->state.gone_bytes = store_column_uint (query, 7);
	if (!siaga_text_is (network, self->network) ||
	    !siaga_text_is (principal, self->identity->card.principal)) {
		snprintf (reason, OUTBOX_REASON_MAX, "is the outbox of %.*s in network %.*s",
			  (int) principal.size, principal.data, (int) network.size, network.data);
		return SIAGA_EFORMAT;
	}
	if (epoch.size != SIAGA_EPOCH_BYTES ||
	    outbox_unpack_marks (&self->state.gone, store_column_blob (query, 6)) != 0)
		return SIAGA_EFORMAT;
	memcpy (self->state.epoch, epoch.data, SIAGA_EPOCH_BYTES);
	*same_key = key_id.size == sizeof self->key_id &&
		    memcmp (key_id.data, self->key_id, sizeof self->key_id) == 0;
	return 0;
}

/* A batch signed with a former key might be refused for good, now or when the hub's disk goes back in time and
   asks for it again: no epoch has two keys, and what is sent again in another is signed again. */
static int
s_take_key (struct outbox *self)
{
	if (self->state.last_oseq == 0)
		return outbox_save_lane (self);
	return outbox_begin_epoch (self, "the signing key changed", self->state.acked_oseq, false);
}

static int
s_load (struct outbox *self, char reason[OUTBOX_REASON_MAX])
{
	bool same_key = true;
	struct store_query *query = store_query (
		self->store,
		"SELECT network, principal, key_id, epoch, last_oseq, acked_oseq, gone, gone_bytes"
		" FROM lane");
	int error = store_step (query);
	if (error == 0) {
		error = s_read_lane (self, query, &same_key, reason);
		store_done (query);
	} else if (error == SIAGA_ENOTFOUND)
		error = s_insert_lane (self);
	if (error == 0)
		error = s_recount (self);
	if (error == 0 && !same_key)
		error = s_take_key (self);
	return error;
}

static int
s_lock (struct outbox *self, const char *path)
{
	char lock[OUTBOX_PATH_MAX];
	if (strcmp (path, ":memory:") == 0)
		return 0;
	if ((size_t) snprintf (lock, sizeof lock, "%s.lock", path) >= sizeof lock)
		return SIAGA_EIO;
	self->lock_fd = file_lock (lock);
	if (self->lock_fd >= 0)
		return 0;
	return self->lock_fd == SIAGA_ELOCKED ? SIAGA_ELOCKED : SIAGA_EIO;
}

/* `reason` gets words for an error here, `words` (with the path) for one of the store. */
static int
s_open (struct outbox *self, const struct outbox_options *options, char reason[OUTBOX_REASON_MAX],
	char words[256])
{
	struct store_options store = outbox_store_options (options->path);
	int error = s_lock (self, options->path);
	if (error == 0)
		error = store_open (&self->store, &store, words);
	if (error == 0)
		error = outbox_begin (self);
	if (error == 0)
		error = outbox_leave (self, true, s_load (self, reason));
	return error == SIAGA_ENOTFOUND ? SIAGA_EIO : error;
}

static struct outbox *
s_new (const struct outbox_options *options)
{
	struct outbox *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->lock_fd = -1;
	self->identity = options->identity;
	snprintf (self->network, sizeof self->network, "%s", options->network);
	siaga_key_id (self->key_id, options->identity->card.sign);
	self->keep_acked_us = options->keep_acked_us;
	self->keep_acked_bytes = options->keep_acked_bytes;
	self->max_waiting_bytes = options->max_waiting_bytes;
	return self;
}

int
outbox_open (struct outbox **self_p, const struct outbox_options *options, char words[256])
{
	char reason[OUTBOX_REASON_MAX] = "", store_words[256] = "";
	struct outbox *self = s_new (options);
	if (!self)
		return SIAGA_ENOMEM;
	int error = s_open (self, options, reason, store_words);
	if (error == 0) {
		*self_p = self;
		return 0;
	}
	const char *why = self->store && outbox_error (self)[0] ? outbox_error (self)
								: siaga_strerror (error);
	if (words && store_words[0])
		snprintf (words, 256, "%s", store_words);
	else if (words)
		snprintf (words, 256, "%.100s: %.150s", options->path, reason[0] ? reason : why);
	outbox_close (&self);
	return error;
}

void
outbox_close (struct outbox **self_p)
{
	assert (self_p);
	struct outbox *self = *self_p;
	if (!self)
		return;
	outbox_forget_fresh (self);
	store_close (&self->store);
	if (self->lock_fd >= 0)
		close (self->lock_fd);
	free (self);
	*self_p = NULL;
}
