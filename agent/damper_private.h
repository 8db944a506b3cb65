/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the damper share.
 *
 * A fold lives in memory with its numbers, and as two notes in the outbox: `fold/…` with the numbers, written again in
 * every transaction that counts, and `folded/…` with the entry that its updates are made from, written once.
 */
#ifndef AGENT_DAMPER_PRIVATE_H
#define AGENT_DAMPER_PRIVATE_H

#include <sys/queue.h>

#include "agent/agent_conf.h"
#include "agent/damper.h"
#include "agent/loss.h"

#define FOLD_KEY_BYTES 16
#define FOLD_BUCKETS 1024  /* of the hash table; a power of two */
#define FOLD_RULES_MAX 8   /* named in a summary */
#define FOLD_RULE_BYTES 96 /* of a name there */
#define FOLD_STEP 10	   /* updates at 10, 100, 1000 … */
#define FOLD_NAME_MAX 64   /* of a note */
#define DAMPER_SEVERITIES (SIAGA_SEVERITY_CRITICAL + 1)
#define DAMPER_RATES_MAX 64 /* sources with a bucket of their own */
#define DAMPER_MINUTE_MS 60000

/* What the surplus of a summary was: the first few rules by name. */
struct fold_rules {
	size_t count;
	struct {
		char name[FOLD_RULE_BYTES];
		uint64_t lines;
	} items[FOLD_RULES_MAX];
};

/* What counting changes, and a rollback gives back. */
struct fold_state {
	uint8_t leaf[SIAGA_HASH_BYTES];	 /* of the alert */
	uint8_t last_id[SIAGA_ID_BYTES]; /* of the last entry that told something */
	uint64_t count;			 /* lines so far */
	uint64_t told;			 /* by the last entry */
	uint64_t base;			 /* by the last entry known to be cut */
	uint64_t next;			 /* tell at this count */
	uint64_t first_us;
	uint64_t last_us;
	bool alone; /* the alert was dropped before it was cut: tell it again as one */
	bool ended; /* only until the commit */
	struct fold_rules *rules; /* NULL: no summary */
};

struct fold {
	TAILQ_ENTRY (fold) order;   /* of its severity, by end */
	LIST_ENTRY (fold) bucket;   /* of its key */
	SLIST_ENTRY (fold) touched; /* in this transaction */
	uint8_t key[FOLD_KEY_BYTES];
	uint8_t alert_id[SIAGA_ID_BYTES];
	unsigned severity;
	uint64_t end_us; /* for the next start; */
	uint64_t end_ms; /* clock_mono_ms (), for this run */
	bool is_touched;
	bool is_fresh; /* made in this transaction */
	struct fold_state now;
	struct fold_state saved;
};

TAILQ_HEAD (fold_order, fold);
LIST_HEAD (fold_bucket, fold);
SLIST_HEAD (fold_touched, fold);

/* How much more a source may send in each severity: full is a minute's worth. */
struct damper_rate {
	const char *source; /* copied */
	uint64_t filled_ms[DAMPER_SEVERITIES];
	double tokens[DAMPER_SEVERITIES];
};

/* Parts of the key, as bits. */
enum damper_part {
	DAMPER_RULE,
	DAMPER_SOURCE,
	DAMPER_TARGET,
	DAMPER_PORT,
	DAMPER_SYSTEM,
	DAMPER_USER,
	DAMPER_TITLE,
	DAMPER_PARTS,
};

struct damper {
	struct outbox *outbox;
	struct intake *intake;
	bool enabled;
	uint64_t window_us;
	uint64_t rate; /* a minute; 0: any */
	unsigned parts;
	size_t open[DAMPER_SEVERITIES];
	uint64_t folded;
	struct fold_order order[DAMPER_SEVERITIES];
	struct fold_bucket buckets[FOLD_BUCKETS];
	struct fold_touched touched;
	size_t rate_count;
	struct damper_rate rates[DAMPER_RATES_MAX];
	uint8_t buffer[SIAGA_ENTRY_MAX]; /* of one entry being told again */
};

/* damper_key.c */
unsigned
damper_parts (const struct conf_strings *names);
void
damper_key (uint8_t key[FOLD_KEY_BYTES], unsigned parts, const struct event *event);
void
damper_summary_key (uint8_t key[FOLD_KEY_BYTES], const struct event *event);

/* The name people know a rule by: its text, else its number, else the alert's title. */
struct siaga_text
damper_rule_name (const struct event *event);

/* damper_fold.c. A new fold in the tables, touched; NULL when out of memory. */
struct fold *
fold_new (struct damper *self, const uint8_t key[FOLD_KEY_BYTES], unsigned severity, bool summary);
void
fold_destroy (struct damper *self, struct fold **fold_p);
struct fold *
fold_find (struct damper *self, const uint8_t key[FOLD_KEY_BYTES]);

/* It is about to be changed in this transaction. SIAGA_ENOMEM when a copy cannot be kept. */
int
fold_touch (struct damper *self, struct fold *fold);

/* Gives the numbers back as they were. */
void
fold_restore (struct fold *fold);

/* damper_note.c */
int
fold_write (struct damper *self, const struct fold *fold);
int
fold_delete (struct damper *self, const struct fold *fold);
int
fold_write_entry (struct damper *self, const struct fold *fold, struct siaga_bytes entry);

/* The entry that updates are made from, into self->buffer. */
int
fold_read_entry (struct damper *self, const struct fold *fold, struct siaga_bytes *entry);

/* Reads all folds back. */
int
fold_load (struct damper *self);

/* damper_tell.c. The leaf hash of intake's last entry. */
void
damper_leaf (const struct damper *self, uint8_t leaf[SIAGA_HASH_BYTES]);

/* Makes an entry of what the fold has counted and not told; `last`: there is no later chance, and what
   finds no room is lost. 0 or the outbox's error. */
int
fold_tell (struct damper *self, struct fold *fold, bool last);

/* Begins a summary with this event: adds its alert. */
int
fold_begin_summary (struct damper *self, const uint8_t key[FOLD_KEY_BYTES],
		    const struct event *event);

/* Adds lines to the rule's share of a summary. */
void
fold_count_rule (struct fold *fold, struct siaga_text rule, uint64_t lines);

#endif
