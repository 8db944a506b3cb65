/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal in memory, for tests: the same promises but durability, kept in plain arrays that are searched
 * from end to end (ids excepted), so that it can be seen to be right. One log is shared by its writer and
 * readers under a lock, and lives until the last of them is closed.
 */
#include "hub/journal.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "hub/journal_facts.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define MEMORY_CAPACITY_MIN 64

struct memory_batch {
	struct journal_record record; /* data owned */
	char origin[SIAGA_PRINCIPAL_MAX];
	size_t origin_size;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t first_oseq;
	uint8_t head_hash[SIAGA_HASH_BYTES];
};

struct memory_ref {
	uint8_t id[SIAGA_ID_BYTES];
	uint64_t number;
	bool is_deed; /* of an entry that `deeds` tells */
};

/* A growing array: `count` items of its own size. */
struct memory_array {
	void *items;
	size_t count;
	size_t capacity;
};

struct memory_log {
	pthread_mutex_t lock;
	unsigned users;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	struct memory_array batches; /* struct memory_batch */
	struct memory_array ids;     /* SIAGA_ID_BYTES each, by number */
	struct memory_array leaves;  /* SIAGA_HASH_BYTES each, by number */
	struct memory_array refs;    /* struct memory_ref, ascending by number */
	struct memory_facts facts;
	uint32_t *slots;   /* open addressing: number + 1 of an id, or 0 */
	size_t slot_count; /* a power of two */
};

struct journal_memory {
	struct journal base;
	bool writes;
	struct memory_log *log;
};

static struct memory_log *
s_log_of (struct journal *base)
{
	return ((struct journal_memory *) base)->log;
}

/* Room for `more` items: 0 or SIAGA_ENOMEM. */
static int
s_array_reserve (struct memory_array *array, size_t more, size_t item_size)
{
	size_t capacity = array->capacity ? array->capacity : MEMORY_CAPACITY_MIN;
	while (capacity < array->count + more)
		capacity *= 2;
	if (capacity == array->capacity)
		return 0;
	void *items = realloc (array->items, capacity * item_size);
	if (!items)
		return SIAGA_ENOMEM;
	array->items = items;
	array->capacity = capacity;
	return 0;
}

static const uint8_t *
s_id_at (const struct memory_log *log, uint64_t number)
{
	return (const uint8_t *) log->ids.items + number * SIAGA_ID_BYTES;
}

/* The slot of an id, or the free one where it would go. The last bytes of a UUIDv7 are random. */
static size_t
s_slot_of (const struct memory_log *log, const uint8_t *id)
{
	uint64_t hash;
	memcpy (&hash, id + SIAGA_ID_BYTES - sizeof hash, sizeof hash);
	size_t slot = (size_t) (hash * UINT64_C (0x9e3779b97f4a7c15) >> 32) & (log->slot_count - 1);
	while (log->slots[slot] &&
	       memcmp (s_id_at (log, log->slots[slot] - 1), id, SIAGA_ID_BYTES) != 0)
		slot = (slot + 1) & (log->slot_count - 1);
	return slot;
}

/* At most half of the slots are taken. */
static int
s_slots_reserve (struct memory_log *log, size_t more)
{
	size_t count = log->slot_count ? log->slot_count : MEMORY_CAPACITY_MIN;
	while (count < 2 * (log->ids.count + more))
		count *= 2;
	if (count == log->slot_count)
		return 0;
	uint32_t *slots = calloc (count, sizeof *slots);
	if (!slots)
		return SIAGA_ENOMEM;
	free (log->slots);
	log->slots = slots;
	log->slot_count = count;
	for (size_t i = 0; i < log->ids.count; i++)
		log->slots[s_slot_of (log, s_id_at (log, i))] = (uint32_t) i + 1;
	return 0;
}

/* Room for a whole group, and its bytes copied, before anything is added: then nothing can fail. */
static int
s_group_reserve (struct memory_log *log, const struct journal_batch *batches, size_t count,
		 uint8_t **copies)
{
	size_t entries = 0, refs = 0;
	for (size_t i = 0; i < count; i++) {
		entries += batches[i].batch->head.count;
		for (uint32_t j = 0; j < batches[i].batch->head.count; j++)
			refs += batches[i].headers[j].ref_count;
		copies[i] = malloc (batches[i].bytes.size);
		if (!copies[i])
			return SIAGA_ENOMEM;
		memcpy (copies[i], batches[i].bytes.data, batches[i].bytes.size);
	}
	if (s_array_reserve (&log->batches, count, sizeof (struct memory_batch)) != 0 ||
	    s_array_reserve (&log->ids, entries, SIAGA_ID_BYTES) != 0 ||
	    s_array_reserve (&log->leaves, entries, SIAGA_HASH_BYTES) != 0 ||
	    s_array_reserve (&log->refs, refs, sizeof (struct memory_ref)) != 0)
		return SIAGA_ENOMEM;
	return s_slots_reserve (log, entries);
}

