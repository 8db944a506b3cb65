/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `siaga playbook`: the answer to one question, and the whole matrix. The roster is read by
 * cmd_playbook.c; neither needs the hub.
 */
#ifndef CLI_PLAYBOOK_H
#define CLI_PLAYBOOK_H

#include "cli/output.h"

struct playbook {
	struct options_common common;
	bool table;
	bool markdown;
	const char *roster_path; /* --roster; NULL: the one in use */
	bool has_severity, has_tlp;
	struct siaga_header header; /* the alert that is asked about */
	uint64_t at_us;
	struct siaga_roster *roster; /* owned when it is from --roster, else `trust`'s */
	struct trust trust;
	struct output output;
};

/* What a rule and its terms say, for pipes. False when out of memory. */
bool
playbook_duty_json (json_t *object, const struct siaga_roster *roster,
		    const struct siaga_duty *duty);

/* Each writes to self->output and returns 0, OUTPUT_CLOSED or an enum cmd_exit, said to the user. */
int
playbook_answer (struct playbook *self);
int
playbook_table (struct playbook *self);

#endif
