/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values out of JSON, and out of header and body through a table.
 */
#include "agent/path.h"

#include <stdio.h>
#include <stdlib.h>

enum path_kind {
	PATH_TEXT,
	PATH_NAME,    /* an enumeration */
	PATH_COUNT,   /* uint64_t; 0: not said */
	PATH_MEMBERS, /* the audience */
};

struct path_row {
	const char *text;
	enum path_kind kind;
	bool of_body;
	size_t offset;
	const struct siaga_names *names;
};

typedef bool
path_visitor (void *arg, const struct path_value *value);

#define HEADER(member, kind, names)                                                                \
	{                                                                                          \
		"." #member, kind, false, offsetof (struct siaga_header, member), names            \
	}
#define BODY(member, kind)                                                                         \
	{                                                                                          \
		"." #member, kind, true, offsetof (struct siaga_body, member), NULL                \
	}

static const struct path_row s_rows[] = {
	HEADER (severity, PATH_NAME, &siaga_severity_names),
	HEADER (certainty, PATH_NAME, &siaga_certainty_names),
	HEADER (tlp, PATH_NAME, &siaga_tlp_names),
	HEADER (status, PATH_NAME, &siaga_status_names),
	HEADER (category, PATH_TEXT, NULL),
	HEADER (system, PATH_TEXT, NULL),
	HEADER (audience, PATH_MEMBERS, NULL),
	BODY (title, PATH_TEXT),
	BODY (description, PATH_TEXT),
	BODY (count, PATH_COUNT),
	BODY (detector.tool, PATH_TEXT),
	BODY (detector.rule_id, PATH_TEXT),
	BODY (detector.rule, PATH_TEXT),
	BODY (detector.native_severity, PATH_TEXT),
};

static bool
s_parse_of_alert (struct path *self, const char *text, char reason[PATH_REASON])
{
	for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
		if (strcmp (s_rows[i].text, text) == 0) {
			self->row = &s_rows[i];
			return true;
		}
	if (endpoint_place_parse (&self->place, text + 1))
		return true;
	snprintf (reason, PATH_REASON, "\"%.64s\" names nothing of an alert", text);
	return false;
}

bool
path_parse (struct path *self, const char *text, char reason[PATH_REASON])
{
	size_t size = strlen (text);
	*self = (struct path){.text = text};
	if (text[0] == '.')
		return s_parse_of_alert (self, text, reason);
	bool good =
		size > 0 && size <= PATH_TEXT_MAX && text[size - 1] != '.' && !strstr (text, "..");
	for (size_t i = 0; i < size; i++)
		good = good && (unsigned char) text[i] >= ' ' && !strchr ("{}", text[i]);
	if (!good)
		snprintf (reason, PATH_REASON, "\"%.64s\" is not a path like \"alert.severity\"",
			  text);
	return good;
}

bool
path_is_of_alert (const struct path *self)
{
	return self->row || self->place.member;
}

const struct siaga_names *
path_names (const struct path *self)
{
	return self->row ? self->row->names : NULL;
}

bool
path_is_system (const struct path *self)
{
	return self->row && self->row->offset == offsetof (struct siaga_header, system) &&
	       !self->row->of_body;
}

bool
path_parse_number (struct siaga_text text, long double *number)
{
	char copy[PATH_NUMBER_TEXT];
	if (text.size == 0 || text.size >= sizeof copy)
		return false;
	memcpy (copy, text.data, text.size);
	copy[text.size] = '\0';
	const char *at = copy + (copy[0] == '-');
	size_t whole = strspn (at, "0123456789"), size = whole;
	if (at[size] == '.') {
		size_t part = strspn (at + size + 1, "0123456789");
		size = part > 0 ? size + 1 + part : 0;
	}
	if (whole == 0 || size == 0 || at + size != copy + text.size)
		return false;
	*number = at[whole] == '.' ? (long double) strtod (copy, NULL) : strtold (copy, NULL);
	return true;
}

static bool
s_visit_text (struct siaga_text text, path_visitor *visit, void *arg)
{
	struct path_value value = {.text = text};
	value.has_number = path_parse_number (text, &value.number);
	return visit (arg, &value);
}

static bool
s_visit_whole (long double number, path_visitor *visit, void *arg)
{
	struct path_value value = {.has_number = true, .number = number};
	int size = snprintf (value.digits, sizeof value.digits, "%.0Lf", number);
	value.text = (struct siaga_text){value.digits, (size_t) size};
	return visit (arg, &value);
}

