/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who does what, before and after: the rules' order counts, since the first that fits an alert does.
 */
#include "cli/roster_diff_private.h"

static bool
s_nameroster_diff_same (char (*a)[SIAGA_MEMBER_MAX + 1], size_t a_count,
			char (*b)[SIAGA_MEMBER_MAX + 1], size_t b_count)
{
	bool same = a_count == b_count;

	for (size_t i = 0; same && i < a_count; i++)
		same = strcmp (a[i], b[i]) == 0;
	return same;
}

static bool
s_termroster_diff_same (const struct siaga_terms *a, const struct siaga_terms *b)
{
	return a->acknowledge_within_us == b->acknowledge_within_us &&
	       a->take_within_us == b->take_within_us &&
	       a->resolve_within_us == b->resolve_within_us &&
	       a->escalate_every_us == b->escalate_every_us &&
	       s_nameroster_diff_same (a->chain, a->chain_count, b->chain, b->chain_count);
}

static bool
s_term_setroster_diff_same (const struct siaga_term_set *a, const struct siaga_term_set *b)
{
	bool same = s_termroster_diff_same (&a->always, &b->always) &&
		    a->during_count == b->during_count;

	for (size_t i = 0; same && i < a->during_count; i++)
		same = a->during[i].phase == b->during[i].phase &&
		       s_termroster_diff_same (&a->during[i].terms, &b->during[i].terms);
	return same;
}

static bool
s_steproster_diff_same (const struct siaga_play *a, const struct siaga_play *b)
{
	bool same = a->step_count == b->step_count;

	for (size_t i = 0; same && i < a->step_count; i++)
		same = strcmp (a->steps[i].member, b->steps[i].member) == 0 &&
		       roster_diff_same (a->steps[i].action, b->steps[i].action);
	return same;
}

static bool
s_play_same (const struct siaga_play *a, const struct siaga_play *b)
{
	return roster_diff_same (a->category, b->category) &&
	       roster_diff_same (a->system, b->system) && a->min_severity == b->min_severity &&
	       a->has_max_tlp == b->has_max_tlp && (!a->has_max_tlp || a->max_tlp == b->max_tlp) &&
	       a->statuses == b->statuses && roster_diff_same (a->lead, b->lead) &&
	       s_nameroster_diff_same (a->support, a->support_count, b->support,
				       b->support_count) &&
	       s_nameroster_diff_same (a->inform, a->inform_count, b->inform, b->inform_count) &&
	       roster_diff_same (a->first_action, b->first_action) &&
	       s_steproster_diff_same (a, b) && roster_diff_same (a->contact, b->contact) &&
	       s_term_setroster_diff_same (&a->terms, &b->terms);
}

static bool
s_has_play (const struct siaga_roster *roster, const struct siaga_play *play)
{
	for (size_t i = 0; i < roster->play_count; i++)
		if (s_play_same (&roster->plays[i], play))
			return true;
	return false;
}

static bool
s_diff_play_lists (struct roster_diff *self, const struct siaga_roster *from,
		   const struct siaga_roster *to, const char *words)
{
	bool differ = false;

	for (size_t i = 0; i < from->play_count; i++) {
		const struct siaga_play *play = &from->plays[i];
		if (s_has_play (to, play))
			continue;
		differ = true;
		roster_diff_say (self, "playbook", "rule %zu (%s%s%s from %s: lead %s) %s", i + 1,
				 *play->category ? play->category : "anything",
				 *play->system ? " on " : "", play->system,
				 siaga_name_of (&siaga_severity_names, play->min_severity),
				 play->lead, words);
	}
	return differ;
}

static bool
s_phaseroster_diff_same (const struct siaga_roster *a, const struct siaga_roster *b)
{
	bool same = a->phase_count == b->phase_count;

	for (size_t i = 0; same && i < a->phase_count; i++)
		same = roster_diff_same (a->phases[i].name, b->phases[i].name) &&
		       roster_diff_same (a->phases[i].title, b->phases[i].title) &&
		       a->phases[i].from_us == b->phases[i].from_us &&
		       a->phases[i].until_us == b->phases[i].until_us;
	return same;
}

static void
s_diff_calendar (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;

	if (!s_phaseroster_diff_same (old, new))
		roster_diff_say (self, "phases", "the calendar changed");
	if (old->play_defaults.expected_tlp != new->play_defaults.expected_tlp ||
	    !s_term_setroster_diff_same (&old->play_defaults.terms, &new->play_defaults.terms))
		roster_diff_say (self, "playbook_defaults",
				 "what holds where a rule says nothing changed");
}

void
roster_diff_playbook (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;
	s_diff_calendar (self);
	bool differ = s_diff_play_lists (self, old, new, "is taken out, or changed");

	differ = s_diff_play_lists (self, new, old, "is new, or changed") || differ;
	for (size_t i = 0; !differ && i < new->play_count &&i < old->play_count; i++)
		if (!s_play_same (&old->plays[i], &new->plays[i])) {
			roster_diff_say (self, "playbook",
					 "the rules are the same in another order");
			differ = true;
		}
}
