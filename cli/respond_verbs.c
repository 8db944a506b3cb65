/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs that answer an alert. See respond.h.
 */
#include <string.h>

#include "cli/respond.h"

static const struct respond_verb s_verbs[] = {
	{"ack", SIAGA_ACTION_ACKNOWLEDGE, RESPOND_NO_OPERAND, "ack [OPTION...] ALERT",
	 "Says that you have seen an alert.", "acknowledged"},
	{"take", SIAGA_ACTION_TAKE, RESPOND_NO_OPERAND, "take [OPTION...] ALERT",
	 "Takes an alert: you lead, and so does your agency. One agency leads at a time.", "took"},
	{"assist", SIAGA_ACTION_ASSIST, RESPOND_NO_OPERAND, "assist [OPTION...] ALERT",
	 "Says that your agency helps whoever leads.", "assist with"},
	{"handover", SIAGA_ACTION_HANDOVER, RESPOND_MEMBER, "handover [OPTION...] ALERT MEMBER",
	 "Hands an alert over to another agency, whose people then take it.", "handed over"},
	{"comment", SIAGA_ACTION_COMMENT, RESPOND_TEXT, "comment [OPTION...] ALERT TEXT",
	 "Adds words to an alert's story.", "commented on"},
	{"resolve", SIAGA_ACTION_RESOLVE, RESPOND_NO_OPERAND,
	 "resolve --outcome OUTCOME [OPTION...] ALERT", "Closes an alert that your agency leads.",
	 "resolved"},
	{"reopen", SIAGA_ACTION_REOPEN, RESPOND_NO_OPERAND, "reopen [OPTION...] ALERT",
	 "Opens a resolved or cancelled alert again; nobody leads it then.", "reopened"},
	{"update", SIAGA_DEED_UPDATE, RESPOND_NO_OPERAND, "update [OPTION...] ALERT",
	 "Adds facts to an alert of your own.", "updated"},
	{"cancel", SIAGA_DEED_CANCEL, RESPOND_NO_OPERAND, "cancel [OPTION...] ALERT",
	 "Takes back an alert of your own.", "cancelled"},
};

const struct respond_verb *
respond_verb (const char *name)
{
	for (size_t i = 0; i < sizeof s_verbs / sizeof *s_verbs; i++)
		if (strcmp (s_verbs[i].name, name) == 0)
			return &s_verbs[i];
	return NULL;
}
