/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UUIDs, version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, then version, randomness, variant.
 * Time and randomness are the caller's.
 */
#include "siaga/error.h"
#include "siaga/names.h"

#define TIME_BYTES 6
#define VERSION_AT 6
#define VARIANT_AT 8

/* Where the text has a hyphen: before these bytes. */
static bool
s_hyphen_before (size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void
siaga_uuid_make (uint8_t id[SIAGA_ID_BYTES], uint64_t time_ms, const uint8_t random[10])
{
	for (size_t i = 0; i < TIME_BYTES; i++)
		id[i] = (uint8_t) (time_ms >> (8 * (TIME_BYTES - 1 - i)));
	memcpy (id + TIME_BYTES, random, SIAGA_ID_BYTES - TIME_BYTES);
	id[VERSION_AT] = (uint8_t) (0x70 | (id[VERSION_AT] & 0x0f));
	id[VARIANT_AT] = (uint8_t) (0x80 | (id[VARIANT_AT] & 0x3f));
}

bool
siaga_uuid_is_v7 (const uint8_t id[SIAGA_ID_BYTES])
{
	return (id[VERSION_AT] & 0xf0) == 0x70 && (id[VARIANT_AT] & 0xc0) == 0x80;
}

void
siaga_uuid_text (char out[SIAGA_UUID_TEXT], const uint8_t id[SIAGA_ID_BYTES])
{
	for (size_t i = 0; i < SIAGA_ID_BYTES; i++) {
		if (s_hyphen_before (i))
			*out++ = '-';
		siaga_hex (out, id + i, 1);
		out += 2;
	}
}

int
siaga_uuid_parse (uint8_t id[SIAGA_ID_BYTES], struct siaga_text text)
{
	char digits[2 * SIAGA_ID_BYTES];
	const char *from = text.data;

	if (text.size != SIAGA_UUID_TEXT - 1)
		return SIAGA_EMALFORMED;
	for (size_t i = 0; i < SIAGA_ID_BYTES; i++) {
		if (s_hyphen_before (i) && *from++ != '-')
			return SIAGA_EMALFORMED;
		digits[2 * i] = *from++;
		digits[2 * i + 1] = *from++;
	}
	return siaga_hex_parse (id, SIAGA_ID_BYTES, (struct siaga_text){digits, sizeof digits});
}
