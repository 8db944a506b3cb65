/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notes: what the owner wants to find again exactly as it was when the entries and positions beside it became
 * durable. What they mean is the owner's.
 */
#include "common/outbox_private.h"

#include "siaga/error.h"

int
outbox_note_set (struct outbox *self, const char *key, struct siaga_bytes value)
{
	struct store_query *query = store_query (
		self->store, "INSERT INTO note (key, value) VALUES (?, ?)"
			     " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	store_bind_text (query, siaga_text (key));
	store_bind_blob (query, value.data, value.size);
	return store_run (query);
}

int
outbox_note_get (struct outbox *self, const char *key, uint8_t *value, size_t capacity,
		 size_t *size)
{
	struct store_query *query =
		store_query (self->store, "SELECT value FROM note WHERE key = ?");
	store_bind_text (query, siaga_text (key));
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes blob = store_column_blob (query, 0);
	if (blob.size > capacity)
		error = SIAGA_ELIMIT;
	else if (blob.size > 0)
		memcpy (value, blob.data, blob.size);
	*size = blob.size;
	store_done (query);
	return error;
}

int
outbox_note_delete (struct outbox *self, const char *key)
{
	struct store_query *query = store_query (self->store, "DELETE FROM note WHERE key = ?");
	store_bind_text (query, siaga_text (key));
	return store_run (query);
}

int
outbox_note_each (struct outbox *self, const char *prefix,
		  int (*each) (void *arg, struct siaga_text key, struct siaga_bytes value),
		  void *arg)
{
	size_t size = strlen (prefix);
	struct store_query *query = store_query (
		self->store, "SELECT key, value FROM note WHERE key >= ? ORDER BY key");
	store_bind_text (query, siaga_text (prefix));
	int error;
	while ((error = store_step (query)) == 0) {
		struct siaga_text key = store_column_text (query, 0);
		if (key.size < size || memcmp (key.data, prefix, size) != 0)
			break;
		error = each (arg, key, store_column_blob (query, 1));
		if (error != 0)
			break;
	}
	store_done (query);
	return error == SIAGA_ENOTFOUND ? 0 : error;
}
