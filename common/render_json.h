/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verified entry as a JSON object with the full names, for pipes and files. The members stand in one fixed
 * order; what is absent is left out. Times are RFC 3339 in UTC with microseconds.
 *
 *	number log_id accepted verified origin epoch oseq id kind action refs status exercise|test created
 *	detected expires severity certainty category system tlp audience sealed title description instruction
 *	source target detector count first_seen last_seen outcome member previous roster raw body_<n> lead
 *	support inform first_action contact phase ack_by take_by resolve_by report_by unseen_by
 *
 * What the playbook of the reader's own roster says (from lead on) is the reader's, not the signer's.
 */
#ifndef COMMON_RENDER_JSON_H
#define COMMON_RENDER_JSON_H

#include <jansson.h>

#include "common/reader.h"

/* A new object; NULL when out of memory. `roster` may be NULL: then nothing from lead on. */
json_t *
render_json (const struct reader_entry *entry, const uint8_t log_id[SIAGA_LOG_ID_BYTES],
	     const struct siaga_roster *roster);

/* One line with its newline, the caller's to free (); NULL when out of memory. What a terminal
   would obey is written as \uXXXX, and with `ascii`, for terminals, everything beyond ASCII. *size_p gets the bytes without NUL. */
char *
render_json_line (const json_t *object, bool ascii, size_t *size_p);

#endif
