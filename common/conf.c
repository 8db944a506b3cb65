/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk: libconfig's tree against a schema's tables. Everything wrong is reported, with its line
 * and its way down ("sources[1].path"), before the whole is refused.
 */
#include "common/conf.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/conf_scan.h"
#include "common/conf_value.h"
#include "common/file.h"
#include "siaga/error.h"

#define CONF_FILE_MAX (1 << 20) /* bytes */

/* Where the walk is. */
struct walk {
	struct conf_report *report;
	char way[160]; /* "sources[1]." */
	int error;     /* SIAGA_ENOMEM; sticky */
};

void
conf_report_init (struct conf_report *self, const char *file_name, struct conf_error *error)
{
	memset (self, 0, sizeof *self);
	self->file_name = file_name;
	self->error = error;
	error->words[0] = '\0';
}

void
conf_report_add (struct conf_report *self, unsigned line, const char *format, ...)
{
	char words[sizeof self->error->words];
	size_t length;
	va_list args;

	if (line > 0)
		snprintf (words, sizeof words, "%.200s:%u: ", self->file_name, line);
	else
		snprintf (words, sizeof words, "%.200s: ", self->file_name);
	length = strlen (words);
	va_start (args, format);
	vsnprintf (words + length, sizeof words - length, format, args);
	va_end (args);
	if (self->count++ == 0)
		memcpy (self->error->words, words, sizeof words);
	if (self->each != NULL)
		self->each (self->arg, words);
}

static void
s_walk_refuse (struct walk *walk, const config_setting_t *setting, const char *key,
	       const char *reason)
{
	conf_report_add (walk->report, config_setting_source_line (setting), "%s%s: %s", walk->way,
			 key, reason);
}

/* Goes a step down; returns where to cut to come back. */
static size_t
s_walk_down (struct walk *walk, const char *key, int index)
{
	size_t length = strlen (walk->way);

	if (index >= 0)
		snprintf (walk->way + length, sizeof walk->way - length, "%s[%d].", key, index);
	else
		snprintf (walk->way + length, sizeof walk->way - length, "%s.", key);
	return length;
}

static void *
s_place_of (void *into, const struct conf_field *field)
{
	return (char *) into + field->offset;
}

static const struct conf_field *
s_find_field (const struct conf_schema *schema, const char *key)
{
	for (size_t i = 0; i < schema->field_count; i++)
		if (schema->fields[i].key != NULL && strcmp (schema->fields[i].key, key) == 0)
			return &schema->fields[i];
	return NULL;
}

static const char *
s_key_at (const void *arg, size_t i)
{
	const struct conf_schema *schema = arg;

	if (i >= schema->field_count)
		return NULL;
	return schema->fields[i].key != NULL ? schema->fields[i].key : "";
}

static void
s_refuse_unknown_keys (struct walk *walk, const struct conf_schema *schema,
		       const config_setting_t *group)
{
	char reason[CONF_REASON_MAX];

	for (int i = 0; i < config_setting_length (group); i++) {
		const config_setting_t *setting = config_setting_get_elem (group, (unsigned) i);
		const char *key = config_setting_name (setting);
		const char *meant;

		if (s_find_field (schema, key) != NULL)
			continue;
		meant = conf_did_you_mean (key, s_key_at, schema);
		if (meant != NULL)
			snprintf (reason, sizeof reason, "unknown key, did you mean \"%s\"?",
				  meant);
		else
			snprintf (reason, sizeof reason, "unknown key");
		s_walk_refuse (walk, setting, key, reason);
	}
}

static void
s_walk_group (struct walk *walk, const struct conf_schema *schema, const config_setting_t *group,
	      void *into);

/* The fallbacks of a group that is not there; nothing in it is required then. */
static void
s_walk_absent_group (struct walk *walk, const struct conf_schema *schema, void *into)
{
	for (size_t i = 0; i < schema->field_count; i++) {
		const struct conf_field *field = &schema->fields[i];
		char reason[CONF_REASON_MAX] = "";

		if (field->type == CONF_GROUP)
			s_walk_absent_group (walk, field->schema, s_place_of (into, field));
		else if (field->fallback != NULL &&
			 conf_value_set_text (field, field->fallback, walk->report->file_name,
					      s_place_of (into, field), reason) != 0)
			walk->error = SIAGA_ENOMEM;
	}
}

