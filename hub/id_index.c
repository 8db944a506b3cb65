/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed leaves of ids (id_index.h), and the few of them that the writer has in memory. The lowest leaf begins at the
 * id of zeroes, so every id has its leaf; where there are no leaves at all the first one made is that.
 */
#include "hub/id_index.h"

#include <assert.h>
#include <stdlib.h>

#include "siaga/error.h"

#define ITEM_BYTES (SIAGA_ID_BYTES + 8) /* the id, and its number with the highest byte first */
#define LEAVES_KEPT 32

struct leaf {
	uint64_t used;	 /* 0: nothing here */
	uint64_t row;	 /* of the table; 0: not stored yet */
	bool is_changed; /* since it was stored */
	bool is_last;	 /* then `next` means nothing */
	uint8_t first[SIAGA_ID_BYTES];
	uint8_t next[SIAGA_ID_BYTES]; /* the next leaf's `first` */
	size_t count;
	uint8_t items[ID_LEAF_MAX * ITEM_BYTES];
};

struct id_index {
	struct store *store;
	uint64_t clock;
	struct leaf *recent; /* the leaf that was used last */
	struct leaf leaves[LEAVES_KEPT];
};

/* --- one leaf ------------------------------------------------------------------------------------------- */

static uint64_t
s_number_of (const uint8_t *item)
{
	uint64_t number = 0;

	for (size_t i = SIAGA_ID_BYTES; i < ITEM_BYTES; i++)
		number = number << 8 | item[i];
	return number;
}

static void
s_item_set (uint8_t *item, const uint8_t *id, uint64_t number)
{
	memcpy (item, id, SIAGA_ID_BYTES);
	for (size_t i = ITEM_BYTES; i-- > SIAGA_ID_BYTES; number >>= 8)
		item[i] = (uint8_t) number;
}

/* Where the id stands among `count` items, or would: true when it does. New ones mostly go last. */
static bool
s_search (const uint8_t *items, size_t count, const uint8_t *id, size_t *at)
{
	size_t low = 0, high = count;

	if (count > 0 && memcmp (id, items + (count - 1) * ITEM_BYTES, SIAGA_ID_BYTES) > 0)
		low = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp (id, items + middle * ITEM_BYTES, SIAGA_ID_BYTES);
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
	if (store_column_blob (query, 1).size != SIAGA_ID_BYTES || size % ITEM_BYTES != 0 ||
	    size > ID_LEAF_MAX * ITEM_BYTES) {
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
	bool is_here = s_search (ids.data, ids.size / ITEM_BYTES, id, &at);
	if (is_here)
		*number = s_number_of (ids.data + at * ITEM_BYTES);
	store_done (query);
	return is_here ? 0 : SIAGA_ENOTFOUND;
}

static int
s_read_next (struct store *store, struct leaf *leaf)
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
static int
s_read (struct store *store, const uint8_t *id, struct leaf *leaf)
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
	leaf->count = ids.size / ITEM_BYTES;
	memcpy (leaf->first, store_column_blob (query, 1).data, SIAGA_ID_BYTES);
	if (ids.size > 0)
		memcpy (leaf->items, ids.data, ids.size);
	store_done (query);
	return s_read_next (store, leaf);
}

static int
s_insert (struct store *store, struct leaf *leaf)
{
	struct store_query *query =
		store_query (store, "INSERT INTO id_leaf (first, ids) VALUES (?, ?)");

	store_bind_blob (query, leaf->first, SIAGA_ID_BYTES);
	store_bind_blob (query, leaf->items, leaf->count * ITEM_BYTES);
	int error = store_run (query);
	if (!error)
		leaf->row = store_last_rowid (store);
	return error;
}

static int
s_update (struct store *store, const struct leaf *leaf)
{
	struct store_query *query =
		store_query (store, "UPDATE id_leaf SET ids = ? WHERE leaf = ?");

	store_bind_blob (query, leaf->items, leaf->count * ITEM_BYTES);
	store_bind_uint (query, leaf->row);
	return store_run (query);
}

