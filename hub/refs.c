/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an entry refers to must be there, be seen by the member that refers to it, and be what was meant: its
 * leaf hash says so. Judged on the writer's thread, where the log and the group about to be committed are
 * known: an update may travel right behind its alert. "Unknown" and "hidden" are one answer.
 */
#include <sysexits.h>

#include "hub/core_private.h"
#include "siaga/error.h"

/* The entry a ref names, wherever it stands. */
struct target {
	const struct siaga_header *header;
	const uint8_t *leaf;
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

static int
s_read_target (struct core *self, struct journal_view *view, uint64_t number, struct target *target)
{
	const struct record *record;

	if (!self->ref_cache)
		self->ref_cache = record_cache_new (journal_view_journal (view));
	if (!self->ref_cache)
		return SIAGA_ENOMEM;
	int error = record_cache_get (self->ref_cache, number, &record);
	if (error)
		return error;
	if (number < record->number)
		return SIAGA_ENOTFOUND;
	target->header = &record->headers[number - record->number];
	target->leaf = record->batch->slots[number - record->number].leaf;
	return 0;
}

static int
s_find_target (struct core *self, struct journal_view *view, const struct siaga_ref *ref,
	       struct target *target)
{
	struct journal_found found;

	int error = journal_view_find (view, ref->id, &found);
	if (error)
		return error;
	if (!found.job)
		return s_read_target (self, view, found.number, target);
	target->header = &found.job->headers[found.index];
	target->leaf = found.job->batch.slots[found.index].leaf;
	return 0;
}

/* May `header` have `target` as its ref of that place? The first is the alert. */
static bool
s_may_refer (const struct siaga_member *member, const struct siaga_header *header, size_t place,
	     const struct siaga_ref *ref, const struct target *target)
{
	if (memcmp (ref->leaf, target->leaf, SIAGA_HASH_BYTES) != 0 ||
	    !siaga_may_see (member, target->header))
		return false;
	if (place > 0 || header->kind == SIAGA_KIND_ALERT)
		return true;
	if (target->header->kind != SIAGA_KIND_ALERT)
		return false;
	if (header->kind == SIAGA_KIND_RESPONSE)
		return s_is_same_audience (header, target->header);
	return siaga_text_equal (header->origin, target->header->origin);
}

static bool
s_has_refs (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_ALERT || header->kind == SIAGA_KIND_UPDATE ||
	       header->kind == SIAGA_KIND_CANCEL || header->kind == SIAGA_KIND_RESPONSE;
}

/* 0, SIAGA_EREF, or an error of the journal. */
static int
s_check_entry (struct core *self, struct journal_view *view, const struct siaga_member *member,
	       const struct siaga_header *header)
{
	for (size_t i = 0; i < header->ref_count; i++) {
		struct target target;
		int error = s_find_target (self, view, &header->refs[i], &target);
		if (error && error != SIAGA_ENOTFOUND)
			return error;
		if (error || !s_may_refer (member, header, i, &header->refs[i], &target))
			return SIAGA_EREF;
	}
	return 0;
}

int
core_check_refs (void *arg, struct journal_view *view, const struct journal_job *job,
		 struct siaga_bad *bad, size_t *bad_count)
{
	const struct ingest_tag *tag = job->tag;

	if (!tag) /* the hub's own */
		return 0;
	for (uint32_t i = 0; i < job->batch.slot_count; i++) {
		const struct siaga_header *header = &job->headers[i];
		if (!s_has_refs (header))
			continue;
		int error = s_check_entry (arg, view, &tag->member, header);
		if (error == SIAGA_EREF)
			bad[(*bad_count)++] = (struct siaga_bad){.index = i, .code = error};
		else if (error)
			return error;
	}
	return 0;
}
