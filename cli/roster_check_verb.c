/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga roster check: what is wrong with a roster, before it is signed and after.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/roster_verbs.h"
#include "common/clock.h"
#include "siaga/error.h"

static const char help[] =
	"Usage: siaga roster check [OPTION...] FILE\n"
	"\n"
	"Reads a roster and says everything that is wrong with it, as file:line: reason; also what its\n"
	"playbook says and can not work, which keeps no program from using the roster. With a pinned\n"
	"network and roots, from the options or a configuration file, also whether it is signed by them and\n"
	"not expired. Exits with 0 when nothing is wrong, else with 1.\n"
	"\n"
	"  -c, --conf FILE        take network, roots, threshold and min_serial from there (or SIAGA_CONF)\n"
	"      --network NAME     the network it must be for\n"
	"      --root KEY         a minisign public key that must have signed it; may be repeated\n"
	"      --threshold N      how many of them must have (1)\n"
	"      --min-serial N     the lowest serial it may have (1)\n"
	"  -h, --help             this text\n";

struct check {
	const char *path;
	const char *conf;
	struct trust_conf pinned;
	char *root_items[SIAGA_ROOTS_MAX];
	bool is_pinned;
};

static int
s_usage (const char *words)
{
	fprintf (stderr, "siaga roster check: %s (see --help)\n", words);
	return CMD_USAGE;
}

static bool
s_read_number (const char *text, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll (text, &end, 10);
	return end != text && *end == '\0' && errno == 0 && *out >= 1;
}

static int
s_add_root (struct check *self, char *text)
{
	char reason[CONF_REASON_MAX];

	if (self->pinned.roots.count == SIAGA_ROOTS_MAX)
		return s_usage ("too many roots");
	if (!roster_check_root (text, reason))
		return s_usage (reason);
	self->root_items[self->pinned.roots.count++] = text;
	self->is_pinned = true;
	return CMD_OK;
}

static int
s_take_option (struct check *self, int option, char *value)
{
	char reason[CONF_REASON_MAX];

	switch (option) {
	case 'c':
		self->conf = value;
		return CMD_OK;
	case 'n':
		if (!conf_check_network (value, reason))
			return s_usage (reason);
		self->pinned.network = value;
		self->is_pinned = true;
		return CMD_OK;
	case 'r':
		return s_add_root (self, value);
	case 't':
		return s_read_number (value, &self->pinned.threshold)
			       ? CMD_OK
			       : s_usage ("threshold: a number");
	case 's':
		return s_read_number (value, &self->pinned.min_serial)
			       ? CMD_OK
			       : s_usage ("min-serial: a number");
	default:
		return CMD_USAGE;
	}
}

/* CMD_OK; -1: the help was asked for; else what to exit with. */
static int
s_take_options (struct check *self, int argc, char **argv)
{
	static const struct option options[] = {
		{"conf", required_argument, NULL, 'c'},
		{"network", required_argument, NULL, 'n'},
		{"root", required_argument, NULL, 'r'},
		{"threshold", required_argument, NULL, 't'},
		{"min-serial", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option, status;

	while ((option = getopt_long (argc, argv, "c:h", options, NULL)) != -1) {
		if (option == 'h')
			return -1;
		status = s_take_option (self, option, optarg);
		if (status != CMD_OK)
			return status;
	}
	if (argc - optind != 1)
		return s_usage ("one FILE is needed");
	if (self->is_pinned && (self->pinned.network == NULL || self->pinned.roots.count == 0))
		return s_usage ("--network and --root go together");
	self->path = argv[optind];
	if (!self->is_pinned && self->conf == NULL)
		self->conf = getenv ("SIAGA_CONF");
	return CMD_OK;
}

static int
s_find_roots (const struct check *self, struct trust_roots *roots)
{
	struct conf_error error;
	struct trust_conf conf;
	int status;

	if (self->is_pinned) {
		status = trust_roots_init (roots, &self->pinned, &error);
		return status != 0 ? s_usage (error.words) : CMD_OK;
	}
	status = roster_conf_load (&conf, self->conf, &error);
	if (status == 0) {
		status = trust_roots_init (roots, &conf, &error);
		roster_conf_free (&conf);
	}
	if (status != 0)
		fprintf (stderr, "%s\n", error.words);
	return status == 0 ? CMD_OK : CMD_CONFIG;
}

/* The signatures and dates of a roster whose text is good. */
static int
s_check_signed (const struct check *self, const struct roster_bundle *bundle)
{
	struct siaga_roster *roster;
	struct trust_roots roots;
	struct conf_error error;
	int status = s_find_roots (self, &roots);

	if (status != CMD_OK)
		return status;
	if (roster_open (self->path, bundle, &roots, clock_now_us (), false, &roster, &error) !=
	    0) {
		fprintf (stderr, "%s\n", error.words);
		return CMD_REFUSED;
	}
	siaga_roster_destroy (&roster);
	return CMD_OK;
}

/* What is said after the roster's text was found good: a playbook that can not work. */
static int
s_check_sense (const struct check *self, const struct roster_bundle *bundle)
{
	struct conf_error error;
	struct conf_report report;
	int status;

	conf_report_init (&report, self->path, &error);
	report.each = roster_print_problem;
	status = roster_lint_report (&report, (struct siaga_bytes){bundle->text, bundle->size});
	if (status == 0)
		return CMD_OK;
	return status == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_REFUSED;
}

int
roster_verb_check (int argc, char **argv)
{
	struct check check = {.pinned = {.threshold = 1, .min_serial = 1}};
	struct siaga_roster *roster;
	struct roster_bundle bundle;
	bool is_signed;
	int status, sense;

	check.pinned.roots.items = check.root_items;
	status = s_take_options (&check, argc, argv);
	if (status < 0) {
		fputs (help, stdout);
		return CMD_OK;
	}
	if (status == CMD_OK)
		status = roster_read (check.path, &bundle, &roster);
	if (status != CMD_OK)
		return status;
	sense = s_check_sense (&check, &bundle);
	is_signed = check.is_pinned || check.conf != NULL;
	if (is_signed)
		status = s_check_signed (&check, &bundle);
	else
		fprintf (stderr,
			 "%s: warning: the signatures were not checked: no roots are given\n",
			 check.path);
	if (status == CMD_OK)
		status = sense;
	if (status == CMD_OK)
		printf ("%s: network %s serial %" PRIu64 ": good%s\n", check.path, roster->network,
			roster->serial, is_signed ? " and signed" : "");
	siaga_roster_destroy (&roster);
	roster_bundle_finish (&bundle);
	return status == CMD_OK && fflush (stdout) != 0 ? CMD_IO : status;
}
