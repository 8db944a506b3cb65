/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the JSON form of an alert through tables of fields: one table each for the header, the
 * body, an endpoint and the detector. What the result means as an entry is judged later, by
 * siaga_entry_write ().
 */
#include "common/alert_json.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/json_load.h"
#include "siaga/error.h"

#define PREFIX_MAX 32 /* "source[15]." */
#define LIST_MAX 160  /* bytes of "info, low, medium, high or critical" and its like */

/* One parse: where we are, and where the words go. */
struct parse {
	char prefix[PREFIX_MAX];
	char *words;
	int error;
};

/* A field of a record at `base` + offset. `read` tells its own errors through s_fail (). */
struct field {
	const char *name;
	void (*read) (struct parse *parse, const struct field *field, json_t *value, void *place);
	size_t offset;
	size_t max;
	const struct siaga_names *names;
	bool (*is_valid) (struct siaga_text text);
};

static void __attribute__ ((format (printf, 4, 5)))
s_fail (struct parse *parse, int error, const char *name, const char *fmt, ...)
{
	if (parse->error)
		return;
	char text[2 * ALERT_JSON_WORDS];
	int size = snprintf (text, sizeof text, "%s%.64s: ", parse->prefix, name);
	va_list args;
	va_start (args, fmt);
	vsnprintf (text + size, sizeof text - (size_t) size, fmt, args);
	va_end (args);
	siaga_utf8_clean (parse->words, ALERT_JSON_WORDS, text, strlen (text));
	parse->error = error;
}

static struct siaga_text
s_string (const json_t *value)
{
	struct siaga_text text = {json_string_value (value), json_string_length (value)};
	return text;
}

/* "a, b or c" of the names from the first on, `count` of them. */
static void
s_list (char out[LIST_MAX], const struct siaga_names *names, size_t count)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < count && at < LIST_MAX; i++) {
		const char *glue = i == 0 ? "" : i + 1 == count ? " or " : ", ";
		at += (size_t) snprintf (out + at, LIST_MAX - at, "%s%s", glue, names->names[i]);
	}
}

static void
s_read_text (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	if (!json_is_string (value)) {
		s_fail (parse, SIAGA_EFORMAT, field->name, "must be a string");
		return;
	}
	struct siaga_text text = s_string (value);
	if (text.size > field->max)
		s_fail (parse, SIAGA_ELIMIT, field->name, "longer than %zu bytes", field->max);
	else if (text.size > 0 && field->is_valid && !field->is_valid (text))
		s_fail (parse, SIAGA_EFORMAT, field->name, "not a valid name");
	else if (text.size > 0)
		*(struct siaga_text *) place = text;
}

/* CAP's `system` is what the hub says of itself; nobody else may. */
static size_t
s_choices (const struct field *field)
{
	return field->names == &siaga_status_names ? SIAGA_STATUS_SYSTEM : field->names->count;
}

static void
s_read_name (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	int found = json_is_string (value) ? siaga_name_value (field->names, s_string (value)) : -1;
	if (found >= 0 && (size_t) found < s_choices (field)) {
		*(unsigned *) place = (unsigned) found;
		return;
	}
	char list[LIST_MAX];
	s_list (list, field->names, s_choices (field));
	s_fail (parse, SIAGA_EFORMAT, field->name, "must be %s", list);
}

static void
s_read_time (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	uint64_t time_us = 0;
	if (!json_is_string (value) || siaga_time_parse (&time_us, s_string (value)) ||
	    time_us > SIAGA_OSEQ_MAX)
		s_fail (parse, SIAGA_EFORMAT, field->name,
			"must be a time such as \"2026-11-24T08:00:00Z\" (RFC 3339)");
	else
		*(uint64_t *) place = time_us;
}

static bool
s_whole_number (const json_t *value, uint64_t max, uint64_t *number)
{
	if (!json_is_integer (value) || json_integer_value (value) < 0 ||
	    (uint64_t) json_integer_value (value) > max)
		return false;
	*number = (uint64_t) json_integer_value (value);
	return true;
}

