/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The incident report of BSSN Regulation 1/2024, article 15, from the story of an alert: the reporter's contact, a
 * description, the chronology, the impact, and how long there is left. A pure function of what it is given.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>

#include "common/render_text.h"
#include "siaga/roster.h"

enum report_language {
	REPORT_INDONESIAN = 0,
	REPORT_ENGLISH,
	REPORT_LANGUAGES
};

/* All borrowed. */
struct report {
	const json_t
		*story; /* array of render_json ()'s objects: the alert, then what refers to it */
	const struct siaga_roster *roster;
	const struct siaga_principal *reporter;
	const char *impact; /* NULL: a blank to be filled in */
	uint64_t now_us;
	enum report_language language;
	bool html;
	struct render_style style; /* in whose time */
};

/* Writes the whole report; errors are the stream's. */
void
report_write (FILE *out, const struct report *self);

/* When it is due: 24 hours after it was found, however serious it is. 0 when the story says no time. */
uint64_t
report_due_us (const json_t *story);

/* Does article 15 want it: an actual alert that was or became at least `high`? */
bool
report_is_wanted (const json_t *story);

#endif
