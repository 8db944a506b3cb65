/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single values of a configuration: types, ranges, units, and guesses at what a misspelt word
 * meant.
 */
#include "common/conf_value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

#define WORD_MAX 48    /* characters of words that are guessed at */
#define NUMBER_TEXT 24 /* a 64-bit number with sign and NUL */

/* A value between its text and its place. */
union value {
	int64_t number;
	uint64_t quantity; /* DURATION, TIME, SIZE */
	bool yes;
	int choice;
};

size_t
conf_directory (const char *file_name)
{
	const char *slash = strrchr (file_name, '/');

	return slash != NULL ? (size_t) (slash - file_name) + 1 : 0;
}

static int
s_refuse (char reason[CONF_REASON_MAX], const char *words)
{
	snprintf (reason, CONF_REASON_MAX, "%s", words);
	return SIAGA_ECONF;
}

static int
s_parse_int (const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll (text, &end, 10);
	return end != text && *end == '\0' && errno == 0 ? 0 : SIAGA_EMALFORMED;
}

static int
s_parse_size (const char *text, uint64_t *out)
{
	static const char units[] = "KMG";
	unsigned long long value;
	const char *unit;
	unsigned shift = 0;
	char *end;

	errno = 0;
	value = strtoull (text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || errno != 0)
		return SIAGA_EMALFORMED;
	if (*end != '\0') {
		unit = strchr (units, *end);
		if (unit == NULL || end[1] != '\0')
			return SIAGA_EMALFORMED;
		shift = 10 * (unsigned) (unit - units + 1);
	}
	if (value > (uint64_t) INT64_MAX >> shift)
		return SIAGA_EMALFORMED;
	*out = (uint64_t) value << shift;
	return 0;
}

static int
s_parse_duration (const char *text, uint64_t *out)
{
	size_t size = strlen (text);
	uint64_t value = 0;

	if (size < 3 || strcmp (text + size - 2, "ms") != 0)
		return siaga_duration_parse (out, siaga_text (text));
	if (size > 12)
		return SIAGA_EMALFORMED;
	for (size_t i = 0; i < size - 2; i++) {
		if (text[i] < '0' || text[i] > '9')
			return SIAGA_EMALFORMED;
		value = value * 10 + (uint64_t) (text[i] - '0');
	}
	*out = value * 1000;
	return 0;
}

static bool
s_in_range (const struct conf_field *field, int64_t value)
{
	return (field->min == 0 && field->max == 0) || (value >= field->min && value <= field->max);
}

static const char *
s_name_at (const void *arg, size_t i)
{
	const struct siaga_names *names = arg;

	return i < names->count ? names->names[i] : NULL;
}

static int
s_refuse_name (const struct conf_field *field, const char *text, char reason[CONF_REASON_MAX])
{
	const char *meant = conf_did_you_mean (text, s_name_at, field->names);
	int length;

	length = snprintf (reason, CONF_REASON_MAX, "unknown value \"%.64s\"", text);
	if (meant != NULL) {
		snprintf (reason + length, CONF_REASON_MAX - (size_t) length,
			  ", did you mean \"%s\"?", meant);
		return SIAGA_ECONF;
	}
	for (size_t i = 0; i < field->names->count && length < CONF_REASON_MAX; i++)
		length += snprintf (reason + length, CONF_REASON_MAX - (size_t) length, "%s \"%s\"",
				    i == 0 ? ": one of" : ",", field->names->names[i]);
	return SIAGA_ECONF;
}

/* Text to value, for every type that is not itself text. */
static int
s_parse_text (const struct conf_field *field, const char *text, union value *value,
	      char reason[CONF_REASON_MAX])
{
	switch (field->type) {
	case CONF_INT:
		return s_parse_int (text, &value->number) == 0
			       ? 0
			       : s_refuse (reason, "must be a number");
	case CONF_BOOL:
		value->yes = strcmp (text, "true") == 0;
		return 0;
	case CONF_DURATION:
		if (s_parse_duration (text, &value->quantity) != 0)
			return s_refuse (reason,
					 "must be a duration like \"90s\", \"15m\" or \"7d\"");
		return 0;
	case CONF_TIME:
		if (siaga_time_parse (&value->quantity, siaga_text (text)) != 0)
			return s_refuse (reason, "must be a time like \"2026-11-24T08:00:00Z\"");
		return 0;
	case CONF_SIZE:
		if (s_parse_size (text, &value->quantity) != 0)
			return s_refuse (reason, "must be a size like 4096, \"64K\" or \"16M\"");
		return 0;
	case CONF_ENUM:
		value->choice = siaga_name_value (field->names, siaga_text (text));
		return value->choice >= 0 ? 0 : s_refuse_name (field, text, reason);
	default:
		return s_refuse (reason, "is not a single value");
	}
}

/* Range and checker, then the place. */
static int
s_store (const struct conf_field *field, const union value *value, void *place,
	 char reason[CONF_REASON_MAX])
{
	bool is_signed = field->type == CONF_INT;
	bool is_number = is_signed || field->type == CONF_DURATION || field->type == CONF_SIZE;
	const char *unit = field->type == CONF_DURATION ? " microseconds" : "";
	size_t size = field->type == CONF_BOOL	 ? sizeof value->yes
		      : field->type == CONF_ENUM ? sizeof value->choice
						 : sizeof value->quantity;

	if (is_number &&
	    !s_in_range (field, is_signed ? value->number : (int64_t) value->quantity)) {
		snprintf (reason, CONF_REASON_MAX, "must be from %" PRId64 " to %" PRId64 "%s",
			  field->min, field->max, unit);
		return SIAGA_ECONF;
	}
	if (field->check != NULL && !field->check (value, reason))
		return SIAGA_ECONF;
	memcpy (place, value, size);
	return 0;
}

