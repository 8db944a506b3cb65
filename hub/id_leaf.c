/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See id_leaf.h. The lowest leaf begins at the id of zeroes, so every id has its leaf; where there are no leaves at all the
 * first one made is that.
 */
#include "hub/id_leaf.h"

#include "siaga/error.h"

/* --- one leaf ------------------------------------------------------------------------------------------- */

uint64_t
id_item_number (const uint8_t *item)
{
	uint64_t number = 0;

	for (size_t i = SIAGA_ID_BYTES; i < ID_ITEM_BYTES; i++)
		number = number << 8 | item[i];
	return number;
}

void
id_item_set (uint8_t *item, const uint8_t *id, uint64_t number)
{
	memcpy (item, id, SIAGA_ID_BYTES);
	for (size_t i = ID_ITEM_BYTES; i-- > SIAGA_ID_BYTES; number >>= 8)
		item[i] = (uint8_t) number;
}

/* Where the id stands among `count` items, or would: true when it does. New ones mostly go last. */
bool
id_items_search (const uint8_t *items, size_t count, const uint8_t *id, size_t *at)
{
	size_t low = 0, high = count;

	if (count > 0 && memcmp (id, items + (count - 1) * ID_ITEM_BYTES, SIAGA_ID_BYTES) > 0)
		low = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp (id, items + middle * ID_ITEM_BYTES, SIAGA_ID_BYTES);
		if (order == 0) {
			*at = middle;
			return true;
		}
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return false;
}

/* --- the table ------------------------------------------------------------------------------------------ */

/* The row of the leaf that an id belongs to (row, first, ids): 0, SIAGA_ENOTFOUND, SIAGA_EFORMAT, SIAGA_EIO. */
static int
s_select (struct store *store, const uint8_t *id, struct store_query **query_p)
{
	struct store_query *query =
		store_query (store, "SELECT leaf, first, ids FROM id_leaf WHERE first <= ?"
				    " ORDER BY first DESC LIMIT 1");

	store_bind_blob (query, id, SIAGA_ID_BYTES);
	int error = store_step (query);
	if (error)
		return error;
	size_t size = store_column_blob (query, 2).size;
	if (store_column_blob (query, 1).size != SIAGA_ID_BYTES || size % ID_ITEM_BYTES != 0 ||
	    size > ID_LEAF_MAX * ID_ITEM_BYTES) {
		store_done (query);
		return SIAGA_EFORMAT;
	}
	*query_p = query;
	return 0;
}

int
id_index_look (struct store *store, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number)
{
	struct store_query *query;
	size_t at;

	int error = s_select (store, id, &query);
	if (error)
		return error;
	struct siaga_bytes ids = store_column_blob (query, 2);
	bool is_here = id_items_search (ids.data, ids.size / ID_ITEM_BYTES, id, &at);
	if (is_here)
		*number = id_item_number (ids.data + at * ID_ITEM_BYTES);
	store_done (query);
	return is_here ? 0 : SIAGA_ENOTFOUND;
}

static int
s_read_next (struct store *store, struct id_leaf *leaf)
{
	struct store_query *query = store_query (
		store, "SELECT first FROM id_leaf WHERE first > ? ORDER BY first LIMIT 1");

	store_bind_blob (query, leaf->first, SIAGA_ID_BYTES);
	int error = store_step (query);
	leaf->is_last = error == SIAGA_ENOTFOUND;
	if (error)
		return leaf->is_last ? 0 : error;
	struct siaga_bytes first = store_column_blob (query, 0);
	if (first.size == SIAGA_ID_BYTES)
		memcpy (leaf->next, first.data, SIAGA_ID_BYTES);
	else
		error = SIAGA_EIO;
	store_done (query);
	return error;
}

/* Fills in a leaf, where there is none with the first one. */
int
id_leaf_read (struct store *store, const uint8_t *id, struct id_leaf *leaf)
{
	struct store_query *query;

	leaf->used = leaf->row = leaf->count = 0;
	leaf->is_changed = false;
	leaf->is_last = true;
	int error = s_select (store, id, &query);
	if (error == SIAGA_ENOTFOUND) {
		memset (leaf->first, 0, SIAGA_ID_BYTES);
		return 0;
	}
	if (error)
		return error == SIAGA_EFORMAT ? SIAGA_EIO : error;
	struct siaga_bytes ids = store_column_blob (query, 2);
	leaf->row = store_column_uint (query, 0);
	leaf->count = ids.size / ID_ITEM_BYTES;
	memcpy (leaf->first, store_column_blob (query, 1).data, SIAGA_ID_BYTES);
	if (ids.size > 0)
		memcpy (leaf->items, ids.data, ids.size);
	store_done (query);
	return s_read_next (store, leaf);
}

static int
s_insert (struct store *store, struct id_leaf *leaf)
{
	struct store_query *query =
		store_query (store, "INSERT INTO id_leaf (first, ids) VALUES (?, ?)");

	store_bind_blob (query, leaf->first, SIAGA_ID_BYTES);
	store_bind_blob (query, leaf->items, leaf->count * ID_ITEM_BYTES);
	int error = store_run (query);
	if (!error)
		leaf->row = store_last_rowid (store);
	return error;
}

static int
s_update (struct store *store, const struct id_leaf *leaf)
{
	struct store_query *query =
		store_query (store, "UPDATE id_leaf SET ids = ? WHERE leaf = ?");

	store_bind_blob (query, leaf->items, leaf->count * ID_ITEM_BYTES);
	store_bind_uint (query, leaf->row);
	return store_run (query);
}

int
id_leaf_write (struct store *store, struct id_leaf *leaf)
{
	int error = leaf->row == 0 ? s_insert (store, leaf) : s_update (store, leaf);

	leaf->is_changed = leaf->is_changed && error;
	return error;
}

/* The ids of a leaf rise, from its `first` on and from `last` on, which the last of them becomes. */
static bool
s_rises (struct siaga_bytes first, struct siaga_bytes ids, uint8_t last[SIAGA_ID_BYTES])
{
	if (first.size != SIAGA_ID_BYTES || ids.size % ID_ITEM_BYTES != 0 ||
	    memcmp (first.data, last, SIAGA_ID_BYTES) < 0)
		return false;
	for (size_t i = 0; i < ids.size; i += ID_ITEM_BYTES) {
		const uint8_t *before = i == 0 ? first.data : ids.data + i - ID_ITEM_BYTES;
		int order = memcmp (ids.data + i, before, SIAGA_ID_BYTES);
		if (order < 0 || (order == 0 && i > 0))
			return false;
	}
	if (ids.size > 0)
		memcpy (last, ids.data + ids.size - ID_ITEM_BYTES, SIAGA_ID_BYTES);
	return true;
}

int
id_index_verify (struct store *store, uint64_t *count)
{
	struct store_query *query =
		store_query (store, "SELECT first, ids FROM id_leaf ORDER BY first");
	uint8_t last[SIAGA_ID_BYTES] = {0};
	uint64_t sum = 0;
	int error;

	while ((error = store_step (query)) == 0) {
		struct siaga_bytes ids = store_column_blob (query, 1);
		if (!s_rises (store_column_blob (query, 0), ids, last)) {
			store_done (query);
			return SIAGA_EFORMAT;
		}
		sum += ids.size / ID_ITEM_BYTES;
	}
	if (error == SIAGA_ENOTFOUND)
		*count = sum;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}
