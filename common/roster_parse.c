/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a roster to struct siaga_roster: the schema's tables, and the copying from one to the
 * other. What has to fit together is roster_check.c's.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/roster_check.h"
#include "common/roster_copy.h"
#include "common/roster_file.h"
#include "siaga/error.h"

#define SERIAL_MAX ((INT64_C (1) << 53) - 1)
#define ADDRESSES_MAX 8

static const char *const role_names[] = {"publish", "respond", "read", "operate"};
const struct siaga_names roster_role_names = {role_names, sizeof role_names / sizeof *role_names};

static bool
s_check_role (const void *value, char reason[CONF_REASON_MAX]);

static const struct conf_field key_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_key_text, line)},
	CONF_FIELD ("card", CONF_STRING, struct roster_key_text, card, .required = true, .min = 1,
		    .max = SIAGA_CARD_MAX),
	CONF_FIELD ("until", CONF_TIME, struct roster_key_text, until_us),
	CONF_FIELD ("untrusted_from", CONF_TIME, struct roster_key_text, untrusted_from_us),
};
static const struct conf_schema key_schema = CONF_SCHEMA (struct roster_key_text, key_fields);

static const struct conf_field member_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_member_text, line)},
	CONF_FIELD ("name", CONF_STRING, struct roster_member_text, name, .required = true,
		    .check = conf_check_member),
	CONF_FIELD ("title", CONF_STRING, struct roster_member_text, title,
		    .max = ROSTER_TITLE_MAX),
	CONF_FIELD ("clearance", CONF_ENUM, struct roster_member_text, clearance, .required = true,
		    .names = &siaga_tlp_names),
	CONF_FIELD ("duty_phone", CONF_STRING, struct roster_member_text, duty_phone, .min = 1,
		    .max = SIAGA_CONTACT_MAX),
	CONF_FIELD ("mail", CONF_STRING, struct roster_member_text, mail, .min = 1,
		    .max = SIAGA_CONTACT_MAX),
};
static const struct conf_schema member_schema =
	CONF_SCHEMA (struct roster_member_text, member_fields);

static const struct conf_field principal_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_principal_text, line)},
	CONF_FIELD ("name", CONF_STRING, struct roster_principal_text, name, .required = true,
		    .check = conf_check_principal),
	CONF_FIELD ("roles", CONF_STRING_LIST, struct roster_principal_text, roles,
		    .required = true, .max = 8, .check = s_check_role),
	CONF_FIELD ("keys", CONF_GROUP_LIST, struct roster_principal_text, keys, .required = true,
		    .min = 1, .max = SIAGA_KEYS_PER_PRINCIPAL_MAX, .schema = &key_schema),
};
static const struct conf_schema principal_schema =
	CONF_SCHEMA (struct roster_principal_text, principal_fields);

static const struct conf_field system_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_system_text, line)},
	CONF_FIELD ("name", CONF_STRING, struct roster_system_text, name, .required = true,
		    .check = conf_check_system),
	CONF_FIELD ("title", CONF_STRING, struct roster_system_text, title,
		    .max = ROSTER_TITLE_MAX),
	CONF_FIELD ("owner", CONF_STRING, struct roster_system_text, owner, .required = true,
		    .check = conf_check_member),
	CONF_FIELD ("vital", CONF_BOOL, struct roster_system_text, vital),
};
static const struct conf_schema system_schema =
	CONF_SCHEMA (struct roster_system_text, system_fields);

static const struct conf_field hub_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_hub_text, line)},
	CONF_FIELD ("principal", CONF_STRING, struct roster_hub_text, principal, .required = true,
		    .check = conf_check_principal),
	CONF_FIELD ("addresses", CONF_STRING_LIST, struct roster_hub_text, addresses,
		    .required = true, .min = 1, .max = ADDRESSES_MAX, .check = conf_check_address),
};
static const struct conf_schema hub_schema = CONF_SCHEMA (struct roster_hub_text, hub_fields);

