/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every field of an entry, for `siaga show`: made from the JSON object, so that nothing can be in one and not in
 * the other. See render_text.h.
 */
#include "common/render_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/escape.h"

#define NAME_COLUMNS 14

static struct siaga_text
s_string (const json_t *value)
{
	return (struct siaga_text){json_string_value (value), json_string_length (value)};
}

/* Long text keeps its lines, each behind the column of names, so that none can pass for a field. */
static void
s_lines (FILE *out, struct siaga_text text)
{
	const char *end;
	while (text.size > 0 && (end = memchr (text.data, '\n', text.size)) != NULL) {
		size_t size = (size_t) (end - text.data);
		escape_write (out, (struct siaga_text){text.data, size});
		fprintf (out, "\n%*s", NAME_COLUMNS, "");
		text.data += size + 1;
		text.size -= size + 1;
	}
	escape_write (out, text);
}

static void
s_scalar (FILE *out, const json_t *value)
{
	if (json_is_string (value))
		s_lines (out, s_string (value));
	else if (json_is_integer (value))
		fprintf (out, "%" JSON_INTEGER_FORMAT, json_integer_value (value));
	else
		fputs (json_is_true (value) ? "yes" : "no", out);
}

/* An endpoint, a ref: "ip 10.0.0.1  port 443". */
static void
s_object (FILE *out, json_t *object)
{
	const char *name;
	json_t *value;
	const char *glue = "";
	json_object_foreach (object, name, value)
	{
		fprintf (out, "%s%s ", glue, name);
		s_scalar (out, value);
		glue = "  ";
	}
}

static void
s_array (FILE *out, const json_t *array)
{
	size_t index;
	json_t *value;
	json_array_foreach (array, index, value)
	{
		if (json_is_object (value)) {
			if (index > 0)
				fprintf (out, "\n%*s", NAME_COLUMNS, "");
			s_object (out, value);
			continue;
		}
		fputs (index ? ", " : "", out);
		s_scalar (out, value);
	}
}

/* Is it one of our times, which people read in their zone? */
static bool
s_is_time (const char *name, const json_t *value, uint64_t *time_us)
{
	static const char *const names[] = {"accepted", "created",    "detected",
					    "expires",	"first_seen", "last_seen"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp (name, names[i]) == 0 && json_is_string (value))
			return siaga_time_parse (time_us, s_string (value)) == 0;
	return false;
}

static void
s_member (FILE *out, const char *name, json_t *value, const struct render_style *style)
{
	uint64_t time_us = 0;
	fprintf (out, "%-*s", NAME_COLUMNS, name);
	if (s_is_time (name, value, &time_us)) {
		struct render_style dated = *style;
		char clock[RENDER_CLOCK_TEXT];
		dated.dates = true;
		render_clock (clock, time_us, &dated);
		fputs (clock, out);
	} else if (json_is_object (value))
		s_object (out, value);
	else if (json_is_array (value))
		s_array (out, value);
	else
		s_scalar (out, value);
	fputc ('\n', out);
}

static void
s_banner (FILE *out, const json_t *object, const struct render_style *style)
{
	const char *words = json_is_true (json_object_get (object, "exercise")) ? "EXERCISE"
			    : json_is_true (json_object_get (object, "test"))	? "TEST"
										: NULL;
	if (words)
		fprintf (out, "%s *** %s *** %s\n", style->colour ? "\033[7m" : "", words,
			 style->colour ? "\033[0m" : "");
}

char *
render_text_fields (const json_t *object, const struct render_style *style)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);
	if (!out)
		return NULL;
	s_banner (out, object, style);
	const char *name;
	json_t *value;
	json_object_foreach ((json_t *) (uintptr_t) object, name, value)
	{
		s_member (out, name, value, style);
	}
	if (fclose (out)) {
		free (text);
		return NULL;
	}
	return text;
}
