/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A publisher's durable queue (DESIGN section 9): entries that wait, then batches cut from them that are
 * not yet safe at the hub, then acknowledged batches kept for a while in case the hub's disk goes back in
 * time. An entry is written once and stays where it is through all of that. SQLite (WAL, synchronous=FULL), one file, one process (a lock file beside it). Also holds the read
 * positions of the agent's sources, so that an entry and the position behind it are one transaction.
 */
#ifndef SIAGA_COMMON_OUTBOX_H
#define SIAGA_COMMON_OUTBOX_H

#include "siaga/batch.h"
#include "siaga/entry.h"
#include "siaga/keys.h"
#include "siaga/wire.h"

struct outbox;

struct outbox_options {
	const char *path;    /* the SQLite file; ":memory:" keeps nothing */
	const char *network; /* borrowed until open returns */
	const struct siaga_identity
		*identity;	    /* borrowed; outlives the outbox: signs what is cut */
	uint64_t keep_acked_us;	    /* how long acknowledged batches are kept (24 h) */
	uint64_t keep_acked_bytes;  /* and how many bytes of them at most */
	uint64_t max_waiting_bytes; /* SIAGA_EFULL from outbox_add () beyond */
};

struct outbox_counts {
	uint64_t waiting; /* entries not yet cut */
	uint64_t waiting_bytes;
	uint64_t oldest_us; /* when the oldest waiting entry was added; 0: none */
	uint64_t in_flight; /* batches cut and not acknowledged */
	uint64_t aside;	    /* entries the hub can never take, set aside for a look */
};

/* 0, SIAGA_ELOCKED, SIAGA_EIO, SIAGA_EFORMAT (another network's or principal's file, or a newer
   version), SIAGA_ENOMEM. `words` (may be NULL, 256 bytes) gets the reason with the path. Every error of
   SQLite later on is SIAGA_EIO, or SIAGA_EDISK when the disk is full; the transaction is then rolled back and
   nothing stored before is lost. */
int
outbox_open (struct outbox **self_p, const struct outbox_options *options, char words[256]);

void
outbox_close (struct outbox **self_p);

/* The last SQLite error in words, for the log. */
const char *
outbox_error (const struct outbox *self);

/* Did a commit fail with SIAGA_EIO? Then everything fails from now on, and only closing and opening again (in
   practice: ending the program) tells what is on the disk. */
bool
outbox_is_broken (const struct outbox *self);

/* One transaction: begin, any of add, set_position, cut; then commit or rollback. */
int
outbox_begin (struct outbox *self);
int
outbox_commit (struct outbox *self);
void
outbox_rollback (struct outbox *self);
bool
outbox_in_transaction (const struct outbox *self);

/* A transaction for who only looks, at much: without one, every look locks the file by itself. */
int
outbox_begin_read (struct outbox *self);
void
outbox_end_read (struct outbox *self);

/* Adds one encoded entry. SIAGA_EEXISTS when its id is waiting, in flight, kept or set aside, or was let go a while ago; SIAGA_EFULL;
   SIAGA_EORIGIN when its origin is another principal; or why its header is not valid. Nothing is added then,
   and the transaction goes on. */
int
outbox_add (struct outbox *self, struct siaga_bytes entry);

/* The same for an entry that stands for that many lines (events), which is what its loss would be counted as;
   outbox_add () counts one. */
int
outbox_add_lines (struct outbox *self, struct siaga_bytes entry, uint64_t lines);

/* Adds a report about the outbox itself: whatever the bound, never dropped, cut before all else. SIAGA_EEXISTS and
   the others as above. The owner keeps them few. */
int
outbox_add_report (struct outbox *self, struct siaga_bytes entry);

/* Takes back an entry that still waits: its bytes (of at most SIAGA_ENTRY_MAX) are copied to `bytes`, its lines to
   *lines. SIAGA_ENOTFOUND when it does not wait (any more), or was cut before it waited again: somebody may have it, and
   an id must not stand for two entries. */
int
outbox_withdraw (struct outbox *self, const uint8_t id[SIAGA_ID_BYTES], uint8_t *bytes,
		 size_t *size, uint64_t *lines);

