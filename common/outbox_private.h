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

#define OUTBOX_FRESH_MAX 4 /* batches just cut that are kept in memory until they are sent */

/*
 * An entry is written once, into its row of the table held, and stays there until it is let go: while it waits, in
 * flight, and kept. Cutting moves a mark over the rows that it takes, one mark in each lane (a lane is a priority); what
 * stands behind the mark waits. A batch has the marks as they were after its cut (batch.cut), so its entries are those
 * between the marks of the batch before and its own; and all that stands before its entries in its bytes (batch.top).
 *
 * Rows of batches that were let go are gone, but they are removed only when their room is needed: by what is added, in the
 * same transaction, which writes those pages anyway; or when they are more than what is kept. (A removed row's page is
 * written, twice, only to say that it is free.)
 *
 * A batch that was refused and mended, or that must stay cut when others wait again, has its bytes by themselves
 * (encoded) and no top.
 */
#define OUTBOX_LANES 7
#define OUTBOX_MARKS_BYTES (8 * OUTBOX_LANES) /* one after the other, the highest byte first */
#define OUTBOX_RECLAIM_BYTES 8192 /* rows that are gone are removed by as many bytes as are added */

struct outbox_marks {
	int64_t of
		[OUTBOX_LANES]; /* the last turn that was cut, or the one before all there can be */
};

/* What is known of an entry's id besides its row in held: entry.batch is OUTBOX_ENCODED (it is in such a batch by itself),
   OUTBOX_AGAIN (it was in a batch before it waited again), or the (negative) code for which it was set aside. */
#define OUTBOX_ENCODED 0
#define OUTBOX_AGAIN 1

struct outbox_state {
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t last_oseq;  /* last cut in the epoch */
	uint64_t acked_oseq; /* last known to be durable at the hub; ends a batch */
	struct outbox_marks cut;
	struct outbox_marks gone;
	uint64_t gone_bytes; /* of rows not yet removed; no less than there are */
	uint64_t waiting_in[OUTBOX_LANES];
	uint64_t waiting;
	uint64_t waiting_bytes;
	uint64_t in_flight;
	uint64_t kept_bytes;  /* of acknowledged batches */
	uint64_t known_bytes; /* of entries the hub had already */
	uint64_t aside;
	int64_t next_seq; /* of what is added next: after all that waits */
	bool has_places;  /* there may be rows in the table entry */
};

