/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's eve.json: the events of type "alert", one a line; everything else is passed over unparsed.
 */
#include "agent/map.h"
#include "agent/parser.h"
#include "agent/suricata.h"
#include "siaga/error.h"

/* What the packets held is the agency's own: it leaves only when asked for. */
static const char *const s_payload[] = {
	"payload",
	"payload_printable",
	"packet",
	"http.http_request_body",
	"http.http_request_body_printable",
	"http.http_response_body",
	"http.http_response_body_printable",
	NULL,
};

static bool
s_may_matter (void *self, struct siaga_text line)
{
	(void) self;
	return suricata_may_be_alert (line);
}

static int
s_parse (void *self, struct event *event, uint64_t now_us, char words[PARSER_WORDS])
{
	(void) self;
	(void) now_us;
	int rc = map_load (event, words, PARSER_WORDS);
	if (rc || suricata_is_alert (event->fields))
		return rc;
	map_words (words, PARSER_WORDS, "not an alert");
	return SIAGA_ENOTFOUND;
}

static int
s_map (void *self, const struct alert_defaults *defaults, struct event *event,
       char words[PARSER_WORDS])
{
	const struct source_conf *source = self;
	map_begin (event, defaults);
	int rc = suricata_map (event, event->fields);
	if (rc)
		map_words (words, PARSER_WORDS, "an alert without signature and signature_id");
	else
		map_raw (event, source->keep_payload ? NULL : s_payload);
	return rc;
}

const struct parser_class parser_eve = {
	.create = parser_create_stateless,
	.may_matter = s_may_matter,
	.parse = s_parse,
	.map = s_map,
	.destroy = parser_destroy_stateless,
};
