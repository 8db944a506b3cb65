/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of values of an event, as rules write them: "alert.signature_id" of the sensor's record
 * (event_field ()), ".severity" or ".source.ip" of the alert it was mapped to.
 */
#ifndef AGENT_PATH_H
#define AGENT_PATH_H

#include "agent/endpoint.h"
#include "agent/event.h"

#define PATH_TEXT_MAX 256 /* bytes */
#define PATH_NUMBER_TEXT 40
#define PATH_REASON 160

struct path_row; /* of path.c's table */

struct path {
	const char *text;	     /* borrowed */
	const struct path_row *row;  /* of the alert, or */
	struct endpoint_place place; /* of its endpoints, or neither: of the sensor's record */
};

/* One value. A number has its text too; a name with an order (severity, certainty, tlp) its rank. */
struct path_value {
	struct siaga_text text;
	bool has_number;
	long double number; /* holds all of JSON's integers, where it has 64 bits of mantissa */
	char digits[PATH_NUMBER_TEXT];
};

/* True, or false and why `text`, which is borrowed, can be no path. */
bool
path_parse (struct path *self, const char *text, char reason[PATH_REASON]);

/* Does it name a value of the alert? */
bool
path_is_of_alert (const struct path *self);

/* The names a path's values are out of; NULL where there is no such list. */
const struct siaga_names *
path_names (const struct path *self);

/* Is it ".system"? */
bool
path_is_system (const struct path *self);

/* Calls `visit` with each value of the path until it says true; returns whether it did. One value for a text, a
   number or a truth; each of an array's, of all endpoints, of the audience; none for null, an object, or where
   there is nothing. A value is borrowed until `visit` returns. */
bool
path_visit (const struct path *self, const struct event *event,
	    bool (*visit) (void *arg, const struct path_value *value), void *arg);

/* Is there anything but null or an empty text, be it an object? */
bool
path_exists (const struct path *self, const struct event *event);

/* Is it a plain decimal number ("-12", "0.5") of at most 39 characters? */
bool
path_parse_number (struct siaga_text text, long double *number);

#endif
