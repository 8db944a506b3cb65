/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and verifying a batch: the hot path of hub and readers. One pass, no allocation, every entry
 * hashed once. It looks at no entry's contents.
 */
#include "siaga/batch.h"
#include "fields.h"
#include "sha256.h"
#include "siaga/keys.h"
#include "siaga/names.h"
#include "subtrees.h"

static void
s_read_oseqs (struct siaga_reader *reader, struct siaga_batch_head *head)
{
	head->first_oseq = some_number (reader, SIAGA_OSEQ_MAX);
	head->count = (uint32_t) some_number (reader, SIAGA_BATCH_ENTRIES_MAX);
	if (!reader->error && head->count - 1 > SIAGA_OSEQ_MAX - head->first_oseq)
		siaga_reader_fail (reader, SIAGA_ELIMIT);
}

/* The version stands first, so that a later one may change all that follows. */
static void
s_read_version (struct siaga_reader *reader)
{
	size_t items = some_array (reader, MAP_PAIRS_MAX);
	if (siaga_reader_uint (reader) != SIAGA_PROTOCOL_VERSION)
		siaga_reader_fail (reader, SIAGA_EUPGRADE);
	require (reader, items == 8);
}

static int
s_head_read (struct siaga_bytes bytes, struct siaga_batch_head *head)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, bytes.data, bytes.size);
	s_read_version (&reader);
	head->network = some_text (&reader, SIAGA_NETWORK_MAX);
	head->origin = some_text (&reader, SIAGA_PRINCIPAL_MAX);
	siaga_reader_fixed (&reader, head->key_id, SIAGA_KEY_ID_BYTES);
	siaga_reader_fixed (&reader, head->epoch, SIAGA_EPOCH_BYTES);
	s_read_oseqs (&reader, head);
	siaga_reader_fixed (&reader, head->root, SIAGA_HASH_BYTES);
	if (!reader.error)
		require (&reader, siaga_network_is_valid (head->network) &&
					  siaga_principal_is_valid (head->origin));
	return siaga_reader_end (&reader);
}

/* An entry's bytes, or the hash of one that is not shown. */
static void
s_read_slot (struct siaga_reader *reader, struct siaga_slot *slot)
{
	slot->entry = (struct siaga_bytes){NULL, 0};
	if (siaga_reader_peek (reader) == SIAGA_CBOR_ARRAY) {
		siaga_reader_array_of (reader, 1);
		siaga_reader_fixed (reader, slot->leaf, SIAGA_HASH_BYTES);
		return;
	}
	slot->entry = siaga_reader_bytes (reader, SIAGA_ENTRY_MAX);
	require (reader, slot->entry.size > 0);
	if (!reader->error)
		siaga_merkle_leaf (slot->leaf, slot->entry.data, slot->entry.size);
}

static void
s_read_full (struct siaga_reader *reader, struct siaga_batch *batch)
{
	struct subtrees subtrees;

	subtrees.count = 0;
	subtrees.depth = 0;
	batch->slot_count = batch->head.count;
	siaga_reader_array_of (reader, batch->slot_count);
	for (uint32_t i = 0; i < batch->slot_count && !reader->error; i++) {
		s_read_slot (reader, &batch->slots[i]);
		subtrees_add (&subtrees, batch->slots[i].leaf);
	}
	if (!reader->error &&
	    memcmp (subtrees_root (&subtrees), batch->head.root, SIAGA_HASH_BYTES) != 0)
		siaga_reader_fail (reader, SIAGA_EROOT);
}

static void
s_read_path (struct siaga_reader *reader, struct siaga_batch *batch)
{
	batch->index = (uint32_t) siaga_reader_uint_max (reader, SIAGA_BATCH_ENTRIES_MAX - 1);
	batch->path_length = siaga_reader_array (reader, SIAGA_PATH_MAX);
	for (size_t i = 0; i < batch->path_length; i++)
		siaga_reader_fixed (reader, batch->path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
}

static void
s_read_single (struct siaga_reader *reader, struct siaga_batch *batch)
{
	struct siaga_slot *slot = &batch->slots[0];

	batch->slot_count = 1;
	s_read_path (reader, batch);
	require (reader, siaga_reader_peek (reader) == SIAGA_CBOR_BYTES);
	s_read_slot (reader, slot);
	if (reader->error)
		return;
	int rc = siaga_merkle_verify (slot->leaf, batch->index, batch->head.count, batch->path,
				      batch->path_length, batch->head.root);
	if (rc)
		siaga_reader_fail (reader, rc);
}

/* What both forms begin with. */
static void
s_read_signed_head (struct siaga_reader *reader, struct siaga_batch *batch)
{
	batch->head_bytes = siaga_reader_bytes (reader, SIAGA_BATCH_HEAD_MAX);
	siaga_reader_fixed (reader, batch->signature, SIAGA_SIGNATURE_BYTES);
	if (reader->error)
		return;
	int rc = s_head_read (batch->head_bytes, &batch->head);
	if (rc)
		siaga_reader_fail (reader, rc);
}

int
siaga_batch_read (struct siaga_bytes bytes, struct siaga_batch *batch)
{
	struct siaga_reader reader;

	if (bytes.size > SIAGA_BATCH_MAX)
		return SIAGA_ELIMIT;
	siaga_reader_init (&reader, bytes.data, bytes.size);
	size_t items = siaga_reader_array (&reader, MAP_PAIRS_MAX);
	uint64_t form = siaga_reader_uint (&reader);
	batch->index = 0;
	batch->path_length = 0;
	s_read_signed_head (&reader, batch);
	if (form == SIAGA_BATCH_FULL && items == 4)
		s_read_full (&reader, batch);
	else if (form == SIAGA_BATCH_SINGLE && items == 6)
		s_read_single (&reader, batch);
	else
		siaga_reader_fail (&reader, SIAGA_EMALFORMED);
	batch->form = (enum siaga_batch_form) form;
	return siaga_reader_end (&reader);
}

int
siaga_batch_verify (const struct siaga_batch *batch, struct siaga_text network,
		    const uint8_t sign_key[SIAGA_KEY_BYTES])
{
	uint8_t key_id[SIAGA_KEY_ID_BYTES];

	if (!siaga_text_equal (batch->head.network, network))
		return SIAGA_ENETWORK;
	siaga_key_id (key_id, sign_key);
	if (memcmp (key_id, batch->head.key_id, sizeof key_id) != 0)
		return SIAGA_EUNKNOWN;
	return siaga_verify (batch->signature, "batch", network, batch->head_bytes, sign_key);
}

void
siaga_head_hash (uint8_t hash[SIAGA_HASH_BYTES], struct siaga_bytes head_bytes)
{
	siaga_sha256 (hash, head_bytes.data, head_bytes.size);
}
