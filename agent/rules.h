/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agency's own rules (siaga-agent.conf(5)): what to drop, what to hide, and how to see it. First match wins;
 * with no rules everything is sent as it was mapped.
 */
#ifndef AGENT_RULES_H
#define AGENT_RULES_H

#include "agent/event.h"
#include "common/conf.h"

struct rules;

/* The configuration's `rules`, `redact` and `networks` (CIDR lists to protected systems), checked: 0, SIAGA_ECONF with
   words that name file, line and rule, SIAGA_ENOMEM. What it needs is copied. */
struct rules_conf; /* part of struct agent_conf: agent/rules_conf.h */
int
rules_new (struct rules **self_p, const struct rules_conf *conf, const char *file_name,
	   struct conf_error *error);

void
rules_destroy (struct rules **self_p);

struct rules_result {
	bool drop;
	bool strip_raw;
	bool keep_raw; /* although the source says keep_raw = false: map again with event->keep_raw */
	const char
		*rule; /* the name, or "rules[3]", of the one that matched; NULL: none. Borrowed */
	unsigned line; /* of the configuration */
	size_t index;  /* among the rules */
};

/* The redactions that hold for everything, on fields: true when something was hidden (event->redacted is set; map again). */
bool
rules_redact (const struct rules *self, struct event *event);

/* The patterns among them, on words about a line, which may quote it. */
void
rules_redact_words (const struct rules *self, char *words, size_t capacity);

/* Finds the first rule that matches the mapped event. NULL result->rule: none. Changes nothing but result. */
void
rules_match (const struct rules *self, const struct event *event, struct rules_result *result);

/* The matched rule's own redactions, on fields: true when something was hidden (map again). */
bool
rules_redact_by (const struct rules *self, const struct rules_result *result, struct event *event);

/* The matched rule's `set`, `raise`, `lower`, `observables`, and for all events: an address in `networks` gives
   `system` where nothing else did. The result is a valid header and body. */
void
rules_apply (const struct rules *self, const struct rules_result *result, struct event *event);

#endif