/* As short as it can be without loss: 0.1, not 0.10000000000000001. */
static bool
s_visit_real (double number, path_visitor *visit, void *arg)
{
	struct path_value value = {.has_number = true, .number = (long double) number};
	int size = snprintf (value.digits, sizeof value.digits, "%.15g", number);
	double again = strtod (value.digits, NULL);
	if (again < number || again > number)
		size = snprintf (value.digits, sizeof value.digits, "%.17g", number);
	value.text = (struct siaga_text){value.digits, (size_t) size};
	return visit (arg, &value);
}

static bool
s_visit_scalar (const json_t *node, path_visitor *visit, void *arg)
{
	switch (json_typeof (node)) {
	case JSON_STRING:
		return s_visit_text (
			(struct siaga_text){json_string_value (node), json_string_length (node)},
			visit, arg);
	case JSON_INTEGER:
		return s_visit_whole ((long double) json_integer_value (node), visit, arg);
	case JSON_REAL:
		return s_visit_real (json_real_value (node), visit, arg);
	case JSON_TRUE:
		return s_visit_text (siaga_text ("true"), visit, arg);
	case JSON_FALSE:
		return s_visit_text (siaga_text ("false"), visit, arg);
	default:
		return false;
	}
}

static bool
s_visit_field (const json_t *node, path_visitor *visit, void *arg)
{
	if (!json_is_array (node))
		return node && s_visit_scalar (node, visit, arg);
	for (size_t i = 0; i < json_array_size (node); i++)
		if (s_visit_scalar (json_array_get (node, i), visit, arg))
			return true;
	return false;
}

static bool
s_visit_some_text (struct siaga_text text, path_visitor *visit, void *arg)
{
	return text.size > 0 && s_visit_text (text, visit, arg);
}

static bool
s_visit_name (const struct siaga_names *names, unsigned rank, path_visitor *visit, void *arg)
{
	struct path_value value = {.text = siaga_text (siaga_name_of (names, rank)),
				   .has_number = true,
				   .number = rank};
	return visit (arg, &value);
}

static bool
s_visit_audience (const struct siaga_header *header, path_visitor *visit, void *arg)
{
	for (size_t i = 0; i < header->audience_count; i++)
		if (s_visit_text (header->audience[i], visit, arg))
			return true;
	return false;
}

static bool
s_visit_row (const struct path_row *row, const struct event *event, path_visitor *visit, void *arg)
{
	const char *record =
		row->of_body ? (const char *) &event->body : (const char *) &event->header;
	const void *place = record + row->offset;
	switch (row->kind) {
	case PATH_TEXT:
		return s_visit_some_text (*(const struct siaga_text *) place, visit, arg);
	case PATH_NAME:
		return s_visit_name (row->names, *(const unsigned *) place, visit, arg);
	case PATH_COUNT:
		return *(const uint64_t *) place > 0 &&
		       s_visit_whole ((long double) *(const uint64_t *) place, visit, arg);
	case PATH_MEMBERS:
		return s_visit_audience (&event->header, visit, arg);
	}
	return false;
}

static bool
s_visit_endpoints (const struct endpoint_place *place, const struct event *event,
		   path_visitor *visit, void *arg)
{
	const struct siaga_body *body = &event->body;
	const struct siaga_endpoint *list = place->is_target ? body->target : body->source;
	size_t count = place->is_target ? body->target_count : body->source_count;
	for (size_t i = 0; i < count; i++) {
		const void *at = (const char *) &list[i] + place->member->offset;
		bool found =
			place->member->is_port
				? *(const uint32_t *) at > 0 &&
					  s_visit_whole (*(const uint32_t *) at, visit, arg)
				: s_visit_some_text (*(const struct siaga_text *) at, visit, arg);
		if (found)
			return true;
	}
	return false;
}

bool
path_visit (const struct path *self, const struct event *event,
	    bool (*visit) (void *arg, const struct path_value *value), void *arg)
{
	if (self->row)
		return s_visit_row (self->row, event, visit, arg);
	if (self->place.member)
		return s_visit_endpoints (&self->place, event, visit, arg);
	return s_visit_field (event_field (event->fields, self->text), visit, arg);
}

static bool
s_is_something (void *arg, const struct path_value *value)
{
	(void) arg;
	return value->text.size > 0;
}

bool
path_exists (const struct path *self, const struct event *event)
{
	if (path_is_of_alert (self))
		return path_visit (self, event, s_is_something, NULL);
	const json_t *node = event_field (event->fields, self->text);
	return node && !json_is_null (node) &&
	       (!json_is_string (node) || json_string_length (node) > 0);
}
