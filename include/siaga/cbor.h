/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subset of CBOR that Siaga speaks (RFC 8949 section 4.2.1, core deterministic encoding):
 * unsigned integers, byte strings, text strings, arrays, maps with ascending unsigned integer keys,
 * false and true. Definite lengths and shortest heads only; no negative numbers, floats, tags, null.
 *
 * Reader and writer keep a sticky error: write straight-line code, check once at the end. After an
 * error every read returns zero or empty and every write does nothing.
 */
#ifndef SIAGA_CBOR_H
#define SIAGA_CBOR_H

#include "siaga/bytes.h"

enum siaga_cbor_type {
	SIAGA_CBOR_UINT = 0,
	SIAGA_CBOR_BYTES = 2,
	SIAGA_CBOR_TEXT = 3,
	SIAGA_CBOR_ARRAY = 4,
	SIAGA_CBOR_MAP = 5,
	SIAGA_CBOR_BOOL = 7,
	SIAGA_CBOR_NONE = -1, /* nothing left, or an error */
};

struct siaga_reader {
	const uint8_t *data; /* borrowed */
	size_t size;
	size_t at; /* bytes consumed */
	int error; /* 0, SIAGA_EMALFORMED, SIAGA_ELIMIT, or what siaga_reader_fail () was told; sticky */
};

/* A map being read: keys must be unsigned and strictly ascending. */
struct siaga_map {
	uint64_t left;
	uint64_t last_key;
	bool any;
};

void
siaga_reader_init (struct siaga_reader *self, const void *data, size_t size);

/* The type of the next item, without consuming it. */
enum siaga_cbor_type
siaga_reader_peek (const struct siaga_reader *self);

uint64_t
siaga_reader_uint (struct siaga_reader *self);

/* As above, and SIAGA_ELIMIT when above `max`. */
uint64_t
siaga_reader_uint_max (struct siaga_reader *self, uint64_t max);

bool
siaga_reader_bool (struct siaga_reader *self);

/* A byte string of at most `max` bytes; borrowed. */
struct siaga_bytes
siaga_reader_bytes (struct siaga_reader *self, size_t max);

/* A byte string of exactly `size` bytes, copied to `out` (zeroed on error). */
void
siaga_reader_fixed (struct siaga_reader *self, uint8_t *out, size_t size);

/* A text string of at most `max` bytes, well-formed UTF-8 (RFC 3629), without NUL; borrowed. */
struct siaga_text
siaga_reader_text (struct siaga_reader *self, size_t max);

/* The head of an array of at most `max` items; returns the number of items. */
size_t
siaga_reader_array (struct siaga_reader *self, size_t max);

/* The head of an array of exactly `count` items. */
void
siaga_reader_array_of (struct siaga_reader *self, size_t count);

/* The head of a map of at most `max` pairs. */
void
siaga_reader_map (struct siaga_reader *self, size_t max, struct siaga_map *map);

/* The next key of a map; false at its end or on an error. */
bool
siaga_reader_key (struct siaga_reader *self, struct siaga_map *map, uint64_t *key);

/* Any one item of the subset, at most SIAGA_CBOR_DEPTH_MAX deep (no recursion); its borrowed bytes. */
struct siaga_bytes
siaga_reader_skip (struct siaga_reader *self);

/* Ends the reading: 0, or the sticky error; SIAGA_EMALFORMED when bytes are left over. */
int
siaga_reader_end (struct siaga_reader *self);

/* Sets the sticky error unless one is set. */
void
siaga_reader_fail (struct siaga_reader *self, int error);

/* A writer into a caller's buffer; SIAGA_ELIMIT (sticky) when it does not fit. */
struct siaga_writer {
	uint8_t *data;
	size_t capacity;
	size_t size;
	int error;
};

void
siaga_writer_init (struct siaga_writer *self, void *data, size_t capacity);

void
siaga_writer_uint (struct siaga_writer *self, uint64_t value);

void
siaga_writer_bool (struct siaga_writer *self, bool value);

void
siaga_writer_bytes (struct siaga_writer *self, const void *data, size_t size);

void
siaga_writer_text (struct siaga_writer *self, struct siaga_text text);

void
siaga_writer_array (struct siaga_writer *self, size_t count);

void
siaga_writer_map (struct siaga_writer *self, size_t count);

/* Already encoded bytes, as they are. */
void
siaga_writer_raw (struct siaga_writer *self, struct siaga_bytes bytes);

#endif
