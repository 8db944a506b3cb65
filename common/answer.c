/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See answer.h.
 */
#include "common/answer.h"

#include <stdlib.h>

#include "siaga/error.h"

void
answer_finish (struct answer *self)
{
	free (self->data);
	memset (self, 0, sizeof *self);
}

int
answer_add (struct answer *self, const struct siaga_result *result)
{
	if (result->part != self->parts + 1 || result->part > result->of)
		return SIAGA_EGRAMMAR;
	if (result->payload.size > SIAGA_RESULT_MAX - self->size)
		return SIAGA_ELIMIT;
	uint8_t *data = realloc (self->data, self->size + result->payload.size + 1);
	if (!data)
		return SIAGA_ENOMEM;
	self->data = data;
	if (result->payload.size > 0)
		memcpy (data + self->size, result->payload.data, result->payload.size);
	self->size += result->payload.size;
	self->parts++;
	return result->part == result->of ? 1 : 0;
}

struct siaga_bytes
answer_bytes (const struct answer *self)
{
	return (struct siaga_bytes){self->data, self->size};
}

int
answer_roster (struct siaga_bytes answer, struct siaga_bytes *text,
	       struct siaga_text signatures[ROSTER_SIGNATURES_MAX], size_t *count)
{
	struct siaga_reader reader;
	siaga_reader_init (&reader, answer.data, answer.size);
	siaga_reader_array_of (&reader, 2);
	*text = siaga_reader_bytes (&reader, SIAGA_ROSTER_MAX);
	*count = siaga_reader_array (&reader, ROSTER_SIGNATURES_MAX);
	for (size_t i = 0; i < *count; i++)
		signatures[i] = siaga_reader_text (&reader, ROSTER_SIGNATURE_TEXT_MAX);
	return siaga_reader_end (&reader);
}
