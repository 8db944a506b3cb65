/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an alert (PROTOCOL.md section 4.1): its state, who leads and who assists, derived from the entries
 * about it in the order of the log. The hub judges by it before it takes an entry, readers by it what they were
 * told: whoever applies the same entries has the same life. Entries that the table refuses change nothing, so a log
 * that has some (of a hub before this version) is derived alike by all.
 *
 *	siaga_life_begin (&life, &alert, accepted_us);
 *	for each entry about it, in the log's order
 *		if (siaga_deed_read (&deed, header, body) == 0)
 *			siaga_life_apply (&life, &deed, accepted_us);
 */
#ifndef SIAGA_LIFE_H
#define SIAGA_LIFE_H

#include "siaga/entry.h"

enum siaga_life_state {
	SIAGA_LIFE_NEW = 0,
	SIAGA_LIFE_ACKNOWLEDGED,
	SIAGA_LIFE_IN_PROGRESS,
	SIAGA_LIFE_RESOLVED,
	SIAGA_LIFE_CANCELLED,
	SIAGA_LIFE_REOPENED,
	SIAGA_LIFE_STATES
};

extern const struct siaga_names siaga_life_names; /* "new", … "in progress", … "reopened" */

/* What is done to an alert: the actions of a response under their own numbers, and its origin's two. */
enum siaga_deed_kind {
	SIAGA_DEED_UPDATE = SIAGA_ACTION_REOPEN + 1,
	SIAGA_DEED_CANCEL,
	SIAGA_DEED_KINDS
};

/* One entry about an alert, as far as it matters here. Texts are borrowed. */
struct siaga_deed {
	unsigned what; /* enum siaga_action or enum siaga_deed_kind */
	struct siaga_text origin;
	struct siaga_text member; /* of handover */
	enum siaga_outcome outcome;
	enum siaga_severity severity;
	bool has_severity; /* of an update */
};

/* One who acknowledged or assists. */
struct siaga_party {
	char principal[SIAGA_PRINCIPAL_MAX + 1];
	uint64_t since_us;
};

struct siaga_life {
	enum siaga_life_state state;
	uint64_t since_us; /* accepted: of the entry that led here */
	char origin[SIAGA_PRINCIPAL_MAX + 1];
	enum siaga_severity severity; /* the last update's */
	/* A member leads; the person is nobody ("") from a handover until one of the member takes it. Also said of
	   what was resolved or cancelled. */
	char lead[SIAGA_MEMBER_MAX + 1];
	char person[SIAGA_PRINCIPAL_MAX + 1];
	uint64_t lead_since_us;
	enum siaga_outcome outcome; /* when resolved */
	size_t assist_count;	    /* of different members, in order */
	struct siaga_party assists[SIAGA_LIFE_PARTIES_MAX];
	size_t acknowledged_count; /* since it was opened, in order */
	struct siaga_party acknowledged[SIAGA_LIFE_PARTIES_MAX];
};

/* A new alert. */
void
siaga_life_begin (struct siaga_life *self, const struct siaga_header *alert, uint64_t accepted_us);

/* What an entry does to the alert that its first ref names. 0; SIAGA_ENOTFOUND (nothing: it is of another kind);
   SIAGA_EMALFORMED (a handover to nobody, a resolve without an outcome, a duplicate of nothing else). */
int
siaga_deed_read (struct siaga_deed *deed, const struct siaga_header *header,
		 const struct siaga_body *body);

/* Would it be taken now? 0, SIAGA_ESTATE, SIAGA_ELIMIT (too many acknowledged or assist). That the signer may say
   it at all, and an update or cancel be the origin's, is for others to judge. */
int
siaga_life_judge (const struct siaga_life *self, const struct siaga_deed *deed);

/* The same, and where it is 0 the life goes on. */
int
siaga_life_apply (struct siaga_life *self, const struct siaga_deed *deed, uint64_t accepted_us);

/* Resolved or cancelled? */
bool
siaga_life_is_over (const struct siaga_life *self);

/* Does the member assist? */
bool
siaga_life_assists (const struct siaga_life *self, struct siaga_text member);

#endif
