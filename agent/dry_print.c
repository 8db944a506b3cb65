/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns of text, and JSON. The alert's own JSON is that of `siaga log` without what only the log knows.
 */
#include "agent/dry_print.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/escape.h"
#include "common/render_json.h"

static const char *const s_verdicts[] = {"send", "drop", "unreadable"};

/* Of render_json (), what an alert gets on its way, and says again what `status` does. */
static const char *const s_not_yet[] = {
	"number", "log_id", "accepted", "verified", "origin",	"epoch", "oseq",
	"id",	  "kind",   "action",	"refs",	    "exercise", "test",	 "created",
};

static void
s_column (FILE *out, struct siaga_text text)
{
	putc ('\t', out);
	escape_write (out, text.size > 0 ? text : siaga_text ("-"));
}

static void
s_rule (FILE *out, const struct rules_result *result)
{
	s_column (out, siaga_text (result ? result->rule : NULL));
	if (result && result->rule)
		fprintf (out, ":%u", result->line);
}

static void
s_print_text (struct dry_print *self, enum dry_verdict verdict, uint64_t line,
	      const struct event *event, const struct rules_result *result, const char *words)
{
	const struct siaga_header *header = event ? &event->header : NULL;
	const struct siaga_text none = {NULL, 0};
	fprintf (self->out, "%s\t%" PRIu64, s_verdicts[verdict], line);
	s_rule (self->out, result);
	s_column (self->out,
		  header ? siaga_text (siaga_name_of (&siaga_severity_names, header->severity))
			 : none);
	s_column (self->out, header ? header->category : none);
	s_column (self->out, header ? header->system : none);
	s_column (self->out, siaga_text (event && event->redacted ? "redacted" : NULL));
	s_column (self->out, event ? event->body.title : siaga_text (words));
	putc ('\n', self->out);
}

static json_t *
s_alert (const struct event *event)
{
	static const struct siaga_batch_head head;
	static const uint8_t log_id[SIAGA_LOG_ID_BYTES];
	const struct reader_entry entry = {
		.head = &head, .header = &event->header, .body = &event->body};
	json_t *alert = render_json (&entry, log_id, NULL);
	for (size_t i = 0; i < sizeof s_not_yet / sizeof *s_not_yet; i++)
		json_object_del (alert, s_not_yet[i]);
	return alert;
}

/* One line; a value that could not be made is left out. */
static void
s_write (FILE *out, json_t *object)
{
	size_t size;
	char *text = object ? render_json_line (object, false, &size) : NULL;
	if (text)
		fwrite (text, 1, size, out);
	free (text);
	json_decref (object);
}

static void
s_print_json (struct dry_print *self, enum dry_verdict verdict, uint64_t line,
	      const struct event *event, const struct rules_result *result, const char *words)
{
	json_t *object = json_object ();
	json_object_set_new (object, "verdict", json_string (s_verdicts[verdict]));
	json_object_set_new (object, "line", json_integer ((json_int_t) line));
	if (result && result->rule) {
		json_object_set_new (object, "rule", json_string (result->rule));
		json_object_set_new (object, "rule_line", json_integer (result->line));
	}
	if (event) {
		json_object_set_new (object, "redacted", json_boolean (event->redacted));
		json_object_set_new (object, "alert", s_alert (event));
	} else {
		json_object_set_new (object, "error", json_string (words));
	}
	s_write (self->out, object);
}

void
dry_print (struct dry_print *self, enum dry_verdict verdict, uint64_t line,
	   const struct event *event, const struct rules_result *result, const char *words)
{
	self->counts[verdict]++;
	if (verdict == DRY_NO_ALERT)
		return;
	if (self->json)
		s_print_json (self, verdict, line, event, result, words);
	else
		s_print_text (self, verdict, line, event, result, words);
}

static uint64_t
s_lines (const struct dry_print *self)
{
	uint64_t lines = 0;
	for (size_t i = 0; i < DRY_VERDICTS; i++)
		lines += self->counts[i];
	return lines;
}

void
dry_print_summary (const struct dry_print *self)
{
	const uint64_t *counts = self->counts;
	if (self->json)
		s_write (self->out, json_pack ("{s:{s:I,s:I,s:I,s:I,s:I}}", "summary", "lines",
					       (json_int_t) s_lines (self), "send",
					       (json_int_t) counts[DRY_SEND], "drop",
					       (json_int_t) counts[DRY_DROP], "unreadable",
					       (json_int_t) counts[DRY_UNREADABLE], "no_alert",
					       (json_int_t) counts[DRY_NO_ALERT]));
	else
		fprintf (self->out,
			 "# %" PRIu64 " lines: %" PRIu64 " sent, %" PRIu64 " dropped, %" PRIu64
			 " unreadable, %" PRIu64 " no alert\n",
			 s_lines (self), counts[DRY_SEND], counts[DRY_DROP], counts[DRY_UNREADABLE],
			 counts[DRY_NO_ALERT]);
}