static void
s_add_refs (struct memory_log *log, const struct siaga_header *header, uint64_t number)
{
	struct memory_ref *refs = log->refs.items;
	size_t first = log->refs.count;
	for (size_t i = 0; i < header->ref_count; i++) {
		bool twice = false;
		for (size_t j = first; j < log->refs.count; j++)
			twice = twice ||
				memcmp (refs[j].id, header->refs[i].id, SIAGA_ID_BYTES) == 0;
		if (twice)
			continue;
		struct memory_ref *ref = &refs[log->refs.count++];
		memcpy (ref->id, header->refs[i].id, SIAGA_ID_BYTES);
		ref->number = number;
		ref->is_deed = journal_is_deed (header);
	}
}

static void
s_add_entry (struct memory_log *log, const struct journal_batch *batch, uint32_t index,
	     uint64_t accepted_us)
{
	uint64_t number = log->ids.count;
	uint8_t *leaf = (uint8_t *) log->leaves.items + number * SIAGA_HASH_BYTES;
	const struct siaga_header *header = &batch->headers[index];
	log->slots[s_slot_of (log, header->id)] = (uint32_t) number + 1;
	memcpy ((uint8_t *) log->ids.items + number * SIAGA_ID_BYTES, header->id, SIAGA_ID_BYTES);
	siaga_log_leaf (leaf, accepted_us, batch->batch->slots[index].leaf);
	log->ids.count++;
	log->leaves.count++;
	s_add_refs (log, header, number);
}

static void
s_add_batch (struct memory_log *log, struct journal_batch *batch, uint8_t *copy,
	     uint64_t accepted_us)
{
	const struct siaga_batch_head *head = &batch->batch->head;
	struct memory_batch *memory =
		(struct memory_batch *) log->batches.items + log->batches.count++;
	batch->number = log->ids.count;
	*memory = (struct memory_batch){
		.record = {batch->number, head->count, accepted_us, copy, batch->bytes.size},
		.origin_size = head->origin.size,
		.first_oseq = head->first_oseq,
	};
	assert (head->origin.size <= sizeof memory->origin);
	memcpy (memory->origin, head->origin.data, head->origin.size);
	memcpy (memory->epoch, head->epoch, SIAGA_EPOCH_BYTES);
	siaga_head_hash (memory->head_hash, batch->batch->head_bytes);
	for (uint32_t i = 0; i < head->count; i++)
		s_add_entry (log, batch, i, accepted_us);
}

static int
s_memory_append (struct journal *base, struct journal_batch *batches, size_t count,
		 uint64_t accepted_us)
{
	struct memory_log *log = s_log_of (base);
	assert (((struct journal_memory *) base)->writes);
	uint8_t **copies = calloc (count ? count : 1, sizeof *copies);
	if (!copies)
		return SIAGA_ENOMEM;
	pthread_mutex_lock (&log->lock);
	int error = s_group_reserve (log, batches, count, copies);
	for (size_t i = 0; i < count; i++)
		if (error == 0)
			s_add_batch (log, &batches[i], copies[i], accepted_us);
		else
			free (copies[i]);
	pthread_mutex_unlock (&log->lock);
	free (copies);
	return error;
}

/* At once: a test's group that fails had no memory. */
static int
s_memory_put (struct journal *base, const struct journal_fact *fact)
{
	struct memory_log *log = s_log_of (base);
	pthread_mutex_lock (&log->lock);
	int error = memory_facts_put (&log->facts, fact);
	pthread_mutex_unlock (&log->lock);
	return error;
}

static int
s_memory_facts (struct journal *base, journal_fact_each *each, void *arg)
{
	struct memory_log *log = s_log_of (base);
	pthread_mutex_lock (&log->lock);
	int error = memory_facts_each (&log->facts, each, arg);
	pthread_mutex_unlock (&log->lock);
	return error;
}

/* The first batch that ends after `number`, or NULL; under the lock. */
static const struct memory_batch *
s_batch_of (const struct memory_log *log, uint64_t number)
{
	const struct memory_batch *batches = log->batches.items;
	size_t low = 0, high = log->batches.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct journal_record *record = &batches[middle].record;
		if (record->number + record->count > number)
			high = middle;
		else
			low = middle + 1;
	}
	return low < log->batches.count ? &batches[low] : NULL;
}

