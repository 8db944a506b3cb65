/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line of one entry: fixed columns first (number, time, severity, origin, category, system), then the
 * title with what room is left, the first endpoints, and the TLP. On a narrow terminal category, system and
 * endpoints stand on a second line, and what does not fit there on a third. See render_text.h.
 */
#include "common/render_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/escape.h"
#include "common/handle.h"
#include "common/render_duty.h"
#include "common/render_story.h"

#define ORIGIN_COLUMNS 14
#define CATEGORY_COLUMNS 26
#define SYSTEM_COLUMNS 11
#define TITLE_COLUMNS_MIN 16
#define WIDE_COLUMNS 140 /* from here on everything stands on one line */
#define INDENT 9

#define COLOUR_OFF "\033[0m"
#define COLOUR_INVERSE "\033[7m"

/* A line being written, and where its cursor stands. */
struct line {
	FILE *out;
	const struct render_style *style;
	size_t column;
};

static const char *const s_colours[] = {
	[SIAGA_SEVERITY_INFO] = "\033[2m",	     [SIAGA_SEVERITY_LOW] = "\033[36m",
	[SIAGA_SEVERITY_MEDIUM] = "\033[33m",	     [SIAGA_SEVERITY_HIGH] = "\033[31m",
	[SIAGA_SEVERITY_CRITICAL] = "\033[1;97;41m",
};

static const char *const s_severities[] = {
	[SIAGA_SEVERITY_INFO] = "INFO",		[SIAGA_SEVERITY_LOW] = "LOW",
	[SIAGA_SEVERITY_MEDIUM] = "MEDIUM",	[SIAGA_SEVERITY_HIGH] = "HIGH",
	[SIAGA_SEVERITY_CRITICAL] = "CRITICAL",
};

static const char *const s_tlps[] = {
	[SIAGA_TLP_CLEAR] = "TLP:CLEAR", [SIAGA_TLP_GREEN] = "TLP:GREEN",
	[SIAGA_TLP_AMBER] = "TLP:AMBER", [SIAGA_TLP_AMBER_STRICT] = "TLP:AMBER+STRICT",
	[SIAGA_TLP_RED] = "TLP:RED",
};

/* Words of ours, for columns that are not escaped. */
static void
s_put (struct line *line, const char *words)
{
	fputs (words, line->out);
	line->column += strlen (words);
}

/* A column: padded, and where the terminal's width is known cut, then two spaces. */
static void
s_cell (struct line *line, struct siaga_text text, size_t columns)
{
	size_t used;
	if (line->style->columns > 0) {
		used = escape_write_cut (line->out, text, columns);
	} else {
		used = escape_columns (text);
		escape_write (line->out, text);
	}
	for (; used < columns; used++)
		fputc (' ', line->out);
	fputs ("  ", line->out);
	line->column += used + 2;
}

static void
s_paint (struct line *line, const char *colour, const char *words, int columns)
{
	bool colours = line->style->colour;
	fprintf (line->out, "%s%s%s%*s", colours ? colour : "", words, colours ? COLOUR_OFF : "",
		 (int) (columns - (int) strlen (words)), "");
	line->column += (size_t) columns;
}

static void
s_number_and_time (struct line *line, const struct reader_entry *entry)
{
	char text[RENDER_CLOCK_TEXT];
	snprintf (text, sizeof text, "#%" PRIu64, entry->number);
	s_cell (line, siaga_text (text), 7);
	render_clock (text, entry->accepted_us, line->style);
	fprintf (line->out, "%-*s  ", line->style->dates ? 23 : 12, text);
	line->column += 2 + (size_t) (line->style->dates ? 23 : 12);
}

/* What is not the real thing must not be taken for it. */
static void
s_banner (struct line *line, enum siaga_status status)
{
	const char *words = status == SIAGA_STATUS_EXERCISE ? " *** EXERCISE *** "
			    : status == SIAGA_STATUS_TEST   ? " *** TEST *** "
							    : NULL;
	if (!words)
		return;
	s_paint (line, COLOUR_INVERSE, words, (int) strlen (words));
	s_put (line, "  ");
}

/* What the entry is, where an alert has its category. */
static struct siaga_text
s_what (const struct siaga_header *header)
{
	if (header->kind == SIAGA_KIND_RESPONSE)
		return siaga_text (siaga_name_of (&siaga_action_names, header->action));
	if (siaga_header_is_escalation (header))
		return siaga_text ("escalation");
	if (header->category.size > 0)
		return header->category;
	return siaga_text (siaga_name_of (&siaga_kind_names, header->kind));
}

