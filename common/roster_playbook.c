/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema's tables of the playbook, and the copying into the roster. See roster_playbook.h.
 */
#include "common/roster_playbook.h"

#include <stdlib.h>

#include "common/roster_copy.h"

static bool
s_check_category (const void *value, char reason[CONF_REASON_MAX]);
static bool
s_check_status (const void *value, char reason[CONF_REASON_MAX]);
/* clang-format off */
#define TERMS_FIELDS(record) \
	CONF_FIELD ("acknowledge_within", CONF_DURATION, record, terms.acknowledge_within_us, \
		    .max = ROSTER_DURATION_MAX), \
	CONF_FIELD ("take_within", CONF_DURATION, record, terms.take_within_us, \
		    .max = ROSTER_DURATION_MAX), \
	CONF_FIELD ("resolve_within", CONF_DURATION, record, terms.resolve_within_us, \
		    .max = ROSTER_DURATION_MAX), \
	CONF_FIELD ("escalate_every", CONF_DURATION, record, terms.escalate_every_us, \
		    .max = ROSTER_DURATION_MAX), \
	CONF_FIELD ("escalation", CONF_STRING_LIST, record, terms.escalation, \
		    .max = SIAGA_CHAIN_MAX, .check = conf_check_member)
/* clang-format on */

static const struct conf_field s_during_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_during_text, line)},
	CONF_FIELD ("phase", CONF_STRING, struct roster_during_text, phase, .required = true,
		    .check = conf_check_member),
	TERMS_FIELDS (struct roster_during_text),
};
static const struct conf_schema s_during_schema =
	CONF_SCHEMA (struct roster_during_text, s_during_fields);

static const struct conf_field s_step_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_step_text, line)},
	CONF_FIELD ("member", CONF_STRING, struct roster_step_text, member, .required = true,
		    .check = conf_check_member),
	CONF_FIELD ("action", CONF_STRING, struct roster_step_text, action, .required = true,
		    .min = 1, .max = SIAGA_FIELD_MAX),
};
static const struct conf_schema s_step_schema =
	CONF_SCHEMA (struct roster_step_text, s_step_fields);

static const struct conf_field s_play_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_play_text, line)},
	CONF_FIELD ("category", CONF_STRING, struct roster_play_text, category,
		    .check = s_check_category),
	CONF_FIELD ("system", CONF_STRING, struct roster_play_text, system,
		    .check = conf_check_system),
	CONF_FIELD ("min_severity", CONF_ENUM, struct roster_play_text, min_severity,
		    .names = &siaga_severity_names),
	CONF_FIELD ("max_tlp", CONF_STRING, struct roster_play_text, max_tlp,
		    .check = conf_check_tlp),
	CONF_FIELD ("status", CONF_STRING_LIST, struct roster_play_text, statuses, .min = 1,
		    .max = 3, .check = s_check_status),
	CONF_FIELD ("lead", CONF_STRING, struct roster_play_text, lead, .required = true,
		    .check = conf_check_member),
	CONF_FIELD ("support", CONF_STRING_LIST, struct roster_play_text, support,
		    .max = SIAGA_MEMBERS_MAX, .check = conf_check_member),
	CONF_FIELD ("inform", CONF_STRING_LIST, struct roster_play_text, inform,
		    .max = SIAGA_MEMBERS_MAX, .check = conf_check_member),
	CONF_FIELD ("first_action", CONF_STRING, struct roster_play_text, first_action,
		    .max = SIAGA_TEXT_MAX),
	CONF_FIELD ("steps", CONF_GROUP_LIST, struct roster_play_text, steps,
		    .max = SIAGA_STEPS_MAX, .schema = &s_step_schema),
	CONF_FIELD ("contact", CONF_STRING, struct roster_play_text, contact,
		    .max = SIAGA_FIELD_MAX),
	TERMS_FIELDS (struct roster_play_text),
	CONF_FIELD ("during", CONF_GROUP_LIST, struct roster_play_text, during,
		    .max = SIAGA_PHASES_MAX, .schema = &s_during_schema),
};
const struct conf_schema roster_play_schema = CONF_SCHEMA (struct roster_play_text, s_play_fields);

