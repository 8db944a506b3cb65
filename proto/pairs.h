/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a map whose pairs are left out when they say nothing. The map's head stands before its pairs
 * and holds their number, so the same straight-line function is run twice: first only to count.
 * Private to proto/.
 */
#ifndef SIAGA_PAIRS_H
#define SIAGA_PAIRS_H

#include "siaga/cbor.h"

struct pairs {
	struct siaga_writer *writer; /* NULL while counting */
	size_t count;
};

typedef void
pairs_fn (struct pairs *self, const void *record);

/* Counts a pair and writes its key; true when its value is to be written now. */
static inline bool
pairs_key (struct pairs *self, uint64_t key)
{
	self->count++;
	if (self->writer)
		siaga_writer_uint (self->writer, key);
	return self->writer != NULL;
}

static inline void
pairs_uint (struct pairs *self, uint64_t key, uint64_t value)
{
	if (pairs_key (self, key))
		siaga_writer_uint (self->writer, value);
}

static inline void
pairs_some_uint (struct pairs *self, uint64_t key, uint64_t value)
{
	if (value)
		pairs_uint (self, key, value);
}

static inline void
pairs_bytes (struct pairs *self, uint64_t key, const void *data, size_t size)
{
	if (pairs_key (self, key))
		siaga_writer_bytes (self->writer, data, size);
}

static inline void
pairs_text (struct pairs *self, uint64_t key, struct siaga_text text)
{
	if (pairs_key (self, key))
		siaga_writer_text (self->writer, text);
}

static inline void
pairs_some_text (struct pairs *self, uint64_t key, struct siaga_text text)
{
	if (text.size)
		pairs_text (self, key, text);
}

/* The whole map. */
static inline void
pairs_write (struct siaga_writer *writer, pairs_fn *write, const void *record)
{
	struct pairs counting = {NULL, 0};
	struct pairs writing = {writer, 0};
	write (&counting, record);
	siaga_writer_map (writer, counting.count);
	write (&writing, record);
}

#endif
