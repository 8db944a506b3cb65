/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert as people and programs write it (common/alert_json.h): read strictly, so that a misspelt name is told to
 * whoever wrote it.
 */
#include "agent/map.h"
#include "agent/parser.h"
#include "siaga/error.h"

static int
s_parse (void *self, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	(void) self;
	(void) now_us;
	return alert_json_load (event->line, &event->fields, words);
}

static int
s_map (void *self, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	(void) self;
	event->storage.used = 0;
	return alert_json_map (event->fields, defaults, &event->header, &event->body, words);
}

const struct parser_class parser_json = {
	.create = parser_create_stateless,
	.parse = s_parse,
	.map = s_map,
	.destroy = parser_destroy_stateless,
};
