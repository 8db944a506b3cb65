/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging and committing a group (journal_group.h). Ids of the group stand in a hash table under a random
 * key, so that nobody can choose ids that collide; those of a batch that was then refused stay in it and
 * are passed over.
 */
#include "hub/journal_group.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "siaga/error.h"

#define SLOTS_MIN 1024

enum verdict {
	BEING_JUDGED,
	ACCEPTED,
	REPEATED, /* of `same` in this group, whose result it gets */
	NOTED,	  /* no batch, only facts to be kept */
	ANSWERED, /* its result is final: a repetition of what the journal has, or a refusal */
};

struct judged {
	struct journal_job *job;
	enum verdict verdict;
	uint8_t head_hash[SIAGA_HASH_BYTES];
	uint64_t number; /* of index 0, if accepted */
	const struct judged *same;
};

/* Where in the group an id is. */
struct id_slot {
	uint16_t taken;
	uint16_t judged;
	uint32_t index;
};

struct journal_view {
	struct journal *journal;
	const struct journal_writer_options *options;
	struct judged judged[JOURNAL_GROUP_JOBS];
	size_t judged_count;
	struct judged *now; /* being judged */
	uint64_t next;	    /* the number the next accepted batch gets */
	size_t accepted_count;
	size_t noted_count;
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct id_slot *slots;
	size_t slot_count; /* a power of two, at least twice the group's entries */
	size_t slot_capacity;
	bool listed[SIAGA_BATCH_ENTRIES_MAX]; /* indexes of the batch being judged that are bad */
	struct siaga_bad bad[2 * SIAGA_BATCH_ENTRIES_MAX];
	size_t bad_count;
};

int
journal_group_new (struct journal_view **self_p, struct journal *journal,
		   const struct journal_writer_options *options)
{
	struct journal_view *self = calloc (1, sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	self->journal = journal;
	self->options = options;
	randombytes_buf (self->key, sizeof self->key);
	*self_p = self;
	return 0;
}

void
journal_group_destroy (struct journal_view **self_p)
{
	assert (self_p);
	if (*self_p)
		free ((*self_p)->slots);
	free (*self_p);
	*self_p = NULL;
}

static const uint8_t *
s_id_of (const struct journal_view *self, const struct id_slot *slot)
{
	return self->judged[slot->judged].job->headers[slot->index].id;
}

static bool
s_counts (const struct journal_view *self, const struct id_slot *slot)
{
	enum verdict verdict = self->judged[slot->judged].verdict;
	return verdict == ACCEPTED || verdict == BEING_JUDGED;
}

/* The slot of an id of a batch that counts, or the free slot where it goes. */
static struct id_slot *
s_slot_of (const struct journal_view *self, const uint8_t *id)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t at;
	crypto_shorthash (hash, id, SIAGA_ID_BYTES, self->key);
	memcpy (&at, hash, sizeof at);
	for (;; at++) {
		struct id_slot *slot = &self->slots[at & (self->slot_count - 1)];
		if (!slot->taken)
			return slot;
		if (s_counts (self, slot) && memcmp (s_id_of (self, slot), id, SIAGA_ID_BYTES) == 0)
			return slot;
	}
}

static int
s_group_begin (struct journal_view *self, const struct journal_job *jobs)
{
	size_t entries = 0, count = SLOTS_MIN;
	for (const struct journal_job *job = jobs; job; job = job->next)
		entries += job->batch.head.count;
	while (count < 2 * entries)
		count *= 2;
	if (count > self->slot_capacity) {
		struct id_slot *slots = realloc (self->slots, count * sizeof *slots);
		if (!slots)
			return SIAGA_ENOMEM;
		self->slots = slots;
		self->slot_capacity = count;
	}
	memset (self->slots, 0, count * sizeof *self->slots);
	self->slot_count = count;
	self->judged_count = 0;
	self->accepted_count = 0;
	self->noted_count = 0;
	self->now = NULL;
	self->next = self->journal->ops->head (self->journal);
	return self->journal->ops->begin ? self->journal->ops->begin (self->journal) : 0;
}

/* After the group, when it is not committed. */
static void
s_group_abandon (struct journal_view *self)
{
	if (self->journal->ops->abandon)
		self->journal->ops->abandon (self->journal);
}

static bool
s_is_same_lane (const struct siaga_batch_head *a, const struct siaga_batch_head *b)
{
	return memcmp (a->epoch, b->epoch, SIAGA_EPOCH_BYTES) == 0 &&
	       siaga_text_equal (a->origin, b->origin);
}

/* The last accepted batch of the same origin and epoch in this group, or the one that begins at first_oseq
   unless that is 0; or NULL. */
static const struct judged *
s_lane_in_group (const struct journal_view *self, const struct siaga_batch_head *head,
		 uint64_t first_oseq)
{
	for (const struct judged *it = self->now; it-- > self->judged;)
		if (it->verdict == ACCEPTED && s_is_same_lane (&it->job->batch.head, head) &&
		    (first_oseq == 0 || it->job->batch.head.first_oseq == first_oseq))
			return it;
	return NULL;
}

