/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga playbook --table`: who leads what on which system. Every category, severity and system is looked up; then
 * what has the same answers stands in one row or column.
 */
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/playbook.h"
#include "cli/say.h"
#include "common/escape.h"

#define SEVERITIES (SIAGA_SEVERITY_CRITICAL + 1)
#define CATEGORIES_MAX 128
#define COLUMNS_MAX (SIAGA_SYSTEMS_MAX + 1) /* and alerts that name no system */
#define CELL_MAX 4096

struct matrix {
	const struct siaga_play *plays[CATEGORIES_MAX][SEVERITIES][COLUMNS_MAX];
	size_t category_count;
	size_t system_count;	    /* with the empty one, which is the last */
	size_t column_count;	    /* columns shown */
	size_t first[COLUMNS_MAX];  /* the first system of a column */
	size_t column[COLUMNS_MAX]; /* the column of a system */
	bool done[CATEGORIES_MAX];  /* the category stands in a row */
	char (*cells)[CELL_MAX];    /* of the row being written: what, severity, columns */
	size_t widths[COLUMNS_MAX + 2];
};

static const char *
s_system (const struct playbook *self, size_t at)
{
	return at < self->roster->system_count ? self->roster->systems[at].name : "";
}

static void
s_fill (struct matrix *matrix, struct playbook *self)
{
	struct siaga_header header = self->header;
	const char *category;
	matrix->system_count = self->roster->system_count + 1;
	while ((category = siaga_category_at (matrix->category_count)) != NULL &&
	       matrix->category_count < CATEGORIES_MAX) {
		header.category = siaga_text (category);
		for (unsigned severity = 0; severity < SEVERITIES; severity++)
			for (size_t i = 0; i < matrix->system_count; i++) {
				header.severity = (enum siaga_severity) severity;
				header.system = siaga_text (s_system (self, i));
				matrix->plays[matrix->category_count][severity][i] =
					siaga_roster_play (self->roster, &header);
			}
		matrix->category_count++;
	}
}

/* To a reader two rules are the same when the same members have the same parts. */
static bool
s_same (const struct siaga_play *a, const struct siaga_play *b)
{
	if (a == b || !a || !b)
		return a == b;
	if (strcmp (a->lead, b->lead) != 0 || a->support_count != b->support_count)
		return false;
	for (size_t i = 0; i < a->support_count; i++)
		if (strcmp (a->support[i], b->support[i]) != 0)
			return false;
	return true;
}

static bool
s_same_systems (const struct matrix *matrix, size_t a, size_t b)
{
	for (size_t i = 0; i < matrix->category_count; i++)
		for (unsigned k = 0; k < SEVERITIES; k++)
			if (!s_same (matrix->plays[i][k][a], matrix->plays[i][k][b]))
				return false;
	return true;
}

static void
s_group_systems (struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->system_count; i++) {
		size_t at = 0;
		while (at < matrix->column_count && !s_same_systems (matrix, matrix->first[at], i))
			at++;
		matrix->column[i] = at;
		if (at == matrix->column_count)
			matrix->first[matrix->column_count++] = i;
	}
}

static bool
s_same_row (const struct matrix *matrix, size_t category, unsigned severity, size_t other,
	    unsigned other_severity)
{
	for (size_t i = 0; i < matrix->system_count; i++)
		if (!s_same (matrix->plays[category][severity][i],
			     matrix->plays[other][other_severity][i]))
			return false;
	return true;
}

static bool
s_same_category (const struct matrix *matrix, size_t a, size_t b)
{
	for (unsigned i = 0; i < SEVERITIES; i++)
		if (!s_same_row (matrix, a, i, b, i))
			return false;
	return true;
}

static size_t
s_class_size (size_t category)
{
	return strcspn (siaga_category_at (category), "/");
}

static bool
s_same_class (size_t a, size_t b)
{
	const char *left = siaga_category_at (a), *right = siaga_category_at (b);
	return s_class_size (a) == s_class_size (b) && strncmp (left, right, s_class_size (a)) == 0;
}

/* "availability", "availability: dos, ddos" or "fraud/phishing", and marks them as done. */
static void
s_name_row (struct matrix *matrix, size_t category, char out[CELL_MAX])
{
	const char *name = siaga_category_at (category);
	size_t class_size = s_class_size (category), used = 0, with = 0, without = 0;
	char types[CELL_MAX] = "";
	for (size_t i = 0; i < matrix->category_count; i++) {
		if (!s_same_class (category, i))
			continue;
		if (matrix->done[i] || !s_same_category (matrix, category, i)) {
			without++;
			continue;
		}
		matrix->done[i] = true;
		used += (size_t) snprintf (types + used, sizeof types - used, "%s%s",
					   with++ ? ", " : "",
					   siaga_category_at (i) + class_size + 1);
	}
	if (without == 0)
		snprintf (out, CELL_MAX, "%.*s", (int) class_size, name);
	else if (with == 1)
		snprintf (out, CELL_MAX, "%s", name);
	else
		snprintf (out, CELL_MAX, "%.*s: %.*s", (int) class_size, name, CELL_MAX / 2, types);
}

static void
s_name_severities (unsigned from, unsigned to, char out[CELL_MAX])
{
	const char *low = siaga_name_of (&siaga_severity_names, from);
	const char *high = siaga_name_of (&siaga_severity_names, to);
	if (from == 0 && to == SIAGA_SEVERITY_CRITICAL)
		snprintf (out, CELL_MAX, "any");
	else if (from == to)
		snprintf (out, CELL_MAX, "%s", low);
	else if (to == SIAGA_SEVERITY_CRITICAL)
		snprintf (out, CELL_MAX, "%s and up", low);
	else
		snprintf (out, CELL_MAX, "%s to %s", low, high);
}

static void
s_name_play (const struct playbook *self, const struct siaga_play *play, char out[CELL_MAX])
{
	const char *mark = self->markdown ? "**" : "";
	size_t used;
	if (!play) {
		snprintf (out, CELL_MAX, "%snobody%s", mark, mark);
		return;
	}
	used = (size_t) snprintf (out, CELL_MAX, "%s%s%s", mark, play->lead, mark);
	for (size_t i = 0; i < play->support_count && used < CELL_MAX; i++)
		used += (size_t) snprintf (out + used, CELL_MAX - used, "%s%s", i ? ", " : " + ",
					   play->support[i]);
}

static void
s_name_column (const struct playbook *self, const struct matrix *matrix, size_t column,
	       char out[CELL_MAX])
{
	size_t used = 0, count = 0;
	for (size_t i = 0; i < matrix->system_count && used < CELL_MAX; i++)
		if (matrix->column[i] == column) {
			const char *name = s_system (self, i);
			used += (size_t) snprintf (out + used, CELL_MAX - used, "%s%s",
						   count++ ? ", " : "", *name ? name : "no system");
		}
}

/* A row as it is shown; the first time through (`measure`) only how wide its cells are. */
static void
s_write_row (struct playbook *self, struct matrix *matrix, bool measure)
{
	for (size_t i = 0; i < matrix->column_count + 2; i++) {
		size_t columns = escape_columns (siaga_text (matrix->cells[i]));
		if (measure) {
			if (columns > matrix->widths[i])
				matrix->widths[i] = columns;
			continue;
		}
		if (self->markdown)
			output_printf (&self->output, "%s%s", i ? " | " : "| ", matrix->cells[i]);
		else if (i == matrix->column_count + 1)
			output_printf (&self->output, "%s", matrix->cells[i]);
		else
			output_padded (&self->output, matrix->cells[i], matrix->widths[i] + 2);
	}
	if (!measure)
		output_printf (&self->output, self->markdown ? " |\n" : "\n");
}

static void
s_write_head (struct playbook *self, struct matrix *matrix, bool measure)
{
	snprintf (matrix->cells[0], CELL_MAX, "what happens");
	snprintf (matrix->cells[1], CELL_MAX, "severity");
	for (size_t i = 0; i < matrix->column_count; i++)
		s_name_column (self, matrix, i, matrix->cells[2 + i]);
	s_write_row (self, matrix, measure);
	if (measure || !self->markdown)
		return;
	for (size_t i = 0; i < matrix->column_count + 2; i++)
		output_printf (&self->output, "|---");
	output_printf (&self->output, "|\n");
}

/* The rows of one category: a row for each stretch of severities that get the same answers. */
static void
s_write_category (struct playbook *self, struct matrix *matrix, size_t category, bool measure)
{
	s_name_row (matrix, category, matrix->cells[0]);
	for (unsigned from = 0, to; from < SEVERITIES; from = to + 1) {
		for (to = from;
		     to + 1 < SEVERITIES && s_same_row (matrix, category, from, category, to + 1);)
			to++;
		s_name_severities (from, to, matrix->cells[1]);
		for (size_t i = 0; i < matrix->column_count; i++)
			s_name_play (self, matrix->plays[category][from][matrix->first[i]],
				     matrix->cells[2 + i]);
		s_write_row (self, matrix, measure);
	}
}

static void
s_write (struct playbook *self, struct matrix *matrix, bool measure)
{
	memset (matrix->done, 0, sizeof matrix->done);
	s_write_head (self, matrix, measure);
	for (size_t i = 0; i < matrix->category_count; i++)
		if (!matrix->done[i])
			s_write_category (self, matrix, i, measure);
}

/* One line for pipes: a system, a category, and the severities of which the same rule speaks. */
static int
s_write_line (struct playbook *self, size_t system, const char *category, unsigned from,
	      unsigned to)
{
	struct siaga_header header = self->header;
	struct siaga_duty duty;
	header.system = siaga_text (s_system (self, system));
	header.category = siaga_text (category);
	header.severity = (enum siaga_severity) from;
	json_t *object = json_pack ("{s:s, s:s, s:s, s:s, s:s, s:s}", "system",
				    s_system (self, system), "category", category, "min_severity",
				    siaga_name_of (&siaga_severity_names, from), "max_severity",
				    siaga_name_of (&siaga_severity_names, to), "status",
				    siaga_name_of (&siaga_status_names, header.status), "tlp",
				    siaga_name_of (&siaga_tlp_names, header.tlp));
	bool good = object != NULL;
	if (good && siaga_roster_duty (self->roster, &header, self->at_us, &duty))
		good = playbook_duty_json (object, self->roster, &duty);
	int status = good ? output_json (&self->output, object) : CMD_INTERNAL;
	json_decref (object);
	return status;
}

/* The last severity of which the same is said: the rule, and whether it has deadlines. */
static unsigned
s_last_alike (const struct playbook *self, const struct matrix *matrix, size_t category,
	      size_t system, unsigned from)
{
	unsigned least = self->roster->play_defaults.deadlines_from, to = from;
	while (to + 1 < SEVERITIES && (to + 1 < least) == (from < least) &&
	       matrix->plays[category][from][system] == matrix->plays[category][to + 1][system])
		to++;
	return to;
}

static int
s_write_lines (struct playbook *self, const struct matrix *matrix)
{
	int status = 0;
	for (size_t i = 0; i < matrix->category_count; i++)
		for (size_t k = 0; k < matrix->system_count; k++)
			for (unsigned from = 0, to; from < SEVERITIES && !status; from = to + 1) {
				to = s_last_alike (self, matrix, i, k, from);
				status = s_write_line (self, k, siaga_category_at (i), from, to);
			}
	return status;
}

int
playbook_table (struct playbook *self)
{
	struct matrix *matrix = calloc (1, sizeof *matrix);
	int status = 0;
	if (matrix)
		matrix->cells = calloc (COLUMNS_MAX + 2, sizeof *matrix->cells);
	if (!matrix || !matrix->cells) {
		free (matrix);
		say ("out of memory");
		return CMD_INTERNAL;
	}
	s_fill (matrix, self);
	s_group_systems (matrix);
	if (self->output.json) {
		status = s_write_lines (self, matrix);
	} else {
		s_write (self, matrix, true);
		s_write (self, matrix, false);
	}
	free (matrix->cells);
	free (matrix);
	return status;
}
