/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a log of Zeek's: heads, values and JSON in any order.
 */
#include "parser_fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	return fuzz_parser (&parser_zeek, NULL, true, data, size);
}
