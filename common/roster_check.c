/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to fit together in a roster: names that are there once, names that are there at all,
 * keys that belong to one principal only, and a hub that can be one.
 */
#include "common/roster_check.h"

#include <stdlib.h>

#include "siaga/error.h"

#define LIVE_KEYS_MAX 2 /* of one principal: the old and the new while it changes */

/* A name with its line, to sort. */
struct named {
	const char *name;
	unsigned line;
};

/* One of the three keys of a card, to sort. */
struct used_key {
	const uint8_t *key;
	const char *principal;
	unsigned line;
};

static int
s_compare_named (const void *a, const void *b)
{
	const struct named *left = a, *right = b;
	int order = strcmp (left->name, right->name);

	return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

static int
s_compare_keys (const void *a, const void *b)
{
	const struct used_key *left = a, *right = b;
	int order = memcmp (left->key, right->key, SIAGA_KEY_BYTES);

	return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

/* Sorts and reports each name that stands there again. `what` is "member" and such. */
static void
s_check_unique (struct conf_report *report, const char *what, struct named *names, size_t count)
{
	qsort (names, count, sizeof *names, s_compare_named);
	for (size_t i = 1; i < count; i++)
		if (strcmp (names[i].name, names[i - 1].name) == 0)
			conf_report_add (report, names[i].line,
					 "%s %s is there already, on line %u", what, names[i].name,
					 names[i - 1].line);
}

static int
s_check_names (struct conf_report *report, const struct roster_text *text)
{
	const struct roster_member_text *members = text->members.items;
	const struct roster_system_text *systems = text->systems.items;
	const struct roster_principal_text *principals = text->principals.items;
	struct named *names = calloc (SIAGA_PRINCIPALS_MAX, sizeof *names);

	if (names == NULL)
		return SIAGA_ENOMEM;
	for (size_t i = 0; i < text->members.count; i++)
		names[i] = (struct named){members[i].name, members[i].line};
	s_check_unique (report, "member", names, text->members.count);
	for (size_t i = 0; i < text->systems.count; i++)
		names[i] = (struct named){systems[i].name, systems[i].line};
	s_check_unique (report, "system", names, text->systems.count);
	for (size_t i = 0; i < text->principals.count; i++)
		names[i] = (struct named){principals[i].name, principals[i].line};
	s_check_unique (report, "principal", names, text->principals.count);
	free (names);
	return 0;
}

/* A card that could not be read is all zero and reported already. */
static bool
s_is_read (const struct siaga_roster_key *key)
{
	return key->card.principal[0] != '\0';
}

static size_t
s_collect_keys (struct used_key *keys, const struct roster_text *text,
		const struct siaga_roster *roster)
{
	const struct roster_principal_text *texts = text->principals.items;
	size_t at = 0;

	for (size_t i = 0; i < roster->principal_count; i++) {
		const struct siaga_principal *principal = &roster->principals[i];
		const struct roster_key_text *lines = texts[i].keys.items;

		for (size_t k = 0; k < principal->key_count; k++) {
			const struct siaga_card *card = &principal->keys[k].card;

			if (!s_is_read (&principal->keys[k]))
				continue;
			keys[at++] = (struct used_key){card->sign, principal->name, lines[k].line};
			keys[at++] =
				(struct used_key){card->transport, principal->name, lines[k].line};
			keys[at++] = (struct used_key){card->seal, principal->name, lines[k].line};
		}
	}
	return at;
}

static int
s_check_keys_unique (struct conf_report *report, const struct roster_text *text,
		     const struct siaga_roster *roster)
{
	struct used_key *keys;
	size_t count = 0;

	for (size_t i = 0; i < roster->principal_count; i++)
		count += roster->principals[i].key_count;
	keys = calloc (3 * count + 1, sizeof *keys);
	if (keys == NULL)
		return SIAGA_ENOMEM;
	count = s_collect_keys (keys, text, roster);
	qsort (keys, count, sizeof *keys, s_compare_keys);
	for (size_t i = 1; i < count; i++)
		if (memcmp (keys[i].key, keys[i - 1].key, SIAGA_KEY_BYTES) == 0)
			conf_report_add (
				report, keys[i].line,
				"principal %s: a key of this card is in use already, by %s on line %u",
				keys[i].principal, keys[i - 1].principal, keys[i - 1].line);
	free (keys);
	return 0;
}

static size_t
s_live_keys (const struct siaga_principal *principal, uint64_t at_us)
{
	size_t live = 0;

	for (size_t k = 0; k < principal->key_count; k++)
		if (s_is_read (&principal->keys[k]) &&
		    siaga_roster_key_check (&principal->keys[k], at_us) == 0)
			live++;
	return live;
}

static void
s_check_principals (struct conf_report *report, const struct roster_text *text,
		    const struct siaga_roster *roster)
{
	const struct roster_principal_text *texts = text->principals.items;

	for (size_t i = 0; i < roster->principal_count; i++) {
		const struct siaga_principal *principal = &roster->principals[i];
		struct siaga_text member = siaga_member_of (siaga_text (principal->name));

		if (principal->member == NULL)
			conf_report_add (report, texts[i].line,
					 "principal %s: there is no member %.*s", principal->name,
					 (int) member.size, member.data);
		if (s_live_keys (principal, roster->issued_us) > LIVE_KEYS_MAX)
			conf_report_add (
				report, texts[i].line,
				"principal %s: more than %d live keys (retire one with `until`)",
				principal->name, LIVE_KEYS_MAX);
	}
}

static void
s_check_hub (struct conf_report *report, const struct roster_text *text,
	     const struct siaga_roster *roster)
{
	const struct roster_principal_text *texts = text->principals.items;
	const struct siaga_principal *hub =
		siaga_roster_principal (roster, siaga_text (roster->hub));

	if (hub == NULL) {
		conf_report_add (report, text->hub.line, "hub.principal: there is no principal %s",
				 roster->hub);
		return;
	}
	if ((hub->roles & (SIAGA_ROLE_PUBLISH | SIAGA_ROLE_RESPOND)) != 0)
		conf_report_add (
			report, texts[hub - roster->principals].line,
			"principal %s: is the hub, which may not have the roles publish or respond",
			hub->name);
	if (s_live_keys (hub, roster->issued_us) == 0)
		conf_report_add (report, texts[hub - roster->principals].line,
				 "principal %s: is the hub and has no live key", hub->name);
}

static void
s_check_systems (struct conf_report *report, const struct roster_text *text,
		 const struct siaga_roster *roster)
{
	const struct roster_system_text *systems = text->systems.items;

	for (size_t i = 0; i < text->systems.count; i++)
		roster_check_member (report, roster, systems[i].line, "systems: owner",
				     systems[i].owner);
}

int
roster_check (struct conf_report *report, const struct roster_text *text,
	      const struct siaga_roster *roster)
{
	if (roster->expires_us <= roster->issued_us)
		conf_report_add (report, 0, "expires: must be after issued");
	if (s_check_names (report, text) != 0 || s_check_keys_unique (report, text, roster) != 0)
		return SIAGA_ENOMEM;
	s_check_principals (report, text, roster);
	s_check_hub (report, text, roster);
	s_check_systems (report, text, roster);
	roster_check_playbook (report, text, roster);
	return 0;
}