static const struct conf_field s_phase_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_phase_text, line)},
	CONF_FIELD ("name", CONF_STRING, struct roster_phase_text, name, .required = true,
		    .check = conf_check_member),
	CONF_FIELD ("title", CONF_STRING, struct roster_phase_text, title, .max = ROSTER_TITLE_MAX),
	CONF_FIELD ("from", CONF_TIME, struct roster_phase_text, from_us, .required = true),
	CONF_FIELD ("until", CONF_TIME, struct roster_phase_text, until_us, .required = true),
};
const struct conf_schema roster_phase_schema =
	CONF_SCHEMA (struct roster_phase_text, s_phase_fields);

static const struct conf_field s_defaults_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_defaults_text, line)},
	CONF_FIELD ("expected_tlp", CONF_ENUM, struct roster_defaults_text, expected_tlp,
		    .names = &siaga_tlp_names, .fallback = "amber"),
	CONF_FIELD ("deadlines_from", CONF_ENUM, struct roster_defaults_text, deadlines_from,
		    .names = &siaga_severity_names),
	TERMS_FIELDS (struct roster_defaults_text),
	CONF_FIELD ("during", CONF_GROUP_LIST, struct roster_defaults_text, during,
		    .max = SIAGA_PHASES_MAX, .schema = &s_during_schema),
};
const struct conf_schema roster_defaults_schema =
	CONF_SCHEMA (struct roster_defaults_text, s_defaults_fields);

/* A whole category, or the class of some. */
static bool
s_check_category (const void *value, char reason[CONF_REASON_MAX])
{
	struct siaga_text text = siaga_text (value);
	const char *known;

	for (size_t i = 0; text.size > 0 && (known = siaga_category_at (i)) != NULL; i++)
		if (siaga_category_in (siaga_text (known), text))
			return true;
	snprintf (reason, CONF_REASON_MAX, "unknown category \"%.64s\" (class or class/type)",
		  (const char *) value);
	return false;
}

/* What the hub says itself is nobody's to answer. */
static bool
s_check_status (const void *value, char reason[CONF_REASON_MAX])
{
	int status = siaga_name_value (&siaga_status_names, siaga_text (value));

	if (status >= 0 && status != SIAGA_STATUS_SYSTEM)
		return true;
	snprintf (reason, CONF_REASON_MAX,
		  "unknown status \"%.64s\": one of actual, exercise, test", (const char *) value);
	return false;
}

static int
s_fill_names (siaga_member_name **out, size_t *count, const struct conf_strings *strings)
{
	*out = calloc (strings->count + 1, sizeof **out);
	if (*out == NULL)
		return SIAGA_ENOMEM;
	*count = strings->count;
	for (size_t i = 0; i < strings->count; i++)
		s_copy_name ((*out)[i], sizeof **out, strings->items[i]);
	return 0;
}

static int
s_fill_terms (struct siaga_terms *terms, const struct roster_terms_text *text)
{
	terms->acknowledge_within_us = text->acknowledge_within_us;
	terms->take_within_us = text->take_within_us;
	terms->resolve_within_us = text->resolve_within_us;
	terms->escalate_every_us = text->escalate_every_us;
	return s_fill_names (&terms->chain, &terms->chain_count, &text->escalation);
}

/* A name that is not there is the check's to report. */
static size_t
s_phase_of (const struct siaga_roster *roster, const char *name)
{
	for (size_t i = 0; i < roster->phase_count; i++)
		if (strcmp (roster->phases[i].name, name) == 0)
			return i;
	return 0;
}

