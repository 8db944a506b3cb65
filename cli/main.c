/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga: the command line of people. Finds the verb and lets it do the rest.
 */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/identity_file.h"
#include "common/log.h"

static const struct verb {
	const char *name;
	int (*run) (int argc, char **argv);
	const char *help;
} s_verbs[] = {
	{"send", cmd_send, "publish an alert"},
	{"watch", cmd_watch, "show alerts as they are published"},
	{"log", cmd_log, "show what is in the log"},
	{"show", cmd_show, "show one entry and all that refers to it"},
	{"open", cmd_open, "show what is open, and whose it is"},
	{"verify", cmd_verify, "prove an entry, or audit the log"},
	{"export", cmd_export, "write an entry with its proof to a file"},
	{"playbook", cmd_playbook, "say who does what if ..., also when the hub is down"},
	{"report", cmd_report, "write the report to the regulator about an alert"},
	{"drill", cmd_drill, "run an exercise, and report on it"},
	{"rollcall", cmd_rollcall, "ask every member to answer, and show who did"},
	{"ack", cmd_respond, "say that you have seen an alert"},
	{"take", cmd_respond, "take an alert: you lead"},
	{"assist", cmd_respond, "help whoever leads"},
	{"handover", cmd_respond, "hand an alert over to another agency"},
	{"comment", cmd_respond, "add words to an alert's story"},
	{"resolve", cmd_respond, "close an alert that your agency leads"},
	{"reopen", cmd_respond, "open a closed alert again"},
	{"update", cmd_respond, "add facts to an alert of your own"},
	{"cancel", cmd_respond, "take back an alert of your own"},
	{"status", cmd_status, "show the hub, its sessions, and what waits here"},
	{"doctor", cmd_doctor, "find out what keeps a configuration from the hub"},
	{"keygen", cmd_keygen, "make an identity"},
	{"card", cmd_card, "show an identity's card and fingerprint"},
	{"roster", cmd_roster, "check and show rosters, enroll a card"},
};

#define VERB_COUNT (sizeof s_verbs / sizeof *s_verbs)

static int
s_help (FILE *out)
{
	fputs ("Usage: siaga [-c FILE] VERB [OPTION...]\n"
	       "       siaga VERB --help\n"
	       "\n"
	       "The command line of a task force's alerts.\n"
	       "\n",
	       out);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf (out, "  %-8s %s\n", s_verbs[i].name, s_verbs[i].help);
	fputs ("\n"
	       "  -c, --config FILE   configuration (siaga.conf)\n"
	       "  --version           the version\n"
	       "  -h, --help          this text\n",
	       out);
	return fflush (out) == EOF ? CMD_IO : CMD_OK;
}

static int
s_run_verb (int argc, char **argv)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp (argv[0], s_verbs[i].name) == 0)
			return s_verbs[i].run (argc, argv);
	say ("%s: no such verb (siaga --help)", argv[0]);
	return CMD_USAGE;
}

/* The options before the verb: -1 to go on with it, or what to exit with. */
static int
s_parse (int argc, char **argv)
{
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int option;
	while ((option = getopt_long (argc, argv, "+c:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			setenv ("SIAGA_CONF", optarg, 1);
			break;
		case 'h':
			return s_help (stdout);
		case 'V':
			return puts ("siaga " SIAGA_VERSION) == EOF ? CMD_IO : CMD_OK;
		default:
			return CMD_USAGE;
		}
	}
	return -1;
}

int
main (int argc, char **argv)
{
	process_harden ();
	setlocale (LC_CTYPE, "");
	log_open ("siaga", LOG_TO_STDERR, -1);
	int status = s_parse (argc, argv);
	if (status >= 0)
		return status;
	if (optind == argc) {
		s_help (stderr);
		return CMD_USAGE;
	}
	if (siaga_crypto_init ()) {
		say ("libsodium cannot be set up");
		return CMD_INTERNAL;
	}
	char **words = argv + optind;
	int count = argc - optind;
	optind = 0; /* the verb's words are scanned from their start */
	status = s_run_verb (count, words);
	if (status == CMD_INTERNAL && !say_was_heard ())
		say ("out of memory");
	return status;
}
