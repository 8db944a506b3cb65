/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a batch from entries, and showing a batch that was read to one who may see only part of it.
 * The head's bytes and the signature are always passed on as they are.
 */
#include "siaga/batch.h"
#include "siaga/error.h"
#include "siaga/keys.h"
#include "siaga/merkle.h"

#include <assert.h>

static int
s_check_entries (const struct siaga_batch_head *head, const struct siaga_bytes *entries,
		 size_t count)
{
	if (count == 0 || count > SIAGA_BATCH_ENTRIES_MAX)
		return SIAGA_ELIMIT;
	if (head->first_oseq == 0 || head->first_oseq > SIAGA_OSEQ_MAX - (count - 1))
		return SIAGA_ELIMIT;
	for (size_t i = 0; i < count; i++)
		if (entries[i].size == 0 || entries[i].size > SIAGA_ENTRY_MAX)
			return SIAGA_ELIMIT;
	return 0;
}

static void
s_make_root (uint8_t root[SIAGA_HASH_BYTES], const struct siaga_bytes *entries, size_t count)
{
	uint8_t leaves[SIAGA_BATCH_ENTRIES_MAX * SIAGA_HASH_BYTES];

	for (size_t i = 0; i < count; i++)
		siaga_merkle_leaf (leaves + i * SIAGA_HASH_BYTES, entries[i].data, entries[i].size);
	siaga_merkle_root (root, leaves, count);
}

static void
s_write_head (struct siaga_writer *writer, const struct siaga_batch_head *head)
{
	siaga_writer_array (writer, 8);
	siaga_writer_uint (writer, SIAGA_PROTOCOL_VERSION);
	siaga_writer_text (writer, head->network);
	siaga_writer_text (writer, head->origin);
	siaga_writer_bytes (writer, head->key_id, SIAGA_KEY_ID_BYTES);
	siaga_writer_bytes (writer, head->epoch, SIAGA_EPOCH_BYTES);
	siaga_writer_uint (writer, head->first_oseq);
	siaga_writer_uint (writer, head->count);
	siaga_writer_bytes (writer, head->root, SIAGA_HASH_BYTES);
}

static void
s_write_start (struct siaga_writer *writer, enum siaga_batch_form form, struct siaga_bytes head,
	       const uint8_t signature[SIAGA_SIGNATURE_BYTES])
{
	siaga_writer_array (writer, form == SIAGA_BATCH_FULL ? 4 : 6);
	siaga_writer_uint (writer, form);
	siaga_writer_bytes (writer, head.data, head.size);
	siaga_writer_bytes (writer, signature, SIAGA_SIGNATURE_BYTES);
}

/* Gives back what was written after `start` when it is no good. */
static int
s_write_end (struct siaga_writer *writer, size_t start)
{
	if (!writer->error && writer->size - start > SIAGA_BATCH_MAX)
		writer->error = SIAGA_ELIMIT;
	if (writer->error)
		writer->size = start;
	return writer->error;
}

static void
s_write_signed (struct siaga_writer *writer, const struct siaga_batch_head *head,
		const uint8_t sign_secret[64])
{
	uint8_t buffer[SIAGA_BATCH_HEAD_MAX], signature[SIAGA_SIGNATURE_BYTES];
	struct siaga_writer encoded;

	siaga_writer_init (&encoded, buffer, sizeof buffer);
	s_write_head (&encoded, head);
	if (encoded.error) {
		writer->error = encoded.error;
		return;
	}
	struct siaga_bytes bytes = {buffer, encoded.size};
	siaga_sign (signature, "batch", head->network, bytes, sign_secret);
	s_write_start (writer, SIAGA_BATCH_FULL, bytes, signature);
}

int
siaga_batch_make (struct siaga_writer *writer, struct siaga_batch_head *head,
		  const struct siaga_bytes *entries, size_t count, const uint8_t sign_secret[64])
{
	struct siaga_batch_head made = *head;
	size_t start = writer->size;
	int rc = writer->error ? writer->error : s_check_entries (head, entries, count);

	if (rc) {
		writer->error = rc;
		return rc;
	}
	made.count = (uint32_t) count;
	s_make_root (made.root, entries, count);
	s_write_signed (writer, &made, sign_secret);
	siaga_writer_array (writer, count);
	for (size_t i = 0; i < count; i++)
		siaga_writer_bytes (writer, entries[i].data, entries[i].size);
	rc = s_write_end (writer, start);
	if (!rc)
		*head = made;
	return rc;
}

static void
s_write_slot (struct siaga_writer *writer, const struct siaga_slot *slot, bool shown)
{
	assert (!shown || slot->entry.size > 0);
	if (shown) {
		siaga_writer_bytes (writer, slot->entry.data, slot->entry.size);
		return;
	}
	siaga_writer_array (writer, 1);
	siaga_writer_bytes (writer, slot->leaf, SIAGA_HASH_BYTES);
}

int
siaga_batch_write_full (struct siaga_writer *writer, const struct siaga_batch *batch,
			const bool *shown)
{
	size_t start = writer->size;

	assert (batch->form == SIAGA_BATCH_FULL);
	s_write_start (writer, SIAGA_BATCH_FULL, batch->head_bytes, batch->signature);
	siaga_writer_array (writer, batch->slot_count);
	for (uint32_t i = 0; i < batch->slot_count; i++)
		s_write_slot (writer, &batch->slots[i], shown[i]);
	return s_write_end (writer, start);
}

static void
s_write_path (struct siaga_writer *writer, const struct siaga_batch *batch, uint32_t index)
{
	uint8_t leaves[SIAGA_BATCH_ENTRIES_MAX * SIAGA_HASH_BYTES];
	uint8_t path[SIAGA_PATH_MAX * SIAGA_HASH_BYTES];

	for (uint32_t i = 0; i < batch->slot_count; i++)
		memcpy (leaves + i * SIAGA_HASH_BYTES, batch->slots[i].leaf, SIAGA_HASH_BYTES);
	size_t length = siaga_merkle_path (path, leaves, batch->slot_count, index);
	siaga_writer_array (writer, length);
	for (size_t i = 0; i < length; i++)
		siaga_writer_bytes (writer, path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
}

int
siaga_batch_write_single (struct siaga_writer *writer, const struct siaga_batch *batch,
			  uint32_t index)
{
	size_t start = writer->size;

	assert (batch->form == SIAGA_BATCH_FULL && index < batch->slot_count);
	s_write_start (writer, SIAGA_BATCH_SINGLE, batch->head_bytes, batch->signature);
	siaga_writer_uint (writer, index);
	s_write_path (writer, batch, index);
	s_write_slot (writer, &batch->slots[index], true);
	return s_write_end (writer, start);
}

void
siaga_log_leaf (uint8_t hash[SIAGA_HASH_BYTES], uint64_t accepted_us,
		const uint8_t batch_leaf[SIAGA_HASH_BYTES])
{
	uint8_t buffer[1 + 9 + 2 + SIAGA_HASH_BYTES];
	struct siaga_writer writer;

	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, 2);
	siaga_writer_uint (&writer, accepted_us);
	siaga_writer_bytes (&writer, batch_leaf, SIAGA_HASH_BYTES);
	siaga_merkle_leaf (hash, buffer, writer.size);
}
