/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cursor.h.
 */
#include "cli/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/file.h"
#include "siaga/error.h"
#include "siaga/names.h"

#define FILE_MAX ((size_t) 64 << 20) /* bytes of a cursor file */

void
cursor_write (char out[CURSOR_TEXT], const struct siaga_cursor *cursor)
{
	char log_id[2 * SIAGA_LOG_ID_BYTES + 1];
	char mark[2 * SIAGA_HASH_BYTES + 1] = "";
	siaga_hex (log_id, cursor->log_id, SIAGA_LOG_ID_BYTES);
	if (cursor->has_mark)
		siaga_hex (mark, cursor->mark, SIAGA_HASH_BYTES);
	snprintf (out, CURSOR_TEXT, "%s:%" PRIu64 ":%s", log_id, cursor->next, mark);
}

/* Digits up to 2^53 - 1, and nothing else. */
static int
s_number (struct siaga_text text, uint64_t *number)
{
	uint64_t value = 0;
	if (text.size == 0 || text.size > 16)
		return SIAGA_EFORMAT;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return SIAGA_EFORMAT;
		value = 10 * value + (uint64_t) (text.data[i] - '0');
	}
	*number = value;
	return value > SIAGA_OSEQ_MAX ? SIAGA_EFORMAT : 0;
}

int
cursor_parse (struct siaga_text text, struct siaga_cursor *cursor)
{
	struct siaga_cursor parsed = {.has_log = true};
	const char *end = text.data + text.size;
	const char *first = text.size ? memchr (text.data, ':', text.size) : NULL;
	const char *second = first ? memchr (first + 1, ':', (size_t) (end - first - 1)) : NULL;
	if (!second)
		return SIAGA_EFORMAT;
	struct siaga_text log_id = {text.data, (size_t) (first - text.data)};
	struct siaga_text next = {first + 1, (size_t) (second - first - 1)};
	struct siaga_text mark = {second + 1, (size_t) (end - second - 1)};
	parsed.has_mark = mark.size > 0;
	if (siaga_hex_parse (parsed.log_id, SIAGA_LOG_ID_BYTES, log_id) ||
	    s_number (next, &parsed.next) ||
	    (parsed.has_mark &&
	     (parsed.next == 0 || siaga_hex_parse (parsed.mark, SIAGA_HASH_BYTES, mark))))
		return SIAGA_EFORMAT;
	*cursor = parsed;
	return 0;
}

/* A time that may be missing; *ok turns false when it is not a time. */
static uint64_t
s_time (const json_t *object, const char *name, bool *ok)
{
	const json_t *value = json_object_get (object, name);
	if (value && (!json_is_integer (value) || json_integer_value (value) < 0))
		*ok = false;
	return (uint64_t) json_integer_value (value);
}

static int
s_parse_file (const json_t *object, struct cursor_file *file)
{
	const char *cursor = json_string_value (json_object_get (object, "cursor"));
	bool ok = true;
	file->accepted_from_us = s_time (object, "accepted_from_us", &ok);
	file->restored_from_us = s_time (object, "restored_from_us", &ok);
	if (!ok || !cursor || cursor_parse (siaga_text (cursor), &file->cursor))
		return SIAGA_EFORMAT;
	file->restored = json_is_true (json_object_get (object, "restored"));
	return 0;
}

int
cursor_file_load (const char *path, struct cursor_file *file)
{
	uint8_t *data = NULL;
	size_t size = 0;
	int error = file_read (path, FILE_MAX, &data, &size);
	if (error)
		return error == SIAGA_ELIMIT ? SIAGA_EFORMAT : error;
	json_t *object = json_loadb ((const char *) data, size, JSON_REJECT_DUPLICATES, NULL);
	free (data);
	error = object ? s_parse_file (object, file) : SIAGA_EFORMAT;
	json_decref (object);
	return error;
}

int
cursor_file_save (const char *path, const struct cursor_file *file)
{
	char cursor[CURSOR_TEXT];
	cursor_write (cursor, &file->cursor);
	json_t *object =
		json_pack ("{s:s, s:I, s:I, s:b}", "cursor", cursor, "accepted_from_us",
			   (json_int_t) file->accepted_from_us, "restored_from_us",
			   (json_int_t) file->restored_from_us, "restored", file->restored);
	char *text = object ? json_dumps (object, JSON_INDENT (1)) : NULL;
	json_decref (object);
	if (!text)
		return SIAGA_ENOMEM;
	size_t size = strlen (text);
	text[size] = '\n'; /* in the place of the NUL: the size is what counts */
	int error = file_replace (path, 0600, text, size + 1);
	free (text);
	return error;
}
