/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See paper.h. Text is first escaped as for a terminal (nothing hidden, nothing reordered), then for the format.
 */
#include "cli/paper.h"

#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

static const char s_style[] =
	"body{font:16px/1.5 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;"
	"color:#1b1f24;background:#fff}"
	"h1{font-size:1.6rem;border-bottom:3px solid #b3261e;padding-bottom:.4rem}"
	"h2{font-size:1.15rem;margin-top:2rem;color:#7a1913}"
	"table{border-collapse:collapse;width:100%}"
	"th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d8dde3}"
	"td{overflow-wrap:anywhere;min-width:5rem}td:first-child{min-width:14rem;width:14rem}"
	"th{font-weight:600;background:#f4f6f8;white-space:nowrap}"
	".pairs td:first-child{color:#57606a}"
	".banner{background:#f4b400;color:#000;font-weight:700;text-align:center;padding:.6rem}"
	"p{white-space:pre-line}"
	"@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}";

static const char *
s_entity (char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void
s_html_line (FILE *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		const char *entity = s_entity (text[i]);
		if (entity)
			fputs (entity, out);
		else
			fputc (text[i], out);
	}
}

/* Would it begin a block where a paragraph's line begins? */
static bool
s_is_block (const char *text, size_t at)
{
	size_t digits = strspn (text, "0123456789");
	if (at == 0 && strchr ("#-+=", text[0]))
		return true;
	return digits > 0 && at == digits && strchr (".)", text[at]);
}

/* Would it be markup anywhere (CommonMark, and the tables, links and strokes of GitHub)? */
static bool
s_is_inline (const char *text, size_t at)
{
	return strchr ("\\`*_[]|~$", text[at]) || (text[at] == ':' && text[at + 1] == '/') ||
	       (text[at] == '.' && at >= 3 && strncasecmp (text + at - 3, "www", 3) == 0);
}

/* A backslash makes punctuation plain (CommonMark section 2.4). */
static void
s_markdown_line (FILE *out, const char *text, size_t size, bool block)
{
	size_t blank = strspn (text, " ");
	text += blank;
	size -= blank;
	for (size_t i = 0; i < size; i++) {
		const char *entity = strchr ("&<>", text[i]) ? s_entity (text[i]) : NULL;
		if (s_is_inline (text, i) || (block && s_is_block (text, i)))
			fputc ('\\', out);
		if (entity)
			fputs (entity, out);
		else
			fputc (text[i], out);
	}
}

/* One line of text. */
static void
s_line (struct paper *self, struct siaga_text text)
{
	char *safe = NULL;
	size_t size = 0;
	FILE *memory = open_memstream (&safe, &size);
	if (!memory)
		return;
	escape_write (memory, text);
	bool good = fclose (memory) == 0;
	if (good && self->html)
		s_html_line (self->out, safe, size);
	else if (good)
		s_markdown_line (self->out, safe, size, self->block);
	free (safe);
}

/* Text with its line ends, each written as `end`. */
static void
s_lines (struct paper *self, const char *text, const char *end)
{
	size_t size;
	for (; text && *text; text += size) {
		size = strcspn (text, "\n");
		s_line (self, (struct siaga_text){text, size});
		if (text[size] == '\n') {
			fputs (end, self->out);
			size++;
		}
	}
}

void
paper_begin (struct paper *self, FILE *out, bool html, const char *language, const char *title,
	     const char *banner)
{
	*self = (struct paper){.out = out, .html = html};
	if (html) {
		fprintf (out,
			 "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
			 language);
		s_lines (self, title, " ");
		fprintf (out, "</title>\n<style>%s</style>\n</head>\n<body>\n", s_style);
	}
	if (banner) {
		fputs (html ? "<div class=\"banner\">" : "**\\*\\*\\* ", out);
		s_lines (self, banner, " ");
		fputs (html ? "</div>\n" : " \\*\\*\\***\n\n", out);
	}
	fputs (html ? "<h1>" : "# ", out);
	s_lines (self, title, " ");
	fputs (html ? "</h1>\n" : "\n", out);
}

void
paper_heading (struct paper *self, const char *text)
{
	fputs (self->html ? "<h2>" : "\n## ", self->out);
	s_lines (self, text, " ");
	fputs (self->html ? "</h2>\n" : "\n", self->out);
}

void
paper_text (struct paper *self, const char *text)
{
	fputs (self->html ? "<p>" : "\n", self->out);
	self->block = true;
	s_lines (self, text, self->html ? "\n" : "  \n");
	self->block = false;
	fputs (self->html ? "</p>\n" : "\n", self->out);
}

static void
s_cells (struct paper *self, const char *const *cells, const char *tag)
{
	fputs (self->html ? "<tr>" : "|", self->out);
	for (size_t i = 0; i < self->columns; i++) {
		if (self->html)
			fprintf (self->out, "<%s>", tag);
		else
			fputc (' ', self->out);
		s_lines (self, cells ? cells[i] : NULL, "<br>");
		if (self->html)
			fprintf (self->out, "</%s>", tag);
		else
			fputs (" |", self->out);
	}
	fputs (self->html ? "</tr>\n" : "\n", self->out);
}

void
paper_table (struct paper *self, size_t columns, const char *const *heads)
{
	self->columns = columns;
	if (self->html)
		fputs (heads ? "<table>\n" : "<table class=\"pairs\">\n", self->out);
	else
		fputc ('\n', self->out);
	if (heads || !self->html)
		s_cells (self, heads, "th");
	for (size_t i = 0; i < columns && !self->html; i++)
		fputs (i ? "---|" : "|---|", self->out);
	if (!self->html)
		fputc ('\n', self->out);
}

void
paper_row (struct paper *self, const char *const *cells)
{
	s_cells (self, cells, "td");
}

void
paper_table_end (struct paper *self)
{
	if (self->html)
		fputs ("</table>\n", self->out);
	self->columns = 0;
}

void
paper_end (struct paper *self)
{
	if (self->html)
		fputs ("</body>\n</html>\n", self->out);
}

void
paper_html (FILE *out, const char *text, size_t columns)
{
	char *safe = NULL;
	size_t size = 0;
	FILE *memory = open_memstream (&safe, &size);
	if (!memory)
		return;
	if (columns > 0)
		escape_write_cut (memory, siaga_text (text), columns);
	else
		escape_write (memory, siaga_text (text));
	if (fclose (memory) == 0)
		s_html_line (out, safe, size);
	free (safe);
}
