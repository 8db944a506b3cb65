/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See filter_conf.h.
 */
#include "cli/filter_conf.h"

#include <stdio.h>

#include "cli/cmd.h"
#include "cli/say.h"

static bool
s_check_category (const void *value, char reason[CONF_REASON_MAX])
{
	if (options_is_category (siaga_text (value)))
		return true;
	snprintf (reason, CONF_REASON_MAX, "\"%.80s\" is no category", (const char *) value);
	return false;
}

static bool
s_check_origin (const void *value, char reason[CONF_REASON_MAX])
{
	if (options_is_origin (siaga_text (value)))
		return true;
	snprintf (reason, CONF_REASON_MAX, "\"%.80s\" is neither a member nor a principal",
		  (const char *) value);
	return false;
}

static bool
s_check_name_of (const struct siaga_names *names, const char *value, char reason[CONF_REASON_MAX])
{
	if (siaga_name_value (names, siaga_text (value)) >= 0)
		return true;
	size_t size = (size_t) snprintf (reason, CONF_REASON_MAX, "must be one of");
	for (size_t i = 0; i < names->count && size < CONF_REASON_MAX; i++)
		size += (size_t) snprintf (reason + size, CONF_REASON_MAX - size, "%s %s",
					   i > 0 ? "," : "", names->names[i]);
	return false;
}

static bool
s_check_status (const void *value, char reason[CONF_REASON_MAX])
{
	return s_check_name_of (&siaga_status_names, value, reason);
}

static bool
s_check_kind (const void *value, char reason[CONF_REASON_MAX])
{
	return s_check_name_of (&siaga_kind_names, value, reason);
}

#define LIST(key, place, checker)                                                                  \
	CONF_FIELD (key, CONF_STRING_LIST, struct filter_conf, place,                              \
		    .max = SIAGA_FILTER_ITEMS_MAX, .check = (checker))

static const struct conf_field s_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct filter_conf, line)},
	CONF_FIELD ("name", CONF_STRING, struct filter_conf, name, .required = true, .min = 1,
		    .max = 64),
	CONF_FIELD ("min_severity", CONF_ENUM, struct filter_conf, min_severity,
		    .names = &siaga_severity_names, .fallback = "info"),
	CONF_FIELD ("min_certainty", CONF_ENUM, struct filter_conf, min_certainty,
		    .names = &siaga_certainty_names, .fallback = "unknown"),
	LIST ("category", categories, s_check_category),
	LIST ("system", systems, conf_check_system),
	LIST ("from", origins, s_check_origin),
	LIST ("status", statuses, s_check_status),
	LIST ("kind", kinds, s_check_kind),
	CONF_FIELD ("text", CONF_STRING, struct filter_conf, text, .min = 1,
		    .max = SIAGA_TITLE_MAX),
};

const struct conf_schema filter_conf_schema = CONF_SCHEMA (struct filter_conf, s_fields);

/* The only one of that name, or NULL, said to the user. */
static const struct filter_conf *
s_find (const struct settings_conf *conf, const char *name, int *status)
{
	const struct filter_conf *all = conf->filters.items;
	const struct filter_conf *found = NULL;
	for (size_t i = 0; i < conf->filters.count; i++) {
		if (strcmp (all[i].name, name) != 0)
			continue;
		if (found) {
			say ("filters: two are called \"%s\", in lines %u and %u of the configuration",
			     name, found->line, all[i].line);
			*status = CMD_CONFIG;
			return NULL;
		}
		found = &all[i];
	}
	if (!found)
		say ("--filter %s: the configuration has no filter of that name", name);
	*status = found ? CMD_OK : CMD_USAGE;
	return found;
}

static bool
s_is_given (const struct options_filter *filter, int option)
{
	return filter->given & OPTIONS_BIT (option);
}

static void
s_take_list (struct options_filter *filter, int option, const struct conf_strings *strings,
	     struct siaga_filter_list *list)
{
	if (s_is_given (filter, option))
		return;
	for (size_t i = 0; i < strings->count; i++)
		list->items[i] = siaga_text (strings->items[i]);
	list->count = strings->count;
}

static void
s_take_bits (struct options_filter *filter, int option, const struct conf_strings *strings,
	     const struct siaga_names *names, uint32_t *bits)
{
	if (s_is_given (filter, option))
		return;
	for (size_t i = 0; i < strings->count; i++)
		*bits |= 1u << siaga_name_value (names, siaga_text (strings->items[i]));
}

int
filter_conf_apply (const struct settings_conf *conf, struct options_filter *filter)
{
	struct siaga_filter *into = &filter->filter;
	int status = CMD_OK;
	if (!filter->name)
		return CMD_OK;
	const struct filter_conf *named = s_find (conf, filter->name, &status);
	if (!named)
		return status;
	if (!s_is_given (filter, OPTIONS_MIN_SEVERITY))
		into->min_severity = (enum siaga_severity) named->min_severity;
	if (!s_is_given (filter, OPTIONS_MIN_CERTAINTY))
		into->min_certainty = (enum siaga_certainty) named->min_certainty;
	if (!s_is_given (filter, OPTIONS_TEXT))
		filter->text = named->text;
	s_take_list (filter, OPTIONS_CATEGORY, &named->categories, &into->categories);
	s_take_list (filter, OPTIONS_SYSTEM, &named->systems, &into->systems);
	s_take_list (filter, OPTIONS_FROM, &named->origins, &into->origins);
	s_take_bits (filter, OPTIONS_STATUS, &named->statuses, &siaga_status_names,
		     &into->statuses);
	s_take_bits (filter, OPTIONS_KIND, &named->kinds, &siaga_kind_names, &into->kinds);
	return CMD_OK;
}