static int
s_store_text (const struct conf_field *field, const char *text, const char *file_name, void *place,
	      char reason[CONF_REASON_MAX])
{
	size_t directory = 0, size = strlen (text);
	char *copy;

	if (size == 0 && (field->type == CONF_PATH || field->min > 0))
		return s_refuse (reason, "must not be empty");
	if (!s_in_range (field, (int64_t) size)) {
		snprintf (reason, CONF_REASON_MAX, "must have %" PRId64 " to %" PRId64 " bytes",
			  field->min, field->max);
		return SIAGA_ECONF;
	}
	if (field->check != NULL && !field->check (text, reason))
		return SIAGA_ECONF;
	if (field->type == CONF_PATH && text[0] != '/')
		directory = conf_directory (file_name);
	copy = malloc (directory + size + 1);
	if (copy == NULL)
		return SIAGA_ENOMEM;
	memcpy (copy, file_name, directory);
	memcpy (copy + directory, text, size + 1);
	*(char **) place = copy;
	return 0;
}

int
conf_value_set_text (const struct conf_field *field, const char *text, const char *file_name,
		     void *place, char reason[CONF_REASON_MAX])
{
	union value value;
	int error;

	memset (&value, 0, sizeof value);
	if (field->type == CONF_STRING || field->type == CONF_PATH)
		return s_store_text (field, text, file_name, place, reason);
	error = s_parse_text (field, text, &value, reason);
	return error != 0 ? error : s_store (field, &value, place, reason);
}

static int
s_set_number (const struct conf_field *field, int64_t number, void *place,
	      char reason[CONF_REASON_MAX])
{
	union value value = {.number = number};

	if (field->type == CONF_SIZE && number < 0)
		return s_refuse (reason, "must not be negative");
	return s_store (field, &value, place, reason);
}

int
conf_value_set (const struct conf_field *field, const config_setting_t *setting,
		const char *file_name, void *place, char reason[CONF_REASON_MAX])
{
	int type = config_setting_type (setting);
	bool is_number = type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
	union value value;

	if (field->type == CONF_INT || (field->type == CONF_SIZE && is_number))
		return is_number ? s_set_number (field, config_setting_get_int64 (setting), place,
						 reason)
				 : s_refuse (reason, "must be a number, without quotes");
	if (field->type == CONF_BOOL) {
		if (type != CONFIG_TYPE_BOOL)
			return s_refuse (reason, "must be true or false, without quotes");
		memset (&value, 0, sizeof value);
		value.yes = config_setting_get_bool (setting);
		return s_store (field, &value, place, reason);
	}
	if (type != CONFIG_TYPE_STRING)
		return s_refuse (reason, "must be text in quotes");
	return conf_value_set_text (field, config_setting_get_string (setting), file_name, place,
				    reason);
}

/* Kind and number; *text gets what is to be copied. */
static bool
s_read_scalar (const config_setting_t *setting, struct conf_scalar *scalar, const char **text,
	       char digits[NUMBER_TEXT])
{
	switch (config_setting_type (setting)) {
	case CONFIG_TYPE_STRING:
		scalar->kind = CONF_SCALAR_TEXT;
		*text = config_setting_get_string (setting);
		return true;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		scalar->kind = CONF_SCALAR_NUMBER;
		scalar->number = config_setting_get_int64 (setting);
		snprintf (digits, NUMBER_TEXT, "%" PRId64, scalar->number);
		*text = digits;
		return true;
	case CONFIG_TYPE_BOOL:
		scalar->kind = CONF_SCALAR_BOOL;
		scalar->yes = config_setting_get_bool (setting);
		*text = scalar->yes ? "true" : "false";
		return true;
	default:
		return false;
	}
}

int
conf_value_set_scalar (const struct conf_field *field, const config_setting_t *setting,
		       struct conf_scalar *scalar, char reason[CONF_REASON_MAX])
{
	struct conf_scalar value = {.kind = CONF_SCALAR_NONE};
	char digits[NUMBER_TEXT];
	const char *text;

	if (!s_read_scalar (setting, &value, &text, digits))
		return s_refuse (reason, "must be text in quotes, a number, true or false");
	value.text = strdup (text);
	if (value.text == NULL)
		return SIAGA_ENOMEM;
	if (field->check != NULL && !field->check (&value, reason)) {
		free (value.text);
		return SIAGA_ECONF;
	}
	*scalar = value;
	return 0;
}

static size_t
s_least (size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of two words of at most WORD_MAX characters. */
static size_t
s_distance (const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], width = strlen (b), above, left;

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		left = row[0]; /* the row above, one to the left */
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			above = row[j];
			row[j] = s_least (s_least (above, row[j - 1]) + 1,
					  left + (a[i - 1] != b[j - 1]));
			left = above;
		}
	}
	return row[width];
}

const char *
conf_did_you_mean (const char *word, const char *(*known) (const void *arg, size_t i),
		   const void *arg)
{
	const char *best = NULL, *one;
	size_t nearest = 3; /* at most two slips */

	if (strlen (word) > WORD_MAX)
		return NULL;
	for (size_t i = 0; (one = known (arg, i)) != NULL; i++) {
		size_t far;

		if (strlen (one) > WORD_MAX)
			continue;
		far = s_distance (word, one);
		if (far < nearest && far < strlen (word)) {
			nearest = far;
			best = one;
		}
	}
	return best;
}
