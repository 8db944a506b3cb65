/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.conf (siaga-agent.conf(5)): the table of its keys, and the rules between them that a table
 * can not say.
 */
#ifndef AGENT_CONF_H
#define AGENT_CONF_H

#include "agent/rules_conf.h"
#include "common/alert_json.h"
#include "common/trust.h"

enum source_type {
	SOURCE_EVE,
	SOURCE_SOCKET,
	SOURCE_STDIN,
	SOURCE_WAZUH,
	SOURCE_ZEEK,
	SOURCE_SYSLOG,
	SOURCE_JOURNAL,
	SOURCE_LINES,
	SOURCE_EXEC,
};

/* Of the lines a command writes. */
enum source_format {
	FORMAT_JSON,
	FORMAT_EVE,
	FORMAT_WAZUH,
	FORMAT_ZEEK,
	FORMAT_SYSLOG,
	FORMAT_LINES,
};

enum source_from {
	SOURCE_FROM_END,
	SOURCE_FROM_START,
};

struct source_conf {
	unsigned line;
	char *name; /* unique; NULL in the file: the type's */
	int type;
	struct conf_strings paths; /* perhaps with wildcards, as glob(7) */
	char *path;		   /* the first of them; NULL: none */
	int from;
	char *format; /* NULL: none given; so with all strings here */
	char *pattern;
	char *listen;
	struct conf_strings command;
	struct conf_strings units;
	char *min_priority;
	int format_number; /* enum source_format */
	int priority;	   /* the least urgent of syslog that is told: 0 emergency to 7 debug */
	char *system;	   /* NULL: none */
	int tlp;
	struct conf_strings audience;
	bool keep_raw;
	bool keep_payload;
};

struct agent_outbox_conf {
	uint64_t max_bytes;
	uint64_t keep_us;
	uint64_t keep_bytes;
	uint64_t max_age_us; /* of what waits */
};

struct damper_conf {
	bool enabled;
	uint64_t window_us;
	struct conf_strings key;
	int64_t rate; /* alerts a minute of each source and severity; 0: any number */
};

struct agent_conf {
	struct trust_conf trust;
	char *state;
	char *hub;	  /* NULL: the roster's addresses */
	char *accept_log; /* hex; NULL: none */
	int status;
	struct agent_outbox_conf outbox;
	struct damper_conf damper;
	struct conf_list sources; /* of struct source_conf */
	struct rules_conf rules;
};

extern const struct siaga_names source_type_names;
extern const struct siaga_names damper_part_names; /* words of damper.key: damper_key.c */

/* Reads and checks the file: 0, SIAGA_ECONF, SIAGA_ENOTFOUND, SIAGA_ELIMIT, SIAGA_EIO,
   SIAGA_ENOMEM, with words that name file, line and field. After a failure there is nothing to
   free. */
int
agent_conf_load (struct agent_conf *self, const char *path, struct conf_error *error);

void
agent_conf_free (struct agent_conf *self);

/* What the alerts of a source get where the source does not say; borrowed from the configuration.
   */
void
agent_conf_defaults (const struct agent_conf *self, const struct source_conf *source,
		     struct alert_defaults *defaults);

static inline struct source_conf *
agent_conf_source (const struct agent_conf *self, size_t index)
{
	return (struct source_conf *) self->sources.items + index;
}

#endif
