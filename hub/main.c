/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga-hub: siaga-hub(8). Arguments, configuration, and the parent.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/identity_file.h"
#include "common/log.h"
#include "hub/control.h"
#include "hub/maintain.h"
#include "hub/parent.h"

#define CONF_DEFAULT "/etc/siaga/hub.conf"

enum {
	OPTION_STATUS = 0x100,
	OPTION_RELOAD,
	OPTION_KICK,
	OPTION_DRAIN,
	OPTION_FORMAT,
};

/* What they are on the control socket. */
static const char *const s_verbs[] = {"status", "reload", "kick", "drain"};

struct arguments {
	const char *conf;
	bool check;
	int (*maintain) (const struct hub_conf *conf, const char *file); /* NULL: serve */
	const char *file;
	int verbosity;
	const char *verb;      /* for the hub that runs */
	const char *principal; /* of a kick */
	bool json;
	int status; /* not -1: the program is done */
};

static void
s_usage (FILE *out)
{
	fputs ("Usage: siaga-hub [-dnv] [-c FILE]\n"
	       "       siaga-hub --status [--format text|json] | --reload | --kick PRINCIPAL | --drain\n"
	       "                 [-c FILE]\n"
	       "       siaga-hub [-c FILE] --verify [BACKUP] | --backup FILE | --restore FILE\n"
	       "\n"
	       "  -c FILE    configuration (" CONF_DEFAULT ")\n"
	       "  -n         check the configuration, the roster and the identity, and exit\n"
	       "  -d         stay in the foreground and log to standard error (it always does)\n"
	       "  -v         log more\n"
	       "  --status   show what the hub that runs on this configuration is doing\n"
	       "  --reload   have it read the roster again\n"
	       "  --kick PRINCIPAL\n"
	       "             have it end that principal's sessions\n"
	       "  --drain    have it take no more, deliver what it has, and stop\n"
	       "  --verify [BACKUP]  check everything in the journal, or in a backup\n"
	       "  --backup FILE      copy the journal to a new file, also while a hub runs\n"
	       "  --restore FILE     put a backup in the journal's place\n"
	       "  --help     this text\n"
	       "  --version  the version\n",
	       out);
}

static void
s_take_format (struct arguments *arguments, const char *format)
{
	arguments->json = strcmp (format, "json") == 0;
	if (!arguments->json && strcmp (format, "text") != 0)
		arguments->status = EX_USAGE;
}

/* One of them at a time. */
static void
s_maintain (struct arguments *arguments, int (*maintain) (const struct hub_conf *, const char *),
	    const char *file)
{
	if (arguments->maintain)
		arguments->status = EX_USAGE;
	arguments->maintain = maintain;
	arguments->file = file;
}

static struct arguments
s_parse (int argc, char **argv)
{
	static const struct option options[] = {
		{"status", no_argument, NULL, OPTION_STATUS},
		{"reload", no_argument, NULL, OPTION_RELOAD},
		{"kick", required_argument, NULL, OPTION_KICK},
		{"drain", no_argument, NULL, OPTION_DRAIN},
		{"format", required_argument, NULL, OPTION_FORMAT},
		{"verify", no_argument, NULL, 'C'},
		{"backup", required_argument, NULL, 'B'},
		{"restore", required_argument, NULL, 'R'},
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
		case OPTION_STATUS:
		case OPTION_RELOAD:
		case OPTION_KICK:
		case OPTION_DRAIN:
			arguments.verb = s_verbs[option - OPTION_STATUS];
			arguments.principal = optarg;
			break;
		case OPTION_FORMAT:
			s_take_format (&arguments, optarg);
			break;
		case 'h':
			s_usage (stdout);
			arguments.status = EX_OK;
			return arguments;
		case 'V':
			puts ("siaga-hub " SIAGA_VERSION);
			arguments.status = EX_OK;
			return arguments;
		case 'C':
			s_maintain (&arguments, maintain_verify, NULL);
			break;
		case 'B':
			s_maintain (&arguments, maintain_backup, optarg);
			break;
		case 'R':
			s_maintain (&arguments, maintain_restore, optarg);
			break;
		default:
			arguments.status = EX_USAGE;
		}
	}
	if (arguments.maintain == maintain_verify && optind + 1 == argc)
		arguments.file = argv[optind++];
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
	if (arguments.verb)
		return control_ask (arguments.conf, arguments.verb, arguments.principal,
				    arguments.json);
	process_harden ();
	log_open ("siaga-hub", LOG_TO_STDERR, arguments.verbosity);
	if (siaga_crypto_init () != 0)
		return EX_SOFTWARE;
	if (s_load (&conf, arguments.conf, &error) != 0) {
		log_error ("conf", "%s", error.words);
		return EX_CONFIG;
	}
	int status = EX_OK;
	if (arguments.maintain) {
		status = arguments.maintain (&conf, arguments.file);
	} else if (!arguments.check) {
		status = parent_run (&conf, arguments.verbosity);
	} else if (hub_conf_check (&conf, &error) != 0) {
		log_error ("conf", "%s", error.words);
		status = EX_CONFIG;
	}
	hub_conf_finish (&conf);
	return status;
}
