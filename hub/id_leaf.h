/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One leaf of the index of ids (id_index.h): its items in memory, and its row in the table `id_leaf`. id_leaf.c has the
 * functions of id_index.h that need no leaf in memory, too.
 */
#ifndef SIAGA_HUB_ID_LEAF_H
#define SIAGA_HUB_ID_LEAF_H

#include "hub/id_index.h"

#define ID_ITEM_BYTES (SIAGA_ID_BYTES + 8) /* the id, and its number with the highest byte first */

struct id_leaf {
	uint64_t used;	 /* the index's; 0: nothing here */
	uint64_t row;	 /* of the table; 0: not stored yet */
	bool is_changed; /* since it was stored */
	bool is_last;	 /* then `next` means nothing */
	uint8_t first[SIAGA_ID_BYTES];
	uint8_t next[SIAGA_ID_BYTES]; /* the next leaf's `first` */
	size_t count;
	uint8_t items[ID_LEAF_MAX * ID_ITEM_BYTES];
};

uint64_t
id_item_number (const uint8_t *item);

void
id_item_set (uint8_t *item, const uint8_t *id, uint64_t number);

/* Where the id stands among `count` items, or would: true when it does. */
bool
id_items_search (const uint8_t *items, size_t count, const uint8_t *id, size_t *at);

/* Fills in the leaf that an id belongs to; where the table is empty, the first one: 0, SIAGA_EIO. */
int
id_leaf_read (struct store *store, const uint8_t *id, struct id_leaf *leaf);

/* Stores it in the transaction: 0 or the store's error. */
int
id_leaf_write (struct store *store, struct id_leaf *leaf);

#endif
