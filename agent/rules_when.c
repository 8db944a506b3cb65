/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions. A value of the event holds if every operator of the condition says so of it; a list behind an
 * operator holds if any of its items does.
 */
#include "agent/rules_private.h"

#include "siaga/error.h"

struct test {
	const struct rules *rules;
	const struct when *when;
};

/* `names`: the operand is a rank. */
static int
s_make_operand (struct rules *self, const struct conf_scalar *conf, const struct siaga_names *names,
		struct operand *operand)
{
	operand->text = siaga_text (rules_copy (self, conf->text));
	if (!operand->text.data)
		return SIAGA_ENOMEM;
	operand->is_number = conf->kind == CONF_SCALAR_NUMBER;
	operand->number = (long double) conf->number;
	if (names)
		operand->number = siaga_name_value (names, operand->text);
	else if (!operand->is_number)
		path_parse_number (operand->text, &operand->number);
	return 0;
}

static int
s_make_operands (struct rules *self, const struct conf_scalar *conf, size_t count,
		 const struct siaga_names *names, struct operands *operands)
{
	int rc = 0;
	if (count == 0 || conf->kind == CONF_SCALAR_NONE)
		return 0;
	operands->items = rules_alloc (self, count, sizeof *operands->items);
	if (!operands->items)
		return SIAGA_ENOMEM;
	operands->count = count;
	for (size_t i = 0; i < count && !rc; i++)
		rc = s_make_operand (self, &conf[i], names, &operands->items[i]);
	return rc;
}

static int
s_make_texts (struct rules *self, const struct conf_strings *conf, struct operands *operands)
{
	if (conf->count == 0)
		return 0;
	operands->items = rules_alloc (self, conf->count, sizeof *operands->items);
	if (!operands->items)
		return SIAGA_ENOMEM;
	operands->count = conf->count;
	for (size_t i = 0; i < conf->count; i++) {
		operands->items[i].text = siaga_text (rules_copy (self, conf->items[i]));
		if (!operands->items[i].text.data)
			return SIAGA_ENOMEM;
	}
	return 0;
}

static int
s_make_patterns (struct rules *self, const struct conf_strings *conf, struct patterns *patterns)
{
	if (conf->count == 0)
		return 0;
	patterns->items = rules_alloc (self, conf->count, sizeof (struct pattern *));
	if (!patterns->items)
		return SIAGA_ENOMEM;
	patterns->count = conf->count;
	for (size_t i = 0; i < conf->count; i++) {
		patterns->items[i] = rules_pattern (self, conf->items[i]);
		if (!patterns->items[i])
			return SIAGA_ENOMEM;
	}
	return 0;
}

static int
s_make_numbers (struct rules *self, const struct when_conf *conf, struct when *when)
{
	const struct siaga_names *names = path_names (&when->path);
	int rc = s_make_operands (self, &conf->equals, 1, names, &when->equals);
	if (!rc)
		rc = s_make_operands (self, conf->in.items, conf->in.count, names, &when->in);
	if (!rc)
		rc = s_make_operands (self, &conf->less, 1, names, &when->less);
	return rc ? rc : s_make_operands (self, &conf->greater, 1, names, &when->greater);
}

static int
s_make_field (struct rules *self, const struct when_conf *conf, struct when *when)
{
	char reason[PATH_REASON];
	const char *text = rules_copy (self, conf->field);
	if (!text)
		return SIAGA_ENOMEM;
	if (!path_parse (&when->path, text, reason))
		return SIAGA_ECONF; /* the schema has checked it */
	when->has_field = true;
	int rc = s_make_numbers (self, conf, when);
	if (!rc)
		rc = s_make_texts (self, &conf->contains, &when->contains);
	if (!rc)
		rc = s_make_texts (self, &conf->prefix, &when->prefix);
	if (!rc)
		rc = s_make_patterns (self, &conf->regex, &when->regex);
	if (!rc)
		rc = rules_cidrs (self, &conf->cidr, &when->cidr);
	when->has_exists = conf->exists.kind != CONF_SCALAR_NONE;
	when->exists = conf->exists.yes;
	when->needs_value = when->equals.count || when->in.count || when->less.count ||
			    when->greater.count || when->contains.count || when->prefix.count ||
			    when->regex.count || when->cidr.count;
	return rc;
}

static int
s_make_group (struct rules *self, const struct conf_list *conf, struct whens *whens)
{
	const struct when_conf *items = conf->items;
	int rc = 0;
	if (conf->count == 0)
		return 0;
	whens->items = rules_alloc (self, conf->count, sizeof *whens->items);
	if (!whens->items)
		return SIAGA_ENOMEM;
	whens->count = conf->count;
	for (size_t i = 0; i < conf->count && !rc; i++)
		rc = rules_make_when (self, &items[i], &whens->items[i]);
	return rc;
}

