/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga watch`: alerts as they come, to a terminal, a pipe, or a file that gets each exactly once. Following is
 * follow.h's; here is where the entries go and what is remembered of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/follow.h"
#include "cli/out_file.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/render_json.h"
#include "siaga/error.h"

enum {
	WATCH_COUNT = OPTIONS_OWN,
	WATCH_OUT,
	WATCH_CURSOR
};

static const struct option s_options[] = {
	OPTIONS_COMMON,
	OPTIONS_FILTER,
	{"count", required_argument, NULL, WATCH_COUNT},
	{"out", required_argument, NULL, WATCH_OUT},
	{"cursor", required_argument, NULL, WATCH_CURSOR},
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
	"  --count N                stop after N entries\n"
	"  --out FILE               append JSON lines to FILE, each entry exactly once\n"
	"  --cursor FILE            go on from FILE and keep it current, each entry at least once\n"
	"  --timeout DURATION       stop after so long\n"
	"  --format text|json       without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS            instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE        configuration; -q, --quiet: say nothing of reconnects; -h, --help\n";

struct watch {
	struct options_common common;
	struct options_filter filter;
	struct settings settings;
	struct output output;
	struct handled *handled;
	uint64_t count;
	const char *out_path;
	const char *cursor_path; /* also that beside out_path, `FILE.cursor` */
	char *beside;
	int cursor_lock;
	struct out_file *out;
	bool has_resume;
	struct cursor_file at;
};

static int
s_take_option (struct watch *self, int option, const char *arg)
{
	int status = options_take_common (&self->common, option, arg);
	if (status < 0)
		status = options_take_filter (&self->filter, option, arg, clock_now_us ());
	if (status >= 0)
		return status;
	switch (option) {
	case WATCH_COUNT:
		return options_number ("count", arg, SIAGA_OSEQ_MAX, &self->count);
	case WATCH_OUT:
		self->out_path = arg;
		return CMD_OK;
	default:
		self->cursor_path = arg;
		return CMD_OK;
	}
}

static int
s_parse (struct watch *self, int argc, char **argv)
{
	int option;
	int status = CMD_OK;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, s_options, NULL)) != -1)
		status = s_take_option (self, option, optarg);
	options_filter_finish (&self->filter);
	if (!status && !self->common.help && optind < argc) {
		say ("watch takes no operands: %s", argv[optind]);
		status = CMD_USAGE;
	}
	if (!status && self->out_path && self->cursor_path) {
		say ("--out keeps its own cursor: leave out --cursor");
		status = CMD_USAGE;
	}
	if (!status && self->out_path && self->common.format == OPTIONS_FORMAT_TEXT) {
		say ("--out writes JSON lines: leave out --format text");
		status = CMD_USAGE;
	}
	return status;
}

static int
s_save_cursor (const struct watch *self)
{
	int error = cursor_file_save (self->cursor_path, &self->at);
	if (!error)
		return 0;
	say ("%s: cannot be written: %s", self->cursor_path, say_file_error (error));
	return error == SIAGA_ENOTFOUND ? CMD_CANTCREAT : CMD_IO;
}

/* To standard output. */
static int
watch_on_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct watch *self = arg;
	return output_entry (&self->output, entry, behind->log_id, self->settings.trust.roster);
}

static int
watch_on_done (void *arg, const struct cursor_file *at)
{
	struct watch *self = arg;
	int status = output_flush (&self->output);
	self->at = *at;
	return status || !self->cursor_path ? status : s_save_cursor (self);
}

static int
watch_on_begin (void *arg, const struct cursor_file *at)
{
	struct watch *self = arg;
	self->at = *at;
	return self->cursor_path ? s_save_cursor (self) : 0;
}

static const struct follow_sink s_stdout_sink = {
	.on_entry = watch_on_entry,
	.on_done = watch_on_done,
	.on_begin = watch_on_begin,
};

/* To the file: the line, and in it the cursor behind it. */
static char *
s_out_line (const struct watch *self, const struct reader_entry *entry,
	    const struct siaga_cursor *behind, size_t *size)
{
	char cursor[CURSOR_TEXT];
	char *line = NULL;
	json_t *object = render_json (entry, behind->log_id, self->settings.trust.roster);
	cursor_write (cursor, behind);
	if (object && json_object_set_new (object, "cursor", json_string (cursor)) == 0)
		line = render_json_line (object, false, size);
	json_decref (object);
	return line;
}

static int
watch_on_out_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct watch *self = arg;
	size_t size = 0;
	char *line = s_out_line (self, entry, behind, &size);
	int error = line ? out_file_add (self->out, line, size) : SIAGA_ENOMEM;
	free (line);
	if (!error)
		return 0;
	say ("%s: %s", self->out_path, siaga_strerror (error));
	return CMD_INTERNAL;
}

static int
watch_on_out_done (void *arg, const struct cursor_file *at)
{
	struct watch *self = arg;
	if (out_file_sync (self->out)) {
		say ("%s: cannot be written: %s", self->out_path, strerror (errno));
		return CMD_IO;
	}
	/* A place without its mark is still the same number when another log has grown past it. */
	bool marked = at->cursor.has_mark && !self->at.cursor.has_mark;
	self->at = *at;
	return marked ? s_save_cursor (self) : 0;
}

/* The ids of the lines that are there: what else was once remembered does not count. */
static int
s_read_handled (struct watch *self, struct handled *handled)
{
	char words[OUT_FILE_WORDS];
	int error = out_file_handled (self->out, handled, words);
	if (!error)
		return 0;
	say ("%s", words);
	return error == SIAGA_EFORMAT ? CMD_DATA : CMD_IO;
}

static int
watch_on_out_restored (void *arg, const struct cursor_file *at, struct handled *handled)
{
	struct watch *self = arg;
	bool known =
		self->at.restored; /* from the start or an earlier time: then all is in `handled` */
	int status = watch_on_out_done (self, at);
	if (!status && !known)
		status = s_read_handled (self, handled);
	/* Beside the file: a crash while the log is read from its start must not forget it. */
	return status ? status : s_save_cursor (self);
}

static const struct follow_sink s_out_sink = {
	.on_entry = watch_on_out_entry,
	.on_done = watch_on_out_done,
	.on_begin = watch_on_begin,
	.on_restored = watch_on_out_restored,
};

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
		status = s_read_handled (self, self->handled);
	return status;
}

static int
s_open (struct watch *self)
{
	self->handled = handled_new (self->out_path ? 0 : HANDLED_RECENT);
	if (!self->handled)
		return CMD_INTERNAL;
	if (self->out_path)
		return s_open_out (self);
	output_init (&self->output, self->common.format, &self->settings);
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
	int status = follow_run (&options, self->out ? &s_out_sink : &s_stdout_sink, self);
	/* So that a file moved away by hand is gone on with where it ended. */
	if (self->out && self->at.cursor.has_log && s_save_cursor (self) && status == CMD_OK)
		status = CMD_IO;
	return status;
}

static void
s_close (struct watch *self)
{
	out_file_close (&self->out);
	handled_destroy (&self->handled);
	if (self->cursor_lock >= 0)
		close (self->cursor_lock);
	free (self->beside);
}

int
cmd_watch (int argc, char **argv)
{
	struct watch self = {.cursor_lock = -1};
	int status = s_parse (&self, argc, argv);
	if (status)
		return status;
	if (self.common.help)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	status = settings_load (&self.settings, self.common.conf);
	if (status)
		return status;
	status = s_open (&self);
	if (!status) {
		bool ended = publish_flush (&self.settings, &self.common, 0) != CMD_OK;
		status = ended ? CMD_OK : s_follow (&self);
	}
	s_close (&self);
	settings_finish (&self.settings);
	return status;
}