static int
s_write (struct store *store, struct leaf *leaf)
{
	int error = leaf->row == 0 ? s_insert (store, leaf) : s_update (store, leaf);

	leaf->is_changed = leaf->is_changed && error;
	return error;
}

/* The ids of a leaf rise, from its `first` on and from `last` on, which the last of them becomes. */
static bool
s_rises (struct siaga_bytes first, struct siaga_bytes ids, uint8_t last[SIAGA_ID_BYTES])
{
	if (first.size != SIAGA_ID_BYTES || ids.size % ITEM_BYTES != 0 ||
	    memcmp (first.data, last, SIAGA_ID_BYTES) < 0)
		return false;
	for (size_t i = 0; i < ids.size; i += ITEM_BYTES) {
		const uint8_t *before = i == 0 ? first.data : ids.data + i - ITEM_BYTES;
		int order = memcmp (ids.data + i, before, SIAGA_ID_BYTES);
		if (order < 0 || (order == 0 && i > 0))
			return false;
	}
	if (ids.size > 0)
		memcpy (last, ids.data + ids.size - ITEM_BYTES, SIAGA_ID_BYTES);
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
		sum += ids.size / ITEM_BYTES;
	}
	if (error == SIAGA_ENOTFOUND)
		*count = sum;
	return error == SIAGA_ENOTFOUND ? 0 : error;
}

/* --- the leaves in memory ------------------------------------------------------------------------------- */

static bool
s_covers (const struct leaf *leaf, const uint8_t *id)
{
	return leaf->used != 0 && memcmp (id, leaf->first, SIAGA_ID_BYTES) >= 0 &&
	       (leaf->is_last || memcmp (id, leaf->next, SIAGA_ID_BYTES) < 0);
}

/* A place for a leaf: one that is free, or the one that was not used for the longest time. */
static int
s_make_room (struct id_index *self, struct leaf **leaf_p)
{
	struct leaf *oldest = &self->leaves[0];

	for (size_t i = 1; i < LEAVES_KEPT; i++)
		if (self->leaves[i].used < oldest->used)
			oldest = &self->leaves[i];
	int error = oldest->used != 0 && oldest->is_changed ? s_write (self->store, oldest) : 0;
	if (!error)
		oldest->used = 0;
	*leaf_p = oldest;
	return error;
}

static struct leaf *
s_use (struct id_index *self, struct leaf *leaf)
{
	leaf->used = ++self->clock;
	self->recent = leaf;
	return leaf;
}

/* The leaf of an id, which is in memory then. What is not stored yet is in memory, so what is found in the
   table covers the id truly only where no leaf in memory does. */
static int
s_leaf_of (struct id_index *self, const uint8_t *id, struct leaf **leaf_p)
{
	struct leaf *leaf = self->recent;

	for (size_t i = 0; i < LEAVES_KEPT && !s_covers (leaf, id); i++)
		leaf = &self->leaves[i];
	int error = 0;
	if (!s_covers (leaf, id)) {
		error = s_make_room (self, &leaf);
		if (!error)
			error = s_read (self->store, id, leaf);
	}
	if (!error)
		*leaf_p = s_use (self, leaf);
	return error;
}

/* A full leaf is halved; or, where ids come in order, the next one begins: then leaves are full, not half. It is
   stored with its new neighbour, so that the table never lacks a leaf that another one's `next` names. */
static int
s_split (struct id_index *self, struct leaf *leaf, const uint8_t *id, bool is_at_end)
{
	struct leaf *right;
	size_t keep = is_at_end ? leaf->count : leaf->count / 2;

	leaf->used = ++self->clock; /* it is not the one that makes room */
	int error = s_make_room (self, &right);
	if (error)
		return error;
	*right = (struct leaf){.is_changed = true, .is_last = leaf->is_last};
	right->count = leaf->count - keep;
	memcpy (right->items, leaf->items + keep * ITEM_BYTES, right->count * ITEM_BYTES);
	memcpy (right->first, is_at_end ? id : right->items, SIAGA_ID_BYTES);
	memcpy (right->next, leaf->next, SIAGA_ID_BYTES);
	leaf->count = keep;
	leaf->is_last = false;
	memcpy (leaf->next, right->first, SIAGA_ID_BYTES);
	error = s_write (self->store, right);
	if (!error)
		error = s_write (self->store, leaf);
	if (!error)
		s_use (self, right);
	return error;
}

