/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When messages came, and how late each was: for the programs that read in a benchmark.
 */
#ifndef BENCH_ARRIVALS_H
#define BENCH_ARRIVALS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

struct arrivals {
	uint64_t count; /* expected */
	uint64_t got;
	uint64_t first_us;
	uint64_t last_us;
	uint64_t *late_us; /* of each; room for `count` */
};

static inline int
arrivals_init (struct arrivals *self, uint64_t count)
{
	*self = (struct arrivals){.count = count};
	self->late_us = calloc (count + 1, sizeof *self->late_us);
	return self->late_us ? 0 : -1;
}

static inline void
arrivals_finish (struct arrivals *self)
{
	free (self->late_us);
	self->late_us = NULL;
}

/* Something took from one moment to another; 0 when the first is not known. */
static inline void
arrivals_note (struct arrivals *self, uint64_t from_us, uint64_t to_us)
{
	self->late_us[self->got++] = from_us && to_us > from_us ? to_us - from_us : 0;
}

/* One came that was sent at `sent_us` (0: nobody knows). */
static inline void
arrivals_add (struct arrivals *self, uint64_t sent_us)
{
	self->last_us = clock_now_us ();
	if (self->got == 0)
		self->first_us = self->last_us;
	arrivals_note (self, sent_us, self->last_us);
}

static inline int
arrivals_compare (const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *) a, right = *(const uint64_t *) b;
	return left < right ? -1 : left > right;
}

static inline unsigned long long
arrivals_percentile (const struct arrivals *self, double part)
{
	return self->late_us[(size_t) (part * (double) (self->got - 1))];
}

static inline void
arrivals_sort (struct arrivals *self)
{
	qsort (self->late_us, self->got, sizeof *self->late_us, arrivals_compare);
}

/* The members of a JSON object: times in microseconds since 1970 of the first and the last, and the percentiles of
   how late. */
static inline void
arrivals_print_members (struct arrivals *self)
{
	arrivals_sort (self);
	printf ("\"n\": %llu, \"first_us\": %llu, \"last_us\": %llu, \"p50_us\": %llu,"
		" \"p99_us\": %llu, \"p999_us\": %llu, \"max_us\": %llu",
		(unsigned long long) self->got, (unsigned long long) self->first_us,
		(unsigned long long) self->last_us, arrivals_percentile (self, 0.5),
		arrivals_percentile (self, 0.99), arrivals_percentile (self, 0.999),
		arrivals_percentile (self, 1));
}

/* The object, when there was anything. */
static inline void
arrivals_print (struct arrivals *self)
{
	if (self->got > 0) {
		printf ("{");
		arrivals_print_members (self);
		printf ("}\n");
	}
}

#endif
