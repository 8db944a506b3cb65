/* SPDX-License-Identifier: Apache-2.0 */
#include "common/log_choice.h"

#include <string.h>

static bool
s_is_same (const uint8_t a[SIAGA_LOG_ID_BYTES], const uint8_t b[SIAGA_LOG_ID_BYTES])
{
	return memcmp (a, b, SIAGA_LOG_ID_BYTES) == 0;
}

void
log_choice_accept (struct log_choice *self, const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	self->has_accepted = true;
	memcpy (self->accepted, log_id, SIAGA_LOG_ID_BYTES);
}

void
log_choice_forget (struct log_choice *self)
{
	memset (self->ways, 0, sizeof self->ways);
}

static bool
s_do_all_lead_to (struct log_choice *self, size_t index, size_t count,
		  const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	if (count <= 1)
		return true;
	if (count > LOG_CHOICE_ADDRESSES_MAX || index >= count)
		return false;
	self->ways[index].seen = true;
	memcpy (self->ways[index].log_id, log_id, SIAGA_LOG_ID_BYTES);
	for (size_t i = 0; i < count; i++)
		if (!self->ways[i].seen || !s_is_same (self->ways[i].log_id, log_id))
			return false;
	return true;
}

bool
log_choice_allows (struct log_choice *self, size_t index, size_t count, const uint8_t *known,
		   const uint8_t log_id[SIAGA_LOG_ID_BYTES])
{
	bool do_all = s_do_all_lead_to (self, index, count, log_id);

	return do_all || known == NULL || s_is_same (known, log_id) ||
	       (self->has_accepted && s_is_same (self->accepted, log_id));
}
