/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do two rosters' playbooks say the same? Phases are told apart by their names: their places may differ.
 */
#include "siaga/playbook.h"
#include "siaga/roster.h"

static bool
s_text_same (const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp (a, b) == 0;
}

static bool
s_names_same (const siaga_member_name *a, size_t a_count, const siaga_member_name *b,
	      size_t b_count)
{
	bool same = a_count == b_count;

	for (size_t i = 0; same && i < a_count; i++)
		same = strcmp (a[i], b[i]) == 0;
	return same;
}

static bool
s_terms_same (const struct siaga_terms *a, const struct siaga_terms *b)
{
	return a->acknowledge_within_us == b->acknowledge_within_us &&
	       a->take_within_us == b->take_within_us &&
	       a->resolve_within_us == b->resolve_within_us &&
	       a->escalate_every_us == b->escalate_every_us &&
	       s_names_same (a->chain, a->chain_count, b->chain, b->chain_count);
}

static bool
s_set_same (const struct siaga_roster *a_roster, const struct siaga_term_set *a,
	    const struct siaga_roster *b_roster, const struct siaga_term_set *b)
{
	bool same = a->during_count == b->during_count && s_terms_same (&a->always, &b->always);

	for (size_t i = 0; same && i < a->during_count; i++)
		same = strcmp (a_roster->phases[a->during[i].phase].name,
			       b_roster->phases[b->during[i].phase].name) == 0 &&
		       s_terms_same (&a->during[i].terms, &b->during[i].terms);
	return same;
}

static bool
s_conditions_same (const struct siaga_play *a, const struct siaga_play *b)
{
	return strcmp (a->category, b->category) == 0 && strcmp (a->system, b->system) == 0 &&
	       a->min_severity == b->min_severity && a->statuses == b->statuses &&
	       a->has_max_tlp == b->has_max_tlp && (!a->has_max_tlp || a->max_tlp == b->max_tlp);
}

static bool
s_steps_same (const struct siaga_play *a, const struct siaga_play *b)
{
	bool same = a->step_count == b->step_count;

	for (size_t i = 0; same && i < a->step_count; i++)
		same = strcmp (a->steps[i].member, b->steps[i].member) == 0 &&
		       strcmp (a->steps[i].action, b->steps[i].action) == 0;
	return same;
}

bool
siaga_play_same (const struct siaga_roster *a_roster, const struct siaga_play *a,
		 const struct siaga_roster *b_roster, const struct siaga_play *b)
{
	return s_conditions_same (a, b) && strcmp (a->lead, b->lead) == 0 &&
	       s_names_same (a->support, a->support_count, b->support, b->support_count) &&
	       s_names_same (a->inform, a->inform_count, b->inform, b->inform_count) &&
	       s_text_same (a->first_action, b->first_action) && s_steps_same (a, b) &&
	       s_text_same (a->contact, b->contact) &&
	       s_set_same (a_roster, &a->terms, b_roster, &b->terms);
}

bool
siaga_play_defaults_same (const struct siaga_roster *a, const struct siaga_roster *b)
{
	return a->play_defaults.expected_tlp == b->play_defaults.expected_tlp &&
	       a->play_defaults.deadlines_from == b->play_defaults.deadlines_from &&
	       s_set_same (a, &a->play_defaults.terms, b, &b->play_defaults.terms);
}

bool
siaga_phases_same (const struct siaga_roster *a, const struct siaga_roster *b)
{
	bool same = a->phase_count == b->phase_count;

	for (size_t i = 0; same && i < a->phase_count; i++)
		same = strcmp (a->phases[i].name, b->phases[i].name) == 0 &&
		       s_text_same (a->phases[i].title, b->phases[i].title) &&
		       a->phases[i].from_us == b->phases[i].from_us &&
		       a->phases[i].until_us == b->phases[i].until_us;
	return same;
}