/* Is the entry waiting, not yet cut? */
bool
outbox_is_waiting (struct outbox *self, const uint8_t id[SIAGA_ID_BYTES]);

/* An entry was dropped, in the running transaction. The loss is the owner's to report. */
typedef void (outbox_dropped_fn) (void *arg, const uint8_t id[SIAGA_ID_BYTES],
				  enum siaga_severity severity, uint64_t lines);

/* Makes room for `bytes` below max_waiting_bytes: drops waiting entries of the lowest severity, oldest first,
   but only of severities less than `below` (SIAGA_SEVERITY_CRITICAL + 1: any). 0, or SIAGA_EFULL when that did not
   make room enough (what was dropped stays dropped). */
int
outbox_shed (struct outbox *self, uint64_t bytes, unsigned below, outbox_dropped_fn *on_dropped,
	     void *arg);

/* Drops what was added before that time and still waits, oldest first, at most `max` entries: *count gets how
   many. */
int
outbox_expire (struct outbox *self, uint64_t before_us, size_t max, outbox_dropped_fn *on_dropped,
	       void *arg, size_t *count);

/* Is anything in it that an age counts for: what waits, or is kept though the hub has it? */
bool
outbox_has_ages (const struct outbox *self);

/* The clock was set, or nobody was there to see it go: what waits counts as added, and what is kept as acknowledged, that
   much later. */
int
outbox_shift_ages (struct outbox *self, int64_t delta_us);

/* Bytes that may be added before the outbox is full; UINT64_MAX without a bound. */
uint64_t
outbox_room (const struct outbox *self);

/* The bounds of struct outbox_options from now on. */
void
outbox_set_bounds (struct outbox *self, uint64_t keep_acked_us, uint64_t keep_acked_bytes,
		   uint64_t max_waiting_bytes);

/* Small notes of the owner, durable in the same transaction as entries and positions: bytes by a name. set
   replaces; get: SIAGA_ENOTFOUND when there is none, SIAGA_ELIMIT when it is larger than `capacity`; delete: 0
   also when there was none. */
int
outbox_note_set (struct outbox *self, const char *key, struct siaga_bytes value);
int
outbox_note_get (struct outbox *self, const char *key, uint8_t *value, size_t capacity,
		 size_t *size);
int
outbox_note_delete (struct outbox *self, const char *key);

/* Every note whose name begins so, in order of name: 0, or what `each` said first. Borrowed until it returns;
   it changes no notes. */
int
outbox_note_each (struct outbox *self, const char *prefix,
		  int (*each) (void *arg, struct siaga_text key, struct siaga_bytes value),
		  void *arg);

/* A source's durable position: any text, by the source's name; NULL: none any more. get: SIAGA_ENOTFOUND when there is none; the
   text is the caller's to free (). */
int
outbox_set_position (struct outbox *self, const char *source, const char *position);
int
outbox_get_position (struct outbox *self, const char *source, char **position_p);

/* Every source with a position whose name begins so: 0, or what `each` said first. Borrowed until it returns. */
int
outbox_each_position (struct outbox *self, const char *prefix,
		      int (*each) (void *arg, struct siaga_text source), void *arg);

/* Cuts one batch from what waits, highest severity first, then oldest, as many as a batch holds: gives the
   next oseqs, signs, stores the batch: what it took waits no more. SIAGA_ENOTFOUND when nothing waits. Inside a
   transaction or, outside one, its own. *first_oseq gets the batch's first oseq. */
int
outbox_cut (struct outbox *self, uint64_t *first_oseq);

/* The current epoch, and the last oseq cut in it (0: none). A new outbox makes its epoch when opened. */
const uint8_t *
outbox_epoch (const struct outbox *self);
uint64_t
outbox_last_oseq (const struct outbox *self);

/* The last oseq of the epoch known to be durable at the hub (0: none). */
uint64_t
outbox_acked_oseq (const struct outbox *self);

/* The first batch of the epoch with first oseq > `after`, as encoded bytes, acknowledged or not: the caller
   frees *data_p. SIAGA_ENOTFOUND when there is none. */
int
outbox_batch_after (struct outbox *self, uint64_t after, uint8_t **data_p, size_t *size_p,
		    uint64_t *first_oseq, uint32_t *count);

