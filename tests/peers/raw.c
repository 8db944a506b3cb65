/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer can do below libzmq before there is a session: silence, half handshakes, slowness, announced sizes, false
 * properties, old versions of ZMTP, resets.
 *
 *	raw ROSTER IDENTITY SCENARIO [NUMBER…]
 *
 *	silent COUNT          connections that say nothing, kept up for as long as standard input is open
 *	half COUNT            the same, each stopped at another step of the handshake
 *	loris COUNT           the same, each sending a byte of a handshake or, after one, of a message every 20 ms
 *	announce COUNT BYTES  frames that say they have so many bytes: in the handshake, inside CURVE, and a little of
 *	                      them; then waits for the end of each connection
 *	sit                   a session that does nothing, whatever it is told, until the hub ends the connection
 *	reset COUNT           connections that send a burst of small messages and PINGs and are reset at once
 *	spoof OTHER-IDENTITY  READY and INITIATE claim another's User-Id and descriptor; then HELLO as the other
 *	old                   ZMTP 1.0, 2.0, and mechanisms without keys
 */
#include "scene.h"

static void
s_silent (struct scene *self)
{
	size_t count = scene_number (self, 0), connected = 0;
	struct raw *raws = scene_new (count, sizeof (struct raw));

	for (size_t i = 0; i < count; i++)
		connected += raw_connect (&raws[i], self->peer) == 0;
	scene_stay ("silent", connected);
	free (raws);
}

static void
s_half (struct scene *self)
{
	size_t count = scene_number (self, 0), good = 0;
	struct raw *raws = scene_new (count, sizeof (struct raw));

	for (size_t i = 0; i < count; i++) {
		struct raw *raw = &raws[i];
		int error = raw_connect (raw, self->peer);
		if (!error && i % 4 > 0)
			error = raw_greet (raw, 3, 1, "CURVE");
		if (!error && i % 4 > 1)
			error = raw_hello (raw);
		if (!error && i % 4 > 2)
			error = raw_welcome (raw);
		good += error == 0;
	}
	scene_stay ("half", good);
	free (raws);
}

/* A greeting and HELLO of CURVE, or part of a message in a session: what a slow peer deals out byte by byte. */
static size_t
s_slow_bytes (struct raw *raw, bool has_session, uint8_t *out)
{
	static const uint8_t zeros[4096];

	if (has_session)
		return raw_seal (raw, 0, zeros, sizeof zeros, out);
	memset (out, 0, RAW_GREETING_BYTES);
	memcpy (out, "\377\0\0\0\0\0\0\0\1\177\3\1CURVE", 17);
	return RAW_GREETING_BYTES;
}

static void
s_loris (struct scene *self)
{
	static uint8_t bytes[2][8192];
	size_t count = scene_number (self, 0), open = 0;
	struct raw *raws = scene_new (count, sizeof *raws);
	size_t sizes[2] = {0, 0};

	for (size_t i = 0; i < count; i++) {
		bool greets = i % 2;
		if (greets ? raw_session (&raws[i], self->peer, NULL)
			   : raw_connect (&raws[i], self->peer))
			raw_close (&raws[i]);
		open += raws[i].fd >= 0;
	}
	scene_tell ("loris", open);
	for (size_t at = 0; !scene_is_over (20); at++)
		for (size_t i = 0; i < count; i++) {
			if (at ==
			    0) /* every session has a key of its own, but it never gets that far */
				sizes[i % 2] = s_slow_bytes (&raws[i], i % 2, bytes[i % 2]);
			if (raws[i].fd >= 0 && at < sizes[i % 2] &&
			    send (raws[i].fd, bytes[i % 2] + at, 1, MSG_NOSIGNAL) < 0)
				raw_close (&raws[i]);
		}
	free (raws);
}

/* The head of a frame of so many bytes, and 64 of them. */
static void
s_announce_one (struct scene *self, struct raw *raw, size_t step, size_t bytes)
{
	static const uint8_t zeros[64];
	uint8_t head[9], metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);
	int error = raw_connect (raw, self->peer);

	if (!error && step > 0)
		error = raw_greet (raw, 3, 1, "CURVE");
	if (!error && step > 1)
		error = raw_hello (raw);
	if (!error && step > 1)
		error = raw_welcome (raw);
	if (!error && step > 2)
		error = raw_initiate (raw, metadata, size);
	if (!error && step > 2)
		error = raw_ready (raw);
	if (!error && raw_write (raw, head, raw_frame_head (head, step < 3 ? 4 : 0, bytes)) == 0)
		raw_write (raw, zeros, sizeof zeros);
}

