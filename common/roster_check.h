/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between roster_parse.c and roster_check.c: the roster as its text says it, with lines, before it
 * is known to make sense.
 */
#ifndef COMMON_ROSTER_CHECK_H
#define COMMON_ROSTER_CHECK_H

#include "common/conf.h"
#include "common/roster_playbook.h"
#include "siaga/roster.h"

struct roster_key_text {
	unsigned line;
	char *card;
	uint64_t until_us;
	uint64_t untrusted_from_us;
};

struct roster_member_text {
	unsigned line;
	char *name;
	char *title;
	char *duty_phone;
	char *mail;
	int clearance;
};

struct roster_principal_text {
	unsigned line;
	char *name;
	struct conf_strings roles;
	struct conf_list keys; /* struct roster_key_text */
};

struct roster_system_text {
	unsigned line;
	char *name;
	char *title;
	char *owner;
	bool vital;
};

struct roster_hub_text {
	unsigned line;
	char *principal;
	struct conf_strings addresses;
};

struct roster_next_text {
	unsigned line; /* 0: there is no such section */
	struct conf_strings keys;
	int64_t threshold;
};

struct roster_text {
	char *network;
	int64_t serial;
	uint64_t issued_us;
	uint64_t expires_us;
	uint64_t grace_us;
	struct roster_hub_text hub;
	struct roster_next_text next;
	struct conf_list members;    /* struct roster_member_text */
	struct conf_list principals; /* struct roster_principal_text */
	struct conf_list systems;    /* struct roster_system_text */
	struct roster_playbook_text book;
};

/* Reports everything in the text, and in the roster made of it, that does not fit together. The
   roster has the same items in the same order. SIAGA_ENOMEM, else 0: the report counts. */
int
roster_check (struct conf_report *report, const struct roster_text *text,
	      const struct siaga_roster *roster);

#endif
