/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that are no message: nested deeply, announced without end, of what the protocol's CBOR does not have, too long
 * or too short. See liar.h.
 *
 *	forms ROSTER IDENTITY cbor|size COUNT
 */
#include "liar.h"

/* Fills a message with copies of a few bytes. */
static void
s_send_filled (struct liar *self, const char *unit, size_t unit_size, size_t size)
{
	for (size_t at = 0; at < size; at++)
		self->bytes[at] = (uint8_t) unit[at % unit_size];
	liar_send (self, size);
}

static void
s_send_bytes (struct liar *self, const char *bytes, size_t size)
{
	memcpy (self->bytes, bytes, size);
	liar_send (self, size);
}

#define SEND(self, literal) s_send_bytes (self, literal, sizeof (literal) - 1)

/* --- nested ---------------------------------------------------------------------------------------------- */

static void
s_deep_arrays (struct liar *self)
{
	s_send_filled (self, "\x81", 1, 60000);
}

static void
s_deep_maps (struct liar *self)
{
	s_send_filled (self, "\xa1\x01", 2, 60000);
}

static void
s_deep_tags (struct liar *self)
{
	s_send_filled (self, "\xc1", 1, 60000);
}

/* STATUS with an unknown key whose value is nested so deep. */
static void
s_send_nested (struct liar *self, size_t depth)
{
	struct siaga_writer *writer = liar_writer (self);

	siaga_writer_array (writer, 2);
	siaga_writer_uint (writer, SIAGA_STATUS);
	siaga_writer_map (writer, 2);
	siaga_writer_uint (writer, 1);
	siaga_writer_uint (writer, 1);
	siaga_writer_uint (writer, 99);
	for (size_t i = 0; i < depth; i++)
		siaga_writer_array (writer, 1);
	siaga_writer_uint (writer, 0);
	liar_send (self, writer->size);
}

static void
s_deep_9 (struct liar *self)
{
	s_send_nested (self, SIAGA_CBOR_DEPTH_MAX + 1);
}

static void
s_deep_60000 (struct liar *self)
{
	s_send_nested (self, 60000);
}

/* --- announced, and of another kind ---------------------------------------------------------------------- */

static void
s_bytes_2_63 (struct liar *self)
{
	SEND (self, "\x82\x06\x5b\x7f\xff\xff\xff\xff\xff\xff\xff");
}

static void
s_bytes_2_64 (struct liar *self)
{
	SEND (self, "\x82\x06\x5b\xff\xff\xff\xff\xff\xff\xff\xff"
		    "abc");
}

static void
s_array_2_64 (struct liar *self)
{
	SEND (self, "\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x0b");
}

static void
s_map_2_32 (struct liar *self)
{
	SEND (self, "\x82\x0b\xba\xff\xff\xff\xff\x01\x01");
}

static void
s_text_2_32 (struct liar *self)
{
	SEND (self, "\x83\x11\x00\x7a\xff\xff\xff\xff"
		    "bye");
}

static void
s_sources_2_32 (struct liar *self)
{
	SEND (self, "\x82\x0b\xa2\x01\x01\x07\x9a\xff\xff\xff\xff");
}

static void
s_filter_2_32 (struct liar *self)
{
	SEND (self, "\x85\x08\x01\xa1\x03\x9a\xff\xff\xff\xff\x83\x40\x00\x40\x01");
}

static void
s_endless_array (struct liar *self)
{
	SEND (self, "\x9f\x0b\xa1\x01\x01\xff");
}

static void
s_endless_bytes (struct liar *self)
{
	SEND (self, "\x82\x06\x5f\x41\x00\xff");
}

static void
s_negative (struct liar *self)
{
	SEND (self, "\x82\x0b\xa1\x01\x20");
}

static void
s_float (struct liar *self)
{
	SEND (self, "\x82\x0b\xa1\x01\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00");
}

static void
s_long_head (struct liar *self)
{
	SEND (self, "\x82\x18\x0b\xa1\x01\x01");
}

static void
s_keys_twice (struct liar *self)
{
	SEND (self, "\x82\x0b\xa2\x01\x01\x01\x01");
}

static void
s_keys_back (struct liar *self)
{
	SEND (self, "\x82\x0b\xa2\x02\x01\x01\x01");
}

static void
s_left_over (struct liar *self)
{
	SEND (self, "\x82\x0b\xa1\x01\x01\x00");
}

