/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See options.h.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <strings.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/conf.h"
#include "siaga/error.h"

#define DEFAULT_KINDS                                                                              \
	(1u << SIAGA_KIND_ALERT | 1u << SIAGA_KIND_UPDATE | 1u << SIAGA_KIND_CANCEL |              \
	 1u << SIAGA_KIND_RESPONSE | 1u << SIAGA_KIND_SYSTEM)

static int
s_usage (const char *name, const char *arg, const char *what)
{
	say ("--%s %s: %s", name, arg, what);
	return CMD_USAGE;
}

int
options_number (const char *name, const char *arg, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;
	for (const char *at = arg; *at; at++) {
		if (*at < '0' || *at > '9')
			return s_usage (name, arg, "must be a number");
		value = 10 * value + (uint64_t) (*at - '0');
		if (value > max)
			return s_usage (name, arg, "too large");
	}
	if (!*arg)
		return s_usage (name, arg, "must be a number");
	*number = value;
	return CMD_OK;
}

int
options_duration (const char *name, const char *arg, uint64_t *duration_ms)
{
	size_t digits = strspn (arg, "0123456789");
	uint64_t duration_us = 0;
	if (digits > 0 && digits < 10 && (!arg[digits] || !strcmp (arg + digits, "ms"))) {
		*duration_ms = strtoull (arg, NULL, 10) * (arg[digits] ? 1 : 1000);
		return CMD_OK;
	}
	if (siaga_duration_parse (&duration_us, siaga_text (arg)))
		return s_usage (name, arg, "must be a duration such as 30s, 15m, 24h or 7d");
	*duration_ms = duration_us / 1000;
	return CMD_OK;
}

static int
s_format (struct options_common *self, const char *arg)
{
	if (strcmp (arg, "text") == 0)
		self->format = OPTIONS_FORMAT_TEXT;
	else if (strcmp (arg, "json") == 0)
		self->format = OPTIONS_FORMAT_JSON;
	else
		return s_usage ("format", arg, "must be text or json");
	return CMD_OK;
}

int
options_take_common (struct options_common *self, int option, const char *arg)
{
	char reason[CONF_REASON_MAX];
	switch (option) {
	case 'c':
		self->conf = arg;
		return CMD_OK;
	case OPTIONS_HUB:
		self->address = arg;
		return conf_check_address (arg, reason) ? CMD_OK : s_usage ("hub", arg, reason);
	case OPTIONS_FORMAT:
		return s_format (self, arg);
	case OPTIONS_TIMEOUT:
		self->has_timeout = true;
		return options_duration ("timeout", arg, &self->timeout_ms);
	case 'q':
		self->quiet = true;
		return CMD_OK;
	case 'h':
		self->help = true;
		return CMD_OK;
	case '?':
		return CMD_USAGE; /* getopt_long () has said why */
	default:
		return -1;
	}
}

/* Calls `take` for each name of a comma-separated list. */
static int
s_each (const char *name, const char *arg, void *into,
	int (*take) (const char *name, const char *arg, struct siaga_text text, void *into))
{
	int status = CMD_OK;
	for (const char *at = arg; status == CMD_OK; at++) {
		size_t size = strcspn (at, ",");
		status = size ? take (name, arg, (struct siaga_text){at, size}, into)
			      : s_usage (name, arg, "an empty name");
		at += size;
		if (!*at)
			break;
	}
	return status;
}

static int
s_take_bit (const char *name, const char *arg, struct siaga_text text, void *into)
{
	bool is_kind = strcmp (name, "kind") == 0;
	const struct siaga_names *names = is_kind ? &siaga_kind_names : &siaga_status_names;
	uint32_t *bits = into;
	if (siaga_text_is (text, "all")) {
		*bits |= (1u << names->count) - 1;
		return CMD_OK;
	}
	int value = siaga_name_value (names, text);
	if (value < 0)
		return s_usage (name, arg,
				is_kind ? "must be alert, update, cancel, response, void, system, "
					  "roster or all"
					: "must be actual, exercise, test, system or all");
	*bits |= 1u << value;
	return CMD_OK;
}

