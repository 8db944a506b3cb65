/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs share that answer an alert: the table of them, the words for what became of it, and the life of an
 * alert as JSON and as text.
 */
#ifndef CLI_RESPOND_H
#define CLI_RESPOND_H

#include <jansson.h>

#include "cli/alert.h"
#include "cli/output.h"

enum respond_operand {
	RESPOND_NO_OPERAND,
	RESPOND_MEMBER,
	RESPOND_TEXT,
};

struct respond_verb {
	const char *name;
	unsigned what; /* of a siaga_deed */
	enum respond_operand operand;
	const char *usage; /* behind "Usage: siaga " */
	const char *help;
	const char *done; /* what the person did, for "published N ID (… HANDLE TITLE)" */
};

/* NULL when there is none of that name. */
const struct respond_verb *
respond_verb (const char *name);

/* Says why the alert's state does not allow the deed: CMD_OVER or CMD_STATE. `style` is for times. */
int
respond_refuse (const struct alert *alert, const struct siaga_deed *deed,
		const struct render_style *style);

/* {"state", "since", "lead", "person", "lead_since", "assist": [], "acknowledged": [], "outcome"}; NULL when out of
   memory. */
json_t *
respond_life_json (const struct siaga_life *life);

/* "in progress since 12:31:07 WIB, polri/dewi leads since …, brin assists": to the output, escaped. */
void
respond_life_text (struct output *output, const struct siaga_life *life);

#endif
