/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See output.h.
 */
#include "cli/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/escape.h"
#include "common/render_json.h"

/* Asked for each line: windows change their size. */
static size_t
s_columns (void)
{
	struct winsize size;
	if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return 80;
}

size_t
output_columns (const struct output *self)
{
	return self->terminal ? s_columns () : 0;
}

/* https://no-color.org */
static bool
s_wants_colour (void)
{
	const char *no_color = getenv ("NO_COLOR");
	const char *term = getenv ("TERM");
	return !(no_color && *no_color) && term && strcmp (term, "dumb") != 0;
}

void
output_init (struct output *self, enum options_format format, const struct settings *settings)
{
	memset (self, 0, sizeof *self);
	self->terminal = isatty (STDOUT_FILENO);
	self->json =
		format == OPTIONS_FORMAT_JSON || (format == OPTIONS_FORMAT_AUTO && !self->terminal);
	self->style.zone =
		settings ? (enum render_zone) settings->conf.timezone : RENDER_ZONE_SYSTEM;
	self->style.colour = self->terminal && s_wants_colour ();
}

void
output_remember (struct output *self, const struct settings *settings)
{
	if (!self->json)
		self->book = book_open (settings);
}

void
output_finish (struct output *self)
{
	book_close (&self->book);
}

/* What a failed write means. */
static int
s_failed (void)
{
	if (errno == EPIPE)
		return OUTPUT_CLOSED;
	say ("standard output: %s", strerror (errno));
	return CMD_IO;
}

int
output_text (struct output *self, const char *text)
{
	(void) self;
	return fputs (text, stdout) == EOF ? s_failed () : 0;
}

void
output_printf (struct output *self, const char *fmt, ...)
{
	va_list args;
	(void) self;
	va_start (args, fmt);
	vfprintf (stdout, fmt, args);
	va_end (args);
}

void
output_escaped (struct output *self, struct siaga_text text)
{
	(void) self;
	escape_write (stdout, text);
}

void
output_padded (struct output *self, const char *text, size_t columns)
{
	size_t used = escape_columns (siaga_text (text));
	output_escaped (self, siaga_text (text));
	for (; used < columns; used++)
		fputc (' ', stdout);
}

int
output_flush (struct output *self)
{
	book_save (self->book);
	return fflush (stdout) == EOF ? s_failed () : 0;
}

static int
s_no_memory (void)
{
	say ("out of memory");
	return CMD_INTERNAL;
}

int
output_json (struct output *self, const json_t *object)
{
	size_t size = 0;
	char *line = render_json_line (object, self->terminal, &size);
	int status = line ? output_text (self, line) : s_no_memory ();
	free (line);
	return status;
}

char *
output_render (struct output *self, const struct reader_entry *entry,
	       const uint8_t log_id[SIAGA_LOG_ID_BYTES], const struct siaga_roster *roster)
{
	size_t size = 0;
	if (!self->json) {
		const struct siaga_header *header = entry->header;
		self->style.columns = output_columns (self);
		book_add (self->book, entry);
		self->style.about =
			header->ref_count > 0 &&
					book_title (self->book, header->refs[0].id, self->title)
				? self->title
				: NULL;
		return render_text (entry, roster, &self->style);
	}
	json_t *object = render_json (entry, log_id, roster);
	char *line = object ? render_json_line (object, self->terminal, &size) : NULL;
	json_decref (object);
	return line;
}

int
output_entry (struct output *self, const struct reader_entry *entry,
	      const uint8_t log_id[SIAGA_LOG_ID_BYTES], const struct siaga_roster *roster)
{
	char *text = output_render (self, entry, log_id, roster);
	int status = text ? output_text (self, text) : s_no_memory ();
	free (text);
	return status;
}
