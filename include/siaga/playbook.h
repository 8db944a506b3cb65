/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The playbook of a roster: who does what, by when, and whom it goes to when nobody answers. Rules are tried in
 * order and the first that fits an alert counts; a calendar of phases changes deadlines and chains by date. Reading
 * it from text is common/roster_playbook.c.
 */
#ifndef SIAGA_PLAYBOOK_H
#define SIAGA_PLAYBOOK_H

#include "siaga/entry.h"

struct siaga_member;
struct siaga_roster;

typedef char siaga_member_name[SIAGA_MEMBER_MAX + 1];

/* The word in a chain that means all who may see the alert; no member has that name. */
#define SIAGA_EVERYONE "everyone"

/* What a phase may change. 0 and no chain: not said here. */
struct siaga_terms {
	uint64_t acknowledge_within_us;
	uint64_t take_within_us;
	uint64_t resolve_within_us;
	uint64_t escalate_every_us;
	size_t chain_count;
	siaga_member_name *chain; /* members, SIAGA_EVERYONE last if at all */
};

/* The terms while a phase lasts. */
struct siaga_during {
	size_t phase; /* its place in the roster's `phases` */
	struct siaga_terms terms;
};

struct siaga_term_set {
	struct siaga_terms always;
	size_t during_count;
	struct siaga_during *during;
};

/* A stretch of the calendar; no two overlap. */
struct siaga_phase {
	char name[SIAGA_PHASE_MAX + 1];
	char *title; /* may be NULL */
	uint64_t from_us;
	uint64_t until_us; /* the first moment after it */
};

/* One of the first things to do, by whom. */
struct siaga_step {
	siaga_member_name member;
	char *action;
};

/* One rule. Empty strings, and no statuses, fit everything. */
struct siaga_play {
	char category[SIAGA_CATEGORY_MAX + 1]; /* class or class/type */
	char system[SIAGA_SYSTEM_MAX + 1];
	enum siaga_severity min_severity;
	bool has_max_tlp; /* it fits up to there: */
	enum siaga_tlp max_tlp;
	unsigned statuses; /* 1 << enum siaga_status */
	siaga_member_name lead;
	size_t support_count;
	siaga_member_name *support;
	size_t inform_count;
	siaga_member_name *inform;
	char *first_action; /* may be NULL */
	size_t step_count;
	struct siaga_step *steps; /* in order */
	char *contact;		  /* may be NULL: then the lead's */
	struct siaga_term_set terms;
};

/* What is said where a rule says nothing. */
struct siaga_play_defaults {
	enum siaga_tlp
		expected_tlp; /* of alerts: up to here `roster check` wants everybody to see what they get */
	enum siaga_severity deadlines_from; /* what is less severe has no deadlines, and no chain */
	struct siaga_term_set terms;
};

/* Who does what for one alert. Borrows from the roster. */
struct siaga_duty {
	const struct siaga_play *play;
	const struct siaga_phase *phase; /* NULL: in none */
	uint64_t acknowledge_within_us;	 /* from `accepted` on; 0: no deadline */
	uint64_t take_within_us;
	uint64_t resolve_within_us;
	uint64_t escalate_every_us; /* between two steps of the chain; 0: there is no chain */
	size_t chain_count; /* whom it goes to in turn when nobody answers, without the lead */
	const char *chain[SIAGA_CHAIN_MAX];
};

/* The first rule that fits, or NULL. */
const struct siaga_play *
siaga_roster_play (const struct siaga_roster *self, const struct siaga_header *header);

/* The phase at a moment, or NULL. */
const struct siaga_phase *
siaga_roster_phase (const struct siaga_roster *self, uint64_t at_us);

/* Who does what for this header, accepted at `at_us`; each term is the first that is said of: the rule in this
   phase, the rule, the defaults in this phase, the defaults. false: no rule fits, `duty` is untouched. */
bool
siaga_roster_duty (const struct siaga_roster *self, const struct siaga_header *header,
		   uint64_t at_us, struct siaga_duty *duty);

/* How long after `accepted` a step of the chain is due while nobody answers. */
uint64_t
siaga_duty_step_us (const struct siaga_duty *duty, size_t step);

/* Whom a step goes to, in the roster's order: the member of that step; for `everyone`, all who may see the alert. A
   member that may not see it is set as *skipped (else NULL), and the step goes to the origin's member and those with a
   principal that may operate, as far as they may see it. Returns how many; 0 past the end of the chain. */
size_t
siaga_duty_step (const struct siaga_roster *roster, const struct siaga_header *header,
		 const struct siaga_duty *duty, size_t step,
		 const struct siaga_member *members[SIAGA_MEMBERS_MAX],
		 const struct siaga_member **skipped);

/* When the incident has to be reported to the regulator (BSSN Regulation 1/2024, article 15): 24 hours after it was
   found, where an actual alert of at least high severity is about a vital system; 0: it need not be. */
#define SIAGA_REPORT_WITHIN_US (UINT64_C (24) * 3600 * 1000000)
uint64_t
siaga_report_due_us (const struct siaga_roster *self, const struct siaga_header *header,
		     uint64_t accepted_us);

/* What `member` does first: its steps begin with this one, or with `first_action` where it leads. NULL: nothing
   is said. */
const char *
siaga_play_first_action (const struct siaga_play *play, const char *member);

/* Do they say the same, whatever the order of the phases? Of two rules; of two rosters' defaults; of their calendars. */
bool
siaga_play_same (const struct siaga_roster *a_roster, const struct siaga_play *a,
		 const struct siaga_roster *b_roster, const struct siaga_play *b);
bool
siaga_play_defaults_same (const struct siaga_roster *a, const struct siaga_roster *b);
bool
siaga_phases_same (const struct siaga_roster *a, const struct siaga_roster *b);

/* Frees what it holds. */
void
siaga_terms_finish (struct siaga_term_set *self);
void
siaga_play_finish (struct siaga_play *self);

#endif
