/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The storage of an event's texts, and the way to a value of its record.
 */
#include "agent/event.h"

#include <stdlib.h>

#include "siaga/names.h"

#define PARTS_MAX 16 /* of a path */

void
event_clear (struct event *self)
{
	json_decref (self->fields);
	memset (self, 0, offsetof (struct event, storage));
	self->storage.used = 0;
}

struct siaga_text
event_keep (struct event *self, const char *data, size_t size, size_t max)
{
	struct event_storage *storage = &self->storage;
	size_t room = sizeof storage->text - storage->used;
	if (size == 0 || room < 2)
		return (struct siaga_text){NULL, 0};
	char *out = storage->text + storage->used;
	size_t written = siaga_utf8_clean (out, max + 1 < room ? max + 1 : room, data, size);
	storage->used += written + 1;
	return (struct siaga_text){written ? out : NULL, written};
}

/* The item of an array whose number these characters are. */
static const json_t *
s_item (const json_t *array, const char *digits, size_t size)
{
	size_t index = 0;
	if (size == 0 || size > 6)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return NULL;
		index = index * 10 + (size_t) (digits[i] - '0');
	}
	return json_array_get (array, index);
}

static const json_t *
s_step (const json_t *node, const char *part, size_t size)
{
	return json_is_array (node) ? s_item (node, part, size)
				    : json_object_getn (node, part, size);
}

/* The first `size` bytes of a path without its last part; 0: there is but one. */
static size_t
s_without_last (const char *path, size_t size)
{
	while (size > 0 && path[size - 1] != '.')
		size--;
	return size > 0 ? size - 1 : 0;
}

/* `parts` bounds the ways tried, should a record have many keys with dots in them. */
static const json_t *
s_find (const json_t *node, const char *path, size_t size, unsigned parts)
{
	for (size_t first = size; first > 0 && parts > 0;
	     first = s_without_last (path, first), parts--) {
		const json_t *found = s_step (node, path, first);
		if (found && first < size)
			found = s_find (found, path + first + 1, size - first - 1, parts - 1);
		if (found)
			return found;
	}
	return NULL;
}

const json_t *
event_field (const json_t *fields, const char *path)
{
	return s_find (fields, path, strlen (path), PARTS_MAX);
}
