/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See scenario.h. The schema's tables, and what the values mean together.
 */
#include "cli/scenario.h"

#include <stdio.h>
#include <string.h>

#include "siaga/error.h"

#define DURATION_MAX (INT64_C (30) * 24 * 3600 * 1000000)

static bool
s_check_category (const void *value, char reason[CONF_REASON_MAX])
{
	const char *known;
	for (size_t i = 0; (known = siaga_category_at (i)) != NULL; i++)
		if (strcmp (known, value) == 0)
			return true;
	snprintf (reason, CONF_REASON_MAX, "unknown category \"%.64s\" (class/type)",
		  (const char *) value);
	return false;
}

/* clang-format off */
#define TERMS_FIELDS(record) \
	CONF_FIELD ("acknowledge_within", CONF_DURATION, record, terms.acknowledge_within_us, \
		    .max = DURATION_MAX), \
	CONF_FIELD ("take_within", CONF_DURATION, record, terms.take_within_us, .max = DURATION_MAX), \
	CONF_FIELD ("resolve_within", CONF_DURATION, record, terms.resolve_within_us, .max = DURATION_MAX)
/* clang-format on */

#define ENDPOINT_FIELD(name)                                                                       \
	CONF_FIELD (#name, CONF_STRING, struct scenario_endpoint, name, .min = 1,                  \
		    .max = SIAGA_FIELD_MAX)

static const struct conf_field s_endpoint_fields[] = {
	ENDPOINT_FIELD (ip),
	ENDPOINT_FIELD (host),
	ENDPOINT_FIELD (user),
	ENDPOINT_FIELD (url),
	ENDPOINT_FIELD (email),
	CONF_FIELD ("port", CONF_INT, struct scenario_endpoint, port, .min = 1, .max = 65535,
		    .fallback = NULL),
};
static const struct conf_schema s_endpoint_schema =
	CONF_SCHEMA (struct scenario_endpoint, s_endpoint_fields);

static const struct conf_field s_inject_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct scenario_inject, line)},
	CONF_FIELD ("at", CONF_DURATION, struct scenario_inject, at_us, .required = true,
		    .max = SCENARIO_AT_MAX),
	CONF_FIELD ("title", CONF_STRING, struct scenario_inject, title, .required = true, .min = 1,
		    .max = SIAGA_TITLE_MAX),
	CONF_FIELD ("description", CONF_STRING, struct scenario_inject, description,
		    .max = SIAGA_TEXT_MAX),
	CONF_FIELD ("instruction", CONF_STRING, struct scenario_inject, instruction,
		    .max = SIAGA_TEXT_MAX),
	CONF_FIELD ("severity", CONF_ENUM, struct scenario_inject, severity,
		    .names = &siaga_severity_names, .fallback = "medium"),
	CONF_FIELD ("category", CONF_STRING, struct scenario_inject, category, .required = true,
		    .check = s_check_category),
	CONF_FIELD ("system", CONF_STRING, struct scenario_inject, system,
		    .check = conf_check_system),
	CONF_FIELD ("lead", CONF_STRING, struct scenario_inject, lead, .check = conf_check_member),
	CONF_FIELD ("tlp", CONF_STRING, struct scenario_inject, tlp, .check = conf_check_tlp),
	CONF_FIELD ("audience", CONF_STRING_LIST, struct scenario_inject, audience,
		    .max = SIAGA_AUDIENCE_MAX, .check = conf_check_member),
	CONF_FIELD ("source", CONF_GROUP_LIST, struct scenario_inject, source,
		    .max = SCENARIO_ENDPOINTS_MAX, .schema = &s_endpoint_schema),
	CONF_FIELD ("target", CONF_GROUP_LIST, struct scenario_inject, target,
		    .max = SCENARIO_ENDPOINTS_MAX, .schema = &s_endpoint_schema),
	TERMS_FIELDS (struct scenario_inject),
};
static const struct conf_schema s_inject_schema =
	CONF_SCHEMA (struct scenario_inject, s_inject_fields);

static const struct conf_field s_fields[] = {
	CONF_FIELD ("title", CONF_STRING, struct scenario, title, .required = true, .min = 1,
		    .max = SIAGA_TITLE_MAX - 32),
	CONF_FIELD ("description", CONF_STRING, struct scenario, description,
		    .max = SIAGA_TEXT_MAX),
	CONF_FIELD ("tlp", CONF_ENUM, struct scenario, tlp, .names = &siaga_tlp_names,
		    .fallback = "amber"),
	CONF_FIELD ("audience", CONF_STRING_LIST, struct scenario, audience,
		    .max = SIAGA_AUDIENCE_MAX, .check = conf_check_member),
	CONF_FIELD ("expires_after", CONF_DURATION, struct scenario, expires_after_us,
		    .fallback = "24h", .min = 1000000, .max = DURATION_MAX),
	TERMS_FIELDS (struct scenario),
	CONF_FIELD ("injects", CONF_GROUP_LIST, struct scenario, injects, .required = true,
		    .min = 1, .max = SCENARIO_INJECTS_MAX, .schema = &s_inject_schema),
};
static const struct conf_schema s_schema = CONF_SCHEMA (struct scenario, s_fields);