static int
s_fill_set (struct siaga_term_set *set, const struct siaga_roster *roster,
	    const struct roster_terms_text *always, const struct conf_list *during)
{
	const struct roster_during_text *texts = during->items;
	int error = s_fill_terms (&set->always, always);

	set->during = calloc (during->count + 1, sizeof *set->during);
	if (set->during == NULL)
		return SIAGA_ENOMEM;
	set->during_count = during->count;
	for (size_t i = 0; i < during->count && error == 0; i++) {
		set->during[i].phase = s_phase_of (roster, texts[i].phase);
		error = s_fill_terms (&set->during[i].terms, &texts[i].terms);
	}
	return error;
}

static int
s_fill_steps (struct siaga_play *play, const struct conf_list *list)
{
	const struct roster_step_text *texts = list->items;

	play->steps = calloc (list->count + 1, sizeof *play->steps);
	if (play->steps == NULL)
		return SIAGA_ENOMEM;
	play->step_count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		s_copy_name (play->steps[i].member, sizeof play->steps[i].member, texts[i].member);
		if (s_copy_text (&play->steps[i].action, texts[i].action) != 0)
			return SIAGA_ENOMEM;
	}
	return 0;
}

static void
s_fill_match (struct siaga_play *play, const struct roster_play_text *text)
{
	s_copy_name (play->category, sizeof play->category, text->category);
	s_copy_name (play->system, sizeof play->system, text->system);
	play->min_severity = (enum siaga_severity) text->min_severity;
	play->has_max_tlp = text->max_tlp != NULL;
	if (play->has_max_tlp)
		play->max_tlp = (enum siaga_tlp) siaga_name_value (&siaga_tlp_names,
								   siaga_text (text->max_tlp));
	for (size_t i = 0; i < text->statuses.count; i++)
		play->statuses |= 1U << siaga_name_value (&siaga_status_names,
							  siaga_text (text->statuses.items[i]));
}

static int
s_fill_play (struct siaga_play *play, const struct siaga_roster *roster,
	     const struct roster_play_text *text)
{
	s_fill_match (play, text);
	s_copy_name (play->lead, sizeof play->lead, text->lead);
	if (s_fill_names (&play->support, &play->support_count, &text->support) != 0 ||
	    s_fill_names (&play->inform, &play->inform_count, &text->inform) != 0 ||
	    s_copy_text (&play->first_action, text->first_action) != 0 ||
	    s_copy_text (&play->contact, text->contact) != 0 ||
	    s_fill_steps (play, &text->steps) != 0)
		return SIAGA_ENOMEM;
	return s_fill_set (&play->terms, roster, &text->terms, &text->during);
}

static int
s_fill_phases (struct siaga_roster *roster, const struct conf_list *list)
{
	const struct roster_phase_text *texts = list->items;

	roster->phases = calloc (list->count + 1, sizeof *roster->phases);
	if (roster->phases == NULL)
		return SIAGA_ENOMEM;
	roster->phase_count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct siaga_phase *phase = &roster->phases[i];

		s_copy_name (phase->name, sizeof phase->name, texts[i].name);
		phase->from_us = texts[i].from_us;
		phase->until_us = texts[i].until_us;
		if (s_copy_text (&phase->title, texts[i].title) != 0)
			return SIAGA_ENOMEM;
	}
	return 0;
}

int
roster_fill_playbook (struct siaga_roster *roster, const struct roster_playbook_text *text)
{
	const struct roster_play_text *plays = text->plays.items;
	int error = s_fill_phases (roster, &text->phases);

	roster->play_defaults.expected_tlp = (enum siaga_tlp) text->defaults.expected_tlp;
	roster->play_defaults.deadlines_from = (enum siaga_severity) text->defaults.deadlines_from;
	if (error == 0)
		error = s_fill_set (&roster->play_defaults.terms, roster, &text->defaults.terms,
				    &text->defaults.during);
	roster->plays = calloc (text->plays.count + 1, sizeof *roster->plays);
	if (roster->plays == NULL)
		return SIAGA_ENOMEM;
	roster->play_count = text->plays.count;
	for (size_t i = 0; i < text->plays.count && error == 0; i++)
		error = s_fill_play (&roster->plays[i], roster, &plays[i]);
	return error;
}
