/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timeline of an exercise as inline SVG: a lane for each inject, coloured by how it stood, a dot for each member's
 * first answer, a tick for each deadline. See drill_report.h.
 */
#include <stdlib.h>

#include "cli/drill_report.h"
#include "cli/paper.h"

#define LEFT 290.0 /* where time 0 is */
#define RIGHT 1045.0
#define TOP 34.0
#define LANE 40.0
#define TICKS 6
#define LABEL_COLUMNS 36

static const char *const s_colours[] = {"#1f6feb", "#8250df", "#0a7d4f", "#bf3989",
					"#9a6700", "#0550ae", "#cf222e", "#57606a"};

#define COLOUR_COUNT (sizeof s_colours / sizeof *s_colours)

struct axis {
	uint64_t from_us;
	uint64_t until_us;
};

static double
s_x (const struct axis *axis, uint64_t at_us)
{
	double length = (double) (axis->until_us - axis->from_us);
	if (at_us <= axis->from_us)
		return LEFT;
	if (at_us >= axis->until_us)
		return RIGHT;
	return LEFT + (RIGHT - LEFT) * (double) (at_us - axis->from_us) / length;
}

/* Up to the last thing that happened, with a little room, or to the end. */
static struct axis
s_axis (const struct drill_paper *self)
{
	const struct drill *drill = self->drill;
	struct axis axis = {drill->accepted_us, drill->ended_us};
	for (size_t i = 0; i < drill->mark_count && !drill->ended_us; i++)
		if (drill->marks[i].at_us > axis.until_us)
			axis.until_us = drill->marks[i].at_us;
	for (size_t i = 0; i < drill->inject_count && !drill->ended_us; i++)
		if (drill->injects[i].accepted_us > axis.until_us)
			axis.until_us = drill->injects[i].accepted_us;
	if (axis.until_us <= axis.from_us)
		axis.until_us = axis.from_us + 1000000;
	axis.until_us += (axis.until_us - axis.from_us) / 30;
	return axis;
}

static void
s_bar (FILE *out, const struct axis *axis, double y, uint64_t from_us, uint64_t until_us,
       const char *class)
{
	double x = s_x (axis, from_us), width = s_x (axis, until_us) - x;
	if (until_us > from_us && width > 0)
		fprintf (
			out,
			"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"18\"/>\n",
			class, x, y, width);
}

static uint64_t
s_or (uint64_t at_us, uint64_t otherwise_us)
{
	return at_us ? at_us : otherwise_us;
}

/* Waiting, seen, in work; each begins where the one before ends. */
static void
s_bars (FILE *out, const struct drill_paper *self, const struct axis *axis, size_t index, double y)
{
	const struct drill *drill = self->drill;
	uint64_t from_us = drill->injects[index].accepted_us;
	uint64_t over_us = s_or (drill_first_us (drill, index, NULL, SIAGA_ACTION_RESOLVE),
				 s_or (drill->ended_us, axis->until_us));
	uint64_t taken_us = s_or (drill_first_us (drill, index, NULL, SIAGA_ACTION_TAKE), over_us);
	uint64_t seen_us = s_or (drill_first_us (drill, index, NULL, SIAGA_ACTION_NONE), taken_us);
	taken_us = taken_us < over_us ? taken_us : over_us;
	seen_us = seen_us < taken_us ? seen_us : taken_us;
	s_bar (out, axis, y, from_us, seen_us, "wait");
	s_bar (out, axis, y, seen_us, taken_us, "seen");
	s_bar (out, axis, y, taken_us, over_us, "work");
	if (drill_first_us (drill, index, NULL, SIAGA_ACTION_RESOLVE))
		fprintf (
			out,
			"<g class=\"done\"><circle cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/><path d=\"M%.1f %.1fl3 "
			"4l6-7\"/></g>\n",
			s_x (axis, over_us), y + 9, s_x (axis, over_us) - 4.5, y + 9);
}

static void
s_deadline (FILE *out, const struct axis *axis, double y, uint64_t at_us, const char *what,
	    enum drill_fate fate)
{
	double x = s_x (axis, at_us);
	if (fate == DRILL_NO_DEADLINE || at_us > axis->until_us)
		return;
	fprintf (out,
		 "<path class=\"%s\" d=\"M%.1f %.1fv28\"><title>%s by here: %s</title></path>\n",
		 fate == DRILL_MISSED ? "late" : "due", x, y - 5, what, drill_fate_word (fate));
}