static bool
s_count_is_good (struct walk *walk, const struct conf_field *field, const config_setting_t *setting,
		 size_t count)
{
	char reason[CONF_REASON_MAX];

	if ((field->min == 0 && field->max == 0) ||
	    ((int64_t) count >= field->min && (int64_t) count <= field->max))
		return true;
	snprintf (reason, sizeof reason, "must have %lld to %lld items", (long long) field->min,
		  (long long) field->max);
	s_walk_refuse (walk, setting, field->key, reason);
	return false;
}

static void
s_walk_string (struct walk *walk, const struct conf_field *field, const config_setting_t *setting,
	       struct conf_strings *strings)
{
	const struct conf_field item = {
		.type = field->type == CONF_PATH_LIST ? CONF_PATH : CONF_STRING,
		.check = field->check,
	};
	char reason[CONF_REASON_MAX] = "";
	char *copy;
	int error = conf_value_set (&item, setting, walk->report->file_name, &copy, reason);

	if (error == SIAGA_ENOMEM)
		walk->error = error;
	else if (error != 0)
		s_walk_refuse (walk, setting, field->key, reason);
	if (error != 0)
		return;
	strings->lines[strings->count] = config_setting_source_line (setting);
	strings->items[strings->count++] = copy;
}

static void
s_walk_string_list (struct walk *walk, const struct conf_field *field,
		    const config_setting_t *setting, struct conf_strings *strings)
{
	int type = config_setting_type (setting);
	bool is_one = type == CONFIG_TYPE_STRING;
	int count = is_one ? 1 : config_setting_length (setting);

	if (!is_one && type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_LIST) {
		s_walk_refuse (walk, setting, field->key, "must be a list like [\"a\", \"b\"]");
		return;
	}
	if (!s_count_is_good (walk, field, setting, (size_t) count) || count == 0)
		return;
	strings->items = calloc ((size_t) count, sizeof *strings->items);
	strings->lines = calloc ((size_t) count, sizeof *strings->lines);
	if (strings->items == NULL || strings->lines == NULL) {
		walk->error = SIAGA_ENOMEM;
		return;
	}
	for (int i = 0; i < count; i++)
		s_walk_string (walk, field,
			       is_one ? setting : config_setting_get_elem (setting, (unsigned) i),
			       strings);
}

static void
s_walk_scalar (struct walk *walk, const struct conf_field *field, const config_setting_t *setting,
	       struct conf_scalar *scalar)
{
	char reason[CONF_REASON_MAX] = "";
	int error = conf_value_set_scalar (field, setting, scalar, reason);

	if (error == SIAGA_ENOMEM)
		walk->error = error;
	else if (error != 0)
		s_walk_refuse (walk, setting, field->key, reason);
}

static void
s_walk_scalar_list (struct walk *walk, const struct conf_field *field,
		    const config_setting_t *setting, struct conf_scalars *scalars)
{
	int type = config_setting_type (setting);
	bool is_many = type == CONFIG_TYPE_ARRAY || type == CONFIG_TYPE_LIST;
	int count = is_many ? config_setting_length (setting) : 1;

	if (!s_count_is_good (walk, field, setting, (size_t) count) || count == 0)
		return;
	scalars->items = calloc ((size_t) count, sizeof *scalars->items);
	if (scalars->items == NULL) {
		walk->error = SIAGA_ENOMEM;
		return;
	}
	scalars->count = (size_t) count;
	for (int i = 0; i < count; i++)
		s_walk_scalar (walk, field,
			       is_many ? config_setting_get_elem (setting, (unsigned) i) : setting,
			       &scalars->items[i]);
}

static void
s_walk_one_group (struct walk *walk, const struct conf_field *field,
		  const config_setting_t *setting, int index, void *into)
{
	char reason[CONF_REASON_MAX] = "";
	unsigned count = walk->report->count;
	size_t back;

	if (config_setting_type (setting) != CONFIG_TYPE_GROUP) {
		s_walk_refuse (walk, setting, field->key, "must be a group like { … }");
		return;
	}
	back = s_walk_down (walk, field->key, index);
	s_walk_group (walk, field->schema, setting, into);
	if (field->check != NULL && walk->report->count == count && !field->check (into, reason)) {
		walk->way[strlen (walk->way) - 1] = '\0'; /* the point */
		s_walk_refuse (walk, setting, "", reason);
	}
	walk->way[back] = '\0';
}

