/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hostile peers with several scenarios share: ROSTER IDENTITY SCENARIO [ARGUMENT…], a table of scenarios, and
 * how one says that it is in place.
 */
#ifndef SIAGA_TESTS_SCENE_H
#define SIAGA_TESTS_SCENE_H

#include <poll.h>

#include "raw.h"

struct scene {
	struct peer *peer;
	char **arguments; /* the last is followed by NULL */
	uint64_t random;
};

struct scene_entry {
	const char *name; /* NULL: the table's end */
	void (*play) (struct scene *self);
};

static inline const char *
scene_argument (const struct scene *self, int place)
{
	for (int i = 0; i < place; i++)
		if (!self->arguments[i])
			peer_die ("usage", "an argument is missing");
	if (!self->arguments[place])
		peer_die ("usage", "an argument is missing");
	return self->arguments[place];
}

static inline uint64_t
scene_number (const struct scene *self, int place)
{
	return strtoull (scene_argument (self, place), NULL, 10);
}

/* SplitMix64 (Steele, Lea, Flood 2014) */
static inline uint64_t
scene_random (struct scene *self)
{
	uint64_t z = (self->random += UINT64_C (0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void *
scene_new (size_t count, size_t size)
{
	void *memory = calloc (count ? count : 1, size);

	if (!memory)
		peer_die ("start", "out of memory");
	return memory;
}

static inline void
scene_tell (const char *what, size_t count)
{
	printf ("%s %zu\n", what, count);
	fflush (stdout);
}

/* Has whoever started this seen enough, or will within that time (-1: waits for it)? */
static inline bool
scene_is_over (int wait_ms)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll (&in, 1, wait_ms) != 0;
}

/* Says that all is in place, and keeps it so until standard input ends. */
static inline void
scene_stay (const char *what, size_t count)
{
	char byte;

	scene_tell (what, count);
	while (read (STDIN_FILENO, &byte, 1) > 0)
		continue;
}

/* Is there something to be read? */
static inline bool
scene_has_news (const struct raw *raw, int wait_ms)
{
	struct pollfd in = {.fd = raw->fd, .events = POLLIN};

	return poll (&in, 1, wait_ms) > 0;
}

/* Opens COUNT connections to READY or, when it `greets`, sessions; what is refused has no descriptor. */
static inline struct raw *
scene_open (struct scene *self, size_t count, bool greets)
{
	struct raw *raws = scene_new (count, sizeof *raws);
	uint8_t metadata[RAW_METADATA_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t size = raw_metadata (metadata);
		if (greets ? raw_session (&raws[i], self->peer, NULL)
			   : raw_open (&raws[i], self->peer, metadata, size))
			raw_close (&raws[i]);
	}
	return raws;
}

static inline int
scene_main (int argc, char **argv, const struct scene_entry *entries)
{
	struct scene self = {.arguments = argv + 4};

	if (argc < 4)
		peer_die ("usage", "ROSTER IDENTITY SCENARIO [ARGUMENT...]");
	while (entries->name && strcmp (argv[3], entries->name) != 0)
		entries++;
	if (!entries->name)
		peer_die ("no such scenario", argv[3]);
	self.peer = peer_new (argv[2], argv[1]);
	entries->play (&self);
	peer_destroy (&self.peer);
	return 0;
}

#endif
