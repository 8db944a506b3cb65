/* SPDX-License-Identifier: Apache-2.0 */
#include "peer_load.h"

#include <getopt.h>
#include <string.h>

#define HEAD_BYTES 16 /* number, time */

static const struct option s_options[] = {
	{"count", required_argument, NULL, 'c'}, {"size", required_argument, NULL, 's'},
	{"rate", required_argument, NULL, 'r'},	 {"readers", required_argument, NULL, 'n'},
	{"signed", no_argument, NULL, 'S'},	 {0},
};

static _Noreturn void
s_usage (const char *name)
{
	fprintf (stderr,
		 "usage: %s --count N --size BYTES [--rate N] [--readers N] "
		 "[--signed] [--] ROLE WHERE TRUST\n",
		 name);
	exit (64);
}

static void
s_take_option (struct peer_load *self, int option, const char *name)
{
	switch (option) {
	case 'c':
		self->count = strtoull (optarg, NULL, 10);
		break;
	case 's':
		self->size = strtoul (optarg, NULL, 10);
		break;
	case 'r':
		self->rate = strtoull (optarg, NULL, 10);
		break;
	case 'n':
		self->readers = strtoull (optarg, NULL, 10);
		break;
	case 'S':
		self->is_signed = true;
		break;
	default:
		s_usage (name);
	}
}

void
peer_load_init (struct peer_load *self, int argc, char **argv)
{
	/* The same for everybody: what a signature costs does not depend on it. */
	static const uint8_t seed[crypto_sign_SEEDBYTES] = {1};
	int option;

	*self = (struct peer_load){.readers = 1};
	while ((option = getopt_long (argc, argv, "", s_options, NULL)) != -1)
		s_take_option (self, option, argv[0]);
	if (argc - optind != 3 || self->count == 0 || self->size < HEAD_BYTES ||
	    self->size + crypto_sign_BYTES > PEER_MESSAGE_MAX)
		s_usage (argv[0]);
	self->role = argv[optind];
	self->where = argv[optind + 1];
	self->trust = argv[optind + 2];
	if (sodium_init () < 0 || crypto_sign_seed_keypair (self->key, self->secret, seed) != 0 ||
	    arrivals_init (&self->arrivals, self->count) != 0)
		peer_load_fail ("start", "out of memory");
}

void
peer_load_ready (void)
{
	fprintf (stderr, "watching\n");
}

size_t
peer_load_make (struct peer_load *self, uint8_t message[PEER_MESSAGE_MAX])
{
	static uint8_t filler[PEER_MESSAGE_MAX];

	if (self->made == 0) {
		randombytes_buf (filler, sizeof filler);
		pace_begin (&self->pace, self->rate);
	}
	if (self->rate > 0)
		pace_wait (&self->pace, self->made);
	uint64_t head[2] = {self->made++, clock_now_us ()};
	memcpy (message, head, HEAD_BYTES);
	memcpy (message + HEAD_BYTES, filler, self->size - HEAD_BYTES);
	if (!self->is_signed)
		return self->size;
	crypto_sign_detached (message + self->size, NULL, message, self->size, self->secret);
	return self->size + crypto_sign_BYTES;
}

bool
peer_load_take (struct peer_load *self, const void *message, size_t size)
{
	const uint8_t *bytes = message;
	uint64_t head[2];

	if (self->arrivals.got == self->count)
		return true;
	if (size != self->size + (self->is_signed ? crypto_sign_BYTES : 0))
		peer_load_fail ("message", "of another size");
	memcpy (head, bytes, HEAD_BYTES);
	if (head[0] != self->arrivals.got)
		peer_load_fail ("message", "lost, repeated or out of order");
	if (self->is_signed &&
	    crypto_sign_verify_detached (bytes + self->size, bytes, self->size, self->key) != 0)
		peer_load_fail ("message", "with a wrong signature");
	arrivals_add (&self->arrivals, head[1]);
	return self->arrivals.got == self->count;
}

void
peer_load_finish (struct peer_load *self)
{
	arrivals_finish (&self->arrivals);
}

void
peer_load_fail (const char *what, const char *why)
{
	fprintf (stderr, "%s: %s\n", what, why);
	exit (70);
}