static int
s_memory_read (struct journal *base, uint64_t number, struct journal_record *record)
{
	struct memory_log *log = s_log_of (base);
	int error = SIAGA_ENOTFOUND;
	pthread_mutex_lock (&log->lock);
	const struct memory_batch *batch = s_batch_of (log, number);
	uint8_t *copy = batch ? malloc (batch->record.size) : NULL;
	if (batch && !copy)
		error = SIAGA_ENOMEM;
	if (copy) {
		error = 0;
		*record = batch->record;
		record->data = memcpy (copy, batch->record.data, batch->record.size);
	}
	pthread_mutex_unlock (&log->lock);
	return error;
}

static int
s_memory_find (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number)
{
	struct memory_log *log = s_log_of (base);
	uint32_t held = 0;
	pthread_mutex_lock (&log->lock);
	if (log->slot_count)
		held = log->slots[s_slot_of (log, id)];
	pthread_mutex_unlock (&log->lock);
	if (held == 0)
		return SIAGA_ENOTFOUND;
	*number = held - 1;
	return 0;
}

static int
s_numbers (struct journal *base, const uint8_t *id, uint64_t from, bool deeds, uint64_t *numbers,
	   size_t max)
{
	struct memory_log *log = s_log_of (base);
	size_t count = 0;
	pthread_mutex_lock (&log->lock);
	const struct memory_ref *refs = log->refs.items;
	for (size_t i = 0; i < log->refs.count && count < max; i++)
		if (refs[i].number >= from && (refs[i].is_deed || !deeds) &&
		    memcmp (refs[i].id, id, SIAGA_ID_BYTES) == 0)
			numbers[count++] = refs[i].number;
	pthread_mutex_unlock (&log->lock);
	return (int) count;
}

static int
s_memory_referring (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t *numbers,
		    size_t max)
{
	return s_numbers (base, id, 0, false, numbers, max);
}

static int
s_memory_deeds (struct journal *base, const uint8_t id[SIAGA_ID_BYTES], uint64_t from,
		uint64_t *numbers, size_t max)
{
	return s_numbers (base, id, from, true, numbers, max);
}

static bool
s_is_lane (const struct memory_batch *batch, struct siaga_text origin, const uint8_t *epoch)
{
	return siaga_text_equal ((struct siaga_text){batch->origin, batch->origin_size}, origin) &&
	       memcmp (batch->epoch, epoch, SIAGA_EPOCH_BYTES) == 0;
}

/* The lane's last batch, or the one that begins at first_oseq unless that is 0. */
static int
s_lane_find (struct journal *base, struct siaga_text origin, const uint8_t *epoch,
	     uint64_t first_oseq, struct journal_mark *mark)
{
	struct memory_log *log = s_log_of (base);
	const struct memory_batch *found = NULL;
	pthread_mutex_lock (&log->lock);
	const struct memory_batch *batches = log->batches.items;
	for (size_t i = log->batches.count; i > 0 && !found; i--)
		if (s_is_lane (&batches[i - 1], origin, epoch) &&
		    (first_oseq == 0 || batches[i - 1].first_oseq == first_oseq))
			found = &batches[i - 1];
	if (found) {
		mark->oseq = found->first_oseq + found->record.count - 1;
		mark->number = found->record.number + found->record.count - 1;
		memcpy (mark->head_hash, found->head_hash, SIAGA_HASH_BYTES);
	}
	pthread_mutex_unlock (&log->lock);
	return found ? 0 : SIAGA_ENOTFOUND;
}

static int
s_memory_mark (struct journal *base, struct siaga_text origin,
	       const uint8_t epoch[SIAGA_EPOCH_BYTES], struct journal_mark *mark)
{
	memset (mark, 0, sizeof *mark);
	return s_lane_find (base, origin, epoch, 0, mark);
}

static int
s_memory_batch_at (struct journal *base, struct siaga_text origin,
		   const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t first_oseq,
		   struct journal_mark *mark)
{
	return first_oseq ? s_lane_find (base, origin, epoch, first_oseq, mark) : SIAGA_ENOTFOUND;
}

static uint64_t
s_memory_head (struct journal *base)
{
	struct memory_log *log = s_log_of (base);
	pthread_mutex_lock (&log->lock);
	uint64_t head = log->ids.count;
	pthread_mutex_unlock (&log->lock);
	return head;
}

