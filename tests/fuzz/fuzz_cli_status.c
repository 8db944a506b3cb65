/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's answer to a status query, as `siaga status` reads it: any bytes give an object or nothing.
 */
#include <stdlib.h>

#include "cli/status.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	char *metrics = NULL;
	json_t *hub = status_read ((struct siaga_bytes){data, size}, &metrics);

	for (const char *at = metrics; at && *at; at++)
		if (*at != '\n' && (*at < ' ' || *at > '~'))
			abort ();
	free (metrics);
	json_decref (hub);
	return 0;
}
