/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that looks after the journal's files beside the writer: it keeps the last checkpoint in a file of its own,
 * copies the WAL into the database, and watches the disk. The core asks it for news on its ticks.
 */
#ifndef SIAGA_HUB_KEEPER_H
#define SIAGA_HUB_KEEPER_H

#include "hub/journal_wal.h"

struct keeper;

struct keeper_options {
	const char *path; /* journal.db */
	const char *network;
	const char *checkpoint; /* the file; borrowed strings, all three */
	struct journal_wal *wal;
	uint64_t reserve_bytes; /* of the disk, below which it is low */
};

struct keeper_news {
	bool kept;	/* a checkpoint given to keeper_keep () was dealt with: */
	int kept_error; /* 0: it is on the disk */
	bool disk_is_low;
	uint64_t disk_free; /* bytes; 0: not known */
	int failed;	    /* not 0: the journal must be opened again */
	char words[256];    /* why either failed */
};

/* Starts the thread. 0, SIAGA_ENOMEM, or the journal's error with words. */
int
keeper_start (struct keeper **self_p, const struct keeper_options *options, char words[256]);

/* NULL is fine. */
void
keeper_destroy (struct keeper **self_p);

/* Puts a checkpoint into its file, soon; news says when. One at a time. */
void
keeper_keep (struct keeper *self, struct siaga_text note);

/* What there is to tell since the last call. */
void
keeper_hear (struct keeper *self, struct keeper_news *news);

#endif
