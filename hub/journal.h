/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's durable, ordered, append-only log of entries, behind a table of functions: SQLite is the
 * default, an in-memory one serves tests, others may come. One thread appends; other threads each open a
 * reader of their own. Batches are kept as they were received. The log's leaves and complete subtrees (C2SP tlog-tiles) are kept
 * from the first entry, so any proof can be made later.
 */
#ifndef SIAGA_HUB_JOURNAL_H
#define SIAGA_HUB_JOURNAL_H

#include "siaga/batch.h"
#include "siaga/entry.h"

struct journal;

/* A verified batch to be appended; everything borrowed until append returns. */
struct journal_batch {
	const struct siaga_batch *batch;    /* full form, every entry present, already verified */
	struct siaga_bytes bytes;	    /* as received */
	const struct siaga_header *headers; /* head.count of them, read from the entries */
	uint64_t number;		    /* out: the log number of its first entry */
};

/* Small current state that lives beside the log (conditions, who was seen): not part of it, and never in its tree. */
struct journal_fact {
	struct siaga_text key;	  /* at most JOURNAL_FACT_KEY_MAX bytes */
	struct siaga_bytes value; /* empty: forget the key */
};

#define JOURNAL_FACT_KEY_MAX 256

/* Called for each fact; both borrowed. Not 0: enough, and what facts () returns. */
typedef int
journal_fact_each (void *arg, struct siaga_text key, struct siaga_bytes value);

/* A batch as read back. bytes is the caller's to free () (journal_record_finish). */
struct journal_record {
	uint64_t number; /* of its first entry */
	uint32_t count;
	uint64_t accepted_us;
	uint8_t *data;
	size_t size;
};

/* What the hub holds of one (origin, epoch). */
struct journal_mark {
	uint64_t oseq;
	uint8_t head_hash[SIAGA_HASH_BYTES]; /* of the batch that ends at oseq */
	uint64_t number;		     /* log number of oseq */
};

struct journal_ops {
	const char *name;
	/* The writer is about to judge a group: what it reads from here to append or abandon is in the
	   transaction that append commits, which makes many finds cheap. NULL: not needed. Append works
	   without it too. 0, SIAGA_EDISK, SIAGA_EIO. */
	int (*begin) (struct journal *self);
	/* Ends what begin began when nothing is appended, or after a failed append; else no effect. NULL with
	   begin. */
	void (*abandon) (struct journal *self);
	/* One transaction: numbers, batches, routes, marks, leaves and tiles; durable when it returns 0.
	   Fills number of each. SIAGA_EDISK: nothing stored, disk full. SIAGA_EIO: fatal, the process must
	   exit and reopen. SIAGA_EKNOWN cannot happen: the caller asked `find` first, on the writer's thread. */
	int (*append) (struct journal *self, struct journal_batch *batches, size_t count,
		       uint64_t accepted_us);
	/* Keeps a fact or forgets one, in the transaction that append commits (with no batches at all, too): the
	   writer's, after begin. 0, SIAGA_EDISK, SIAGA_EIO, SIAGA_ENOMEM, SIAGA_ELIMIT. */
	int (*put) (struct journal *self, const struct journal_fact *fact);
	/* Every fact, ascending by key: 0, what `each` returned, SIAGA_EIO. */
	int (*facts) (struct journal *self, journal_fact_each *each, void *arg);
	/* The batch that contains `number`, or the first after it; SIAGA_ENOTFOUND at the head. Ends its
	   read transaction before returning. */
	int (*read) (struct journal *self, uint64_t number, struct journal_record *record);
	/* The number of an id: 0 or SIAGA_ENOTFOUND. */
	int (*find) (struct journal *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number);
	/* The numbers of the entries that refer to `id`, ascending, at most `max`; returns how many, or <0. */
	int (*referring) (struct journal *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *numbers,
			  size_t max);
	/* Those from `from` on that may change the life of the alert `id` (siaga/life.h): cancels, and responses
	   other than comments. */
	int (*deeds) (struct journal *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t from,
		      uint64_t *numbers, size_t max);
	/* High-water mark: 0, or SIAGA_ENOTFOUND (then mark is zeroed). */
	int (*mark) (struct journal *self, struct siaga_text origin,
		     const uint8_t epoch[SIAGA_EPOCH_BYTES], struct journal_mark *mark);
	/* The head hash of the batch of (origin, epoch) that begins at first_oseq, and the number and oseq of its
	   last entry: to tell a repetition from a conflict. 0 or SIAGA_ENOTFOUND. */
	int (*batch_at) (struct journal *self, struct siaga_text origin,
			 const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t first_oseq,
			 struct journal_mark *mark);
	/* The next log number = the tree's size. */
	uint64_t (*head) (struct journal *self);
	/* The log leaf hash of a number: 0 or SIAGA_ENOTFOUND. */
	int (*leaf) (struct journal *self, uint64_t number, uint8_t hash[SIAGA_HASH_BYTES]);
	/* The root of the tree of the first `size` leaves, from tiles: 0 or SIAGA_ENOTFOUND. */
	int (*root) (struct journal *self, uint64_t size, uint8_t root[SIAGA_HASH_BYTES]);
	/* `count` leaf hashes from a number on, which the log has; and the inclusion path of one in the tree of the first
	   `size` leaves, lowest first, at most SIAGA_LOG_PATH_MAX hashes. 0, SIAGA_ENOTFOUND, SIAGA_EUSAGE (number
	   >= size), SIAGA_EIO. */
	int (*leaves) (struct journal *self, uint64_t number, size_t count, uint8_t *hashes);
	int (*path) (struct journal *self, uint64_t number, uint64_t size, uint8_t *path,
		     size_t *length);
	/* Drops the bytes of the oldest entries, whole batches, about `max` entries of them: those accepted before that
	   time, or any while the log takes more than keep_bytes (0: does not matter). Their numbers, leaves and
	   marks stay. The number of entries, SIAGA_EDISK, SIAGA_ENOMEM, SIAGA_EIO. NULL: keeps everything. */
	int (*drop) (struct journal *self, uint64_t before_us, uint64_t keep_bytes, size_t max);
	/* The log that this one was before it became another, and how many entries they have in common: 0 or
	   SIAGA_ENOTFOUND. */
	int (*former) (struct journal *self, uint8_t log_id[SIAGA_LOG_ID_BYTES], uint64_t *size);
	/* The last signed checkpoint, in a transaction of its own, and back: 0, SIAGA_ENOTFOUND, SIAGA_EDISK
	   (not stored), SIAGA_EIO. All three may be NULL. */
	int (*keep_note) (struct journal *self, struct siaga_text note);
	int (*note) (struct journal *self, char note[SIAGA_CHECKPOINT_MAX], size_t *size);
	const uint8_t *(*log_id) (
		struct journal *self); /* SIAGA_LOG_ID_BYTES random bytes, made with the log */
	void (*close) (struct journal **self_p);
};