static void
s_category_and_system (struct line *line, const struct siaga_header *header)
{
	char system[SIAGA_SYSTEM_MAX + 3] = "";
	if (header->system.size > 0 && header->system.size <= SIAGA_SYSTEM_MAX)
		snprintf (system, sizeof system, "[%.*s]", (int) header->system.size,
			  header->system.data);
	s_cell (line, s_what (header), CATEGORY_COLUMNS);
	s_cell (line, siaga_text (system), SYSTEM_COLUMNS);
}

/* Without padding: what there is, two spaces behind each. */
static void
s_narrow_category_and_system (struct line *line, const struct siaga_header *header)
{
	struct siaga_text what = s_what (header);
	escape_write (line->out, what);
	line->column += escape_columns (what);
	if (header->system.size > 0) {
		s_put (line, "  [");
		escape_write (line->out, header->system);
		s_put (line, "]");
		line->column += escape_columns (header->system);
	}
	s_put (line, "  ");
}

static void
s_endpoint (FILE *out, const struct siaga_endpoint *endpoint)
{
	const struct siaga_text *const names[] = {&endpoint->ip,    &endpoint->host, &endpoint->url,
						  &endpoint->email, &endpoint->user, &endpoint->mac,
						  &endpoint->file,  &endpoint->hash};
	size_t i = 0;
	while (i < sizeof names / sizeof *names - 1 && names[i]->size == 0)
		i++;
	bool brackets = i == 0 && endpoint->port > 0 && names[i]->size > 0 &&
			memchr (names[i]->data, ':', names[i]->size);
	fputs (brackets ? "[" : "", out);
	escape_write (out, *names[i]);
	fputs (brackets ? "]" : "", out);
	if (endpoint->port > 0)
		fprintf (out, ":%" PRIu32, endpoint->port);
}

static void
s_endpoint_list (FILE *out, const struct siaga_endpoint *endpoints, size_t count)
{
	if (count > 0)
		s_endpoint (out, &endpoints[0]);
	if (count > 1)
		fprintf (out, " (+%zu)", count - 1);
}

/* "10.0.0.1:4444 -> 10.47.3.2:443  TLP:AMBER  4f5061", already escaped; what an alert is called stands last. */
static char *
s_tail (const struct reader_entry *entry)
{
	const struct siaga_body *body = entry->body;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);
	if (!out)
		return NULL;
	s_endpoint_list (out, body->source, body->source_count);
	if (body->target_count > 0) {
		fputs (body->source_count ? " -> " : "-> ", out);
		s_endpoint_list (out, body->target, body->target_count);
	}
	if (body->source_count + body->target_count > 0)
		fputs ("  ", out);
	if (body->count > 1)
		fprintf (out, "x%" PRIu64 "  ", body->count);
	fputs (s_tlps[entry->header->tlp], out);
	bool is_escalation = siaga_header_is_escalation (entry->header);
	if (is_escalation || entry->header->kind == SIAGA_KIND_ALERT) {
		char handle[HANDLE_TEXT];
		handle_write (handle,
			      is_escalation ? entry->header->refs[0].id : entry->header->id);
		fprintf (out, "  %s", handle);
	}
	if (fclose (out)) {
		free (text);
		return NULL;
	}
	return text;
}

/* What was done to which alert: it is named by its handle, the number is not in the signed bytes. */
static char *
s_deed (const struct reader_entry *entry, const struct render_style *style)
{
	const struct siaga_header *header = entry->header;
	const struct siaga_body *body = entry->body;
	bool update = header->kind == SIAGA_KIND_UPDATE;
	const struct siaga_text own = update ? body->title : body->description;
	const char *about = update || !style->about ? "" : style->about;
	char handle[HANDLE_TEXT];
	char *text = NULL;
	handle_write (handle, header->refs[0].id);
	char *deed = render_deed (entry, handle);
	if (deed &&
	    asprintf (&text, "%s%s%s%s%s%.*s", deed, *about ? " (" : "", about, *about ? ")" : "",
		      own.size ? ": " : "", (int) own.size, own.size ? own.data : "") < 0)
		text = NULL;
	free (deed);
	return text;
}

