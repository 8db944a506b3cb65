/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle from anywhere: it is read or refused, what is read is written again as it was, and with no root pinned
 * nothing is ever proved.
 */
#include <stdlib.h>

#include "common/bundle.h"
#include "common/log.h"
#include "siaga/keys.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static struct bundle bundle;
	struct trust_roots roots = {.threshold = 1, .min_serial = 1, .network = "pemilu-2024"};
	struct bundle_proof proof;
	struct conf_error error;
	struct siaga_writer writer;

	log_open ("fuzz", LOG_TO_NOTHING, -2);
	if (siaga_crypto_init () != 0)
		abort ();
	if (bundle_read ((struct siaga_bytes){data, size}, &bundle) != 0)
		return 0;
	uint8_t *again = malloc (size);
	siaga_writer_init (&writer, again, size);
	if (bundle_write (&writer, &bundle) != 0 || writer.size != size ||
	    memcmp (again, data, size) != 0)
		abort ();
	if (bundle_verify (&bundle, &roots, NULL, NULL, &proof, &error) == 0 || !error.words[0])
		abort ();
	free (again);
	return 0;
}
