/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness that is the same in every process and for every input: keys, nonces and signatures of a fuzz target do not
 * change, so that an input means the same when it is replayed. Call fixed_random () before anything of libsodium.
 */
#ifndef TESTS_FIXED_RANDOM_H
#define TESTS_FIXED_RANDOM_H

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

static uint64_t s_fixed_random_at;
static pthread_mutex_t s_fixed_random_lock = PTHREAD_MUTEX_INITIALIZER;

static inline const char *
fixed_random_name (void)
{
	return "fixed";
}

static inline void
fixed_random_bytes (void *const buffer, const size_t size)
{
	unsigned char seed[randombytes_SEEDBYTES] = {0};

	pthread_mutex_lock (&s_fixed_random_lock);
	s_fixed_random_at++;
	memcpy (seed, &s_fixed_random_at, sizeof s_fixed_random_at);
	pthread_mutex_unlock (&s_fixed_random_lock);
	randombytes_buf_deterministic (buffer, size, seed);
}

static inline uint32_t
fixed_random_word (void)
{
	uint32_t word;

	fixed_random_bytes (&word, sizeof word);
	return word;
}

/* From the beginning again; what was made before stays as it is. */
static inline void
fixed_random (uint64_t begin)
{
	static randombytes_implementation fixed = {
		.implementation_name = fixed_random_name,
		.random = fixed_random_word,
		.buf = fixed_random_bytes,
	};

	pthread_mutex_lock (&s_fixed_random_lock);
	s_fixed_random_at = begin;
	pthread_mutex_unlock (&s_fixed_random_lock);
	if (randombytes_set_implementation (&fixed) != 0 || sodium_init () < 0)
		abort ();
}

#endif
