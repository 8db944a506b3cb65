/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WAL, and the check that runs beside a writer (journal_wal.h).
 */
#include "hub/journal_wal.h"

#include <assert.h>
#include <stdio.h>

#include "hub/journal_sqlite.h"
#include "siaga/error.h"

void
journal_share_wal (struct journal *base, struct journal_wal *wal)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	assert (self->mode == JOURNAL_WRITE);
	self->wal = wal;
	store_share_wal (self->store, &wal->pages);
}

int
journal_flush_wal (struct journal *base, char words[256])
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	int error = store_flush_wal (self->store);
	if (error)
		snprintf (words, 256, "%.200s", store_error (self->store));
	return error;
}

int
journal_check (struct journal *base, int (*stop) (void *arg), void *arg, char words[256])
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	words[0] = '\0';
	int error = store_begin_read (self->store);
	store_on_progress (self->store, stop, arg);
	if (!error)
		error = store_quick_check (self->store);
	store_on_progress (self->store, NULL, NULL);
	if (!error)
		error = journal_read_head (self, &self->head);
	if (!error)
		error = journal_tail_verify (self, words);
	store_rollback (self->store);
	if (error && !words[0])
		snprintf (words, 256, "%.200s", store_error (self->store));
	return error;
}
