/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report on an exercise, as text, Markdown, CSV or one HTML page that needs nothing else. A pure function of what it
 * is given; errors are the stream's.
 */
#ifndef CLI_DRILL_REPORT_H
#define CLI_DRILL_REPORT_H

#include "cli/drill_score.h"
#include "common/render_text.h"

enum drill_format {
	DRILL_FORMAT_TEXT = 0,
	DRILL_FORMAT_MARKDOWN,
	DRILL_FORMAT_CSV,
	DRILL_FORMAT_HTML,
	DRILL_FORMATS
};

struct drill_paper {
	const struct drill *drill;
	const struct drill_score *score;
	struct render_style style; /* in whose time */
	uint64_t until_us;	   /* the end, or when the report was made */
};

void
drill_report_write (FILE *out, const struct drill_paper *self, enum drill_format format);

/* The page and its timeline (drill_html.c, drill_svg.c). */
void
drill_html_write (FILE *out, const struct drill_paper *self);
void
drill_svg_write (FILE *out, const struct drill_paper *self);

/* Words the formats share. Spread: "4.10s" or "-"; which: 0 median, 1 95th percentile, 2 slowest. */
void
drill_spread_text (char out[DRILL_SPAN_TEXT], const struct drill_spread *spread, int which);

/* "missed", "kept", "open", "-" */
const char *
drill_fate_word (enum drill_fate fate);

#endif
