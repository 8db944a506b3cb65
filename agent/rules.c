/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From configuration to what runs, and the order of things: redact, match, redact again, set.
 */
#include "agent/rules_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

void *
rules_alloc (struct rules *self, size_t count, size_t size)
{
	_Static_assert(sizeof (struct rules_block) <= _Alignof(max_align_t), "room for the link");
	size_t bytes;
	if (__builtin_mul_overflow (count, size, &bytes))
		return NULL;
	struct rules_block *block = calloc (1, _Alignof(max_align_t) + bytes);
	if (!block)
		return NULL;
	block->next = self->blocks;
	self->blocks = block;
	return (char *) block + _Alignof(max_align_t);
}

const char *
rules_copy (struct rules *self, const char *text)
{
	size_t size = strlen (text) + 1;
	char *copy = rules_alloc (self, size, 1);
	return copy ? memcpy (copy, text, size) : NULL;
}

struct pattern *
rules_pattern (struct rules *self, const char *text)
{
	char reason[PATTERN_REASON];
	struct pattern *pattern;
	struct pattern **more =
		realloc (self->patterns, (self->pattern_count + 1) * sizeof *self->patterns);
	if (!more)
		return NULL;
	self->patterns = more;
	if (pattern_new (&pattern, text, reason))
		return NULL; /* the schema has checked it: no memory */
	self->patterns[self->pattern_count++] = pattern;
	return pattern;
}

int
rules_cidrs (struct rules *self, const struct conf_strings *conf, struct cidrs *cidrs)
{
	if (conf->count == 0)
		return 0;
	cidrs->items = rules_alloc (self, conf->count, sizeof *cidrs->items);
	if (!cidrs->items)
		return SIAGA_ENOMEM;
	cidrs->count = conf->count;
	for (size_t i = 0; i < conf->count; i++)
		if (cidr_parse (&cidrs->items[i], conf->items[i]))
			return SIAGA_ECONF; /* the schema has checked it */
	return 0;
}

static int
s_make_name (struct rules *self, const struct rule_conf *conf, size_t index, struct rule *rule)
{
	char name[32];
	snprintf (name, sizeof name, "rules[%zu]", index);
	rule->name = rules_copy (self, conf->name ? conf->name : name);
	return rule->name ? 0 : SIAGA_ENOMEM;
}

static int
s_make_sources (struct rules *self, const struct rule_conf *conf, struct rule *rule)
{
	rule->sources = rules_alloc (self, conf->sources.count, sizeof *rule->sources);
	for (size_t i = 0; rule->sources && i < conf->sources.count; i++) {
		rule->sources[i] = rules_copy (self, conf->sources.items[i]);
		if (!rule->sources[i])
			return SIAGA_ENOMEM;
	}
	rule->source_count = conf->sources.count;
	return rule->sources ? 0 : SIAGA_ENOMEM;
}

static int
s_make_rule (struct rules *self, const struct rule_conf *conf, size_t index, struct rule *rule)
{
	rule->line = conf->line;
	rule->drop = conf->drop;
	int rc = s_make_name (self, conf, index, rule);
	if (!rc)
		rc = s_make_sources (self, conf, rule);
	if (!rc && conf->when) {
		rule->when = rules_alloc (self, 1, sizeof *rule->when);
		rc = rule->when ? rules_make_when (self, conf->when, rule->when) : SIAGA_ENOMEM;
	}
	if (!rc)
		rc = rules_make_redactions (self, &conf->redact, &rule->redactions);
	return rc ? rc : rules_make_set (self, conf, rule);
}

static int
s_make_rules (struct rules *self, const struct conf_list *conf)
{
	const struct rule_conf *items = conf->items;
	int rc = 0;
	self->rules = rules_alloc (self, conf->count, sizeof *self->rules);
	if (!self->rules)
		return SIAGA_ENOMEM;
	self->rule_count = conf->count;
	for (size_t i = 0; i < conf->count && !rc; i++)
		rc = s_make_rule (self, &items[i], i, &self->rules[i]);
	return rc;
}

