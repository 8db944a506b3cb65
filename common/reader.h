/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifies what the hub delivers, entry by entry, before anybody sees it: the Merkle root, the origin's
 * signature with the key the reader's own roster gives it, and that the roster lets the origin say that.
 * Verified heads are remembered, bounded, so that the single entries of one batch cost one signature check.
 */
#ifndef SIAGA_COMMON_READER_H
#define SIAGA_COMMON_READER_H

#include "siaga/batch.h"
#include "siaga/roster.h"
#include "siaga/wire.h"

struct reader;

/* One verified entry; everything borrowed until the callback returns. */
struct reader_entry {
	uint64_t number;
	uint64_t accepted_us;
	uint8_t leaf[SIAGA_HASH_BYTES];	    /* batch leaf hash: what a ref names */
	uint8_t log_leaf[SIAGA_HASH_BYTES]; /* the log's leaf: the mark of a cursor at number + 1 */
	const struct siaga_batch_head *head;
	uint64_t oseq;
	const struct siaga_principal *principal;
	const struct siaga_header *header;
	const struct siaga_body *body; /* zeroed when the entry is sealed */
	struct siaga_bytes bytes;      /* the signed bytes of the entry */
};

struct reader_events {
	void (*on_entry) (void *arg, const struct reader_entry *entry);
	/* Something that must not be believed: the first number it stood under, why, and words. */
	void (*on_bad) (void *arg, uint64_t number, int error, const char *words);
};

/* `roster` is borrowed and outlives the reader. NULL when out of memory. */
struct reader *
reader_new (const struct siaga_roster *roster, const struct reader_events *events, void *arg);

void
reader_destroy (struct reader **self_p);

/* Takes every delivery of an encoded array (a DELIVER's items, an ENTRY or STORY answer). Entries with a
   number below `from` are passed over. 0, or SIAGA_EMALFORMED or SIAGA_ELIMIT when the array itself is broken; what fails
   inside it goes to on_bad and does not stop the rest. */
int
reader_take (struct reader *self, struct siaga_bytes items, uint64_t from);

#endif