static void
s_announce (struct scene *self)
{
	size_t count = scene_number (self, 0), bytes = scene_number (self, 1), cut = 0;
	struct raw *raws = scene_new (count, sizeof *raws);

	for (size_t i = 0; i < count; i++)
		s_announce_one (self, &raws[i], i % 4, bytes);
	for (size_t i = 0; i < count; i++)
		cut += raw_is_cut (&raws[i]);
	printf ("announce cut %zu of %zu\n", cut, count);
	free (raws);
}

static void
s_sit (struct scene *self)
{
	struct raw *raw = scene_new (1, sizeof *raw);
	int error = raw_session (raw, self->peer, NULL);

	printf ("sitting %s\n", error ? siaga_error_id (error) : "welcome");
	fflush (stdout);
	if (!error)
		printf ("%s\n", raw_is_cut (raw) ? "cut" : "OPEN");
	free (raw);
}

/* libzmq 4.3.4 aborts when it finds a PING among what it could not hand on before the connection broke. */
static void
s_reset (struct scene *self)
{
	static uint8_t burst[1 << 16];
	struct linger at_once = {1, 0};
	size_t count = scene_number (self, 0), good = 0;
	uint8_t metadata[RAW_METADATA_MAX];
	struct raw raw;

	for (size_t i = 0; i < count; i++) {
		size_t size = raw_metadata (metadata), used = 0;
		if (raw_open (&raw, self->peer, metadata, size) == 0) {
			for (int k = 0; k < 256; k++)
				used += raw_seal (&raw, 0, "x", 1, burst + used);
			for (int k = 0; k < 8; k++)
				used += raw_seal (&raw, RAW_COMMAND, "\4PING\0\0", 7, burst + used);
			good += raw_write (&raw, burst, used) == 0;
			setsockopt (raw.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
		}
		raw_close (&raw);
	}
	printf ("reset %zu\n", good);
}

static void
s_spoof (struct scene *self)
{
	struct siaga_identity *other = peer_identity (self->arguments[0]);
	uint8_t metadata[RAW_METADATA_MAX];
	char hex[2 * SIAGA_KEY_BYTES + 1];
	struct raw raw;

	for (int as_other = 0; as_other < 2; as_other++) {
		size_t size = raw_metadata (metadata);
		siaga_hex (hex, other->card.transport, SIAGA_KEY_BYTES);
		size = raw_property (metadata, size, "User-Id", hex, strlen (hex));
		size = raw_property (metadata, size, "__fd", "3", 1);
		size = raw_property (metadata, size, "Peer-Address", "10.0.0.1", 8);
		int error = raw_open (&raw, self->peer, metadata, size);
		if (!error)
			error = raw_enter (&raw, self->peer,
					   as_other ? other->card.principal
						    : self->peer->identity->card.principal,
					   NULL);
		printf ("%s %s\n", as_other ? "as-the-other" : "as-oneself",
			error ? siaga_error_id (error) : "welcome");
		raw_close (&raw);
	}
	siaga_identity_destroy (&other);
}

static void
s_old (struct scene *self)
{
	static const struct {
		const char *name;
		uint8_t major, minor;
		const char *mechanism;
	} greetings[] = {
		{"zmtp-1", 0, 0, ""},	  {"zmtp-2", 1, 5, ""},		{"null", 3, 0, "NULL"},
		{"plain", 3, 1, "PLAIN"}, {"unknown", 3, 1, "NOTHING"}, {"zmtp-9", 9, 0, "NULL"},
	};
	struct raw raw;

	for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
		static const uint8_t routing_id[] = "\0\200123456789abcdef";
		static const uint8_t body[] = "\0\13\204\1esiaga\1\1";
		raw_connect (&raw, self->peer);
		raw_greet (&raw, greetings[i].major, greetings[i].minor, greetings[i].mechanism);
		raw_write (&raw, routing_id, sizeof routing_id - 1);
		raw_write (&raw, body, sizeof body - 1);
		printf ("%s %s\n", greetings[i].name, raw_is_cut (&raw) ? "cut" : "OPEN");
		raw_close (&raw);
	}
}

static const struct scene_entry s_scenes[] = {
	{"silent", s_silent},	  {"half", s_half}, {"loris", s_loris},
	{"announce", s_announce}, {"sit", s_sit},   {"reset", s_reset},
	{"spoof", s_spoof},	  {"old", s_old},   {NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
