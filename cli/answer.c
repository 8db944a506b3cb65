/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See answer.h.
 */
#include "cli/answer.h"

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