static const struct conf_field next_fields[] = {
	{.type = CONF_LINE, .offset = offsetof (struct roster_next_text, line)},
	CONF_FIELD ("keys", CONF_STRING_LIST, struct roster_next_text, keys, .required = true,
		    .min = 1, .max = SIAGA_ROOTS_MAX, .check = roster_check_root),
	CONF_FIELD ("threshold", CONF_INT, struct roster_next_text, threshold, .required = true,
		    .min = 1, .max = SIAGA_ROOTS_MAX),
};
static const struct conf_schema next_schema = CONF_SCHEMA (struct roster_next_text, next_fields);

static const struct conf_field fields[] = {
	CONF_FIELD ("network", CONF_STRING, struct roster_text, network, .required = true,
		    .check = conf_check_network),
	CONF_FIELD ("serial", CONF_INT, struct roster_text, serial, .required = true, .min = 1,
		    .max = SERIAL_MAX),
	CONF_FIELD ("issued", CONF_TIME, struct roster_text, issued_us, .required = true),
	CONF_FIELD ("expires", CONF_TIME, struct roster_text, expires_us, .required = true),
	CONF_FIELD ("grace", CONF_DURATION, struct roster_text, grace_us, .fallback = "14d",
		    .max = ROSTER_DURATION_MAX),
	CONF_FIELD ("hub", CONF_GROUP, struct roster_text, hub, .required = true,
		    .schema = &hub_schema),
	CONF_FIELD ("next_roots", CONF_GROUP, struct roster_text, next, .schema = &next_schema),
	CONF_FIELD ("members", CONF_GROUP_LIST, struct roster_text, members, .required = true,
		    .min = 1, .max = SIAGA_MEMBERS_MAX, .schema = &member_schema),
	CONF_FIELD ("principals", CONF_GROUP_LIST, struct roster_text, principals, .required = true,
		    .min = 1, .max = SIAGA_PRINCIPALS_MAX, .schema = &principal_schema),
	CONF_FIELD ("systems", CONF_GROUP_LIST, struct roster_text, systems,
		    .max = SIAGA_SYSTEMS_MAX, .schema = &system_schema),
	ROSTER_PLAYBOOK_FIELDS (struct roster_text, book),
};
static const struct conf_schema schema = CONF_SCHEMA (struct roster_text, fields);

static const char *
s_role_at (const void *arg, size_t i)
{
	(void) arg;
	return i < roster_role_names.count ? role_names[i] : NULL;
}

static bool
s_check_role (const void *value, char reason[CONF_REASON_MAX])
{
	const char *meant;

	if (siaga_name_value (&roster_role_names, siaga_text (value)) >= 0)
		return true;
	meant = conf_did_you_mean (value, s_role_at, NULL);
	if (meant != NULL)
		snprintf (reason, CONF_REASON_MAX, "unknown role \"%.64s\", did you mean \"%s\"?",
			  (const char *) value, meant);
	else
		snprintf (reason, CONF_REASON_MAX,
			  "unknown role \"%.64s\": one of publish, respond, read, operate",
			  (const char *) value);
	return false;
}

static int
s_fill_members (struct siaga_roster *roster, const struct conf_list *list)
{
	const struct roster_member_text *texts = list->items;

	roster->members = calloc (list->count + 1, sizeof *roster->members);
	if (roster->members == NULL)
		return SIAGA_ENOMEM;
	roster->member_count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct siaga_member *member = &roster->members[i];

		s_copy_name (member->name, sizeof member->name, texts[i].name);
		member->clearance = (enum siaga_tlp) texts[i].clearance;
		if (s_copy_text (&member->title, texts[i].title) != 0 ||
		    s_copy_text (&member->duty_phone, texts[i].duty_phone) != 0 ||
		    s_copy_text (&member->mail, texts[i].mail) != 0)
			return SIAGA_ENOMEM;
	}
	return 0;
}

static int
s_fill_systems (struct siaga_roster *roster, const struct conf_list *list)
{
	const struct roster_system_text *texts = list->items;

	roster->systems = calloc (list->count + 1, sizeof *roster->systems);
	if (roster->systems == NULL)
		return SIAGA_ENOMEM;
	roster->system_count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct siaga_system *system = &roster->systems[i];

		s_copy_name (system->name, sizeof system->name, texts[i].name);
		s_copy_name (system->owner, sizeof system->owner, texts[i].owner);
		system->vital = texts[i].vital;
		if (s_copy_text (&system->title, texts[i].title) != 0)
			return SIAGA_ENOMEM;
	}
	return 0;
}

