/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which log number an id has, for the whole log. Ids are packed in sorted leaves of up to ID_LEAF_MAX, one to a page
 * of the database, in the table `id_leaf`; a leaf has all ids from its `first` up to the next leaf's. An id begins
 * with the time it was made (UUIDv7), so new ones fall into a few leaves that the writer keeps in memory: that
 * makes looking an id up, and adding it, a search in memory instead of a row and its place in an index. Ids
 * in any other order are as good as in any B-tree. Belongs to the SQLite journal.
 */
#ifndef SIAGA_HUB_ID_INDEX_H
#define SIAGA_HUB_ID_INDEX_H

#include "common/store.h"
#include "siaga/limits.h"

#define ID_LEAF_MAX 168 /* ids of a leaf: what a page of 4 KiB holds */

struct id_index;

/* The number of an id, from the tables: 0, SIAGA_ENOTFOUND, SIAGA_EFORMAT (no leaf of ours), SIAGA_EIO. For those who
   only read. */
int
id_index_look (struct store *store, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number);

/* Every leaf, in order and in its place: 0 and how many ids there are, SIAGA_EFORMAT, SIAGA_EIO. */
int
id_index_verify (struct store *store, uint64_t *count);

/* The writer's. `store` is borrowed. 0 or SIAGA_ENOMEM. */
int
id_index_new (struct id_index **self_p, struct store *store);

/* What was added and not flushed is lost; NULL is fine. */
void
id_index_destroy (struct id_index **self_p);

/* As id_index_look (), with what was added; but what is no leaf is SIAGA_EIO here, and below. */
int
id_index_find (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number);

/* In a transaction: 0, SIAGA_EEXISTS (and no effect), or the store's error. */
int
id_index_add (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number);

/* The same; an id that is not there, or has another number, is none of ours: 0, or the store's error. */
int
id_index_remove (struct id_index *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number);

/* Stores what changed, in the transaction: 0 or the store's error. */
int
id_index_flush (struct id_index *self);

/* After a rollback: only what is stored counts. */
void
id_index_forget (struct id_index *self);

#endif
