/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checkpoint from anywhere: what is read is written again with the same three lines.
 */
#include <stdlib.h>

#include <sodium.h>

#include "siaga/checkpoint.h"
#include "siaga/keys.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	struct siaga_text note = {(const char *) data, size};
	struct siaga_checkpoint read, again;
	char written[SIAGA_CHECKPOINT_MAX];
	size_t written_size;

	if (siaga_crypto_init () != 0)
		abort ();
	if (siaga_checkpoint_read (note, &read) != 0)
		return 0;
	if (sign[0] == 0)
		crypto_sign_keypair (sign, sign_secret);
	siaga_checkpoint_verify (note, siaga_text (read.network), sign, &again);
	siaga_checkpoint_write (&read, sign_secret, written, &written_size);
	if (siaga_checkpoint_verify ((struct siaga_text){written, written_size},
				     siaga_text (read.network), sign, &again) != 0 ||
	    memcmp (&read, &again, sizeof read) != 0)
		abort ();
	return 0;
}