static const char *
s_card_words (int error)
{
	switch (error) {
	case SIAGA_ESIGNATURE:
		return "the card's own signature does not verify";
	case SIAGA_EWEAKKEY:
		return "the card has a weak key";
	default:
		return "not a card like \"siaga-card-1 <principal> <keys>\"";
	}
}

/* The same text was read before: it need not be verified again, which is what reading a roster costs. */
static bool
s_copy_known_card (struct siaga_card *card, const char *text, const struct siaga_principal *known)
{
	char line[SIAGA_CARD_MAX];

	for (size_t k = 0; known != NULL && k < known->key_count; k++) {
		siaga_card_write (&known->keys[k].card, line);
		if (strcmp (line, text) != 0)
			continue;
		*card = known->keys[k].card;
		return true;
	}
	return false;
}

static void
s_fill_key (struct conf_report *report, struct siaga_roster_key *key,
	    const struct roster_key_text *text, const char *principal,
	    const struct siaga_principal *known)
{
	int error = s_copy_known_card (&key->card, text->card, known)
			    ? 0
			    : siaga_card_read (siaga_text (text->card), &key->card);

	key->until_us = text->until_us;
	key->untrusted_from_us = text->untrusted_from_us;
	if (error != 0) {
		conf_report_add (report, text->line, "principal %s: %s", principal,
				 s_card_words (error));
		return;
	}
	siaga_key_id (key->key_id, key->card.sign);
	if (strcmp (key->card.principal, principal) != 0)
		conf_report_add (report, text->line, "principal %s: the card is %s's", principal,
				 key->card.principal);
}

static int
s_fill_principal (struct conf_report *report, struct siaga_roster *roster,
		  struct siaga_principal *principal, const struct roster_principal_text *text,
		  const struct siaga_roster *known)
{
	const struct roster_key_text *keys = text->keys.items;
	const struct siaga_principal *same =
		known != NULL ? siaga_roster_principal (known, siaga_text (text->name)) : NULL;

	s_copy_name (principal->name, sizeof principal->name, text->name);
	principal->member = siaga_roster_member (roster, siaga_member_of (siaga_text (text->name)));
	for (size_t i = 0; i < text->roles.count; i++)
		principal->roles |= 1U << siaga_name_value (&roster_role_names,
							    siaga_text (text->roles.items[i]));
	principal->keys = calloc (text->keys.count + 1, sizeof *principal->keys);
	if (principal->keys == NULL)
		return SIAGA_ENOMEM;
	principal->key_count = text->keys.count;
	for (size_t i = 0; i < text->keys.count; i++)
		s_fill_key (report, &principal->keys[i], &keys[i], text->name, same);
	return 0;
}

static int
s_fill_principals (struct conf_report *report, struct siaga_roster *roster,
		   const struct conf_list *list, const struct siaga_roster *known)
{
	const struct roster_principal_text *texts = list->items;
	int error = 0;

	roster->principals = calloc (list->count + 1, sizeof *roster->principals);
	if (roster->principals == NULL)
		return SIAGA_ENOMEM;
	roster->principal_count = list->count;
	for (size_t i = 0; i < list->count && error == 0; i++)
		error = s_fill_principal (report, roster, &roster->principals[i], &texts[i], known);
	return error;
}

static int
s_fill_addresses (struct siaga_roster *roster, const struct conf_strings *strings)
{
	roster->addresses = calloc (strings->count + 1, sizeof *roster->addresses);
	if (roster->addresses == NULL)
		return SIAGA_ENOMEM;
	roster->address_count = strings->count;
	for (size_t i = 0; i < strings->count; i++)
		if (s_copy_text (&roster->addresses[i], strings->items[i]) != 0)
			return SIAGA_ENOMEM;
	return 0;
}

