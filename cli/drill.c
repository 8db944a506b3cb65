/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill.h.
 */
#include "cli/drill.h"

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

void
drill_init (struct drill *self, const uint8_t id[SIAGA_ID_BYTES], const struct siaga_roster *roster)
{
	*self = (struct drill){.roster = roster};
	memcpy (self->id, id, SIAGA_ID_BYTES);
}

void
drill_finish (struct drill *self)
{
	for (size_t i = 0; i < self->inject_count; i++)
		free (self->injects[i].entry);
	free (self->injects);
	free (self->marks);
	*self = (struct drill){0};
}

static void
s_copy (char *out, size_t size, struct siaga_text text)
{
	snprintf (out, size, "%.*s", (int) text.size, text.size ? text.data : "");
}

static struct siaga_text
s_title (const struct reader_entry *entry)
{
	return entry->header->sealed.size ? siaga_text ("(sealed)") : entry->body->title;
}

static int
s_add_inject (struct drill *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	if (self->inject_count == SCENARIO_INJECTS_MAX) {
		self->dropped++;
		return 0;
	}
	struct drill_inject *injects =
		realloc (self->injects, (self->inject_count + 1) * sizeof *injects);
	if (!injects)
		return SIAGA_ENOMEM;
	self->injects = injects;
	struct drill_inject *inject = &injects[self->inject_count];
	*inject = (struct drill_inject){.number = entry->number,
					.accepted_us = entry->accepted_us,
					.severity = header->severity,
					.size = entry->bytes.size,
					.entry = malloc (entry->bytes.size)};
	if (!inject->entry)
		return SIAGA_ENOMEM;
	memcpy (inject->entry, entry->bytes.data, inject->size);
	memcpy (inject->ref.id, header->id, SIAGA_ID_BYTES);
	memcpy (inject->ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
	s_copy (inject->title, sizeof inject->title, s_title (entry));
	s_copy (inject->system, sizeof inject->system, header->system);
	drill_terms_read (&inject->terms, entry->body);
	for (size_t i = 0; i < self->roster->member_count && i < SIAGA_MEMBERS_MAX; i++)
		inject->seen[i] = siaga_may_see (&self->roster->members[i], header);
	siaga_life_begin (&inject->life, header, entry->accepted_us);
	self->inject_count++;
	return 0;
}

static int
s_add_opening (struct drill *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	self->found = true;
	self->number = entry->number;
	self->accepted_us = entry->accepted_us;
	memcpy (self->ref.id, header->id, SIAGA_ID_BYTES);
	memcpy (self->ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
	s_copy (self->title, sizeof self->title, s_title (entry));
	s_copy (self->origin, sizeof self->origin, header->origin);
	self->is_roll_call = siaga_text_is (entry->body->detector.rule_id, "rollcall");
	return self->is_roll_call ? s_add_inject (self, entry) : 0;
}

/* An inject is the exercise's own: of the person who opened it, and of exercise status. */
static bool
s_is_inject (const struct drill *self, const struct siaga_header *header)
{
	return self->found && !self->is_roll_call && header->ref_count > 0 &&
	       memcmp (&header->refs[0], &self->ref, sizeof self->ref) == 0 &&
	       header->status == SIAGA_STATUS_EXERCISE &&
	       siaga_text_is (header->origin, self->origin);
}

const struct drill_inject *
drill_find (const struct drill *self, const uint8_t id[SIAGA_ID_BYTES])
{
	for (size_t i = 0; i < self->inject_count; i++)
		if (memcmp (self->injects[i].ref.id, id, SIAGA_ID_BYTES) == 0)
			return &self->injects[i];
	return NULL;
}

static int
s_add_mark (struct drill *self, const struct drill_mark *mark)
{
	if (self->mark_count == DRILL_MARKS_MAX) {
		self->dropped++;
		return 0;
	}
	if ((self->mark_count & (self->mark_count - 1)) == 0) { /* grows at powers of two */
		size_t room = self->mark_count ? 2 * self->mark_count : 1;
		struct drill_mark *marks = realloc (self->marks, room * sizeof *marks);
		if (!marks)
			return SIAGA_ENOMEM;
		self->marks = marks;
	}
	self->marks[self->mark_count++] = *mark;
	return 0;
}

static int
s_add_deed (struct drill *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	struct siaga_deed deed;
	struct drill_mark mark = {.at_us = entry->accepted_us, .number = entry->number};
	if (header->ref_count == 0 || siaga_deed_read (&deed, header, entry->body))
		return 0;
	if (deed.what == SIAGA_DEED_CANCEL && self->found && self->ended_us == 0 &&
	    memcmp (&header->refs[0], &self->ref, sizeof self->ref) == 0 &&
	    siaga_text_is (header->origin, self->origin))
		self->ended_us = entry->accepted_us;
	for (size_t i = 0; i < self->inject_count; i++) {
		struct drill_inject *inject = &self->injects[i];
		if (memcmp (&header->refs[0], &inject->ref, sizeof inject->ref) != 0)
			continue;
		if (siaga_life_apply (&inject->life, &deed, entry->accepted_us))
			return 0;
		mark.inject = i;
		mark.what = deed.what;
		s_copy (mark.principal, sizeof mark.principal, header->origin);
		return s_add_mark (self, &mark);
	}
	return 0;
}

int
drill_add (struct drill *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	if (header->kind != SIAGA_KIND_ALERT)
		return s_add_deed (self, entry);
	if (!self->found && memcmp (header->id, self->id, SIAGA_ID_BYTES) == 0)
		return siaga_text_is (entry->body->detector.tool, DRILL_TOOL)
			       ? s_add_opening (self, entry)
			       : 0;
	return s_is_inject (self, header) && !drill_find (self, header->id)
		       ? s_add_inject (self, entry)
		       : 0;
}
