/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as lines of syslog.
 */
#include "parser_fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	return fuzz_parser (&parser_syslog, NULL, true, data, size);
}
