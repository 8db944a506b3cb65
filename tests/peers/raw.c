/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer can do below libzmq: silence, half handshakes, messages without an end, false properties, old
 * versions of ZMTP, noise.
 *
 *	raw ROSTER IDENTITY SCENARIO [NUMBER…]
 *
 *	silent COUNT          connections that say nothing, kept up for as long as standard input is open
 *	half COUNT            the same, each stopped at another step of the handshake
 *	train MIB COUNT SIZE  MIB of frames of SIZE bytes on COUNT connections, each with MORE; then waits for the
 *	                      end of each connection
 *	hold MIB COUNT SIZE   the same after a proper HELLO, kept until standard input ends
 *	cram COUNT TURNS      after a line on standard input: COUNT connections, filled with whole messages until no more
 *	                      goes in, then closed and opened again, TURNS times; kept until standard input ends
 *	reset COUNT           connections that send a burst of small messages and PINGs and are reset at once
 *	spoof OTHER-IDENTITY  READY and INITIATE claim another's User-Id and descriptor; then HELLO as the other
 *	old                   ZMTP 1.0, 2.0, and mechanisms without keys
 *	noise COUNT SEED      connections with bytes turned at random in each step, and random commands after
 */
#include <poll.h>

#include "raw.h"

#define CRAMMED_MS 200

struct scene {
	struct peer *peer;
	char **arguments;
	uint64_t random;
};

static uint64_t
s_number (const struct scene *self, int place)
{
	if (!self->arguments[place])
		peer_die ("usage", "a number is missing");
	return strtoull (self->arguments[place], NULL, 10);
}

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t
s_random (struct scene *self)
{
	uint64_t z = (self->random += UINT64_C (0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct raw *
s_raws_new (size_t count)
{
	struct raw *raws = calloc (count, sizeof *raws);

	if (!raws)
		peer_die ("start", "out of memory");
	return raws;
}

/* Says that all is in place, and waits until whoever started this has seen enough. */
static void
s_stay (const char *what, size_t count)
{
	char byte;

	printf ("%s %zu\n", what, count);
	fflush (stdout);
	while (read (STDIN_FILENO, &byte, 1) > 0)
		continue;
}

static void
s_silent (struct scene *self)
{
	size_t count = s_number (self, 0), connected = 0;
	struct raw *raws = s_raws_new (count);

	for (size_t i = 0; i < count; i++)
		connected += raw_connect (&raws[i], self->peer) == 0;
	s_stay ("silent", connected);
	free (raws);
}

static void
s_half (struct scene *self)
{
	size_t count = s_number (self, 0), good = 0;
	struct raw *raws = s_raws_new (count);

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
	s_stay ("half", good);
	free (raws);
}

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

/* Opens COUNT connections, to READY or to WELCOME. */
static struct raw *
s_open_all (struct scene *self, size_t count, bool greets)
{
	struct raw *raws = s_raws_new (count);
	uint8_t metadata[RAW_METADATA_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t size = raw_metadata (metadata);
		if (greets ? raw_session (&raws[i], self->peer, NULL)
			   : raw_open (&raws[i], self->peer, metadata, size))
			raw_close (&raws[i]);
	}
	return raws;
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
	uint64_t bytes = s_number (self, 0) << 20;
	size_t count = s_number (self, 1), size = s_number (self, 2), cut = 0;
	struct raw *raws = s_open_all (self, count, false);
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
	uint64_t bytes = s_number (self, 0) << 20;
	size_t count = s_number (self, 1), size = s_number (self, 2);
	struct raw *raws = s_open_all (self, count, true);
	uint64_t sent = s_send_trains (raws, bytes, count, size);

	s_stay ("hold", (size_t) (sent >> 20));
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

static void
s_cram (struct scene *self)
{
	size_t count = s_number (self, 0), turns = s_number (self, 1), sent = 0;
	struct raw *raws = NULL;

	if (getchar () == EOF)
		return;
	for (size_t turn = 0; turn < turns; turn++) {
		for (size_t i = 0; raws && i < count; i++)
			raw_close (&raws[i]);
		free (raws);
		raws = s_open_all (self, count, false);
		for (size_t i = 0; i < count; i++)
			sent += s_fill_up (&raws[i]);
	}
	s_stay ("crammed", sent);
	free (raws);
}

/* libzmq 4.3.4 aborts when it finds a PING among what it could not hand on before the connection broke. */
static void
s_reset (struct scene *self)
{
	static uint8_t burst[1 << 16];
	struct linger at_once = {1, 0};
	size_t count = s_number (self, 0), good = 0;
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

/* --- noise ------------------------------------------------------------------------------------------------ */

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
		uint64_t random = s_random (self);
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
	size_t size = s_random (self) % sizeof bytes;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t) s_random (self);
	if (s_random (self) % 2)
		raw_greet (raw, 3, (uint8_t) (s_random (self) % 3), "CURVE");
	if (s_random (self) % 2)
		raw_hello (raw);
	if (s_random (self) % 2)
		raw_write_frame (raw, (uint8_t) (s_random (self) & 7), bytes, size);
	else
		raw_write (raw, bytes, size);
}

static void
s_noise (struct scene *self)
{
	uint64_t count = s_number (self, 0);
	uint8_t metadata[RAW_METADATA_MAX];
	size_t opened = 0;
	struct raw raw = {.fd = -1};

	self->random = s_number (self, 1);
	for (uint64_t i = 0; i < count; i++) {
		size_t size = raw_metadata (metadata);
		if (s_random (self) % 4 == 0)
			size = raw_property (metadata, size, "X-Noise", metadata, size);
		if (s_random (self) % 8 == 0)
			metadata[s_random (self) % size] ^= 1 << s_random (self) % 8;
		if (s_random (self) % 2 && raw_open (&raw, self->peer, metadata, size) == 0) {
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

static const struct {
	const char *name;
	void (*play) (struct scene *);
} s_scenes[] = {
	{"silent", s_silent}, {"half", s_half}, {"train", s_train},
	{"hold", s_hold},     {"cram", s_cram}, {"reset", s_reset},
	{"spoof", s_spoof},   {"old", s_old},	{"noise", s_noise},
};

int
main (int argc, char **argv)
{
	struct scene self = {.arguments = argv + 4};

	if (argc < 4)
		peer_die ("usage", "raw ROSTER IDENTITY SCENARIO [NUMBER...]");
	self.peer = peer_new (argv[2], argv[1]);
	for (size_t i = 0; i < sizeof s_scenes / sizeof *s_scenes; i++)
		if (strcmp (argv[3], s_scenes[i].name) == 0) {
			s_scenes[i].play (&self);
			peer_destroy (&self.peer);
			return 0;
		}
	peer_die ("no such scenario", argv[3]);
}
