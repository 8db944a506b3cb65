/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules as they stand in agent.conf (siaga-agent.conf(5), RULES): the records that the schema fills. All that
 * can be wrong with one is found here, with its line; rules.c makes of them what runs.
 */
#ifndef AGENT_RULES_CONF_H
#define AGENT_RULES_CONF_H

#include "common/conf.h"
#include "siaga/limits.h"

#define RULES_MAX 512
#define RULES_ITEMS_MAX 256 /* of one list in a rule */
#define RULE_NAME_MAX 64

/* Everything in it must hold. */
struct when_conf {
	unsigned line;
	char *field; /* NULL: no operators either */
	struct conf_scalar equals;
	struct conf_scalars in;
	struct conf_scalar less;
	struct conf_scalar greater;
	struct conf_strings contains; /* any of them; so with all lists here */
	struct conf_strings prefix;
	struct conf_strings regex;
	struct conf_strings cidr;
	struct conf_scalar exists;
	struct conf_list all; /* of struct when_conf */
	struct conf_list any; /* of struct when_conf */
	struct when_conf * not ;
};

/* One of pattern and path. */
struct redact_conf {
	unsigned line;
	char *pattern;
	char *path;
	char *with;
};

struct set_conf {
	unsigned line; /* 0: none given */
	char *category;
	char *severity; /* checked to be one of the names */
	char *system;
	char *tlp; /* likewise */
	struct conf_strings audience;
	char *title; /* a template */
};

struct observable_conf {
	unsigned line;
	char *path;
	char *as;
};

enum rule_raw {
	RULE_RAW_AS_IT_IS,
	RULE_RAW_KEEP,
	RULE_RAW_STRIP,
};

struct rule_conf {
	unsigned line;
	char *name;
	struct conf_strings sources; /* none: all */
	struct when_conf *when;	     /* NULL: always */
	bool drop;
	struct set_conf set;
	int64_t raise;
	int64_t lower;
	char *raw;		      /* "keep", "strip" or NULL */
	struct conf_list redact;      /* of struct redact_conf */
	struct conf_list observables; /* of struct observable_conf */
};

struct network_conf {
	unsigned line;
	char *system;
	struct conf_strings addresses;
};

struct rules_conf {
	struct conf_list rules;	   /* of struct rule_conf */
	struct conf_list redact;   /* of struct redact_conf */
	struct conf_list networks; /* of struct network_conf */
};

extern const struct conf_schema rule_schema;
extern const struct conf_schema redact_schema;
extern const struct conf_schema network_schema;

bool
redact_conf_check (const void *value, char reason[CONF_REASON_MAX]);
bool
rule_conf_check (const void *value, char reason[CONF_REASON_MAX]);

/* The rows of a schema whose struct has a member `place` of type struct rules_conf. */
#define RULES_CONF_FIELDS(record, place)                                                           \
	CONF_FIELD ("rules", CONF_GROUP_LIST, record, place.rules, .min = 0, .max = RULES_MAX,     \
		    .schema = &rule_schema, .check = rule_conf_check),                             \
		CONF_FIELD ("redact", CONF_GROUP_LIST, record, place.redact, .min = 0,             \
			    .max = RULES_ITEMS_MAX, .schema = &redact_schema,                      \
			    .check = redact_conf_check),                                           \
		CONF_FIELD ("networks", CONF_GROUP_LIST, record, place.networks, .min = 0,         \
			    .max = RULES_ITEMS_MAX, .schema = &network_schema)

/* Reports rules for sources that there are not. `is_source (arg, name)`: is there one of that name? */
void
rules_conf_check_sources (const struct rules_conf *self, struct conf_report *report,
			  bool (*is_source) (const void *arg, const char *name), const void *arg);

#endif
