/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of escalation share: escalation.c (what happens), escalation_table.c (what is followed),
 * escalation_memory.c (what is remembered), escalation_say.c (the hub's batches), escalation_entry.c (their entries).
 */
#ifndef SIAGA_HUB_ESCALATION_PRIVATE_H
#define SIAGA_HUB_ESCALATION_PRIVATE_H

#include <sodium.h>

#include "hub/core_private.h"
#include "hub/followed.h"

#define ESCALATION_ENTRIES_MAX 8  /* in one batch of the hub */
#define ESCALATION_ENTRY_MAX 7168 /* bytes of an entry of ours */
#define FOLLOWED_BUCKETS 32768 /* under a random key, so that nobody can choose ids that collide */

TAILQ_HEAD (followed_queue, followed);

struct followed_table {
	uint8_t key[crypto_shorthash_KEYBYTES];
	struct followed *buckets[FOLLOWED_BUCKETS];
	struct followed_queue queues[SIAGA_SEVERITY_CRITICAL + 1]; /* the oldest first */
	size_t count;
	uint64_t newest;	    /* log numbers of alerts ever put in are smaller */
	struct followed_queue gone; /* no longer followed, and there is a fact of it */
	size_t gone_count;
	uint64_t dropped; /* for lack of room, since the start */
};

/* What of an alert is being said. */
struct escalation_said {
	uint8_t id[SIAGA_ID_BYTES];
	uint64_t opened_ms;
	enum followed_what what;
	uint32_t last; /* of a step: followed_due () */
};

struct escalation {
	struct core *core;
	struct followed_table table;
	uint64_t clock_ms; /* never set back, and goes on while the hub is down */
	uint64_t mono_ms;  /* when that was */
	uint64_t through;  /* entries below this number have been looked at */
	uint64_t saved_through;
	uint64_t saved_ms; /* of the clock */
	uint64_t saved_us; /* the wall clock then */
	bool has_saved;
	uint64_t retry_ms;
	uint64_t dropped_told;
	unsigned lookups; /* left until the next tick */

	/* On its way into the journal: */
	bool is_saying;
	bool is_saving;
	uint64_t saving_through;
	struct escalation_said said[ESCALATION_ENTRIES_MAX];
	size_t said_count;
};

/* --- escalation_table.c --------------------------------------------------------------------------------- */

void
followed_table_init (struct followed_table *self);

void
followed_table_finish (struct followed_table *self);

struct followed *
followed_table_find (struct followed_table *self, const uint8_t id[SIAGA_ID_BYTES]);

/* A new one, zeroed but for what is given; where there is no room the oldest of the least severe goes. NULL when all
   are at least as severe, or out of memory. */
struct followed *
followed_table_add (struct followed_table *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t number,
		    enum siaga_severity severity);

/* Takes one back from its fact, which has no id: 0 (also when there is no room) or SIAGA_ENOMEM. */
int
followed_table_restore (struct followed_table *self, const uint8_t id[SIAGA_ID_BYTES],
			const struct followed *fact);

/* Its severity changed. */
void
followed_table_move (struct followed_table *self, struct followed *followed,
		     enum siaga_severity severity);

/* Is no longer followed; its fact is to be forgotten, when there is one. *followed_p is consumed. */
void
followed_table_drop (struct followed_table *self, struct followed **followed_p);

/* All that are followed, the most severe first and of these the oldest; NULL at the end. Take the next before a drop. */
struct followed *
followed_table_next (const struct followed_table *self, const struct followed *previous);

/* --- escalation.c --------------------------------------------------------------------------------------- */

/* Looks at an entry of the log, which was taken at that time of the clock of deadlines. */
struct escalation_entry {
	const struct siaga_header *header;
	struct siaga_bytes bytes;
	uint64_t number;
	uint64_t accepted_us;
	uint64_t at_ms;
};

void
escalation_look (struct escalation *self, const struct escalation_entry *entry);

/* Sets its deadlines by the roster in force: false when it has none, or can no longer be read. */
bool
escalation_set_duty (struct escalation *self, struct followed *followed);

/* The entry of a number, borrowed until the cache is asked again; texts are of the cache. 0 or the journal's error. */
int
escalation_read (struct escalation *self, uint64_t number, struct siaga_header *header,
		 struct siaga_bytes *bytes, uint64_t *accepted_us);

/* --- escalation_memory.c -------------------------------------------------------------------------------- */

/* Takes up what the facts say, and then what the log has since: 0, SIAGA_ENOMEM, SIAGA_EIO. */
int
escalation_recall (struct escalation *self);

/* Is it time to save? */
bool
escalation_has_news (const struct escalation *self);

/* Adds all that changed as facts: 0, SIAGA_ENOMEM, SIAGA_ELIMIT. */
int
escalation_save (struct escalation *self, struct journal_job *job);

/* Adds the fact of one alert. */
int
escalation_remember (struct followed *followed, struct journal_job *job);

/* Adds that of the clock. */
int
escalation_remember_clock (struct escalation *self, struct journal_job *job, uint64_t through);

/* That is in the journal, or not. */
void
escalation_on_saved (struct escalation *self, bool is_there);

/* --- escalation_say.c, escalation_entry.c --------------------------------------------------------------- */

/* Hands what is due to the journal's writer, or what changed, unless something of the hub's own is there. */
void
escalation_say (struct escalation *self);

/* Writes the entry: 0; SIAGA_ENOTFOUND: there is nobody to tell. Other errors: it cannot be made. */
int
escalation_write (struct escalation *self, struct siaga_writer *writer,
		  const struct followed *followed, const struct escalation_said *said);

#endif
