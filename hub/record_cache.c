/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few slots, the least recently used of which is filled next; bounded in bytes as well.
 */
#include "hub/record_cache.h"

#include <stdlib.h>

#include "hub/hub_limits.h"
#include "siaga/error.h"

struct slot {
	struct record record;
	struct journal_job *job; /* owns what the record borrows */
	size_t bytes;
	uint64_t used; /* 0: empty */
};

struct record_cache {
	struct journal *journal;
	uint64_t clock;
	size_t bytes;
	struct slot slots[HUB_CACHE_RECORDS];
};

struct record_cache *
record_cache_new (struct journal *journal)
{
	struct record_cache *self = calloc (1, sizeof *self);

	if (self)
		self->journal = journal;
	return self;
}

static void
s_slot_clear (struct record_cache *self, struct slot *slot)
{
	self->bytes -= slot->bytes;
	journal_job_destroy (&slot->job);
	memset (slot, 0, sizeof *slot);
}

void
record_cache_destroy (struct record_cache **self_p)
{
	struct record_cache *self = *self_p;

	if (!self)
		return;
	for (size_t i = 0; i < HUB_CACHE_RECORDS; i++)
		s_slot_clear (self, &self->slots[i]);
	free (self);
	*self_p = NULL;
}

static struct slot *
s_slot_with (struct record_cache *self, uint64_t number)
{
	for (size_t i = 0; i < HUB_CACHE_RECORDS; i++) {
		struct slot *slot = &self->slots[i];
		if (slot->used != 0 && number >= slot->record.number &&
		    number - slot->record.number < slot->record.count)
			return slot;
	}
	return NULL;
}

static struct slot *
s_slot_oldest (struct record_cache *self, bool with_empty)
{
	struct slot *oldest = NULL;

	for (size_t i = 0; i < HUB_CACHE_RECORDS; i++) {
		struct slot *slot = &self->slots[i];
		if ((with_empty || slot->used != 0) && (!oldest || slot->used < oldest->used))
			oldest = slot;
	}
	return oldest;
}

/* Takes the job, parsed and complete, as the batch at `number`. */
static struct slot *
s_fill (struct record_cache *self, struct journal_job *job, uint64_t number, uint64_t accepted_us)
{
	uint32_t count = job->batch.slot_count;
	size_t bytes = sizeof *job + job->size + count * sizeof *job->headers;
	struct slot *slot;

	while (self->bytes > 0 && self->bytes + bytes > HUB_CACHE_BYTES)
		s_slot_clear (self, s_slot_oldest (self, false));
	slot = s_slot_oldest (self, true);
	s_slot_clear (self, slot);
	*slot = (struct slot){
		.job = job,
		.bytes = bytes,
		.used = ++self->clock,
		.record = {.number = number,
			   .count = count,
			   .accepted_us = accepted_us,
			   .bytes = {job->data, job->size},
			   .batch = &job->batch,
			   .headers = job->headers},
	};
	siaga_log_leaf (slot->record.mark, accepted_us, job->batch.slots[count - 1].leaf);
	self->bytes += bytes;
	return slot;
}

void
record_cache_put (struct record_cache *self, struct journal_job **job_p)
{
	struct journal_job *job = *job_p;

	*job_p = NULL;
	s_fill (self, job, job->result.number - (job->batch.slot_count - 1),
		job->result.accepted_us);
}

/* Parses what was stored. It was checked before: what does not parse now is the disk's doing. */
static int
s_parse (struct journal_job *job, uint32_t count)
{
	struct siaga_bytes bytes = {job->data, job->size};
	struct siaga_bytes body;

	job->headers = calloc (count, sizeof *job->headers);
	if (!job->headers)
		return SIAGA_ENOMEM;
	if (siaga_batch_read (bytes, &job->batch) != 0 || job->batch.form != SIAGA_BATCH_FULL ||
	    job->batch.slot_count != count || count == 0)
		return SIAGA_EIO;
	for (uint32_t i = 0; i < count; i++)
		if (siaga_header_read (job->batch.slots[i].entry, &job->headers[i], &body) != 0)
			return SIAGA_EIO;
	return 0;
}

/* Reads the batch that contains `number`, or the first after it. */
static int
s_read (struct record_cache *self, uint64_t number, struct slot **slot_p)
{
	struct journal_record stored;
	struct journal_job *job = journal_job_new ();
	int error = job ? self->journal->ops->read (self->journal, number, &stored) : SIAGA_ENOMEM;

	if (!error) {
		job->data = stored.data;
		job->size = stored.size;
		error = s_parse (job, stored.count);
	}
	if (error)
		journal_job_destroy (&job);
	else
		*slot_p = s_fill (self, job, stored.number, stored.accepted_us);
	return error;
}

int
record_cache_get (struct record_cache *self, uint64_t number, const struct record **record_p)
{
	struct slot *slot = s_slot_with (self, number);

	if (!slot) {
		int error = s_read (self, number, &slot);
		if (error)
			return error;
	}
	slot->used = ++self->clock;
	*record_p = &slot->record;
	return 0;
}