static void
s_read_count (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	uint64_t number = 0;
	if (s_whole_number (value, SIAGA_OSEQ_MAX, &number))
		*(uint64_t *) place = number;
	else
		s_fail (parse, SIAGA_EFORMAT, field->name, "must be a whole number, not negative");
}

static void
s_read_port (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	uint64_t number = 0;
	if (s_whole_number (value, 65535, &number))
		*(uint32_t *) place = (uint32_t) number;
	else
		s_fail (parse, SIAGA_EFORMAT, field->name, "must be a whole number up to 65535");
}

bool
alert_ip (char out[ALERT_IP_TEXT], const char *text)
{
	uint8_t address[16];
	int family = text && strchr (text, ':') ? AF_INET6 : AF_INET;
	return text && inet_pton (family, text, address) == 1 &&
	       inet_ntop (family, address, out, ALERT_IP_TEXT);
}

/* The canonical spelling takes the place of the one given, in the JSON string itself, so it lives
   as long. */
static void
s_read_ip (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	char canonical[ALERT_IP_TEXT];
	if (!alert_ip (canonical, json_string_value (value)))
		s_fail (parse, SIAGA_EFORMAT, field->name, "not an IPv4 or IPv6 address");
	else if (json_string_set (value, canonical))
		s_fail (parse, SIAGA_ENOMEM, field->name, "out of memory");
	else
		*(struct siaga_text *) place = s_string (value);
}

#define TEXT(record, member, limit)                                                                \
	{                                                                                          \
#member, s_read_text, offsetof(struct record, member), limit, NULL, NULL           \
	}
#define NAME(member, list)                                                                         \
	{                                                                                          \
#member, s_read_name, offsetof(struct siaga_header, member), 0, &list, NULL        \
	}
#define TIME(record, member)                                                                       \
	{                                                                                          \
#member, s_read_time, offsetof(struct record, member##_us), 0, NULL, NULL          \
	}

static const struct field s_endpoint_fields[] = {
	{"ip", s_read_ip, offsetof (struct siaga_endpoint, ip), 0, NULL, NULL},
	{"port", s_read_port, offsetof (struct siaga_endpoint, port), 0, NULL, NULL},
	TEXT (siaga_endpoint, host, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, user, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, url, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, hash, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, mac, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, email, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, file, SIAGA_FIELD_MAX),
	TEXT (siaga_endpoint, process, SIAGA_FIELD_MAX),
	{.name = NULL},
};

static const struct field s_detector_fields[] = {
	TEXT (siaga_detector, tool, SIAGA_FIELD_MAX),
	TEXT (siaga_detector, rule_id, SIAGA_FIELD_MAX),
	TEXT (siaga_detector, rule, SIAGA_FIELD_MAX),
	TEXT (siaga_detector, native_severity, SIAGA_FIELD_MAX),
	{.name = NULL},
};

static const struct field *
s_find (const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (strcmp (fields->name, name) == 0)
			return fields;
	return NULL;
}

/* All names of an object through one table. */
static void
s_read_record (struct parse *parse, const struct field *fields, json_t *object, void *base)
{
	const char *name;
	json_t *value;
	json_object_foreach (object, name, value)
	{
		const struct field *field = s_find (fields, name);
		if (field)
			field->read (parse, field, value, (char *) base + field->offset);
		else
			s_fail (parse, SIAGA_EFORMAT, name, "unknown name");
	}
}

static void
s_read_detector (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	if (!json_is_object (value)) {
		s_fail (parse, SIAGA_EFORMAT, field->name, "must be an object");
		return;
	}
	snprintf (parse->prefix, sizeof parse->prefix, "%s.", field->name);
	s_read_record (parse, s_detector_fields, value, place);
	parse->prefix[0] = '\0';
}

static bool
s_is_list (struct parse *parse, const struct field *field, json_t *value)
{
	if (!json_is_array (value))
		s_fail (parse, SIAGA_EFORMAT, field->name, "must be an array");
	else if (json_array_size (value) > field->max)
		s_fail (parse, SIAGA_ELIMIT, field->name, "more than %zu", field->max);
	else
		return true;
	return false;
}

