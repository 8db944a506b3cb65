/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga watch`: alerts as they come, to a terminal, a pipe, a command, or a file that gets each exactly once.
 * Following is follow.h's, where the entries go watch_sinks.c's; here is what a person asks for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/filter_conf.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "cli/watch.h"
#include "common/clock.h"
#include "common/file.h"
#include "siaga/error.h"

enum {
	WATCH_COUNT = OPTIONS_OWN,
	WATCH_OUT,
	WATCH_CURSOR,
	WATCH_EXEC,
	WATCH_EXEC_TIMEOUT
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	OPTIONS_FILTER,
	{"count", required_argument, NULL, WATCH_COUNT},
	{"out", required_argument, NULL, WATCH_OUT},
	{"cursor", required_argument, NULL, WATCH_CURSOR},
	{"exec", required_argument, NULL, WATCH_EXEC},
	{"exec-timeout", required_argument, NULL, WATCH_EXEC_TIMEOUT},
	{0},
};

static const char s_help[] =
	"Usage: siaga watch [OPTION...]\n"
	"Shows alerts as they are published, and what people answer.\n"
	"\n"
	"  --since N|DURATION|TIME  begin at log number N, or 15m ago; without: only what is new\n"
	"  --min-severity LEVEL     info, low, medium, high or critical\n"
	"  --min-certainty LEVEL    unknown, unlikely, possible, likely or observed\n"
	"  --category CLASS[/TYPE]  of this category; --system, --from, --status, --kind likewise:\n"
	"                           a comma-separated list, or given again\n"
	"  --text WORDS             with these words in the title\n"
	"  --filter NAME            as filters in the configuration say; options here come first\n"
	"  --count N                stop after N entries\n"
	"  --out FILE               append JSON lines to FILE, each entry exactly once\n"
	"  --cursor FILE            go on from FILE and keep it current, each entry at least once\n"
	"  --exec CMD               run CMD for each entry, JSON on its standard input, until it\n"
	"                           succeeds; --exec-timeout DURATION for one attempt (60s)\n"
	"  --timeout DURATION       stop after so long\n"
	"  --format text|json       without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS            instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE        configuration; -q, --quiet: say nothing of reconnects; -h, --help\n";

static int
watch_take (void *arg, int option, const char *text)
{
	struct watch *self = arg;
	switch (option) {
	case WATCH_COUNT:
		return options_number ("count", text, SIAGA_OSEQ_MAX, &self->count);
	case WATCH_OUT:
		self->out_path = text;
		return CMD_OK;
	case WATCH_EXEC:
		self->command = text;
		return CMD_OK;
	case WATCH_EXEC_TIMEOUT:
		return options_duration ("exec-timeout", text, &self->exec_timeout_ms);
	case WATCH_CURSOR:
		self->cursor_path = text;
		return CMD_OK;
	default:
		return options_take_filter (&self->filter, option, text, clock_now_us ());
	}
}

/* Do the options go together? */
static int
s_check (const struct watch *self)
{
	if (self->out_path && self->cursor_path)
		return say_usage ("--out keeps its own cursor: leave out --cursor");
	if (self->out_path && self->common.format == OPTIONS_FORMAT_TEXT)
		return say_usage ("--out writes JSON lines: leave out --format text");
	if (self->out_path && self->command)
		return say_usage (
			"--out and --exec are for two commands, each with a place of its own");
	return CMD_OK;
}

/* What the cursor file says; a missing one says nothing. */
static int
s_load_cursor (struct watch *self)
{
	int error = cursor_file_load (self->cursor_path, &self->at);
	if (!error)
		self->has_resume = true;
	if (!error || error == SIAGA_ENOTFOUND)
		return CMD_OK;
	say ("%s: %s", self->cursor_path,
	     error == SIAGA_EFORMAT ? "not a cursor of siaga watch" : say_file_error (error));
	return error == SIAGA_EFORMAT ? CMD_DATA : CMD_IO;
}

/* Two watches on one cursor would each lose what the other saw. */
static int
s_lock_cursor (struct watch *self)
{
	char *path = NULL;
	if (asprintf (&path, "%s.lock", self->cursor_path) < 0)
		return CMD_INTERNAL;
	self->cursor_lock = file_lock (path);
	free (path);
	if (self->cursor_lock >= 0)
		return CMD_OK;
	say ("%s: %s", self->cursor_path,
	     self->cursor_lock == SIAGA_ELOCKED ? "another process uses this cursor"
						: say_file_error (self->cursor_lock));
	return self->cursor_lock == SIAGA_ELOCKED ? CMD_IO : CMD_CANTCREAT;
}

static int
s_out_exit (int error)
{
	switch (error) {
	case SIAGA_EFORMAT:
		return CMD_DATA;
	case SIAGA_ENOTFOUND:
		return CMD_CANTCREAT;
	default:
		return CMD_IO;
	}
}

/* The file's last line says where to go on; while it has none, `FILE.cursor` does. */
static int
s_open_out (struct watch *self)
{
	char words[OUT_FILE_WORDS];
	int error = out_file_open (&self->out, self->out_path, words);
	if (error) {
		say ("%s", words);
		return s_out_exit (error);
	}
	if (asprintf (&self->beside, "%s.cursor", self->out_path) < 0)
		return CMD_INTERNAL;
	self->cursor_path = self->beside;
	int status = s_load_cursor (self);
	if (!status && out_file_cursor (self->out, &self->at.cursor))
		self->has_resume = true;
	if (!status && self->at.restored)
		status = watch_read_handled (self, self->handled);
	return status;
}

static int
s_open_exec (struct watch *self)
{
	uint64_t timeout_ms = self->common.has_timeout ? self->common.timeout_ms : 0;
	self->deadline_ms = timeout_ms ? clock_mono_ms () + timeout_ms : 0;
	struct exec_options options = {
		.command = self->command,
		.timeout_ms = self->exec_timeout_ms,
		.deadline_ms = self->deadline_ms,
	};
	self->exec = exec_new (&options);
	return self->exec ? CMD_OK : CMD_INTERNAL;
}

static int
s_open (struct watch *self)
{
	self->handled = handled_new (self->out_path ? 0 : HANDLED_RECENT);
	if (!self->handled)
		return CMD_INTERNAL;
	if (self->out_path)
		return s_open_out (self);
	if (self->command && s_open_exec (self) != CMD_OK)
		return CMD_INTERNAL;
	output_init (&self->output, self->common.format, &self->settings);
	output_remember (&self->output, &self->settings);
	self->output.style.dates = self->filter.has_since;
	if (!self->cursor_path)
		return CMD_OK;
	int status = s_lock_cursor (self);
	return status ? status : s_load_cursor (self);
}

static int
s_follow (struct watch *self)
{
	struct follow_options options = {
		.settings = &self->settings,
		.common = &self->common,
		.filter = &self->filter,
		.handled = self->handled,
		.keeps_all = self->out_path != NULL,
		.resume = self->has_resume ? &self->at : NULL,
		.count = self->count,
	};
	const struct follow_sink *sink = self->out    ? &watch_out_sink
					 : self->exec ? &watch_exec_sink
						      : &watch_stdout_sink;
	int status = follow_run (&options, sink, self);
	/* So that a file moved away by hand is gone on with where it ended. */
	if (self->out && self->at.cursor.has_log && watch_save_cursor (self) && status == CMD_OK)
		status = CMD_IO;
	return status;
}

static void
s_close (struct watch *self)
{
	exec_destroy (&self->exec);
	out_file_close (&self->out);
	output_finish (&self->output);
	handled_destroy (&self->handled);
	if (self->cursor_lock >= 0)
		close (self->cursor_lock);
	free (self->beside);
}

int
cmd_watch (int argc, char **argv)
{
	struct watch self = {.cursor_lock = -1, .exec_timeout_ms = EXEC_TIMEOUT_MS};
	struct verb verb = {
		.name = "watch",
		.help = s_help,
		.options = s_options,
		.common = &self.common,
		.take = watch_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);
	if (!status && !self.common.help)
		status = s_check (&self);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = filter_conf_apply (&self.settings.conf, &self.filter);
	options_filter_finish (&self.filter);
	if (!status)
		status = s_open (&self);
	if (!status) {
		bool ended = publish_flush (&self.settings, &self.common, 0) != CMD_OK;
		status = ended ? CMD_OK : s_follow (&self);
	}
	s_close (&self);
	settings_finish (&self.settings);
	return status;
}
