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
s_take_own (struct command *self, int option, const char *arg)
{
	bool english = strcmp (arg, "en") == 0;
	if (option == REPORT_OPTION_IMPACT) {
		self->report.impact = arg;
		return CMD_OK;
	}
	if (!english && strcmp (arg, "id") != 0) {
		say ("--language: id or en, not %s", arg);
		return CMD_USAGE;
	}
	self->report.language = english ? REPORT_ENGLISH : REPORT_INDONESIAN;
	return CMD_OK;
}

static int
s_take_option (struct command *self, int option, const char *arg)
{
	if (option == OPTIONS_FORMAT) {
		self->report.html = strcmp (arg, "html") == 0;
		if (self->report.html || strcmp (arg, "markdown") == 0)
			return CMD_OK;
		say ("--format: markdown or html, not %s", arg);
		return CMD_USAGE;
	}
	int status = options_take_common (&self->common, option, arg);
	return status < 0 ? s_take_own (self, option, arg) : status;
}

static int
s_parse (struct command *self, int argc, char **argv)
{
	int option, status = CMD_OK;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, s_options, NULL)) != -1)
		status = s_take_option (self, option, optarg);
	if (status || self->common.help)
		return status;
	if (optind + 1 != argc) {
		say ("report takes one log number or id (siaga report --help)");
		return CMD_USAGE;
	}
	self->operand = argv[optind];
	return CMD_OK;
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
	int status = s_parse (&self, argc, argv);
	if (status)
		return status;
	if (self.common.help)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	status = settings_load (&self.settings, self.common.conf);
	if (status)
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
