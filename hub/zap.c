/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of keys and the verdict.
 */
#include "hub/zap.h"

#include <stdlib.h>

#include "hub/hub_limits.h"
#include "siaga/error.h"
#include "siaga/names.h"

void
zap_keys_finish (struct zap_keys *self)
{
	free (self->keys);
	memset (self, 0, sizeof *self);
}

int
zap_keys_add (struct zap_keys *self, struct siaga_bytes keys)
{
	size_t more = keys.size / SIAGA_KEY_BYTES;

	if (more == 0)
		return 0;
	if (self->count + more > HUB_KEYS_MAX)
		return SIAGA_ELIMIT;
	if (self->count + more > self->capacity) {
		size_t capacity = self->count + more + HUB_KEYS_PER_PACKET_MAX;
		void *grown = realloc (self->keys, capacity * SIAGA_KEY_BYTES);
		if (!grown)
			return SIAGA_ENOMEM;
		self->keys = grown;
		self->capacity = capacity;
	}
	memcpy (self->keys[self->count], keys.data, more * SIAGA_KEY_BYTES);
	self->count += more;
	return 0;
}

static int
s_compare_keys (const void *a, const void *b)
{
	return memcmp (a, b,
		       SIAGA_KEY_BYTES); /* public keys: nothing to hide in the time it takes */
}

void
zap_keys_seal (struct zap_keys *self)
{
	if (self->count > 0)
		qsort (self->keys, self->count, SIAGA_KEY_BYTES, s_compare_keys);
	self->known = true;
}

bool
zap_keys_have (const struct zap_keys *self, const uint8_t key[SIAGA_KEY_BYTES])
{
	return self->known && self->count > 0 &&
	       bsearch (key, self->keys, self->count, SIAGA_KEY_BYTES, s_compare_keys);
}

static bool
s_frame_is (struct siaga_bytes frame, const char *text)
{
	return frame.size == strlen (text) && memcmp (frame.data, text, frame.size) == 0;
}

static void
s_say (struct zap_answer *answer, const char *status, const char *text)
{
	answer->status = status;
	answer->text = text;
	answer->user_id[0] = '\0';
}

static void
s_write_user_id (char *user_id, const uint8_t key[SIAGA_KEY_BYTES], uint64_t admission)
{
	uint8_t number[ZAP_ADMISSION_BYTES];

	for (size_t i = 0; i < sizeof number; i++)
		number[i] = (uint8_t) (admission >> (56 - 8 * i));
	siaga_hex (user_id, key, SIAGA_KEY_BYTES);
	siaga_hex (user_id + 2 * SIAGA_KEY_BYTES, number, sizeof number);
}

int
zap_user_id_parse (const char *user_id, uint8_t key[SIAGA_KEY_BYTES], uint64_t *admission)
{
	uint8_t bytes[SIAGA_KEY_BYTES + ZAP_ADMISSION_BYTES];
	uint64_t number = 0;

	if (!user_id || strlen (user_id) != ZAP_USER_ID_BYTES ||
	    siaga_hex_parse (bytes, sizeof bytes, siaga_text (user_id)) != 0)
		return SIAGA_EMALFORMED;
	for (size_t i = SIAGA_KEY_BYTES; i < sizeof bytes; i++)
		number = number << 8 | bytes[i];
	memcpy (key, bytes, SIAGA_KEY_BYTES);
	*admission = number;
	return 0;
}

void
zap_judge (const struct zap_keys *keys, uint64_t admission, const struct siaga_bytes *frames,
	   size_t count, struct zap_answer *answer)
{
	if (count < ZAP_FRAMES - 1 || !s_frame_is (frames[0], "1.0")) {
		s_say (answer, "500", "not a ZAP 1.0 request");
		return;
	}
	if (count != ZAP_FRAMES || !s_frame_is (frames[5], "CURVE") ||
	    frames[6].size != SIAGA_KEY_BYTES || !s_frame_is (frames[2], ZAP_DOMAIN)) {
		s_say (answer, "400", "CURVE only");
		return;
	}
	if (!keys->known) {
		s_say (answer, "300", "starting");
		return;
	}
	if (!zap_keys_have (keys, frames[6].data)) {
		s_say (answer, "400", "not in the roster");
		return;
	}
	s_say (answer, "200", "OK");
	s_write_user_id (answer->user_id, frames[6].data, admission);
}
