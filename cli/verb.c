/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See verb.h.
 */
#include "cli/verb.h"

#include <stdio.h>

#include "cli/cmd.h"
#include "cli/say.h"

int
verb_usage (const struct verb *verb)
{
	say ("%s takes one %s (siaga %s --help)", verb->name, verb->operand, verb->name);
	return CMD_USAGE;
}

static int
s_take (const struct verb *verb, int option, const char *arg)
{
	int status = verb->take ? verb->take (verb->self, option, arg) : -1;
	return status >= 0 ? status : options_take_common (verb->common, option, arg);
}

int
verb_parse (const struct verb *verb, int argc, char **argv)
{
	int option, status = CMD_OK;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, verb->options, NULL)) != -1)
		status = s_take (verb, option, optarg);
	if (status || verb->common->help)
		return status;
	int count = argc - optind;
	if (!verb->operand && count > 0) {
		say ("%s takes no operands: %s", verb->name, argv[optind]);
		return CMD_USAGE;
	}
	bool is_wrong = verb->operand && (count > 1 || (count == 0 && !verb->is_optional));
	return is_wrong ? verb_usage (verb) : CMD_OK;
}

int
verb_begin (const struct verb *verb, int status, struct settings *settings)
{
	if (status)
		return status;
	if (verb->common->help)
		return fputs (verb->help, stdout) == EOF ? CMD_IO : CMD_OK;
	status = settings_load (settings, verb->common->conf);
	return status ? status : VERB_GO;
}
