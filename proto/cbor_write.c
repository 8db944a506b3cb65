/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer of the CBOR subset (cbor.h): shortest heads into a caller's buffer. An item that does not
 * fit is not begun. That a map's keys ascend and that text is UTF-8 is the caller's business; the
 * reader is where it is checked.
 */
#include "siaga/cbor.h"
#include "siaga/error.h"

#define FALSE_BYTE 0xf4
#define TRUE_BYTE 0xf5
#define MAJOR_SHIFT 5
#define HEAD_MAX 9 /* bytes */

void
siaga_writer_init (struct siaga_writer *self, void *data, size_t capacity)
{
	self->data = data;
	self->capacity = capacity;
	self->size = 0;
	self->error = 0;
}

/* Appends `first` and `second`, or neither. */
static void
s_append (struct siaga_writer *self, const void *first, size_t first_size, const void *second,
	  size_t second_size)
{
	size_t room = self->capacity - self->size;

	if (self->error)
		return;
	if (first_size > room || second_size > room - first_size) {
		self->error = SIAGA_ELIMIT;
		return;
	}
	if (first_size > 0)
		memcpy (self->data + self->size, first, first_size);
	self->size += first_size;
	if (second_size > 0)
		memcpy (self->data + self->size, second, second_size);
	self->size += second_size;
}

/* The log2 of the bytes a long argument takes: 0 … 3. */
static unsigned
s_width_log2 (uint64_t argument)
{
	if (argument >> 8 == 0)
		return 0;
	if (argument >> 16 == 0)
		return 1;
	return argument >> 32 == 0 ? 2 : 3;
}

/* Writes the shortest head (RFC 8949 section 4.2.1); returns its size. */
static size_t
s_make_head (uint8_t head[HEAD_MAX], enum siaga_cbor_type type, uint64_t argument)
{
	unsigned width, shift = s_width_log2 (argument);

	head[0] = (uint8_t) (type << MAJOR_SHIFT);
	if (argument < 24) {
		head[0] |= (uint8_t) argument;
		return 1;
	}
	head[0] |= (uint8_t) (24 + shift);
	width = 1U << shift;
	for (unsigned i = width; i > 0; i--, argument >>= 8)
		head[i] = (uint8_t) argument;
	return 1 + width;
}

static void
s_item (struct siaga_writer *self, enum siaga_cbor_type type, uint64_t argument, const void *data,
	size_t size)
{
	uint8_t head[HEAD_MAX];
	size_t head_size = s_make_head (head, type, argument);

	s_append (self, head, head_size, data, size);
}

void
siaga_writer_uint (struct siaga_writer *self, uint64_t value)
{
	s_item (self, SIAGA_CBOR_UINT, value, NULL, 0);
}

void
siaga_writer_bool (struct siaga_writer *self, bool value)
{
	uint8_t byte = value ? TRUE_BYTE : FALSE_BYTE;

	s_append (self, &byte, 1, NULL, 0);
}

void
siaga_writer_bytes (struct siaga_writer *self, const void *data, size_t size)
{
	s_item (self, SIAGA_CBOR_BYTES, size, data, size);
}

void
siaga_writer_text (struct siaga_writer *self, struct siaga_text text)
{
	s_item (self, SIAGA_CBOR_TEXT, text.size, text.data, text.size);
}

void
siaga_writer_array (struct siaga_writer *self, size_t count)
{
	s_item (self, SIAGA_CBOR_ARRAY, count, NULL, 0);
}

void
siaga_writer_map (struct siaga_writer *self, size_t count)
{
	s_item (self, SIAGA_CBOR_MAP, count, NULL, 0);
}

void
siaga_writer_raw (struct siaga_writer *self, struct siaga_bytes bytes)
{
	s_append (self, bytes.data, bytes.size, NULL, 0);
}
