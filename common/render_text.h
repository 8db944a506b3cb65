/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verified entry for people's eyes: one aligned line for a list, or every field of it. Text from outside goes
 * through escape.h; colour and the width of the terminal are the caller's to know.
 */
#ifndef COMMON_RENDER_TEXT_H
#define COMMON_RENDER_TEXT_H

#include <jansson.h>

#include "common/reader.h"

/* In whose time a line's clock stands. Indonesia has three zones and no summer time. */
enum render_zone {
	RENDER_ZONE_SYSTEM = 0,
	RENDER_ZONE_UTC,
	RENDER_ZONE_WIB,  /* UTC+7 */
	RENDER_ZONE_WITA, /* UTC+8 */
	RENDER_ZONE_WIT,  /* UTC+9 */
};

/* "system", "UTC", "WIB", "WITA", "WIT" */
extern const struct siaga_names render_zone_names;

struct render_style {
	enum render_zone zone;
	size_t columns; /* of the terminal; 0: not one, lines are as long as they are */
	bool colour;
	bool dates; /* the day before the time of day */
	const char *
		about; /* the title of the alert that an entry is about, where it is known; or NULL */
};

/* One entry as one to three lines with their newlines, the caller's to free (); NULL when out of memory. With
   a roster whose playbook has a matching rule, a line says who leads and who supports. */
char *
render_text (const struct reader_entry *entry, const struct siaga_roster *roster,
	     const struct render_style *style);

/* Every member of an object of render_json (), a line each, aligned; the caller's to free (); NULL when out of
   memory. */
char *
render_text_fields (const json_t *object, const struct render_style *style);

/* A moment as "12:31:07 WIB", after the day when `dates`. */
#define RENDER_CLOCK_TEXT 48
void
render_clock (char out[RENDER_CLOCK_TEXT], uint64_t time_us, const struct render_style *style);

#endif