/* Everything up to `oseq` is durable at the hub; `number` is the log number of `oseq`. Old acknowledged
   batches are let go by age and bytes. */
int
outbox_acked (struct outbox *self, const uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t oseq,
	      uint64_t number);

/* What to do after WELCOME (DESIGN section 7, Epochs): compares what the hub holds for the current epoch with
   what is stored. Marks what it holds as acknowledged and gives in *resume_after the oseq after which to send.
   Hub behind, and the batches after what it holds are still kept: they are in flight again, and the entries of
   former epochs wait again when it holds nothing of this one. When the hub is ahead of what was cut, or holds
   another batch there, or is behind what is still kept: a new epoch begins, whose first waiting entry will be a
   void naming the old one and the reason (cut before all else), every entry that still exists and is not known to
   be at the hub waits again, *resume_after is 0 and *new_epoch is true; the session must then be opened again
   with the new epoch. `held_hash` may be NULL when `held_oseq` is 0. Outputs may be NULL. */
int
outbox_resume (struct outbox *self, uint64_t held_oseq, const uint8_t *held_hash,
	       uint64_t *resume_after, bool *new_epoch);

/* The hub has another log than before (outbox_get_log_id ()) and holds nothing of this epoch in it: what is kept of
   former epochs waits again. outbox_resume () sees to this epoch. */
int
outbox_requeue_former (struct outbox *self);

/* While nothing of this epoch is known to be at the hub, what it holds of this epoch says nothing of what was
   acknowledged in former ones. The newest former epoch of which something is kept, and the last oseq of it that
   was acknowledged: does the hub hold that much, it holds everything acknowledged before. SIAGA_ENOTFOUND when
   there is nothing to ask for. */
int
outbox_former (struct outbox *self, uint8_t epoch[SIAGA_EPOCH_BYTES], uint64_t *oseq);

/* Begins a new epoch as above, for a `conflict`. */
int
outbox_new_epoch (struct outbox *self, const char *reason);

/* The hub can never take the listed entries of the batch at `first_oseq`: sets them aside with their codes
   (a code of SIAGA_EKNOWN counts as delivered: it is kept like what is acknowledged, and waits again when the hub
   loses the void in its place), puts voids in their places, cuts
   the batch again under the same oseqs, and everything after it in the epoch that was cut but not
   acknowledged stays as it is. Where the voids are larger than what they stand for, one batch becomes several.
   SIAGA_ENOTFOUND when no batch begins there or it is acknowledged; SIAGA_EMALFORMED when an index is not one
   of its. */
int
outbox_replace_bad (struct outbox *self, uint64_t first_oseq, const struct siaga_bad *bad,
		    size_t bad_count);

/* The log this outbox publishes to, remembered from the first ACK: an outbox never mixes two logs silently. */
int
outbox_get_log_id (struct outbox *self, uint8_t log_id[SIAGA_LOG_ID_BYTES]);
int
outbox_set_log_id (struct outbox *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES]);

/* The log number of an own entry by id, or OUTBOX_NUMBER_UNKNOWN where it is at the hub under a number that was
   not told (one ACK for several batches; already known there). 0: it is at the hub; SIAGA_EAGAIN: not yet;
   SIAGA_ENOTFOUND: not held (any more); else the code for which it was set aside. For `siaga send`. */
#define OUTBOX_NUMBER_UNKNOWN UINT64_MAX
int
outbox_find (struct outbox *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *number);

/* An outbox looked at from outside, whether or not a program has it open; nothing is changed. 0, SIAGA_ENOTFOUND (there is
   none yet), SIAGA_EFORMAT (not an outbox, damaged, or of another version), SIAGA_EIO, SIAGA_ENOMEM, with words (may be
   NULL, 256 bytes). */
struct outbox_look {
	char principal[SIAGA_PRINCIPAL_MAX + 1];
	char network[SIAGA_NETWORK_MAX + 1];
	uint64_t waiting;
	uint64_t in_flight;
	uint64_t aside;
	bool has_log;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
};
int
outbox_look (const char *path, struct outbox_look *look, char words[256]);

/* Entries not yet cut, without asking the disk. */
uint64_t
outbox_waiting (const struct outbox *self);

int
outbox_count (struct outbox *self, struct outbox_counts *counts);

#endif
