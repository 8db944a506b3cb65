/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system's clocks, and the place where a test puts another one.
 */
#include "common/clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

static _Atomic (const struct clock_source *) s_source = NULL;

static struct timespec
s_system (clockid_t id)
{
	struct timespec now;
	int error = clock_gettime (id, &now);
	assert (error == 0);
	(void) error;
	if (now.tv_sec < 0)
		now = (struct timespec){0};
	return now;
}

uint64_t
clock_now_us (void)
{
	const struct clock_source *source = atomic_load (&s_source);
	if (source)
		return source->now_us (source->context);
	struct timespec now = s_system (CLOCK_REALTIME);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

uint64_t
clock_mono_ms (void)
{
	const struct clock_source *source = atomic_load (&s_source);
	if (source)
		return source->mono_ms (source->context);
	struct timespec now = s_system (CLOCK_MONOTONIC);
	return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

uint64_t
clock_mono_us (void)
{
	const struct clock_source *source = atomic_load (&s_source);
	if (source)
		return source->mono_ms (source->context) * 1000;
	struct timespec now = s_system (CLOCK_MONOTONIC);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

void
clock_set (const struct clock_source *source)
{
	atomic_store (&s_source, source);
}
