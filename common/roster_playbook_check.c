/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to fit together in a playbook: members, systems and phases that are there, and phases of which there is
 * one at a time.
 */
#include "common/roster_check.h"

void
roster_check_member (struct conf_report *report, const struct siaga_roster *roster, unsigned line,
		     const char *what, const char *name)
{
	if (siaga_roster_member (roster, siaga_text (name)) == NULL)
		conf_report_add (report, line, "%s: there is no member %s", what, name);
}

static void
s_check_members (struct conf_report *report, const struct siaga_roster *roster, const char *what,
		 const struct conf_strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		roster_check_member (report, roster, names->lines[i], what, names->items[i]);
}

static void
s_check_chain (struct conf_report *report, const struct siaga_roster *roster, const char *what,
	       const struct roster_terms_text *terms)
{
	const struct conf_strings *names = &terms->escalation;

	for (size_t i = 0; i < names->count; i++)
		if (strcmp (names->items[i], SIAGA_EVERYONE) != 0)
			roster_check_member (report, roster, names->lines[i], what,
					     names->items[i]);
}

static bool
s_is_phase (const struct siaga_roster *roster, const char *name)
{
	for (size_t i = 0; i < roster->phase_count; i++)
		if (strcmp (roster->phases[i].name, name) == 0)
			return true;
	return false;
}

static void
s_check_during (struct conf_report *report, const struct siaga_roster *roster,
		const struct conf_list *list)
{
	const struct roster_during_text *items = list->items;

	for (size_t i = 0; i < list->count; i++) {
		s_check_chain (report, roster, "playbook: escalation", &items[i].terms);
		if (!s_is_phase (roster, items[i].phase))
			conf_report_add (report, items[i].line, "during: there is no phase %s",
					 items[i].phase);
		for (size_t k = 0; k < i; k++)
			if (strcmp (items[i].phase, items[k].phase) == 0)
				conf_report_add (report, items[i].line,
						 "during: phase %s is there already, on line %u",
						 items[i].phase, items[k].line);
	}
}

static void
s_check_two_phases (struct conf_report *report, const struct roster_phase_text *phase,
		    const struct roster_phase_text *before)
{
	if (strcmp (phase->name, before->name) == 0)
		conf_report_add (report, phase->line, "phase %s is there already, on line %u",
				 phase->name, before->line);
	if (phase->from_us < before->until_us && before->from_us < phase->until_us)
		conf_report_add (report, phase->line, "phase %s overlaps phase %s on line %u",
				 phase->name, before->name, before->line);
}

static void
s_check_phases (struct conf_report *report, const struct conf_list *list)
{
	const struct roster_phase_text *phases = list->items;

	for (size_t i = 0; i < list->count; i++) {
		if (phases[i].until_us <= phases[i].from_us)
			conf_report_add (report, phases[i].line,
					 "phase %s: until must be after from", phases[i].name);
		for (size_t k = 0; k < i; k++)
			s_check_two_phases (report, &phases[i], &phases[k]);
	}
}

static void
s_check_play (struct conf_report *report, const struct siaga_roster *roster,
	      const struct roster_play_text *play)
{
	const struct roster_step_text *steps = play->steps.items;

	roster_check_member (report, roster, play->line, "playbook: lead", play->lead);
	s_check_members (report, roster, "playbook: support", &play->support);
	s_check_members (report, roster, "playbook: inform", &play->inform);
	s_check_chain (report, roster, "playbook: escalation", &play->terms);
	for (size_t i = 0; i < play->steps.count; i++)
		roster_check_member (report, roster, steps[i].line, "playbook: steps",
				     steps[i].member);
	if (play->system != NULL && siaga_roster_system (roster, siaga_text (play->system)) == NULL)
		conf_report_add (report, play->line, "playbook: there is no system %s",
				 play->system);
	s_check_during (report, roster, &play->during);
}

void
roster_check_playbook (struct conf_report *report, const struct roster_text *text,
		       const struct siaga_roster *roster)
{
	const struct roster_member_text *members = text->members.items;
	const struct roster_play_text *plays = text->book.plays.items;

	for (size_t i = 0; i < text->members.count; i++)
		if (strcmp (members[i].name, SIAGA_EVERYONE) == 0)
			conf_report_add (report, members[i].line,
					 "member %s: this name means all members in a chain",
					 SIAGA_EVERYONE);
	s_check_phases (report, &text->book.phases);
	s_check_chain (report, roster, "playbook_defaults: escalation", &text->book.defaults.terms);
	s_check_during (report, roster, &text->book.defaults.during);
	for (size_t i = 0; i < text->book.plays.count; i++)
		s_check_play (report, roster, &plays[i]);
}
