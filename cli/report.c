/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See report.h. Numbers, names and times come from the verified entries; what the law wants beside that is the
 * reporter's: who reports, and the impact.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/paper.h"
#include "cli/report_words.h"

/* A report being written. */
struct work {
	const struct report *report;
	struct paper paper;
	const json_t *alert;
	const struct siaga_system *system; /* NULL: none, or not in the roster */
};

static const char *
s_word (const struct work *work, enum report_word word)
{
	return report_word (work->report->language, word);
}

/* A member of an object as text; "" when it is not there. */
static const char *
s_text (const json_t *object, const char *name)
{
	const char *text = json_string_value (json_object_get (object, name));
	return text ? text : "";
}

static uint64_t
s_time (const json_t *object, const char *name)
{
	uint64_t time_us = 0;
	siaga_time_parse (&time_us, siaga_text (s_text (object, name)));
	return time_us;
}

static void
s_clock (const struct work *work, uint64_t time_us, char out[RENDER_CLOCK_TEXT])
{
	struct render_style style = work->report->style;
	style.dates = true;
	out[0] = '\0';
	if (time_us > 0)
		render_clock (out, time_us, &style);
}

static uint64_t
s_found_us (const json_t *alert)
{
	uint64_t detected_us = s_time (alert, "detected"), accepted_us = s_time (alert, "accepted");
	return detected_us > 0 && detected_us < accepted_us ? detected_us : accepted_us;
}

uint64_t
report_due_us (const json_t *story)
{
	uint64_t found_us = s_found_us (json_array_get (story, 0));
	return found_us > 0 ? found_us + SIAGA_REPORT_WITHIN_US : 0;
}

/* The gravest that the alert and its updates say. */
static const char *
s_severity (const json_t *story)
{
	int worst = 0;
	size_t index;
	json_t *entry;
	json_array_foreach (story, index, entry)
	{
		const char *kind = s_text (entry, "kind");
		int severity = siaga_name_value (&siaga_severity_names,
						 siaga_text (s_text (entry, "severity")));
		if ((strcmp (kind, "alert") == 0 || strcmp (kind, "update") == 0) &&
		    severity > worst)
			worst = severity;
	}
	return siaga_name_of (&siaga_severity_names, (unsigned) worst);
}

bool
report_is_wanted (const json_t *story)
{
	const char *status = s_text (json_array_get (story, 0), "status");
	return strcmp (status, "actual") == 0 &&
	       siaga_name_value (&siaga_severity_names, siaga_text (s_severity (story))) >=
		       SIAGA_SEVERITY_HIGH;
}

/* A row of a name and a value; none where there is no value. */
static void
s_row (struct work *work, enum report_word word, const char *value)
{
	const char *const cells[] = {s_word (work, word), value};
	if (value && *value)
		paper_row (&work->paper, cells);
}

static void
s_row_time (struct work *work, enum report_word word, uint64_t time_us)
{
	char text[RENDER_CLOCK_TEXT];
	s_clock (work, time_us, text);
	s_row (work, word, text);
}

static void
s_contact (struct work *work)
{
	const struct report *report = work->report;
	const struct siaga_member *member = report->reporter->member;
	paper_heading (&work->paper, s_word (work, REPORT_CONTACT));
	paper_table (&work->paper, 2, NULL);
	s_row (work, REPORT_AGENCY, member->title ? member->title : member->name);
	s_row (work, REPORT_PERSON, report->reporter->name);
	s_row (work, REPORT_PHONE, member->duty_phone);
	s_row (work, REPORT_MAIL, member->mail);
	s_row_time (work, REPORT_WRITTEN, report->now_us);
	paper_table_end (&work->paper);
}

/* "ip 10.0.0.1, port 443", an endpoint a line; or the members of one object. */
static char *
s_flat (json_t *value)
{
	char *text = NULL;
	size_t size = 0, index;
	FILE *out = open_memstream (&text, &size);
	json_t *item = value, *field;
	if (!out)
		return NULL;
	for (index = 0;
	     json_is_object (item = json_is_array (value) ? json_array_get (value, index) : value);
	     index++) {
		const char *name, *glue = index > 0 ? "\n" : "";
		json_object_foreach (item, name, field)
		{
			fprintf (out, "%s%s ", glue, name);
			if (json_is_integer (field))
				fprintf (out, "%" JSON_INTEGER_FORMAT, json_integer_value (field));
			else
				fputs (json_string_value (field), out);
			glue = ", ";
		}
		if (!json_is_array (value))
			break;
	}
	fclose (out);
	return text;
}

static void
s_row_flat (struct work *work, enum report_word word, const char *name)
{
	json_t *value = json_object_get (work->alert, name);
	char *text = value ? s_flat (value) : NULL;
	s_row (work, word, text);
	free (text);
}

static void
s_row_system (struct work *work)
{
	const struct siaga_system *system = work->system;
	char *text = NULL;
	if (asprintf (&text, "%s%s%s",
		      system && system->title ? system->title : s_text (work->alert, "system"),
		      system && system->vital ? ", " : "",
		      system && system->vital ? s_word (work, REPORT_VITAL) : "") < 0)
		return;
	s_row (work, REPORT_SYSTEM, text);
	free (text);
}

