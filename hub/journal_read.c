/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the SQLite journal. Each function steps its statement to the end or resets it before it
 * returns: no read transaction outlives a call, so readers never hold back the WAL.
 */
#include "hub/journal_sqlite.h"

#include <assert.h>
#include <stdlib.h>

#include "siaga/error.h"

#define TILE_LEVEL_SHIFT 56 /* place = level * 2^56 + index */

static struct journal_sqlite *
s_sqlite (struct journal *base)
{
	return (struct journal_sqlite *) base;
}

/* Copies a hash out of a row; a blob of another size is somebody else's work. */
static int
s_column_hash (struct store_query *query, int column, uint8_t hash[SIAGA_HASH_BYTES])
{
	struct siaga_bytes bytes = store_column_blob (query, column);
	if (bytes.size != SIAGA_HASH_BYTES)
		return SIAGA_EIO;
	memcpy (hash, bytes.data, SIAGA_HASH_BYTES);
	return 0;
}

/* From a row of number, count, accepted, bytes. */
static int
s_record_fill (struct journal_record *record, struct store_query *query)
{
	struct siaga_bytes bytes = store_column_blob (query, 3);
	uint8_t *data = malloc (bytes.size ? bytes.size : 1);
	if (!data)
		return SIAGA_ENOMEM;
	if (bytes.size)
		memcpy (data, bytes.data, bytes.size);
	record->number = store_column_uint (query, 0);
	record->count = (uint32_t) store_column_uint (query, 1);
	record->accepted_us = store_column_uint (query, 2);
	record->data = data;
	record->size = bytes.size;
	return 0;
}

/* The batch that begins at or before `number`, if it reaches that far: 0 or SIAGA_ENOTFOUND. */
static int
s_read_containing (struct journal_sqlite *self, uint64_t number, struct journal_record *record)
{
	struct store_query *query =
		store_query (self->store, "SELECT number, count, accepted, bytes FROM batch"
					  " WHERE number <= ? ORDER BY number DESC LIMIT 1");
	store_bind_uint (query, number);
	int error = store_step (query);
	if (error != 0)
		return error;
	if (number - store_column_uint (query, 0) < store_column_uint (query, 1))
		error = s_record_fill (record, query);
	else
		error = SIAGA_ENOTFOUND;
	store_done (query);
	return error;
}

static int
s_read_after (struct journal_sqlite *self, uint64_t number, struct journal_record *record)
{
	struct store_query *query =
		store_query (self->store, "SELECT number, count, accepted, bytes FROM batch"
					  " WHERE number > ? ORDER BY number LIMIT 1");
	store_bind_uint (query, number);
	int error = store_step (query);
	if (error != 0)
		return error;
	error = s_record_fill (record, query);
	store_done (query);
	return error;
}

int
journal_sqlite_read (struct journal *base, uint64_t number, struct journal_record *record)
{
	if (number > INT64_MAX)
		return SIAGA_ENOTFOUND;
	int error = s_read_containing (s_sqlite (base), number, record);
	return error == SIAGA_ENOTFOUND ? s_read_after (s_sqlite (base), number, record) : error;
}

int
journal_sqlite_find (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number)
{
	struct journal_sqlite *self = s_sqlite (base);
	int error = self->ids ? id_index_find (self->ids, id, number)
			      : id_index_look (self->store, id, number);
	return error == SIAGA_EFORMAT ? SIAGA_EIO : error;
}

/* The numbers a bound query gives, after its limit: how many, or <0. */
static int
s_numbers (struct store_query *query, uint64_t *numbers, size_t max)
{
	size_t count = 0;
	int error;
	store_bind_uint (query, max > INT32_MAX ? INT32_MAX : max);
	while ((error = store_step (query)) == 0)
		numbers[count++] = store_column_uint (query, 0);
	return error == SIAGA_ENOTFOUND ? (int) count : error;
}

