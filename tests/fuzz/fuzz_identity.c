/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An identity's text from anywhere, without a passphrase (Argon2id would be most of the time).
 */
#include <stdlib.h>
#include <string.h>

#include "siaga/error.h"
#include "siaga/keys.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	struct siaga_text text = {(const char *) data, size};
	struct siaga_identity *identity = NULL, *again = NULL;
	char written[SIAGA_IDENTITY_TEXT_MAX];
	int status;

	if (siaga_crypto_init () != 0)
		abort ();
	status = siaga_identity_read (text, NULL, &identity);
	if (siaga_identity_is_locked (text) && status == 0)
		abort ();
	if (status != 0)
		return 0;
	if (siaga_identity_write (identity, NULL, written, sizeof written) != 0 ||
	    siaga_identity_read (siaga_text (written), NULL, &again) != 0 ||
	    memcmp (again, identity, sizeof *identity) != 0)
		abort ();
	siaga_identity_destroy (&again);
	siaga_identity_destroy (&identity);
	return 0;
}
