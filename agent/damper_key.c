/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When two alerts are the same: equal hashes over what the configuration names, and over what is never mixed.
 */
#include "agent/damper_private.h"

#include <sodium.h>

static const char *const s_part_names[] = {
	[DAMPER_RULE] = "rule",	  [DAMPER_SOURCE] = "source", [DAMPER_TARGET] = "target",
	[DAMPER_PORT] = "port",	  [DAMPER_SYSTEM] = "system", [DAMPER_USER] = "user",
	[DAMPER_TITLE] = "title",
};
const struct siaga_names damper_part_names = {s_part_names, DAMPER_PARTS};

#define DEFAULT_PARTS (1u << DAMPER_RULE | 1u << DAMPER_SOURCE | 1u << DAMPER_SYSTEM)

unsigned
damper_parts (const struct conf_strings *names)
{
	unsigned parts = names->count ? 0 : DEFAULT_PARTS;
	for (size_t i = 0; i < names->count; i++)
		for (unsigned part = 0; part < DAMPER_PARTS; part++)
			if (strcmp (names->items[i], s_part_names[part]) == 0)
				parts |= 1u << part;
	return parts;
}

struct siaga_text
damper_rule_name (const struct event *event)
{
	const struct siaga_detector *detector = &event->body.detector;
	if (detector->rule.size > 0)
		return detector->rule;
	return detector->rule_id.size > 0 ? detector->rule_id : event->body.title;
}

static void
s_number (crypto_generichash_state *state, uint64_t number)
{
	crypto_generichash_update (state, (const uint8_t *) &number, sizeof number);
}

/* Its size first, so that no two run together to the same bytes. */
static void
s_text (crypto_generichash_state *state, struct siaga_text text)
{
	s_number (state, text.size);
	if (text.size > 0)
		crypto_generichash_update (state, (const uint8_t *) text.data, text.size);
}

/* What is never mixed: who may see it, how bad it is, and where it was read. */
static void
s_begin (crypto_generichash_state *state, const char *what, const struct event *event)
{
	const struct siaga_header *header = &event->header;
	crypto_generichash_init (state, NULL, 0, FOLD_KEY_BYTES);
	s_text (state, siaga_text (what));
	s_text (state, siaga_text (event->source));
	s_number (state, header->severity);
	s_number (state, header->status);
	s_number (state, header->tlp);
	s_number (state, header->audience_count);
	for (size_t i = 0; i < header->audience_count; i++)
		s_text (state, header->audience[i]);
}

static struct siaga_text
s_address (const struct siaga_endpoint *endpoints, size_t count)
{
	if (count == 0)
		return siaga_text (NULL);
	if (endpoints[0].ip.size > 0)
		return endpoints[0].ip;
	return endpoints[0].host.size > 0 ? endpoints[0].host : endpoints[0].user;
}

static struct siaga_text
s_user (const struct siaga_body *body)
{
	if (body->target_count > 0 && body->target[0].user.size > 0)
		return body->target[0].user;
	return body->source_count > 0 ? body->source[0].user : siaga_text (NULL);
}

/* A number where the tool gives one (texts of the same rule may differ), else the text. */
static void
s_rule (crypto_generichash_state *state, const struct event *event)
{
	const struct siaga_detector *detector = &event->body.detector;
	s_text (state, detector->tool);
	s_text (state, detector->rule_id.size > 0 ? detector->rule_id : damper_rule_name (event));
}

void
damper_key (uint8_t key[FOLD_KEY_BYTES], unsigned parts, const struct event *event)
{
	const struct siaga_body *body = &event->body;
	crypto_generichash_state state;
	s_begin (&state, "alert", event);
	s_text (&state, event->header.category);
	s_number (&state, parts);
	if (parts & 1u << DAMPER_RULE)
		s_rule (&state, event);
	if (parts & 1u << DAMPER_SOURCE)
		s_text (&state, s_address (body->source, body->source_count));
	if (parts & 1u << DAMPER_TARGET)
		s_text (&state, s_address (body->target, body->target_count));
	if (parts & 1u << DAMPER_PORT)
		s_number (&state, body->target_count > 0 ? body->target[0].port : 0);
	if (parts & 1u << DAMPER_SYSTEM)
		s_text (&state, event->header.system);
	if (parts & 1u << DAMPER_USER)
		s_text (&state, s_user (body));
	if (parts & 1u << DAMPER_TITLE)
		s_text (&state, body->title);
	crypto_generichash_final (&state, key, FOLD_KEY_BYTES);
}

void
damper_summary_key (uint8_t key[FOLD_KEY_BYTES], const struct event *event)
{
	crypto_generichash_state state;
	s_begin (&state, "summary", event);
	crypto_generichash_final (&state, key, FOLD_KEY_BYTES);
}
