/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strict reader of the CBOR subset (cbor.h). Every byte comes from outside: nothing here
 * allocates, recurses or looks past `size`, and whatever has a second spelling is refused.
 *
 * Which error: what can not be right whatever the limits are (also a string or array longer than the
 * bytes that are there) is SIAGA_EMALFORMED; what is right and larger than the caller wants, or
 * nested too deep, is SIAGA_ELIMIT.
 */
#include "siaga/cbor.h"
#include "siaga/error.h"
#include "siaga/limits.h"
#include "siaga/names.h"

#define FALSE_BYTE 0xf4
#define TRUE_BYTE 0xf5

/* The first byte of an item is its major type (3 bits) and the additional information (5 bits). */
#define MAJOR_SHIFT 5
#define INFO_MASK 0x1f
#define INFO_ONE_BYTE 24    /* the argument is in the next byte … */
#define INFO_EIGHT_BYTES 27 /* … or the next 8 */

void
siaga_reader_init (struct siaga_reader *self, const void *data, size_t size)
{
	self->data = data;
	self->size = size;
	self->at = 0;
	self->error = 0;
}

void
siaga_reader_fail (struct siaga_reader *self, int error)
{
	if (!self->error)
		self->error = error;
}

int
siaga_reader_end (struct siaga_reader *self)
{
	if (self->at != self->size)
		siaga_reader_fail (self, SIAGA_EMALFORMED);
	return self->error;
}

enum siaga_cbor_type
siaga_reader_peek (const struct siaga_reader *self)
{
	static const int8_t types[] = {
		SIAGA_CBOR_UINT,  SIAGA_CBOR_NONE, SIAGA_CBOR_BYTES, SIAGA_CBOR_TEXT,
		SIAGA_CBOR_ARRAY, SIAGA_CBOR_MAP,  SIAGA_CBOR_NONE,
	};
	uint8_t first;

	if (self->error || self->at == self->size)
		return SIAGA_CBOR_NONE;
	first = self->data[self->at];
	if (first == FALSE_BYTE || first == TRUE_BYTE)
		return SIAGA_CBOR_BOOL;
	if (first >> MAJOR_SHIFT >= sizeof types)
		return SIAGA_CBOR_NONE;
	return (enum siaga_cbor_type) types[first >> MAJOR_SHIFT];
}

static size_t
s_left (const struct siaga_reader *self)
{
	return self->size - self->at;
}

/* The `width` bytes of a long argument, big-endian. Refuses one that fits a shorter head. */
static uint64_t
s_long_argument (struct siaga_reader *self, size_t width)
{
	const uint8_t *from = self->data + self->at;
	uint64_t value = 0;

	if (s_left (self) < width) {
		siaga_reader_fail (self, SIAGA_EMALFORMED);
		return 0;
	}
	for (size_t i = 0; i < width; i++)
		value = value << 8 | from[i];
	if (width == 1 ? value < INFO_ONE_BYTE : value >> (4 * width) == 0) {
		siaga_reader_fail (self, SIAGA_EMALFORMED);
		return 0;
	}
	self->at += width;
	return value;
}

/* The head of an item that must be of `type` (not BOOL); its argument, 0 on an error. */
static uint64_t
s_head (struct siaga_reader *self, enum siaga_cbor_type type)
{
	unsigned info;

	if (siaga_reader_peek (self) != type) {
		siaga_reader_fail (self, SIAGA_EMALFORMED);
		return 0;
	}
	info = self->data[self->at++] & INFO_MASK;
	if (info < INFO_ONE_BYTE)
		return info;
	if (info > INFO_EIGHT_BYTES) { /* reserved, or an indefinite length */
		siaga_reader_fail (self, SIAGA_EMALFORMED);
		return 0;
	}
	return s_long_argument (self, (size_t) 1 << (info - INFO_ONE_BYTE));
}

/* The head of what announces `argument` things of at least `unit` bytes each, at most `max`. */
static size_t
s_counted (struct siaga_reader *self, enum siaga_cbor_type type, size_t unit, size_t max)
{
	uint64_t count = s_head (self, type);

	if (self->error)
		return 0;
	if (count > s_left (self) / unit) {
		siaga_reader_fail (self, SIAGA_EMALFORMED);
		return 0;
	}
	if (count > max) {
		siaga_reader_fail (self, SIAGA_ELIMIT);
		return 0;
	}
	return (size_t) count;
}

uint64_t
siaga_reader_uint (struct siaga_reader *self)
{
	return s_head (self, SIAGA_CBOR_UINT);
}

uint64_t
siaga_reader_uint_max (struct siaga_reader *self, uint64_t max)
{
	uint64_t value = s_head (self, SIAGA_CBOR_UINT);

	if (value <= max)
		return value;
	siaga_reader_fail (self, SIAGA_ELIMIT);
	return 0;
}

bool
siaga_reader_bool (struct siaga_reader *self)
{
	if (siaga_reader_peek (self) != SIAGA_CBOR_BOOL) {
		siaga_reader_fail (self, SIAGA_EMALFORMED);
		return false;
	}
	return self->data[self->at++] == TRUE_BYTE;
}

