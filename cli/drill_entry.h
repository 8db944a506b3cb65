/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of an exercise (PROTOCOL.md section 4.2): its opening, its injects, and the cancel that ends it. All are
 * ordinary entries of the person who runs it. What is expected of an inject stands in its body as `raw`, so that it
 * is signed too and whoever may see the exercise can score it.
 */
#ifndef CLI_DRILL_ENTRY_H
#define CLI_DRILL_ENTRY_H

#include "cli/scenario.h"

#define DRILL_TOOL "siaga-drill"		  /* detector.tool of opening and injects */
#define DRILL_TITLE_PREFIX "LATIHAN / EXERCISE: " /* of an opening and a roll call */
#define DRILL_WORDS 320

/* Expected of an inject. */
struct drill_terms {
	char lead[SIAGA_MEMBER_MAX + 1]; /* "": nobody */
	struct scenario_terms within;
};

/* One encoded entry. */
struct drill_entry {
	struct siaga_ref ref;
	size_t size;
	uint8_t data[SIAGA_ENTRY_MAX];
};

/* Who runs it, and when the entry is made. */
struct drill_origin {
	const struct siaga_roster *roster;
	const struct siaga_principal *principal;
	uint64_t now_us;
};

/* Each: 0, or SIAGA_E… with words (SIAGA_EROLE: the roster does not let the person publish). */
int
drill_make_opening (struct drill_entry *self, const struct drill_origin *origin,
		    const struct scenario *scenario, const uint8_t id[SIAGA_ID_BYTES],
		    char words[DRILL_WORDS]);
int
drill_make_inject (struct drill_entry *self, const struct drill_origin *origin,
		   const struct scenario *scenario, size_t index, const uint8_t id[SIAGA_ID_BYTES],
		   const struct siaga_ref *opening, char words[DRILL_WORDS]);
int
drill_make_roll_call (struct drill_entry *self, const struct drill_origin *origin,
		      uint64_t within_us, char words[DRILL_WORDS]);

/* Of any alert of the drill, from its own encoded bytes. */
int
drill_make_cancel (struct drill_entry *self, const struct drill_origin *origin,
		   struct siaga_bytes alert, const struct siaga_ref *ref, char words[DRILL_WORDS]);

/* The terms in the body of an inject; what is not said, or not understood, is 0. */
void
drill_terms_read (struct drill_terms *terms, const struct siaga_body *body);

void
drill_id_new (uint8_t id[SIAGA_ID_BYTES], uint64_t now_us);

#endif
