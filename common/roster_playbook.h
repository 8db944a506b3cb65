/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The playbook in a roster's text: its tables, what they fill, and what becomes of that. Whether it fits together
 * is roster_playbook_check.c's, whether it makes sense roster_lint.c's.
 */
#ifndef COMMON_ROSTER_PLAYBOOK_H
#define COMMON_ROSTER_PLAYBOOK_H

#include "common/conf.h"
#include "siaga/roster.h"

#define ROSTER_TITLE_MAX 256			     /* bytes */
#define ROSTER_DURATION_MAX INT64_C (31536000000000) /* microseconds: a year */

struct roster_terms_text {
	uint64_t acknowledge_within_us;
	uint64_t take_within_us;
	uint64_t resolve_within_us;
	uint64_t escalate_every_us;
	struct conf_strings escalation;
};

struct roster_during_text {
	unsigned line;
	char *phase;
	struct roster_terms_text terms;
};

struct roster_step_text {
	unsigned line;
	char *member;
	char *action;
};

struct roster_play_text {
	unsigned line;
	char *category;
	char *system;
	int min_severity;
	char *max_tlp;
	struct conf_strings statuses;
	char *lead;
	struct conf_strings support;
	struct conf_strings inform;
	char *first_action;
	char *contact;
	struct conf_list steps; /* struct roster_step_text */
	struct roster_terms_text terms;
	struct conf_list during; /* struct roster_during_text */
};

struct roster_phase_text {
	unsigned line;
	char *name;
	char *title;
	uint64_t from_us;
	uint64_t until_us;
};

struct roster_defaults_text {
	unsigned line; /* 0: there are none */
	int expected_tlp;
	int deadlines_from;
	struct roster_terms_text terms;
	struct conf_list during; /* struct roster_during_text */
};

struct roster_playbook_text {
	struct roster_defaults_text defaults;
	struct conf_list phases; /* struct roster_phase_text */
	struct conf_list plays;	 /* struct roster_play_text */
};

extern const struct conf_schema roster_play_schema;
extern const struct conf_schema roster_phase_schema;
extern const struct conf_schema roster_defaults_schema;

/* clang-format off */
#define ROSTER_PLAYBOOK_FIELDS(record, place) \
	CONF_FIELD ("phases", CONF_GROUP_LIST, record, place.phases, .max = SIAGA_PHASES_MAX, \
		    .schema = &roster_phase_schema), \
	CONF_FIELD ("playbook_defaults", CONF_GROUP, record, place.defaults, \
		    .schema = &roster_defaults_schema), \
	CONF_FIELD ("playbook", CONF_GROUP_LIST, record, place.plays, .max = SIAGA_PLAYS_MAX, \
		    .schema = &roster_play_schema)
/* clang-format on */

/* The playbook of a roster from its text, whose names need not be known yet. 0 or SIAGA_ENOMEM. */
int
roster_fill_playbook (struct siaga_roster *roster, const struct roster_playbook_text *text);

struct roster_text;

/* Reports every name that is not there, and phases that overlap. */
void
roster_check_playbook (struct conf_report *report, const struct roster_text *text,
		       const struct siaga_roster *roster);

/* Reports that there is no such member. `what` says where it stands. */
void
roster_check_member (struct conf_report *report, const struct siaga_roster *roster, unsigned line,
		     const char *what, const char *name);

/* Reports what fits together and yet can not work: rules that never match, systems nobody leads, members that cannot
   be reached, chains that loop, leads and steps that could not see their alert. SIAGA_ENOMEM, else 0. */
int
roster_lint (struct conf_report *report, const struct roster_text *text,
	     const struct siaga_roster *roster);

#endif
