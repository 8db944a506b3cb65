/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Noise below libzmq, from a seed, so that a run can be repeated.
 *
 *	noise ROSTER IDENTITY noise COUNT SEED
 *
 * COUNT connections with bytes turned at random in each step, and random commands of ZMTP and frames after.
 */
#include "scene.h"

static const char *const s_commands[] = {"\4PING",
					 "\4PING\0\1",
					 "\4PING\377\377context of many bytes",
					 "\4PONG",
					 "\11SUBSCRIBEall",
					 "\6CANCEL",
					 "\5READY",
					 "\5ERROR\3400",
					 "\4JOINx",
					 "\5LEAVEx",
					 "\377",
					 ""};

/* Commands, frames of every kind, and empty ones, over an open connection. */
static void
s_noise_inside (struct scene *self, struct raw *raw)
{
	static uint8_t bytes[SIAGA_MESSAGE_MAX + 4096];

	for (int i = 0; i < 32; i++) {
		uint64_t random = scene_random (self);
		const char *command = s_commands[random % (sizeof s_commands / sizeof *s_commands)];
		size_t size = random >> 8 & 1
				      ? strlen (command) + (random >> 9) % 4
				      : (random >> 9) % (random >> 16 & 7 ? 64 : sizeof bytes);
		for (size_t k = 0; k < size; k++)
			bytes[k] = (uint8_t) (random >> k % 57);
		if (random >> 8 & 1)
			memcpy (bytes, command, strlen (command));
		if (raw_send (raw, (uint8_t) (random >> 32) & 7, bytes, size))
			return;
	}
}

/* A handshake in which one written frame may have bits turned. */
static void
s_noise_outside (struct scene *self, struct raw *raw)
{
	uint8_t bytes[512];
	size_t size = scene_random (self) % sizeof bytes;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t) scene_random (self);
	if (scene_random (self) % 2)
		raw_greet (raw, 3, (uint8_t) (scene_random (self) % 3), "CURVE");
	if (scene_random (self) % 2)
		raw_hello (raw);
	if (scene_random (self) % 2)
		raw_write_frame (raw, (uint8_t) (scene_random (self) & 7), bytes, size);
	else
		raw_write (raw, bytes, size);
}

static void
s_noise (struct scene *self)
{
	uint64_t count = scene_number (self, 0);
	uint8_t metadata[RAW_METADATA_MAX];
	size_t opened = 0;
	struct raw raw = {.fd = -1};

	self->random = scene_number (self, 1);
	for (uint64_t i = 0; i < count; i++) {
		size_t size = raw_metadata (metadata);
		if (scene_random (self) % 4 == 0)
			size = raw_property (metadata, size, "X-Noise", metadata, size);
		if (scene_random (self) % 8 == 0)
			metadata[scene_random (self) % size] ^= 1 << scene_random (self) % 8;
		if (scene_random (self) % 2 && raw_open (&raw, self->peer, metadata, size) == 0) {
			opened++;
			s_noise_inside (self, &raw);
		} else {
			raw_close (&raw);
			raw_connect (&raw, self->peer);
			s_noise_outside (self, &raw);
		}
		raw_close (&raw);
	}
	printf ("noise %llu connections, %zu opened\n", (unsigned long long) count, opened);
}

static const struct scene_entry s_scenes[] = {
	{"noise", s_noise},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
