/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report on an exercise as one HTML page that fetches nothing: what it was worth at a glance, the timeline, and who
 * answered what. Titles come from outside: paper_html () makes them harmless. See drill_report.h.
 */
#include <inttypes.h>

#include "cli/drill_report.h"
#include "cli/paper.h"

static const char s_style[] =
	"*{box-sizing:border-box}body{font:15px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;margin:0;"
	"color:#1b2430;background:#eef1f5}"
	".banner{background:repeating-linear-gradient(135deg,#f4b400 0 18px,#ffd24d 18px 36px);color:#1b1400;"
	"font-weight:800;letter-spacing:.18em;text-align:center;padding:.55rem}"
	"main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
	"h1{font-size:1.75rem;line-height:1.25;margin:.2rem 0}"
	"h2{font-size:1.05rem;margin:0 0 .8rem;color:#33415a}"
	".meta{color:#5b6778;margin:0 0 1.2rem}"
	".tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:.8rem;margin-bottom:1rem}"
	".tile,section{background:#fff;border-radius:12px;box-shadow:0 1px 3px #1b243022}"
	".tile{padding:.9rem 1rem}.tile b{display:block;font-size:1.8rem;line-height:1.2}"
	".tile span{color:#5b6778;font-size:.85rem}.bad b{color:#c4312b}.good b{color:#1a7f4b}"
	"section{padding:1.1rem 1.2rem;margin-top:1rem;overflow-x:auto}"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
	"th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #e3e8ee;white-space:nowrap}"
	"th{font-weight:600;color:#5b6778;font-size:.82rem}td.t{white-space:normal;min-width:15rem;overflow-wrap:anywhere}"
	"tr:last-child td{border:0}.late{color:#c4312b;font-weight:600}.none{color:#9aa5b1}"
	".bar{display:inline-block;vertical-align:middle;width:5rem;height:.6rem;border-radius:.3rem;"
	"background:#e3e8ee;margin-right:.5rem;overflow:hidden}.bar i{display:block;height:100%;background:#1a7f4b}"
	".bar i.mid{background:#e0a100}.bar i.low{background:#c4312b}"
	"td small{display:block;color:#5b6778;font-size:.75rem;line-height:1.2}"
	".grid td,.grid th{text-align:center}.grid td:first-child,.grid th:first-child{text-align:left}"
	".cell{border-radius:6px;padding:.15rem .4rem;display:inline-block;min-width:4.2rem}"
	".a{background:#cdeedb}.b{background:#fbe9b0}.c{background:#f8d3d0;color:#8e1f1a}"
	"svg{width:100%;height:auto;display:block;min-width:44rem}"
	"svg text{font-family:inherit;fill:#1b2430}.label{font-size:13px}svg .small{font-size:11px;fill:#5b6778}"
	"svg .tick{font-size:11px;fill:#5b6778;text-anchor:middle}svg path.grid{stroke:#dde3ea;fill:none}"
	".lane{fill:#f6f8fa}.wait{fill:#f0a8a3;background:#f0a8a3}.seen{fill:#f6d365;background:#f6d365}"
	".work{fill:#7fb2ee;background:#7fb2ee}.done circle{fill:#1a7f4b}.done path{stroke:#fff;stroke-width:2.2;"
	"fill:none}.dot{stroke:#fff;stroke-width:1.4}"
	"svg .due{stroke:#5b6778;stroke-width:1.6;stroke-dasharray:3 2}svg .late{stroke:#c4312b;stroke-width:2.6}"
	".legend{color:#5b6778;font-size:.85rem;margin:.6rem 0 0}.legend i{display:inline-block;width:1.4rem;"
	"height:.7rem;border-radius:2px;margin:0 .35rem 0 .9rem}.legend u{display:inline-block;width:.65rem;"
	"height:.65rem;border-radius:50%;margin:0 .35rem 0 .9rem}.legend i:first-child{margin-left:0}"
	".legend s{display:inline-block;height:.9rem;border-left:2px dashed #5b6778;margin:0 .35rem 0 .9rem;"
	"vertical-align:-.1rem}.legend s.late{border-left:3px solid #c4312b}.legend .ok{color:#1a7f4b;margin-left:.9rem}"
	"footer{color:#5b6778;font-size:.82rem;margin-top:1.2rem}"
	"@media(max-width:48rem){.tiles{grid-template-columns:repeat(2,1fr)}}"
	"@media print{body{background:#fff}section,.tile{box-shadow:none;border:1px solid #dde3ea;break-inside:avoid}}";

/* Behind the banner, which says it already. */
static const char *
s_bare_title (const char *title)
{
	size_t size = strlen (DRILL_TITLE_PREFIX);
	return strncmp (title, DRILL_TITLE_PREFIX, size) == 0 ? title + size : title;
}

