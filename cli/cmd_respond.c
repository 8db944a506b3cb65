/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga ack`, take, assist, handover, comment, resolve, reopen, update and cancel: the command line. What is then done
 * is respond.c's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/respond_private.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/clock.h"

enum {
	RESPOND_OUTCOME = OPTIONS_OWN,
	RESPOND_TITLE,
	RESPOND_DESCRIPTION,
	RESPOND_SEVERITY,
	RESPOND_CERTAINTY,
	RESPOND_NO_QUEUE,
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	{"comment", required_argument, NULL, 'm'},
	{"outcome", required_argument, NULL, RESPOND_OUTCOME},
	{"title", required_argument, NULL, RESPOND_TITLE},
	{"description", required_argument, NULL, RESPOND_DESCRIPTION},
	{"severity", required_argument, NULL, RESPOND_SEVERITY},
	{"certainty", required_argument, NULL, RESPOND_CERTAINTY},
	{"no-queue", no_argument, NULL, RESPOND_NO_QUEUE},
	{0},
};

static const char s_help[] =
	"ALERT is a log number, an id, or the end of one, as watch, log and open show it.\n"
	"\n"
	"  -m, --comment TEXT    words that go with it\n"
	"  --no-queue            leave nothing behind when the hub does not answer\n"
	"  --timeout DURATION    how long to wait for the hub (10s)\n"
	"  --format text|json, --hub ADDRESS, -c, --config FILE, -q, --quiet, -h, --help\n";

static const char s_help_resolve[] =
	"  --outcome OUTCOME     true-positive, false-positive, benign, or duplicate-of ALERT\n";

static const char s_help_update[] =
	"  --severity LEVEL      info, low, medium, high or critical\n"
	"  --certainty LEVEL     unknown, unlikely, possible, likely or observed\n"
	"  --title TEXT, --description TEXT\n";

/* --- the command line ----------------------------------------------------------------------------------- */

/* "duplicate-of" has the other alert as one more word. */
static int
s_take_outcome (struct respond *self, const char *arg, int argc, char **argv)
{
	if (strcmp (arg, "duplicate-of") == 0) {
		if (optind >= argc)
			return say_usage ("--outcome duplicate-of: of which alert?");
		self->duplicate_of = argv[optind++];
		self->outcome = SIAGA_OUTCOME_DUPLICATE;
		return CMD_OK;
	}
	int value = siaga_name_value (&siaga_outcome_names, siaga_text (arg));
	if (value <= SIAGA_OUTCOME_NONE || value == SIAGA_OUTCOME_DUPLICATE)
		return say_usage ("--outcome: must be true-positive, false-positive, benign, or "
				  "duplicate-of ALERT");
	self->outcome = (enum siaga_outcome) value;
	return CMD_OK;
}

static int
s_take_level (int *level, const struct siaga_names *names, const char *option, const char *arg)
{
	*level = siaga_name_value (names, siaga_text (arg));
	if (*level >= 0)
		return CMD_OK;
	say ("--%s %s: no such level", option, arg);
	return CMD_USAGE;
}

static int
s_take_option (struct respond *self, int option, const char *arg, int argc, char **argv)
{
	int status = options_take_common (&self->common, option, arg);
	bool updates = self->verb->what == SIAGA_DEED_UPDATE;
	if (status >= 0)
		return status;
	if (option == 'm' || (option == RESPOND_DESCRIPTION && updates)) {
		self->comment = arg;
		return CMD_OK;
	}
	if (option == RESPOND_NO_QUEUE) {
		self->no_queue = true;
		return CMD_OK;
	}
	if (option == RESPOND_OUTCOME && self->verb->what == SIAGA_ACTION_RESOLVE)
		return s_take_outcome (self, arg, argc, argv);
	if (option == RESPOND_SEVERITY && updates)
		return s_take_level (&self->severity, &siaga_severity_names, "severity", arg);
	if (option == RESPOND_CERTAINTY && updates)
		return s_take_level (&self->certainty, &siaga_certainty_names, "certainty", arg);
	if (option == RESPOND_TITLE && updates) {
		self->title = arg;
		return CMD_OK;
	}
	say ("%s does not take that option (siaga %s --help)", self->verb->name, self->verb->name);
	return CMD_USAGE;
}

static int
s_take_operands (struct respond *self, int count, char **words)
{
	bool needs = self->verb->operand != RESPOND_NO_OPERAND;
	if (count != (needs ? 2 : 1)) {
		say ("usage: siaga %s", self->verb->usage);
		return CMD_USAGE;
	}
	self->alert_name = words[0];
	if (self->verb->operand == RESPOND_TEXT && self->comment)
		return say_usage ("the words are given twice");
	if (self->verb->operand == RESPOND_TEXT)
		self->comment = words[1];
	if (self->verb->operand == RESPOND_MEMBER)
		self->member = words[1];
	if (self->member && !siaga_member_is_valid (siaga_text (self->member))) {
		say ("%s: not a member's name", self->member);
		return CMD_USAGE;
	}
	if (self->verb->what == SIAGA_ACTION_RESOLVE && self->outcome == SIAGA_OUTCOME_NONE)
		return say_usage (
			"--outcome: must say how it ended: true-positive, false-positive, "
			"benign, or duplicate-of ALERT");
	if (self->verb->what == SIAGA_DEED_UPDATE && self->severity < 0 && self->certainty < 0 &&
	    !self->comment && !self->title)
		return say_usage ("update: with what? (siaga update --help)");
	return CMD_OK;
}

static int
s_check_text (const char *option, const char *text, size_t max)
{
	if (!text || (siaga_utf8_is_valid (siaga_text (text)) && strlen (text) <= max && *text))
		return CMD_OK;
	say ("%s: must be 1 to %zu bytes of UTF-8", option, max);
	return CMD_USAGE;
}

static int
s_parse (struct respond *self, int argc, char **argv)
{
	int option;
	int status = CMD_OK;
	while (!status && (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT "m:", s_options,
						 NULL)) != -1)
		status = s_take_option (self, option, optarg, argc, argv);
	if (status || self->common.help)
		return status;
	status = s_take_operands (self, argc - optind, argv + optind);
	if (!status)
		status = s_check_text ("the comment", self->comment, SIAGA_TEXT_MAX);
	return status ? status : s_check_text ("--title", self->title, SIAGA_TITLE_MAX);
}

static int
s_print_help (const struct respond_verb *verb)
{
	printf ("Usage: siaga %s\n%s\n", verb->usage, verb->help);
	if (verb->what == SIAGA_ACTION_RESOLVE)
		fputs (s_help_resolve, stdout);
	if (verb->what == SIAGA_DEED_UPDATE)
		fputs (s_help_update, stdout);
	return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
}

static int
s_run (struct respond *self)
{
	int status = settings_load (&self->settings, self->common.conf);
	if (status)
		return status;
	output_init (&self->output, self->common.format, &self->settings);
	self->deed = (struct siaga_deed){
		.what = self->verb->what,
		.origin = siaga_text (self->settings.trust.principal->name),
		.member = siaga_text (self->member),
		.outcome = self->outcome,
	};
	self->deadline_ms = clock_mono_ms () + (self->common.has_timeout ? self->common.timeout_ms
									 : SESSION_TIMEOUT_MS);
	status = respond_run (self);
	alert_finish (&self->alert);
	alert_finish (&self->other);
	settings_finish (&self->settings);
	return status;
}

int
cmd_respond (int argc, char **argv)
{
	const struct respond_verb *verb = respond_verb (argv[0]);
	struct respond *self = calloc (1, sizeof *self);
	if (!self || !verb) {
		free (self);
		return CMD_INTERNAL;
	}
	self->verb = verb;
	self->severity = self->certainty = -1;
	int status = s_parse (self, argc, argv);
	if (!status)
		status = self->common.help ? s_print_help (verb) : s_run (self);
	free (self);
	return status;
}
