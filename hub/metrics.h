/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted while the hub runs, and all of it as text for Prometheus (text format 0.0.4): in a file for
 * node_exporter's textfile collector, and in the answer to a status query.
 */
#ifndef SIAGA_HUB_METRICS_H
#define SIAGA_HUB_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "siaga/error.h"
#include "siaga/roster.h"

struct core;
struct journal_job;
struct siaga_message;

/* Since this core started. */
struct metrics {
	uint64_t sessions; /* opened */
	uint64_t entries;  /* taken into the log, the hub's own too, and … */
	uint64_t bytes;	   /* … of their batches */
	uint64_t acks;
	uint64_t refusals[SIAGA_WIRE_CODE_MAX + 1]; /* by code */
	uint64_t delivers;			    /* DELIVERs and RESULTs sent, and … */
	uint64_t deliver_bytes;			    /* … their bytes */
	uint64_t gates;				    /* that came up */
	uint64_t written_ms; /* the monotonic clock, when the file was last written */
	bool failed;	     /* the file could not be written: said once */
};

/* A batch went into the log. */
void
metrics_on_published (struct metrics *self, const struct journal_job *job);

/* A reply was said. */
void
metrics_on_reply (struct metrics *self, const struct siaga_message *reply);

/* Of the hub (when `hub`), and of the principals of `member` (NULL: of all), malloc ()ed; NULL when out of
   memory. */
char *
metrics_text (struct core *core, bool hub, const struct siaga_member *member);

/* Writes the configured file now and then. */
void
metrics_on_tick (struct core *core);

/* Bytes in the journal's write-ahead log; 0: not known. */
uint64_t
metrics_wal_bytes (const struct core *core);

#endif
