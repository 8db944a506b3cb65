/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who does what, before and after: the rules' order counts, since the first that fits an alert does.
 */
#include "cli/roster_diff_private.h"

static bool
s_has_play (const struct siaga_roster *roster, const struct siaga_roster *from,
	    const struct siaga_play *play)
{
	for (size_t i = 0; i < roster->play_count; i++)
		if (siaga_play_same (roster, &roster->plays[i], from, play))
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
		if (s_has_play (to, from, play))
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

static void
s_diff_calendar (struct roster_diff *self)
{
	const struct siaga_roster *old = self->old, *new = self->new;

	if (!siaga_phases_same (old, new))
		roster_diff_say (self, "phases", "the calendar changed");
	if (!siaga_play_defaults_same (old, new))
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
		if (!siaga_play_same (old, &old->plays[i], new, &new->plays[i])) {
			roster_diff_say (self, "playbook",
					 "the rules are the same in another order");
			differ = true;
		}
}
