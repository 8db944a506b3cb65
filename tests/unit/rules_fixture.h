/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules from configuration text, and an event from JSON, for the tests of the rules.
 */
#ifndef TESTS_RULES_FIXTURE_H
#define TESTS_RULES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/rules.h"
#include "agent/rules_conf.h"
#include "siaga/error.h"

struct rules_text {
	struct rules_conf rules;
};

static const struct conf_field s_rules_fields[] = {RULES_CONF_FIELDS (struct rules_text, rules)};
static const struct conf_schema s_rules_schema = CONF_SCHEMA (struct rules_text, s_rules_fields);

static struct conf_error s_error;

/* 0 and the rules, which hold nothing of the text any more; or the error. */
static inline int
rules_of (struct rules **rules, const char *text)
{
	struct rules_text conf;
	s_error.words[0] = '\0';
	int rc = conf_parse ("agent.conf", text, strlen (text), &s_rules_schema, &conf, &s_error);
	if (rc)
		return rc;
	rc = rules_new (rules, &conf.rules, "agent.conf", &s_error);
	conf_free (&s_rules_schema, &conf);
	return rc;
}

static inline struct rules *
good_rules (const char *text)
{
	struct rules *rules = NULL;
	if (rules_of (&rules, text))
		fail_msg ("%s: %s", text, s_error.words);
	return rules;
}

/* An event of the source "ids" with these fields, as if mapped: high, ids-alert, amber, 203.0.113.9:4711 and
   2001:db8::9 to 10.47.3.7:443. `json` is in C's quotes, or with ' for ". */
static inline void
make_event (struct event *event, const char *json)
{
	char *text = strdup (json);
	assert_non_null (text);
	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	memset (event, 0, sizeof *event);
	event->source = "ids";
	event->fields = json_loads (text, JSON_ALLOW_NUL, NULL);
	assert_non_null (event->fields);
	free (text);
	event->header.severity = SIAGA_SEVERITY_HIGH;
	event->header.certainty = SIAGA_CERTAINTY_LIKELY;
	event->header.tlp = SIAGA_TLP_AMBER;
	event->header.category = siaga_text ("intrusion-attempts/ids-alert");
	event->body.title = siaga_text ("A title");
	event->body.raw = siaga_text ("raw");
	event->body.detector.tool = siaga_text ("suricata");
	event->body.source_count = 2;
	event->body.source[0].ip = siaga_text ("203.0.113.9");
	event->body.source[0].port = 4711;
	event->body.source[1].ip = siaga_text ("2001:db8::9");
	event->body.target_count = 1;
	event->body.target[0].ip = siaga_text ("10.47.3.7");
	event->body.target[0].port = 443;
}

/* Valid still? Encodes it. */
static inline void
assert_valid (const struct event *event)
{
	static uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header = event->header;
	struct siaga_writer writer;
	siaga_uuid_make (header.id, 1, (const uint8_t *) "0123456789");
	header.origin = siaga_text ("bssn/soc-1");
	header.created_us = 1;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	assert_int_equal (siaga_entry_write (&writer, &header, &event->body), 0);
}

static inline void
assert_text (struct siaga_text text, const char *expected)
{
	if (!siaga_text_is (text, expected))
		fail_msg ("\"%.*s\" is not \"%s\"", (int) text.size, text.data ? text.data : "",
			  expected);
}

#endif
