/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema of rules, redactions and networks, and the checkers of single values; what the members of one
 * group mean to each other is in rules_conf_check.c.
 */
#include "agent/rules_conf.h"

#include <stdio.h>

#include "agent/cidr.h"
#include "agent/pattern.h"
#include "agent/rules_conf_check.h"
#include "agent/template.h"
#include "siaga/error.h"

#define VALUE_MAX 1024 /* bytes of a text that is compared with */

static bool
s_check_path (const void *value, char reason[CONF_REASON_MAX])
{
	struct path path;
	return path_parse (&path, value, reason);
}

static bool
s_check_field_path (const void *value, char reason[CONF_REASON_MAX])
{
	if (*(const char *) value != '.')
		return s_check_path (value, reason);
	snprintf (
		reason, CONF_REASON_MAX,
		"\"%.64s\" is of the alert; what is hidden must be a field of the sensor's record",
		(const char *) value);
	return false;
}

static bool
s_check_pattern (const char *text, bool may_be_empty, char reason[CONF_REASON_MAX])
{
	struct pattern *pattern = NULL;
	int rc = pattern_new (&pattern, text, reason);
	bool good = rc == 0 && (may_be_empty || !pattern_matches_empty (pattern));
	if (rc == SIAGA_ENOMEM)
		snprintf (reason, CONF_REASON_MAX, "%s", siaga_strerror (rc));
	else if (rc == 0 && !good)
		snprintf (reason, CONF_REASON_MAX,
			  "matches the empty text: there is nothing to hide");
	pattern_destroy (&pattern);
	return good;
}

static bool
s_check_regex (const void *value, char reason[CONF_REASON_MAX])
{
	return s_check_pattern (value, true, reason);
}

static bool
s_check_redacted (const void *value, char reason[CONF_REASON_MAX])
{
	return s_check_pattern (value, false, reason);
}

static bool
s_check_cidr (const void *value, char reason[CONF_REASON_MAX])
{
	struct cidr cidr;
	if (cidr_parse (&cidr, value) == 0)
		return true;
	snprintf (
		reason, CONF_REASON_MAX,
		"\"%.64s\" is no range like \"10.47.3.0/24\" or \"2001:db8::/32\", with no bits set "
		"behind the prefix",
		(const char *) value);
	return false;
}

static bool
s_check_category (const void *value, char reason[CONF_REASON_MAX])
{
	if (siaga_category_is_valid (siaga_text (value)))
		return true;
	snprintf (reason, CONF_REASON_MAX,
		  "\"%.80s\" is not a category like \"intrusion-attempts/brute-force\"",
		  (const char *) value);
	return false;
}

static bool
s_check_name (const struct siaga_names *names, const char *text, char reason[CONF_REASON_MAX])
{
	if (siaga_name_value (names, siaga_text (text)) >= 0)
		return true;
	int size = snprintf (reason, CONF_REASON_MAX, "unknown value \"%.64s\": one of", text);
	for (size_t i = 0; i < names->count && size < CONF_REASON_MAX; i++)
		size += snprintf (reason + size, CONF_REASON_MAX - (size_t) size, "%s \"%s\"",
				  i ? "," : "", names->names[i]);
	return false;
}

static bool
s_check_severity (const void *value, char reason[CONF_REASON_MAX])
{
	return s_check_name (&siaga_severity_names, value, reason);
}

static bool
s_check_tlp (const void *value, char reason[CONF_REASON_MAX])
{
	return s_check_name (&siaga_tlp_names, value, reason);
}

static bool
s_check_raw (const void *value, char reason[CONF_REASON_MAX])
{
	static const char *const names[] = {"keep", "strip"};
	static const struct siaga_names raws = {names, 2};
	return s_check_name (&raws, value, reason);
}

static bool
s_check_template (const void *value, char reason[CONF_REASON_MAX])
{
	return template_check (value, reason);
}

static bool
s_check_place (const void *value, char reason[CONF_REASON_MAX])
{
	struct endpoint_place place;
	if (endpoint_place_parse (&place, value))
		return true;
	snprintf (
		reason, CONF_REASON_MAX,
		"\"%.64s\" is not \"source.\" or \"target.\" and one of ip, port, host, user, url, hash, "
		"mac, email, file, process",
		(const char *) value);
	return false;
}

static bool
s_check_rule_name (const void *value, char reason[CONF_REASON_MAX])
{
	for (const char *at = value; *at; at++)
		if ((unsigned char) *at < ' ') {
			snprintf (reason, CONF_REASON_MAX, "a control character");
			return false;
		}
	return true;
}

static bool
s_check_bool (const void *value, char reason[CONF_REASON_MAX])
{
	const struct conf_scalar *scalar = value;
	if (scalar->kind == CONF_SCALAR_BOOL)
		return true;
	snprintf (reason, CONF_REASON_MAX, "must be true or false, without quotes");
	return false;
}

