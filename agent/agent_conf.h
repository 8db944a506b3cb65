/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.conf (siaga-agent.conf(5)): the table of its keys, and the rules between them that a table
 * can not say.
 */
#ifndef AGENT_CONF_H
#define AGENT_CONF_H

#include "common/alert_json.h"
#include "common/trust.h"

enum source_type {
	SOURCE_EVE,
	SOURCE_SOCKET,
	SOURCE_STDIN,
};

enum source_from {
	SOURCE_FROM_END,
	SOURCE_FROM_START,
};

struct source_conf {
	unsigned line;
	char *name; /* unique; NULL in the file: the type's */
	int type;
	char *path; /* NULL for stdin */
	int from;
	char *system; /* NULL: none */
	int tlp;
	struct conf_strings audience;
	bool keep_raw;
	bool keep_payload;
};

struct agent_outbox_conf {
	uint64_t max_bytes;
	uint64_t keep_us;
	uint64_t keep_bytes;
};

struct agent_conf {
	struct trust_conf trust;
	char *state;
	char *hub; /* NULL: the roster's addresses */
	int status;
	struct agent_outbox_conf outbox;
	struct conf_list sources; /* of struct source_conf */
};

extern const struct siaga_names source_type_names;

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