static struct siaga_bytes
s_string (struct siaga_reader *self, enum siaga_cbor_type type, size_t max)
{
	struct siaga_bytes bytes = {NULL, 0};
	size_t size = s_counted (self, type, 1, max);

	if (self->error)
		return bytes;
	bytes.data = self->data + self->at;
	bytes.size = size;
	self->at += size;
	return bytes;
}

struct siaga_bytes
siaga_reader_bytes (struct siaga_reader *self, size_t max)
{
	return s_string (self, SIAGA_CBOR_BYTES, max);
}

void
siaga_reader_fixed (struct siaga_reader *self, uint8_t *out, size_t size)
{
	struct siaga_bytes bytes = s_string (self, SIAGA_CBOR_BYTES, SIZE_MAX);

	if (!self->error && bytes.size != size)
		siaga_reader_fail (self, SIAGA_EMALFORMED);
	if (size == 0)
		return;
	if (self->error)
		memset (out, 0, size);
	else
		memcpy (out, bytes.data, size);
}

struct siaga_text
siaga_reader_text (struct siaga_reader *self, size_t max)
{
	struct siaga_bytes bytes = s_string (self, SIAGA_CBOR_TEXT, max);
	struct siaga_text text = {(const char *) bytes.data, bytes.size};

	if (self->error || siaga_utf8_is_valid (text))
		return text;
	siaga_reader_fail (self, SIAGA_EMALFORMED);
	return (struct siaga_text){NULL, 0};
}

size_t
siaga_reader_array (struct siaga_reader *self, size_t max)
{
	return s_counted (self, SIAGA_CBOR_ARRAY, 1, max);
}

void
siaga_reader_array_of (struct siaga_reader *self, size_t count)
{
	if (s_counted (self, SIAGA_CBOR_ARRAY, 1, SIZE_MAX) != count)
		siaga_reader_fail (self, SIAGA_EMALFORMED);
}

void
siaga_reader_map (struct siaga_reader *self, size_t max, struct siaga_map *map)
{
	map->left = s_counted (self, SIAGA_CBOR_MAP, 2, max);
	map->last_key = 0;
	map->any = false;
}

bool
siaga_reader_key (struct siaga_reader *self, struct siaga_map *map, uint64_t *key)
{
	uint64_t next;

	if (self->error || map->left == 0)
		return false;
	next = s_head (self, SIAGA_CBOR_UINT);
	if (map->any && next <= map->last_key)
		siaga_reader_fail (self, SIAGA_EMALFORMED);
	if (self->error)
		return false;
	map->left--;
	map->last_key = next;
	map->any = true;
	*key = next;
	return true;
}

/* The open arrays and maps around the item being skipped, outermost first. */
struct walk {
	size_t depth;
	struct level {
		bool is_map;
		struct siaga_map items; /* of an array only `left` counts */
	} levels[SIAGA_CBOR_DEPTH_MAX];
};

static void
s_walk_down (struct walk *walk, struct siaga_reader *reader, bool is_map)
{
	struct level *level;

	if (walk->depth == SIAGA_CBOR_DEPTH_MAX) {
		siaga_reader_fail (reader, SIAGA_ELIMIT);
		return;
	}
	level = &walk->levels[walk->depth++];
	level->is_map = is_map;
	if (is_map)
		siaga_reader_map (reader, SIZE_MAX, &level->items);
	else
		level->items.left = siaga_reader_array (reader, SIZE_MAX);
}

/* One item; of an array or a map only the head. */
static void
s_walk_item (struct walk *walk, struct siaga_reader *reader)
{
	switch (siaga_reader_peek (reader)) {
	case SIAGA_CBOR_UINT:
		siaga_reader_uint (reader);
		break;
	case SIAGA_CBOR_BYTES:
		siaga_reader_bytes (reader, SIZE_MAX);
		break;
	case SIAGA_CBOR_TEXT:
		siaga_reader_text (reader, SIZE_MAX);
		break;
	case SIAGA_CBOR_ARRAY:
		s_walk_down (walk, reader, false);
		break;
	case SIAGA_CBOR_MAP:
		s_walk_down (walk, reader, true);
		break;
	case SIAGA_CBOR_BOOL:
		siaga_reader_bool (reader);
		break;
	case SIAGA_CBOR_NONE:
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
		break;
	}
}

/* Closes what is finished and, inside a map, takes the next key; false when all is done. */
static bool
s_walk_next (struct walk *walk, struct siaga_reader *reader)
{
	struct level *level;
	uint64_t key;

	while (walk->depth > 0 && walk->levels[walk->depth - 1].items.left == 0)
		walk->depth--;
	if (walk->depth == 0 || reader->error)
		return false;
	level = &walk->levels[walk->depth - 1];
	if (level->is_map)
		return siaga_reader_key (reader, &level->items, &key);
	level->items.left--;
	return true;
}

struct siaga_bytes
siaga_reader_skip (struct siaga_reader *self)
{
	size_t start = self->at;
	struct walk walk;

	walk.depth = 0;
	do
		s_walk_item (&walk, self);
	while (s_walk_next (&walk, self));
	if (self->error)
		return (struct siaga_bytes){NULL, 0};
	return (struct siaga_bytes){self->data + start, self->at - start};
}
