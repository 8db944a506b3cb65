/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few slots, the least recently used of which is filled next.
 */
#include "hub/record_cache.h"

#include <stdlib.h>

#include "hub/hub_limits.h"
#include "siaga/error.h"

struct slot {
	struct record record;
	struct journal_record stored; /* owns the bytes */
	uint64_t used;		      /* 0: empty */
};

struct record_cache {
	struct journal *journal;
	uint64_t clock;
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
s_slot_clear (struct slot *slot)
{
	if (slot->stored.data)
		journal_record_finish (&slot->stored);
	free (slot->record.batch);
	free (slot->record.headers);
	memset (slot, 0, sizeof *slot);
}

void
record_cache_destroy (struct record_cache **self_p)
{
	struct record_cache *self = *self_p;

	if (!self)
		return;
	for (size_t i = 0; i < HUB_CACHE_RECORDS; i++)
		s_slot_clear (&self->slots[i]);
	free (self);
	*self_p = NULL;
}

static int
s_slot_parse (struct slot *slot)
{
	struct record *record = &slot->record;
	struct siaga_bytes body;

	record->number = slot->stored.number;
	record->count = slot->stored.count;
	record->accepted_us = slot->stored.accepted_us;
	record->bytes.data = slot->stored.data;
	record->bytes.size = slot->stored.size;
	record->batch = malloc (sizeof *record->batch);
	record->headers = calloc (record->count, sizeof *record->headers);
	if (!record->batch || !record->headers)
		return SIAGA_ENOMEM;

	/* It was checked before it was stored: what does not parse now is the disk's doing. */
	if (siaga_batch_read (record->bytes, record->batch) != 0 ||
	    record->batch->form != SIAGA_BATCH_FULL || record->batch->slot_count != record->count)
		return SIAGA_EIO;
	for (uint32_t i = 0; i < record->count; i++)
		if (siaga_header_read (record->batch->slots[i].entry, &record->headers[i], &body) !=
		    0)
			return SIAGA_EIO;
	siaga_log_leaf (record->mark, record->accepted_us,
			record->batch->slots[record->count - 1].leaf);
	return 0;
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
s_slot_oldest (struct record_cache *self)
{
	struct slot *oldest = &self->slots[0];

	for (size_t i = 1; i < HUB_CACHE_RECORDS; i++)
		if (self->slots[i].used < oldest->used)
			oldest = &self->slots[i];
	return oldest;
}

static int
s_slot_fill (struct record_cache *self, struct slot *slot, uint64_t number)
{
	s_slot_clear (slot);
	int error = self->journal->ops->read (self->journal, number, &slot->stored);
	if (error)
		memset (&slot->stored, 0, sizeof slot->stored);
	else
		error = s_slot_parse (slot);
	if (error)
		s_slot_clear (slot);
	return error;
}

int
record_cache_get (struct record_cache *self, uint64_t number, const struct record **record_p)
{
	struct slot *slot = s_slot_with (self, number);

	if (!slot) {
		slot = s_slot_oldest (self);
		int error = s_slot_fill (self, slot, number);
		if (error)
			return error;
	}
	slot->used = ++self->clock;
	*record_p = &slot->record;
	return 0;
}
