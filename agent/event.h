/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thing a sensor wrote, on its way from a source to the outbox:
 *
 *	line -> parser: fields -> redaction -> parser: header and body -> rules -> damper -> intake
 *
 * `fields` is the sensor's own record as JSON, whatever the format of the line was, so that rules can name any
 * of it by path. Texts of header and body are borrowed from `storage`, the source's defaults, or static.
 */
#ifndef AGENT_EVENT_H
#define AGENT_EVENT_H

#include <jansson.h>

#include "siaga/entry.h"

#define EVENT_STORAGE_BYTES 32768

struct event_storage {
	size_t used;
	char text[EVENT_STORAGE_BYTES];
};

struct event {
	const char *source;	/* its name; borrowed */
	struct siaga_text line; /* as read; borrowed */
	json_t *fields;		/* owned by the event: event_clear () */
	bool redacted;		/* fields say less than the line: `raw` is made from fields */
	bool keep_raw; /* publish the original event: the owner's word, before it is mapped */
	struct siaga_text
		own_id; /* what the sensor calls this one event, wherever it is read; or empty */
	struct siaga_header header;
	struct siaga_body body;
	struct event_storage storage;
};

/* Lets the fields go and empties the whole. */
void
event_clear (struct event *self);

/* A copy of clean UTF-8 text in the storage, cut at a character's end to `max` bytes; empty when there is no room
   left. Malformed bytes and NUL become U+FFFD. */
struct siaga_text
event_keep (struct event *self, const char *data, size_t size, size_t max);

/* The value at a path such as "alert.signature_id", "rule.groups.0" or "id.orig_h" (a key with a dot in it is tried
   whole at every level, longest first); NULL when there is none. Borrowed. */
const json_t *
event_field (const json_t *fields, const char *path);

#endif
