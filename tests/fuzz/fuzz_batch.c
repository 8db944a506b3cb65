/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a batch. A full form that is read is shown again, whole and one by one, and each of
 * those must read.
 */
#include <stdint.h>
#include <stdlib.h>

#include "siaga/batch.h"

static struct siaga_batch s_batch, s_again;
static uint8_t s_buffer[SIAGA_MESSAGE_MAX];

static void
s_show_single (uint32_t index)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	if (siaga_batch_write_single (&writer, &s_batch, index) ||
	    siaga_batch_read ((struct siaga_bytes){s_buffer, writer.size}, &s_again))
		abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static bool shown[SIAGA_BATCH_ENTRIES_MAX];
	struct siaga_writer writer;

	if (siaga_batch_read ((struct siaga_bytes){data, size}, &s_batch) ||
	    s_batch.form != SIAGA_BATCH_FULL)
		return 0;
	for (uint32_t i = 0; i < s_batch.slot_count; i++) {
		shown[i] = s_batch.slots[i].entry.size > 0;
		if (shown[i])
			s_show_single (i);
	}
	siaga_writer_init (&writer, s_buffer, sizeof s_buffer);
	if (siaga_batch_write_full (&writer, &s_batch, shown) || writer.size != size ||
	    memcmp (s_buffer, data, size) != 0)
		abort ();
	return 0;
}
