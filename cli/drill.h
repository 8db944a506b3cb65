/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exercise as the signed log tells it: the opening, its injects, and what was done about each. Times are `accepted`.
 */
#ifndef CLI_DRILL_H
#define CLI_DRILL_H

#include "cli/drill_entry.h"
#include "common/reader.h"
#include "siaga/life.h"

#define DRILL_MARKS_MAX 65536 /* deeds kept of one drill */

/* One thing that was done about an inject, and counted: the alert's state allowed it. */
struct drill_mark {
	size_t inject;
	unsigned what; /* of a siaga_deed */
	char principal[SIAGA_PRINCIPAL_MAX + 1];
	uint64_t at_us;
	uint64_t number;
};

struct drill_inject {
	struct siaga_ref ref;
	uint64_t number;
	uint64_t accepted_us;
	char title[SIAGA_TITLE_MAX + 1];
	char system[SIAGA_SYSTEM_MAX + 1];
	enum siaga_severity severity;
	struct drill_terms terms;
	bool seen[SIAGA_MEMBERS_MAX]; /* who may see it, in the roster's order */
	struct siaga_life life;
	uint8_t *entry; /* owned: its encoded bytes, */
	size_t size;	/* so many */
};

struct drill {
	uint8_t id[SIAGA_ID_BYTES]; /* of the opening: given */
	struct siaga_ref ref;
	bool found;
	uint64_t number;
	uint64_t accepted_us;
	uint64_t ended_us; /* 0: not yet */
	char title[SIAGA_TITLE_MAX + 1];
	char origin[SIAGA_PRINCIPAL_MAX + 1];
	bool is_roll_call; /* its one inject is the opening itself */
	size_t inject_count;
	struct drill_inject *injects; /* in the log's order */
	size_t mark_count;
	struct drill_mark *marks;
	uint64_t dropped; /* deeds or injects beyond the limits */
	const struct siaga_roster *roster;
};

void
drill_init (struct drill *self, const uint8_t id[SIAGA_ID_BYTES],
	    const struct siaga_roster *roster);

void
drill_finish (struct drill *self);

/* Takes one verified entry, in the log's order; what is of another alert is passed over. 0, SIAGA_ENOMEM. */
int
drill_add (struct drill *self, const struct reader_entry *entry);

/* The inject with that id, or NULL. */
const struct drill_inject *
drill_find (const struct drill *self, const uint8_t id[SIAGA_ID_BYTES]);

#endif
