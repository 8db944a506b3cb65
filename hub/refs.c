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

/* The entry being judged. */
struct checked {
	struct life_cache *lives;
	struct journal_view *view;
	const struct journal_job *job;
	uint32_t index;
};

/* Who sees one sees the other; and an exercise stays one. */
static bool
s_is_alike (const struct siaga_header *a, const struct siaga_header *b)
{
	if (a->tlp != b->tlp || a->status != b->status || a->audience_count != b->audience_count)
		return false;
	for (size_t i = 0; i < a->audience_count; i++)
		if (!siaga_text_equal (a->audience[i], b->audience[i]))
			return false;
	return true;
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
	struct siaga_bytes entry = journal_record_entry (record, number);
	if (number < record->number)
		return SIAGA_ENOTFOUND;
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
		return s_is_alike (header, &target->header);
	return siaga_text_equal (header->origin, target->header.origin);
}

static bool
s_has_refs (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_ALERT || header->kind == SIAGA_KIND_UPDATE ||
	       header->kind == SIAGA_KIND_CANCEL || header->kind == SIAGA_KIND_RESPONSE;
}

/* Updates and comments are allowed in every state, and change none. */
static bool
s_is_judged (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_CANCEL ||
	       (header->kind == SIAGA_KIND_RESPONSE && header->action != SIAGA_ACTION_COMMENT);
}

/* Does the alert's state allow it? Asked of its first ref, once all else is well. */
static int
s_check_life (const struct checked *checked, const struct target *target)
{
	struct life_question question = {
		.job = checked->job,
		.index = checked->index,
		.alert = &target->header,
	};

	return life_cache_judge (checked->lives, checked->view, &question);
}

/* 0, what can never be taken, or an error of the journal. The first ref comes last. */
static int
s_check_ref (const struct checked *checked, size_t place)
{
	const struct siaga_header *header = &checked->job->headers[checked->index];
	const struct ingest_tag *tag = checked->job->tag;
	const struct siaga_ref *ref = &header->refs[place];
	struct target target;

	int error = s_find_target (checked->view, ref, &target);
	if (error == SIAGA_ENOTFOUND ||
	    (!error && !s_may_refer (&tag->member, header, place, ref, &target)))
		error = SIAGA_EREF;
	if (!error && place == 0 && s_is_judged (header))
		error = s_check_life (checked, &target);
	if (target.record.data)
		journal_record_finish (&target.record);
	return error;
}

static int
s_check_entry (const struct checked *checked)
{
	size_t refs = checked->job->headers[checked->index].ref_count;
	int error = 0;

	while (!error && refs > 0)
		error = s_check_ref (checked, --refs);
	return error;
}

static bool
s_is_final (int error)
{
	return error == SIAGA_EREF || error == SIAGA_ESTATE || error == SIAGA_ELIMIT ||
	       error == SIAGA_EMALFORMED;
}

int
core_check_refs (void *arg, struct journal_view *view, const struct journal_job *job,
		 struct siaga_bad *bad, size_t *bad_count)
{
	const struct core *core = arg;
	struct checked checked = {.lives = core->lives, .view = view, .job = job};

	life_cache_begin (core->lives, view);
	if (!job->tag) /* the hub's own */
		return 0;
	for (uint32_t i = 0; i < job->batch.slot_count; i++) {
		if (!s_has_refs (&job->headers[i]))
			continue;
		checked.index = i;
		int error = s_check_entry (&checked);
		if (s_is_final (error))
			bad[(*bad_count)++] = (struct siaga_bad){.index = i, .code = error};
		else if (error)
			return error;
	}
	return 0;
}
