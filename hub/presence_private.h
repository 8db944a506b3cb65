/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of presence share: presence.c (who is there), presence_rules.c (what of it is bad),
 * presence_say.c (the hub's entries), presence_memory.c (what is remembered).
 */
#ifndef SIAGA_HUB_PRESENCE_PRIVATE_H
#define SIAGA_HUB_PRESENCE_PRIVATE_H

#include "hub/core_private.h"
#include "hub/presence.h"

#define PRESENCE_ENTRIES_MAX 16 /* in one batch of the hub */

struct presence {
	struct core *core;
	struct presence_conf conf;
	const struct conf_strings *expected;
	const char *state_dir;
	struct conditions *conditions;
	struct peer *peers; /* as the principals of the roster in force */
	size_t peer_count;
	bool has_looked;
	uint64_t looked_ms; /* the monotonic clock */
	uint64_t passed_ms; /* between the last two looks */
	uint64_t up_ms;	    /* in which this hub ran */
	uint64_t retry_ms;  /* of up_ms: the journal did not take the last one; not before then */
	uint64_t saved_ms;  /* of up_ms, when peers were last remembered */
	uint64_t disk_ms;   /* of up_ms, when the disk was last looked at; 0: never */
	uint64_t disk_free;
	enum condition_verdict journal;
	char journal_words[CONDITION_WORDS_MAX + 1];
	int64_t *clocks; /* room for as many as peers */
	/* What of the hub's own is on its way into the journal: */
	struct condition *said[PRESENCE_ENTRIES_MAX];
	size_t said_count;
};

/* Of a principal of the roster in force. */
static inline struct peer *
presence_peer_of (struct presence *self, const struct siaga_principal *principal)
{
	return &self->peers[principal - self->core->trust->roster->principals];
}

static inline struct peer *
presence_peer_named (struct presence *self, struct siaga_text name)
{
	const struct siaga_principal *principal =
		siaga_roster_principal (self->core->trust->roster, name);

	return principal && self->peer_count > 0 ? presence_peer_of (self, principal) : NULL;
}

/* presence_rules.c: judges everybody and everything, after a look. */
void
presence_judge (struct presence *self);

/* presence_say.c: hands what is due to the journal's writer, unless something of the hub's own is there. */
void
presence_say (struct presence *self);

/* presence_memory.c */

/* Adds the facts about peers that changed, a bounded number; they count as remembered. */
int
presence_remember (struct presence *self, struct journal_job *job);

/* Is it time for that? */
bool
presence_has_news (const struct presence *self);

/* Reads all facts: 0, SIAGA_ENOMEM, SIAGA_EIO. What cannot be read is passed over. */
int
presence_recall (struct presence *self);

#endif