/* The highest oseq held of the batch's origin and epoch; 0: none. */
static int
s_lane_oseq (struct journal_view *self, const struct siaga_batch_head *head, uint64_t *oseq)
{
	const struct judged *last = s_lane_in_group (self, head, 0);
	struct journal_mark mark;
	if (last) {
		*oseq = last->job->batch.head.first_oseq + last->job->batch.head.count - 1;
		return 0;
	}
	int error = self->journal->ops->mark (self->journal, head->origin, head->epoch, &mark);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	*oseq = error == 0 ? mark.oseq : 0;
	return 0;
}

static void
s_answer (struct journal_view *self, int code)
{
	self->now->verdict = ANSWERED;
	self->now->job->result.code = code;
}

/* The batch begins at or before what is held: the same again, or another under the same sequence numbers. */
static int
s_judge_overlap (struct journal_view *self)
{
	struct journal_job *job = self->now->job;
	const struct siaga_batch_head *head = &job->batch.head;
	const struct judged *same = s_lane_in_group (self, head, head->first_oseq);
	struct journal_mark mark;
	if (same && memcmp (same->head_hash, self->now->head_hash, SIAGA_HASH_BYTES) == 0) {
		self->now->verdict = REPEATED;
		self->now->same = same;
		return 0;
	}
	int error = self->journal->ops->batch_at (self->journal, head->origin, head->epoch,
						  head->first_oseq, &mark);
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	if (error != 0 || memcmp (mark.head_hash, self->now->head_hash, SIAGA_HASH_BYTES) != 0) {
		s_answer (self, SIAGA_ECONFLICT);
		return 0;
	}
	s_answer (self, 0);
	job->result.repeated = true;
	job->result.oseq = mark.oseq;
	job->result.number = mark.number;
	return 0;
}

/* Its place in its origin's sequence; answers it unless it is the next. */
static int
s_judge_place (struct journal_view *self)
{
	const struct siaga_batch_head *head = &self->now->job->batch.head;
	uint64_t oseq = 0;
	int error = s_lane_oseq (self, head, &oseq);
	if (error != 0)
		return error;
	if (head->first_oseq <= oseq)
		return s_judge_overlap (self);
	if (head->first_oseq > oseq + 1) {
		s_answer (self, SIAGA_EHOLE);
		self->now->job->result.expected_oseq = oseq + 1;
	}
	return 0;
}

static void
s_list_bad (struct journal_view *self, uint32_t index, int code)
{
	if (index >= self->now->job->batch.head.count || self->listed[index])
		return;
	self->listed[index] = true;
	self->bad[self->bad_count++] = (struct siaga_bad){index, code};
}

/* Is the id in the log, or given to an entry before this one? Otherwise it is this entry's. */
static int
s_judge_id (struct journal_view *self, uint32_t index)
{
	const uint8_t *id = self->now->job->headers[index].id;
	struct id_slot *slot = s_slot_of (self, id);
	uint64_t number;
	int error = slot->taken ? 0 : self->journal->ops->find (self->journal, id, &number);
	if (error == 0)
		s_list_bad (self, index, SIAGA_EKNOWN);
	if (error != SIAGA_ENOTFOUND)
		return error;
	*slot = (struct id_slot){1, (uint16_t) (self->now - self->judged), index};
	return 0;
}

/* What the hook appended is taken over one by one, so that no index is listed twice. */
static int
s_judge_by_hook (struct journal_view *self)
{
	const struct journal_writer_options *options = self->options;
	size_t before = self->bad_count, count = before;
	if (!options->check)
		return 0;
	int error = options->check (options->arg, self, self->now->job, self->bad, &count);
	assert (count <= before + self->now->job->batch.head.count);
	for (size_t i = before; i < count; i++)
		s_list_bad (self, self->bad[i].index, self->bad[i].code);
	return error;
}

static int
s_judge_entries (struct journal_view *self)
{
	struct journal_job *job = self->now->job;
	int error = 0;
	memset (self->listed, 0, sizeof self->listed);
	self->bad_count = 0;
	for (size_t i = 0; i < job->bad_count; i++)
		s_list_bad (self, job->bad[i].index, job->bad[i].code);
	for (uint32_t i = 0; error == 0 && i < job->batch.head.count; i++)
		if (!self->listed[i])
			error = s_judge_id (self, i);
	return error ? error : s_judge_by_hook (self);
}

static int
s_bad_compare (const void *a, const void *b)
{
	uint32_t x = ((const struct siaga_bad *) a)->index,
		 y = ((const struct siaga_bad *) b)->index;
	return (x > y) - (x < y);
}

