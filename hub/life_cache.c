/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See life_cache.h. Everything is kept by log numbers: a life is right for a batch that begins at number B when it has
 * what stands below B and nothing else. Entries of the group not yet in the journal are remembered with the numbers
 * they will have; those of a batch that was refused get numbers that the next batch takes again, which shows.
 */
#include "hub/life_cache.h"

#include <stdlib.h>

#include "hub/hub_limits.h"
#include "siaga/error.h"

#define PAGE 64 /* numbers asked for at a time */
#define PENDING_MIN 64

struct slot {
	uint64_t used; /* 0: free */
	uint8_t id[SIAGA_ID_BYTES];
	uint64_t through; /* all deeds with smaller numbers are in the life */
	unsigned deeds;
	struct siaga_life life;
};

/* A deed of this group: taken, or of the batch being judged. */
struct pending {
	uint64_t number;
	const struct journal_job *job;
	uint32_t index;
};

struct life_cache {
	uint64_t clock;
	uint64_t highest; /* `through` of no slot is higher */
	struct slot slots[HUB_LIFE_CACHE];
	struct pending *pending; /* ascending; at most the entries of a group */
	size_t pending_count;
	size_t pending_capacity;
	struct siaga_body body; /* being read */
};

struct life_cache *
life_cache_new (void)
{
	return calloc (1, sizeof (struct life_cache));
}

void
life_cache_destroy (struct life_cache **self_p)
{
	if (*self_p)
		free ((*self_p)->pending);
	free (*self_p);
	*self_p = NULL;
}

void
life_cache_begin (struct life_cache *self, struct journal_view *view)
{
	struct journal *journal = journal_view_journal (view);
	uint64_t base = journal_view_number (view);

	/* All of a group is committed, or nothing. */
	if (self->pending_count > 0 && self->pending[0].number < journal->ops->head (journal))
		self->pending_count = 0;
	while (self->pending_count > 0 && self->pending[self->pending_count - 1].number >= base)
		self->pending_count--;
	if (self->highest <= base)
		return;
	for (size_t i = 0; i < HUB_LIFE_CACHE; i++)
		if (self->slots[i].through > base)
			self->slots[i].used = 0;
	self->highest = base;
}

static struct slot *
s_slot_of (struct life_cache *self, const struct siaga_header *alert)
{
	struct slot *oldest = &self->slots[0];

	for (size_t i = 0; i < HUB_LIFE_CACHE; i++) {
		struct slot *slot = &self->slots[i];
		if (slot->used != 0 && memcmp (slot->id, alert->id, SIAGA_ID_BYTES) == 0)
			return slot;
		if (slot->used < oldest->used)
			oldest = slot;
	}
	oldest->through = 0;
	oldest->deeds = 0;
	memcpy (oldest->id, alert->id, SIAGA_ID_BYTES);
	siaga_life_begin (&oldest->life, alert, 0); /* nothing is judged by times */
	return oldest;
}

/* What stands in the log: an entry that was refused, or is no deed of this alert, changes nothing. */
static int
s_apply (struct life_cache *self, struct slot *slot, struct siaga_bytes entry, uint64_t number)
{
	struct siaga_header header;
	struct siaga_deed deed;

	slot->through = number + 1;
	if (siaga_entry_read (entry, &header, &self->body) != 0)
		return SIAGA_EIO;
	if (header.ref_count == 0 || memcmp (header.refs[0].id, slot->id, SIAGA_ID_BYTES) != 0 ||
	    siaga_deed_read (&deed, &header, &self->body) != 0)
		return 0;
	if (siaga_life_apply (&slot->life, &deed, 0) == 0)
		slot->deeds++;
	return 0;
}

static int
s_apply_number (struct life_cache *self, struct journal *journal, struct slot *slot,
		uint64_t number)
{
	struct journal_record record;

	int error = journal->ops->read (journal, number, &record);
	slot->through = number + 1;
	if (error) /* not found: its bytes are no longer kept */
		return error == SIAGA_ENOTFOUND ? 0 : error;
	struct siaga_bytes entry = journal_record_entry (&record, number);
	if (entry.size > 0)
		error = s_apply (self, slot, entry, number);
	journal_record_finish (&record);
	return error;
}

static int
s_catch_up (struct life_cache *self, struct journal *journal, struct slot *slot)
{
	uint64_t numbers[PAGE];
	int count = PAGE;
	int error = 0;

	while (!error && count == PAGE && slot->deeds < HUB_LIFE_DEEDS_MAX) {
		count = journal->ops->deeds (journal, slot->id, slot->through, numbers, PAGE);
		if (count < 0)
			return count;
		for (int i = 0; !error && i < count; i++)
			error = s_apply_number (self, journal, slot, numbers[i]);
	}
	for (size_t i = 0; !error && i < self->pending_count; i++) {
		const struct pending *it = &self->pending[i];
		if (it->number >= slot->through &&
		    memcmp (it->job->headers[it->index].refs[0].id, slot->id, SIAGA_ID_BYTES) == 0)
			error = s_apply (self, slot, it->job->batch.slots[it->index].entry,
					 it->number);
	}
	return error;
}

static int
s_remember (struct life_cache *self, const struct life_question *question, uint64_t number)
{
	if (self->pending_count == self->pending_capacity) {
		size_t capacity = self->pending_capacity ? 2 * self->pending_capacity : PENDING_MIN;
		struct pending *pending = realloc (self->pending, capacity * sizeof *pending);
		if (!pending)
			return SIAGA_ENOMEM;
		self->pending = pending;
		self->pending_capacity = capacity;
	}
	self->pending[self->pending_count++] =
		(struct pending){number, question->job, question->index};
	return 0;
}

int
life_cache_judge (struct life_cache *self, struct journal_view *view,
		  const struct life_question *question)
{
	struct siaga_bytes entry = question->job->batch.slots[question->index].entry;
	uint64_t number = journal_view_number (view) + question->index;
	struct siaga_header header;
	struct siaga_deed deed;

	if (siaga_entry_read (entry, &header, &self->body) != 0)
		return SIAGA_EMALFORMED;
	int error = siaga_deed_read (&deed, &header, &self->body);
	if (error)
		return error;
	struct slot *slot = s_slot_of (self, question->alert);
	slot->used = 0;
	error = s_catch_up (self, journal_view_journal (view), slot);
	if (error)
		return error;
	slot->used = ++self->clock;
	/* Catching up has read other bodies: this one's texts are in its entry all the same. */
	error = slot->deeds < HUB_LIFE_DEEDS_MAX ? siaga_life_judge (&slot->life, &deed)
						 : SIAGA_ELIMIT;
	if (!error)
		error = s_remember (self, question, number);
	if (error)
		return error;
	siaga_life_apply (&slot->life, &deed, 0);
	slot->deeds++;
	slot->through = self->highest = number + 1;
	return 0;
}