/* Every implementation's struct begins with this. */
struct journal {
	const struct journal_ops *ops;
};

enum journal_mode {
	JOURNAL_WRITE, /* creates the file when missing; checks the tail; at most one */
	JOURNAL_READ,
	JOURNAL_COPY, /* reads its head and nothing else of it: for a copy, also of an older version */
	JOURNAL_KEEP, /* looks after the file beside a writer: writes, but appends nothing */
};

/* 0, SIAGA_EIO, SIAGA_EDISK, SIAGA_EFORMAT (another network's, or newer, or its tail does not verify),
   SIAGA_ELOCKED, SIAGA_ENOTFOUND (no such directory; reading: no such file yet), SIAGA_ENOMEM. `words` (may be
   NULL) gets the reason with the path. A handle belongs to one thread at a time. */
int
journal_open_sqlite (struct journal **self_p, const char *path, const char *network,
		     enum journal_mode mode, char words[256]);

/* Of a SQLite journal opened for writing, before anything else looks at it. --- journal_log.c --- */

/* Was it put back by siaga-hub --restore and not opened since? */
bool
journal_was_restored (struct journal *self);

/* Marks a database (not open anywhere) as put back: 0 or an error with words. */
int
journal_mark_restored (const char *path, const char *network, char words[256]);

/* Becomes another log under a new random id: what is in it stays, `former` and `common` are remembered. 0, SIAGA_EDISK,
   SIAGA_EIO. */
int
journal_begin_log (struct journal *self, const uint8_t former[SIAGA_LOG_ID_BYTES], uint64_t common);

/* A log that holds nothing yet remembers the one that was here before. Errors as above. */
int
journal_follow_log (struct journal *self, const uint8_t former[SIAGA_LOG_ID_BYTES]);

/* A writer; `journal_memory_reader` makes readers of the same log for other threads. */
int
journal_open_memory (struct journal **self_p);
int
journal_memory_reader (struct journal *writer, struct journal **reader_p);

/* Another writer, as after a restart: the former one is used no more. */
int
journal_memory_writer (struct journal *reader, struct journal **writer_p);

void
journal_record_finish (struct journal_record *record);

/* May an entry change the life of what it refers to (siaga/life.h)? A cancel, or a response that is no comment. */
bool
journal_is_deed (const struct siaga_header *header);

/* The bytes of the entry of a number, borrowed; empty when it does not stand in this batch. */
struct siaga_bytes
journal_record_entry (const struct journal_record *record, uint64_t number);

#endif
