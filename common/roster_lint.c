/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a playbook says and can not work. Whether a rule ever matches, and whether somebody always leads, is found
 * by asking the lookup itself for every kind of alert there can be.
 */
#include <stdlib.h>

#include "common/roster_check.h"
#include "siaga/error.h"

/* What all checks look at. */
struct lint {
	struct conf_report *report;
	const struct roster_text *text;
	const struct siaga_roster *roster;
	const struct roster_play_text
		*plays; /* the rules' texts, roster->plays's in the same order */
	bool *matched;	/* for each rule */
};

/* The first kind of alert nobody leads, and how many there are. */
struct gap {
	struct siaga_header first;
	size_t count;
};

static const struct siaga_header *
s_next_header (struct siaga_header *header, size_t *category)
{
	if (header->tlp < SIAGA_TLP_RED) {
		header->tlp++;
		return header;
	}
	header->tlp = SIAGA_TLP_CLEAR;
	if (header->status < SIAGA_STATUS_TEST) {
		header->status++;
		return header;
	}
	header->status = SIAGA_STATUS_ACTUAL;
	if (header->severity < SIAGA_SEVERITY_CRITICAL) {
		header->severity++;
		return header;
	}
	header->severity = SIAGA_SEVERITY_INFO;
	header->category = siaga_text (siaga_category_at (++*category));
	return header->category.size > 0 ? header : NULL;
}

/* Every kind of alert on one system; empty: on none. */
static struct gap
s_try_system (struct lint *lint, const char *system)
{
	struct siaga_header header = {.system = siaga_text (system)};
	struct gap gap = {.count = 0};
	size_t category = 0;

	header.category = siaga_text (siaga_category_at (0));
	do {
		const struct siaga_play *play = siaga_roster_play (lint->roster, &header);

		if (play != NULL)
			lint->matched[play - lint->roster->plays] = true;
		else if (gap.count++ == 0)
			gap.first = header;
	} while (s_next_header (&header, &category) != NULL);
	return gap;
}

static void
s_tell_gap (struct lint *lint, unsigned line, const char *what, const char *system,
	    const struct gap *gap)
{
	if (gap->count > 0)
		conf_report_add (lint->report, line,
				 "%s%s: nobody leads %.*s of severity %s, TLP %s, status %s%s",
				 what, system, (int) gap->first.category.size,
				 gap->first.category.data,
				 siaga_name_of (&siaga_severity_names, gap->first.severity),
				 siaga_name_of (&siaga_tlp_names, gap->first.tlp),
				 siaga_name_of (&siaga_status_names, gap->first.status),
				 gap->count > 1 ? ", and more" : "");
}

static void
s_lint_systems (struct lint *lint)
{
	const struct roster_system_text *systems = lint->text->systems.items;
	struct gap gap = s_try_system (lint, "");

	s_tell_gap (lint, lint->plays[0].line, "alerts that name no system", "", &gap);
	for (size_t i = 0; i < lint->text->systems.count; i++) {
		gap = s_try_system (lint, systems[i].name);
		s_tell_gap (lint, systems[i].line, "system ", systems[i].name, &gap);
	}
}

/* Does the rule `by` fit whatever `play` does? */
static bool
s_is_hidden (const struct siaga_play *play, const struct siaga_play *by)
{
	if (by->min_severity > play->min_severity)
		return false;
	if (by->has_max_tlp && (!play->has_max_tlp || by->max_tlp < play->max_tlp))
		return false;
	if (by->statuses != 0 && (play->statuses == 0 || (play->statuses & ~by->statuses) != 0))
		return false;
	if (by->system[0] != '\0' && strcmp (by->system, play->system) != 0)
		return false;
	return by->category[0] == '\0' ||
	       siaga_category_in (siaga_text (play->category), siaga_text (by->category));
}

static void
s_lint_matched (struct lint *lint)
{
	const struct siaga_play *plays = lint->roster->plays;

	for (size_t i = 0; i < lint->roster->play_count; i++) {
		size_t by = 0;

		if (lint->matched[i])
			continue;
		while (by < i && !s_is_hidden (&plays[i], &plays[by]))
			by++;
		if (by < i)
			conf_report_add (lint->report, lint->plays[i].line,
					 "playbook: can never match: the rule on line %u takes all "
					 "that it fits",
					 lint->plays[by].line);
		else
			conf_report_add (lint->report, lint->plays[i].line,
					 "playbook: can never match: the rules before it take all "
					 "that it fits");
	}
}

static bool
s_is_in (const siaga_member_name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp (names[i], name) == 0)
			return true;
	return false;
}

static bool
s_set_names (const struct siaga_term_set *set, const char *name)
{
	for (size_t i = 0; i < set->during_count; i++)
		if (s_is_in (set->during[i].terms.chain, set->during[i].terms.chain_count, name))
			return true;
	return s_is_in (set->always.chain, set->always.chain_count, name);
}

static bool
s_play_names (const struct siaga_play *play, const char *name)
{
	for (size_t i = 0; i < play->step_count; i++)
		if (strcmp (play->steps[i].member, name) == 0)
			return true;
	return strcmp (play->lead, name) == 0 ||
	       s_is_in (play->support, play->support_count, name) ||
	       s_is_in (play->inform, play->inform_count, name) || s_set_names (&play->terms, name);
}

