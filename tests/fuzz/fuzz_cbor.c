/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the CBOR reader: skips every item of the input, and reads every item by its type while writing
 * it again. Both must agree, and because every value has one spelling, what was read must be written
 * as the very bytes it was read from.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "siaga/cbor.h"
#include "siaga/error.h"
#include "siaga/limits.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The open arrays and maps; a map's `items` gives keys, of an array only `left` counts. */
struct walk {
	size_t depth;
	struct {
		bool is_map;
		struct siaga_map items;
	} levels[SIAGA_CBOR_DEPTH_MAX];
};

static void
check (bool holds)
{
	if (!holds)
		abort ();
}

static void
copy_open (struct walk *walk, struct siaga_reader *reader, struct siaga_writer *writer, bool is_map)
{
	struct siaga_map *items;

	if (walk->depth == SIAGA_CBOR_DEPTH_MAX) {
		siaga_reader_fail (reader, SIAGA_ELIMIT);
		return;
	}
	items = &walk->levels[walk->depth].items;
	walk->levels[walk->depth++].is_map = is_map;
	if (is_map) {
		siaga_reader_map (reader, SIZE_MAX, items);
		siaga_writer_map (writer, (size_t) items->left);
	} else {
		items->left = siaga_reader_array (reader, SIZE_MAX);
		siaga_writer_array (writer, (size_t) items->left);
	}
}

static void
copy_one (struct walk *walk, struct siaga_reader *reader, struct siaga_writer *writer)
{
	enum siaga_cbor_type type = siaga_reader_peek (reader);
	struct siaga_bytes bytes;

	switch (type) {
	case SIAGA_CBOR_UINT:
		siaga_writer_uint (writer, siaga_reader_uint (reader));
		break;
	case SIAGA_CBOR_BYTES:
		bytes = siaga_reader_bytes (reader, SIZE_MAX);
		siaga_writer_bytes (writer, bytes.data, bytes.size);
		break;
	case SIAGA_CBOR_TEXT:
		siaga_writer_text (writer, siaga_reader_text (reader, SIZE_MAX));
		break;
	case SIAGA_CBOR_ARRAY:
	case SIAGA_CBOR_MAP:
		copy_open (walk, reader, writer, type == SIAGA_CBOR_MAP);
		break;
	case SIAGA_CBOR_BOOL:
		siaga_writer_bool (writer, siaga_reader_bool (reader));
		break;
	case SIAGA_CBOR_NONE:
		siaga_reader_uint (reader); /* fails, and says how */
		check (reader->error != 0);
		break;
	}
}

/* Goes on to the next item inside what is open; false when nothing is, or it went wrong. */
static bool
copy_next (struct walk *walk, struct siaga_reader *reader, struct siaga_writer *writer)
{
	uint64_t key;

	while (walk->depth > 0 && walk->levels[walk->depth - 1].items.left == 0)
		walk->depth--;
	if (walk->depth == 0 || reader->error)
		return false;
	if (!walk->levels[walk->depth - 1].is_map) {
		walk->levels[walk->depth - 1].items.left--;
		return true;
	}
	if (!siaga_reader_key (reader, &walk->levels[walk->depth - 1].items, &key))
		return false;
	siaga_writer_uint (writer, key);
	return true;
}

/* Copies one item; the number of bytes it took, 0 when it is not of the subset or too deep. */
static size_t
copy_item (const uint8_t *data, size_t size, uint8_t *out)
{
	struct walk walk = {.depth = 0};
	struct siaga_reader reader;
	struct siaga_writer writer;

	siaga_reader_init (&reader, data, size);
	siaga_writer_init (&writer, out, size);
	do
		copy_one (&walk, &reader, &writer);
	while (copy_next (&walk, &reader, &writer));
	check (reader.at <= size);
	if (reader.error)
		return 0;
	check (writer.error == 0 && writer.size == reader.at &&
	       memcmp (data, out, writer.size) == 0);
	return reader.at;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	uint8_t *out = malloc (size ? size : 1);
	struct siaga_reader reader;

	check (out != NULL);
	siaga_reader_init (&reader, data, size);
	while (!reader.error && reader.at < size) {
		size_t at = reader.at;
		struct siaga_bytes item = siaga_reader_skip (&reader);

		check (item.size == copy_item (data + at, size - at, out));
		check (reader.error != 0 || reader.at == at + item.size);
	}
	check (siaga_reader_end (&reader) == reader.error);
	free (out);
	return 0;
}
