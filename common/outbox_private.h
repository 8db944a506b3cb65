/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the outbox share, and nobody else sees.
 *
 * Numbers that many calls need (the lane, what waits, what is in flight) are kept in memory and follow the
 * transaction: saved at its begin, given back when it is rolled back.
 */
#ifndef COMMON_OUTBOX_PRIVATE_H
#define COMMON_OUTBOX_PRIVATE_H

#include "common/outbox.h"
#include "common/store.h"

#define OUTBOX_PRIORITY_FIRST 255 /* of a void that begins an epoch: above every severity */
#define OUTBOX_PRIORITY_REPORT                                                                     \
	254 /* of a report of what was lost: above every severity, never dropped */
#define OUTBOX_ASIDE_MAX 4096 /* entries kept set aside; the oldest go first */

/* What is known of an entry by its id: entry.batch is OUTBOX_HELD, OUTBOX_AGAIN (the same, and it was in a batch before it
   waited again), or the (negative) code for which it was set aside. What is held waits at the turn entry.place, or else is
   in a batch: which one is seldom asked and then looked for, for it would have to be written down for every entry that
   is cut. */
#define OUTBOX_HELD 0
#define OUTBOX_AGAIN 1

struct outbox_state {
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t last_oseq;  /* last cut in the epoch */
	uint64_t acked_oseq; /* last known to be durable at the hub; ends a batch */
	uint64_t waiting;
	uint64_t waiting_bytes;
	uint64_t in_flight;
	uint64_t kept_bytes;  /* of acknowledged batches */
	uint64_t known_bytes; /* of entries the hub had already */
	uint64_t aside;
	int64_t next_seq; /* of what is added next: after all that waits */
};

/* Room to make one batch in. */
struct outbox_scratch {
	uint8_t entries[SIAGA_BATCH_MAX];
	uint8_t batch[SIAGA_BATCH_MAX];
	size_t count;
	size_t size; /* of entries */
	struct siaga_bytes slots[SIAGA_BATCH_ENTRIES_MAX];
};

struct outbox {
	struct store *store;
	int lock_fd;
	const struct siaga_identity *identity; /* borrowed */
	char network[SIAGA_NETWORK_MAX + 1];
	uint8_t key_id[SIAGA_KEY_ID_BYTES];
	uint64_t keep_acked_us;
	uint64_t keep_acked_bytes;
	uint64_t max_waiting_bytes;
	struct outbox_state state;
	struct outbox_state saved;
	struct outbox_scratch scratch;
};

/* The file as the store opens it. */
struct store_options
outbox_store_options (const char *path);

/* A transaction around one function: joins the caller's, or makes its own. leave commits (own, no error) or
   rolls back (own, error) and returns the error. */
int
outbox_enter (struct outbox *self, bool *own);
int
outbox_enter_lazy (struct outbox *self, bool *own); /* store_begin_lazy () */
int
outbox_leave (struct outbox *self, bool own, int error);

/* Writes the lane's row. */
int
outbox_save_lane (struct outbox *self);

/* Inserts a waiting row; `lines` as in outbox_add_lines (). Does not touch `entry`. */
int
outbox_put_waiting (struct outbox *self, int64_t turn, const uint8_t *id, uint64_t added_us,
		    struct siaga_bytes entry, uint64_t lines);

/* Says what is known of the entry with that id. */
int
outbox_put_place (struct outbox *self, const uint8_t *id, int64_t batch, uint64_t place);

/* The turn of the waiting entry with that id: SIAGA_ENOTFOUND when it does not wait. */
int
outbox_find_turn (struct outbox *self, const uint8_t *id, int64_t *turn);

/* Likewise, when it was never in a batch. */
int
outbox_find_unsent (struct outbox *self, const uint8_t *id, int64_t *turn);

int
outbox_remove_place (struct outbox *self, const uint8_t *id);

/* Removes a batch's rows, but not the places in it. */
int
outbox_remove_batch (struct outbox *self, int64_t row);

/* Signs scratch.slots[from … from + count - 1] as one batch at first_oseq of the current epoch and stores
   it, over the row *row_p or, when that is 0, in a new one. */
int
outbox_seal (struct outbox *self, int64_t *row_p, uint64_t first_oseq, size_t from, size_t count);

/* Appends an entry to scratch.entries if it still fits beside the others in one batch. */
bool
outbox_take (struct outbox *self, struct siaga_bytes entry);

/*
 * What waits is in the order in which it goes out, by its turn: priority, highest first, then seq. So cutting takes
 * one range of rows from the front, whole pages of them, and no index has to follow. Seqs count up from 1; what waits
 * again gets lower ones than all that waits, below 1 if need be.
 */
int64_t
outbox_turn (unsigned priority, int64_t seq);
unsigned
outbox_priority_of (int64_t turn);
int64_t
outbox_seq_of (int64_t turn);

/* The first in turn of that priority, and the one of the lowest seq of all priorities less than `below`:
   SIAGA_ENOTFOUND when there is none. */
int
outbox_first_of (struct outbox *self, unsigned priority, int64_t *turn, uint64_t *added_us);
int
outbox_oldest (struct outbox *self, unsigned below, int64_t *turn, uint64_t *added_us);

/* Where seqs go on after what waits now. */
int
outbox_find_next_seq (struct outbox *self);

/* Marks whole batches up to `oseq` as durable at the hub and lets old ones go. */
int
outbox_mark_acked (struct outbox *self, uint64_t oseq, uint64_t number);

/* Begins a new epoch: the batches of this one that end after `after`, and with `former` all kept ones of
   former epochs, wait again. */
int
outbox_begin_epoch (struct outbox *self, const char *reason, uint64_t after, bool former);

/* Writes a void of this principal: 0, SIAGA_ELIMIT. `previous` NULL: only holds a place. */
int
outbox_write_void (struct outbox *self, struct siaga_writer *writer, uint8_t id[SIAGA_ID_BYTES],
		   const char *reason, const uint8_t *previous, uint64_t previous_oseq);

#endif
