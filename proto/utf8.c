/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTF-8 (RFC 3629 section 4): checking it, decoding it, and making it of bytes from outside. Control characters
 * other than NUL are let through: whoever shows a text escapes it for where it goes.
 */
#include "siaga/names.h"

#define HIGH_BITS UINT64_C (0x8080808080808080)
#define LOW_BITS UINT64_C (0x0101010101010101)

/* U+FFFD, the replacement character */
static const char replacement[] = "\xef\xbf\xbd";

/* Are these 8 bytes all ASCII and none NUL? Subtracting 1 sets the high bit of a byte that is 0; the
   borrow disturbs only bytes above one, when the answer is no anyway. */
static bool
s_is_plain (const uint8_t *at)
{
	uint64_t word;

	memcpy (&word, at, sizeof word);
	return ((word | (word - LOW_BITS)) & HIGH_BITS) == 0;
}

static bool
s_is_between (uint8_t byte, uint8_t min, uint8_t max)
{
	return byte >= min && byte <= max;
}

/* The bytes a character that begins with `first` takes; 0 when none does. */
static size_t
s_announced (uint8_t first)
{
	if (first < 0x80)
		return first == 0 ? 0 : 1;
	if (first < 0xc2 || first > 0xf4) /* continuations, overlong, beyond U+10FFFF */
		return 0;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

/* May `second` follow `first` (>= 0xc2)? Shuts out overlong forms, surrogates, beyond U+10FFFF. */
static bool
s_may_follow (uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return s_is_between (second, 0xa0, 0xbf);
	case 0xed:
		return s_is_between (second, 0x80, 0x9f);
	case 0xf0:
		return s_is_between (second, 0x90, 0xbf);
	case 0xf4:
		return s_is_between (second, 0x80, 0x8f);
	default:
		return s_is_between (second, 0x80, 0xbf);
	}
}

/* The bytes of the character at `at`, of which `left` (> 0) are there; 0 when malformed or NUL. */
static size_t
s_character_size (const uint8_t *at, size_t left)
{
	size_t size = s_announced (at[0]);

	if (size < 2)
		return size;
	if (size > left || !s_may_follow (at[0], at[1]))
		return 0;
	for (size_t i = 2; i < size; i++)
		if (!s_is_between (at[i], 0x80, 0xbf))
			return 0;
	return size;
}

size_t
siaga_utf8_decode (struct siaga_text text, uint32_t *code)
{
	static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07}; /* of the first byte, by size */
	const uint8_t *at = (const uint8_t *) text.data;
	size_t size = at[0] == 0 ? 1 : s_character_size (at, text.size);
	uint32_t value;

	if (size == 0)
		return 0;
	value = at[0] & masks[size];
	for (size_t i = 1; i < size; i++)
		value = value << 6 | (at[i] & 0x3f);
	*code = value;
	return size;
}

bool
siaga_utf8_is_valid (struct siaga_text text)
{
	const uint8_t *at = (const uint8_t *) text.data;
	size_t left = text.size;

	while (left > 0) {
		size_t size = left >= 8 && s_is_plain (at) ? 8 : s_character_size (at, left);

		if (size == 0)
			return false;
		at += size;
		left -= size;
	}
	return true;
}

size_t
siaga_utf8_clean (char *out, size_t capacity, const void *data, size_t size)
{
	const uint8_t *at = data;
	size_t written = 0;

	if (capacity == 0)
		return 0;
	while (size > 0) {
		size_t good = s_character_size (at, size);
		size_t length = good ? good : sizeof replacement - 1;
		size_t taken = good ? good : 1;

		if (length > capacity - 1 - written)
			break;
		memcpy (out + written, good ? (const char *) at : replacement, length);
		written += length;
		at += taken;
		size -= taken;
	}
	out[written] = '\0';
	return written;
}
