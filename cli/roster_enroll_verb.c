/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga roster enroll: adds a card to the roster's text, which then waits for its serial and
 * signature.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/card_operand.h"
#include "cli/cmd.h"
#include "cli/roster_verbs.h"
#include "common/file.h"
#include "siaga/error.h"

static const char help[] =
	"Usage: siaga roster enroll [--roster FILE] [--role ROLE]... CARD\n"
	"\n"
	"Adds the principal of CARD to a roster, or a further key to a principal that is there. Nothing\n"
	"else in the file changes: raise the serial and sign it yourself. CARD is a file, a card's line, or\n"
	"- for standard input. Compare the fingerprint with its owner, on the phone, first. In a roster that\n"
	"nobody is in yet, the hub is the first.\n"
	"\n"
	"  -r, --roster FILE  the roster, instead of roster.conf here\n"
	"      --role ROLE    publish, respond, read or operate; may be repeated; read if none is given\n"
	"  -h, --help         this text\n";

struct enroll {
	const char *path;
	unsigned roles;
};

static int
s_usage (const char *words)
{
	fprintf (stderr, "siaga roster enroll: %s (see --help)\n", words);
	return CMD_USAGE;
}

static int
s_add_role (struct enroll *self, const char *name)
{
	int role = siaga_name_value (&roster_role_names, siaga_text (name));

	if (role < 0)
		return s_usage ("a role is one of publish, respond, read and operate");
	self->roles |= 1U << role;
	return CMD_OK;
}

/* CMD_OK; -1: the help was asked for; else what to exit with. */
static int
s_take_options (struct enroll *self, int argc, char **argv)
{
	static const struct option options[] = {
		{"roster", required_argument, NULL, 'r'},
		{"role", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option, status = CMD_OK;

	while (status == CMD_OK &&
	       (option = getopt_long (argc, argv, "r:h", options, NULL)) != -1) {
		if (option == 'h')
			return -1;
		if (option == 'r')
			self->path = optarg;
		else if (option == 'o')
			status = s_add_role (self, optarg);
		else
			status = CMD_USAGE;
	}
	if (status == CMD_OK && argc - optind != 1)
		return s_usage ("one CARD is needed");
	return status;
}

static int
s_write_back (const char *path, const char *text, size_t size)
{
	struct stat stat_of;
	mode_t mode = stat (path, &stat_of) == 0 ? stat_of.st_mode & 0777 : 0644;
	int status = file_replace (path, mode, text, size);

	if (status == 0)
		return CMD_OK;
	fprintf (stderr, "siaga: %s: %s\n", path,
		 status == SIAGA_EIO ? strerror (errno) : siaga_strerror (status));
	return CMD_CANTCREAT;
}

/* `text` has passed roster_parse (). */
static void
s_say_done (const char *path, struct siaga_bytes text, const struct siaga_card *card)
{
	char fingerprint[SIAGA_FINGERPRINT_TEXT];
	struct siaga_roster *roster;
	struct conf_error error;

	if (roster_parse (path, text, &roster, &error) != 0)
		return;
	siaga_card_fingerprint (card, fingerprint);
	fprintf (
		stderr,
		"%s: enrolled %s, fingerprint %s\n"
		"Next: raise its serial (now %" PRIu64 "), check it, and sign it:\n"
		"  minisign -S -s root.key -m %s -x %s.minisig -t \"siaga roster network=%s serial=<serial>\"\n",
		path, card->principal, fingerprint, roster->serial, path, path, roster->network);
	siaga_roster_destroy (&roster);
}

/* `roster` is NULL when nobody is in it yet. */
static int
s_enroll_into (struct enroll *self, const struct roster_bundle *bundle,
	       const struct siaga_roster *roster, const struct siaga_card *card)
{
	bool is_new = roster == NULL ||
		      siaga_roster_principal (roster, siaga_text (card->principal)) == NULL;
	struct conf_error error;
	size_t size;
	char *text;
	int status;

	if (self->roles == 0 && is_new)
		self->roles = SIAGA_ROLE_READ;
	status = roster_enroll (self->path, (struct siaga_bytes){bundle->text, bundle->size}, card,
				self->roles, &text, &size, &error);
	if (status != 0) {
		fprintf (stderr, "%s\n", error.words);
		return CMD_REFUSED;
	}
	status = s_write_back (self->path, text, size);
	if (status == CMD_OK)
		s_say_done (self->path, (struct siaga_bytes){(uint8_t *) text, size}, card);
	free (text);
	return status;
}

/* As roster_read (); *roster_p is NULL for a roster that nobody is in yet. */
static int
s_read (const char *path, struct roster_bundle *bundle, struct siaga_roster **roster_p)
{
	struct conf_error error;

	*roster_p = NULL;
	if (roster_bundle_read (bundle, path, &error) == 0) {
		if (roster_lacks_principals ((struct siaga_bytes){bundle->text, bundle->size}))
			return CMD_OK;
		roster_bundle_finish (bundle);
	}
	return roster_read (path, bundle, roster_p);
}

int
roster_verb_enroll (int argc, char **argv)
{
	struct enroll enroll = {"roster.conf", 0};
	struct siaga_roster *roster;
	struct roster_bundle bundle;
	struct siaga_card card;
	int status = s_take_options (&enroll, argc, argv);

	if (status < 0) {
		fputs (help, stdout);
		return CMD_OK;
	}
	if (status == CMD_OK)
		status = card_operand_read (argv[optind], &card);
	if (status == CMD_OK)
		status = s_read (enroll.path, &bundle, &roster);
	if (status != CMD_OK)
		return status;
	status = s_enroll_into (&enroll, &bundle, roster, &card);
	siaga_roster_destroy (&roster);
	roster_bundle_finish (&bundle);
	return status;
}
