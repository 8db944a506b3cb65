/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga log`: what is in the log, up to where it ended when we asked.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/filter_conf.h"
#include "cli/follow.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "common/clock.h"
#include "siaga/error.h"

#define LIMIT_MAX 100000 /* entries kept in memory for --limit */

enum {
	LOG_COUNT = OPTIONS_OWN,
	LOG_LIMIT
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	OPTIONS_FILTER,
	{"count", required_argument, NULL, LOG_COUNT},
	{"limit", required_argument, NULL, LOG_LIMIT},
	{0},
};

static const char s_help[] =
	"Usage: siaga log [OPTION...]\n"
	"Shows what is in the log, oldest first, and ends.\n"
	"\n"
	"  --since N|DURATION|TIME  begin at log number N, or 24h ago; without: at the beginning\n"
	"  --limit N                only the last N entries\n"
	"  --count N                only the first N entries\n"
	"  --min-severity LEVEL     info, low, medium, high or critical\n"
	"  --min-certainty LEVEL    unknown, unlikely, possible, likely or observed\n"
	"  --category CLASS[/TYPE]  of this category; --system, --from, --status, --kind likewise:\n"
	"                           a comma-separated list, or given again\n"
	"  --text WORDS             with these words in the title\n"
	"  --filter NAME            as filters in the configuration say; options here come first\n"
	"  --timeout DURATION       how long to wait for the hub (10s)\n"
	"  --format text|json       without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS            instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE        configuration; -q, --quiet; -h, --help\n";

/* The last `limit` entries, rendered; limit 0: everything is written at once. */
struct history {
	struct options_common common;
	struct options_filter filter;
	struct settings settings;
	struct output output;
	uint64_t count;
	uint64_t limit;
	uint64_t kept; /* entries that came */
	char **lines;  /* `limit` places, entry i at i % limit */
};

static int
log_take (void *arg, int option, const char *text)
{
	struct history *self = arg;
	switch (option) {
	case LOG_LIMIT:
		return options_number ("limit", text, LIMIT_MAX, &self->limit);
	case LOG_COUNT:
		return options_number ("count", text, SIAGA_OSEQ_MAX, &self->count);
	default:
		return options_take_filter (&self->filter, option, text, clock_now_us ());
	}
}

static int
history_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct history *self = arg;
	const struct siaga_roster *roster = self->settings.trust.roster;
	if (self->limit == 0)
		return output_entry (&self->output, entry, behind->log_id, roster);
	char *line = output_render (&self->output, entry, behind->log_id, roster);
	char **place = &self->lines[self->kept++ % self->limit];
	if (!line)
		return CMD_INTERNAL;
	free (*place);
	*place = line;
	return 0;
}

static int
history_on_done (void *arg, const struct cursor_file *at)
{
	struct history *self = arg;
	(void) at;
	return output_flush (&self->output);
}

static const struct follow_sink s_sink = {
	.on_entry = history_on_entry,
	.on_done = history_on_done,
};

/* Writes what was kept, oldest first. */
static int
s_write_kept (struct history *self)
{
	uint64_t first = self->kept > self->limit ? self->kept - self->limit : 0;
	int status = 0;
	for (uint64_t i = first; i < self->kept && !status; i++)
		status = output_text (&self->output, self->lines[i % self->limit]);
	if (!status)
		status = output_flush (&self->output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

static int
s_follow (struct history *self)
{
	struct follow_options options = {
		.settings = &self->settings,
		.common = &self->common,
		.filter = &self->filter,
		.handled = handled_new (HANDLED_RECENT),
		.to_head = true,
		.count = self->count,
	};
	self->lines = calloc (self->limit + 1, sizeof *self->lines);
	int status = CMD_INTERNAL;
	if (self->lines && options.handled)
		status = follow_run (&options, &s_sink, self);
	if (self->lines && self->limit > 0) {
		int written = s_write_kept (self);
		status = status ? status : written;
	}
	for (uint64_t i = 0; self->lines && i < self->limit; i++)
		free (self->lines[i]);
	free (self->lines);
	handled_destroy (&options.handled);
	return status;
}

int
cmd_log (int argc, char **argv)
{
	struct history self = {0};
	struct verb verb = {
		.name = "log",
		.help = s_help,
		.options = s_options,
		.common = &self.common,
		.take = log_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = filter_conf_apply (&self.settings.conf, &self.filter);
	options_filter_finish (&self.filter);
	if (!status)
		status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	output_init (&self.output, self.common.format, &self.settings);
	output_remember (&self.output, &self.settings);
	self.output.style.dates = true;
	if (!status)
		status = s_follow (&self);
	output_finish (&self.output);
	settings_finish (&self.settings);
	return status;
}
