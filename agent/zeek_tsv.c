/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting at separators, and undoing `\xNN`.
 */
#include "agent/zeek_tsv.h"

#include <stdlib.h>

#include "siaga/error.h"
#include "siaga/names.h"

#define LISTS_MAX 64

void
zeek_tsv_init (struct zeek_tsv *self)
{
	*self = (struct zeek_tsv){
		.separator = '\t', .set_separator = ',', .empty = "(empty)", .unset = "-"};
}

void
zeek_tsv_finish (struct zeek_tsv *self)
{
	json_decref (self->names);
	self->names = NULL;
}

/* What stands before the next separator; `rest` goes behind it. */
static struct siaga_text
s_cut (struct siaga_text *rest, char separator)
{
	struct siaga_text part = *rest;
	const char *at = rest->size ? memchr (rest->data, separator, rest->size) : NULL;
	if (at)
		part.size = (size_t) (at - rest->data);
	size_t taken = part.size + (at ? 1 : 0);
	rest->data += taken;
	rest->size -= taken;
	if (!at)
		rest->data = NULL; /* there is no next one, not even an empty one */
	return part;
}

static int
s_hex_digit (char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* A JSON string of a value: `\xNN` undone, and clean. */
static json_t *
s_string (struct siaga_text text)
{
	char *plain = malloc (4 * text.size + 2), *clean = plain ? plain + text.size + 1 : NULL;
	size_t size = 0;
	if (!plain)
		return NULL;
	for (size_t i = 0; i < text.size; i++) {
		const char *at = text.data + i;
		bool escaped = text.size - i >= 4 && at[0] == '\\' && at[1] == 'x' &&
			       s_hex_digit (at[2]) >= 0 && s_hex_digit (at[3]) >= 0;
		plain[size++] =
			escaped ? (char) (s_hex_digit (at[2]) << 4 | s_hex_digit (at[3])) : *at;
		i += escaped ? 3 : 0;
	}
	size = siaga_utf8_clean (clean, 3 * text.size + 1, plain, size);
	json_t *string = json_stringn (clean, size);
	free (plain);
	return string;
}

static json_t *
s_split (struct siaga_text text, char separator)
{
	json_t *array = json_array ();
	struct siaga_text rest = text;
	while (array && rest.data)
		if (json_array_append_new (array, s_string (s_cut (&rest, separator)))) {
			json_decref (array);
			array = NULL;
		}
	return array;
}

static void
s_word (char out[ZEEK_WORD_MAX], struct siaga_text text)
{
	siaga_utf8_clean (out, ZEEK_WORD_MAX, text.data, text.size);
}

/* A character, perhaps as `\x09`. */
static void
s_character (char *out, struct siaga_text text)
{
	json_t *string = s_string (text);
	if (json_string_length (string) == 1)
		*out = json_string_value (string)[0];
	json_decref (string);
}

static int
s_fields (struct zeek_tsv *self, struct siaga_text rest)
{
	json_t *names = s_split (rest, self->separator);
	if (!names)
		return SIAGA_ENOMEM;
	if (json_array_size (names) > ZEEK_FIELDS_MAX) {
		json_decref (names);
		return SIAGA_EFORMAT;
	}
	json_decref (self->names);
	self->names = names;
	self->lists = 0;
	return 0;
}

static void
s_types (struct zeek_tsv *self, struct siaga_text rest)
{
	self->lists = 0;
	for (unsigned i = 0; rest.data && i < LISTS_MAX; i++) {
		struct siaga_text type = s_cut (&rest, self->separator);
		if ((type.size > 4 && memcmp (type.data, "set[", 4) == 0) ||
		    (type.size > 7 && memcmp (type.data, "vector[", 7) == 0))
			self->lists |= UINT64_C (1) << i;
	}
}

int
zeek_tsv_head (struct zeek_tsv *self, struct siaga_text line)
{
	static const char separator[] = "#separator ";
	if (line.size > sizeof separator - 1 &&
	    memcmp (line.data, separator, sizeof separator - 1) == 0) {
		/* The first line of a log: all the rest is as its writer says. */
		struct siaga_text value = {line.data + sizeof separator - 1,
					   line.size - (sizeof separator - 1)};
		s_character (&self->separator, value);
		return 0;
	}
	struct siaga_text rest = line, key = s_cut (&rest, self->separator);
	if (!rest.data)
		return 0;
	if (siaga_text_is (key, "#set_separator"))
		s_character (&self->set_separator, rest);
	else if (siaga_text_is (key, "#empty_field"))
		s_word (self->empty, rest);
	else if (siaga_text_is (key, "#unset_field"))
		s_word (self->unset, rest);
	else if (siaga_text_is (key, "#types"))
		s_types (self, rest);
	else if (siaga_text_is (key, "#fields"))
		return s_fields (self, rest);
	return 0;
}

/* NULL when out of memory. */
static json_t *
s_value (const struct zeek_tsv *self, size_t index, struct siaga_text text)
{
	bool is_list = index < LISTS_MAX && self->lists >> index & 1;
	if (siaga_text_is (text, self->empty))
		return is_list ? json_array () : json_string ("");
	return is_list ? s_split (text, self->set_separator) : s_string (text);
}

int
zeek_tsv_read (const struct zeek_tsv *self, struct siaga_text line, json_t **object_p)
{
	size_t count = json_array_size (self->names), index = 0;
	struct siaga_text rest = line;
	int rc = 0;
	if (count == 0)
		return SIAGA_ENOTFOUND;
	json_t *object = json_object ();
	if (!object)
		return SIAGA_ENOMEM;
	for (; !rc && rest.data && index < count; index++) {
		struct siaga_text text = s_cut (&rest, self->separator);
		const char *name = json_string_value (json_array_get (self->names, index));
		if (!siaga_text_is (text, self->unset) &&
		    json_object_set_new (object, name, s_value (self, index, text)))
			rc = SIAGA_ENOMEM;
	}
	if (!rc && (rest.data || index < count))
		rc = SIAGA_EFORMAT;
	if (rc)
		json_decref (object);
	else
		*object_p = object;
	return rc;
}
