/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One alert as JSON (common/alert_json.h) into the running transaction: what the socket and
 * standard input share.
 */
#ifndef AGENT_ALERT_LINE_H
#define AGENT_ALERT_LINE_H

#include "agent/intake.h"
#include "common/alert_json.h"

/* Is there anything on this line? */
bool
alert_line_is_blank (struct siaga_text line);

/*
 * Adds it with a random id, which goes to `id`. The errors of alert_json_parse (), and
 * SIAGA_EMALFORMED or SIAGA_ELIMIT for what makes no valid entry, all with words: the line is bad
 * (*is_bad) and the transaction goes on. Else the outbox's error, with words.
 */
int
alert_line_add (struct intake *intake, const struct alert_defaults *defaults,
		struct siaga_text line, uint8_t id[SIAGA_ID_BYTES], bool *is_bad,
		char words[ALERT_JSON_WORDS]);

#endif