static void
s_walk_group_or_null (struct walk *walk, const struct conf_field *field,
		      const config_setting_t *setting, void **place)
{
	*place = calloc (1, field->schema->size);
	if (*place == NULL)
		walk->error = SIAGA_ENOMEM;
	else
		s_walk_one_group (walk, field, setting, -1, *place);
}

static void
s_walk_group_list (struct walk *walk, const struct conf_field *field,
		   const config_setting_t *setting, struct conf_list *list)
{
	int count = config_setting_length (setting);

	if (config_setting_type (setting) != CONFIG_TYPE_LIST) {
		s_walk_refuse (walk, setting, field->key,
			       "must be a list of groups like ( { … }, { … } )");
		return;
	}
	if (!s_count_is_good (walk, field, setting, (size_t) count) || count == 0)
		return;
	list->items = calloc ((size_t) count, field->schema->size);
	if (list->items == NULL) {
		walk->error = SIAGA_ENOMEM;
		return;
	}
	list->count = (size_t) count;
	for (int i = 0; i < count; i++)
		s_walk_one_group (walk, field, config_setting_get_elem (setting, (unsigned) i), i,
				  (char *) list->items + (size_t) i * field->schema->size);
}

static void
s_walk_value (struct walk *walk, const struct conf_field *field, const config_setting_t *setting,
	      void *place)
{
	char reason[CONF_REASON_MAX] = "";
	int error = conf_value_set (field, setting, walk->report->file_name, place, reason);

	if (error == SIAGA_ENOMEM)
		walk->error = error;
	else if (error != 0)
		s_walk_refuse (walk, setting, field->key, reason);
}

static void
s_walk_absent (struct walk *walk, const struct conf_field *field, const config_setting_t *group,
	       void *place)
{
	char reason[CONF_REASON_MAX] = "";

	if (field->required)
		s_walk_refuse (walk, group, field->key, "must be given");
	else if (field->type == CONF_GROUP)
		s_walk_absent_group (walk, field->schema, place);
	else if (field->fallback != NULL &&
		 conf_value_set_text (field, field->fallback, walk->report->file_name, place,
				      reason) != 0)
		walk->error = SIAGA_ENOMEM; /* a fallback is always good: test_conf */
}

static void
s_walk_field (struct walk *walk, const struct conf_field *field, const config_setting_t *group,
	      void *place)
{
	const config_setting_t *setting;

	if (field->type == CONF_LINE) {
		unsigned line = config_setting_source_line (group);

		*(unsigned *) place = line > 0 ? line : 1; /* the root has none */
		return;
	}
	setting = config_setting_get_member (group, field->key);
	if (setting == NULL)
		s_walk_absent (walk, field, group, place);
	else if (field->type == CONF_GROUP)
		s_walk_one_group (walk, field, setting, -1, place);
	else if (field->type == CONF_GROUP_LIST)
		s_walk_group_list (walk, field, setting, place);
	else if (field->type == CONF_GROUP_OR_NULL)
		s_walk_group_or_null (walk, field, setting, place);
	else if (field->type == CONF_STRING_LIST || field->type == CONF_PATH_LIST)
		s_walk_string_list (walk, field, setting, place);
	else if (field->type == CONF_SCALAR)
		s_walk_scalar (walk, field, setting, place);
	else if (field->type == CONF_SCALAR_LIST)
		s_walk_scalar_list (walk, field, setting, place);
	else
		s_walk_value (walk, field, setting, place);
}

static void
s_walk_group (struct walk *walk, const struct conf_schema *schema, const config_setting_t *group,
	      void *into)
{
	if (!schema->open)
		s_refuse_unknown_keys (walk, schema, group);
	for (size_t i = 0; i < schema->field_count; i++)
		s_walk_field (walk, &schema->fields[i], group,
			      s_place_of (into, &schema->fields[i]));
}

static void
s_strings_free (struct conf_strings *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		free (strings->items[i]);
	free (strings->items);
	free (strings->lines);
}