static void
s_description (struct work *work)
{
	const json_t *alert = work->alert;
	char count[24] = "";
	json_int_t events = json_integer_value (json_object_get (alert, "count"));
	if (events > 1)
		snprintf (count, sizeof count, "%" JSON_INTEGER_FORMAT, events);
	paper_heading (&work->paper, s_word (work, REPORT_DESCRIPTION));
	paper_table (&work->paper, 2, NULL);
	s_row (work, REPORT_WHAT,
	       json_is_true (json_object_get (alert, "sealed")) ? s_word (work, REPORT_SEALED)
								: s_text (alert, "title"));
	s_row (work, REPORT_DETAILS, s_text (alert, "description"));
	s_row (work, REPORT_CATEGORY, s_text (alert, "category"));
	s_row_system (work);
	s_row (work, REPORT_SEVERITY,
	       report_severity_word (work->report->language, s_severity (work->report->story)));
	s_row_time (work, REPORT_DETECTED, s_time (alert, "detected"));
	s_row (work, REPORT_ORIGIN, s_text (alert, "origin"));
	s_row (work, REPORT_TLP, s_text (alert, "tlp"));
	s_row_flat (work, REPORT_SOURCE, "source");
	s_row_flat (work, REPORT_TARGET, "target");
	s_row_flat (work, REPORT_DETECTOR, "detector");
	s_row (work, REPORT_COUNT, count);
	paper_table_end (&work->paper);
}

/* "resolved (true positive): the host was rebuilt" */
static char *
s_event (const struct work *work, const json_t *entry)
{
	enum report_language language = work->report->language;
	const char *outcome = s_text (entry, "outcome"), *member = s_text (entry, "member");
	const char *said = s_text (entry, "description");
	char *text = NULL;
	if (strcmp (s_text (entry, "kind"), "response") != 0 || !*said)
		said = s_text (entry, "title");
	outcome = *outcome ? report_outcome_word (language, outcome) : "";
	if (asprintf (
		    &text, "%s%s%s%s%s%s%s%s",
		    report_event_word (language, s_text (entry, "kind"), s_text (entry, "action")),
		    *member ? " " : "", member, *outcome ? " (" : "", outcome, *outcome ? ")" : "",
		    *said ? ": " : "", said) < 0)
		return NULL;
	return text;
}

static void
s_chronology (struct work *work)
{
	const char *const heads[] = {s_word (work, REPORT_WHEN), s_word (work, REPORT_WHO),
				     s_word (work, REPORT_EVENT), s_word (work, REPORT_NUMBER)};
	char when[RENDER_CLOCK_TEXT], number[24];
	size_t index;
	json_t *entry;
	paper_heading (&work->paper, s_word (work, REPORT_CHRONOLOGY));
	paper_table (&work->paper, 4, heads);
	json_array_foreach (work->report->story, index, entry)
	{
		char *event = s_event (work, entry);
		s_clock (work, s_time (entry, "accepted"), when);
		snprintf (number, sizeof number, "%" JSON_INTEGER_FORMAT,
			  json_integer_value (json_object_get (entry, "number")));
		const char *const cells[] = {when, s_text (entry, "origin"), event, number};
		paper_row (&work->paper, cells);
		free (event);
	}
	paper_table_end (&work->paper);
}

/* "21 jam 5 menit", "21 h 5 min" */
static void
s_span (const struct work *work, uint64_t span_us, char out[64])
{
	bool english = work->report->language == REPORT_ENGLISH;
	uint64_t minutes = span_us / 60000000;
	snprintf (out, 64, "%" PRIu64 " %s %" PRIu64 " %s", minutes / 60, english ? "h" : "jam",
		  minutes % 60, english ? "min" : "menit");
}

static void
s_deadline (struct work *work)
{
	uint64_t due_us = report_due_us (work->report->story), now_us = work->report->now_us;
	char left[64];
	paper_heading (&work->paper, s_word (work, REPORT_CLOCK));
	if (!report_is_wanted (work->report->story)) {
		paper_text (&work->paper, s_word (work, REPORT_NOT_WANTED));
		return;
	}
	s_span (work, now_us < due_us ? due_us - now_us : now_us - due_us, left);
	paper_table (&work->paper, 2, NULL);
	s_row_time (work, REPORT_FOUND, s_found_us (work->alert));
	s_row_time (work, REPORT_DUE, due_us);
	s_row (work, now_us < due_us ? REPORT_LEFT : REPORT_OVERDUE, left);
	paper_table_end (&work->paper);
	if (!work->system || !work->system->vital)
		paper_text (&work->paper, s_word (work, REPORT_NOT_VITAL));
}

static void
s_evidence (struct work *work)
{
	paper_heading (&work->paper, s_word (work, REPORT_EVIDENCE));
	paper_text (&work->paper, s_word (work, REPORT_EVIDENCE_WORDS));
	paper_table (&work->paper, 2, NULL);
	s_row (work, REPORT_ID, s_text (work->alert, "id"));
	s_row (work, REPORT_LOG, s_text (work->alert, "log_id"));
	paper_table_end (&work->paper);
}

static const char *
s_banner (const struct work *work)
{
	if (json_is_true (json_object_get (work->alert, "exercise")))
		return s_word (work, REPORT_EXERCISE);
	if (json_is_true (json_object_get (work->alert, "test")))
		return s_word (work, REPORT_TEST);
	return NULL;
}

void
report_write (FILE *out, const struct report *self)
{
	struct work work = {.report = self, .alert = json_array_get (self->story, 0)};
	const char *language = self->language == REPORT_ENGLISH ? "en" : "id";
	work.system =
		siaga_roster_system (self->roster, siaga_text (s_text (work.alert, "system")));
	paper_begin (&work.paper, out, self->html, language, s_word (&work, REPORT_TITLE),
		     s_banner (&work));
	paper_text (&work.paper, s_word (&work, REPORT_LAW));
	s_contact (&work);
	s_description (&work);
	s_chronology (&work);
	paper_heading (&work.paper, s_word (&work, REPORT_IMPACT));
	paper_text (&work.paper, self->impact ? self->impact : s_word (&work, REPORT_BLANK));
	s_deadline (&work);
	s_evidence (&work);
	paper_end (&work.paper);
}