static int
s_answer_bad (struct journal_view *self)
{
	struct journal_job *job = self->now->job;
	size_t size = self->bad_count * sizeof *job->bad;
	struct siaga_bad *bad = malloc (size);
	if (!bad)
		return SIAGA_ENOMEM;
	qsort (self->bad, self->bad_count, sizeof *bad, s_bad_compare);
	free (job->bad);
	job->bad = memcpy (bad, self->bad, size);
	job->bad_count = self->bad_count;
	s_answer (self, SIAGA_EMALFORMED);
	return 0;
}

static int
s_judge (struct journal_view *self, struct journal_job *job)
{
	self->now = &self->judged[self->judged_count++];
	*self->now = (struct judged){.job = job, .number = self->next};
	memset (&job->result, 0, sizeof job->result);
	if (job->batch.head.count == 0) {
		self->now->verdict = NOTED;
		self->noted_count++;
		return 0;
	}
	siaga_head_hash (self->now->head_hash, job->batch.head_bytes);
	int error = s_judge_place (self);
	if (error != 0 || self->now->verdict != BEING_JUDGED)
		return error;
	error = s_judge_entries (self);
	if (error != 0)
		return error;
	if (self->bad_count > 0)
		return s_answer_bad (self);
	self->now->verdict = ACCEPTED;
	self->next += job->batch.head.count;
	self->accepted_count++;
	return 0;
}

/* What is kept beside the log goes in with what was accepted. */
static int
s_put_facts (struct journal_view *self)
{
	int error = 0;
	for (size_t i = 0; i < self->judged_count; i++) {
		const struct judged *it = &self->judged[i];
		if (it->verdict != ACCEPTED && it->verdict != NOTED)
			continue;
		for (size_t f = 0; error == 0 && f < it->job->fact_count; f++)
			error = self->journal->ops->put (self->journal, &it->job->facts[f]);
	}
	return error;
}

static int
s_commit (struct journal_view *self, uint64_t accepted_us)
{
	struct journal_batch batches[JOURNAL_GROUP_JOBS];
	size_t count = 0;
	if (self->accepted_count == 0 && self->noted_count == 0) {
		s_group_abandon (self);
		return 0;
	}
	for (size_t i = 0; i < self->judged_count; i++) {
		const struct journal_job *job = self->judged[i].job;
		if (self->judged[i].verdict != ACCEPTED)
			continue;
		batches[count++] = (struct journal_batch){
			.batch = &job->batch,
			.bytes = {job->data, job->size},
			.headers = job->headers,
		};
	}
	int error = s_put_facts (self);
	if (error == 0)
		error = self->journal->ops->append (self->journal, batches, count, accepted_us);
	/* Judged otherwise a moment ago: our mistake, and no reason to tell a publisher that it is theirs. */
	return error == SIAGA_EKNOWN || error == SIAGA_ECONFLICT ? SIAGA_EINTERNAL : error;
}

static void
s_tell (struct journal_view *self, uint64_t accepted_us)
{
	for (size_t i = 0; i < self->judged_count; i++) {
		struct judged *it = &self->judged[i];
		struct journal_result *result = &it->job->result;
		if (it->verdict == REPEATED) {
			*result = it->same->job->result;
			result->repeated = true;
		} else if (it->verdict == NOTED) {
			result->repeated = true;
		} else if (it->verdict == ACCEPTED) {
			uint32_t more = it->job->batch.head.count - 1;
			result->oseq = it->job->batch.head.first_oseq + more;
			result->number = it->number + more;
			result->accepted_us = accepted_us;
			if (self->options->committed)
				self->options->committed (self->options->arg, it->job);
		}
	}
}

/* Nothing was stored, so what the jobs were told about each other does not hold either. */
static int
s_fail_all (struct journal_job *jobs, int error)
{
	for (struct journal_job *job = jobs; job; job = job->next) {
		memset (&job->result, 0, sizeof job->result);
		job->result.code = error;
	}
	return error == SIAGA_EIO ? error : 0;
}

int
journal_group_run (struct journal_view *self, struct journal_job *jobs, uint64_t accepted_us)
{
	int error = s_group_begin (self, jobs);
	for (struct journal_job *job = jobs; error == 0 && job; job = job->next)
		error = s_judge (self, job);
	if (error == 0)
		error = s_commit (self, accepted_us);
	if (error != 0) {
		s_group_abandon (self);
		return s_fail_all (jobs, error);
	}
	s_tell (self, accepted_us);
	return (int) self->accepted_count;
}

int
journal_view_find (struct journal_view *self, const uint8_t id[SIAGA_ID_BYTES],
		   struct journal_found *found)
{
	const struct id_slot *slot = s_slot_of (self, id);
	if (!slot->taken) {
		uint64_t number;
		int error = self->journal->ops->find (self->journal, id, &number);
		if (error == 0)
			*found = (struct journal_found){.number = number};
		return error;
	}
	const struct judged *it = &self->judged[slot->judged];
	*found = (struct journal_found){it->number + slot->index, it->job, slot->index};
	return 0;
}

struct journal *
journal_view_journal (struct journal_view *self)
{
	return self->journal;
}

uint64_t
journal_view_number (const struct journal_view *self)
{
	return self->now->number;
}