/* A batch as it was just made; the bytes are the holder's. */
struct outbox_fresh {
	uint64_t first_oseq;
	uint32_t count;
	size_t size;
	uint8_t *data;
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
	uint64_t added_bytes; /* since rows were last removed for them */
	size_t fresh_count;
	struct outbox_fresh
		fresh[OUTBOX_FRESH_MAX]; /* oldest first; never in doubt: a rollback forgets them */
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

/* Inserts a waiting row; `lines` as in outbox_add_lines (). SIAGA_EEXISTS when there is one with that id. Does not touch
   `entry`. */
int
outbox_put_waiting (struct outbox *self, int64_t turn, const uint8_t *id, uint64_t added_us,
		    struct siaga_bytes entry, uint64_t lines);

/* Says what is known of the entry with that id; takes it back. */
int
outbox_put_place (struct outbox *self, const uint8_t *id, int64_t batch);
int
outbox_remove_place (struct outbox *self, const uint8_t *id);

/* The turn of the waiting entry with that id: SIAGA_ENOTFOUND when it does not wait. */
int
outbox_find_turn (struct outbox *self, const uint8_t *id, int64_t *turn);

/* Likewise, when it was never in a batch. */
int
outbox_find_unsent (struct outbox *self, const uint8_t *id, int64_t *turn);

/* The turn of the entry with that id, whether it waits or is in a batch: SIAGA_ENOTFOUND when it has no row. */
int
outbox_find_row (struct outbox *self, const uint8_t *id, int64_t *turn);

/* Removes a batch's rows, but not what it holds. */
int
outbox_remove_batch (struct outbox *self, int64_t row);

void
outbox_pack_marks (uint8_t bytes[OUTBOX_MARKS_BYTES], const struct outbox_marks *marks);
int
outbox_unpack_marks (struct outbox_marks *marks, struct siaga_bytes bytes);

/* The marks as they are now, from the newest batch that has some. */
int
outbox_read_marks (struct store *store, struct outbox_marks *marks);

/* Gives a batch its marks, and what stands before its entries. */
int
outbox_put_marks (struct outbox *self, int64_t row, const struct outbox_marks *marks,
		  struct siaga_bytes top);

/* The marks before a batch, and its own. */
int
outbox_batch_marks (struct outbox *self, int64_t row, struct outbox_marks *from,
		    struct outbox_marks *to);

/* The batch that has the entry in the row at that turn, which is cut, and at which place. */
int
outbox_find_batch (struct outbox *self, int64_t turn, int64_t *row, uint64_t *place);

/* A batch's bytes. SIAGA_EIO when it is damaged. */
int
outbox_load_batch (struct outbox *self, int64_t row, uint8_t *bytes, size_t capacity, size_t *size);

/* Are the batch's entries in rows? (It has a top.) */
int
outbox_has_rows (struct outbox *self, int64_t row, bool *has);

/* Lets the rows of the oldest batch go, of that size. The lane is the caller's to save. */
int
outbox_let_rows_go (struct outbox *self, int64_t row, uint64_t size);

/* Removes rows that are gone, about so many bytes of them; or all, and then there is nothing before what is kept. */
int
outbox_reclaim (struct outbox *self, uint64_t bytes);
int
outbox_reclaim_all (struct outbox *self);

/* Gives a batch bytes by itself in place of rows, if it has those; uses the scratch. */
int
outbox_encode_batch (struct outbox *self, int64_t row);

/* Says of what stands between these marks that it was in a batch. */
int
outbox_mark_again (struct outbox *self, const struct outbox_marks *from,
		   const struct outbox_marks *to);

int
outbox_put_bytes (struct outbox *self, int64_t row, struct siaga_bytes bytes);

/* Signs scratch.slots[from … from + count - 1] as one batch at first_oseq of the current epoch and stores it with its
   bytes by itself, over the row *row_p or, when that is 0, in a new one. */
int
outbox_seal (struct outbox *self, int64_t *row_p, uint64_t first_oseq, size_t from, size_t count);

/* What was just made is to be read from the file from now on. */
void
outbox_forget_fresh (struct outbox *self);

/* Appends an entry to scratch.entries if it still fits beside the others in one batch. */
bool
outbox_take (struct outbox *self, struct siaga_bytes entry);

/*
 * A row's turn is its place in the order in which all goes out: priority, highest first, then seq. So cutting reads one
 * range of rows in each lane, whole pages of them, and no index has to follow. Seqs count up from 1; what is inserted
 * again gets lower ones than all that waits, below 1 if need be.
 */
int64_t
outbox_turn (unsigned priority, int64_t seq);
unsigned
outbox_priority_of (int64_t turn);
int64_t
outbox_seq_of (int64_t turn);

/* Lanes in their order, and the last turn that can be in one. */
size_t
outbox_lane_of (int64_t turn);
int64_t
outbox_lane_last (size_t lane);

/* Before everything. */
void
outbox_marks_init (struct outbox_marks *marks);

bool
outbox_is_cut (const struct outbox *self, int64_t turn);

/* Counts an entry (or its absence) among the waiting. */
void
outbox_count_in (struct outbox *self, int64_t turn, uint64_t size);
void
outbox_count_out (struct outbox *self, int64_t turn, uint64_t size);

/* Counts the rows behind `from` up to `to` among the waiting. */
int
outbox_count_rows (struct outbox *self, size_t lane, int64_t from, int64_t to);

/* Binds where what waits in a lane stands: what a statement on held calls "turn > ? AND turn <= ?". */
void
outbox_bind_waiting (const struct outbox *self, struct store_query *query, size_t lane);

/* The first in turn of what waits in a lane, and the one of the lowest seq of all priorities less than `below`:
   SIAGA_ENOTFOUND when there is none. */
int
outbox_first_in (struct outbox *self, size_t lane, int64_t *turn, uint64_t *added_us);
int
outbox_oldest (struct outbox *self, unsigned below, int64_t *turn, uint64_t *added_us);

/* Where seqs go on after all there is. */
int
outbox_find_next_seq (struct outbox *self);

/* Marks whole batches up to `oseq` as durable at the hub and lets old ones go. */
int
outbox_mark_acked (struct outbox *self, uint64_t oseq, uint64_t number);

/* The batches of this epoch that end after `after` wait again, before all that waits, and with `former` those of all
   former epochs; the entries that the hub had already with the voids in their places. */
int
outbox_requeue (struct outbox *self, uint64_t after, bool former);

/* Of this epoch, what the hub had already and may have no more; the batches stay as they are. */
int
outbox_requeue_known (struct outbox *self, uint64_t after);

/* Begins a new epoch: the batches of this one that end after `after`, and with `former` all kept ones of
   former epochs, wait again. */
int
outbox_begin_epoch (struct outbox *self, const char *reason, uint64_t after, bool former);

/* Writes a void of this principal: 0, SIAGA_ELIMIT. `previous` NULL: only holds a place. */
int
outbox_write_void (struct outbox *self, struct siaga_writer *writer, uint8_t id[SIAGA_ID_BYTES],
		   const char *reason, const uint8_t *previous, uint64_t previous_oseq);

#endif
