/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is not as it should be, one record for each (kind, principal, detail): judged again and again by
 * presence_rules.c, opened once and closed once in the log by presence_say.c. Time is what the owner says has
 * passed, so a clock that is set changes nothing here. Nothing opens or closes before it has held for a
 * while, and what keeps coming back must stay away longer each time before it is believed to be over.
 */
#ifndef SIAGA_HUB_CONDITIONS_H
#define SIAGA_HUB_CONDITIONS_H

#include "siaga/entry.h"

enum condition_kind {
	CONDITION_SILENT,	 /* an agent says nothing */
	CONDITION_SOURCE_STALE,	 /* one of its sources has no new lines */
	CONDITION_CLOCK,	 /* its clock is off */
	CONDITION_HUB_CLOCK,	 /* most clocks are off in the same way: ours is */
	CONDITION_OUTBOX,	 /* its outbox is old, full or growing */
	CONDITION_READER_BEHIND, /* a reader does not keep up */
	CONDITION_ABSENT,	 /* an expected principal is not there */
	CONDITION_ROSTER_EXPIRY,
	CONDITION_KEY_EXPIRY,
	CONDITION_QUOTA, /* a principal publishes more than it may */
	CONDITION_DISK,
	CONDITION_JOURNAL,  /* the journal does not verify */
	CONDITION_FOLLOWED, /* more alerts wait for people than deadlines can be followed of */
	CONDITION_KINDS,
};

enum condition_audience {
	CONDITION_FOR_MEMBER,	 /* the principal's member and the operators' */
	CONDITION_FOR_OPERATORS, /* the operators' members */
	CONDITION_FOR_ALL,
};

/* What is known about a kind without a case. */
struct condition_facts {
	const char *id; /* stable, for machines */
	enum siaga_severity severity;
	enum condition_audience audience;
	bool holds; /* must hold for the settling time before it opens; the others have a time of their own */
	const char *title; /* "%s" is whose */
	const char *advice;
};

extern const struct condition_facts condition_facts[CONDITION_KINDS];

enum condition_verdict {
	CONDITION_FINE,
	CONDITION_BAD,
	CONDITION_UNSURE, /* nothing is known now: as it was */
};

enum condition_state {
	CONDITION_CLOSED,
	CONDITION_OPENING, /* its entry is to be written */
	CONDITION_OPEN,
	CONDITION_CLOSING,
};

#define CONDITION_DETAIL_MAX SIAGA_SOURCE_NAME_MAX
#define CONDITION_WORDS_MAX 255

struct condition {
	enum condition_kind kind;
	char subject[SIAGA_PRINCIPAL_MAX + 1]; /* a principal; "": the hub or all */
	char detail[CONDITION_DETAIL_MAX + 1]; /* a source, a key; mostly "" */
	char words[CONDITION_WORDS_MAX + 1];   /* of the last bad verdict */
	enum condition_state state;
	enum condition_verdict verdict;
	uint64_t round;	   /* of that verdict */
	uint64_t since_us; /* the hub's clock, when it began to be bad */
	uint64_t bad_ms;
	uint64_t fine_ms;
	uint64_t until_ms; /* reported, not judged: fine when this has passed; 0: judged */
	unsigned flaps;	   /* closed so often within HUB_CONDITION_MEMORY_MS of each other */
	/* Of the entry that opened it: */
	uint8_t id[SIAGA_ID_BYTES];
	uint8_t leaf[SIAGA_HASH_BYTES];
	struct condition *next; /* in its bucket */
};

/* Does the log say that it is so? */
static inline bool
condition_is_open (const struct condition *condition)
{
	return condition->state == CONDITION_OPEN || condition->state == CONDITION_CLOSING;
}

struct conditions;

/* NULL when out of memory. */
struct conditions *
conditions_new (void);

void
conditions_destroy (struct conditions **self_p);

/* How long something must hold to be believed. */
void
conditions_settle_after (struct conditions *self, uint64_t settle_ms);

/* One judgement of this round. `since_us` and `words` count when it is bad; subject and detail are cut to their
   room. Nothing is kept of what is fine and always was. */
void
conditions_judge (struct conditions *self, enum condition_kind kind, const char *subject,
		  const char *detail, enum condition_verdict verdict, uint64_t since_us,
		  const char *words);

/* Something happened that is bad by itself: fine again after `for_ms` without another report. */
void
conditions_report (struct conditions *self, enum condition_kind kind, const char *subject,
		   uint64_t for_ms, uint64_t now_us, const char *words);

/* Ends the round: `passed_ms` went by since the last one. What is judged and was not judged in this round is
   gone, and fine. */
void
conditions_step (struct conditions *self, uint64_t passed_ms);

/* All records, in no order; NULL at the end. Take the next before a change. */
struct condition *
conditions_next (const struct conditions *self, const struct condition *previous);

/* The record, or NULL. */
struct condition *
conditions_find (const struct conditions *self, enum condition_kind kind, const char *subject,
		 const char *detail);

/* How many are open in the log, or about to be. */
size_t
conditions_open_count (const struct conditions *self);

/* Its entry stands in the log: open after OPENING, closed after CLOSING. */
void
conditions_logged (struct conditions *self, struct condition *condition);

/* --- what is remembered (facts of the journal) --------------------------------------------------------- */

#define CONDITION_FACT_PREFIX "condition/"
#define CONDITION_FACT_MAX 640 /* bytes of a value */

/* The key of its fact. */
void
condition_key (const struct condition *condition, char key[256]);

/* Its value while open: [kind's id, subject, detail, words, since, flaps, entry's id, its leaf]. */
size_t
condition_write (const struct condition *condition, uint8_t value[CONDITION_FACT_MAX]);

/* Takes an open condition back from its fact: 0, SIAGA_EMALFORMED (also a kind of a later version), SIAGA_ELIMIT. */
int
conditions_restore (struct conditions *self, struct siaga_bytes value);

#endif
