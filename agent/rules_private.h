/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rules are when they run, shared by rules*.c: the configuration's records, copied, with patterns compiled
 * and names resolved. All of it lives in one chain of blocks and goes with the rules.
 */
#ifndef AGENT_RULES_PRIVATE_H
#define AGENT_RULES_PRIVATE_H

#include "agent/cidr.h"
#include "agent/complaint.h"
#include "agent/path.h"
#include "agent/pattern.h"
#include "agent/rules.h"
#include "agent/rules_conf.h"

/* A text or a number to compare with. */
struct operand {
	bool is_number; /* written as one */
	struct siaga_text text;
	long double number;
};

struct operands {
	size_t count;
	struct operand *items;
};

struct patterns {
	size_t count;
	struct pattern **items;
};

struct cidrs {
	size_t count;
	struct cidr *items;
};

struct when;

struct whens {
	size_t count;
	struct when *items;
};

/* struct when_conf, ready. */
struct when {
	unsigned line;
	bool has_field;
	struct path path;
	bool needs_value;	/* any operator but `exists` */
	struct operands equals; /* of `equals`: at most one */
	struct operands in;
	struct operands less;
	struct operands greater;
	struct operands contains;
	struct operands prefix;
	struct patterns regex;
	struct cidrs cidr;
	bool has_exists;
	bool exists;
	struct whens all;
	struct whens any;
	struct when * not ;
};

struct redaction {
	unsigned line;
	struct pattern *pattern; /* or */
	const char *path;
	struct siaga_text with;
};

struct redactions {
	size_t count;
	struct redaction *items;
};

struct observable {
	struct path path;
	struct endpoint_place place;
};

struct rule {
	const char *name; /* "rules[3]" where none was given */
	unsigned line;
	size_t source_count; /* 0: all */
	const char **sources;
	struct when *when; /* NULL: always */
	bool drop;
	enum rule_raw raw;
	int severity; /* -1: not set */
	int shift;    /* of the severity: raise, or lower */
	int tlp;      /* -1: not set */
	struct siaga_text category;
	struct siaga_text system;
	size_t audience_count;
	struct siaga_text *audience; /* sorted */
	const char *title;	     /* NULL: not set */
	struct redactions redactions;
	size_t observable_count;
	struct observable *observables;
};

struct network {
	struct siaga_text system;
	struct cidrs addresses;
};

struct rules_block {
	struct rules_block *next;
};

struct rules {
	size_t rule_count;
	struct rule *rules;
	struct redactions redactions;
	size_t network_count;
	struct network *networks;
	struct pattern_work *work;
	struct complaint *gave_up; /* a pattern took too long */
	size_t pattern_count;
	struct pattern **patterns; /* all of them */
	struct rules_block *blocks;
};

/* Zeroed memory that lives as long as the rules; NULL when there is none. */
void *
rules_alloc (struct rules *self, size_t count, size_t size);
const char *
rules_copy (struct rules *self, const char *text);

/* A checked pattern, compiled and kept; NULL when out of memory. */
struct pattern *
rules_pattern (struct rules *self, const char *text);

/* 0 or SIAGA_ENOMEM. */
int
rules_cidrs (struct rules *self, const struct conf_strings *conf, struct cidrs *cidrs);

/* rules_when.c */
int
rules_make_when (struct rules *self, const struct when_conf *conf, struct when *when);
bool
rules_when_holds (const struct rules *self, const struct when *when, const struct event *event);

/* rules_redact.c */
int
rules_make_redactions (struct rules *self, const struct conf_list *conf,
		       struct redactions *redactions);
bool
rules_do_redactions (const struct rules *self, const struct redactions *redactions,
		     struct event *event);

/* rules_set.c */
int
rules_make_set (struct rules *self, const struct rule_conf *conf, struct rule *rule);
void
rules_do_set (const struct rule *rule, struct event *event);

/* The system of an address of the alert, the target's first, by the longest prefix; empty: none. */
struct siaga_text
rules_network_of (const struct rules *self, const struct event *event);

#endif
