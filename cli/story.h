/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story of an entry: itself and all that refers to it, asked of the hub and verified, as JSON objects.
 */
#ifndef CLI_STORY_H
#define CLI_STORY_H

#include <jansson.h>

#include "cli/options.h"
#include "cli/settings.h"

/* Asks for the story of `operand`, a log number (with or without #) or an id. CMD_OK and an array of render_json ()'s
   objects, the entry first, the caller's to json_decref (); or an enum cmd_exit, said to the user: CMD_REFUSED when
   there is none or some of it does not verify. */
int
story_ask (struct settings *settings, const struct options_common *common, const char *operand,
	   json_t **story_p);

#endif
