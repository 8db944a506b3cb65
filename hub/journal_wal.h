/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the WAL gets into the database off the writer's back: the keeper copies what it can, on its own connection; and
 * because a writer that never rests would never let the WAL begin again, it asks the writer for the last step,
 * which is short then.
 */
#ifndef SIAGA_HUB_JOURNAL_WAL_H
#define SIAGA_HUB_JOURNAL_WAL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "hub/journal.h"

struct journal_wal {
	_Atomic unsigned pages; /* in the WAL, after the writer's last commit */
	_Atomic bool finish;	/* the writer is to copy what is left before its next group */
};

/* Of a SQLite journal opened for writing: from now on it copies only when asked. `wal` is borrowed for its life. */
void
journal_share_wal (struct journal *writer, struct journal_wal *wal);

/* Of one opened to keep. Errors of store_flush_wal (); `words` gets why. */
int
journal_flush_wal (struct journal *keeper, char words[256]);

/* PRAGMA quick_check and the tail, from one moment, of one opened to keep: 0, SIAGA_EFORMAT with words, SIAGA_EAGAIN
   (`stop` said so), SIAGA_EIO, SIAGA_ENOMEM. */
int
journal_check (struct journal *keeper, int (*stop) (void *arg), void *arg, char words[256]);

#endif
