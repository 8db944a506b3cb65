/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See drill_report.h: text, Markdown and CSV.
 */
#include "cli/drill_report.h"

#include <inttypes.h>

#include "cli/paper.h"
#include "common/escape.h"

#define BANNER "LATIHAN / EXERCISE"
#define COLUMNS 8

void
drill_spread_text (char out[DRILL_SPAN_TEXT], const struct drill_spread *spread, int which)
{
	if (spread->count == 0)
		snprintf (out, DRILL_SPAN_TEXT, "-");
	else
		drill_span (out, which == 0   ? spread->median_us
				 : which == 1 ? spread->p95_us
					      : spread->slowest_us);
}

const char *
drill_fate_word (enum drill_fate fate)
{
	static const char *const words[] = {
		[DRILL_NO_DEADLINE] = "-",
		[DRILL_PENDING] = "open",
		[DRILL_KEPT] = "kept",
		[DRILL_MISSED] = "MISSED",
	};
	return words[fate];
}

/* --- the cells of a row ------------------------------------------------------------------------------------ */

typedef char cell[128];

static const char *const s_line_heads[COLUMNS] = {"who",   "score",    "delivered", "acknowledged",
						  "taken", "resolved", "missed",    "first answer"};

static void
s_line_cells (cell cells[COLUMNS], const struct drill_line *line)
{
	char median[DRILL_SPAN_TEXT], p95[DRILL_SPAN_TEXT], slowest[DRILL_SPAN_TEXT];
	drill_spread_text (median, &line->acknowledge, 0);
	drill_spread_text (p95, &line->acknowledge, 1);
	drill_spread_text (slowest, &line->acknowledge, 2);
	snprintf (cells[0], sizeof (cell), "%s", line->name);
	snprintf (cells[1], sizeof (cell), line->percent < 0 ? "-" : "%d %%", line->percent);
	snprintf (cells[2], sizeof (cell), "%zu", line->delivered);
	snprintf (cells[3], sizeof (cell), "%zu", line->acknowledged);
	snprintf (cells[4], sizeof (cell), "%zu", line->taken);
	snprintf (cells[5], sizeof (cell), "%zu", line->resolved);
	snprintf (cells[6], sizeof (cell), "%zu of %zu", line->missed, line->due);
	snprintf (cells[7], sizeof (cell), "%s / %s / %s", median, p95, slowest);
}

static const char *const s_inject_heads[COLUMNS] = {"inject", "number",	 "lead",     "acknowledge",
						    "take",   "resolve", "answered", "title"};

static void
s_step (cell out, uint64_t from_us, uint64_t at_us, enum drill_fate fate)
{
	char span[DRILL_SPAN_TEXT] = "-";
	if (at_us > 0)
		drill_span (span, at_us > from_us ? at_us - from_us : 0);
	if (fate == DRILL_NO_DEADLINE || fate == DRILL_KEPT)
		snprintf (out, sizeof (cell), "%s", span);
	else if (at_us > 0)
		snprintf (out, sizeof (cell), "%s %s", span, drill_fate_word (fate));
	else
		snprintf (out, sizeof (cell), "%s", drill_fate_word (fate));
}

static void
s_inject_cells (cell cells[COLUMNS], const struct drill_paper *self, size_t index)
{
	const struct drill_inject *inject = &self->drill->injects[index];
	const struct drill_outcome *outcome = &self->score->outcomes[index];
	size_t answered = 0;
	for (size_t i = 0; i < self->score->member_count; i++)
		answered += drill_first_us (self->drill, index, self->score->members[i].name,
					    SIAGA_ACTION_NONE) > 0;
	snprintf (cells[0], sizeof (cell), "%zu", index + 1);
	snprintf (cells[1], sizeof (cell), "#%" PRIu64, inject->number);
	snprintf (cells[2], sizeof (cell), "%s", inject->terms.lead[0] ? inject->terms.lead : "-");
	s_step (cells[3], inject->accepted_us, outcome->acknowledged_us, outcome->acknowledge);
	s_step (cells[4], inject->accepted_us, outcome->taken_us, outcome->take);
	s_step (cells[5], inject->accepted_us, outcome->resolved_us, outcome->resolve);
	snprintf (cells[6], sizeof (cell), "%zu", answered);
	cells[7][0] = '\0';
}

