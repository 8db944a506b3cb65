/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See book.h. Programs of the same person have it open at the same time: each transaction is short.
 */
#include "cli/book.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/store.h"

#define APPLICATION_ID 0x53674262 /* "SgBb" */

#define PENDING_MAX 256

/* Seen and not yet on the disk: nobody waits for us while we wait for a terminal. */
struct pending {
	struct siaga_ref ref;
	uint64_t number;
	uint64_t accepted_us;
	uint8_t *digest;
	size_t size;
};

struct book {
	struct store *store;
	size_t pending_count;
	struct pending pending[PENDING_MAX];
	struct siaga_header header; /* being read */
	struct siaga_body body;
	uint8_t digest[SIAGA_ENTRY_MAX];
};

static const char *const s_steps[] = {
	"CREATE TABLE alert (seen INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,"
	" leaf BLOB NOT NULL, number INTEGER NOT NULL, accepted INTEGER NOT NULL,"
	" digest BLOB NOT NULL);",
};

struct book *
book_open (const struct settings *settings)
{
	struct book *self = calloc (1, sizeof *self);
	char *path = settings_state_path (settings, "alerts.db");
	struct store_options options = {
		.path = path,
		.application_id = APPLICATION_ID,
		.steps = s_steps,
		.step_count = sizeof s_steps / sizeof *s_steps,
	};
	int error = self && path ? store_open (&self->store, &options, NULL) : -1;
	free (path);
	if (!error)
		return self;
	free (self);
	return NULL;
}

void
book_close (struct book **self_p)
{
	book_save (*self_p);
	if (*self_p)
		store_close (&(*self_p)->store);
	free (*self_p);
	*self_p = NULL;
}

static void
s_insert (struct book *self, const struct pending *seen)
{
	struct store_query *query =
		store_query (self->store, "INSERT OR REPLACE INTO alert"
					  " (id, leaf, number, accepted, digest)"
					  " VALUES (?, ?, ?, ?, ?)");
	store_bind_blob (query, seen->ref.id, SIAGA_ID_BYTES);
	store_bind_blob (query, seen->ref.leaf, SIAGA_HASH_BYTES);
	store_bind_uint (query, seen->number);
	store_bind_uint (query, seen->accepted_us);
	store_bind_blob (query, seen->digest, seen->size);
	store_run (query);
}

static void
s_remember (struct book *self, const struct reader_entry *entry, struct siaga_bytes digest)
{
	if (self->pending_count == PENDING_MAX)
		book_save (self);
	struct pending *seen = &self->pending[self->pending_count];
	seen->digest = malloc (digest.size);
	if (!seen->digest)
		return;
	memcpy (seen->digest, digest.data, digest.size);
	seen->size = digest.size;
	memcpy (seen->ref.id, entry->header->id, SIAGA_ID_BYTES);
	memcpy (seen->ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
	seen->number = entry->number;
	seen->accepted_us = entry->accepted_us;
	self->pending_count++;
}

void
book_add (struct book *self, const struct reader_entry *entry)
{
	if (!self || entry->header->kind != SIAGA_KIND_ALERT)
		return;
	struct siaga_header header = *entry->header;
	struct siaga_body body = {.title = entry->body->title};
	struct siaga_writer writer;
	if (header.sealed.size > 0) { /* a digest is not sealed */
		header.sealed = (struct siaga_bytes){NULL, 0};
		body.title = siaga_text ("(sealed)");
	}
	siaga_writer_init (&writer, self->digest, sizeof self->digest);
	if (siaga_entry_write (&writer, &header, &body) == 0)
		s_remember (self, entry, (struct siaga_bytes){writer.data, writer.size});
}

void
book_save (struct book *self)
{
	if (!self || self->pending_count == 0)
		return;
	bool open = store_begin (self->store) == 0;
	for (size_t i = 0; i < self->pending_count; i++) {
		if (open)
			s_insert (self, &self->pending[i]);
		free (self->pending[i].digest);
	}
	self->pending_count = 0;
	if (!open)
		return;
	struct store_query *query =
		store_query (self->store, "DELETE FROM alert WHERE seen <="
					  " (SELECT max (seen) FROM alert) - ?");
	store_bind_uint (query, BOOK_ALERTS_MAX);
	store_run (query);
	store_commit (self->store);
}

bool
book_title (struct book *self, const uint8_t id[SIAGA_ID_BYTES], char title[SIAGA_TITLE_MAX + 1])
{
	struct siaga_bytes digest = {NULL, 0};
	if (!self)
		return false;
	for (size_t i = self->pending_count; i-- > 0 && !digest.data;)
		if (memcmp (self->pending[i].ref.id, id, SIAGA_ID_BYTES) == 0)
			digest = (struct siaga_bytes){self->pending[i].digest,
						      self->pending[i].size};
	struct store_query *query =
		store_query (self->store, "SELECT digest FROM alert WHERE id = ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	bool stored = !digest.data && store_step (query) == 0;
	if (stored)
		digest = store_column_blob (query, 0);
	bool known = digest.data && siaga_entry_read (digest, &self->header, &self->body) == 0;
	if (known)
		snprintf (title, SIAGA_TITLE_MAX + 1, "%.*s", (int) self->body.title.size,
			  self->body.title.size ? self->body.title.data : "");
	if (stored)
		store_done (query);
	return known;
}

static bool
s_read (struct book *self, struct store_query *query, struct book_alert *alert)
{
	struct siaga_bytes leaf = store_column_blob (query, 0);
	alert->digest = store_column_blob (query, 3);
	if (leaf.size != SIAGA_HASH_BYTES ||
	    siaga_entry_read (alert->digest, &self->header, &self->body) != 0)
		return false;
	memcpy (alert->ref.id, self->header.id, SIAGA_ID_BYTES);
	memcpy (alert->ref.leaf, leaf.data, SIAGA_HASH_BYTES);
	alert->number = store_column_uint (query, 1);
	alert->accepted_us = store_column_uint (query, 2);
	alert->header = &self->header;
	alert->title = self->body.title;
	return true;
}

void
book_each (struct book *self, bool (*take) (void *arg, const struct book_alert *alert), void *arg)
{
	struct book_alert alert;
	bool more = true;
	if (!self)
		return;
	struct store_query *query =
		store_query (self->store, "SELECT leaf, number, accepted, digest FROM alert"
					  " ORDER BY seen DESC");
	while (more && store_step (query) == 0)
		if (s_read (self, query, &alert))
			more = take (arg, &alert);
	if (!more)
		store_done (query);
}
