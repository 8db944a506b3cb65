/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the peers of the benchmarks share: the command line, the messages that are published, and what a reader does
 * with each. A message is its number, when it was sent, and bytes no compressor likes; with --signed an Ed25519
 * signature of the publisher's follows, which the reader checks.
 */
#ifndef BENCH_PEER_LOAD_H
#define BENCH_PEER_LOAD_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arrivals.h"
#include "pace.h"

#define PEER_MESSAGE_MAX 16384

struct peer_load {
	const char *role;  /* "pub", "sub", or what else the peer has */
	const char *where; /* a port or an endpoint … */
	const char *trust; /* … and the file or key by which the server is known */
	uint64_t count;
	size_t size;
	uint64_t rate; /* a second; 0: as fast as it goes */
	uint64_t
		readers; /* that are to be there before anything is sent, where the peer can know */
	bool is_signed;

	struct pace pace;
	uint64_t made;
	struct arrivals arrivals;
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	uint8_t key[crypto_sign_PUBLICKEYBYTES];
};

/* Reads the command line; ends the program with 64 when it is wrong. */
void
peer_load_init (struct peer_load *self, int argc, char **argv);

/* A reader is subscribed: says so to who waits for it. */
void
peer_load_ready (void);

/* Writes the next message when its time has come; returns its size. */
size_t
peer_load_make (struct peer_load *self, uint8_t message[PEER_MESSAGE_MAX]);

/* A reader got a message: true when that was the last. Ends the program when it is not the one that is due. */
bool
peer_load_take (struct peer_load *self, const void *message, size_t size);

void
peer_load_finish (struct peer_load *self);

/* What failed, and the end: exit 70. */
_Noreturn void
peer_load_fail (const char *what, const char *why);

#endif
