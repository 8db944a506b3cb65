/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batches that no honest publisher makes, signed as they are by a key that may publish: heads that lie, proofs where
 * there must be entries, numbers out of order, entries of every wrong kind. See liar.h; forger.c has what one publisher
 * may forge of another.
 *
 *	batches ROSTER IDENTITY head|oseq|entry COUNT
 */
#include "liar.h"
#include "siaga/merkle.h"

/* A batch to be sent, honest until it is changed. */
struct lie {
	uint64_t version, first_oseq, count, form, index, path_length;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint8_t root[SIAGA_HASH_BYTES];
	struct siaga_bytes entry;
	uint64_t slots;	  /* announced */
	bool is_unsigned; /* a signature of zeros */
};

static uint8_t s_entry[2 * SIAGA_ENTRY_MAX];

static struct lie
s_lie (struct liar *self)
{
	struct siaga_header header = peer_header (self->peer);
	struct lie lie = {.version = 1, .first_oseq = 1, .count = 1, .form = 1, .slots = 1};

	header.category = siaga_text ("test/test");
	header.tlp = SIAGA_TLP_CLEAR;
	memcpy (lie.epoch, self->epoch, sizeof lie.epoch);
	lie.entry = peer_entry (&header, "a lie", s_entry);
	siaga_merkle_leaf (lie.root, lie.entry.data, lie.entry.size);
	return lie;
}

static size_t
s_write_head (struct liar *self, const struct lie *lie, uint8_t *out, size_t capacity)
{
	uint8_t key_id[SIAGA_KEY_ID_BYTES];
	struct siaga_writer writer;

	siaga_key_id (key_id, self->peer->identity->card.sign);
	siaga_writer_init (&writer, out, capacity);
	siaga_writer_array (&writer, 8);
	siaga_writer_uint (&writer, lie->version);
	siaga_writer_text (&writer, siaga_text (self->peer->roster->network));
	siaga_writer_text (&writer, siaga_text (self->peer->identity->card.principal));
	siaga_writer_bytes (&writer, key_id, sizeof key_id);
	siaga_writer_bytes (&writer, lie->epoch, sizeof lie->epoch);
	siaga_writer_uint (&writer, lie->first_oseq);
	siaga_writer_uint (&writer, lie->count);
	siaga_writer_bytes (&writer, lie->root, sizeof lie->root);
	return writer.size;
}

static void
s_write_slots (const struct lie *lie, struct siaga_writer *writer)
{
	static const uint8_t hash[SIAGA_HASH_BYTES];

	if (lie->form == 2) {
		siaga_writer_uint (writer, lie->index);
		siaga_writer_array (writer, lie->path_length);
		for (uint64_t i = 0; i < lie->path_length; i++)
			siaga_writer_bytes (writer, hash, sizeof hash);
	} else {
		siaga_writer_array (writer, lie->slots);
	}
	siaga_writer_bytes (writer, lie->entry.data, lie->entry.size);
}

static void
s_tell (struct liar *self, const struct lie *lie)
{
	static uint8_t batch[SIAGA_MESSAGE_MAX];
	uint8_t head[512], signature[SIAGA_SIGNATURE_BYTES] = {0};
	size_t size = s_write_head (self, lie, head, sizeof head);
	struct siaga_writer writer;

	if (!lie->is_unsigned)
		siaga_sign (signature, "batch", siaga_text (self->peer->roster->network),
			    (struct siaga_bytes){head, size}, self->peer->identity->sign_secret);
	siaga_writer_init (&writer, batch, sizeof batch);
	siaga_writer_array (&writer, lie->form == 2 ? 6 : 4);
	siaga_writer_uint (&writer, lie->form);
	siaga_writer_bytes (&writer, head, size);
	siaga_writer_bytes (&writer, signature, sizeof signature);
	s_write_slots (lie, &writer);
	struct siaga_writer *message = liar_writer (self);
	siaga_writer_array (message, 2);
	siaga_writer_uint (message, SIAGA_PUBLISH);
	siaga_writer_bytes (message, batch, writer.size);
	liar_send (self, message->size);
}

/* --- heads and proofs ------------------------------------------------------------------------------------ */

#define HEAD_TRICK(name, change)                                                                   \
	static void name (struct liar *self)                                                       \
	{                                                                                          \
		struct lie lie = s_lie (self);                                                     \
		change;                                                                            \
		s_tell (self, &lie);                                                               \
	}

HEAD_TRICK (s_honest, lie.version = 1)
HEAD_TRICK (s_version, lie.version = 2)
HEAD_TRICK (s_unsigned, lie.is_unsigned = true)
HEAD_TRICK (s_root, lie.root[0] ^= 1)
HEAD_TRICK (s_epoch, lie.epoch[0] ^= 1)
HEAD_TRICK (s_count_0, lie.count = 0)
HEAD_TRICK (s_count_1024, lie.count = SIAGA_BATCH_ENTRIES_MAX)
HEAD_TRICK (s_count_many, lie.count = UINT64_MAX)
HEAD_TRICK (s_slots_many, lie.slots = UINT32_MAX)
HEAD_TRICK (s_slots_both, lie.count = lie.slots = UINT32_MAX)
HEAD_TRICK (s_form_3, lie.form = 3)
HEAD_TRICK (s_single, lie.form = 2)
HEAD_TRICK (s_index, lie.form = 2; lie.index = UINT32_MAX)
HEAD_TRICK (s_path_10, lie.form = 2; lie.count = 1024; lie.path_length = 10)
HEAD_TRICK (s_path_1500, lie.form = 2; lie.count = 1024; lie.path_length = 1500)

