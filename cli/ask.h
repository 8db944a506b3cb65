/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One question to the hub and its whole answer.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/options.h"
#include "cli/settings.h"
#include "common/answer.h"

struct asked {
	struct answer answer;
	uint8_t log_id[SIAGA_LOG_ID_BYTES]; /* of the hub that answered */
	int code; /* CMD_REFUSED: what the hub refused it with; 0: something else */
};

/* Asks and waits. CMD_OK with the answer, the caller's to answer_finish (); CMD_REFUSED, CMD_UNAVAILABLE,
   CMD_SIGNALED or CMD_INTERNAL, said to the user, and nothing is left to finish. */
int
ask_run (struct settings *settings, const struct options_common *common,
	 const struct siaga_query *query, struct asked *asked);

#endif