static void
s_head (FILE *out, const struct drill_paper *self)
{
	struct render_style style = self->style;
	char begin[RENDER_CLOCK_TEXT], end[RENDER_CLOCK_TEXT], span[DRILL_SPAN_TEXT];
	const struct drill *drill = self->drill;
	render_clock (begin, drill->accepted_us, &style);
	render_clock (end, self->until_us, &style);
	drill_span (span,
		    self->until_us > drill->accepted_us ? self->until_us - drill->accepted_us : 0);
	fputs ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	       "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	       out);
	paper_html (out, drill->title, 0);
	fprintf (
		out,
		"</title>\n<style>%s</style>\n</head>\n<body>\n<div class=\"banner\">LATIHAN &middot; "
		"EXERCISE</div>\n<main>\n<h1>",
		s_style);
	paper_html (out, s_bare_title (drill->title), 0);
	fprintf (
		out,
		"</h1>\n<p class=\"meta\">Run by %s &middot; %s to %s &middot; %s%s &middot; log entry "
		"#%" PRIu64 "</p>\n",
		drill->origin, begin, end, span, drill->ended_us ? "" : ", not ended",
		drill->number);
}

static void
s_tile (FILE *out, const char *class, const char *value, const char *words)
{
	fprintf (out, "<div class=\"tile %s\"><b>%s</b><span>%s</span></div>\n", class, value,
		 words);
}

static const char *
s_class (int percent)
{
	return percent >= 80 ? "good" : percent >= 50 ? "" : "bad";
}

static void
s_tiles (FILE *out, const struct drill_paper *self)
{
	const struct drill_line *all = &self->score->all;
	char value[48], span[DRILL_SPAN_TEXT];
	size_t resolved = 0;
	fputs ("<div class=\"tiles\">\n", out);
	snprintf (value, sizeof value, "%d %%", all->percent > 0 ? all->percent : 0);
	s_tile (out, s_class (all->percent), value, "of what was asked was done in time");
	snprintf (value, sizeof value, "%zu / %zu", all->acknowledged, all->delivered);
	s_tile (out, "", value, "deliveries answered");
	drill_spread_text (span, &all->acknowledge, 0);
	s_tile (out, "", span, "until the first answer (median)");
	for (size_t i = 0; i < self->drill->inject_count; i++)
		resolved += self->score->outcomes[i].resolved_us > 0;
	snprintf (value, sizeof value, "%zu / %zu", resolved, self->drill->inject_count);
	s_tile (out, "", value, "injects resolved");
	snprintf (value, sizeof value, "%zu / %zu", all->missed, all->due);
	s_tile (out, all->missed ? "bad" : "good", value, "deadlines missed");
	fputs ("</div>\n", out);
}

static void
s_score_cell (FILE *out, int percent)
{
	if (percent < 0) {
		fputs ("<td class=\"none\">-</td>", out);
		return;
	}
	fprintf (
		out,
		"<td><span class=\"bar\"><i class=\"%s\" style=\"width:%d%%\"></i></span>%d&nbsp;%%</td>",
		percent >= 80	? "high"
		: percent >= 50 ? "mid"
				: "low",
		percent, percent);
}

static void
s_spread_cell (FILE *out, const struct drill_spread *spread)
{
	char text[3][DRILL_SPAN_TEXT];
	for (int i = 0; i < 3; i++)
		drill_spread_text (text[i], spread, i);
	if (spread->count == 0)
		fputs ("<td class=\"none\">-</td>", out);
	else
		fprintf (out, "<td>%s<small>95&nbsp;%% %s<br>max %s</small></td>", text[0], text[1],
			 text[2]);
}

static void
s_line (FILE *out, const struct drill_line *line)
{
	fprintf (out, "<tr><td><b>%s</b></td>", line->name);
	s_score_cell (out, line->percent);
	fprintf (out, "<td>%zu</td><td%s>%zu</td><td>%zu</td><td>%zu</td><td>%zu</td>",
		 line->delivered, line->acknowledged ? "" : " class=\"late\"", line->acknowledged,
		 line->taken, line->assisted, line->resolved);
	if (line->is_member && line->due == 0)
		fputs ("<td class=\"none\">-</td>", out);
	else if (line->is_member)
		fprintf (out, "<td%s>%zu of %zu</td>", line->missed ? " class=\"late\"" : "",
			 line->missed, line->due);
	s_spread_cell (out, &line->acknowledge);
	s_spread_cell (out, &line->take);
	s_spread_cell (out, &line->resolve);
	fputs ("</tr>\n", out);
}

static void
s_lines (FILE *out, const char *heading, const struct drill_line *lines, size_t count, bool members)
{
	fprintf (out,
		 "<section><h2>%s</h2>\n<table><tr><th></th><th>score</th><th>delivered</th>"
		 "<th>answered</th><th>taken</th><th>assisted</th><th>resolved</th>%s"
		 "<th>first answer</th><th>take</th><th>resolve</th></tr>\n",
		 heading, members ? "<th>missed</th>" : "");
	for (size_t i = 0; i < count; i++)
		s_line (out, &lines[i]);
	fputs ("</table>\n<p class=\"legend\">Times: the median, below it the 95th percentile and the slowest, from when the hub "
	       "accepted the inject.</p></section>\n",
	       out);
}