const struct scenario_inject *
scenario_inject (const struct scenario *self, size_t index)
{
	return (const struct scenario_inject *) self->injects.items + index;
}

enum siaga_tlp
scenario_tlp (const struct scenario *self, const struct scenario_inject *inject)
{
	return (enum siaga_tlp) (inject && inject->tlp ? siaga_name_value (&siaga_tlp_names,
									   siaga_text (inject->tlp))
						       : self->tlp);
}

const struct conf_strings *
scenario_audience (const struct scenario *self, const struct scenario_inject *inject)
{
	return inject && inject->audience.count > 0 ? &inject->audience : &self->audience;
}

static uint64_t
s_either (uint64_t own, uint64_t general)
{
	return own ? own : general;
}

struct scenario_terms
scenario_terms (const struct scenario *self, const struct scenario_inject *inject)
{
	const struct scenario_terms *own = &inject->terms, *general = &self->terms;
	return (struct scenario_terms){
		.acknowledge_within_us =
			s_either (own->acknowledge_within_us, general->acknowledge_within_us),
		.take_within_us = s_either (own->take_within_us, general->take_within_us),
		.resolve_within_us = s_either (own->resolve_within_us, general->resolve_within_us),
	};
}

/* The injects stand in the order they are sent. */
static void
s_check_order (const struct scenario *self, struct conf_report *report)
{
	for (size_t i = 1; i < self->injects.count; i++)
		if (scenario_inject (self, i)->at_us < scenario_inject (self, i - 1)->at_us)
			conf_report_add (report, scenario_inject (self, i)->line,
					 "injects[%zu].at: is before the inject above it", i);
}

int
scenario_parse (struct scenario *self, const char *file_name, const char *text, size_t size,
		struct conf_error *error)
{
	struct conf_report report;
	conf_report_init (&report, file_name, error);
	int failed = conf_parse_report (&report, text, size, &s_schema, self);
	if (failed)
		return failed;
	s_check_order (self, &report);
	if (report.count == 0)
		return 0;
	scenario_finish (self);
	return SIAGA_ECONF;
}

void
scenario_finish (struct scenario *self)
{
	conf_free (&s_schema, self);
}

/* --- against a roster ----------------------------------------------------------------------------------- */

struct check {
	const struct scenario *scenario;
	const struct siaga_roster *roster;
	struct conf_report report;
};

static void
s_check_audience (struct check *self, const struct conf_strings *audience)
{
	for (size_t i = 0; i < audience->count; i++)
		if (!siaga_roster_member (self->roster, siaga_text (audience->items[i])))
			conf_report_add (&self->report, audience->lines[i],
					 "audience: the roster has no member \"%s\"",
					 audience->items[i]);
}

/* The lead must be able to see what it is to lead. */
static void
s_check_lead (struct check *self, const struct scenario_inject *inject, size_t index)
{
	const struct conf_strings *audience = scenario_audience (self->scenario, inject);
	const struct siaga_member *lead =
		siaga_roster_member (self->roster, siaga_text (inject->lead));
	bool named = audience->count == 0;
	for (size_t i = 0; i < audience->count; i++)
		named = named || strcmp (audience->items[i], inject->lead) == 0;
	if (!lead)
		conf_report_add (&self->report, inject->line,
				 "injects[%zu].lead: the roster has no member \"%s\"", index,
				 inject->lead);
	else if (!named || lead->clearance < scenario_tlp (self->scenario, inject))
		conf_report_add (&self->report, inject->line,
				 "injects[%zu].lead: %s may not see it (clearance or audience)",
				 index, inject->lead);
}

int
scenario_check (const struct scenario *self, const char *file_name,
		const struct siaga_roster *roster, struct conf_error *error)
{
	struct check check = {.scenario = self, .roster = roster};
	conf_report_init (&check.report, file_name, error);
	s_check_audience (&check, &self->audience);
	for (size_t i = 0; i < self->injects.count; i++) {
		const struct scenario_inject *inject = scenario_inject (self, i);
		s_check_audience (&check, &inject->audience);
		if (inject->lead)
			s_check_lead (&check, inject, i);
		if (inject->system && !siaga_roster_system (roster, siaga_text (inject->system)))
			conf_report_add (&check.report, inject->line,
					 "injects[%zu].system: the roster has no system \"%s\"", i,
					 inject->system);
	}
	return check.report.count > 0 ? SIAGA_ECONF : 0;
}
