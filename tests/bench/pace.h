/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An even rate, for the programs that make a load: each message has its time, and one that was late does not
 * move the others.
 */
#ifndef BENCH_PACE_H
#define BENCH_PACE_H

#include <stdint.h>
#include <time.h>

struct pace {
	uint64_t start_ns;
	uint64_t rate; /* a second */
};

static inline void
pace_begin (struct pace *self, uint64_t rate)
{
	struct timespec now;

	clock_gettime (CLOCK_MONOTONIC, &now);
	self->start_ns = (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
	self->rate = rate;
}

/* Until it is time for the message of that number, which begins with 0. */
static inline void
pace_wait (const struct pace *self, uint64_t number)
{
	uint64_t at_ns = self->start_ns + number * 1000000000 / self->rate;
	struct timespec at = {(time_t) (at_ns / 1000000000), (long) (at_ns % 1000000000)};

	while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
		continue;
}

#endif