/* --- text -------------------------------------------------------------------------------------------------- */

static void
s_text_row (FILE *out, const cell cells[COLUMNS])
{
	fprintf (out, "%-22s %6s %9s %12s %6s %8s %8s  %s\n", cells[0], cells[1], cells[2],
		 cells[3], cells[4], cells[5], cells[6], cells[7]);
}

static void
s_text_lines (FILE *out, const struct drill_line *lines, size_t count)
{
	cell cells[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		snprintf (cells[i], sizeof (cell), "%s", s_line_heads[i]);
	s_text_row (out, cells);
	for (size_t i = 0; i < count; i++) {
		s_line_cells (cells, &lines[i]);
		s_text_row (out, cells);
	}
	fputc ('\n', out);
}

static void
s_text_injects (FILE *out, const struct drill_paper *self)
{
	cell cells[COLUMNS];
	fprintf (out, "%-3s %-8s %-10s %-16s %-16s %-16s %8s  %s\n", "", s_inject_heads[1],
		 s_inject_heads[2], s_inject_heads[3], s_inject_heads[4], s_inject_heads[5],
		 s_inject_heads[6], s_inject_heads[7]);
	for (size_t i = 0; i < self->drill->inject_count; i++) {
		s_inject_cells (cells, self, i);
		fprintf (out, "%-3s %-8s %-10s %-16s %-16s %-16s %8s  ", cells[0], cells[1],
			 cells[2], cells[3], cells[4], cells[5], cells[6]);
		escape_write (out, siaga_text (self->drill->injects[i].title));
		fputc ('\n', out);
	}
	fputc ('\n', out);
}

static void
s_text_silent (FILE *out, const struct drill_score *score)
{
	const char *glue = "Did not answer: ";
	for (size_t i = 0; i < score->member_count; i++)
		if (score->members[i].acknowledged == 0) {
			fprintf (out, "%s%s", glue, score->members[i].name);
			glue = ", ";
		}
	for (size_t i = 0; i < score->person_count; i++)
		if (score->persons[i].acknowledged == 0) {
			fprintf (out, "%s%s", glue, score->persons[i].name);
			glue = ", ";
		}
	fputs (*glue == ',' ? "\n" : "Everybody answered.\n", out);
}

static void
s_write_text (FILE *out, const struct drill_paper *self)
{
	char begin[RENDER_CLOCK_TEXT], end[RENDER_CLOCK_TEXT];
	render_clock (begin, self->drill->accepted_us, &self->style);
	render_clock (end, self->until_us, &self->style);
	fprintf (out, "*** " BANNER " ***\n");
	escape_write (out, siaga_text (self->drill->title));
	fprintf (out, "\nRun by %s, %s to %s%s\n\n", self->drill->origin, begin, end,
		 self->drill->ended_us ? "" : " (not ended)");
	s_text_injects (out, self);
	s_text_lines (out, &self->score->all, 1);
	s_text_lines (out, self->score->members, self->score->member_count);
	s_text_lines (out, self->score->persons, self->score->person_count);
	s_text_silent (out, self->score);
}

/* --- Markdown ---------------------------------------------------------------------------------------------- */

static void
s_paper_row (struct paper *paper, const cell cells[COLUMNS], const char *last)
{
	const char *pointers[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		pointers[i] = cells[i];
	if (last)
		pointers[COLUMNS - 1] = last;
	paper_row (paper, pointers);
}

static void
s_paper_lines (struct paper *paper, const char *heading, const struct drill_line *lines,
	       size_t count)
{
	cell cells[COLUMNS];
	paper_heading (paper, heading);
	paper_table (paper, COLUMNS, s_line_heads);
	for (size_t i = 0; i < count; i++) {
		s_line_cells (cells, &lines[i]);
		s_paper_row (paper, cells, NULL);
	}
	paper_table_end (paper);
}

static void
s_write_markdown (FILE *out, const struct drill_paper *self)
{
	char begin[RENDER_CLOCK_TEXT], end[RENDER_CLOCK_TEXT], words[256];
	struct paper paper;
	cell cells[COLUMNS];
	render_clock (begin, self->drill->accepted_us, &self->style);
	render_clock (end, self->until_us, &self->style);
	snprintf (words, sizeof words, "Run by %s, %s to %s%s.", self->drill->origin, begin, end,
		  self->drill->ended_us ? "" : " (not ended)");
	paper_begin (&paper, out, false, "en", self->drill->title, BANNER);
	paper_text (&paper, words);
	paper_heading (&paper, "Injects");
	paper_table (&paper, COLUMNS, s_inject_heads);
	for (size_t i = 0; i < self->drill->inject_count; i++) {
		s_inject_cells (cells, self, i);
		s_paper_row (&paper, cells, self->drill->injects[i].title);
	}
	paper_table_end (&paper);
	s_paper_lines (&paper, "Together", &self->score->all, 1);
	s_paper_lines (&paper, "Members", self->score->members, self->score->member_count);
	s_paper_lines (&paper, "Persons", self->score->persons, self->score->person_count);
	paper_text (&paper, "First answer: median / 95th percentile / slowest.");
	paper_end (&paper);
}

/* --- CSV --------------------------------------------------------------------------------------------------- */

static void
s_csv_spread (FILE *out, const struct drill_spread *spread)
{
	if (spread->count == 0)
		fputs (",,,", out);
	else
		fprintf (out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, spread->median_us / 1000,
			 spread->p95_us / 1000, spread->slowest_us / 1000);
}

static void
s_csv_line (FILE *out, const char *kind, const struct drill_line *line)
{
	fprintf (out, "%s,%s,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,", kind, line->name, line->delivered,
		 line->acknowledged, line->taken, line->assisted, line->resolved, line->led,
		 line->due, line->missed);
	if (line->percent >= 0)
		fprintf (out, "%d", line->percent);
	s_csv_spread (out, &line->acknowledge);
	s_csv_spread (out, &line->take);
	s_csv_spread (out, &line->resolve);
	fputs ("\r\n", out);
}

/* RFC 4180. Times are milliseconds; names are of the roster's alphabet and need no quotes. */
static void
s_write_csv (FILE *out, const struct drill_paper *self)
{
	const struct drill_score *score = self->score;
	fputs ("status,kind,name,delivered,acknowledged,taken,assisted,resolved,led,due,missed,percent,"
	       "ack_median_ms,ack_p95_ms,ack_slowest_ms,take_median_ms,take_p95_ms,take_slowest_ms,"
	       "resolve_median_ms,resolve_p95_ms,resolve_slowest_ms\r\n",
	       out);
	s_csv_line (out, "exercise,all", &score->all);
	for (size_t i = 0; i < score->member_count; i++)
		s_csv_line (out, "exercise,member", &score->members[i]);
	for (size_t i = 0; i < score->person_count; i++)
		s_csv_line (out, "exercise,person", &score->persons[i]);
}

void
drill_report_write (FILE *out, const struct drill_paper *self, enum drill_format format)
{
	static void (*const writers[DRILL_FORMATS]) (FILE *, const struct drill_paper *) = {
		[DRILL_FORMAT_TEXT] = s_write_text,
		[DRILL_FORMAT_MARKDOWN] = s_write_markdown,
		[DRILL_FORMAT_CSV] = s_write_csv,
		[DRILL_FORMAT_HTML] = drill_html_write,
	};
	writers[format](out, self);
}
