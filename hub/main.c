/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga-hub: siaga-hub(8). Arguments, configuration, and the parent.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/identity_file.h"
#include "common/log.h"
#include "hub/parent.h"

#define CONF_DEFAULT "/etc/siaga/hub.conf"

struct arguments {
	const char *conf;
	bool check;
	int verbosity;
	int status; /* not -1: the program is done */
};

static void
s_usage (FILE *out)
{
	fputs ("Usage: siaga-hub [-dnv] [-c FILE]\n"
	       "\n"
	       "  -c FILE    configuration (" CONF_DEFAULT ")\n"
	       "  -n         check the configuration, the roster and the identity, and exit\n"
	       "  -d         stay in the foreground and log to standard error (it always does)\n"
	       "  -v         log more\n"
	       "  --help     this text\n"
	       "  --version  the version\n",
	       out);
}

static struct arguments
s_parse (int argc, char **argv)
{
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	struct arguments arguments = {.conf = CONF_DEFAULT, .status = -1};
	int option;

	while ((option = getopt_long (argc, argv, "c:ndv", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			arguments.conf = optarg;
			break;
		case 'n':
			arguments.check = true;
			break;
		case 'd':
			break;
		case 'v':
			arguments.verbosity++;
			break;
		case 'h':
			s_usage (stdout);
			arguments.status = EX_OK;
			return arguments;
		case 'V':
			puts ("siaga-hub " SIAGA_VERSION);
			arguments.status = EX_OK;
			return arguments;
		default:
			arguments.status = EX_USAGE;
		}
	}
	if (optind < argc)
		arguments.status = EX_USAGE;
	if (arguments.status == EX_USAGE)
		s_usage (stderr);
	return arguments;
}

/* From an absolute name, so that every path in it is absolute too: the children leave the directory. */
static int
s_load (struct hub_conf *conf, const char *path, struct conf_error *error)
{
	char *absolute = realpath (path, NULL);
	int status = hub_conf_load (conf, absolute ? absolute : path, error);

	free (absolute);
	return status;
}

int
main (int argc, char **argv)
{
	struct hub_conf conf;
	struct conf_error error = {""};
	struct arguments arguments = s_parse (argc, argv);

	if (arguments.status >= 0)
		return arguments.status;
	process_harden ();
	log_open ("siaga-hub", LOG_TO_STDERR, arguments.verbosity);
	if (siaga_crypto_init () != 0)
		return EX_SOFTWARE;
	if (s_load (&conf, arguments.conf, &error) != 0) {
		log_error ("conf", "%s", error.words);
		return EX_CONFIG;
	}
	int status = EX_OK;
	if (!arguments.check) {
		status = parent_run (&conf, arguments.verbosity);
	} else if (hub_conf_check (&conf, &error) != 0) {
		log_error ("conf", "%s", error.words);
		status = EX_CONFIG;
	}
	hub_conf_finish (&conf);
	return status;
}
