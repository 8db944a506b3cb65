/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of well-known programs, and what they mean to a reader: who failed to log in from where, who was banned.
 */
#ifndef AGENT_SYSLOG_KNOWN_H
#define AGENT_SYSLOG_KNOWN_H

#include "agent/map.h"

#define SYSLOG_CAPTURES 26 /* one for each letter */

struct syslog_known {
	const char *program; /* as map_find ()'s words */
	const char *id;	     /* of the rule */
	const char *
		message; /* %i an address, %p a port, %n a number, %m and %j a word, %u and %v any text;
				a space is one or more */
	const char *title;    /* with the same letters */
	const char *category; /* NULL: that of the jail %j */
	enum siaga_severity severity;
};

/* What was found of a message; texts are borrowed from it. */
struct syslog_match {
	const struct syslog_known *known;
	struct siaga_text captured[SYSLOG_CAPTURES]; /* by letter: 'i' - 'a' … */
};

/* Is the message one of the table? */
bool
syslog_known_find (struct syslog_match *match, struct siaga_text program,
		   struct siaga_text message);

/* What a letter stands for; empty for what was not captured. */
struct siaga_text
syslog_match_text (const struct syslog_match *match, char letter);

/* The title with what was captured in its places, kept in the event's storage. */
struct siaga_text
syslog_match_title (const struct syslog_match *match, struct event *event);

/* The i-th row, NULL past the end: for tests. */
const struct syslog_known *
syslog_known_at (size_t index);

#endif
