/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an audit asks for (PROTOCOL.md section 6.7): leaf hashes, inclusion paths and the last checkpoint. Hashes tell
 * that some entry exists, which everybody may know, and nothing else.
 */
#include <stdlib.h>

#include "hub/core_private.h"
#include "siaga/error.h"

#define PROOF_OVERHEAD 32

int
query_leaves (struct core *self, struct session *session, const struct siaga_query *query)
{
	if (!query->has_number || query->has_uuid)
		return SIAGA_EGRAMMAR;
	if (query->number >= self->head)
		return SIAGA_ENOTFOUND;
	uint64_t left = self->head - query->number;
	size_t count = left < SIAGA_LEAVES_MAX ? (size_t) left : SIAGA_LEAVES_MAX;
	uint8_t *data = malloc (count * SIAGA_HASH_BYTES);
	if (!data)
		return SIAGA_ENOMEM;
	int error = self->journal->ops->leaves (self->journal, query->number, count, data);
	if (error) {
		free (data);
		return error == SIAGA_ENOTFOUND ? SIAGA_EIO : error;
	}
	result_send (self, session, query->id, &data, count * SIAGA_HASH_BYTES);
	return 0;
}

/* [note, number, [hash, …]] */
static void
s_write_proof (struct siaga_writer *writer, struct siaga_text note, uint64_t number,
	       const uint8_t *path, size_t length)
{
	siaga_writer_array (writer, 3);
	siaga_writer_text (writer, note);
	siaga_writer_uint (writer, number);
	siaga_writer_array (writer, length);
	for (size_t i = 0; i < length; i++)
		siaga_writer_bytes (writer, path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
}

int
query_proof (struct core *self, struct session *session, const struct siaga_query *query)
{
	uint8_t path[SIAGA_LOG_PATH_MAX * SIAGA_HASH_BYTES];
	struct siaga_text note = core_checkpoint_note (self);
	struct siaga_writer writer;
	size_t length;

	if (!query->has_number || query->has_uuid)
		return SIAGA_EGRAMMAR;
	if (query->number >= self->head)
		return SIAGA_ENOTFOUND;
	if (query->number >= self->told.checkpoint.size)
		return SIAGA_ELATER; /* within a second or so */
	int error = self->journal->ops->path (self->journal, query->number,
					      self->told.checkpoint.size, path, &length);
	if (error)
		return error == SIAGA_ENOTFOUND ? SIAGA_EIO : error;
	size_t capacity = note.size + PROOF_OVERHEAD + length * (SIAGA_HASH_BYTES + 2);
	uint8_t *data = malloc (capacity);
	if (!data)
		return SIAGA_ENOMEM;
	siaga_writer_init (&writer, data, capacity);
	s_write_proof (&writer, note, query->number, path, length);
	if (writer.error) {
		free (data);
		return writer.error;
	}
	result_send (self, session, query->id, &data, writer.size);
	return 0;
}

int
query_checkpoint (struct core *self, struct session *session, const struct siaga_query *query)
{
	struct siaga_text note = core_checkpoint_note (self);

	if (note.size == 0)
		return self->head > 0 ? SIAGA_ELATER : SIAGA_ENOTFOUND;
	uint8_t *data = malloc (note.size);
	if (!data)
		return SIAGA_ENOMEM;
	memcpy (data, note.data, note.size);
	result_send (self, session, query->id, &data, note.size);
	return 0;
}