static int
s_make_networks (struct rules *self, const struct conf_list *conf)
{
	const struct network_conf *items = conf->items;
	int rc = 0;
	self->networks = rules_alloc (self, conf->count, sizeof *self->networks);
	if (!self->networks)
		return SIAGA_ENOMEM;
	self->network_count = conf->count;
	for (size_t i = 0; i < conf->count && !rc; i++) {
		self->networks[i].system = siaga_text (rules_copy (self, items[i].system));
		rc = self->networks[i].system.size
			     ? rules_cidrs (self, &items[i].addresses, &self->networks[i].addresses)
			     : SIAGA_ENOMEM;
	}
	return rc;
}

static int
s_make (struct rules *self, const struct rules_conf *conf)
{
	self->work = pattern_work_new ();
	self->gave_up = rules_alloc (self, 1, sizeof *self->gave_up);
	if (!self->work || !self->gave_up)
		return SIAGA_ENOMEM;
	complaint_init (self->gave_up, "rules", "rules-pattern");
	int rc = rules_make_redactions (self, &conf->redact, &self->redactions);
	if (!rc)
		rc = s_make_networks (self, &conf->networks);
	return rc ? rc : s_make_rules (self, &conf->rules);
}

int
rules_new (struct rules **self_p, const struct rules_conf *conf, const char *file_name,
	   struct conf_error *error)
{
	struct conf_report report;
	struct rules *self = calloc (1, sizeof *self);
	int rc = self ? s_make (self, conf) : SIAGA_ENOMEM;
	if (rc) {
		conf_report_init (&report, file_name, error);
		conf_report_add (&report, 0, "rules: %s", siaga_strerror (rc));
		rules_destroy (&self);
		return rc;
	}
	*self_p = self;
	return 0;
}

void
rules_destroy (struct rules **self_p)
{
	struct rules *self = *self_p;
	if (!self)
		return;
	if (self->gave_up)
		complaint_finish (self->gave_up);
	for (size_t i = 0; i < self->pattern_count; i++)
		pattern_destroy (&self->patterns[i]);
	free (self->patterns);
	pattern_work_destroy (&self->work);
	for (struct rules_block *next; self->blocks; self->blocks = next) {
		next = self->blocks->next;
		free (self->blocks);
	}
	free (self);
	*self_p = NULL;
}

bool
rules_redact (const struct rules *self, struct event *event)
{
	pattern_work_begin (self->work);
	return rules_do_redactions (self, &self->redactions, event);
}

static bool
s_is_for_source (const struct rule *rule, const char *source)
{
	for (size_t i = 0; i < rule->source_count; i++)
		if (source && strcmp (rule->sources[i], source) == 0)
			return true;
	return rule->source_count == 0;
}

static bool
s_matches (const struct rules *self, const struct rule *rule, const struct event *event)
{
	return s_is_for_source (rule, event->source) &&
	       (!rule->when || rules_when_holds (self, rule->when, event));
}

void
rules_match (const struct rules *self, const struct event *event, struct rules_result *result)
{
	*result = (struct rules_result){.drop = false};
	pattern_work_begin (self->work);
	for (size_t i = 0; i < self->rule_count; i++) {
		const struct rule *rule = &self->rules[i];
		if (!s_matches (self, rule, event))
			continue;
		*result = (struct rules_result){.drop = rule->drop,
						.strip_raw = rule->raw == RULE_RAW_STRIP,
						.keep_raw = rule->raw == RULE_RAW_KEEP,
						.rule = rule->name,
						.line = rule->line,
						.index = i};
		return;
	}
}

bool
rules_redact_by (const struct rules *self, const struct rules_result *result, struct event *event)
{
	if (!result->rule)
		return false;
	pattern_work_begin (self->work);
	return rules_do_redactions (self, &self->rules[result->index].redactions, event);
}

void
rules_apply (const struct rules *self, const struct rules_result *result, struct event *event)
{
	if (result->rule)
		rules_do_set (&self->rules[result->index], event);
	if (result->strip_raw)
		event->body.raw = (struct siaga_text){NULL, 0};
	if (event->header.system.size == 0)
		event->header.system = rules_network_of (self, event);
}