static char *
s_title (const struct reader_entry *entry, const struct render_style *style)
{
	const struct siaga_header *header = entry->header;
	const struct siaga_body *body = entry->body;
	struct siaga_text title = body->title.size > 0 ? body->title : body->description;
	const char *sealed = header->sealed.size > 0 ? "(sealed)" : "";
	bool is_deed = header->kind == SIAGA_KIND_RESPONSE || header->kind == SIAGA_KIND_UPDATE ||
		       header->kind == SIAGA_KIND_CANCEL;
	char *text = NULL;
	if (is_deed && header->ref_count > 0)
		return s_deed (entry, style);
	if (asprintf (&text, "%s%.*s", sealed, (int) title.size, title.size ? title.data : "") < 0)
		return NULL;
	return text;
}

/* Everything after the fixed columns, on what is left of this line or on one more. */
static void
s_title_and_tail (struct line *line, const char *title, const char *tail)
{
	size_t width = line->style->columns;
	size_t tail_columns = escape_columns (siaga_text (tail));
	bool fits = width == 0 || (width >= WIDE_COLUMNS &&
				   line->column + TITLE_COLUMNS_MIN + 2 + tail_columns <= width);
	if (width == 0)
		escape_write (line->out, siaga_text (title));
	else
		escape_write_cut (line->out, siaga_text (title),
				  width > line->column
					  ? width - line->column - (fits ? tail_columns + 2 : 0)
					  : 1);
	if (fits)
		fprintf (line->out, "  %s\n", tail);
	else
		fprintf (line->out, "\n%*s%s\n", INDENT, "", tail);
}

/* Words of text, on more lines where the terminal is too narrow; the cursor stands at line->column. */
static void
s_flow (struct line *line, struct siaga_text text)
{
	while (text.size > 0) {
		const char *space = memchr (text.data, ' ', text.size);
		struct siaga_text word = {text.data,
					  space ? (size_t) (space - text.data) : text.size};
		size_t columns = escape_columns (word);
		if (line->style->columns > 0 && line->column > INDENT &&
		    line->column + 1 + columns > line->style->columns) {
			fprintf (line->out, "\n%*s", INDENT, "");
			line->column = INDENT;
		} else if (line->column > INDENT) {
			s_put (line, " ");
		}
		escape_write (line->out, word);
		line->column += columns;
		size_t used = word.size + (space != NULL);
		text = (struct siaga_text){text.data + used, text.size - used};
	}
}

/* What to do about an escalation. */
static char *
s_advice (const struct reader_entry *entry)
{
	const struct siaga_text words = entry->body->instruction;
	return strndup (words.size ? words.data : "", words.size);
}

/* What the playbook says, on lines of its own. */
static bool
s_duty (struct line *line, const struct reader_entry *entry, const struct siaga_roster *roster)
{
	char *words = siaga_header_is_escalation (entry->header)
			      ? s_advice (entry)
			      : render_duty_words (roster, entry->header, entry->accepted_us,
						   line->style);
	if (words && *words) {
		fprintf (line->out, "%*s", INDENT, "");
		line->column = INDENT;
		s_flow (line, siaga_text (words));
		fputc ('\n', line->out);
	}
	free (words);
	return words != NULL;
}

static void
s_entry (struct line *line, const struct reader_entry *entry, const char *title, const char *tail)
{
	const struct siaga_header *header = entry->header;
	bool wide = line->style->columns == 0 || line->style->columns >= WIDE_COLUMNS;
	s_number_and_time (line, entry);
	s_banner (line, header->status);
	s_paint (line, s_colours[header->severity], s_severities[header->severity], 8);
	s_put (line, "  ");
	s_cell (line, header->origin, ORIGIN_COLUMNS);
	if (wide) {
		s_category_and_system (line, header);
		s_title_and_tail (line, title, tail);
		return;
	}
	size_t width = line->style->columns;
	escape_write_cut (line->out, siaga_text (title),
			  width > line->column ? width - line->column : 1);
	fprintf (line->out, "\n%*s", INDENT, "");
	line->column = INDENT;
	s_narrow_category_and_system (line, header);
	if (line->column + escape_columns (siaga_text (tail)) > width)
		fprintf (line->out, "\n%*s", INDENT, "");
	fprintf (line->out, "%s\n", tail);
}

char *
render_text (const struct reader_entry *entry, const struct siaga_roster *roster,
	     const struct render_style *style)
{
	char *title = s_title (entry, style);
	char *tail = s_tail (entry);
	char *text = NULL;
	size_t size = 0;
	FILE *out = title && tail ? open_memstream (&text, &size) : NULL;
	if (out) {
		struct line line = {.out = out, .style = style};
		s_entry (&line, entry, title, tail);
		bool whole = s_duty (&line, entry, roster);
		if (fclose (out) || !whole) {
			free (text);
			text = NULL;
		}
	}
	free (title);
	free (tail);
	return text;
}
