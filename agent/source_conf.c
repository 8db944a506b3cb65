/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of each type of source, as a table.
 */
#include "agent/source_conf.h"

#include <stdio.h>

#include "agent/listen_address.h"
#include "agent/pattern.h"
#include "agent/syslog_map.h"
#include "siaga/error.h"

static const char *const s_format_names[] = {
	[FORMAT_JSON] = "json", [FORMAT_EVE] = "eve",	    [FORMAT_WAZUH] = "wazuh",
	[FORMAT_ZEEK] = "zeek", [FORMAT_SYSLOG] = "syslog", [FORMAT_LINES] = "lines",
};
const struct siaga_names source_format_names = {s_format_names,
						sizeof s_format_names / sizeof *s_format_names};

enum need {
	NONE, /* a mistake */
	MAY,
	MUST,
};

enum key {
	KEY_PATH,
	KEY_LISTEN,
	KEY_COMMAND,
	KEY_FORMAT,
	KEY_PATTERN,
	KEY_UNITS,
	KEY_PRIORITY,
	KEYS,
};

static const char *const s_key_names[KEYS] = {
	"path", "listen", "command", "format", "pattern", "units", "min_priority",
};

static const enum need s_needs[][KEYS] = {
	[SOURCE_EVE] = {[KEY_PATH] = MUST},
	[SOURCE_SOCKET] = {[KEY_PATH] = MUST},
	[SOURCE_STDIN] = {NONE},
	[SOURCE_WAZUH] = {[KEY_PATH] = MUST},
	[SOURCE_ZEEK] = {[KEY_PATH] = MUST},
	[SOURCE_SYSLOG] = {[KEY_PATH] = MAY, [KEY_LISTEN] = MAY, [KEY_PRIORITY] = MAY},
	[SOURCE_JOURNAL] = {[KEY_PATH] = MAY, [KEY_UNITS] = MAY, [KEY_PRIORITY] = MAY},
	[SOURCE_LINES] = {[KEY_PATH] = MUST, [KEY_PATTERN] = MUST},
	[SOURCE_EXEC] = {[KEY_COMMAND] = MUST,
			 [KEY_FORMAT] = MAY,
			 [KEY_PATTERN] = MAY,
			 [KEY_PRIORITY] = MAY},
};

static bool
s_one_of (const struct siaga_names *names, const char *word, char reason[CONF_REASON_MAX])
{
	size_t at = 0;
	if (siaga_name_value (names, siaga_text (word)) >= 0)
		return true;
	at += (size_t) snprintf (reason, CONF_REASON_MAX, "\"%.64s\" is none of", word);
	for (size_t i = 0; i < names->count && at < CONF_REASON_MAX; i++)
		at += (size_t) snprintf (reason + at, CONF_REASON_MAX - at, "%s %s", i ? "," : "",
					 names->names[i]);
	return false;
}

bool
source_check_format (const void *value, char reason[CONF_REASON_MAX])
{
	return s_one_of (&source_format_names, value, reason);
}

bool
source_check_priority (const void *value, char reason[CONF_REASON_MAX])
{
	return s_one_of (&syslog_priority_names, value, reason);
}

bool
source_check_pattern (const void *value, char reason[CONF_REASON_MAX])
{
	char words[PATTERN_REASON] = "out of memory";
	struct pattern *pattern = NULL;
	bool good = strlen (value) <= PATTERN_TEXT_MAX;
	if (!good)
		snprintf (words, sizeof words, "longer than %d bytes", PATTERN_TEXT_MAX);
	good = good && pattern_new (&pattern, value, words) == 0;
	if (!good)
		snprintf (reason, CONF_REASON_MAX, "%s", words);
	pattern_destroy (&pattern);
	return good;
}

bool
source_check_listen (const void *value, char reason[CONF_REASON_MAX])
{
	struct listen_address address;
	if (listen_address_parse (&address, value))
		return true;
	snprintf (reason, CONF_REASON_MAX,
		  "\"%.80s\" is none of \"udp://192.0.2.1:514\", \"udp://[::1]:514\", "
		  "\"unix:/path\" and \"unix-stream:/path\"",
		  (const char *) value);
	return false;
}

/* "ssh.service", or any match as journalctl(1) takes it: "_UID=0". */
bool
source_check_unit (const void *value, char reason[CONF_REASON_MAX])
{
	const char *text = value, *equals = strchr (text, '=');
	size_t name = equals ? (size_t) (equals - text) : strlen (text);
	if (name > 0 && (!equals || strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == name))
		return true;
	snprintf (reason, CONF_REASON_MAX, "\"%.80s\" is neither a unit nor a match FIELD=value",
		  text);
	return false;
}

void
source_conf_complete (struct source_conf *self)
{
	self->path = self->paths.count > 0 ? self->paths.items[0] : NULL;
	self->format_number =
		self->format ? siaga_name_value (&source_format_names, siaga_text (self->format))
			     : FORMAT_JSON;
	self->priority = self->min_priority ? siaga_name_value (&syslog_priority_names,
								siaga_text (self->min_priority))
					    : SYSLOG_WARNING;
}

static bool
s_has (const struct source_conf *self, enum key key)
{
	switch (key) {
	case KEY_PATH:
		return self->paths.count > 0;
	case KEY_LISTEN:
		return self->listen;
	case KEY_COMMAND:
		return self->command.count > 0;
	case KEY_FORMAT:
		return self->format;
	case KEY_PATTERN:
		return self->pattern;
	case KEY_UNITS:
		return self->units.count > 0;
	default:
		return self->min_priority;
	}
}

/* What one key means for another. */
static const char *
s_conflict (const struct source_conf *self, enum key *key)
{
	bool is_lines = self->format_number == FORMAT_LINES;
	*key = KEY_PATH;
	if (self->type == SOURCE_SYSLOG && !self->path == !self->listen)
		return "one of path and listen must be given";
	if ((self->type == SOURCE_SOCKET || self->type == SOURCE_JOURNAL) && self->paths.count > 1)
		return "only one can be given here";
	*key = KEY_PATTERN;
	if (self->type == SOURCE_EXEC && is_lines && !self->pattern)
		return "must be given for the format lines";
	if (self->type == SOURCE_EXEC && !is_lines && self->pattern)
		return "only the format lines has one";
	*key = KEY_COMMAND;
	if (self->type == SOURCE_EXEC && self->command.count > 0 &&
	    self->command.items[0][0] != '/')
		return "the program must be given with its whole path";
	return NULL;
}

void
source_conf_check (const struct source_conf *self, size_t index, struct conf_report *report)
{
	const char *type = siaga_name_of (&source_type_names, (unsigned) self->type);
	enum key key;
	for (key = 0; key < KEYS; key++) {
		enum need need = s_needs[self->type][key];
		if (need == NONE && s_has (self, key))
			conf_report_add (report, self->line,
					 "sources[%zu].%s: a source of type %s has none", index,
					 s_key_names[key], type);
		if (need == MUST && !s_has (self, key))
			conf_report_add (report, self->line,
					 "sources[%zu].%s: must be given for a source of type %s",
					 index, s_key_names[key], type);
	}
	const char *words = s_conflict (self, &key);
	if (words)
		conf_report_add (report, self->line, "sources[%zu].%s: %s", index, s_key_names[key],
				 words);
}