/* `place` is the count of endpoints; the array follows it, in source and in target alike. */
struct endpoints {
	size_t count;
	struct siaga_endpoint list[SIAGA_ENDPOINTS_MAX];
};
_Static_assert(offsetof (struct siaga_body, source) - offsetof (struct siaga_body, source_count) ==
		       offsetof (struct endpoints, list),
	       "source follows its count");
_Static_assert(offsetof (struct siaga_body, target) - offsetof (struct siaga_body, target_count) ==
		       offsetof (struct endpoints, list),
	       "target follows its count");

static void
s_read_endpoints (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	if (!s_is_list (parse, field, value))
		return;
	struct siaga_endpoint *list =
		(struct siaga_endpoint *) ((char *) place + offsetof (struct endpoints, list));
	static const struct siaga_endpoint nothing;
	size_t index;
	json_t *item;
	json_array_foreach (value, index, item)
	{
		char label[PREFIX_MAX];
		snprintf (label, sizeof label, "%s[%zu]", field->name, index);
		snprintf (parse->prefix, sizeof parse->prefix, "%s[%zu].", field->name, index);
		if (json_is_object (item))
			s_read_record (parse, s_endpoint_fields, item, &list[index]);
		parse->prefix[0] = '\0';
		if (memcmp (&list[index], &nothing, sizeof nothing) == 0)
			s_fail (parse, SIAGA_EFORMAT, label,
				"must be an object that says something");
	}
	*(size_t *) place = json_array_size (value);
}

static int
s_compare (const void *a, const void *b)
{
	const struct siaga_text *x = a, *y = b;
	int order = memcmp (x->data, y->data, x->size < y->size ? x->size : y->size);
	return order ? order : (x->size > y->size) - (x->size < y->size);
}

size_t
alert_audience_sort (struct siaga_text *audience, size_t count)
{
	if (count == 0)
		return 0;
	qsort (audience, count, sizeof *audience, s_compare);
	size_t kept = 1;
	for (size_t i = 1; i < count; i++)
		if (!siaga_text_equal (audience[i], audience[kept - 1]))
			audience[kept++] = audience[i];
	return kept;
}

void
alert_audience_join (struct siaga_header *header)
{
	if (header->audience_count == 0 || header->audience_count == SIAGA_AUDIENCE_MAX)
		return;
	header->audience[header->audience_count] = siaga_member_of (header->origin);
	header->audience_count = alert_audience_sort (header->audience, header->audience_count + 1);
}

static void
s_read_audience (struct parse *parse, const struct field *field, json_t *value, void *place)
{
	if (!s_is_list (parse, field, value))
		return;
	struct siaga_header *header = place;
	size_t index;
	json_t *item;
	json_array_foreach (value, index, item)
	{
		struct siaga_text member = s_string (item);
		if (!json_is_string (item) || !siaga_member_is_valid (member))
			s_fail (parse, SIAGA_EFORMAT, field->name,
				"number %zu is not a member's name", index + 1);
		else
			header->audience[index] = member;
	}
	if (!parse->error)
		header->audience_count =
			alert_audience_sort (header->audience, json_array_size (value));
}

static const struct field s_header_fields[] = {
	NAME (status, siaga_status_names),
	NAME (severity, siaga_severity_names),
	NAME (certainty, siaga_certainty_names),
	NAME (tlp, siaga_tlp_names),
	{"category", s_read_text, offsetof (struct siaga_header, category), SIAGA_CATEGORY_MAX,
	 NULL, siaga_category_is_valid},
	{"system", s_read_text, offsetof (struct siaga_header, system), SIAGA_SYSTEM_MAX, NULL,
	 siaga_system_is_valid},
	{"audience", s_read_audience, 0, SIAGA_AUDIENCE_MAX, NULL, NULL},
	TIME (siaga_header, detected),
	TIME (siaga_header, expires),
	{.name = NULL},
};

