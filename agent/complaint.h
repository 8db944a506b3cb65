/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Something that may go wrong a thousand times a second and is told of once a minute: with the
 * latest words and how often it happened. One struct for each reason of each source.
 */
#ifndef AGENT_COMPLAINT_H
#define AGENT_COMPLAINT_H

#include <stdint.h>

#define COMPLAINT_INTERVAL_MS 60000

struct complaint {
	const char *source; /* borrowed */
	const char *id;	    /* of the log line; static */
	uint64_t total;
	uint64_t told;	  /* of the total */
	uint64_t told_ms; /* clock_mono_ms () of the last line */
};

void
complaint_init (struct complaint *self, const char *source, const char *id);

/* Counts one, and logs if the last line is a minute old. */
void
complaint_add (struct complaint *self, const char *fmt, ...)
	__attribute__ ((format (printf, 2, 3)));

/* Logs what was counted and not told. */
void
complaint_finish (struct complaint *self);

#endif
