/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification at the reader. See reader.h. Where entries go after that is the owner's.
 */
#include "common/reader.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"

/* Verified heads remembered; a slot is overwritten by the next head that falls on it. */
#define HEADS_MAX 1024

struct reader {
	const struct siaga_roster *roster;
	const struct reader_events *events;
	void *arg;
	struct siaga_batch batch;
	struct siaga_header header;
	struct siaga_body body;
	uint8_t heads[HEADS_MAX][SIAGA_HASH_BYTES];
};

struct reader *
reader_new (const struct siaga_roster *roster, const struct reader_events *events, void *arg)
{
	struct reader *self = calloc (1, sizeof *self);

	if (!self)
		return NULL;
	self->roster = roster;
	self->events = events;
	self->arg = arg;
	return self;
}

void
reader_destroy (struct reader **self_p)
{
	free (*self_p);
	*self_p = NULL;
}

static void
s_reader_bad (struct reader *self, uint64_t number, int error)
{
	char words[SIAGA_WORDS_MAX];
	struct siaga_text origin = self->batch.head.origin;

	snprintf (words, sizeof words, "%s (said to be from %.*s)", siaga_strerror (error),
		  (int) origin.size, origin.size ? origin.data : "");
	self->events->on_bad (self->arg, number, error, words);
}

/* What a verified head is remembered by: SHA-256 over key, head and signature. */
static void
s_head_digest (uint8_t digest[SIAGA_HASH_BYTES], const struct siaga_batch *batch,
	       const uint8_t *key)
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init (&state);
	crypto_hash_sha256_update (&state, key, SIAGA_KEY_BYTES);
	crypto_hash_sha256_update (&state, batch->head_bytes.data, batch->head_bytes.size);
	crypto_hash_sha256_update (&state, batch->signature, sizeof batch->signature);
	crypto_hash_sha256_final (&state, digest);
}

static int
s_reader_verify (struct reader *self, const uint8_t *key)
{
	uint8_t digest[SIAGA_HASH_BYTES];
	s_head_digest (digest, &self->batch, key);
	size_t place = (digest[0] | (size_t) digest[1] << 8) % HEADS_MAX;

	if (memcmp (self->heads[place], digest, sizeof digest) == 0)
		return 0;
	int error = siaga_batch_verify (&self->batch, siaga_text (self->roster->network), key);
	if (error == 0)
		memcpy (self->heads[place], digest, sizeof digest);
	return error;
}

static int
s_reader_take_slot (struct reader *self, const struct siaga_principal *principal, uint64_t number,
		    uint64_t accepted_us, uint32_t slot)
{
	const struct siaga_batch *batch = &self->batch;
	int error = siaga_entry_read (batch->slots[slot].entry, &self->header, &self->body);

	if (error == 0)
		error = siaga_may_say (self->roster, principal, &self->header);
	if (error)
		return error;
	struct reader_entry entry = {
		.number = number,
		.accepted_us = accepted_us,
		.head = &batch->head,
		.oseq = batch->head.first_oseq + batch->index + slot,
		.principal = principal,
		.header = &self->header,
		.body = &self->body,
		.bytes = batch->slots[slot].entry,
	};
	memcpy (entry.leaf, batch->slots[slot].leaf, sizeof entry.leaf);
	siaga_log_leaf (entry.log_leaf, accepted_us, entry.leaf);
	self->events->on_entry (self->arg, &entry);
	return 0;
}

static void
s_reader_take_batch (struct reader *self, const struct siaga_delivery *delivery, uint64_t from)
{
	const struct siaga_principal *principal = NULL;
	const struct siaga_roster_key *key = NULL;
	struct siaga_batch *batch = &self->batch;
	/* What fails before the head is read must not be blamed on the batch before it. */
	batch->head.origin = siaga_text (NULL);
	int error = siaga_batch_read (delivery->batch, batch);

	if (error == 0)
		error = siaga_roster_signer (self->roster, batch->head.origin, batch->head.key_id,
					     delivery->accepted_us, &principal, &key);
	if (error == 0)
		error = s_reader_verify (self, key->card.sign);
	if (error) {
		s_reader_bad (self, delivery->number, error);
		return;
	}
	for (uint32_t slot = 0; slot < batch->slot_count; slot++) {
		uint64_t number = delivery->number + batch->index + slot;

		if (number < from || batch->slots[slot].entry.size == 0)
			continue;
		error = s_reader_take_slot (self, principal, number, delivery->accepted_us, slot);
		if (error)
			s_reader_bad (self, number, error);
	}
}

int
reader_take (struct reader *self, struct siaga_bytes items, uint64_t from)
{
	struct siaga_reader reader;
	siaga_reader_init (&reader, items.data, items.size);
	size_t count = siaga_deliveries_begin (&reader);

	for (size_t i = 0; i < count && !reader.error; i++) {
		struct siaga_delivery delivery;

		siaga_delivery_read (&reader, &delivery);
		if (!reader.error)
			s_reader_take_batch (self, &delivery, from);
	}
	return siaga_reader_end (&reader);
}
