/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table of ids, under a random key: publishers choose ids. With a bound there are two, and when the newer
 * one is full, the older one is forgotten. See handled.h.
 */
#include "cli/handled.h"

#include <sodium.h>
#include <stdlib.h>

#include "siaga/error.h"
#include "siaga/names.h"

#define SLOTS_MIN 256

static const uint8_t s_free[SIAGA_ID_BYTES]; /* of zeros: no UUIDv7 */

struct table {
	size_t count;
	size_t slots; /* a power of two, or 0 */
	uint8_t (*ids)[SIAGA_ID_BYTES];
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
	free (self->now.ids);
	free (self->before.ids);
	free (self);
	*self_p = NULL;
}

static bool
s_is_free (const uint8_t *slot)
{
	return memcmp (slot, s_free, SIAGA_ID_BYTES) == 0;
}

/* Where the id is, or the free slot where it goes. */
static uint8_t *
s_slot (const struct handled *self, const struct table *table, const uint8_t *id)
{
	uint64_t at;
	uint8_t hash[crypto_shorthash_BYTES];
	crypto_shorthash (hash, id, SIAGA_ID_BYTES, self->key);
	memcpy (&at, hash, sizeof at);
	for (;; at++) {
		uint8_t *slot = table->ids[at & (table->slots - 1)];
		if (memcmp (slot, id, SIAGA_ID_BYTES) == 0 || s_is_free (slot))
			return slot;
	}
}

static bool
s_table_has (const struct handled *self, const struct table *table, const uint8_t *id)
{
	return table->count > 0 && !s_is_free (s_slot (self, table, id));
}

/* At most half of the slots are taken. */
static int
s_grow (struct handled *self)
{
	struct table old = self->now;
	struct table table = {.count = old.count, .slots = old.slots ? 2 * old.slots : SLOTS_MIN};
	table.ids = calloc (table.slots, sizeof *table.ids);
	if (!table.ids)
		return SIAGA_ENOMEM;
	for (size_t i = 0; i < old.slots; i++)
		if (!s_is_free (old.ids[i]))
			memcpy (s_slot (self, &table, old.ids[i]), old.ids[i], SIAGA_ID_BYTES);
	free (old.ids);
	self->now = table;
	return 0;
}

bool
handled_has (const struct handled *self, const uint8_t id[SIAGA_ID_BYTES])
{
	return s_table_has (self, &self->now, id) || s_table_has (self, &self->before, id);
}

int
handled_add (struct handled *self, const uint8_t id[SIAGA_ID_BYTES])
{
	if (handled_has (self, id))
		return 0;
	if (self->recent > 0 && self->now.count == self->recent) {
		free (self->before.ids);
		self->before = self->now;
		self->now = (struct table){0};
	}
	if (2 * (self->now.count + 1) > self->now.slots && s_grow (self))
		return SIAGA_ENOMEM;
	memcpy (s_slot (self, &self->now, id), id, SIAGA_ID_BYTES);
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
