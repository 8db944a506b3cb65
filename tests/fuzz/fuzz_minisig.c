/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A .minisig file, or a .pub file, from anywhere. Nothing can be found that verifies with this key.
 */
#include <stdlib.h>
#include <string.h>

#include "siaga/error.h"
#include "siaga/keys.h"
#include "siaga/minisig.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	/* minisign's own project key */
	static const char project[] = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
	struct siaga_text text = {(const char *) data, size};
	struct siaga_bytes file = {(const uint8_t *) "file", 4};
	struct siaga_minisig_key pinned, key;
	struct siaga_minisig sig;

	if (siaga_crypto_init () != 0 ||
	    siaga_minisig_key_read (siaga_text (project), &pinned) != 0)
		abort ();
	if (siaga_minisig_key_read (text, &key) == 0 && siaga_ed25519_check (key.key) != 0)
		abort ();
	if (siaga_minisig_read (text, &sig) != 0)
		return 0;
	if (strlen (sig.trusted_comment) >= sizeof sig.trusted_comment)
		abort ();
	memcpy (pinned.key_id, sig.key_id, sizeof pinned.key_id);
	if (siaga_minisig_verify (&sig, &pinned, file) != SIAGA_ESIGNATURE)
		abort ();
	return 0;
}
