/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any JSON as what a running agent says of itself, which `siaga-agent --status` prints.
 */
#include <stdlib.h>

#include "agent/status_socket.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	json_t *json = json_loadb ((const char *) data, size, JSON_REJECT_DUPLICATES, NULL);
	char *text = NULL;
	size_t text_size = 0;
	FILE *out = json ? open_memstream (&text, &text_size) : NULL;

	if (out) {
		status_print (out, json);
		fclose (out);
	}
	free (text);
	json_decref (json);
	return 0;
}
