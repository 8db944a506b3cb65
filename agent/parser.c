/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which parser a source has, and what those without a state share.
 */
#include "agent/parser.h"

void *
parser_create_stateless (const struct source_conf *source, char words[PARSER_WORDS])
{
	(void) words;
	return (void *) source;
}

void
parser_destroy_stateless (void **self_p)
{
	*self_p = NULL;
}

const struct parser_class *
parser_of (const struct source_conf *source)
{
	static const struct parser_class *const classes[] = {
		[SOURCE_EVE] = &parser_eve,
		[SOURCE_SOCKET] = &parser_json,
		[SOURCE_STDIN] = &parser_json,
		[SOURCE_WAZUH] = &parser_wazuh,
		[SOURCE_ZEEK] = &parser_zeek,
		[SOURCE_SYSLOG] = &parser_syslog,
		[SOURCE_JOURNAL] = &parser_journal,
		[SOURCE_LINES] = &parser_lines,
		[SOURCE_EXEC] = NULL,
	};
	static const struct parser_class *const formats[] = {
		[FORMAT_JSON] = &parser_json,	  [FORMAT_EVE] = &parser_eve,
		[FORMAT_WAZUH] = &parser_wazuh,	  [FORMAT_ZEEK] = &parser_zeek,
		[FORMAT_SYSLOG] = &parser_syslog, [FORMAT_LINES] = &parser_lines,
	};
	const struct parser_class *class = classes[source->type];
	return class ? class : formats[source->format_number];
}
