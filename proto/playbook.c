/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who does what: pure questions of a roster's playbook. See siaga/playbook.h.
 */
#include "siaga/playbook.h"
#include "siaga/roster.h"

#include <stdlib.h>

static bool
s_play_matches (const struct siaga_play *play, const struct siaga_header *header)
{
	if (header->severity < play->min_severity ||
	    (play->has_max_tlp && header->tlp > play->max_tlp))
		return false;
	if (play->statuses != 0 && (play->statuses & 1U << header->status) == 0)
		return false;
	if (play->category[0] != '\0' &&
	    !siaga_category_in (header->category, siaga_text (play->category)))
		return false;
	return play->system[0] == '\0' || siaga_text_is (header->system, play->system);
}

const struct siaga_play *
siaga_roster_play (const struct siaga_roster *self, const struct siaga_header *header)
{
	for (size_t i = 0; i < self->play_count; i++)
		if (s_play_matches (&self->plays[i], header))
			return &self->plays[i];
	return NULL;
}

const struct siaga_phase *
siaga_roster_phase (const struct siaga_roster *self, uint64_t at_us)
{
	for (size_t i = 0; i < self->phase_count; i++)
		if (at_us >= self->phases[i].from_us && at_us < self->phases[i].until_us)
			return &self->phases[i];
	return NULL;
}

static void
s_take (uint64_t *value, uint64_t said)
{
	if (*value == 0)
		*value = said;
}

/* A chain never leads back to who leads. */
static void
s_take_chain (struct siaga_duty *duty, const struct siaga_terms *terms)
{
	for (size_t i = 0; i < terms->chain_count && duty->chain_count < SIAGA_CHAIN_MAX; i++)
		if (strcmp (terms->chain[i], duty->play->lead) != 0)
			duty->chain[duty->chain_count++] = terms->chain[i];
}

static void
s_take_terms (struct siaga_duty *duty, const struct siaga_terms *terms)
{
	s_take (&duty->acknowledge_within_us, terms->acknowledge_within_us);
	s_take (&duty->take_within_us, terms->take_within_us);
	s_take (&duty->resolve_within_us, terms->resolve_within_us);
	s_take (&duty->escalate_every_us, terms->escalate_every_us);
	if (duty->chain_count == 0)
		s_take_chain (duty, terms);
}

static void
s_take_set (struct siaga_duty *duty, const struct siaga_roster *roster,
	    const struct siaga_term_set *set)
{
	for (size_t i = 0; i < set->during_count; i++)
		if (duty->phase == &roster->phases[set->during[i].phase])
			s_take_terms (duty, &set->during[i].terms);
	s_take_terms (duty, &set->always);
}

bool
siaga_roster_duty (const struct siaga_roster *self, const struct siaga_header *header,
		   uint64_t at_us, struct siaga_duty *duty)
{
	const struct siaga_play *play = siaga_roster_play (self, header);

	if (play == NULL)
		return false;
	*duty = (struct siaga_duty){.play = play, .phase = siaga_roster_phase (self, at_us)};
	if (header->severity < self->play_defaults.deadlines_from)
		return true;
	s_take_set (duty, self, &play->terms);
	s_take_set (duty, self, &self->play_defaults.terms);
	s_take (&duty->escalate_every_us, duty->acknowledge_within_us);
	if (duty->chain_count == 0 || duty->acknowledge_within_us == 0)
		duty->escalate_every_us = duty->chain_count = 0;
	return true;
}

/* Found when its origin says so; a clock that is ahead of the hub's says nothing. */
uint64_t
siaga_report_due_us (const struct siaga_roster *self, const struct siaga_header *header,
		     uint64_t accepted_us)
{
	const struct siaga_system *system = siaga_roster_system (self, header->system);
	uint64_t found_us = header->detected_us;

	if (system == NULL || !system->vital || header->status != SIAGA_STATUS_ACTUAL ||
	    header->severity < SIAGA_SEVERITY_HIGH)
		return 0;
	if (found_us == 0 || found_us > accepted_us)
		found_us = accepted_us;
	return found_us + SIAGA_REPORT_WITHIN_US;
}

const char *
siaga_play_first_action (const struct siaga_play *play, const char *member)
{
	if (play->first_action != NULL && strcmp (member, play->lead) == 0)
		return play->first_action;
	for (size_t i = 0; i < play->step_count; i++)
		if (strcmp (play->steps[i].member, member) == 0)
			return play->steps[i].action;
	return NULL;
}

void
siaga_terms_finish (struct siaga_term_set *self)
{
	free (self->always.chain);
	for (size_t i = 0; i < self->during_count; i++)
		free (self->during[i].terms.chain);
	free (self->during);
	memset (self, 0, sizeof *self);
}

void
siaga_play_finish (struct siaga_play *self)
{
	for (size_t i = 0; i < self->step_count; i++)
		free (self->steps[i].action);
	free (self->steps);
	free (self->support);
	free (self->inform);
	free (self->first_action);
	free (self->contact);
	siaga_terms_finish (&self->terms);
	memset (self, 0, sizeof *self);
}
