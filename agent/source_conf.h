/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What agent_conf.c leaves to this: which keys a type of source has, and the checking of their values.
 */
#ifndef AGENT_SOURCE_CONF_H
#define AGENT_SOURCE_CONF_H

#include "agent/agent_conf.h"

extern const struct siaga_names source_format_names;

/* Checkers of single values, for the schema. */
bool
source_check_format (const void *value, char reason[CONF_REASON_MAX]);
bool
source_check_pattern (const void *value, char reason[CONF_REASON_MAX]);
bool
source_check_listen (const void *value, char reason[CONF_REASON_MAX]);
bool
source_check_unit (const void *value, char reason[CONF_REASON_MAX]);
bool
source_check_priority (const void *value, char reason[CONF_REASON_MAX]);

/* Fills in what follows from the keys: path, format_number, priority. */
void
source_conf_complete (struct source_conf *self);

/* Reports keys that this type has not, or lacks. */
void
source_conf_check (const struct source_conf *self, size_t index, struct conf_report *report);

#endif
