/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a message. What is read must be written again to the same bytes (but for STATUS, whose
 * later keys are passed over, and the two signed messages).
 */
#include <stdint.h>
#include <stdlib.h>

#include "siaga/wire.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static struct siaga_message message;
	static uint8_t buffer[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;

	if (siaga_message_read ((struct siaga_bytes){data, size}, &message))
		return 0;
	if (message.type == SIAGA_HELLO || message.type == SIAGA_WELCOME ||
	    message.type == SIAGA_STATUS)
		return 0;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	if (siaga_message_write (&writer, &message) || writer.size != size ||
	    memcmp (buffer, data, size) != 0)
		abort ();
	return 0;
}
