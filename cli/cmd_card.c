/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga card: shows the public half of an identity, or checks a card somebody sent.
 */
#include <getopt.h>
#include <stdio.h>

#include "cli/card_operand.h"
#include "cli/cmd.h"

static const char help[] =
	"Usage: siaga card [--fingerprint] FILE\n"
	"\n"
	"Checks a card and prints it, and on standard error its fingerprint. FILE is an identity, a card,\n"
	"a card's line itself, or - for standard input. No passphrase is needed.\n"
	"\n"
	"  -f, --fingerprint  print the fingerprint only, on standard output\n"
	"  -h, --help         this text\n";

static int
s_print (const struct siaga_card *card, bool only_fingerprint)
{
	char line[SIAGA_CARD_MAX], fingerprint[SIAGA_FINGERPRINT_TEXT];

	siaga_card_fingerprint (card, fingerprint);
	if (only_fingerprint) {
		printf ("%s\n", fingerprint);
	} else {
		siaga_card_write (card, line);
		printf ("%s\n", line);
	}
	if (fflush (stdout) != 0) {
		perror ("siaga: standard output");
		return CMD_IO;
	}
	if (!only_fingerprint)
		fprintf (stderr, "fingerprint %s\n", fingerprint);
	return CMD_OK;
}

int
cmd_card (int argc, char **argv)
{
	static const struct option options[] = {
		{"fingerprint", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool only_fingerprint = false;
	struct siaga_card card;
	int option, status;

	while ((option = getopt_long (argc, argv, "fh", options, NULL)) != -1) {
		if (option == 'h') {
			fputs (help, stdout);
			return CMD_OK;
		}
		if (option != 'f')
			return CMD_USAGE;
		only_fingerprint = true;
	}
	if (argc - optind != 1) {
		fputs ("siaga card: one FILE is needed (see --help)\n", stderr);
		return CMD_USAGE;
	}
	status = card_operand_read (argv[optind], &card);
	return status == CMD_OK ? s_print (&card, only_fingerprint) : status;
}
