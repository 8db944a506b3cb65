/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an entry. What is read must be written again to the same bytes: there is one encoding
 * (except for a seal, which can not be written, and keys passed over below the top level).
 */
#include <stdint.h>
#include <stdlib.h>

#include "siaga/entry.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_writer writer;

	if (siaga_entry_read ((struct siaga_bytes){data, size}, &header, &body) ||
	    header.sealed.size)
		return 0;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_entry_write (&writer, &header, &body);
	if (writer.size == size && memcmp (buffer, data, size) != 0)
		abort ();
	return 0;
}
