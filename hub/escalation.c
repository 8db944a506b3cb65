/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See escalation.h: what of the log concerns a deadline.
 */
#include "hub/escalation_private.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define DROPPED_MS 600000 /* that something was dropped counts so long */
#define LOOKUPS_PER_TICK 64

int
escalation_new (struct escalation **self_p, struct core *core)
{
	struct escalation *self = calloc (1, sizeof *self);

	if (!self)
		return SIAGA_ENOMEM;
	self->core = core;
	self->lookups = LOOKUPS_PER_TICK;
	followed_table_init (&self->table);
	self->mono_ms = clock_mono_ms ();
	int error = escalation_recall (self);
	if (error)
		escalation_destroy (&self);
	else
		*self_p = self;
	return error;
}

void
escalation_destroy (struct escalation **self_p)
{
	if (*self_p)
		followed_table_finish (&(*self_p)->table);
	free (*self_p);
	*self_p = NULL;
}

size_t
escalation_count (const struct escalation *self)
{
	return self->table.count;
}

/* --- an alert ------------------------------------------------------------------------------------------- */

int
escalation_read (struct escalation *self, uint64_t number, struct siaga_header *header,
		 struct siaga_bytes *bytes, uint64_t *accepted_us)
{
	const struct record *record;

	int error = record_cache_get (self->core->cache, number, &record);
	if (error)
		return error;
	if (number < record->number || number - record->number >= record->count)
		return SIAGA_ENOTFOUND; /* its bytes are no longer kept */
	*header = record->headers[number - record->number];
	*bytes = record->batch->slots[number - record->number].entry;
	*accepted_us = record->accepted_us;
	return 0;
}

bool
escalation_set_duty (struct escalation *self, struct followed *followed)
{
	struct siaga_header header;
	struct siaga_bytes bytes;
	struct siaga_duty duty;
	uint64_t accepted_us;

	if (escalation_read (self, followed->number, &header, &bytes, &accepted_us) != 0)
		return false;
	header.severity = followed->severity;
	if (!siaga_roster_duty (self->core->trust->roster, &header, accepted_us, &duty) ||
	    !followed_concerns (&duty))
		return false;
	followed_set_duty (followed, &duty);
	return true;
}

static bool
s_is_covered (const struct escalation *self, const struct siaga_header *header, uint64_t at_us,
	      struct siaga_duty *duty)
{
	return siaga_roster_duty (self->core->trust->roster, header, at_us, duty) &&
	       followed_concerns (duty);
}

/* Its header is `alert`, with the severity that counts now. */
static struct followed *
s_follow (struct escalation *self, const struct siaga_header *alert, uint64_t number,
	  uint64_t accepted_us, uint64_t at_ms)
{
	struct siaga_duty duty;

	if (!s_is_covered (self, alert, accepted_us, &duty))
		return NULL;
	struct followed *followed =
		followed_table_add (&self->table, alert->id, number, alert->severity);
	if (!followed)
		return NULL;
	followed->accepted_us = accepted_us;
	if (alert->expires_us > 0)
		followed->over_ms =
			at_ms + (alert->expires_us > alert->created_us
					 ? (alert->expires_us - alert->created_us) / 1000
					 : 0);
	followed_open (followed, accepted_us, at_ms);
	followed_set_duty (followed, &duty);
	return followed;
}

/* --- what was done to one ------------------------------------------------------------------------------- */

/* Is the alert of that update severe only now, and touched by nobody? One that was covered before has had its
   deadlines. */
static bool
s_is_raised (struct escalation *self, const struct siaga_header *alert, uint64_t accepted_us,
	     uint64_t number)
{
	struct journal *journal = self->core->journal;
	struct siaga_duty duty;
	uint64_t deed;

	if (s_is_covered (self, alert, accepted_us, &duty))
		return false;
	int count = journal->ops->deeds (journal, alert->id, 0, &deed, 1);
	return count == 0 || (count == 1 && deed > number);
}

/* An alert that is not followed and may have to be: opened again, or raised by an update. */
static struct followed *
s_follow_late (struct escalation *self, const struct escalation_entry *entry)
{
	const struct siaga_header *header = entry->header;
	struct journal *journal = self->core->journal;
	bool is_update = header->kind == SIAGA_KIND_UPDATE;
	struct siaga_header alert;
	struct siaga_bytes bytes;
	struct siaga_duty duty;
	uint64_t number, accepted_us;

	if (is_update && !s_is_covered (self, header, entry->accepted_us, &duty))
		return NULL;
	if (self->lookups == 0) {
		self->table.dropped++;
		return NULL;
	}
	self->lookups--;
	if (journal->ops->find (journal, header->refs[0].id, &number) != 0 ||
	    escalation_read (self, number, &alert, &bytes, &accepted_us) != 0 ||
	    (is_update && !s_is_raised (self, &alert, accepted_us, entry->number)))
		return NULL;
	if (is_update)
		alert.severity = header->severity;
	uint64_t age_ms =
		entry->accepted_us > accepted_us ? (entry->accepted_us - accepted_us) / 1000 : 0;
	struct followed *followed = s_follow (self, &alert, number, accepted_us,
					      entry->at_ms > age_ms ? entry->at_ms - age_ms : 0);
	if (!followed)
		return NULL;
	followed->is_late = is_update;
	followed_open (followed, entry->accepted_us, entry->at_ms);
	return followed;
}