static const struct trick s_head_tricks[] = {
	{"honest", LIAR_PUBLISHES, s_honest, 1},
	{"version-2", LIAR_PUBLISHES, s_version, 1},
	{"no-signature", LIAR_PUBLISHES, s_unsigned, 1},
	{"another-root", LIAR_PUBLISHES, s_root, 1},
	{"another-epoch", LIAR_PUBLISHES, s_epoch, 1},
	{"no-epoch-announced", LIAR_OPEN, s_honest, 1},
	{"count-0", LIAR_PUBLISHES, s_count_0, 1},
	{"count-1024-of-1", LIAR_PUBLISHES, s_count_1024, 1},
	{"count-2^64-1", LIAR_PUBLISHES, s_count_many, 1},
	{"slots-2^32-1", LIAR_PUBLISHES, s_slots_many, 1},
	{"count-and-slots-2^32-1", LIAR_PUBLISHES, s_slots_both, 1},
	{"form-3", LIAR_PUBLISHES, s_form_3, 1},
	{"single-form", LIAR_PUBLISHES, s_single, 1},
	{"index-2^32-1", LIAR_PUBLISHES, s_index, 1},
	{"path-of-10", LIAR_PUBLISHES, s_path_10, 1},
	{"path-of-1500", LIAR_PUBLISHES, s_path_1500, 1},
	{NULL, LIAR_OPEN, NULL, 0},
};

/* --- oseqs ----------------------------------------------------------------------------------------------- */

HEAD_TRICK (s_oseq_0, lie.first_oseq = 0)
HEAD_TRICK (s_oseq_last, lie.first_oseq = SIAGA_OSEQ_MAX)
HEAD_TRICK (s_oseq_beyond, lie.first_oseq = SIAGA_OSEQ_MAX + 1)
HEAD_TRICK (s_oseq_all, lie.first_oseq = UINT64_MAX)
HEAD_TRICK (s_oseq_hole, lie.first_oseq = 2)

/* Two different ones under one number, and then the next: the second is refused and is no reason to begin again. */
static void
s_oseq_conflict (struct liar *self)
{
	struct lie lie = s_lie (self);

	s_tell (self, &lie);
	lie = s_lie (self);
	s_tell (self, &lie);
	lie = s_lie (self);
	lie.first_oseq = 2;
	s_tell (self, &lie);
}

/* Backwards from 3: none is taken but the last, and that one once. */
static void
s_oseq_backwards (struct liar *self)
{
	for (uint64_t oseq = 3; oseq > 0; oseq--) {
		struct lie lie = s_lie (self);
		lie.first_oseq = oseq;
		s_tell (self, &lie);
	}
}

static const struct trick s_oseq_tricks[] = {
	{"oseq-0", LIAR_PUBLISHES, s_oseq_0, 1},
	{"oseq-2^53-1", LIAR_PUBLISHES, s_oseq_last, 1},
	{"oseq-2^53", LIAR_PUBLISHES, s_oseq_beyond, 1},
	{"oseq-2^64-1", LIAR_PUBLISHES, s_oseq_all, 1},
	{"oseq-with-a-hole", LIAR_PUBLISHES, s_oseq_hole, 1},
	{"oseq-twice", LIAR_PUBLISHES, s_oseq_conflict, 3},
	{"oseqs-backwards", LIAR_PUBLISHES, s_oseq_backwards, 3},
	{NULL, LIAR_OPEN, NULL, 0},
};

/* --- entries --------------------------------------------------------------------------------------------- */

/* The lie's header with a body of one's own making. */
static void
s_tell_body (struct liar *self, const void *body, size_t size)
{
	struct lie lie = s_lie (self);
	struct siaga_header header;
	struct siaga_bytes old;
	struct siaga_writer writer;
	static uint8_t copy[SIAGA_ENTRY_MAX];

	memcpy (copy, lie.entry.data, lie.entry.size);
	if (siaga_header_read ((struct siaga_bytes){copy, lie.entry.size}, &header, &old) != 0)
		peer_die ("entry", "header");
	size_t header_size = (size_t) (old.data - copy) - (old.size < 24 ? 1 : 2);
	memcpy (s_entry, copy, header_size);
	siaga_writer_init (&writer, s_entry + header_size, sizeof s_entry - header_size);
	siaga_writer_bytes (&writer, body, size);
	lie.entry.size = header_size + writer.size;
	siaga_merkle_leaf (lie.root, lie.entry.data, lie.entry.size);
	s_tell (self, &lie);
}

