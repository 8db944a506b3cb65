/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message of a program on some machine to an alert, whether it came as a line of syslog (parser_syslog.c) or from
 * the journal (parser_journal.c).
 */
#ifndef AGENT_SYSLOG_MAP_H
#define AGENT_SYSLOG_MAP_H

#include "agent/map.h"

#define SYSLOG_WARNING 4 /* the priority */
#define SYSLOG_INFO 6

extern const struct siaga_names syslog_priority_names; /* "emerg", "alert" … "debug" */

struct syslog_message {
	int priority; /* 0 to 7; -1: not said */
	uint64_t time_us;
	struct siaga_text host;
	struct siaga_text program;
	struct siaga_text text;
};

/* How urgent it is, with 0 as the most: of a known message by what it means, else the priority. */
unsigned
syslog_urgency (const struct syslog_message *message);

/* Header and body but for `raw`, after map_begin (). 0, or SIAGA_EFORMAT when it says nothing. */
int
syslog_map (struct event *event, const struct syslog_message *message);

#endif
