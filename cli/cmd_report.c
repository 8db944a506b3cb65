/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga report`: the report to the regulator about one alert, from its story in the log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/report.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/story.h"
#include "cli/verb.h"
#include "common/clock.h"

enum {
	REPORT_OPTION_IMPACT = OPTIONS_OWN,
	REPORT_OPTION_LANGUAGE,
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	{"impact", required_argument, NULL, REPORT_OPTION_IMPACT},
	{"language", required_argument, NULL, REPORT_OPTION_LANGUAGE},
	{0},
};

static const char s_help[] =
	"Usage: siaga report [OPTION...] NUMBER|ID|HANDLE\n"
	"Writes the incident report of BSSN Regulation 1/2024, article 15, about an alert: the reporter's\n"
	"contact, a description, the chronology, the impact, and the 24 hours with what is left.\n"
	"\n"
	"  --impact TEXT            what it did; without, it is asked for on a terminal, else left blank\n"
	"  --language id|en         Indonesian (if not given) or English\n"
	"  --format markdown|html   Markdown (if not given), or one page that needs nothing else\n"
	"  --timeout DURATION       how long to wait for the hub (10s)\n"
	"  --hub ADDRESS            instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE        configuration; -q, --quiet; -h, --help\n";

struct command {
	struct options_common common;
	struct settings settings;
	struct report report;
	const char *operand;
	char impact[SIAGA_TEXT_MAX];
};

static int
s_take_format (struct command *self, const char *text)
{
	self->report.html = strcmp (text, "html") == 0;
	if (self->report.html || strcmp (text, "markdown") == 0)
		return CMD_OK;
	say ("--format: markdown or html, not %s", text);
	return CMD_USAGE;
}

static int
s_take_language (struct command *self, const char *text)
{
	bool english = strcmp (text, "en") == 0;
	if (!english && strcmp (text, "id") != 0) {
		say ("--language: id or en, not %s", text);
		return CMD_USAGE;
	}
	self->report.language = english ? REPORT_ENGLISH : REPORT_INDONESIAN;
	return CMD_OK;
}

static int
report_take (void *arg, int option, const char *text)
{
	struct command *self = arg;
	switch (option) {
	case OPTIONS_FORMAT:
		return s_take_format (self, text);
	case REPORT_OPTION_LANGUAGE:
		return s_take_language (self, text);
	case REPORT_OPTION_IMPACT:
		self->report.impact = text;
		return CMD_OK;
	default:
		return -1;
	}
}

/* From the person at the terminal; nothing is asked of a pipe. */
static void
s_ask_impact (struct command *self)
{
	if (self->report.impact || !isatty (STDIN_FILENO) || !isatty (STDERR_FILENO))
		return;
	fputs ("Impact (one line; empty leaves it blank): ", stderr);
	if (!fgets (self->impact, sizeof self->impact, stdin))
		return;
	self->impact[strcspn (self->impact, "\n")] = '\0';
	if (self->impact[0])
		self->report.impact = self->impact;
}

static bool
s_is_alert (const json_t *story)
{
	const json_t *kind = json_object_get (json_array_get (story, 0), "kind");
	return strcmp (json_string_value (kind), "alert") == 0;
}

static int
s_write (struct command *self, const json_t *story)
{
	struct output output;
	if (!s_is_alert (story)) {
		say ("%s: a report is about an alert, and this is none", self->operand);
		return CMD_REFUSED;
	}
	s_ask_impact (self);
	if (!self->report.impact)
		say ("the impact is left blank: fill it in (--impact)");
	output_init (&output, OPTIONS_FORMAT_TEXT, &self->settings);
	self->report.story = story;
	self->report.roster = self->settings.trust.roster;
	self->report.reporter = self->settings.trust.principal;
	self->report.now_us = clock_now_us ();
	self->report.style = output.style;
	report_write (stdout, &self->report);
	int status = output_flush (&output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

int
cmd_report (int argc, char **argv)
{
	struct command self = {0};
	json_t *story = NULL;
	struct verb verb = {
		.name = "report",
		.help = s_help,
		.options = s_options,
		.operand = "log number, id or handle",
		.common = &self.common,
		.take = report_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);
	self.operand = argv[optind];
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	if (!status)
		status = story_ask (&self.settings, &self.common, self.operand, &story);
	if (!status)
		status = s_write (&self, story);
	json_decref (story);
	settings_finish (&self.settings);
	return status;
}