/* {1: title, 200: value} with a value nested so deep. */
static void
s_tell_nested (struct liar *self, size_t depth)
{
	static uint8_t body[SIAGA_ENTRY_MAX];
	size_t at = 0;

	memcpy (body, "\xa2\x01\x61x\x18\xc8", 6);
	for (at = 6; at < 6 + depth; at++)
		body[at] = 0x81;
	body[at++] = 0;
	s_tell_body (self, body, at);
}

static void
s_entry_deep_9 (struct liar *self)
{
	s_tell_nested (self, SIAGA_CBOR_DEPTH_MAX + 1);
}

static void
s_entry_deep_16000 (struct liar *self)
{
	s_tell_nested (self, 16000);
}

static void
s_entry_empty (struct liar *self)
{
	s_tell_body (self, "", 0);
}

static void
s_entry_map_2_32 (struct liar *self)
{
	s_tell_body (self, "\xba\xff\xff\xff\xff\x01\x61x", 8);
}

static void
s_entry_giant (struct liar *self)
{
	static uint8_t body[SIAGA_ENTRY_MAX];

	memcpy (body, "\xa1\x0a\x79\x3f\xf0", 5);
	memset (body + 5, 'x', sizeof body - 5);
	s_tell_body (self, body, sizeof body);
}

/* 17 keys that nobody knows: one more than is kept. */
static void
s_entry_unknown (struct liar *self)
{
	uint8_t body[64] = "\xb2\x01\x61x";

	for (size_t i = 0; i < 17; i++)
		memcpy (body + 4 + 3 * i, (uint8_t[]){0x18, (uint8_t) (0xc8 + i), 0}, 3);
	s_tell_body (self, body, 4 + 3 * 17);
}

static void
s_tell_title (struct liar *self, const char *title, size_t size)
{
	uint8_t body[128] = {0xa1, 0x01, 0x78, (uint8_t) size};

	memcpy (body + 4, title, size);
	if (size < 24) {
		body[2] = (uint8_t) (0x60 | size);
		memmove (body + 3, title, size);
	}
	s_tell_body (self, body, size + (size < 24 ? 3 : 4));
}

#define TITLE_TRICK(name, title)                                                                   \
	static void name (struct liar *self)                                                       \
	{                                                                                          \
		s_tell_title (self, title, sizeof (title) - 1);                                    \
	}

TITLE_TRICK (s_title_escape, "hostile \x1b[2J\x1b]0;owned\x07\x1b]52;c;cm0gLXJm\x07\x1b[31m")
TITLE_TRICK (s_title_bidi, "hostile \xe2\x80\xaegnp.exe\xe2\x81\xa6\xe2\x80\x8f")
TITLE_TRICK (s_title_c1, "hostile \xc2\x9b"
			 "2J\xc2\x90\x7f\x08\x08")
TITLE_TRICK (s_title_lines, "hostile\n#1  CRITICAL  kpu/hub\r\nverified")
TITLE_TRICK (s_title_nul, "hostile\0quiet")
TITLE_TRICK (s_title_latin1, "hostile \xff\xfe")
TITLE_TRICK (s_title_surrogate, "hostile \xed\xa0\x80")
TITLE_TRICK (s_title_overlong, "hostile \xc0\xaf")

static const struct trick s_entry_tricks[] = {
	{"body-9-deep", LIAR_PUBLISHES, s_entry_deep_9, 1},
	{"body-16000-deep", LIAR_PUBLISHES, s_entry_deep_16000, 1},
	{"body-empty", LIAR_PUBLISHES, s_entry_empty, 1},
	{"body-map-2^32-1", LIAR_PUBLISHES, s_entry_map_2_32, 1},
	{"entry-too-large", LIAR_PUBLISHES, s_entry_giant, 1},
	{"unknown-keys-17", LIAR_PUBLISHES, s_entry_unknown, 1},
	{"title-escapes", LIAR_PUBLISHES, s_title_escape, 1},
	{"title-bidi", LIAR_PUBLISHES, s_title_bidi, 1},
	{"title-c1", LIAR_PUBLISHES, s_title_c1, 1},
	{"title-lines", LIAR_PUBLISHES, s_title_lines, 1},
	{"title-nul", LIAR_PUBLISHES, s_title_nul, 1},
	{"title-latin-1", LIAR_PUBLISHES, s_title_latin1, 1},
	{"title-surrogate", LIAR_PUBLISHES, s_title_surrogate, 1},
	{"title-overlong", LIAR_PUBLISHES, s_title_overlong, 1},
	{NULL, LIAR_OPEN, NULL, 0},
};

static void
s_heads (struct scene *scene)
{
	liar_run (scene, s_head_tricks);
}

static void
s_oseqs (struct scene *scene)
{
	liar_run (scene, s_oseq_tricks);
}

static void
s_entries (struct scene *scene)
{
	liar_run (scene, s_entry_tricks);
}

static const struct scene_entry s_scenes[] = {
	{"head", s_heads},
	{"oseq", s_oseqs},
	{"entry", s_entries},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
