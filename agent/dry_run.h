/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga-agent --dry-run: what would become of the lines of a file, and why. Nothing is stored and nothing sent.
 */
#ifndef AGENT_DRY_RUN_H
#define AGENT_DRY_RUN_H

#include <stdbool.h>

struct dry_run_options {
	const char *conf_path;
	const char *source; /* a name in the configuration; NULL: the first that reads a file */
	const char *path;   /* "-": standard input */
	bool json;
};

/* Prints to standard output. Returns the exit status: EX_OK, EX_DATAERR when there were unreadable lines,
   EX_NOINPUT, EX_CONFIG, EX_USAGE for a source that there is not, EXIT_FAILURE. */
int
dry_run (const struct dry_run_options *options);

#endif
