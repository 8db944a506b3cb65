/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts: small current state beside the log (journal.h), in the table `fact` or in memory.
 */
#include "hub/journal_facts.h"

#include <stdlib.h>

#include "hub/journal_sqlite.h"
#include "siaga/error.h"

/* --- SQLite ------------------------------------------------------------------------------------------- */

int
journal_sqlite_put (struct journal *base, const struct journal_fact *fact)
{
	struct store *store = ((struct journal_sqlite *) base)->store;
	struct store_query *query;
	int error = journal_sqlite_begin (base);

	if (error != 0)
		return error;
	if (fact->value.size == 0) {
		query = store_query (store, "DELETE FROM fact WHERE key = ?");
		store_bind_text (query, fact->key);
		return store_run (query);
	}
	query = store_query (store, "INSERT INTO fact (key, value) VALUES (?, ?)"
				    " ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	store_bind_text (query, fact->key);
	store_bind_blob (query, fact->value.data, fact->value.size);
	return store_run (query);
}

int
journal_sqlite_facts (struct journal *base, journal_fact_each *each, void *arg)
{
	struct store *store = ((struct journal_sqlite *) base)->store;
	struct store_query *query = store_query (store, "SELECT key, value FROM fact ORDER BY key");
	int error;

	while ((error = store_step (query)) == 0) {
		error = each (arg, store_column_text (query, 0), store_column_blob (query, 1));
		if (error == 0)
			continue;
		store_done (query);
		return error;
	}
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* --- in memory ---------------------------------------------------------------------------------------- */

static int
s_compare (struct siaga_text a, struct siaga_text b)
{
	int order = memcmp (a.data, b.data, a.size < b.size ? a.size : b.size);

	return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int
s_copy (struct journal_fact *copy, const struct journal_fact *fact)
{
	char *block = malloc (fact->key.size + fact->value.size);

	if (!block)
		return SIAGA_ENOMEM;
	memcpy (block, fact->key.data, fact->key.size);
	memcpy (block + fact->key.size, fact->value.data, fact->value.size);
	copy->key = (struct siaga_text){block, fact->key.size};
	copy->value = (struct siaga_bytes){(uint8_t *) block + fact->key.size, fact->value.size};
	return 0;
}

static void
s_remove (struct memory_facts *self, size_t at)
{
	free ((char *) self->items[at].key.data);
	self->count--;
	memmove (&self->items[at], &self->items[at + 1], (self->count - at) * sizeof *self->items);
}

int
memory_facts_put (struct memory_facts *self, const struct journal_fact *fact)
{
	struct journal_fact copy;
	size_t at = 0;

	while (at < self->count && s_compare (self->items[at].key, fact->key) < 0)
		at++;
	bool is_there = at < self->count && s_compare (self->items[at].key, fact->key) == 0;
	if (fact->value.size == 0) {
		if (is_there)
			s_remove (self, at);
		return 0;
	}
	struct journal_fact *items = realloc (self->items, (self->count + 1) * sizeof *items);
	if (!items)
		return SIAGA_ENOMEM;
	self->items = items;
	if (s_copy (&copy, fact) != 0)
		return SIAGA_ENOMEM;
	if (is_there)
		s_remove (self, at);
	memmove (&items[at + 1], &items[at], (self->count - at) * sizeof *items);
	items[at] = copy;
	self->count++;
	return 0;
}

int
memory_facts_each (const struct memory_facts *self, journal_fact_each *each, void *arg)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < self->count; i++)
		error = each (arg, self->items[i].key, self->items[i].value);
	return error;
}

void
memory_facts_finish (struct memory_facts *self)
{
	while (self->count > 0)
		s_remove (self, self->count - 1);
	free (self->items);
	self->items = NULL;
}