/* As deep as the configuration's brackets: CONF_DEPTH_MAX. */
int
rules_make_when (struct rules *self, const struct when_conf *conf, struct when *when)
{
	when->line = conf->line;
	int rc = conf->field ? s_make_field (self, conf, when) : 0;
	if (!rc)
		rc = s_make_group (self, &conf->all, &when->all);
	if (!rc)
		rc = s_make_group (self, &conf->any, &when->any);
	if (rc || !conf->not )
		return rc;
	when->not = rules_alloc (self, 1, sizeof *when->not );
	return when->not ? rules_make_when (self, conf->not, when->not ) : SIAGA_ENOMEM;
}

/* A number with a number, also one that the sensor wrote as text; a text with a text. */
static bool
s_equals (const struct operand *operand, const struct path_value *value)
{
	if (!operand->is_number)
		return siaga_text_equal (operand->text, value->text);
	return value->has_number && !(value->number < operand->number) &&
	       !(value->number > operand->number);
}

static bool
s_equals_any (const struct operands *operands, const struct path_value *value)
{
	for (size_t i = 0; i < operands->count; i++)
		if (s_equals (&operands->items[i], value))
			return true;
	return false;
}

static bool
s_is_less (const struct operands *operands, const struct path_value *value)
{
	return value->has_number && value->number < operands->items[0].number;
}

static bool
s_is_greater (const struct operands *operands, const struct path_value *value)
{
	return value->has_number && value->number > operands->items[0].number;
}

static bool
s_contains_any (const struct operands *operands, const struct path_value *value)
{
	for (size_t i = 0; i < operands->count; i++)
		if (value->text.size > 0 &&
		    memmem (value->text.data, value->text.size, operands->items[i].text.data,
			    operands->items[i].text.size))
			return true;
	return false;
}

static bool
s_begins_with_any (const struct operands *operands, const struct path_value *value)
{
	for (size_t i = 0; i < operands->count; i++) {
		struct siaga_text prefix = operands->items[i].text;
		if (value->text.size >= prefix.size &&
		    memcmp (value->text.data, prefix.data, prefix.size) == 0)
			return true;
	}
	return false;
}

static bool
s_matches_any (const struct rules *self, const struct when *when, const struct path_value *value)
{
	const struct patterns *patterns = &when->regex;
	for (size_t i = 0; i < patterns->count; i++) {
		enum pattern_result result =
			pattern_test (patterns->items[i], self->work, value->text);
		if (result == PATTERN_GAVE_UP)
			complaint_add (self->gave_up,
				       "the regex of the condition at line %u took too long for a "
				       "value of %zu bytes, and counts as no match",
				       when->line, value->text.size);
		if (result == PATTERN_YES)
			return true;
	}
	return false;
}

static bool
s_lies_in_any (const struct cidrs *cidrs, const struct path_value *value)
{
	for (size_t i = 0; i < cidrs->count; i++)
		if (cidr_has (&cidrs->items[i], value->text))
			return true;
	return false;
}

static bool
s_value_holds (void *arg, const struct path_value *value)
{
	const struct test *test = arg;
	const struct when *when = test->when;
	return (!when->equals.count || s_equals_any (&when->equals, value)) &&
	       (!when->in.count || s_equals_any (&when->in, value)) &&
	       (!when->less.count || s_is_less (&when->less, value)) &&
	       (!when->greater.count || s_is_greater (&when->greater, value)) &&
	       (!when->contains.count || s_contains_any (&when->contains, value)) &&
	       (!when->prefix.count || s_begins_with_any (&when->prefix, value)) &&
	       (!when->cidr.count || s_lies_in_any (&when->cidr, value)) &&
	       (!when->regex.count || s_matches_any (test->rules, when, value));
}

/* What `.system` will be once an address gives it. */
static struct siaga_text
s_system_to_be (const struct rules *self, const struct when *when, const struct event *event)
{
	if (path_is_system (&when->path) && event->header.system.size == 0)
		return rules_network_of (self, event);
	return (struct siaga_text){NULL, 0};
}

static bool
s_field_holds (const struct rules *self, const struct when *when, const struct event *event)
{
	struct test test = {self, when};
	struct path_value system = {.text = s_system_to_be (self, when, event)};
	bool there = system.text.size > 0 || path_exists (&when->path, event);
	if (when->has_exists && when->exists != there)
		return false;
	if (!when->needs_value)
		return true;
	return system.text.size > 0 ? s_value_holds (&test, &system)
				    : path_visit (&when->path, event, s_value_holds, &test);
}

static bool
s_any_holds (const struct rules *self, const struct whens *whens, const struct event *event)
{
	for (size_t i = 0; i < whens->count; i++)
		if (rules_when_holds (self, &whens->items[i], event))
			return true;
	return whens->count == 0;
}

bool
rules_when_holds (const struct rules *self, const struct when *when, const struct event *event)
{
	if (when->has_field && !s_field_holds (self, when, event))
		return false;
	for (size_t i = 0; i < when->all.count; i++)
		if (!rules_when_holds (self, &when->all.items[i], event))
			return false;
	return s_any_holds (self, &when->any, event) &&
	       (!when->not || !rules_when_holds (self, when->not, event));
}
