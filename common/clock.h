/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two clocks of the programs: what time it is, for what people read and what is signed; and how
 * much time has passed, for deadlines. Nothing else in Siaga asks the system for the time, so that
 * a test can put a clock of its own in their place.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* Another source of time. Called from any thread, as often as somebody asks. */
struct clock_source {
	/* Microseconds since 1970 UTC; may step back as a real clock may. */
	uint64_t (*now_us) (void *context);
	/* Milliseconds since some fixed moment; never less than it has been. */
	uint64_t (*mono_ms) (void *context);
	void *context; /* the test's own, passed to both */
};

/* The time of day in microseconds since 1970 UTC (CLOCK_REALTIME). It may jump; 0 if set before
 * 1970. */
uint64_t
clock_now_us (void);

/* Milliseconds that only ever grow (CLOCK_MONOTONIC), with no meaning outside this boot. */
uint64_t
clock_mono_ms (void);

/* The same clock in microseconds: for how long short things take. */
uint64_t
clock_mono_us (void);

/* For tests: takes both clocks from `source`, borrowed until the next call; NULL gives the system's
 * back. */
void
clock_set (const struct clock_source *source);

#endif