int
journal_sqlite_referring (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *numbers,
			  size_t max)
{
	struct store_query *query =
		store_query (s_sqlite (base)->store,
			     "SELECT number FROM ref WHERE id = ? ORDER BY number LIMIT ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	return s_numbers (query, numbers, max);
}

int
journal_sqlite_deeds (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t from,
		      uint64_t *numbers, size_t max)
{
	struct store_query *query =
		store_query (s_sqlite (base)->store,
			     "SELECT number FROM ref WHERE id = ? AND number >= ? AND is_deed"
			     " ORDER BY number LIMIT ?");
	store_bind_blob (query, id, SIAGA_ID_BYTES);
	store_bind_uint (query, from);
	return s_numbers (query, numbers, max);
}

int
journal_sqlite_mark (struct journal *base, struct siaga_text origin,
		     const uint8_t epoch[SIAGA_EPOCH_BYTES], struct journal_mark *mark)
{
	struct store_query *query =
		store_query (s_sqlite (base)->store, "SELECT oseq, head_hash, number FROM mark"
						     " WHERE origin = ? AND epoch = ?");
	store_bind_text (query, origin);
	store_bind_blob (query, epoch, SIAGA_EPOCH_BYTES);
	memset (mark, 0, sizeof *mark);
	int error = store_step (query);
	if (error != 0)
		return error;
	mark->oseq = store_column_uint (query, 0);
	mark->number = store_column_uint (query, 2);
	error = s_column_hash (query, 1, mark->head_hash);
	store_done (query);
	return error;
}

int
journal_sqlite_batch_at (struct journal *base, struct siaga_text origin,
			 const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t first_oseq,
			 struct journal_mark *mark)
{
	if (first_oseq > INT64_MAX)
		return SIAGA_ENOTFOUND;
	struct store_query *query = store_query (
		s_sqlite (base)->store, "SELECT number, count, head_hash FROM batch"
					" WHERE origin = ? AND epoch = ? AND first_oseq = ?");
	store_bind_text (query, origin);
	store_bind_blob (query, epoch, SIAGA_EPOCH_BYTES);
	store_bind_uint (query, first_oseq);
	int error = store_step (query);
	if (error != 0)
		return error;
	uint64_t more = store_column_uint (query, 1) - 1;
	mark->oseq = first_oseq + more;
	mark->number = store_column_uint (query, 0) + more;
	error = s_column_hash (query, 2, mark->head_hash);
	store_done (query);
	return error;
}

int
journal_read_head (struct journal_sqlite *self, uint64_t *head)
{
	uint64_t value = 0;
	int error = store_run_uint (store_query (self->store, "SELECT number + count FROM batch"
							      " ORDER BY number DESC LIMIT 1"),
				    &value);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	*head = value;
	return 0;
}

static uint64_t
s_tile_place (unsigned level, uint64_t index)
{
	return ((uint64_t) level << TILE_LEVEL_SHIFT) + index;
}

int
journal_tile_load (void *arg, unsigned level, uint64_t index, unsigned width, uint8_t *hashes)
{
	struct journal_sqlite *self = arg;
	if (index >> TILE_LEVEL_SHIFT)
		return SIAGA_ENOTFOUND;
	struct store_query *query =
		store_query (self->store, "SELECT hashes FROM tile WHERE place = ?");
	store_bind_uint (query, s_tile_place (level, index));
	int error = store_step (query);
	if (error != 0)
		return error;
	struct siaga_bytes bytes = store_column_blob (query, 0);
	size_t size = (size_t) width * SIAGA_HASH_BYTES;
	if (bytes.size < size)
		error = SIAGA_ENOTFOUND;
	else
		memcpy (hashes, bytes.data, size);
	store_done (query);
	return error;
}

int
journal_tile_store (void *arg, unsigned level, uint64_t index, unsigned width,
		    const uint8_t *hashes)
{
	struct journal_sqlite *self = arg;
	struct store_query *query = store_query (
		self->store, "INSERT OR REPLACE INTO tile (place, width, hashes) VALUES (?, ?, ?)");
	store_bind_uint (query, s_tile_place (level, index));
	store_bind_uint (query, width);
	store_bind_blob (query, hashes, (size_t) width * SIAGA_HASH_BYTES);
	return store_run (query);
}

int
journal_tile_width (struct journal_sqlite *self, unsigned level, uint64_t index, uint64_t *width)
{
	struct store_query *query =
		store_query (self->store, "SELECT width FROM tile WHERE place = ?");
	store_bind_uint (query, s_tile_place (level, index));
	return store_run_uint (query, width);
}