static int
s_read_deed (const struct escalation_entry *entry, struct siaga_deed *deed)
{
	static struct siaga_body body; /* of the core's thread */
	struct siaga_header header;

	if (siaga_entry_read (entry->bytes, &header, &body) != 0)
		return SIAGA_EMALFORMED;
	return siaga_deed_read (deed, &header, &body);
}

static void
s_on_deed (struct escalation *self, const struct escalation_entry *entry)
{
	const struct siaga_header *header = entry->header;
	struct siaga_deed deed;

	if (header->ref_count == 0 || header->action == SIAGA_ACTION_COMMENT)
		return;
	struct followed *followed = followed_table_find (&self->table, header->refs[0].id);
	if (!followed &&
	    (header->kind == SIAGA_KIND_UPDATE || header->action == SIAGA_ACTION_REOPEN))
		followed = s_follow_late (self, entry);
	if (!followed || entry->number < followed->through || s_read_deed (entry, &deed) != 0)
		return;
	followed->through = entry->number + 1;
	bool is_changed = deed.what == SIAGA_DEED_UPDATE && deed.severity != followed->severity;
	if (deed.what == SIAGA_DEED_UPDATE && !is_changed)
		return; /* an agent's counting */
	followed->is_dirty = true;
	if (is_changed)
		followed_table_move (&self->table, followed, deed.severity);
	followed_apply (followed, &deed, entry->accepted_us, entry->at_ms);
	if (is_changed && !escalation_set_duty (self, followed))
		followed_table_drop (&self->table, &followed);
}

void
escalation_look (struct escalation *self, const struct escalation_entry *entry)
{
	const struct siaga_header *header = entry->header;

	self->through = entry->number + 1;
	if (header->kind == SIAGA_KIND_ALERT) {
		/* In a storm the look into a table of many thousands would cost more than all else here. */
		if (entry->number < self->table.newest &&
		    followed_table_find (&self->table, header->id))
			return; /* remembered */
		struct followed *followed =
			s_follow (self, header, entry->number, entry->accepted_us, entry->at_ms);
		if (followed)
			followed->through = entry->number + 1;
	} else if (header->kind == SIAGA_KIND_UPDATE || header->kind == SIAGA_KIND_CANCEL ||
		   header->kind == SIAGA_KIND_RESPONSE) {
		s_on_deed (self, entry);
	}
}

/* --- what happens --------------------------------------------------------------------------------------- */

static void
s_advance (struct escalation *self)
{
	uint64_t now_ms = clock_mono_ms ();

	self->clock_ms += now_ms - self->mono_ms;
	self->mono_ms = now_ms;
}

void
escalation_on_published (struct escalation *self, const struct journal_job *job)
{
	uint32_t count = job->batch.slot_count;

	s_advance (self);
	for (uint32_t i = 0; i < count; i++) {
		struct escalation_entry entry = {
			.header = &job->headers[i],
			.bytes = job->batch.slots[i].entry,
			.number = job->result.number - (count - 1) + i,
			.accepted_us = job->result.accepted_us,
			.at_ms = self->clock_ms,
		};
		escalation_look (self, &entry);
	}
}

void
escalation_on_roster (struct escalation *self)
{
	struct followed *followed = followed_table_next (&self->table, NULL);

	while (followed) {
		struct followed *next = followed_table_next (&self->table, followed);
		if (!escalation_set_duty (self, followed))
			followed_table_drop (&self->table, &followed);
		followed = next;
	}
}

static void
s_tell_dropped (struct escalation *self)
{
	char words[CONDITION_WORDS_MAX + 1];

	if (self->table.dropped == self->dropped_told)
		return;
	self->dropped_told = self->table.dropped;
	snprintf (words, sizeof words,
		  "more than %d alerts with a deadline are open; %llu deadlines are not followed",
		  HUB_FOLLOWED_MAX, (unsigned long long) self->table.dropped);
	conditions_report (presence_conditions (self->core->presence), CONDITION_FOLLOWED, "",
			   DROPPED_MS, clock_now_us (), words);
}

void
escalation_on_tick (struct escalation *self)
{
	s_advance (self);
	self->lookups = LOOKUPS_PER_TICK;
	s_tell_dropped (self);
	escalation_say (self);
}
