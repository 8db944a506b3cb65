/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the talking verbs have in common: from their words on the command line to settings that are loaded.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include "cli/options.h"
#include "cli/settings.h"

#define VERB_GO (-1) /* of verb_begin () */

struct verb {
	const char *name;
	const char *help;
	const struct option *options;
	const char *operand; /* what the one operand is, in words; NULL: there is none */
	bool is_optional;    /* the operand */
	struct options_common *common;
	/* Takes an option before the common ones are tried: 0, an enum cmd_exit, or -1: it is not the verb's. May be NULL. */
	int (*take) (void *self, int option, const char *arg);
	void *self;
};

/* Reads the options and counts the operands, which begin at `optind`; behind --help nothing is asked for. CMD_OK, or an
   enum cmd_exit, said to the user. */
int
verb_parse (const struct verb *verb, int argc, char **argv);

/* Says that the operand is missing or one too many: CMD_USAGE. */
int
verb_usage (const struct verb *verb);

/* Where `status`, that of the verb's words, is CMD_OK: writes the help that was asked for, or loads the settings. VERB_GO
   with settings, the caller's to settings_finish (); else what to exit with. */
int
verb_begin (const struct verb *verb, int status, struct settings *settings);

#endif