int
id_index_new (struct id_index **self_p, struct store *store)
{
	struct id_index *self = calloc (1, sizeof *self);

	if (!self)
		return SIAGA_ENOMEM;
	self->store = store;
	self->recent = &self->leaves[0];
	*self_p = self;
	return 0;
}

void
id_index_destroy (struct id_index **self_p)
{
	assert (self_p);
	free (*self_p);
	*self_p = NULL;
}

int
id_index_find (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number)
{
	struct leaf *leaf;
	size_t at;

	int error = s_leaf_of (self, id, &leaf);
	if (error)
		return error;
	if (!s_search (leaf->items, leaf->count, id, &at))
		return SIAGA_ENOTFOUND;
	*number = s_number_of (leaf->items + at * ITEM_BYTES);
	return 0;
}

int
id_index_add (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number)
{
	struct leaf *leaf;
	size_t at;

	int error = s_leaf_of (self, id, &leaf);
	if (error)
		return error;
	if (s_search (leaf->items, leaf->count, id, &at))
		return SIAGA_EEXISTS;
	if (leaf->count == ID_LEAF_MAX) {
		error = s_split (self, leaf, id, at == leaf->count);
		return error ? error : id_index_add (self, id, number);
	}
	uint8_t *item = leaf->items + at * ITEM_BYTES;
	memmove (item + ITEM_BYTES, item, (leaf->count - at) * ITEM_BYTES);
	s_item_set (item, id, number);
	leaf->count++;
	leaf->is_changed = true;
	return 0;
}

/* What an empty leaf had falls to the one before it; the lowest stays. */
static int
s_drop (struct id_index *self, struct leaf *leaf)
{
	static const uint8_t lowest[SIAGA_ID_BYTES];

	if (memcmp (leaf->first, lowest, SIAGA_ID_BYTES) == 0)
		return 0;
	for (size_t i = 0; i < LEAVES_KEPT; i++) {
		struct leaf *before = &self->leaves[i];
		if (before->used == 0 || before->is_last ||
		    memcmp (before->next, leaf->first, SIAGA_ID_BYTES) != 0)
			continue;
		before->is_last = leaf->is_last;
		memcpy (before->next, leaf->next, SIAGA_ID_BYTES);
	}
	struct store_query *query = store_query (self->store, "DELETE FROM id_leaf WHERE leaf = ?");
	store_bind_uint (query, leaf->row);
	leaf->used = 0;
	return store_run (query);
}

int
id_index_remove (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number)
{
	struct leaf *leaf;
	size_t at;

	int error = s_leaf_of (self, id, &leaf);
	if (error)
		return error;
	if (!s_search (leaf->items, leaf->count, id, &at))
		return 0;
	uint8_t *item = leaf->items + at * ITEM_BYTES;
	if (s_number_of (item) != number)
		return 0;
	leaf->count--;
	memmove (item, item + ITEM_BYTES, (leaf->count - at) * ITEM_BYTES);
	leaf->is_changed = true;
	return leaf->count == 0 ? s_drop (self, leaf) : 0;
}

int
id_index_flush (struct id_index *self)
{
	int error = 0;

	for (size_t i = 0; !error && i < LEAVES_KEPT; i++)
		if (self->leaves[i].used != 0 && self->leaves[i].is_changed)
			error = s_write (self->store, &self->leaves[i]);
	return error;
}

void
id_index_forget (struct id_index *self)
{
	for (size_t i = 0; i < LEAVES_KEPT; i++)
		self->leaves[i].used = 0;
}
