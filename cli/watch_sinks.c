/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the entries of `siaga watch` go, and what is remembered of them. See watch.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "cli/watch.h"
#include "common/clock.h"
#include "common/render_json.h"
#include "siaga/error.h"

int
watch_save_cursor (const struct watch *self)
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
	return status || !self->cursor_path ? status : watch_save_cursor (self);
}

static int
watch_on_begin (void *arg, const struct cursor_file *at)
{
	struct watch *self = arg;
	self->at = *at;
	return self->cursor_path ? watch_save_cursor (self) : 0;
}

const struct follow_sink watch_stdout_sink = {
	.on_entry = watch_on_entry,
	.on_done = watch_on_done,
	.on_begin = watch_on_begin,
};

/* To a command. What it has done is remembered at once: a DELIVER may hold many entries. */
static int
watch_on_exec_entry (void *arg, const struct reader_entry *entry, const struct siaga_cursor *behind)
{
	struct watch *self = arg;
	switch (exec_entry (self->exec, entry, behind->log_id, self->settings.trust.roster)) {
	case EXEC_DONE:
		break;
	case EXEC_INTERRUPTED:
		if (self->count == 0)
			return FOLLOW_ENOUGH;
		return self->deadline_ms && clock_mono_ms () >= self->deadline_ms ? CMD_REFUSED
										  : CMD_SIGNALED;
	case EXEC_FAILED:
		return CMD_INTERNAL;
	}
	self->at.cursor = *behind;
	if (self->at.restored_from_us == 0 || entry->accepted_us < self->at.restored_from_us)
		self->at.restored_from_us = entry->accepted_us;
	return self->cursor_path ? watch_save_cursor (self) : 0;
}

const struct follow_sink watch_exec_sink = {
	.on_entry = watch_on_exec_entry,
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
	return marked ? watch_save_cursor (self) : 0;
}

int
watch_read_handled (struct watch *self, struct handled *handled)
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
		status = watch_read_handled (self, handled);
	/* Beside the file: a crash while the log is read from its start must not forget it. */
	return status ? status : watch_save_cursor (self);
}

const struct follow_sink watch_out_sink = {
	.on_entry = watch_on_out_entry,
	.on_done = watch_on_out_done,
	.on_begin = watch_on_begin,
	.on_restored = watch_on_out_restored,
};
