/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See render_story.h.
 */
#include "common/render_story.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/escape.h"
#include "common/handle.h"

#define ORIGIN_COLUMNS 14
#define WORDS_INDENT 9

static int
s_resolved (char **text, const struct reader_entry *entry, const char *object)
{
	char handle[HANDLE_TEXT] = "";
	const struct siaga_body *body = entry->body;
	bool duplicate = body->outcome == SIAGA_OUTCOME_DUPLICATE && entry->header->ref_count > 1;
	if (duplicate)
		handle_write (handle, entry->header->refs[1].id);
	return asprintf (text, "resolved %s: %s%s%s", object,
			 siaga_name_of (&siaga_outcome_names, body->outcome),
			 duplicate ? " of " : "", handle);
}

static int
s_response (char **text, const struct reader_entry *entry, const char *object)
{
	const struct siaga_text member = entry->body->member;
	static const char *const words[] = {
		[SIAGA_ACTION_NONE] = "answered",    [SIAGA_ACTION_ACKNOWLEDGE] = "acknowledged",
		[SIAGA_ACTION_TAKE] = "took",	     [SIAGA_ACTION_ASSIST] = "assists with",
		[SIAGA_ACTION_HANDOVER] = "handed",  [SIAGA_ACTION_COMMENT] = "commented on",
		[SIAGA_ACTION_RESOLVE] = "resolved", [SIAGA_ACTION_REOPEN] = "reopened",
	};
	if (entry->header->action == SIAGA_ACTION_RESOLVE)
		return s_resolved (text, entry, object);
	if (entry->header->action == SIAGA_ACTION_HANDOVER)
		return asprintf (text, "handed %s over to %.*s", object, (int) member.size,
				 member.size ? member.data : "");
	return asprintf (text, "%s %s", words[entry->header->action], object);
}

char *
render_deed (const struct reader_entry *entry, const char *object)
{
	const struct siaga_header *header = entry->header;
	char *text = NULL;
	int size;
	switch (header->kind) {
	case SIAGA_KIND_RESPONSE:
		size = s_response (&text, entry, object);
		break;
	case SIAGA_KIND_UPDATE:
		size = asprintf (&text, "updated %s: now %s", object,
				 siaga_name_of (&siaga_severity_names, header->severity));
		break;
	case SIAGA_KIND_CANCEL:
		size = asprintf (&text, "CANCELLED %s", object);
		break;
	default: /* nothing was done to an alert */
		return strdup ("");
	}
	return size < 0 ? NULL : text;
}

static void
s_words (FILE *out, struct siaga_text words)
{
	if (words.size == 0)
		return;
	fprintf (out, "\n%*s", WORDS_INDENT, "");
	escape_write (out, words);
}

static void
s_line (FILE *out, const struct reader_entry *entry, const char *deed,
	const struct render_style *style)
{
	const struct siaga_body *body = entry->body;
	char number[24], clock[RENDER_CLOCK_TEXT];
	snprintf (number, sizeof number, "#%" PRIu64, entry->number);
	render_clock (clock, entry->accepted_us, style);
	fprintf (out, "%-7s  %-*s  ", number, style->dates ? 23 : 12, clock);
	escape_write (out, entry->header->origin);
	size_t used = escape_columns (entry->header->origin);
	fprintf (out, "%*s  ", (int) (used < ORIGIN_COLUMNS ? ORIGIN_COLUMNS - used : 0), "");
	escape_write (out, siaga_text (deed));
	bool update = entry->header->kind == SIAGA_KIND_UPDATE;
	if (update || !*deed) {
		fputs (*deed ? "  " : "", out);
		escape_write (out, body->title);
	}
	s_words (out, body->description);
	fputc ('\n', out);
}

char *
render_story (const struct reader_entry *entry, const struct render_style *style)
{
	char *deed = render_deed (entry, "it");
	char *text = NULL;
	size_t size = 0;
	FILE *out = deed ? open_memstream (&text, &size) : NULL;
	if (out) {
		s_line (out, entry, deed, style);
		if (fclose (out)) {
			free (text);
			text = NULL;
		}
	}
	free (deed);
	return text;
}
