/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga roster diff: what is about to be signed, compared with what is in force.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/roster_diff.h"
#include "cli/roster_verbs.h"

static const char help[] =
	"Usage: siaga roster diff OLD NEW\n"
	"\n"
	"Says in words what changed from one roster to another: who is enrolled, revoked or taken out, roles,\n"
	"keys with their fingerprints, clearances, roots, addresses, the playbook. For whoever is about to sign\n"
	"NEW: compare each new fingerprint with its owner. Signatures are not checked (see roster check).\n"
	"\n"
	"  -h, --help  this text\n";

/* CMD_OK; -1: the help was asked for; else what to exit with. */
static int
s_take_options (int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option = getopt_long (argc, argv, "h", options, NULL);

	if (option == 'h')
		return -1;
	if (option == -1 && argc - optind == 2)
		return CMD_OK;
	if (option == -1)
		fputs ("siaga roster diff: OLD and NEW are needed (see --help)\n", stderr);
	return CMD_USAGE;
}

int
roster_verb_diff (int argc, char **argv)
{
	struct siaga_roster *old = NULL, *new = NULL;
	struct roster_bundle old_bundle, new_bundle;
	int status = s_take_options (argc, argv);

	if (status < 0) {
		fputs (help, stdout);
		return CMD_OK;
	}
	if (status == CMD_OK)
		status = roster_read (argv[optind], &old_bundle, &old);
	if (status != CMD_OK)
		return status;
	status = roster_read (argv[optind + 1], &new_bundle, &new);
	if (status == CMD_OK) {
		if (roster_diff (stdout, old, new) == 0)
			puts ("nothing changed");
		roster_bundle_finish (&new_bundle);
	}
	siaga_roster_destroy (&new);
	siaga_roster_destroy (&old);
	roster_bundle_finish (&old_bundle);
	return status == CMD_OK && fflush (stdout) != 0 ? CMD_IO : status;
}