static int
s_memory_leaf (struct journal *base, uint64_t number, uint8_t hash[SIAGA_HASH_BYTES])
{
	struct memory_log *log = s_log_of (base);
	pthread_mutex_lock (&log->lock);
	bool held = number < log->leaves.count;
	if (held)
		memcpy (hash, (const uint8_t *) log->leaves.items + number * SIAGA_HASH_BYTES,
			SIAGA_HASH_BYTES);
	pthread_mutex_unlock (&log->lock);
	return held ? 0 : SIAGA_ENOTFOUND;
}

static int
s_memory_root (struct journal *base, uint64_t size, uint8_t root[SIAGA_HASH_BYTES])
{
	struct memory_log *log = s_log_of (base);
	pthread_mutex_lock (&log->lock);
	bool held = size <= log->leaves.count;
	if (held)
		siaga_merkle_root (root, log->leaves.items, size);
	pthread_mutex_unlock (&log->lock);
	return held ? 0 : SIAGA_ENOTFOUND;
}

static int
s_memory_leaves (struct journal *base, uint64_t number, size_t count, uint8_t *hashes)
{
	struct memory_log *log = s_log_of (base);
	pthread_mutex_lock (&log->lock);
	bool held = number + count <= log->leaves.count;
	if (held)
		memcpy (hashes, (const uint8_t *) log->leaves.items + number * SIAGA_HASH_BYTES,
			count * SIAGA_HASH_BYTES);
	pthread_mutex_unlock (&log->lock);
	return held ? 0 : SIAGA_ENOTFOUND;
}

static int
s_memory_path (struct journal *base, uint64_t number, uint64_t size, uint8_t *path, size_t *length)
{
	struct memory_log *log = s_log_of (base);
	if (number >= size)
		return SIAGA_EUSAGE;
	pthread_mutex_lock (&log->lock);
	bool held = size <= log->leaves.count;
	if (held)
		*length = siaga_merkle_path (path, log->leaves.items, size, number);
	pthread_mutex_unlock (&log->lock);
	return held ? 0 : SIAGA_ENOTFOUND;
}

static const uint8_t *
s_memory_log_id (struct journal *base)
{
	return s_log_of (base)->log_id;
}

static void
s_log_destroy (struct memory_log *log)
{
	struct memory_batch *batches = log->batches.items;
	for (size_t i = 0; i < log->batches.count; i++)
		journal_record_finish (&batches[i].record);
	free (log->batches.items);
	free (log->ids.items);
	free (log->leaves.items);
	free (log->refs.items);
	free (log->slots);
	memory_facts_finish (&log->facts);
	pthread_mutex_destroy (&log->lock);
	free (log);
}

static void
s_memory_close (struct journal **base_p)
{
	assert (base_p);
	if (!*base_p)
		return;
	struct memory_log *log = s_log_of (*base_p);
	pthread_mutex_lock (&log->lock);
	unsigned users = --log->users;
	pthread_mutex_unlock (&log->lock);
	if (users == 0)
		s_log_destroy (log);
	free (*base_p);
	*base_p = NULL;
}

static const struct journal_ops memory_ops = {
	.name = "memory",
	.append = s_memory_append,
	.put = s_memory_put,
	.facts = s_memory_facts,
	.read = s_memory_read,
	.find = s_memory_find,
	.referring = s_memory_referring,
	.deeds = s_memory_deeds,
	.mark = s_memory_mark,
	.batch_at = s_memory_batch_at,
	.head = s_memory_head,
	.leaf = s_memory_leaf,
	.root = s_memory_root,
	.leaves = s_memory_leaves,
	.path = s_memory_path,
	.log_id = s_memory_log_id,
	.close = s_memory_close,
};

static int
s_memory_new (struct journal **self_p, struct memory_log *log, bool writes)
{
	struct journal_memory *self = calloc (1, sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	self->base.ops = &memory_ops;
	self->writes = writes;
	self->log = log;
	pthread_mutex_lock (&log->lock);
	log->users++;
	pthread_mutex_unlock (&log->lock);
	*self_p = &self->base;
	return 0;
}

int
journal_open_memory (struct journal **self_p)
{
	struct memory_log *log = calloc (1, sizeof *log);
	if (!log)
		return SIAGA_ENOMEM;
	pthread_mutex_init (&log->lock, NULL);
	randombytes_buf (log->log_id, sizeof log->log_id);
	int error = s_memory_new (self_p, log, true);
	if (error != 0)
		s_log_destroy (log);
	return error;
}

int
journal_memory_reader (struct journal *writer, struct journal **reader_p)
{
	assert (writer->ops == &memory_ops);
	return s_memory_new (reader_p, s_log_of (writer), false);
}

int
journal_memory_writer (struct journal *reader, struct journal **writer_p)
{
	assert (reader->ops == &memory_ops);
	return s_memory_new (writer_p, s_log_of (reader), true);
}