/* How fast a member answered an inject: green within the deadline, amber without one or after it, red not at all. */
static void
s_answer_cell (FILE *out, const struct drill_paper *self, size_t index, const char *member)
{
	const struct drill_inject *inject = &self->drill->injects[index];
	uint64_t at_us = drill_first_us (self->drill, index, member, SIAGA_ACTION_NONE);
	uint64_t within_us = inject->terms.within.acknowledge_within_us, took_us;
	char span[DRILL_SPAN_TEXT];
	for (size_t i = 0; i < self->drill->roster->member_count && i < SIAGA_MEMBERS_MAX; i++)
		if (strcmp (self->drill->roster->members[i].name, member) == 0 &&
		    !inject->seen[i]) {
			fputs ("<td class=\"none\">not sent</td>", out);
			return;
		}
	if (!at_us) {
		fputs ("<td><span class=\"cell c\">silent</span></td>", out);
		return;
	}
	took_us = at_us > inject->accepted_us ? at_us - inject->accepted_us : 0;
	drill_span (span, took_us);
	fprintf (out, "<td><span class=\"cell %s\">%s</span></td>",
		 within_us == 0 || took_us <= within_us ? "a" : "b", span);
}

static void
s_matrix (FILE *out, const struct drill_paper *self)
{
	fputs ("<section><h2>Who answered what, and how fast</h2>\n<table "
	       "class=\"grid\"><tr><th></th>",
	       out);
	for (size_t i = 0; i < self->drill->inject_count; i++)
		fprintf (out, "<th>%zu</th>", i + 1);
	fputs ("</tr>\n", out);
	for (size_t m = 0; m < self->score->member_count; m++) {
		const char *member = self->score->members[m].name;
		fprintf (out, "<tr><td><b>%s</b></td>", member);
		for (size_t i = 0; i < self->drill->inject_count; i++)
			s_answer_cell (out, self, i, member);
		fputs ("</tr>\n", out);
	}
	fputs ("</table>\n<p class=\"legend\">Green: before the deadline to acknowledge. Amber: "
	       "later.</p></section>\n",
	       out);
}

static void
s_step_cell (FILE *out, uint64_t from_us, uint64_t at_us, enum drill_fate fate)
{
	char span[DRILL_SPAN_TEXT] = "-";
	if (at_us)
		drill_span (span, at_us > from_us ? at_us - from_us : 0);
	fprintf (out, "<td class=\"%s\">%s%s</td>",
		 fate == DRILL_MISSED ? "late"
		 : at_us	      ? ""
				      : "none",
		 at_us || fate != DRILL_MISSED ? span : "missed",
		 at_us && fate == DRILL_MISSED ? ", late" : "");
}

static void
s_injects (FILE *out, const struct drill_paper *self)
{
	fputs ("<section><h2>Injects</h2>\n<table><tr><th></th><th>inject</th><th>severity</th><th>lead</th>"
	       "<th>acknowledged</th><th>taken</th><th>resolved</th><th>log</th></tr>\n",
	       out);
	for (size_t i = 0; i < self->drill->inject_count; i++) {
		const struct drill_inject *inject = &self->drill->injects[i];
		const struct drill_outcome *outcome = &self->score->outcomes[i];
		fprintf (out, "<tr><td>%zu</td><td class=\"t\">", i + 1);
		paper_html (out, inject->title, 0);
		fprintf (out, "</td><td>%s</td><td>%s</td>",
			 siaga_name_of (&siaga_severity_names, inject->severity),
			 inject->terms.lead[0] ? inject->terms.lead : "-");
		s_step_cell (out, inject->accepted_us, outcome->acknowledged_us,
			     outcome->acknowledge);
		s_step_cell (out, inject->accepted_us, outcome->taken_us, outcome->take);
		s_step_cell (out, inject->accepted_us, outcome->resolved_us, outcome->resolve);
		fprintf (out, "<td>#%" PRIu64 "</td></tr>\n", inject->number);
	}
	fputs ("</table></section>\n", out);
}

static size_t
s_silent (FILE *out, const struct drill_line *lines, size_t count, size_t found)
{
	for (size_t i = 0; i < count; i++)
		if (lines[i].acknowledged == 0)
			fprintf (out, "%s<b>%s</b>", found++ ? ", " : "", lines[i].name);
	return found;
}

void
drill_html_write (FILE *out, const struct drill_paper *self)
{
	const struct drill_score *score = self->score;
	s_head (out, self);
	s_tiles (out, self);
	fputs ("<section><h2>Timeline</h2>\n", out);
	drill_svg_write (out, self);
	fputs ("</section>\n", out);
	s_lines (out, "Members", score->members, score->member_count, true);
	s_matrix (out, self);
	s_injects (out, self);
	s_lines (out, "Persons", score->persons, score->person_count, false);
	fputs ("<section><h2>Did not answer at all</h2>\n<p>", out);
	size_t found = s_silent (out, score->members, score->member_count, 0);
	if (!s_silent (out, score->persons, score->person_count, found))
		fputs ("Nobody: everybody answered.", out);
	fputs ("</p></section>\n<footer>Every number is from verified, signed entries of the hub's log. "
	       "Delivered means that the roster lets the member see the inject; whether it was read is known "
	       "only where it was answered.</footer>\n</main>\n</body>\n</html>\n",
	       out);
}
