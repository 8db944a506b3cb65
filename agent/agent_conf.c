/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema of agent.conf, then what one key means for another: names of sources, and which keys
 * which type of source has.
 */
#include "agent/agent_conf.h"

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

#define SOURCES_MAX 64

static const char *const s_type_names[] = {"eve", "socket", "stdin"};
const struct siaga_names source_type_names = {s_type_names,
					      sizeof s_type_names / sizeof *s_type_names};

static const char *const s_from_names[] = {"end", "start"};
static const struct siaga_names s_froms = {s_from_names,
					   sizeof s_from_names / sizeof *s_from_names};

/* CAP's `system` is the hub's alone. */
static const char *const s_status_names[] = {"actual", "exercise", "test"};
static const struct siaga_names s_statuses = {s_status_names,
					      sizeof s_status_names / sizeof *s_status_names};

/* Stands in the log and in the outbox: shaped as the names of systems are. */
static bool
s_check_name (const void *value, char reason[CONF_REASON_MAX])
{
	if (siaga_system_is_valid (siaga_text (value)))
		return true;
	snprintf (
		reason, CONF_REASON_MAX,
		"\"%.80s\" is not a name: small letters, digits and '-', a letter first, at most 32",
		(const char *) value);
	return false;
}

/* clang-format off */
static const struct conf_field s_source_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct source_conf, line)},
	{"name", CONF_STRING, offsetof (struct source_conf, name), .check = s_check_name},
	{"type", CONF_ENUM, offsetof (struct source_conf, type), .required = true,
	 .names = &source_type_names},
	{"path", CONF_PATH, offsetof (struct source_conf, path), .required = false},
	{"from", CONF_ENUM, offsetof (struct source_conf, from), .names = &s_froms, .fallback = "end"},
	{"system", CONF_STRING, offsetof (struct source_conf, system), .check = conf_check_system},
	{"tlp", CONF_ENUM, offsetof (struct source_conf, tlp), .names = &siaga_tlp_names,
	 .fallback = "amber"},
	{"audience", CONF_STRING_LIST, offsetof (struct source_conf, audience), .min = 0,
	 .max = SIAGA_AUDIENCE_MAX, .check = conf_check_member},
	{"keep_raw", CONF_BOOL, offsetof (struct source_conf, keep_raw), .fallback = "true"},
	{"keep_payload", CONF_BOOL, offsetof (struct source_conf, keep_payload), .fallback = "false"},
};
static const struct conf_schema s_source_schema = CONF_SCHEMA (struct source_conf, s_source_fields);

static const struct conf_field s_outbox_fields[] = {
	{"max_size", CONF_SIZE, offsetof (struct agent_outbox_conf, max_bytes), .fallback = "256M",
	 .min = 1 << 20, .max = INT64_C (1) << 40},
	{"keep_acknowledged", CONF_DURATION, offsetof (struct agent_outbox_conf, keep_us),
	 .fallback = "24h"},
	{"keep_size", CONF_SIZE, offsetof (struct agent_outbox_conf, keep_bytes), .fallback = "64M",
	 .min = 1 << 20, .max = INT64_C (1) << 40},
};
static const struct conf_schema s_outbox_schema = CONF_SCHEMA (struct agent_outbox_conf, s_outbox_fields);

static const struct conf_field s_fields[] = {
	TRUST_CONF_FIELDS (struct agent_conf, trust),
	{"state", CONF_PATH, offsetof (struct agent_conf, state), .fallback = "/var/lib/siaga-agent"},
	{"hub", CONF_STRING, offsetof (struct agent_conf, hub), .check = conf_check_address},
	{"status", CONF_ENUM, offsetof (struct agent_conf, status), .names = &s_statuses,
	 .fallback = "actual"},
	{"outbox", CONF_GROUP, offsetof (struct agent_conf, outbox), .schema = &s_outbox_schema},
	{"sources", CONF_GROUP_LIST, offsetof (struct agent_conf, sources), .required = true, .min = 1,
	 .max = SOURCES_MAX, .schema = &s_source_schema},
};
/* clang-format on */
static const struct conf_schema s_schema = CONF_SCHEMA (struct agent_conf, s_fields);

/* One being checked. */
struct check {
	struct agent_conf *conf;
	struct conf_report *report;
};

static void
s_check_path (const struct check *check, size_t index, const struct source_conf *source)
{
	const char *type = siaga_name_of (&source_type_names, (unsigned) source->type);
	if (source->type == SOURCE_STDIN && source->path)
		conf_report_add (check->report, source->line,
				 "sources[%zu].path: a source of type %s has none", index, type);
	if (source->type != SOURCE_STDIN && !source->path)
		conf_report_add (check->report, source->line,
				 "sources[%zu].path: must be given for a source of type %s", index,
				 type);
}

/* There is one standard input, and a file read twice would be told twice. */
static bool
s_same_input (const struct source_conf *a, const struct source_conf *b)
{
	return a->type == b->type &&
	       (a->type == SOURCE_STDIN || (a->path && b->path && strcmp (a->path, b->path) == 0));
}

static void
s_check_against_earlier (const struct check *check, size_t index, const struct source_conf *source)
{
	for (size_t i = 0; i < index; i++) {
		const struct source_conf *earlier = agent_conf_source (check->conf, i);
		if (strcmp (earlier->name, source->name) == 0)
			conf_report_add (
				check->report, source->line,
				"sources[%zu].name: \"%s\" is the name of sources[%zu] already; "
				"give each its own",
				index, source->name, i);
		else if (s_same_input (earlier, source))
			conf_report_add (check->report, source->line,
					 "sources[%zu].path: is read by sources[%zu] already",
					 index, i);
	}
}

static int
s_check_source (const struct check *check, size_t index)
{
	struct source_conf *source = agent_conf_source (check->conf, index);
	if (!source->name)
		source->name = strdup (siaga_name_of (&source_type_names, (unsigned) source->type));
	if (!source->name)
		return SIAGA_ENOMEM;
	s_check_path (check, index, source);
	s_check_against_earlier (check, index, source);
	return 0;
}

int
agent_conf_load (struct agent_conf *self, const char *path, struct conf_error *error)
{
	struct conf_report report;
	struct check check = {self, &report};
	int rc = conf_load (path, &s_schema, self, error);
	if (rc)
		return rc;
	conf_report_init (&report, path, error);
	for (size_t i = 0; i < self->sources.count && !rc; i++)
		rc = s_check_source (&check, i);
	if (!rc && report.count > 0)
		rc = SIAGA_ECONF;
	if (rc)
		agent_conf_free (self);
	return rc;
}

void
agent_conf_free (struct agent_conf *self)
{
	conf_free (&s_schema, self);
}

void
agent_conf_defaults (const struct agent_conf *self, const struct source_conf *source,
		     struct alert_defaults *defaults)
{
	alert_defaults_init (defaults);
	defaults->status = (enum siaga_status) self->status;
	defaults->tlp = (enum siaga_tlp) source->tlp;
	defaults->system = siaga_text (source->system);
	for (size_t i = 0; i < source->audience.count && i < SIAGA_AUDIENCE_MAX; i++)
		defaults->audience[i] = siaga_text (source->audience.items[i]);
	defaults->audience_count = alert_audience_sort (defaults->audience, source->audience.count);
}
