/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counting, and a line now and then.
 */
#include "agent/complaint.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/log.h"

#define WORDS_MAX 512

void
complaint_init (struct complaint *self, const char *source, const char *id)
{
	*self = (struct complaint){.source = source, .id = id};
}

void
complaint_add (struct complaint *self, const char *fmt, ...)
{
	uint64_t now_ms = clock_mono_ms ();
	self->total++;
	if (self->told > 0 && now_ms - self->told_ms < COMPLAINT_INTERVAL_MS)
		return;
	char words[WORDS_MAX];
	va_list args;
	va_start (args, fmt);
	vsnprintf (words, sizeof words, fmt, args);
	va_end (args);
	log_warn (self->id, "%s: %s (%" PRIu64 " so far)", self->source, words, self->total);
	self->told = self->total;
	self->told_ms = now_ms;
}

void
complaint_finish (struct complaint *self)
{
	if (self->told < self->total)
		log_warn (self->id, "%s: %" PRIu64 " in all", self->source, self->total);
	self->told = self->total;
}
