/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The batches of the log that were last appended or looked at, parsed: a batch that goes to a hundred readers is
 * read and parsed once, and for those who keep up with the log never read at all.
 */
#ifndef SIAGA_HUB_RECORD_CACHE_H
#define SIAGA_HUB_RECORD_CACHE_H

#include "hub/journal_writer.h"

/* One batch of the log. */
struct record {
	uint64_t number; /* of its first entry */
	uint32_t count;
	uint64_t accepted_us;
	struct siaga_bytes bytes;	/* as received */
	struct siaga_batch *batch;	/* full form, borrowed from bytes */
	struct siaga_header *headers;	/* `count` of them, borrowed from bytes */
	uint8_t mark[SIAGA_HASH_BYTES]; /* log leaf hash of its last entry */
};

struct record_cache;

/* `journal`, a reader, is borrowed. NULL when out of memory. */
struct record_cache *
record_cache_new (struct journal *journal);

void
record_cache_destroy (struct record_cache **self_p);

/* A batch that was just appended to the log: *job_p is consumed. */
void
record_cache_put (struct record_cache *self, struct journal_job **job_p);

/* The batch that contains `number`, or the first after it; borrowed until the next call. 0, SIAGA_ENOTFOUND
   at the head, SIAGA_ENOMEM, SIAGA_EIO (the journal, or a batch in it that does not parse). */
int
record_cache_get (struct record_cache *self, uint64_t number, const struct record **record_p);

#endif
