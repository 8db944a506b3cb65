/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the rules of agent.conf: refused with words, or rules that leave every event a valid alert and
 * valid JSON.
 */
#include <stdlib.h>

#include "agent/rules.h"
#include "agent/rules_conf.h"

struct text {
	struct rules_conf rules;
};

static const struct conf_field s_fields[] = {RULES_CONF_FIELDS (struct text, rules)};
static const struct conf_schema s_schema = CONF_SCHEMA (struct text, s_fields);

static const char *const s_events[] = {
	"{\"event_type\": \"alert\", \"src_ip\": \"203.0.113.9\", \"src_port\": 4711, \"dest_ip\": \"10.47.3.7\","
	" \"alert\": {\"signature\": \"ET SCAN\", \"signature_id\": 2000537, \"severity\": 2},"
	" \"http\": {\"http_user_agent\": \"curl/3174012345678901\"}}",
	"{\"rule\": {\"level\": \"12\", \"groups\": [\"sshd\", \"pam\"], \"description\": \"siti\"},"
	" \"data\": {\"srcuser\": \"siti\", \"n\": 3174012345678901, \"x\": 0.5, \"3174012345678901\": null}}",
};

static void
s_fill (struct event *event, const char *json)
{
	event_clear (event);
	event->source = "ids";
	event->fields = json_loads (json, 0, NULL);
	event->header.severity = SIAGA_SEVERITY_HIGH;
	event->header.category = siaga_text ("intrusion-attempts/ids-alert");
	event->body.title = siaga_text ("A title");
	event->body.raw = siaga_text ("raw");
	event->body.source_count = 1;
	event->body.source[0].ip = siaga_text ("203.0.113.9");
	event->body.target_count = 1;
	event->body.target[0].ip = siaga_text ("10.47.3.7");
}

static void
s_check (struct event *event)
{
	static uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	char *json = json_dumps (event->fields, JSON_COMPACT);
	json_t *again = json ? json_loads (json, 0, NULL) : NULL;
	siaga_uuid_make (event->header.id, 1, (const uint8_t *) "0123456789");
	event->header.origin = siaga_text ("bssn/soc-1");
	event->header.created_us = 1;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	if (!again || siaga_entry_write (&writer, &event->header, &event->body))
		abort ();
	json_decref (again);
	free (json);
}

static void
s_run (const struct rules *rules, struct event *event)
{
	struct rules_result result;
	rules_redact (rules, event);
	rules_match (rules, event, &result);
	rules_redact_by (rules, &result, event);
	rules_apply (rules, &result, event);
	s_check (event);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static struct event event;
	struct conf_error error;
	struct rules *rules;
	struct text conf;

	if (conf_parse ("agent.conf", (const char *) data, size, &s_schema, &conf, &error)) {
		if (error.words[0] == '\0')
			abort ();
		return 0;
	}
	if (rules_new (&rules, &conf.rules, "agent.conf", &error) == 0) {
		for (size_t i = 0; i < sizeof s_events / sizeof *s_events; i++) {
			s_fill (&event, s_events[i]);
			s_run (rules, &event);
		}
		rules_destroy (&rules);
	}
	conf_free (&s_schema, &conf);
	event_clear (&event);
	return 0;
}
