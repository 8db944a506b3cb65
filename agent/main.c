/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga-agent(8): the command line, and the life of one agent from configuration to end.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "agent/agent.h"
#include "common/log.h"
#include "siaga/error.h"

#define CONF_PATH_DEFAULT "/etc/siaga/agent.conf"

struct options {
	const char *conf;
	bool check;
	int verbosity;
};

static const char s_usage[] =
	"usage: siaga-agent [-dnv] [-c file]\n"
	"\n"
	"Turns what sensors see into signed alerts, and brings them to the hub.\n"
	"\n"
	"  -c file    configuration (" CONF_PATH_DEFAULT ")\n"
	"  -n         check configuration, identity and roster, and exit\n"
	"  -d         stay in the foreground and log to standard error (it always does)\n"
	"  -v         log more\n"
	"  --help     this text\n"
	"  --version  the version\n"
	"\n"
	"See siaga-agent(8) and siaga-agent.conf(5).\n";

enum {
	OPTION_HELP = 256,
	OPTION_VERSION
};

static const struct option s_long[] = {
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

/* -1: go on; else the exit status. */
static int
s_parse (int argc, char **argv, struct options *options)
{
	int option;
	*options = (struct options){.conf = CONF_PATH_DEFAULT};
	while ((option = getopt_long (argc, argv, "c:dnv", s_long, NULL)) != -1) {
		switch (option) {
		case 'c':
			options->conf = optarg;
			break;
		case 'd':
			break; /* the program never forks; a supervisor keeps it */
		case 'n':
			options->check = true;
			break;
		case 'v':
			options->verbosity++;
			break;
		case OPTION_HELP:
			fputs (s_usage, stdout);
			return EX_OK;
		case OPTION_VERSION:
			puts ("siaga-agent " SIAGA_VERSION);
			return EX_OK;
		default:
			fputs (s_usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fprintf (stderr, "siaga-agent: %s: no arguments are taken\n", argv[optind]);
	return EX_USAGE;
}

/* Of what went wrong before the loop runs: will starting again help? */
static int
s_status (int error)
{
	switch (error) {
	case 0:
		return EX_OK;
	case SIAGA_ENOMEM:
	case SIAGA_EIO:
	case SIAGA_EDISK:
	case SIAGA_ELOCKED:
		return EXIT_FAILURE;
	default:
		return EX_CONFIG;
	}
}

int
main (int argc, char **argv)
{
	struct options options;
	struct conf_error error = {.words = ""};
	struct agent agent;

	int status = s_parse (argc, argv, &options);
	if (status >= 0)
		return status;
	log_open ("siaga-agent", LOG_TO_STDERR, options.verbosity);
	int rc = agent_prepare ();
	if (rc) {
		log_error ("start-failed", "%s", siaga_strerror (rc));
		return EXIT_FAILURE;
	}
	rc = agent_configure (&agent, options.conf, !options.check, &error);
	if (rc) {
		log_error ("conf", "%s", error.words);
		return s_status (rc);
	}
	if (options.check) {
		printf ("%s: ok: %s in %s, roster %" PRIu64 ", %zu sources\n", options.conf,
			agent.trust.principal->name, agent.conf.trust.network,
			agent.trust.roster->serial, agent.conf.sources.count);
	} else {
		rc = agent_init (&agent);
		if (!rc)
			rc = agent_run (&agent);
	}
	agent_finish (&agent);
	return s_status (rc);
}
