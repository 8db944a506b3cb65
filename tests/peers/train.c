/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages without an end, and more messages than anybody takes (PITFALLS 2).
 *
 *	train ROSTER IDENTITY SCENARIO [NUMBER…]
 *
 *	train MIB COUNT SIZE  MIB of frames of SIZE bytes on COUNT connections, each with MORE; then waits for the
 *	                      end of each connection
 *	hold MIB COUNT SIZE   the same after a proper HELLO, kept until standard input ends
 *	unended COUNT SIZE    sessions with 512 KiB of such frames, and no more; then waits for the end of each
 *	cram COUNT TURNS      after a line on standard input: COUNT connections, filled with whole messages until no more
 *	                      goes in, then closed and opened again, TURNS times; kept until standard input ends
 */
#include "scene.h"

#define CRAMMED_MS 50

/* Sends frames with MORE until `bytes` are out or the hub cuts; how many went out. */
static uint64_t
s_send_train (struct raw *raw, uint64_t bytes, size_t size)
{
	static uint8_t frames[1 << 20];
	static const uint8_t zeros[SIAGA_MESSAGE_MAX];
	uint64_t sent = 0;

	while (sent < bytes) {
		size_t used = 0;
		while (used + size + RAW_FRAME_OVERHEAD < sizeof frames && sent + used < bytes)
			used += raw_seal (raw, RAW_MORE, zeros, size, frames + used);
		if (raw_write (raw, frames, used))
			break;
		sent += used;
	}
	return sent;
}

/* Sends on each in turn, a MiB at a time; how much went out. */
static uint64_t
s_send_trains (struct raw *raws, uint64_t bytes, size_t count, size_t size)
{
	uint64_t sent = 0;

	for (uint64_t each = 0; each < bytes / count; each += 1 << 20)
		for (size_t i = 0; i < count; i++) {
			uint64_t more = raws[i].fd < 0 ? 0 : s_send_train (&raws[i], 1 << 20, size);
			sent += more;
			if (more < 1 << 20)
				raw_close (&raws[i]);
		}
	return sent;
}

static void
s_train (struct scene *self)
{
	uint64_t bytes = scene_number (self, 0) << 20;
	size_t count = scene_number (self, 1), size = scene_number (self, 2), cut = 0;
	struct raw *raws = scene_open (self, count, false);
	uint64_t sent = s_send_trains (raws, bytes, count, size);

	for (size_t i = 0; i < count; i++)
		cut += raws[i].fd < 0 || raw_is_cut (&raws[i]);
	printf ("train sent %llu MiB, cut %zu of %zu\n", (unsigned long long) (sent >> 20), cut,
		count);
	free (raws);
}

static void
s_hold (struct scene *self)
{
	uint64_t bytes = scene_number (self, 0) << 20;
	size_t count = scene_number (self, 1), size = scene_number (self, 2);
	struct raw *raws = scene_open (self, count, true);
	uint64_t sent = s_send_trains (raws, bytes, count, size);

	scene_stay ("hold", (size_t) (sent >> 20));
	free (raws);
}

/* Far less than a window, but no honest message has so much. */
static void
s_unended (struct scene *self)
{
	size_t count = scene_number (self, 0), size = scene_number (self, 1), cut = 0;
	struct raw *raws = scene_open (self, count, true);

	for (size_t i = 0; i < count; i++)
		if (raws[i].fd >= 0)
			s_send_train (&raws[i], 512 << 10, size);
	for (size_t i = 0; i < count; i++)
		cut += raws[i].fd < 0 || raw_is_cut (&raws[i]);
	printf ("unended cut %zu of %zu\n", cut, count);
	free (raws);
}

/* Sends whole messages on a connection until it takes no more for a while; how many. */
static size_t
s_fill_up (struct raw *raw)
{
	static uint8_t frame[SIAGA_MESSAGE_MAX + RAW_FRAME_OVERHEAD];
	static const uint8_t zeros[60000];
	struct pollfd out = {.fd = raw->fd, .events = POLLOUT};
	size_t count = 0, size, at;
	ssize_t sent = 0;

	for (; raw->fd >= 0 && sent >= 0; count++) {
		size = raw_seal (raw, 0, zeros, sizeof zeros, frame);
		for (at = 0; at < size && sent >= 0; at += sent > 0 ? (size_t) sent : 0)
			sent = poll (&out, 1, CRAMMED_MS) <= 0
				       ? -1
				       : send (raw->fd, frame + at, size - at,
					       MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	return count;
}

/* The first that is not let in is waited for, the others would be too: they are not tried. */
static struct raw *
s_open_until_refused (struct scene *self, size_t count)
{
	struct raw *raws = scene_new (count, sizeof *raws);
	uint8_t metadata[RAW_METADATA_MAX];
	bool is_refused = false;

	for (size_t i = 0; i < count; i++) {
		size_t size = raw_metadata (metadata);
		raws[i].fd = -1;
		is_refused = is_refused || raw_open (&raws[i], self->peer, metadata, size) != 0;
		if (is_refused)
			raw_close (&raws[i]);
	}
	return raws;
}

static void
s_cram (struct scene *self)
{
	size_t count = scene_number (self, 0), turns = scene_number (self, 1), sent = 0;
	struct raw *raws = NULL;

	if (getchar () == EOF)
		return;
	for (size_t turn = 0; turn < turns; turn++) {
		for (size_t i = 0; raws && i < count; i++)
			raw_close (&raws[i]);
		free (raws);
		raws = s_open_until_refused (self, count);
		for (size_t i = 0; i < count; i++)
			sent += s_fill_up (&raws[i]);
	}
	scene_stay ("crammed", sent);
	free (raws);
}

static const struct scene_entry s_scenes[] = {
	{"train", s_train}, {"hold", s_hold}, {"unended", s_unended},
	{"cram", s_cram},   {NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
