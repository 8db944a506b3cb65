/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal in SQLite: opening and closing it, and its table of functions. One writer, kept alone by a
 * lock file beside the database; any number of readers, each with a connection of its own.
 */
#include "hub/journal_sqlite.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/file.h"
#include "siaga/error.h"

#define JOURNAL_APPLICATION_ID 0x53694a31 /* "SiJ1" */
#define JOURNAL_WRITER_CACHE_KIB 32768	  /* the edges of the indexes stay in memory */
#define JOURNAL_READER_CACHE_KIB 4096

static uint64_t
s_sqlite_head (struct journal *base)
{
	struct journal_sqlite *self = (struct journal_sqlite *) base;
	uint64_t head;
	/* A reader that cannot read just now says what it saw last: the log never shrinks. */
	if (self->mode != JOURNAL_WRITE && journal_read_head (self, &head) == 0)
		self->head = head;
	return self->head;
}

static int
s_sqlite_leaf (struct journal *base, uint64_t number, uint8_t hash[SIAGA_HASH_BYTES])
{
	return tiles_leaf (&((struct journal_sqlite *) base)->tiles, number, hash);
}

static int
s_sqlite_root (struct journal *base, uint64_t size, uint8_t root[SIAGA_HASH_BYTES])
{
	return tiles_root (&((struct journal_sqlite *) base)->tiles, size, root);
}

static int
s_sqlite_leaves (struct journal *base, uint64_t number, size_t count, uint8_t *hashes)
{
	return tiles_leaves (&((struct journal_sqlite *) base)->tiles, number, count, hashes);
}

static int
s_sqlite_path (struct journal *base, uint64_t number, uint64_t size, uint8_t *path, size_t *length)
{
	return tiles_path (&((struct journal_sqlite *) base)->tiles, number, size, path, length);
}

static const uint8_t *
s_sqlite_log_id (struct journal *base)
{
	return ((struct journal_sqlite *) base)->log_id;
}

static void
s_sqlite_close (struct journal **base_p)
{
	assert (base_p);
	struct journal_sqlite *self = (struct journal_sqlite *) *base_p;
	if (!self)
		return;
	tile_appender_destroy (&self->appender);
	id_index_destroy (&self->ids);
	store_close (&self->store);
	if (self->lock_fd >= 0)
		close (self->lock_fd);
	free (self);
	*base_p = NULL;
}

static const struct journal_ops sqlite_ops = {
	.name = "sqlite",
	.begin = journal_sqlite_begin,
	.abandon = journal_sqlite_abandon,
	.append = journal_sqlite_append,
	.put = journal_sqlite_put,
	.facts = journal_sqlite_facts,
	.read = journal_sqlite_read,
	.find = journal_sqlite_find,
	.referring = journal_sqlite_referring,
	.deeds = journal_sqlite_deeds,
	.mark = journal_sqlite_mark,
	.batch_at = journal_sqlite_batch_at,
	.head = s_sqlite_head,
	.leaf = s_sqlite_leaf,
	.root = s_sqlite_root,
	.leaves = s_sqlite_leaves,
	.path = s_sqlite_path,
	.drop = journal_sqlite_drop,
	.former = journal_sqlite_former,
	.keep_note = journal_sqlite_keep_note,
	.note = journal_sqlite_note,
	.log_id = s_sqlite_log_id,
	.close = s_sqlite_close,
};

static int
s_take_lock (struct journal_sqlite *self, const char *path, char words[256])
{
	char *lock;
	if (asprintf (&lock, "%s.lock", path) < 0)
		return SIAGA_ENOMEM;
	int fd = file_lock (lock);
	if (fd < 0)
		snprintf (words, 256, "%.150s: %.90s", lock,
			  fd == SIAGA_EIO ? strerror (errno) : siaga_strerror (fd));
	else
		self->lock_fd = fd;
	free (lock);
	return fd < 0 ? fd : 0;
}

static int
s_open_store (struct journal_sqlite *self, const char *path, char words[256])
{
	bool appends = self->mode == JOURNAL_WRITE;
	struct store_options options = {
		.path = path,
		.application_id = JOURNAL_APPLICATION_ID,
		.steps = journal_schema_steps,
		.step_count = journal_schema_step_count,
		.step = journal_schema_step,
		.cache_kib = appends ? JOURNAL_WRITER_CACHE_KIB : JOURNAL_READER_CACHE_KIB,
		.read_only = self->mode == JOURNAL_READ || self->mode == JOURNAL_COPY,
		.may_be_older = self->mode == JOURNAL_COPY,
	};
	return store_open (&self->store, &options, words);
}

/* The writer's half: everything the last appends stored must agree, then there is an edge to append to. */
static int
s_open_edge (struct journal_sqlite *self, char words[256])
{
	int error = journal_tail_verify (self, words);
	if (error == 0)
		error = id_index_new (&self->ids, self->store);
	if (error != 0)
		return error;
	error = tile_appender_new (&self->appender, &self->tiles, self->head);
	if (error != SIAGA_ENOTFOUND)
		return error;
	snprintf (words, 256, "a tile of the log's right edge is missing");
	return SIAGA_EFORMAT;
}

static int
s_open_all (struct journal_sqlite *self, const char *path, const char *network, char words[256])
{
	char why[256] = "";
	int error = self->mode == JOURNAL_WRITE ? s_take_lock (self, path, words) : 0;
	if (error == 0)
		error = s_open_store (self, path, words);
	if (error != 0)
		return error;
	error = journal_schema_meta (self, network, why);
	if (error == 0)
		error = journal_read_head (self, &self->head);
	if (error == 0 && self->mode == JOURNAL_WRITE)
		error = s_open_edge (self, why);
	if (error != 0)
		snprintf (words, 256, "%.100s: %.150s", path,
			  why[0]			 ? why
			  : store_error (self->store)[0] ? store_error (self->store)
							 : siaga_strerror (error));
	return error;
}

int
journal_open_sqlite (struct journal **self_p, const char *path, const char *network,
		     enum journal_mode mode, char words[256])
{
	char unheard[256];
	struct journal_sqlite *self = calloc (1, sizeof *self);
	if (!self)
		return SIAGA_ENOMEM;
	self->base.ops = &sqlite_ops;
	self->mode = mode;
	self->lock_fd = -1;
	self->tiles = (struct tile_store){journal_tile_load, journal_tile_store, self};
	struct journal *base = &self->base;
	int error = s_open_all (self, path, network, words ? words : unheard);
	if (error != 0)
		s_sqlite_close (&base);
	else
		*self_p = base;
	return error;
}