bool
options_is_category (struct siaga_text text)
{
	for (size_t i = 0; siaga_category_at (i); i++)
		if (siaga_category_in (siaga_text (siaga_category_at (i)), text))
			return true;
	return false;
}

bool
options_is_origin (struct siaga_text text)
{
	return siaga_member_is_valid (text) || siaga_principal_is_valid (text);
}

static int
s_take_item (const char *name, const char *arg, struct siaga_text text, void *into)
{
	struct siaga_filter_list *list = into;
	bool valid = strcmp (name, "category") == 0 ? options_is_category (text)
		     : strcmp (name, "system") == 0 ? siaga_system_is_valid (text)
						    : options_is_origin (text);
	if (!valid)
		return s_usage (name, arg, "no such name");
	if (list->count == SIAGA_FILTER_ITEMS_MAX)
		return s_usage (name, arg, "too many of them");
	list->items[list->count++] = text;
	return CMD_OK;
}

/* A log number, how long ago, or since when. */
static int
s_take_since (struct options_filter *self, const char *arg, uint64_t now_us)
{
	uint64_t duration_us = 0;
	self->has_since = true;
	self->since_number = self->since_us = 0;
	if (*arg && strspn (arg, "0123456789") == strlen (arg))
		return options_number ("since", arg, SIAGA_OSEQ_MAX, &self->since_number);
	if (siaga_duration_parse (&duration_us, siaga_text (arg)) == 0)
		self->since_us = duration_us < now_us ? now_us - duration_us : 1;
	else if (siaga_time_parse (&self->since_us, siaga_text (arg)))
		return s_usage ("since", arg,
				"must be a log number, a duration such as 15m, or a time such as "
				"2026-11-24T08:00:00Z");
	return CMD_OK;
}

static int
s_take_least (const char *name, const char *arg, const struct siaga_names *names, int *value_p)
{
	int value = siaga_name_value (names, siaga_text (arg));
	if (value < 0)
		return s_usage (
			name, arg,
			names == &siaga_severity_names
				? "must be info, low, medium, high or critical"
				: "must be unknown, unlikely, possible, likely or observed");
	*value_p = value;
	return CMD_OK;
}

int
options_take_filter (struct options_filter *self, int option, const char *arg, uint64_t now_us)
{
	struct siaga_filter *filter = &self->filter;
	int value = 0;
	int status;
	if (option >= OPTIONS_SINCE && option <= OPTIONS_NAMED)
		self->given |= OPTIONS_BIT (option);
	switch (option) {
	case OPTIONS_SINCE:
		return s_take_since (self, arg, now_us);
	case OPTIONS_MIN_SEVERITY:
		status = s_take_least ("min-severity", arg, &siaga_severity_names, &value);
		filter->min_severity = (enum siaga_severity) value;
		return status;
	case OPTIONS_MIN_CERTAINTY:
		status = s_take_least ("min-certainty", arg, &siaga_certainty_names, &value);
		filter->min_certainty = (enum siaga_certainty) value;
		return status;
	case OPTIONS_CATEGORY:
		return s_each ("category", arg, &filter->categories, s_take_item);
	case OPTIONS_SYSTEM:
		return s_each ("system", arg, &filter->systems, s_take_item);
	case OPTIONS_FROM:
		return s_each ("from", arg, &filter->origins, s_take_item);
	case OPTIONS_STATUS:
		return s_each ("status", arg, &filter->statuses, s_take_bit);
	case OPTIONS_KIND:
		return s_each ("kind", arg, &filter->kinds, s_take_bit);
	case OPTIONS_TEXT:
		self->text = arg;
		return CMD_OK;
	case OPTIONS_NAMED:
		self->name = arg;
		return CMD_OK;
	default:
		return -1;
	}
}

void
options_filter_finish (struct options_filter *self)
{
	if (self->filter.kinds == 0)
		self->filter.kinds = DEFAULT_KINDS;
}

bool
options_filter_has_text (const struct options_filter *self, struct siaga_text title)
{
	size_t size = self->text ? strlen (self->text) : 0;
	for (size_t at = 0; size > 0 && at + size <= title.size; at++)
		if (strncasecmp (title.data + at, self->text, size) == 0)
			return true;
	return size == 0;
}
