/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an entry. What is read must be written again to the same bytes: there is one encoding
 * (except for a seal, which can not be written, and keys passed over below the top level). Whatever it is, it can be
 * said of an alert.
 */
#include <stdint.h>
#include <stdlib.h>

#include "siaga/life.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;
	struct siaga_writer writer;
	struct siaga_life life;
	struct siaga_deed deed;

	if (siaga_entry_read ((struct siaga_bytes){data, size}, &header, &body))
		return 0;
	siaga_life_begin (&life, &header, 1);
	if (siaga_deed_read (&deed, &header, &body) == 0)
		siaga_life_apply (&life, &deed, 2);
	if (header.sealed.size)
		return 0;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_entry_write (&writer, &header, &body);
	if (writer.size == size && memcmp (buffer, data, size) != 0)
		abort ();
	return 0;
}
