/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 over libsodium's decoder. That refuses bits left over, but (1.0.18) takes some bytes
 * beyond ASCII for characters of the alphabet: 0xDF passes for '_'.
 */
#include "base64.h"

#include <sodium.h>

#include "siaga/error.h"

int
base64_exactly (struct siaga_text text, uint8_t *out, size_t size, int variant)
{
	size_t got;
	const char *end;

	if (text.size == 0)
		return SIAGA_EFORMAT;
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~') /* char is signed or not: both */
			return SIAGA_EFORMAT;
	if (sodium_base642bin (out, size, text.data, text.size, NULL, &got, &end, variant) != 0 ||
	    got != size || end != text.data + text.size)
		return SIAGA_EFORMAT;
	return 0;
}
