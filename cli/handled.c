/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table under a random key: publishers choose ids. What it holds of an id is its hash, 64 bits that nobody can
 * aim at: among a million ids, one in 18,000,000,000,000 new ones would be taken for one of them, and a storm's
 * reader would wait for its memory twice as often with whole ids. With a bound there are two tables, and when the
 * newer one is full, the older one is forgotten. See handled.h.
 */
#include "cli/handled.h"

#include <sodium.h>
#include <stdlib.h>

#include "siaga/error.h"
#include "siaga/names.h"

#define SLOTS_MIN 256

struct table {
	size_t count;
	size_t slots;	  /* a power of two, or 0 */
	uint64_t *hashes; /* 0: free */
};

struct handled {
	uint8_t key[crypto_shorthash_KEYBYTES];
	size_t recent;
	struct table now;
	struct table before; /* with `recent` */
};

struct handled *
handled_new (size_t recent)
{
	struct handled *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->recent = recent;
	crypto_shorthash_keygen (self->key);
	return self;
}

void
handled_destroy (struct handled **self_p)
{
	struct handled *self = *self_p;
	if (!self)
		return;
	free (self->now.hashes);
	free (self->before.hashes);
	free (self);
	*self_p = NULL;
}

static uint64_t
s_hash (const struct handled *self, const uint8_t *id)
{
	uint8_t bytes[crypto_shorthash_BYTES];
	uint64_t hash;
	crypto_shorthash (bytes, id, SIAGA_ID_BYTES, self->key);
	memcpy (&hash, bytes, sizeof hash);
	return hash ? hash : 1;
}

/* Where the hash is, or the free slot where it goes. */
static uint64_t *
s_slot (const struct table *table, uint64_t hash)
{
	for (size_t at = hash;; at++) {
		uint64_t *slot = &table->hashes[at & (table->slots - 1)];
		if (*slot == hash || *slot == 0)
			return slot;
	}
}

static bool
s_has (const struct handled *self, uint64_t hash)
{
	return (self->now.count > 0 && *s_slot (&self->now, hash) != 0) ||
	       (self->before.count > 0 && *s_slot (&self->before, hash) != 0);
}

/* At most half of the slots are taken. */
static int
s_grow (struct handled *self)
{
	struct table old = self->now;
	struct table table = {.count = old.count, .slots = old.slots ? 2 * old.slots : SLOTS_MIN};
	table.hashes = calloc (table.slots, sizeof *table.hashes);
	if (!table.hashes)
		return SIAGA_ENOMEM;
	for (size_t i = 0; i < old.slots; i++)
		if (old.hashes[i] != 0)
			*s_slot (&table, old.hashes[i]) = old.hashes[i];
	free (old.hashes);
	self->now = table;
	return 0;
}

bool
handled_has (const struct handled *self, const uint8_t id[SIAGA_ID_BYTES])
{
	return s_has (self, s_hash (self, id));
}

int
handled_add (struct handled *self, const uint8_t id[SIAGA_ID_BYTES])
{
	uint64_t hash = s_hash (self, id);
	if (s_has (self, hash))
		return 0;
	if (self->recent > 0 && self->now.count == self->recent) {
		free (self->before.hashes);
		self->before = self->now;
		self->now = (struct table){0};
	}
	if (2 * (self->now.count + 1) > self->now.slots && s_grow (self))
		return SIAGA_ENOMEM;
	*s_slot (&self->now, hash) = hash;
	self->now.count++;
	return 0;
}

size_t
handled_count (const struct handled *self)
{
	return self->now.count + self->before.count;
}

int
handled_load_one (struct handled *self, const json_t *object)
{
	const char *text = json_string_value (json_object_get (object, "id"));
	uint8_t id[SIAGA_ID_BYTES];
	if (!text || siaga_uuid_parse (id, siaga_text (text)))
		return SIAGA_EFORMAT;
	return handled_add (self, id);
}
