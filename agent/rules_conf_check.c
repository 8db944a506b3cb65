/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the members of one group of a rule mean to each other.
 */
#include "agent/rules_conf_check.h"

#include <stdio.h>

#include "agent/path.h"

static bool
s_refuse (char reason[CONF_REASON_MAX], const char *words)
{
	snprintf (reason, CONF_REASON_MAX, "%s", words);
	return false;
}

bool
when_conf_check_text (const void *value, char reason[CONF_REASON_MAX])
{
	return *(const char *) value ? true : s_refuse (reason, "must not be empty");
}

static bool
s_has_operator (const struct when_conf *self)
{
	return self->equals.kind || self->in.count || self->less.kind || self->greater.kind ||
	       self->contains.count || self->prefix.count || self->regex.count ||
	       self->cidr.count || self->exists.kind;
}

static bool
s_check_name (const char *key, const struct conf_scalar *scalar, const struct siaga_names *names,
	      char reason[CONF_REASON_MAX])
{
	if (!names || scalar->kind == CONF_SCALAR_NONE ||
	    siaga_name_value (names, siaga_text (scalar->text)) >= 0)
		return true;
	int size = snprintf (reason, CONF_REASON_MAX, "%s: unknown value \"%.64s\": one of", key,
			     scalar->text);
	for (size_t i = 0; i < names->count && size < CONF_REASON_MAX; i++)
		size += snprintf (reason + size, CONF_REASON_MAX - (size_t) size, "%s \"%s\"",
				  i ? "," : "", names->names[i]);
	return false;
}

/* What something is less or greater than must have a place in an order. */
static bool
s_check_bound (const char *key, const struct conf_scalar *scalar, const struct siaga_names *names,
	       char reason[CONF_REASON_MAX])
{
	long double number;
	if (scalar->kind == CONF_SCALAR_NONE || names)
		return s_check_name (key, scalar, names, reason);
	if (scalar->kind == CONF_SCALAR_NUMBER ||
	    path_parse_number (siaga_text (scalar->text), &number))
		return true;
	snprintf (reason, CONF_REASON_MAX, "%s: must be a number, or one in quotes like \"0.5\"",
		  key);
	return false;
}

static bool
s_check_operands (const struct when_conf *self, char reason[CONF_REASON_MAX])
{
	struct path path;
	if (!path_parse (&path, self->field, reason))
		return false;
	const struct siaga_names *names = path_names (&path);
	bool good = s_check_name ("equals", &self->equals, names, reason) &&
		    s_check_bound ("less", &self->less, names, reason) &&
		    s_check_bound ("greater", &self->greater, names, reason);
	for (size_t i = 0; i < self->in.count && good; i++)
		good = s_check_name ("in", &self->in.items[i], names, reason);
	return good;
}

bool
when_conf_check (const void *value, char reason[CONF_REASON_MAX])
{
	const struct when_conf *self = value;
	bool has_operator = s_has_operator (self);
	if (self->field && !has_operator)
		return s_refuse (
			reason,
			"says nothing of its field: one of equals, in, less, greater, contains, "
			"prefix, regex, cidr, exists must be given");
	if (!self->field && has_operator)
		return s_refuse (reason, "field: must be given");
	if (!self->field && !self->all.count && !self->any.count && !self->not )
		return s_refuse (reason, "one of field, all, any, not must be given");
	return self->field ? s_check_operands (self, reason) : true;
}

bool
redact_conf_check (const void *value, char reason[CONF_REASON_MAX])
{
	const struct redact_conf *self = value;
	return !self->pattern == !self->path
		       ? s_refuse (reason, "one of pattern and path must be given")
		       : true;
}

static bool
s_changes_something (const struct rule_conf *self)
{
	return self->set.line || self->raise || self->lower || self->raw || self->redact.count ||
	       self->observables.count;
}

bool
rule_conf_check (const void *value, char reason[CONF_REASON_MAX])
{
	const struct rule_conf *self = value;
	if (self->drop && s_changes_something (self))
		return s_refuse (reason, "drop: nothing else is done to what is dropped");
	if (self->raise && self->lower)
		return s_refuse (reason, "raise and lower: only one of them");
	if ((self->raise || self->lower) && self->set.severity)
		return s_refuse (reason, "set.severity is final: leave raise and lower out");
	return true;
}

void
rules_conf_check_sources (const struct rules_conf *self, struct conf_report *report,
			  bool (*is_source) (const void *arg, const char *name), const void *arg)
{
	const struct rule_conf *rules = self->rules.items;
	for (size_t i = 0; i < self->rules.count; i++)
		for (size_t j = 0; j < rules[i].sources.count; j++)
			if (!is_source (arg, rules[i].sources.items[j]))
				conf_report_add (
					report, rules[i].sources.lines[j],
					"rules[%zu].sources: \"%.64s\" is the name of no source", i,
					rules[i].sources.items[j]);
}
