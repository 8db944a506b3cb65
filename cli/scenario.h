/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scenario of an exercise: siaga-drill(5). A libconfig file with a title and timed injects, each of which becomes
 * an alert with status exercise.
 */
#ifndef CLI_SCENARIO_H
#define CLI_SCENARIO_H

#include "common/conf.h"
#include "siaga/roster.h"

#define SCENARIO_INJECTS_MAX 64
#define SCENARIO_MAX ((size_t) 256 << 10)		     /* bytes of the file */
#define SCENARIO_AT_MAX (UINT64_C (7) * 24 * 3600 * 1000000) /* the last inject, after the start */
#define SCENARIO_ENDPOINTS_MAX 4

/* What is to be done by when after an inject was accepted; 0: no deadline. */
struct scenario_terms {
	uint64_t acknowledge_within_us;
	uint64_t take_within_us;
	uint64_t resolve_within_us;
};

struct scenario_endpoint {
	char *ip;
	char *host;
	char *user;
	char *url;
	char *email;
	int64_t port; /* 0: not said */
};

struct scenario_inject {
	unsigned line;
	uint64_t at_us; /* after the start */
	char *title;
	char *description;
	char *instruction;
	int severity; /* enum siaga_severity */
	char *category;
	char *system; /* NULL: none */
	char *lead;   /* who should take it; NULL: who the playbook says */
	char *tlp;    /* NULL: the scenario's */
	struct conf_strings audience;
	struct conf_list source; /* struct scenario_endpoint */
	struct conf_list target;
	struct scenario_terms terms;
};

struct scenario {
	char *title;
	char *description;
	int tlp; /* enum siaga_tlp */
	struct conf_strings audience;
	uint64_t expires_after_us;
	struct scenario_terms terms; /* where an inject says nothing */
	struct conf_list injects;    /* struct scenario_inject, in order */
};

/* Reads and checks it alone: 0, SIAGA_ECONF, SIAGA_ENOMEM with "file:line: field: why". */
int
scenario_parse (struct scenario *self, const char *file_name, const char *text, size_t size,
		struct conf_error *error);

/* Against a roster: members, systems, and that each lead may see what it is to lead. 0 or SIAGA_ECONF with words. */
int
scenario_check (const struct scenario *self, const char *file_name,
		const struct siaga_roster *roster, struct conf_error *error);

void
scenario_finish (struct scenario *self);

const struct scenario_inject *
scenario_inject (const struct scenario *self, size_t index);

/* Its TLP and audience: its own, or the scenario's. */
enum siaga_tlp
scenario_tlp (const struct scenario *self, const struct scenario_inject *inject);
const struct conf_strings *
scenario_audience (const struct scenario *self, const struct scenario_inject *inject);

/* Its deadlines, the scenario's where it says nothing. */
struct scenario_terms
scenario_terms (const struct scenario *self, const struct scenario_inject *inject);

#endif
