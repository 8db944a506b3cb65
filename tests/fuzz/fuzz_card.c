/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card's line from anywhere: what is read is written again as it was, but for white space at its
 * end.
 */
#include <stdlib.h>
#include <string.h>

#include "siaga/keys.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	char line[SIAGA_CARD_MAX], fingerprint[SIAGA_FINGERPRINT_TEXT];
	struct siaga_card card;

	if (siaga_crypto_init () != 0)
		abort ();
	if (siaga_card_read ((struct siaga_text){(const char *) data, size}, &card) != 0)
		return 0;
	siaga_card_write (&card, line);
	siaga_card_fingerprint (&card, fingerprint);
	if (strlen (line) > size || memcmp (line, data, strlen (line)) != 0 ||
	    strlen (fingerprint) != SIAGA_FINGERPRINT_TEXT - 1)
		abort ();
	return 0;
}
