/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every journal shares (journal.h).
 */
#include "hub/journal.h"

#include <stdlib.h>

#include "siaga/cbor.h"

void
journal_record_finish (struct journal_record *record)
{
	free (record->data);
	record->data = NULL;
	record->size = 0;
}

bool
journal_is_deed (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_CANCEL ||
	       (header->kind == SIAGA_KIND_RESPONSE && header->action != SIAGA_ACTION_COMMENT);
}

struct siaga_bytes
journal_record_entry (const struct journal_record *record, uint64_t number)
{
	struct siaga_reader reader;

	if (number < record->number || number - record->number >= record->count)
		return (struct siaga_bytes){NULL, 0};
	siaga_reader_init (&reader, record->data, record->size);
	siaga_reader_array_of (&reader, 4);
	siaga_reader_uint (&reader);
	siaga_reader_skip (&reader); /* head, signature */
	siaga_reader_skip (&reader);
	siaga_reader_array_of (&reader, record->count);
	for (uint64_t i = record->number; i < number && !reader.error; i++)
		siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
	struct siaga_bytes entry = siaga_reader_bytes (&reader, SIAGA_ENTRY_MAX);
	return reader.error ? (struct siaga_bytes){NULL, 0} : entry;
}
