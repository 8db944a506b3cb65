/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema of agent.conf, then what one key means for another: names of sources, and which keys
 * which type of source has.
 */
#include "agent/agent_conf.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/source_conf.h"
#include "siaga/error.h"

#define SOURCES_MAX 64
#define PATHS_MAX 64 /* of one source */

static const char *const s_type_names[] = {
	[SOURCE_EVE] = "eve",	      [SOURCE_SOCKET] = "socket", [SOURCE_STDIN] = "stdin",
	[SOURCE_WAZUH] = "wazuh",     [SOURCE_ZEEK] = "zeek",	  [SOURCE_SYSLOG] = "syslog",
	[SOURCE_JOURNAL] = "journal", [SOURCE_LINES] = "lines",	  [SOURCE_EXEC] = "exec",
};
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

static bool
s_check_log (const void *value, char reason[CONF_REASON_MAX])
{
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	if (siaga_hex_parse (log_id, sizeof log_id, siaga_text (value)) == 0)
		return true;
	snprintf (reason, CONF_REASON_MAX, "must be the %d hexadecimal digits of a log id",
		  2 * SIAGA_LOG_ID_BYTES);
	return false;
}

static bool
s_check_part (const void *value, char reason[CONF_REASON_MAX])
{
	if (siaga_name_value (&damper_part_names, siaga_text (value)) >= 0)
		return true;
	snprintf (reason, CONF_REASON_MAX,
		  "\"%.80s\" is none of rule, source, target, port, system, user, title",
		  (const char *) value);
	return false;
}

/* clang-format off */
static const struct conf_field s_source_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct source_conf, line)},
	{"name", CONF_STRING, offsetof (struct source_conf, name), .check = s_check_name},
	{"type", CONF_ENUM, offsetof (struct source_conf, type), .required = true,
	 .names = &source_type_names},
	{"path", CONF_PATH_LIST, offsetof (struct source_conf, paths), .min = 1, .max = PATHS_MAX},
	{"from", CONF_ENUM, offsetof (struct source_conf, from), .names = &s_froms, .fallback = "end"},
	{"format", CONF_STRING, offsetof (struct source_conf, format), .check = source_check_format},
	{"pattern", CONF_STRING, offsetof (struct source_conf, pattern), .check = source_check_pattern},
	{"listen", CONF_STRING, offsetof (struct source_conf, listen), .check = source_check_listen},
	{"command", CONF_STRING_LIST, offsetof (struct source_conf, command), .min = 1, .max = 64},
	{"units", CONF_STRING_LIST, offsetof (struct source_conf, units), .min = 1, .max = 64,
	 .check = source_check_unit},
	{"min_priority", CONF_STRING, offsetof (struct source_conf, min_priority),
	 .check = source_check_priority},
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
	{"max_age", CONF_DURATION, offsetof (struct agent_outbox_conf, max_age_us), .fallback = "30d",
	 .min = 60 * INT64_C (1000000), .max = 3650 * 86400 * INT64_C (1000000)},
};
static const struct conf_schema s_outbox_schema = CONF_SCHEMA (struct agent_outbox_conf, s_outbox_fields);

static const struct conf_field s_damper_fields[] = {
	{"enabled", CONF_BOOL, offsetof (struct damper_conf, enabled), .fallback = "true"},
	{"window", CONF_DURATION, offsetof (struct damper_conf, window_us), .fallback = "10m",
	 .min = INT64_C (1000000), .max = 86400 * INT64_C (1000000)},
	{"key", CONF_STRING_LIST, offsetof (struct damper_conf, key), .min = 1, .max = 8,
	 .check = s_check_part},
	{"rate", CONF_INT, offsetof (struct damper_conf, rate), .fallback = "1000", .min = 0,
	 .max = 1000000},
};
static const struct conf_schema s_damper_schema = CONF_SCHEMA (struct damper_conf, s_damper_fields);

static const struct conf_field s_fields[] = {
	TRUST_CONF_FIELDS (struct agent_conf, trust),
	{"state", CONF_PATH, offsetof (struct agent_conf, state), .fallback = "/var/lib/siaga-agent"},
	{"hub", CONF_STRING, offsetof (struct agent_conf, hub), .check = conf_check_address},
	{"accept_log", CONF_STRING, offsetof (struct agent_conf, accept_log), .check = s_check_log},
	{"status", CONF_ENUM, offsetof (struct agent_conf, status), .names = &s_statuses,
	 .fallback = "actual"},
	{"outbox", CONF_GROUP, offsetof (struct agent_conf, outbox), .schema = &s_outbox_schema},
	{"damper", CONF_GROUP, offsetof (struct agent_conf, damper), .schema = &s_damper_schema},
	{"sources", CONF_GROUP_LIST, offsetof (struct agent_conf, sources), .required = true, .min = 1,
	 .max = SOURCES_MAX, .schema = &s_source_schema},
	RULES_CONF_FIELDS (struct agent_conf, rules),
};
/* clang-format on */
static const struct conf_schema s_schema = CONF_SCHEMA (struct agent_conf, s_fields);

/* One being checked. */
struct check {
	struct agent_conf *conf;
	struct conf_report *report;
};

static bool
s_share_a_path (const struct source_conf *a, const struct source_conf *b)
{
	for (size_t i = 0; i < a->paths.count; i++)
		for (size_t j = 0; j < b->paths.count; j++)
			if (strcmp (a->paths.items[i], b->paths.items[j]) == 0)
				return true;
	return false;
}

/* There is one standard input, and a file read twice would be told twice. */
static bool
s_same_input (const struct source_conf *a, const struct source_conf *b)
{
	return a->type == b->type && (a->type == SOURCE_STDIN || s_share_a_path (a, b));
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
	source_conf_complete (source);
	source_conf_check (source, index, check->report);
	s_check_against_earlier (check, index, source);
	return 0;
}

static bool
s_is_source (const void *arg, const char *name)
{
	const struct agent_conf *conf = arg;
	for (size_t i = 0; i < conf->sources.count; i++)
		if (strcmp (agent_conf_source (conf, i)->name, name) == 0)
			return true;
	return false;
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
	if (!rc)
		rules_conf_check_sources (&self->rules, &report, s_is_source, self);
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
