/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See compose.h.
 */
#include "cli/compose.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

void
composed_list_finish (struct composed_list *self)
{
	for (size_t i = 0; i < self->count; i++)
		free (self->items[i].entry);
	free (self->items);
	memset (self, 0, sizeof *self);
}

/* Encodes into a new item at the end of the list. */
static int
s_append (struct composed_list *list, const struct siaga_header *header,
	  const struct siaga_body *body)
{
	struct composed item = {.entry = malloc (SIAGA_ENTRY_MAX)};
	struct composed *items = realloc (list->items, (list->count + 1) * sizeof *items);
	if (items)
		list->items = items;
	if (!items || !item.entry) {
		free (item.entry);
		return SIAGA_ENOMEM;
	}
	struct siaga_writer writer;
	siaga_writer_init (&writer, item.entry, SIAGA_ENTRY_MAX);
	int error = siaga_entry_write (&writer, header, body);
	if (error) {
		free (item.entry);
		return error;
	}
	memcpy (item.id, header->id, sizeof item.id);
	item.size = writer.size;
	snprintf (item.title, sizeof item.title, "%.*s", (int) body->title.size, body->title.data);
	list->items[list->count++] = item;
	return 0;
}

static int
s_make (const struct compose_origin *origin, struct siaga_header *header, struct siaga_body *body,
	struct composed_list *list, char words[COMPOSE_WORDS])
{
	uint8_t random[10];
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header->id, origin->now_us / 1000, random);
	header->origin = siaga_text (origin->principal->name);
	alert_audience_join (header);
	header->kind = SIAGA_KIND_ALERT;
	header->created_us = origin->now_us;
	if (header->expires_us && header->expires_us <= header->created_us) {
		snprintf (words, COMPOSE_WORDS, "expires: has passed already");
		return SIAGA_EFORMAT;
	}
	int error = siaga_may_say (origin->roster, origin->principal, header);
	if (!error)
		error = s_append (list, header, body);
	if (error == SIAGA_EROLE)
		snprintf (words, COMPOSE_WORDS, "the roster does not let %s publish alerts",
			  origin->principal->name);
	else if (error)
		snprintf (words, COMPOSE_WORDS, "not a valid alert: %s", siaga_strerror (error));
	return error;
}

/* Header and body are too large for the stack of a small function: made here, once for each alert. */
static int
s_compose_one (const struct compose_origin *origin, struct siaga_text text,
	       struct composed_list *list, char words[COMPOSE_WORDS])
{
	struct alert_defaults defaults;
	struct alert_storage storage;
	struct siaga_header *header = calloc (1, sizeof *header);
	struct siaga_body *body = calloc (1, sizeof *body);
	int error = SIAGA_ENOMEM;
	alert_defaults_init (&defaults);
	words[0] = '\0';
	if (header && body) {
		error = alert_json_parse (text, &defaults, header, body, &storage, words);
		if (!error)
			error = s_make (origin, header, body, list, words);
		alert_storage_finish (&storage);
	}
	if (error == SIAGA_ENOMEM && !words[0])
		snprintf (words, COMPOSE_WORDS, "out of memory");
	free (header);
	free (body);
	return error;
}

int
compose_object (const struct compose_origin *origin, const json_t *object,
		struct composed_list *list, char words[COMPOSE_WORDS])
{
	char *text = json_dumps (object, JSON_COMPACT);
	int error = SIAGA_ENOMEM;
	if (text)
		error = s_compose_one (origin, siaga_text (text), list, words);
	else
		snprintf (words, COMPOSE_WORDS, "out of memory, or text that is not UTF-8");
	free (text);
	return error;
}

static size_t
s_count_lines (const char *from, const char *to)
{
	size_t lines = 0;
	for (; from < to; from++)
		lines += *from == '\n';
	return lines;
}

/* Where the object that begins at `at` ends; NULL and words when it is broken JSON. */
static const char *
s_object_end (const char *at, const char *end, size_t line, char words[COMPOSE_WORDS])
{
	json_error_t error;
	json_t *object = json_loadb (at, (size_t) (end - at), JSON_DISABLE_EOF_CHECK, &error);
	if (!object) {
		snprintf (words, COMPOSE_WORDS, "line %zu, column %d: %s",
			  line + (size_t) error.line - 1, error.column, error.text);
		return NULL;
	}
	json_decref (object);
	return at + error.position;
}

int
compose_text (const struct compose_origin *origin, struct siaga_text text,
	      struct composed_list *list, char words[COMPOSE_WORDS])
{
	const char *at = text.data;
	const char *counted = text.data; /* up to here */
	const char *end = text.data + text.size;
	size_t line = 1;
	for (;;) {
		while (at < end && memchr (" \t\r\n", *at, 4))
			at++;
		if (at == end)
			return 0;
		line += s_count_lines (counted, at);
		counted = at;
		const char *next = s_object_end (at, end, line, words);
		if (!next)
			return SIAGA_EFORMAT;
		struct siaga_text object = {at, (size_t) (next - at)};
		char why[COMPOSE_WORDS];
		int error = s_compose_one (origin, object, list, why);
		if (error) {
			snprintf (words, COMPOSE_WORDS, "line %zu: %.*s", line, ALERT_JSON_WORDS,
				  why);
			return error;
		}
		at = next;
	}
}
