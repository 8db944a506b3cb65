/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames played again, out of order, or on another connection: CURVE's own and the protocol's. See liar.h.
 *
 *	replays ROSTER IDENTITY frames COUNT
 */
#include "liar.h"

#define FRAME_MAX 1024

static uint8_t s_frame[2][FRAME_MAX];
static size_t s_frame_size[2];

/* Two messages that have no answer, sealed one after the other and not sent. */
static void
s_seal_two (struct liar *self, struct raw *raw)
{
	struct siaga_writer *writer = liar_writer (self);

	liar_message (self, SIAGA_CREDIT)->credit.id = 77;
	siaga_message_write (writer, &self->message);
	for (int i = 0; i < 2; i++)
		s_frame_size[i] = raw_seal (raw, 0, self->bytes, writer->size, s_frame[i]);
}

static void
s_play_frame (struct liar *self, int which)
{
	raw_write (self->raw, s_frame[which], s_frame_size[which]);
}

static void
s_frame_twice (struct liar *self)
{
	s_seal_two (self, self->raw);
	s_play_frame (self, 0);
	s_play_frame (self, 0);
}

static void
s_frames_swapped (struct liar *self)
{
	s_seal_two (self, self->raw);
	s_play_frame (self, 1);
	s_play_frame (self, 0);
}

static void
s_frame_of_another (struct liar *self)
{
	struct raw *other = scene_new (1, sizeof *other);

	if (raw_session (other, self->peer, NULL) == 0) {
		s_seal_two (self, other);
		s_play_frame (self, 0);
	}
	raw_close (other);
	free (other);
}

static void
s_frame_turned (struct liar *self)
{
	s_seal_two (self, self->raw);
	s_frame[0][s_frame_size[0] - 1] ^= 1;
	s_play_frame (self, 0);
}

/* The nonces may have holes: only back they must not go. */
static void
s_frame_left_out (struct liar *self)
{
	s_seal_two (self, self->raw);
	s_play_frame (self, 1);
}

/* A second connection with the keys and the cookie of this one: CURVE's handshake played again. */
static void
s_handshake_again (struct liar *self)
{
	struct raw *again = scene_new (1, sizeof *again);
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);
	int fd = self->raw->fd;

	if (raw_connect (again, self->peer) == 0 && raw_greet (again, 3, 1, "CURVE") == 0 &&
	    raw_hello (again) == 0 && raw_welcome (again) == 0) {
		self->raw->fd = again->fd;
		raw_initiate (self->raw, metadata, size);
		again->fd = fd;
	}
	raw_close (again);
	free (again);
}

/* A second INITIATE, and a second HELLO, in a connection that is there. */
static void
s_initiate_again (struct liar *self)
{
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);

	raw_initiate (self->raw, metadata, size);
}

static void
s_hello_again (struct liar *self)
{
	raw_hello (self->raw);
}

static struct siaga_bytes
s_make_batch (struct liar *self, uint64_t oseq, uint8_t *out)
{
	static uint8_t room[SIAGA_ENTRY_MAX];
	struct siaga_header header = peer_header (self->peer);
	struct siaga_bytes entry = peer_entry (&header, "played", room);

	return peer_batch (self->peer, oseq, &entry, 1, NULL, out);
}

static void
s_publish (struct liar *self, struct siaga_bytes batch)
{
	liar_message (self, SIAGA_PUBLISH)->publish.batch = batch;
	liar_say (self);
}

static void
s_batch_often (struct liar *self)
{
	static uint8_t room[SIAGA_BATCH_MAX];
	struct siaga_bytes batch = s_make_batch (self, 1, room);

	for (int i = 0; i < 4; i++)
		s_publish (self, batch);
}

static void
s_batches_swapped (struct liar *self)
{
	static uint8_t first[SIAGA_BATCH_MAX], second[SIAGA_BATCH_MAX];
	struct siaga_bytes one = s_make_batch (self, 1, first);
	struct siaga_bytes two = s_make_batch (self, 2, second);

	s_publish (self, two);
	s_publish (self, one);
	s_publish (self, two);
	s_publish (self, one);
}

static const struct trick s_tricks[] = {
	{"frame-twice", LIAR_OPEN, s_frame_twice, 0},
	{"frames-swapped", LIAR_OPEN, s_frames_swapped, 0},
	{"frame-of-another-connection", LIAR_OPEN, s_frame_of_another, 0},
	{"frame-with-a-turned-bit", LIAR_OPEN, s_frame_turned, 0},
	{"frame-left-out", LIAR_OPEN, s_frame_left_out, 0},
	{"handshake-again", LIAR_READY, s_handshake_again, 0},
	{"initiate-in-a-session", LIAR_OPEN, s_initiate_again, 0},
	{"hello-in-a-session", LIAR_OPEN, s_hello_again, 0},
	{"batch-four-times", LIAR_PUBLISHES, s_batch_often, 4},
	{"batches-swapped", LIAR_PUBLISHES, s_batches_swapped, 4},
	{NULL, LIAR_OPEN, NULL, 0},
};

static void
s_frames (struct scene *scene)
{
	liar_run (scene, s_tricks);
}

static const struct scene_entry s_scenes[] = {
	{"frames", s_frames},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
