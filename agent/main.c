/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga-agent(8): the command line, and the life of one agent from configuration to end.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "agent/agent.h"
#include "agent/dry_run.h"
#include "agent/status_socket.h"
#include "common/log.h"
#include "siaga/error.h"

#define CONF_PATH_DEFAULT "/etc/siaga/agent.conf"

struct options {
	const char *conf;
	bool check;
	bool status;
	bool json; /* of --status and --dry-run */
	bool dry_run;
	const char *source; /* of --dry-run */
	const char *file;   /* likewise */
	int verbosity;
};

static const char s_usage[] =
	"usage: siaga-agent [-dnv] [-c file]\n"
	"       siaga-agent --status [--format text|json] [-c file]\n"
	"       siaga-agent --dry-run [--format text|json] [--source name] [-c file] file\n"
	"\n"
	"Turns what sensors see into signed alerts, and brings them to the hub.\n"
	"\n"
	"  -c file    configuration (" CONF_PATH_DEFAULT ")\n"
	"  -n         check configuration, identity and roster, and exit\n"
	"  -d         stay in the foreground and log to standard error (it always does)\n"
	"  -v         log more\n"
	"  --status   show what the agent that runs on this configuration is doing\n"
	"  --dry-run  print what would be sent of the lines in file (- standard input), and why\n"
	"  --source   of --dry-run: whose lines these are (the source of that path)\n"
	"  --help     this text\n"
	"  --version  the version\n"
	"\n"
	"See siaga-agent(8) and siaga-agent.conf(5).\n";

enum {
	OPTION_HELP = 256,
	OPTION_VERSION,
	OPTION_STATUS,
	OPTION_FORMAT,
	OPTION_DRY_RUN,
	OPTION_SOURCE,
};

static const struct option s_long[] = {
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"status", no_argument, NULL, OPTION_STATUS},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	{"source", required_argument, NULL, OPTION_SOURCE},
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
		case OPTION_STATUS:
			options->status = true;
			break;
		case OPTION_DRY_RUN:
			options->dry_run = true;
			break;
		case OPTION_SOURCE:
			options->source = optarg;
			break;
		case OPTION_FORMAT:
			options->json = strcmp (optarg, "json") == 0;
			if (options->json || strcmp (optarg, "text") == 0)
				break;
			fprintf (stderr, "siaga-agent: --format: text or json, not \"%s\"\n",
				 optarg);
			return EX_USAGE;
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
	if (options->dry_run && optind + 1 == argc) {
		options->file = argv[optind];
		return -1;
	}
	if (options->dry_run) {
		fprintf (stderr, "siaga-agent: --dry-run: which file? (- is standard input)\n");
		return EX_USAGE;
	}
	if (optind == argc)
		return -1;
	fprintf (stderr, "siaga-agent: %s: no arguments are taken\n", argv[optind]);
	return EX_USAGE;
}

/* Of what went wrong: all but EX_CONFIG may pass by starting again. */
static int
s_status (int error)
{
	switch (error) {
	case 0:
		return EX_OK;
	case SIAGA_ENOMEM:
		return EX_OSERR;
	case SIAGA_EIO:
	case SIAGA_EDISK:
		return EX_IOERR;
	case SIAGA_ELOCKED:
		return EX_TEMPFAIL;
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
	if (options.status)
		return status_show (options.conf, options.json);
	if (options.dry_run)
		return dry_run (&(struct dry_run_options){options.conf, options.source,
							  options.file, options.json});
	log_open ("siaga-agent", LOG_TO_STDERR, options.verbosity);
	int rc = agent_prepare ();
	if (rc) {
		log_error ("start-failed", "%s", siaga_strerror (rc));
		return EX_OSERR;
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