static void
s_nul_in_text (struct liar *self)
{
	SEND (self, "\x83\x11\x00\x63"
		    "a\0b");
}

static void
s_no_utf8 (struct liar *self)
{
	SEND (self, "\x83\x11\x00\x62\xc0\x80");
}

static void
s_type_0 (struct liar *self)
{
	SEND (self, "\x81\x00");
}

static void
s_type_2_64 (struct liar *self)
{
	SEND (self, "\x82\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x00");
}

/* --- sizes ----------------------------------------------------------------------------------------------- */

static void
s_empty (struct liar *self)
{
	liar_send (self, 0);
}

static void
s_largest (struct liar *self)
{
	s_send_filled (self, "\x00", 1, SIAGA_MESSAGE_MAX);
}

static void
s_larger (struct liar *self)
{
	s_send_filled (self, "\x00", 1, SIAGA_MESSAGE_MAX + 1);
}

static void
s_twice_as_large (struct liar *self)
{
	s_send_filled (self, "\x00", 1, 2 * SIAGA_MESSAGE_MAX);
}

static void
s_two_frames (struct liar *self)
{
	raw_send (self->raw, RAW_MORE, "\x82\x0b\xa1\x01\x01", 5);
	raw_send (self->raw, 0, "\x82\x0b\xa1\x01\x01", 5);
}

static const struct trick s_cbor_tricks[] = {
	{"arrays-60000-deep", LIAR_OPEN, s_deep_arrays, 0},
	{"maps-60000-deep", LIAR_OPEN, s_deep_maps, 0},
	{"tags-60000-deep", LIAR_OPEN, s_deep_tags, 0},
	{"first-word-60000-deep", LIAR_READY, s_deep_arrays, 0},
	{"unknown-9-deep", LIAR_OPEN, s_deep_9, 0},
	{"unknown-60000-deep", LIAR_OPEN, s_deep_60000, 0},
	{"bytes-2^63", LIAR_PUBLISHES, s_bytes_2_63, 0},
	{"bytes-2^64-1", LIAR_PUBLISHES, s_bytes_2_64, 0},
	{"array-2^64-1", LIAR_OPEN, s_array_2_64, 0},
	{"map-2^32-1", LIAR_OPEN, s_map_2_32, 0},
	{"text-2^32-1", LIAR_OPEN, s_text_2_32, 0},
	{"sources-2^32-1", LIAR_OPEN, s_sources_2_32, 0},
	{"filter-2^32-1", LIAR_OPEN, s_filter_2_32, 0},
	{"array-without-end", LIAR_OPEN, s_endless_array, 0},
	{"bytes-without-end", LIAR_PUBLISHES, s_endless_bytes, 0},
	{"negative", LIAR_OPEN, s_negative, 0},
	{"not-a-number", LIAR_OPEN, s_float, 0},
	{"head-too-long", LIAR_OPEN, s_long_head, 0},
	{"keys-twice", LIAR_OPEN, s_keys_twice, 0},
	{"keys-descending", LIAR_OPEN, s_keys_back, 0},
	{"byte-left-over", LIAR_OPEN, s_left_over, 0},
	{"nul-in-text", LIAR_OPEN, s_nul_in_text, 0},
	{"overlong-utf-8", LIAR_OPEN, s_no_utf8, 0},
	{"type-0", LIAR_OPEN, s_type_0, 0},
	{"type-2^64-1", LIAR_OPEN, s_type_2_64, 0},
	{NULL, LIAR_OPEN, NULL, 0},
};

static const struct trick s_size_tricks[] = {
	{"empty", LIAR_OPEN, s_empty, 0},
	{"largest", LIAR_OPEN, s_largest, 0},
	{"larger", LIAR_OPEN, s_larger, 0},
	{"twice-as-large", LIAR_OPEN, s_twice_as_large, 0},
	{"two-frames", LIAR_OPEN, s_two_frames, 0},
	{NULL, LIAR_OPEN, NULL, 0},
};

static void
s_cbor (struct scene *scene)
{
	liar_run (scene, s_cbor_tricks);
}

static void
s_sizes (struct scene *scene)
{
	liar_run (scene, s_size_tricks);
}

static const struct scene_entry s_scenes[] = {
	{"cbor", s_cbor},
	{"size", s_sizes},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
