/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which log a SQLite journal is: its id, the log it was before, its last checkpoint, and whether it was put back
 * from a backup. All of it stands in `meta`.
 */
#include <sodium.h>
#include <stdio.h>

#include "hub/journal_sqlite.h"
#include "siaga/error.h"

#define META_FORMER "former-log" /* log id, then the common size in 8 bytes */
#define META_NOTE "checkpoint"
#define META_RESTORED "restored"
#define FORMER_BYTES (SIAGA_LOG_ID_BYTES + 8)

int
journal_sqlite_former (struct journal *base, uint8_t log_id[SIAGA_LOG_ID_BYTES], uint64_t *size)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	uint8_t value[FORMER_BYTES];

	int error = journal_meta_get (self->store, META_FORMER, value, sizeof value, NULL);
	if (error)
		return error;
	memcpy (log_id, value, SIAGA_LOG_ID_BYTES);
	*size = 0;
	for (size_t i = SIAGA_LOG_ID_BYTES; i < sizeof value; i++)
		*size = *size << 8 | value[i];
	return 0;
}

static int
s_set_former (struct journal_sqlite *self, const uint8_t former[SIAGA_LOG_ID_BYTES], uint64_t size)
{
	uint8_t value[FORMER_BYTES];

	memcpy (value, former, SIAGA_LOG_ID_BYTES);
	for (size_t i = 0; i < 8; i++)
		value[SIAGA_LOG_ID_BYTES + i] = (uint8_t) (size >> (56 - 8 * i));
	return journal_meta_set (self->store, META_FORMER, value, sizeof value);
}

int
journal_sqlite_keep_note (struct journal *base, struct siaga_text note)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	int error = store_begin (self->store);
	if (error)
		return error;
	journal_meta_set (self->store, META_NOTE, note.data, note.size);
	return store_commit (self->store);
}

int
journal_sqlite_note (struct journal *base, char note[SIAGA_CHECKPOINT_MAX], size_t *size)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	return journal_meta_get (self->store, META_NOTE, note, SIAGA_CHECKPOINT_MAX, size);
}

bool
journal_was_restored (struct journal *base)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	uint8_t value[1];
	size_t size;

	return journal_meta_get (self->store, META_RESTORED, value, sizeof value, &size) == 0;
}

int
journal_mark_restored (const char *path, const char *network, char words[256])
{
	struct journal *base = NULL;

	int error = journal_open_sqlite (&base, path, network, JOURNAL_KEEP, words);
	if (error)
		return error;
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	error = store_begin (self->store);
	if (!error) {
		journal_meta_set (self->store, META_RESTORED, "1", 1);
		error = store_commit (self->store);
	}
	if (error)
		snprintf (words, 256, "%.100s: %.150s", path, store_error (self->store));
	base->ops->close (&base);
	return error;
}

int
journal_begin_log (struct journal *base, const uint8_t former[SIAGA_LOG_ID_BYTES], uint64_t common)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];

	randombytes_buf (log_id, sizeof log_id);
	int error = store_begin (self->store);
	if (error)
		return error;
	journal_meta_set (self->store, "log-id", log_id, sizeof log_id);
	s_set_former (self, former, common);
	store_run (store_query (self->store,
				"DELETE FROM meta WHERE key IN ('checkpoint', 'restored')"));
	error = store_commit (self->store);
	if (!error)
		memcpy (self->log_id, log_id, sizeof log_id);
	return error;
}

int
journal_follow_log (struct journal *base, const uint8_t former[SIAGA_LOG_ID_BYTES])
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;

	int error = store_begin (self->store);
	if (error)
		return error;
	s_set_former (self, former, 0);
	return store_commit (self->store);
}