static void
s_deadlines (FILE *out, const struct drill_paper *self, const struct axis *axis, size_t index,
	     double y)
{
	const struct drill_inject *inject = &self->drill->injects[index];
	const struct drill_outcome *outcome = &self->score->outcomes[index];
	const struct scenario_terms *within = &inject->terms.within;
	uint64_t from_us = inject->accepted_us;
	s_deadline (out, axis, y, from_us + within->acknowledge_within_us, "acknowledge",
		    outcome->acknowledge);
	s_deadline (out, axis, y, from_us + within->take_within_us, "take", outcome->take);
	s_deadline (out, axis, y, from_us + within->resolve_within_us, "resolve", outcome->resolve);
}

static void
s_dots (FILE *out, const struct drill_paper *self, const struct axis *axis, size_t index, double y)
{
	const struct drill *drill = self->drill;
	char span[DRILL_SPAN_TEXT];
	for (size_t i = 0; i < self->score->member_count; i++) {
		const char *member = self->score->members[i].name;
		uint64_t at_us = drill_first_us (drill, index, member, SIAGA_ACTION_NONE);
		uint64_t from_us = drill->injects[index].accepted_us;
		if (!at_us)
			continue;
		drill_span (span, at_us > from_us ? at_us - from_us : 0);
		fprintf (out,
			 "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" "
			 "fill=\"%s\"><title>%s first answered after %s</title></circle>\n",
			 s_x (axis, at_us), y + 9, s_colours[i % COLOUR_COUNT], member, span);
	}
}

static void
s_lane (FILE *out, const struct drill_paper *self, const struct axis *axis, size_t index)
{
	const struct drill_inject *inject = &self->drill->injects[index];
	double y = TOP + LANE * (double) index + 11;
	if (index % 2 == 0)
		fprintf (
			out,
			"<rect class=\"lane\" x=\"0\" y=\"%.1f\" width=\"1080\" height=\"%.0f\"/>\n",
			y - 11, LANE);
	fprintf (out, "<text class=\"label\" x=\"8\" y=\"%.1f\">%zu. ", y + 6, index + 1);
	paper_html (out, inject->title, LABEL_COLUMNS);
	fputs ("<title>", out);
	paper_html (out, inject->title, 0);
	fprintf (out, "</title></text>\n<text class=\"small\" x=\"8\" y=\"%.1f\">%s%s%s</text>\n",
		 y + 21, inject->terms.lead[0] ? "lead " : "", inject->terms.lead,
		 inject->terms.lead[0] ? "" : "no lead");
	s_bars (out, self, axis, index, y);
	s_deadlines (out, self, axis, index, y);
	s_dots (out, self, axis, index, y);
}

static void
s_grid (FILE *out, const struct drill_paper *self, const struct axis *axis, double height)
{
	struct render_style style = self->style;
	char clock[RENDER_CLOCK_TEXT];
	style.dates = false;
	for (unsigned i = 0; i <= TICKS; i++) {
		uint64_t at_us = axis->from_us + (axis->until_us - axis->from_us) * i / TICKS;
		double x = s_x (axis, at_us);
		render_clock (clock, at_us, &style);
		fprintf (
			out,
			"<path class=\"grid\" d=\"M%.1f 26V%.1f\"/><text class=\"tick\" x=\"%.1f\" "
			"y=\"18\">%.8s</text>\n",
			x, height, x, clock);
	}
}

static void
s_legend (FILE *out, const struct drill_paper *self)
{
	fputs ("<p class=\"legend\"><i class=\"wait\"></i>nobody answered <i class=\"seen\"></i>seen <i "
	       "class=\"work\"></i>in work <b class=\"ok\">&#10003;</b> resolved <s></s>deadline <s "
	       "class=\"late\"></s>missed",
	       out);
	for (size_t i = 0; i < self->score->member_count; i++)
		fprintf (out, " <u style=\"background:%s\"></u>%s", s_colours[i % COLOUR_COUNT],
			 self->score->members[i].name);
	fputs ("</p>\n", out);
}

void
drill_svg_write (FILE *out, const struct drill_paper *self)
{
	struct axis axis = s_axis (self);
	double height = TOP + LANE * (double) self->drill->inject_count + 4;
	fprintf (out,
		 "<svg viewBox=\"0 0 1080 %.0f\" role=\"img\" aria-label=\"Timeline of the "
		 "exercise\">\n",
		 height);
	s_grid (out, self, &axis, height);
	for (size_t i = 0; i < self->drill->inject_count; i++)
		s_lane (out, self, &axis, i);
	fputs ("</svg>\n", out);
	s_legend (out, self);
}