/* clang-format off */
static const struct conf_schema s_when_schema; /* `all`, `any` and `not` hold more of the same */
static const struct conf_field s_when_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct when_conf, line)},
	{"field", CONF_STRING, offsetof (struct when_conf, field), .check = s_check_path},
	{"equals", CONF_SCALAR, offsetof (struct when_conf, equals), .min = 0},
	{"in", CONF_SCALAR_LIST, offsetof (struct when_conf, in), .min = 1, .max = RULES_ITEMS_MAX},
	{"less", CONF_SCALAR, offsetof (struct when_conf, less), .min = 0},
	{"greater", CONF_SCALAR, offsetof (struct when_conf, greater), .min = 0},
	{"contains", CONF_STRING_LIST, offsetof (struct when_conf, contains), .min = 1,
	 .max = RULES_ITEMS_MAX, .check = when_conf_check_text},
	{"prefix", CONF_STRING_LIST, offsetof (struct when_conf, prefix), .min = 1,
	 .max = RULES_ITEMS_MAX, .check = when_conf_check_text},
	{"regex", CONF_STRING_LIST, offsetof (struct when_conf, regex), .min = 1,
	 .max = RULES_ITEMS_MAX, .check = s_check_regex},
	{"cidr", CONF_STRING_LIST, offsetof (struct when_conf, cidr), .min = 1,
	 .max = RULES_ITEMS_MAX, .check = s_check_cidr},
	{"exists", CONF_SCALAR, offsetof (struct when_conf, exists), .check = s_check_bool},
	{"all", CONF_GROUP_LIST, offsetof (struct when_conf, all), .min = 1, .max = RULES_ITEMS_MAX,
	 .schema = &s_when_schema, .check = when_conf_check},
	{"any", CONF_GROUP_LIST, offsetof (struct when_conf, any), .min = 1, .max = RULES_ITEMS_MAX,
	 .schema = &s_when_schema, .check = when_conf_check},
	{"not", CONF_GROUP_OR_NULL, offsetof (struct when_conf, not), .schema = &s_when_schema,
	 .check = when_conf_check},
};
static const struct conf_schema s_when_schema = CONF_SCHEMA (struct when_conf, s_when_fields);

static const struct conf_field s_redact_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct redact_conf, line)},
	{"pattern", CONF_STRING, offsetof (struct redact_conf, pattern), .min = 1,
	 .max = PATTERN_TEXT_MAX, .check = s_check_redacted},
	{"path", CONF_STRING, offsetof (struct redact_conf, path), .check = s_check_field_path},
	{"with", CONF_STRING, offsetof (struct redact_conf, with), .min = 0, .max = 64,
	 .fallback = "[redacted]"},
};
const struct conf_schema redact_schema = CONF_SCHEMA (struct redact_conf, s_redact_fields);

static const struct conf_field s_set_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct set_conf, line)},
	{"category", CONF_STRING, offsetof (struct set_conf, category), .check = s_check_category},
	{"severity", CONF_STRING, offsetof (struct set_conf, severity), .check = s_check_severity},
	{"system", CONF_STRING, offsetof (struct set_conf, system), .check = conf_check_system},
	{"tlp", CONF_STRING, offsetof (struct set_conf, tlp), .check = s_check_tlp},
	{"audience", CONF_STRING_LIST, offsetof (struct set_conf, audience), .min = 1,
	 .max = SIAGA_AUDIENCE_MAX, .check = conf_check_member},
	{"title", CONF_STRING, offsetof (struct set_conf, title), .min = 1, .max = TEMPLATE_TEXT_MAX,
	 .check = s_check_template},
};
static const struct conf_schema s_set_schema = CONF_SCHEMA (struct set_conf, s_set_fields);

static const struct conf_field s_observable_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct observable_conf, line)},
	{"path", CONF_STRING, offsetof (struct observable_conf, path), .required = true,
	 .check = s_check_path},
	{"as", CONF_STRING, offsetof (struct observable_conf, as), .required = true,
	 .check = s_check_place},
};
static const struct conf_schema s_observable_schema =
	CONF_SCHEMA (struct observable_conf, s_observable_fields);

static const struct conf_field s_rule_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct rule_conf, line)},
	{"name", CONF_STRING, offsetof (struct rule_conf, name), .min = 1, .max = RULE_NAME_MAX,
	 .check = s_check_rule_name},
	{"sources", CONF_STRING_LIST, offsetof (struct rule_conf, sources), .min = 1, .max = 64},
	{"when", CONF_GROUP_OR_NULL, offsetof (struct rule_conf, when), .schema = &s_when_schema,
	 .check = when_conf_check},
	{"drop", CONF_BOOL, offsetof (struct rule_conf, drop), .fallback = "false"},
	{"set", CONF_GROUP, offsetof (struct rule_conf, set), .schema = &s_set_schema},
	{"raise", CONF_INT, offsetof (struct rule_conf, raise), .min = 1, .max = 4},
	{"lower", CONF_INT, offsetof (struct rule_conf, lower), .min = 1, .max = 4},
	{"raw", CONF_STRING, offsetof (struct rule_conf, raw), .check = s_check_raw},
	{"redact", CONF_GROUP_LIST, offsetof (struct rule_conf, redact), .min = 1,
	 .max = RULES_ITEMS_MAX, .schema = &redact_schema, .check = redact_conf_check},
	{"observables", CONF_GROUP_LIST, offsetof (struct rule_conf, observables), .min = 1,
	 .max = RULES_ITEMS_MAX, .schema = &s_observable_schema},
};
const struct conf_schema rule_schema = CONF_SCHEMA (struct rule_conf, s_rule_fields);

static const struct conf_field s_network_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct network_conf, line)},
	{"system", CONF_STRING, offsetof (struct network_conf, system), .required = true,
	 .check = conf_check_system},
	{"addresses", CONF_STRING_LIST, offsetof (struct network_conf, addresses), .required = true,
	 .min = 1, .max = RULES_ITEMS_MAX, .check = s_check_cidr},
};
const struct conf_schema network_schema = CONF_SCHEMA (struct network_conf, s_network_fields);
/* clang-format on */
