/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga keygen: makes a principal's identity file and prints its card, which goes to whoever keeps
 * the roster.
 */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/identity_file.h"
#include "siaga/error.h"
#include "siaga/names.h"

static const char help[] =
	"Usage: siaga keygen [--out FILE] [--no-passphrase] PRINCIPAL\n"
	"\n"
	"Makes new keys for PRINCIPAL, like bssn/soc-1, in an identity file that only you can read. The\n"
	"card goes to standard output: send it to whoever keeps the roster, and read them the fingerprint,\n"
	"which goes to standard error, on the phone. On a terminal it asks for a passphrase.\n"
	"\n"
	"  -o, --out FILE       the identity file, instead of <member>-<name>.identity here; it is\n"
	"                       never overwritten\n"
	"      --no-passphrase  ask for none: for services\n"
	"  -h, --help           this text\n";

struct keygen {
	const char *principal;
	const char *out;
	bool no_passphrase;
	char path[SIAGA_PRINCIPAL_MAX + sizeof ".identity"];
	char passphrase[PASSPHRASE_MAX];
};

/* Asks twice; an empty one means none. */
static int
s_ask_passphrase (struct keygen *self)
{
	char again[PASSPHRASE_MAX];
	int status;

	if (self->no_passphrase || !isatty (STDIN_FILENO))
		return CMD_OK;
	status = passphrase_read ("New passphrase (empty for none): ", self->passphrase);
	if (status == 0 && self->passphrase[0] == '\0') {
		fputs ("siaga: the identity will have no passphrase\n", stderr);
		return CMD_OK;
	}
	if (status == 0)
		status = passphrase_read ("The same again: ", again);
	if (status == 0 && strcmp (again, self->passphrase) != 0) {
		fputs ("siaga: the two are not the same\n", stderr);
		status = SIAGA_EPASSPHRASE;
	} else if (status != 0) {
		fputs ("siaga: no passphrase was given\n", stderr);
	}
	sodium_memzero (again, sizeof again);
	return status == 0 ? CMD_OK : CMD_REFUSED;
}

static void
s_default_path (struct keygen *self)
{
	char *slash;

	snprintf (self->path, sizeof self->path, "%s.identity", self->principal);
	slash = strchr (self->path, '/');
	*slash = '-';
	self->out = self->path;
}

static int
s_print_card (const struct siaga_card *card, const char *path)
{
	char line[SIAGA_CARD_MAX], fingerprint[SIAGA_FINGERPRINT_TEXT];

	siaga_card_write (card, line);
	siaga_card_fingerprint (card, fingerprint);
	fprintf (stderr, "identity %s\nfingerprint %s\n", path, fingerprint);
	printf ("%s\n", line);
	if (fflush (stdout) != 0) {
		perror ("siaga: standard output");
		return CMD_IO;
	}
	return CMD_OK;
}

static int
s_make (struct keygen *self)
{
	struct siaga_identity *identity;
	struct conf_error error;
	int status;

	if (access (self->out, F_OK) == 0) { /* before anybody types a passphrase */
		fprintf (stderr, "siaga: %s: exists already\n", self->out);
		return CMD_CANTCREAT;
	}
	status = s_ask_passphrase (self);
	if (status != CMD_OK)
		return status;
	identity = siaga_identity_new (siaga_text (self->principal));
	if (identity == NULL) {
		say ("out of memory");
		return CMD_INTERNAL;
	}
	status = CMD_CANTCREAT;
	if (identity_save (self->out, identity, self->passphrase, &error) == 0)
		status = s_print_card (&identity->card, self->out);
	else
		fprintf (stderr, "siaga: %s\n", error.words);
	siaga_identity_destroy (&identity);
	return status;
}

int
cmd_keygen (int argc, char **argv)
{
	static const struct option options[] = {
		{"out", required_argument, NULL, 'o'},
		{"no-passphrase", no_argument, NULL, 'n'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct keygen keygen = {.out = NULL};
	int option, status;

	while ((option = getopt_long (argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs (help, stdout);
			return CMD_OK;
		}
		if (option == 'o')
			keygen.out = optarg;
		else if (option == 'n')
			keygen.no_passphrase = true;
		else
			return CMD_USAGE;
	}
	keygen.principal = argc - optind == 1 ? argv[optind] : "";
	if (!siaga_principal_is_valid (siaga_text (keygen.principal))) {
		fputs ("siaga keygen: a principal like bssn/soc-1 is needed (see --help)\n",
		       stderr);
		return CMD_USAGE;
	}
	if (keygen.out == NULL)
		s_default_path (&keygen);
	process_harden ();
	status = s_make (&keygen);
	sodium_memzero (&keygen, sizeof keygen);
	return status;
}