static void
s_fill_next_roots (struct conf_report *report, struct siaga_roster *roster,
		   const struct roster_next_text *text)
{
	struct trust_roots next = {.key_count = 0};

	for (size_t i = 0; i < text->keys.count; i++)
		if (roster_roots_add (&next, siaga_text (text->keys.items[i])) != 0)
			conf_report_add (report, text->keys.lines[i],
					 "next_roots.keys: the same key twice");
	if (text->line != 0 && (uint64_t) text->threshold > next.key_count)
		conf_report_add (report, text->line,
				 "next_roots.threshold: more than there are keys");
	roster->next_root_count = next.key_count;
	roster->next_threshold = (unsigned) text->threshold;
	memcpy (roster->next_roots, next.keys, sizeof roster->next_roots);
}

static int
s_fill (struct conf_report *report, struct siaga_roster *roster, const struct roster_text *text,
	const struct siaga_roster *known)
{
	int error;

	s_copy_name (roster->network, sizeof roster->network, text->network);
	s_copy_name (roster->hub, sizeof roster->hub, text->hub.principal);
	roster->serial = (uint64_t) text->serial;
	roster->issued_us = text->issued_us;
	roster->expires_us = text->expires_us;
	roster->grace_us = text->grace_us;
	s_fill_next_roots (report, roster, &text->next);
	error = s_fill_addresses (roster, &text->hub.addresses);
	if (error == 0)
		error = s_fill_members (roster, &text->members);
	if (error == 0)
		error = s_fill_systems (roster, &text->systems);
	if (error == 0)
		error = roster_fill_playbook (roster, &text->book);
	if (error == 0)
		error = s_fill_principals (report, roster, &text->principals, known);
	if (error == 0)
		error = siaga_roster_index (roster);
	return error != 0 ? error : roster_check (report, text, roster);
}

/* `lint`: also what makes no sense counts. `known`: see roster_parse_after (). */
static int
s_parse (struct conf_report *report, struct siaga_bytes text, bool lint,
	 const struct siaga_roster *known, struct siaga_roster **roster_p)
{
	struct roster_text read;
	struct siaga_roster *roster;
	unsigned before = report->count;
	int error;

	if (text.size > SIAGA_ROSTER_MAX) {
		conf_report_add (report, 0, "larger than %d bytes", SIAGA_ROSTER_MAX);
		return SIAGA_ELIMIT;
	}
	error = conf_parse_report (report, (const char *) text.data, text.size, &schema, &read);
	if (error != 0)
		return error;
	roster = calloc (1, sizeof *roster);
	error = roster != NULL ? s_fill (report, roster, &read, known) : SIAGA_ENOMEM;
	if (error == 0 && lint && report->count == before)
		error = roster_lint (report, &read, roster);
	conf_free (&schema, &read);
	if (error == 0 && report->count != before)
		error = SIAGA_ECONF;
	if (error == SIAGA_ENOMEM)
		conf_report_add (report, 0, "%s", siaga_strerror (error));
	if (error != 0) {
		siaga_roster_destroy (&roster);
		return error;
	}
	crypto_hash_sha256 (roster->sha256, text.data, text.size);
	*roster_p = roster;
	return 0;
}

int
roster_parse_report (struct conf_report *report, struct siaga_bytes text,
		     struct siaga_roster **roster_p)
{
	return s_parse (report, text, false, NULL, roster_p);
}

int
roster_parse_after (struct conf_report *report, struct siaga_bytes text,
		    const struct siaga_roster *known, struct siaga_roster **roster_p)
{
	return s_parse (report, text, false, known, roster_p);
}

int
roster_lint_report (struct conf_report *report, struct siaga_bytes text)
{
	struct siaga_roster *roster = NULL;
	int error = s_parse (report, text, true, NULL, &roster);

	siaga_roster_destroy (&roster);
	return error;
}

int
roster_parse (const char *file_name, struct siaga_bytes text, struct siaga_roster **roster_p,
	      struct conf_error *error)
{
	struct conf_report report;

	conf_report_init (&report, file_name, error);
	return roster_parse_report (&report, text, roster_p);
}