static void
s_scalars_free (struct conf_scalars *scalars)
{
	for (size_t i = 0; i < scalars->count; i++)
		free (scalars->items[i].text);
	free (scalars->items);
}

static void
s_group_free (const struct conf_schema *schema, void *group)
{
	if (group != NULL)
		conf_free (schema, group);
	free (group);
}

static void
s_list_free (const struct conf_schema *schema, struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		conf_free (schema, (char *) list->items + i * schema->size);
	free (list->items);
}

void
conf_free (const struct conf_schema *schema, void *into)
{
	for (size_t i = 0; i < schema->field_count; i++) {
		const struct conf_field *field = &schema->fields[i];
		void *place = s_place_of (into, field);

		if (field->type == CONF_STRING || field->type == CONF_PATH)
			free (*(char **) place);
		else if (field->type == CONF_STRING_LIST || field->type == CONF_PATH_LIST)
			s_strings_free (place);
		else if (field->type == CONF_SCALAR)
			free (((struct conf_scalar *) place)->text);
		else if (field->type == CONF_SCALAR_LIST)
			s_scalars_free (place);
		else if (field->type == CONF_GROUP_OR_NULL)
			s_group_free (field->schema, *(void **) place);
		else if (field->type == CONF_GROUP)
			conf_free (field->schema, place);
		else if (field->type == CONF_GROUP_LIST)
			s_list_free (field->schema, place);
	}
	memset (into, 0, schema->size);
}

#if defined __has_feature /* clang; gcc says it in a macro of its own */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__
/* libconfig 1.5 loses a string that a syntax error comes after: known, small, and only at a
   refusal. */
const char *
__lsan_default_suppressions (void);

const char *
__lsan_default_suppressions (void)
{
	return "leak:libconfig\n";
}
#endif

/* libconfig's own reading, from a copy with its NUL. */
static int
s_read_tree (struct conf_report *report, const char *text, size_t size, config_t *config)
{
	char *copy = malloc (size + 1);
	bool good;

	if (copy == NULL)
		return SIAGA_ENOMEM;
	if (size > 0)
		memcpy (copy, text, size);
	copy[size] = '\0';
	good = config_read_string (config, copy) == CONFIG_TRUE;
	free (copy);
	if (!good)
		conf_report_add (report, (unsigned) config_error_line (config), "%s",
				 config_error_text (config));
	return good ? 0 : SIAGA_ECONF;
}

int
conf_parse_report (struct conf_report *report, const char *text, size_t size,
		   const struct conf_schema *schema, void *into)
{
	struct walk walk = {.report = report};
	unsigned line, before = report->count;
	const char *wrong = conf_scan (text, size, &line);
	config_t config;

	memset (into, 0, schema->size);
	if (wrong != NULL) {
		conf_report_add (report, line, "%s", wrong);
		return SIAGA_ECONF;
	}
	config_init (&config);
	walk.error = s_read_tree (report, text, size, &config);
	if (walk.error == 0)
		s_walk_group (&walk, schema, config_root_setting (&config), into);
	config_destroy (&config);
	if (walk.error == 0 && report->count != before)
		walk.error = SIAGA_ECONF;
	if (walk.error == SIAGA_ENOMEM)
		conf_report_add (report, 0, "%s", siaga_strerror (SIAGA_ENOMEM));
	if (walk.error != 0)
		conf_free (schema, into);
	return walk.error;
}

int
conf_parse (const char *file_name, const char *text, size_t size, const struct conf_schema *schema,
	    void *into, struct conf_error *error)
{
	struct conf_report report;

	conf_report_init (&report, file_name, error);
	return conf_parse_report (&report, text, size, schema, into);
}

int
conf_load (const char *path, const struct conf_schema *schema, void *into, struct conf_error *error)
{
	struct conf_report report;
	uint8_t *data;
	size_t size;
	int status;

	conf_report_init (&report, path, error);
	status = file_read (path, CONF_FILE_MAX, &data, &size);
	if (status != 0) {
		conf_report_add (&report, 0, "cannot be read: %s", siaga_strerror (status));
		return status;
	}
	status = conf_parse_report (&report, (const char *) data, size, schema, into);
	free (data);
	return status;
}
