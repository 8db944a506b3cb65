/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the values of a map by a table of fields, and the shapes such values have. The rule they
 * share is "one encoding only": a value that says nothing (zero, empty) must be left out, so here it is
 * malformed. Private to proto/.
 */
#ifndef SIAGA_FIELDS_H
#define SIAGA_FIELDS_H

#include "siaga/cbor.h"
#include "siaga/error.h"
#include "siaga/limits.h"

/* Numbers and times of the protocol stay exact in JSON. */
#define NUMBER_MAX SIAGA_OSEQ_MAX

/* Pairs or items allowed where a later version may have more than this one knows. */
#define MAP_PAIRS_MAX 64

/* How to read the value of one key: into the record at `offset`, no more than `max`. */
struct field {
	void (*read) (struct siaga_reader *reader, void *at, uint64_t max);
	size_t offset;
	uint64_t max;
};

/* Reads the value of `key` into `record`; false, and nothing consumed, when the table lacks the key. */
static inline bool
field_read (struct siaga_reader *reader, const struct field *fields, size_t count, uint64_t key,
	    void *record)
{
	if (key >= count || !fields[key].read)
		return false;
	fields[key].read (reader, (char *) record + fields[key].offset, fields[key].max);
	return true;
}

static inline void
require (struct siaga_reader *reader, bool condition)
{
	if (!condition)
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
}

/* A text that says something. */
static inline struct siaga_text
some_text (struct siaga_reader *reader, size_t max)
{
	struct siaga_text text = siaga_reader_text (reader, max);
	require (reader, text.size > 0);
	return text;
}

/* A number that says something. */
static inline uint64_t
some_number (struct siaga_reader *reader, uint64_t max)
{
	uint64_t value = siaga_reader_uint_max (reader, max);
	require (reader, value > 0);
	return value;
}

/* An array with something in it. */
static inline size_t
some_array (struct siaga_reader *reader, size_t max)
{
	size_t count = siaga_reader_array (reader, max);
	require (reader, count > 0);
	return count;
}

/* A value of an enumeration that this version knows up to `last`. */
static inline unsigned
enum_value (struct siaga_reader *reader, uint64_t last)
{
	uint64_t value = siaga_reader_uint (reader);
	if (value <= last)
		return (unsigned) value;
	siaga_reader_fail (reader, SIAGA_EUPGRADE);
	return 0;
}

static inline unsigned
some_enum_value (struct siaga_reader *reader, uint64_t last)
{
	unsigned value = enum_value (reader, last);
	require (reader, value > 0);
	return value;
}

/* A byte string of exactly `size` bytes, or empty for "not there"; is it there? */
static inline bool
optional_fixed (struct siaga_reader *reader, uint8_t *out, size_t size)
{
	struct siaga_bytes bytes = siaga_reader_bytes (reader, size);
	require (reader, bytes.size == 0 || bytes.size == size);
	if (bytes.size != size)
		return false;
	memcpy (out, bytes.data, size);
	return true;
}

/* Field readers common to several maps. */
static inline void
read_text (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(struct siaga_text *) at = some_text (reader, max);
}

static inline void
read_number (struct siaga_reader *reader, void *at, uint64_t max)
{
	*(uint64_t *) at = some_number (reader, max);
}

#endif
