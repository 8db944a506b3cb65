/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a line of Wazuh's alerts.json.
 */
#include "parser_fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	return fuzz_parser (&parser_wazuh, NULL, false, data, size);
}
