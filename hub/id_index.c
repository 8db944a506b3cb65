/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few leaves of ids that the writer has in memory (id_index.h), and what it does with them.
 */
#include "hub/id_index.h"

#include <assert.h>
#include <stdlib.h>

#include "hub/id_leaf.h"
#include "siaga/error.h"

#define LEAVES_KEPT 32

struct id_index {
	struct store *store;
	uint64_t clock;
	struct id_leaf *recent; /* the leaf that was used last */
	struct id_leaf leaves[LEAVES_KEPT];
};

static bool
s_covers (const struct id_leaf *leaf, const uint8_t *id)
{
	return leaf->used != 0 && memcmp (id, leaf->first, SIAGA_ID_BYTES) >= 0 &&
	       (leaf->is_last || memcmp (id, leaf->next, SIAGA_ID_BYTES) < 0);
}

/* A place for a leaf: one that is free, or the one that was not used for the longest time. */
static int
s_make_room (struct id_index *self, struct id_leaf **leaf_p)
{
	struct id_leaf *oldest = &self->leaves[0];

	for (size_t i = 1; i < LEAVES_KEPT; i++)
		if (self->leaves[i].used < oldest->used)
			oldest = &self->leaves[i];
	int error =
		oldest->used != 0 && oldest->is_changed ? id_leaf_write (self->store, oldest) : 0;
	if (!error)
		oldest->used = 0;
	*leaf_p = oldest;
	return error;
}

static struct id_leaf *
s_use (struct id_index *self, struct id_leaf *leaf)
{
	leaf->used = ++self->clock;
	self->recent = leaf;
	return leaf;
}

/* The leaf of an id, which is in memory then. What is not stored yet is in memory, so what is found in the
   table covers the id truly only where no leaf in memory does. */
static int
s_leaf_of (struct id_index *self, const uint8_t *id, struct id_leaf **leaf_p)
{
	struct id_leaf *leaf = self->recent;

	for (size_t i = 0; i < LEAVES_KEPT && !s_covers (leaf, id); i++)
		leaf = &self->leaves[i];
	int error = 0;
	if (!s_covers (leaf, id)) {
		error = s_make_room (self, &leaf);
		if (!error)
			error = id_leaf_read (self->store, id, leaf);
	}
	if (!error)
		*leaf_p = s_use (self, leaf);
	return error;
}

/* A full leaf is halved; or, where ids come in order, the next one begins: then leaves are full, not half. It is
   stored with its new neighbour, so that the table never lacks a leaf that another one's `next` names. */
static int
s_split (struct id_index *self, struct id_leaf *leaf, const uint8_t *id, bool is_at_end)
{
	struct id_leaf *right;
	size_t keep = is_at_end ? leaf->count : leaf->count / 2;

	leaf->used = ++self->clock; /* it is not the one that makes room */
	int error = s_make_room (self, &right);
	if (error)
		return error;
	*right = (struct id_leaf){.is_changed = true, .is_last = leaf->is_last};
	right->count = leaf->count - keep;
	memcpy (right->items, leaf->items + keep * ID_ITEM_BYTES, right->count * ID_ITEM_BYTES);
	memcpy (right->first, is_at_end ? id : right->items, SIAGA_ID_BYTES);
	memcpy (right->next, leaf->next, SIAGA_ID_BYTES);
	leaf->count = keep;
	leaf->is_last = false;
	memcpy (leaf->next, right->first, SIAGA_ID_BYTES);
	error = id_leaf_write (self->store, right);
	if (!error)
		error = id_leaf_write (self->store, leaf);
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
	struct id_leaf *leaf;
	size_t at;

	int error = s_leaf_of (self, id, &leaf);
	if (error)
		return error;
	if (!id_items_search (leaf->items, leaf->count, id, &at))
		return SIAGA_ENOTFOUND;
	*number = id_item_number (leaf->items + at * ID_ITEM_BYTES);
	return 0;
}

int
id_index_add (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number)
{
	struct id_leaf *leaf;
	size_t at;

	int error = s_leaf_of (self, id, &leaf);
	if (error)
		return error;
	if (id_items_search (leaf->items, leaf->count, id, &at))
		return SIAGA_EEXISTS;
	if (leaf->count == ID_LEAF_MAX) {
		error = s_split (self, leaf, id, at == leaf->count);
		return error ? error : id_index_add (self, id, number);
	}
	uint8_t *item = leaf->items + at * ID_ITEM_BYTES;
	memmove (item + ID_ITEM_BYTES, item, (leaf->count - at) * ID_ITEM_BYTES);
	id_item_set (item, id, number);
	leaf->count++;
	leaf->is_changed = true;
	return 0;
}

/* What an empty leaf had falls to the one before it; the lowest stays. */
static int
s_drop (struct id_index *self, struct id_leaf *leaf)
{
	static const uint8_t lowest[SIAGA_ID_BYTES];

	if (memcmp (leaf->first, lowest, SIAGA_ID_BYTES) == 0)
		return 0;
	for (size_t i = 0; i < LEAVES_KEPT; i++) {
		struct id_leaf *before = &self->leaves[i];
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
	struct id_leaf *leaf;
	size_t at;

	int error = s_leaf_of (self, id, &leaf);
	if (error)
		return error;
	if (!id_items_search (leaf->items, leaf->count, id, &at))
		return 0;
	uint8_t *item = leaf->items + at * ID_ITEM_BYTES;
	if (id_item_number (item) != number)
		return 0;
	leaf->count--;
	memmove (item, item + ID_ITEM_BYTES, (leaf->count - at) * ID_ITEM_BYTES);
	leaf->is_changed = true;
	return leaf->count == 0 ? s_drop (self, leaf) : 0;
}

int
id_index_flush (struct id_index *self)
{
	int error = 0;

	for (size_t i = 0; !error && i < LEAVES_KEPT; i++)
		if (self->leaves[i].used != 0 && self->leaves[i].is_changed)
			error = id_leaf_write (self->store, &self->leaves[i]);
	return error;
}

void
id_index_forget (struct id_index *self)
{
	for (size_t i = 0; i < LEAVES_KEPT; i++)
		self->leaves[i].used = 0;
}
