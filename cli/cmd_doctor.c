/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga doctor`: walks from a configuration to the hub and says what is wrong, and what to do.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/doctor.h"
#include "cli/say.h"
#include "cli/verb.h"

static const struct option s_options[] = {OPTIONS_COMMON, {0}};

static const char s_help[] =
	"Usage: siaga doctor [OPTION...]\n"
	"Walks from a configuration, an agent's or a person's, to the hub: files, identity, roster, state,\n"
	"clock, name, connection, handshake, and what the hub says. Exits 0 only when all is well.\n"
	"\n"
	"  -c, --config FILE    agent.conf or siaga.conf\n"
	"  --timeout DURATION   how long to wait for each address (10s)\n"
	"  --format text|json   without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS        instead of the configured ones: tcp://HOST:PORT\n"
	"  -q, --quiet          only what is not well; -h, --help\n";

static const char *const s_states[] = {"ok", "warn", "FAIL"};

static void
s_tell_json (struct doctor *self, enum doctor_state state, const char *step, const char *words,
	     const char *advice)
{
	json_t *line = json_object ();
	json_object_set_new (line, "step", json_string (step));
	json_object_set_new (line, "state",
			     json_string (state == DOCTOR_FAIL ? "fail" : s_states[state]));
	json_object_set_new (line, "words", json_string (words));
	if (advice)
		json_object_set_new (line, "advice", json_string (advice));
	output_json (&self->output, line);
	json_decref (line);
}

static void
s_tell_text (struct doctor *self, enum doctor_state state, const char *step, const char *words,
	     const char *advice)
{
	output_printf (&self->output, "%-5s %-10s ", s_states[state], step);
	output_escaped (&self->output, siaga_text (words));
	output_printf (&self->output, "\n");
	if (!advice)
		return;
	output_printf (&self->output, "%-16s -> ", "");
	output_escaped (&self->output, siaga_text (advice));
	output_printf (&self->output, "\n");
}

void
doctor_tell (struct doctor *self, enum doctor_state state, const char *step, const char *advice,
	     const char *format, ...)
{
	char raw[DOCTOR_WORDS], words[DOCTOR_WORDS];
	va_list list;
	va_start (list, format);
	vsnprintf (raw, sizeof raw, format, list);
	va_end (list);
	siaga_utf8_clean (words, sizeof words, raw, strlen (raw));
	self->warnings += state == DOCTOR_WARN;
	self->failures += state == DOCTOR_FAIL;
	if (self->common.quiet && state == DOCTOR_OK)
		return;
	if (self->output.json)
		s_tell_json (self, state, step, words, advice);
	else
		s_tell_text (self, state, step, words, advice);
}

static void
s_walk (struct doctor *self)
{
	if (!doctor_configuration (self))
		return;
	bool trusted = doctor_identity (self);
	trusted = trusted && doctor_roster (self);
	doctor_state (self);
	doctor_outbox (self);
	doctor_clock (self);
	doctor_sources (self);
	if (trusted)
		doctor_hub (self);
}

static int
s_conclude (struct doctor *self)
{
	if (!self->output.json && !self->common.quiet)
		output_printf (&self->output, "%s\n",
			       self->failures	? "not well: begin with the first FAIL"
			       : self->warnings ? "works, with warnings"
						: "all is well");
	int status = output_flush (&self->output);
	if (status != 0 && status != OUTPUT_CLOSED)
		return status;
	return self->failures + self->warnings > 0 ? CMD_REFUSED : CMD_OK;
}

int
cmd_doctor (int argc, char **argv)
{
	struct doctor *self = calloc (1, sizeof *self);
	if (!self)
		return CMD_INTERNAL;
	struct verb verb = {
		.name = "doctor",
		.options = s_options,
		.common = &self->common,
	};
	int status = verb_parse (&verb, argc, argv);
	if (!status && self->common.help) {
		status = fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	} else if (!status) {
		output_init (&self->output, self->common.format, NULL);
		s_walk (self);
		status = s_conclude (self);
	}
	doctor_finish (self);
	free (self);
	return status;
}
