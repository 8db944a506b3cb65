/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hexadecimal text. For public bytes only: the table look-ups are not constant-time.
 */
#include "siaga/error.h"
#include "siaga/names.h"

void
siaga_hex (char *out, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *from = data;

	for (size_t i = 0; i < size; i++) {
		*out++ = digits[from[i] >> 4];
		*out++ = digits[from[i] & 0x0f];
	}
	*out = '\0';
}

/* The value of a hex digit, or -1. */
static int
s_digit_value (char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int
siaga_hex_parse (uint8_t *out, size_t size, struct siaga_text text)
{
	if (text.size % 2 != 0 || text.size / 2 != size)
		return SIAGA_EMALFORMED;
	for (size_t i = 0; i < text.size; i++) /* all of it first: `out` is untouched on failure */
		if (s_digit_value (text.data[i]) < 0)
			return SIAGA_EMALFORMED;
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t) (s_digit_value (text.data[2 * i]) * 16 +
				    s_digit_value (text.data[2 * i + 1]));
	return 0;
}
