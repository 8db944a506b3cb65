/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each format of lines is to the agent: a class of functions, one for each type of source (eve, wazuh, zeek,
 * syslog, lines …). Pure: no files, no sockets, no clock but the one given; a state only where the format has one
 * (the #fields header of Zeek's classic logs, the pattern of `lines`, the year of RFC 3164).
 *
 * Who can send traffic past a sensor writes part of what stands in its log, so every value is taken only when it
 * has the type and shape expected, cleaned and cut; what does not fit is left out and never stops the alert.
 */
#ifndef AGENT_PARSER_H
#define AGENT_PARSER_H

#include "agent/agent_conf.h"
#include "agent/event.h"

#define PARSER_WORDS 256

struct parser_class {
	/* The state for one file or connection of a source; NULL, with words, when the configuration can not
	   work. `source` is borrowed and outlives it. */
	void *(*create) (const struct source_conf *source, char words[PARSER_WORDS]);

	/* May this line matter? True for every line that does, false for nearly all others, without parsing;
	   NULL: all may. Lines that change the state (#fields) matter. */
	bool (*may_matter) (void *self, struct siaga_text line);

	/* Fills event->fields from event->line. 0; SIAGA_ENOTFOUND: no alert, and no error; SIAGA_EFORMAT with
	   words; SIAGA_ENOMEM. `now_us` is for formats without a year. */
	int (*parse) (void *self, struct event *event, uint64_t now_us, char words[PARSER_WORDS]);

	/* Fills event->header and event->body from event->fields and the source's defaults: title, severity,
	   category, detected, endpoints, detector, raw. Of the header id, origin and created_us stay zero. Called
	   again after a redaction. Errors as above. */
	int (*map) (void *self, const struct alert_defaults *defaults, struct event *event,
		    char words[PARSER_WORDS]);

	void (*destroy) (void **self_p);

	/* The lines that begin with '#' at a file's start say how the others are read: who begins in the
	   middle of a file parses them first. */
	bool has_head;
};

/* For those without a state: it is the source's configuration. */
void *
parser_create_stateless (const struct source_conf *source, char words[PARSER_WORDS]);
void
parser_destroy_stateless (void **self_p);

extern const struct parser_class parser_eve;
extern const struct parser_class parser_wazuh;
extern const struct parser_class parser_zeek;
extern const struct parser_class parser_syslog;
extern const struct parser_class parser_lines;
extern const struct parser_class
	parser_json; /* an alert as common/alert_json.h says: stdin, socket, exec */
extern const struct parser_class parser_journal; /* the line is an object of the journal's fields */

/* The parser of a source's lines: of its type, or of its `format`. */
const struct parser_class *
parser_of (const struct source_conf *source);

#endif
