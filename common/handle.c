/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See handle.h.
 */
#include "common/handle.h"

#include <stdio.h>

#define DIGITS (2 * SIAGA_ID_BYTES)

void
handle_write (char out[HANDLE_TEXT], const uint8_t id[SIAGA_ID_BYTES])
{
	char hex[DIGITS + 1];
	siaga_hex (hex, id, SIAGA_ID_BYTES);
	size_t shown = HANDLE_SHOWN;
	while (shown < DIGITS && !hex[DIGITS - shown + strcspn (hex + DIGITS - shown, "abcdef")])
		shown++;
	snprintf (out, HANDLE_TEXT, "%s", hex + DIGITS - shown);
}

static char
s_lower (char c)
{
	return c >= 'A' && c <= 'F' ? (char) (c - 'A' + 'a') : c;
}

bool
handle_is_valid (struct siaga_text text)
{
	bool letter = false;
	if (text.size < HANDLE_MIN || text.size >= DIGITS)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		char c = s_lower (text.data[i]);
		letter = letter || (c >= 'a' && c <= 'f');
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return letter;
}

bool
handle_matches (struct siaga_text handle, const uint8_t id[SIAGA_ID_BYTES])
{
	char hex[DIGITS + 1];
	siaga_hex (hex, id, SIAGA_ID_BYTES);
	if (handle.size > DIGITS)
		return false;
	for (size_t i = 0; i < handle.size; i++)
		if (s_lower (handle.data[i]) != hex[DIGITS - handle.size + i])
			return false;
	return true;
}
