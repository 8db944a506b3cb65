/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga roster: leads to its verbs; and what they share, the reading of a roster with all its
 * problems.
 */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/roster_verbs.h"
#include "siaga/error.h"

static const char help[] =
	"Usage: siaga roster check FILE [OPTION...]\n"
	"       siaga roster diff OLD NEW\n"
	"       siaga roster enroll CARD [--roster FILE] [--role ROLE]...\n"
	"       siaga roster show [FILE] [--format text|json]\n"
	"\n"
	"  check    say everything that is wrong with a roster, and whether it is signed\n"
	"  diff     say what changed from one roster to another\n"
	"  enroll   add a principal, or a new key of one, by its card\n"
	"  show     who is who, who may do what, who does what\n"
	"\n"
	"Each has its own --help.\n";

static const struct {
	const char *name;
	int (*run) (int argc, char **argv);
} verbs[] = {
	{"check", roster_verb_check},
	{"diff", roster_verb_diff},
	{"enroll", roster_verb_enroll},
	{"show", roster_verb_show},
};

struct pinned {
	struct trust_conf trust;
};

static const struct conf_field trust_fields[] = {TRUST_CONF_FIELDS (struct pinned, trust)};
static const struct conf_schema trust_schema = {
	.fields = trust_fields,
	.field_count = sizeof trust_fields / sizeof *trust_fields,
	.size = sizeof (struct trust_conf),
	.open = true,
};

int
roster_conf_load (struct trust_conf *conf, const char *path, struct conf_error *error)
{
	return conf_load (path, &trust_schema, conf, error);
}

void
roster_conf_free (struct trust_conf *conf)
{
	conf_free (&trust_schema, conf);
}

void
roster_print_problem (void *arg, const char *words)
{
	(void) arg;
	fprintf (stderr, "%s\n", words);
}

int
roster_read (const char *path, struct roster_bundle *bundle, struct siaga_roster **roster_p)
{
	struct conf_error error;
	struct conf_report report;
	int status = roster_bundle_read (bundle, path, &error);

	if (status != 0) {
		fprintf (stderr, "%s\n", error.words);
		return status == SIAGA_ELIMIT ? CMD_REFUSED : CMD_NOINPUT;
	}
	conf_report_init (&report, path, &error);
	report.each = roster_print_problem;
	status = roster_parse_report (&report, (struct siaga_bytes){bundle->text, bundle->size},
				      roster_p);
	if (status == 0)
		return CMD_OK;
	roster_bundle_finish (bundle);
	return status == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_REFUSED;
}

int
cmd_roster (int argc, char **argv)
{
	if (argc >= 2 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)) {
		fputs (help, stdout);
		return CMD_OK;
	}
	for (size_t i = 0; argc >= 2 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp (argv[1], verbs[i].name) == 0)
			return verbs[i].run (argc - 1, argv + 1);
	fputs ("siaga roster: one of check, diff, enroll and show is needed (see --help)\n",
	       stderr);
	return CMD_USAGE;
}