static bool
s_has_part (const struct siaga_roster *roster, const char *name)
{
	for (size_t i = 0; i < roster->play_count; i++)
		if (s_play_names (&roster->plays[i], name))
			return true;
	return s_set_names (&roster->play_defaults.terms, name);
}

static void
s_lint_contacts (struct lint *lint)
{
	const struct roster_member_text *members = lint->text->members.items;
	struct siaga_text hub = siaga_member_of (siaga_text (lint->roster->hub));

	for (size_t i = 0; i < lint->text->members.count; i++) {
		const struct roster_member_text *member = &members[i];

		if (siaga_text_is (hub, member->name) && member->duty_phone == NULL)
			conf_report_add (lint->report, member->line,
					 "member %s: runs the hub and has no duty_phone to call "
					 "when that is down",
					 member->name);
		else if (member->duty_phone == NULL && member->mail == NULL &&
			 s_has_part (lint->roster, member->name))
			conf_report_add (lint->report, member->line,
					 "member %s: has a part in the playbook, and neither "
					 "duty_phone nor mail",
					 member->name);
	}
}

static void
s_lint_sees (struct lint *lint, unsigned line, const char *what, const char *name,
	     enum siaga_tlp tlp)
{
	const struct siaga_member *member = siaga_roster_member (lint->roster, siaga_text (name));

	if (member != NULL && member->clearance < tlp)
		conf_report_add (
			lint->report, line,
			"playbook: %s %s could not see it: cleared for %s, and alerts here may be "
			"%s",
			what, name, siaga_name_of (&siaga_tlp_names, member->clearance),
			siaga_name_of (&siaga_tlp_names, tlp));
}

/* `lead` NULL: of the defaults. */
static void
s_lint_chain (struct lint *lint, const struct conf_strings *chain, const char *lead,
	      enum siaga_tlp tlp)
{
	for (size_t i = 0; i < chain->count; i++) {
		const char *name = chain->items[i];
		size_t k = 0;

		while (k < i && strcmp (name, chain->items[k]) != 0 &&
		       strcmp (chain->items[k], SIAGA_EVERYONE) != 0)
			k++;
		if (k < i || (lead != NULL && strcmp (name, lead) == 0))
			conf_report_add (lint->report, chain->lines[i],
					 "playbook: the escalation loops: %s is told before", name);
		s_lint_sees (lint, chain->lines[i], "escalation:", name, tlp);
	}
}

static void
s_lint_terms (struct lint *lint, unsigned line, const struct roster_terms_text *terms,
	      const char *lead, enum siaga_tlp tlp)
{
	uint64_t acknowledge_us = terms->acknowledge_within_us, take_us = terms->take_within_us;
	uint64_t resolve_us = terms->resolve_within_us;

	s_lint_chain (lint, &terms->escalation, lead, tlp);
	if ((take_us != 0 && acknowledge_us > take_us) ||
	    (resolve_us != 0 && (acknowledge_us > resolve_us || take_us > resolve_us)))
		conf_report_add (lint->report, line,
				 "playbook: deadlines out of order: acknowledge_within, "
				 "take_within, resolve_within");
}

static void
s_lint_during (struct lint *lint, const struct conf_list *list, const char *lead,
	       enum siaga_tlp tlp)
{
	const struct roster_during_text *items = list->items;

	for (size_t i = 0; i < list->count; i++)
		s_lint_terms (lint, items[i].line, &items[i].terms, lead, tlp);
}

static void
s_lint_play (struct lint *lint, size_t at)
{
	const struct roster_play_text *text = &lint->plays[at];
	const struct siaga_play *play = &lint->roster->plays[at];
	const struct siaga_play_defaults *defaults = &lint->roster->play_defaults;
	const struct roster_step_text *steps = text->steps.items;
	enum siaga_tlp tlp = play->has_max_tlp ? play->max_tlp : defaults->expected_tlp;

	s_lint_sees (lint, text->line, "lead", text->lead, tlp);
	for (size_t i = 0; i < text->steps.count; i++)
		s_lint_sees (lint, steps[i].line, "step of", steps[i].member, tlp);
	s_lint_terms (lint, text->line, &text->terms, text->lead, tlp);
	s_lint_during (lint, &text->during, text->lead, tlp);
	if (text->terms.escalation.count > 0 && text->terms.acknowledge_within_us == 0 &&
	    defaults->terms.always.acknowledge_within_us == 0)
		conf_report_add (lint->report, text->line,
				 "playbook: an escalation that nothing starts: there is no "
				 "acknowledge_within");
}

int
roster_lint (struct conf_report *report, const struct roster_text *text,
	     const struct siaga_roster *roster)
{
	struct lint lint = {report, text, roster, text->book.plays.items, NULL};
	const struct roster_defaults_text *defaults = &text->book.defaults;

	if (roster->play_count == 0) {
		conf_report_add (report, 0, "playbook: there is none: nobody leads anything");
		return 0;
	}
	lint.matched = calloc (roster->play_count, sizeof *lint.matched);
	if (lint.matched == NULL)
		return SIAGA_ENOMEM;
	s_lint_systems (&lint);
	s_lint_matched (&lint);
	s_lint_contacts (&lint);
	s_lint_terms (&lint, defaults->line, &defaults->terms, NULL,
		      roster->play_defaults.expected_tlp);
	s_lint_during (&lint, &defaults->during, NULL, roster->play_defaults.expected_tlp);
	for (size_t i = 0; i < roster->play_count; i++)
		s_lint_play (&lint, i);
	free (lint.matched);
	return 0;
}
