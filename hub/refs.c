/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry refers to must be there, be seen by the member that refers to it, and be what was meant: its
 * leaf hash says so. Judged on the writer's thread, where the log and the group about to be committed are
 * known: an update may travel right behind its alert. "Unknown" and "hidden" are one answer.
 *
 * Everybody's batches wait here, and a batch can hold a thousand refs into as many others: only the entry that is
 * meant is read out of each, and nothing is hashed but that.
 */
#include <stdlib.h>

#include "hub/core_private.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

/* The entry a ref names, wherever it stands; its texts are of `record` or of a job. */
struct target {
	struct siaga_header header;
	uint8_t leaf[SIAGA_HASH_BYTES];
	struct journal_record record; /* owned; data may be NULL */
};

static bool
s_is_same_audience (const struct siaga_header *a, const struct siaga_header *b)
{
	if (a->tlp != b->tlp || a->audience_count != b->audience_count)
		return false;
	for (size_t i = 0; i < a->audience_count; i++)
		if (!siaga_text_equal (a->audience[i], b->audience[i]))
			return false;
	return true;
}

/* The entry at an index of a batch as it was stored; it was checked before. */
static struct siaga_bytes
s_entry_at (const struct journal_record *record, uint64_t index)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, record->data, record->size);
	siaga_reader_array_of (&reader, 4);
	siaga_reader_uint (&reader);
	siaga_reader_skip (&reader); /* head, signature */
	siaga_reader_skip (&reader);
	siaga_reader_array_of (&reader, record->count);
	for (; index > 0 && !reader.error; index--)
		siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
	return siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
}

static int
s_read_target (struct journal_view *view, uint64_t number, struct target *target)
{
	struct journal *journal = journal_view_journal (view);
	struct journal_record *record = &target->record;
	struct siaga_bytes body;

	int error = journal->ops->read (journal, number, record);
	if (error) {
		record->data = NULL;
		return error;
	}
	if (number < record->number)
		return SIAGA_ENOTFOUND;
	struct siaga_bytes entry = s_entry_at (record, number - record->number);
	if (siaga_header_read (entry, &target->header, &body) != 0)
		return SIAGA_EIO;
	siaga_merkle_leaf (target->leaf, entry.data, entry.size);
	return 0;
}

static int
s_find_target (struct journal_view *view, const struct siaga_ref *ref, struct target *target)
{
	struct journal_found found;

	target->record.data = NULL;
	int error = journal_view_find (view, ref->id, &found);
	if (error)
		return error;
	if (!found.job)
		return s_read_target (view, found.number, target);
	target->header = found.job->headers[found.index];
	memcpy (target->leaf, found.job->batch.slots[found.index].leaf, sizeof target->leaf);
	return 0;
}

/* May `header` have `target` as its ref of that place? The first is the alert. */
static bool
s_may_refer (const struct siaga_member *member, const struct siaga_header *header, size_t place,
	     const struct siaga_ref *ref, const struct target *target)
{
	if (memcmp (ref->leaf, target->leaf, SIAGA_HASH_BYTES) != 0 ||
	    !siaga_may_see (member, &target->header))
		return false;
	if (place > 0 || header->kind == SIAGA_KIND_ALERT)
		return true;
	if (target->header.kind != SIAGA_KIND_ALERT)
		return false;
	if (header->kind == SIAGA_KIND_RESPONSE)
		return s_is_same_audience (header, &target->header);
	return siaga_text_equal (header->origin, target->header.origin);
}

static bool
s_has_refs (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_ALERT || header->kind == SIAGA_KIND_UPDATE ||
	       header->kind == SIAGA_KIND_CANCEL || header->kind == SIAGA_KIND_RESPONSE;
}

/* 0, SIAGA_EREF, or an error of the journal. */
static int
s_check_ref (struct journal_view *view, const struct siaga_member *member,
	     const struct siaga_header *header, size_t place)
{
	const struct siaga_ref *ref = &header->refs[place];
	struct target target;

	int error = s_find_target (view, ref, &target);
	if (error == SIAGA_ENOTFOUND ||
	    (!error && !s_may_refer (member, header, place, ref, &target)))
		error = SIAGA_EREF;
	if (target.record.data)
		journal_record_finish (&target.record);
	return error;
}

static int
s_check_entry (struct journal_view *view, const struct siaga_member *member,
	       const struct siaga_header *header)
{
	int error = 0;

	for (size_t i = 0; !error && i < header->ref_count; i++)
		error = s_check_ref (view, member, header, i);
	return error;
}

int
core_check_refs (void *arg, struct journal_view *view, const struct journal_job *job,
		 struct siaga_bad *bad, size_t *bad_count)
{
	const struct ingest_tag *tag = job->tag;

	(void) arg;
	if (!tag) /* the hub's own */
		return 0;
	for (uint32_t i = 0; i < job->batch.slot_count; i++) {
		const struct siaga_header *header = &job->headers[i];
		if (!s_has_refs (header))
			continue;
		int error = s_check_entry (view, &tag->member, header);
		if (error == SIAGA_EREF)
			bad[(*bad_count)++] = (struct siaga_bad){.index = i, .code = error};
		else if (error)
			return error;
	}
	return 0;
}
