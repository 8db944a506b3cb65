/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga drill`: the command line, and the verbs start, status, end and report under it that only read.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/drill_verbs.h"
#include "cli/publish.h"
#include "cli/respond.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/handle.h"

enum {
	DRILL_SCENARIO = OPTIONS_OWN,
	DRILL_SPEED,
	DRILL_CHECK,
};

#define SPEED_MAX 86400

static const struct option s_options[] = {
	OPTIONS_COMMON,
	{"scenario", required_argument, NULL, DRILL_SCENARIO},
	{"speed", required_argument, NULL, DRILL_SPEED},
	{"check", no_argument, NULL, DRILL_CHECK},
	{0},
};

static const char s_help[] =
	"Usage: siaga drill start --scenario FILE [--speed N] [--check]\n"
	"       siaga drill status [DRILL]\n"
	"       siaga drill end\n"
	"       siaga drill report [--format text|markdown|csv|html] [DRILL]\n"
	"Runs an exercise: its injects are alerts with status exercise, and what people do about them is\n"
	"scored from the signed log. start goes on where it was interrupted.\n"
	"\n"
	"  --scenario FILE          see siaga-drill(5)\n"
	"  --speed N                the injects come N times faster; deadlines stay\n"
	"  --check                  only check the scenario and show it\n"
	"  DRILL                    its opening: a log number, an id or the end of one; without: yours\n"
	"  --timeout DURATION       how long to wait for the hub (10s)\n"
	"  --hub ADDRESS            instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE        configuration; -q, --quiet; -h, --help\n";

static const struct drill_verb {
	const char *name;
	int (*run) (struct drill_command *self);
	bool takes_drill;
} s_verbs[] = {
	{"start", drill_start, false},
	{"status", drill_status, true},
	{"end", drill_end, false},
	{"report", drill_report, true},
};

/* --- the command line -------------------------------------------------------------------------------------- */

static int
s_take_format (struct drill_command *self, const char *arg)
{
	static const char *const names[DRILL_FORMATS] = {"text", "markdown", "csv", "html"};
	for (size_t i = 0; i < DRILL_FORMATS; i++)
		if (strcmp (names[i], arg) == 0) {
			self->format = (enum drill_format) i;
			return CMD_OK;
		}
	say ("--format: text, markdown, csv or html, not %s", arg);
	return CMD_USAGE;
}

static int
s_take_option (struct drill_command *self, const struct drill_verb *verb, int option,
	       const char *arg)
{
	bool starts = verb->run == drill_start;
	if (option == OPTIONS_FORMAT && verb->run == drill_report)
		return s_take_format (self, arg);
	int status = options_take_common (&self->common, option, arg);
	if (status >= 0)
		return status;
	if (starts && option == DRILL_SCENARIO)
		self->scenario_path = arg;
	else if (starts && option == DRILL_CHECK)
		self->check = true;
	else if (starts && option == DRILL_SPEED)
		return options_number ("speed", arg, SPEED_MAX, &self->speed);
	else {
		say ("drill %s does not take that option (siaga drill --help)", verb->name);
		return CMD_USAGE;
	}
	return CMD_OK;
}

static int
s_parse (struct drill_command *self, const struct drill_verb *verb, int argc, char **argv)
{
	int option, status = CMD_OK;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, s_options, NULL)) != -1)
		status = s_take_option (self, verb, option, optarg);
	if (status || self->common.help)
		return status;
	if (argc - optind > (verb->takes_drill ? 1 : 0)) {
		say ("drill %s: too many words: %s", verb->name, argv[argc - 1]);
		return CMD_USAGE;
	}
	if (self->speed == 0) {
		say ("--speed: at least 1");
		return CMD_USAGE;
	}
	self->operand = argv[optind];
	return CMD_OK;
}

/* --- report ------------------------------------------------------------------------------------------------ */

int
drill_report (struct drill_command *self)
{
	struct drill drill;
	struct drill_score score = {0};
	uint64_t now_us = clock_now_us ();
	int status = drill_command_read (self, &drill);
	if (!status && drill_score_make (&score, &drill, now_us))
		status = CMD_INTERNAL;
	if (!status) {
		struct drill_paper paper = {
			.drill = &drill,
			.score = &score,
			.style = self->output.style,
			.until_us = drill.ended_us ? drill.ended_us : now_us,
		};
		paper.style.dates = true;
		drill_report_write (stdout, &paper, self->format);
		status = output_flush (&self->output);
	}
	drill_score_finish (&score);
	drill_finish (&drill);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

/* --- the verb ---------------------------------------------------------------------------------------------- */

static int
s_run (struct drill_command *self, const struct drill_verb *verb)
{
	int status = settings_load (&self->settings, self->common.conf);
	if (status)
		return status;
	output_init (&self->output, self->common.format, &self->settings);
	if (verb->takes_drill)
		status = publish_flush (&self->settings, &self->common, SESSION_TIMEOUT_MS);
	if (!status)
		status = verb->run (self);
	output_finish (&self->output);
	settings_finish (&self->settings);
	return status;
}

int
cmd_drill (int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	struct drill_command self = {.speed = 1};
	const struct drill_verb *verb = NULL;
	if (strcmp (name, "--help") == 0 || strcmp (name, "-h") == 0)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	for (size_t i = 0; i < sizeof s_verbs / sizeof *s_verbs; i++)
		if (strcmp (s_verbs[i].name, name) == 0)
			verb = &s_verbs[i];
	if (!verb) {
		say ("drill: start, status, end or report (siaga drill --help)");
		return CMD_USAGE;
	}
	int status = s_parse (&self, verb, argc - 1, argv + 1);
	if (!status && self.common.help)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	return status ? status : s_run (&self, verb);
}