static const struct field s_body_fields[] = {
	TEXT (siaga_body, title, SIAGA_TITLE_MAX),
	TEXT (siaga_body, description, SIAGA_TEXT_MAX),
	TEXT (siaga_body, instruction, SIAGA_TEXT_MAX),
	TEXT (siaga_body, raw, SIAGA_RAW_MAX),
	{"source", s_read_endpoints, offsetof (struct siaga_body, source_count),
	 SIAGA_ENDPOINTS_MAX, NULL, NULL},
	{"target", s_read_endpoints, offsetof (struct siaga_body, target_count),
	 SIAGA_ENDPOINTS_MAX, NULL, NULL},
	{"detector", s_read_detector, offsetof (struct siaga_body, detector), 0, NULL, NULL},
	{"count", s_read_count, offsetof (struct siaga_body, count), 0, NULL, NULL},
	TIME (siaga_body, first_seen),
	TIME (siaga_body, last_seen),
	{.name = NULL},
};

void
alert_defaults_init (struct alert_defaults *self)
{
	*self = (struct alert_defaults){
		.status = SIAGA_STATUS_ACTUAL,
		.severity = SIAGA_SEVERITY_MEDIUM,
		.certainty = SIAGA_CERTAINTY_UNKNOWN,
		.tlp = SIAGA_TLP_AMBER,
		.category = siaga_text ("other/undetermined"),
	};
}

void
alert_defaults_apply (const struct alert_defaults *defaults, struct siaga_header *header)
{
	memset (header, 0, sizeof *header);
	header->kind = SIAGA_KIND_ALERT;
	header->status = defaults->status;
	header->severity = defaults->severity;
	header->certainty = defaults->certainty;
	header->tlp = defaults->tlp;
	header->category = defaults->category;
	header->system = defaults->system;
	header->audience_count = defaults->audience_count;
	memcpy (header->audience, defaults->audience, sizeof header->audience);
}

/* Each name of the object belongs to the header or to the body. */
static void
s_read_alert (struct parse *parse, json_t *root, struct siaga_header *header,
	      struct siaga_body *body)
{
	const char *name;
	json_t *value;
	json_object_foreach (root, name, value)
	{
		const struct field *field = s_find (s_header_fields, name);
		char *base = (char *) header;
		if (!field) {
			field = s_find (s_body_fields, name);
			base = (char *) body;
		}
		if (field)
			field->read (parse, field, value, base + field->offset);
		else
			s_fail (parse, SIAGA_EFORMAT, name, "unknown name");
	}
	if (body->title.size == 0)
		s_fail (parse, SIAGA_EFORMAT, "title", "is missing");
	if (header->category.size == 0)
		s_fail (parse, SIAGA_EFORMAT, "category", "is empty");
}

int
alert_json_load (struct siaga_text text, json_t **object_p, char words[ALERT_JSON_WORDS])
{
	struct parse parse = {.words = words};
	json_error_t error;
	words[0] = '\0';
	json_t *root =
		json_load (text.size ? text.data : "", text.size, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		char place[64];
		snprintf (place, sizeof place, "line %d, column %d", error.line, error.column);
		if (error.text[0])
			s_fail (&parse, SIAGA_EFORMAT, place, "%s", error.text);
		else
			s_fail (&parse, SIAGA_ENOMEM, "alert", "%s", siaga_strerror (SIAGA_ENOMEM));
	} else if (!json_is_object (root)) {
		json_decref (root);
		s_fail (&parse, SIAGA_EFORMAT, "alert", "must be a JSON object");
	} else {
		*object_p = root;
	}
	return parse.error;
}

int
alert_json_map (json_t *object, const struct alert_defaults *defaults, struct siaga_header *header,
		struct siaga_body *body, char words[ALERT_JSON_WORDS])
{
	struct parse parse = {.words = words};
	words[0] = '\0';
	alert_defaults_apply (defaults, header);
	memset (body, 0, sizeof *body);
	s_read_alert (&parse, object, header, body);
	return parse.error;
}

int
alert_json_parse (struct siaga_text text, const struct alert_defaults *defaults,
		  struct siaga_header *header, struct siaga_body *body,
		  struct alert_storage *storage, char words[ALERT_JSON_WORDS])
{
	json_t *object = NULL;
	int rc = alert_json_load (text, &object, words);
	storage->root = object;
	return rc ? rc : alert_json_map (object, defaults, header, body, words);
}

void
alert_storage_finish (struct alert_storage *self)
{
	json_decref (self->root);
	self->root = NULL;
}
