/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as lines of a text log, through a pattern with all groups that have a meaning.
 */
#include "parser_fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static char pattern[] =
		"(?<time>\\S+) (?:(?<severity>\\w+) )?(?:(?<src_ip>[0-9a-f.:]+)#(?<src_port>\\d*) )?"
		"(?:(?<dst_ip>[0-9a-f.:]+)#(?<dst_port>\\d*) )?(?:u=(?<user>\\S*) )?(?:h=(?<host>\\S*) )?"
		"(?:w=(?<url>\\S*) )?(?:c=(?<category>\\S*) )?(?:r=(?<rule_id>\\S*) )?(?<title>.*)";
	return fuzz_parser (&parser_lines, pattern, true, data, size);
}
