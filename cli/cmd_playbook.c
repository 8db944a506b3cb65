/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga playbook`: who does what, from the roster that is here. It asks nobody, so it answers when the hub is down,
 * and without a passphrase.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/playbook.h"
#include "cli/roster_verbs.h"
#include "cli/say.h"
#include "common/clock.h"
#include "siaga/error.h"

enum {
	PLAYBOOK_TABLE = OPTIONS_OWN,
	PLAYBOOK_SEVERITY,
	PLAYBOOK_STATUS,
	PLAYBOOK_TLP,
	PLAYBOOK_AT,
	PLAYBOOK_ROSTER,
};

static const struct option s_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"format", required_argument, NULL, OPTIONS_FORMAT},
	{"help", no_argument, NULL, 'h'},
	{"table", no_argument, NULL, PLAYBOOK_TABLE},
	{"severity", required_argument, NULL, PLAYBOOK_SEVERITY},
	{"status", required_argument, NULL, PLAYBOOK_STATUS},
	{"tlp", required_argument, NULL, PLAYBOOK_TLP},
	{"at", required_argument, NULL, PLAYBOOK_AT},
	{"roster", required_argument, NULL, PLAYBOOK_ROSTER},
	{0},
};

static const char s_help[] =
	"Usage: siaga playbook [OPTION...] SYSTEM CATEGORY\n"
	"       siaga playbook [OPTION...] --table\n"
	"Says who does what if an alert of that category comes for that system, or prints the whole\n"
	"matrix. Answers from the roster that is here: the hub is not asked.\n"
	"\n"
	"  SYSTEM               a system of the roster, or - for alerts that name none\n"
	"  CATEGORY             class/type, or a class\n"
	"  --severity LEVEL     info, low, medium (if not given), high or critical\n"
	"  --status STATUS      actual (if not given), exercise or test\n"
	"  --tlp COLOUR         clear, green, amber, amber+strict or red; without: what alerts are\n"
	"                       expected to be\n"
	"  --at TIME            as if the hub accepted it then; without: now\n"
	"  --table              every system and category, what has the same answer in one row\n"
	"  --roster FILE        that file, whoever signed it, instead of the roster in use\n"
	"  --format FORMAT      text (on a terminal), json (elsewhere), and for --table markdown\n"
	"  -c, --config FILE    configuration; -h, --help\n";

static int
s_take_name (const char *option, const char *arg, const struct siaga_names *names, int *value)
{
	int found = siaga_name_value (names, siaga_text (arg));
	if (found >= 0) {
		*value = found;
		return CMD_OK;
	}
	say ("--%s: unknown value %s", option, arg);
	return CMD_USAGE;
}

static int
s_take_own (struct playbook *self, int option, const char *arg)
{
	int value = 0, status = CMD_OK;
	switch (option) {
	case PLAYBOOK_TABLE:
		self->table = true;
		return CMD_OK;
	case PLAYBOOK_SEVERITY:
		status = s_take_name ("severity", arg, &siaga_severity_names, &value);
		self->header.severity = (enum siaga_severity) value;
		self->has_severity = true;
		return status;
	case PLAYBOOK_STATUS:
		status = s_take_name ("status", arg, &siaga_status_names, &value);
		self->header.status = (enum siaga_status) value;
		return status;
	case PLAYBOOK_TLP:
		status = s_take_name ("tlp", arg, &siaga_tlp_names, &value);
		self->header.tlp = (enum siaga_tlp) value;
		self->has_tlp = true;
		return status;
	case PLAYBOOK_AT:
		if (siaga_time_parse (&self->at_us, siaga_text (arg)) == 0)
			return CMD_OK;
		say ("--at: not a time like 2027-02-14T08:00:00+07:00: %s", arg);
		return CMD_USAGE;
	default:
		self->roster_path = arg;
		return CMD_OK;
	}
}

static int
s_take_option (struct playbook *self, int option, const char *arg)
{
	if (option == OPTIONS_FORMAT && strcmp (arg, "markdown") == 0) {
		self->markdown = true;
		self->common.format = OPTIONS_FORMAT_TEXT;
		return CMD_OK;
	}
	if (option == OPTIONS_FORMAT)
		self->markdown = false;
	int status = options_take_common (&self->common, option, arg);
	return status < 0 ? s_take_own (self, option, arg) : status;
}

static int
s_take_operands (struct playbook *self, int count, char **operands)
{
	if (self->table != (count == 0) || (!self->table && count != 2)) {
		say ("playbook takes a SYSTEM and a CATEGORY, or --table (siaga playbook --help)");
		return CMD_USAGE;
	}
	if (self->table && self->has_severity) {
		say ("--table has every severity: leave out --severity");
		return CMD_USAGE;
	}
	if (!self->table && self->markdown) {
		say ("--format markdown is for --table");
		return CMD_USAGE;
	}
	if (self->table)
		return CMD_OK;
	self->header.system = siaga_text (strcmp (operands[0], "-") == 0 ? "" : operands[0]);
	self->header.category = siaga_text (operands[1]);
	return CMD_OK;
}

static int
s_parse (struct playbook *self, int argc, char **argv)
{
	int option, status = CMD_OK;
	while (!status && (option = getopt_long (argc, argv, "c:h", s_options, NULL)) != -1)
		status = s_take_option (self, option, optarg);
	if (status || self->common.help)
		return status;
	return s_take_operands (self, argc - optind, argv + optind);
}

/* The roster in use, as its configuration trusts it. */
static int
s_look (struct playbook *self, const struct settings_conf *conf)
{
	struct conf_error error = {""};
	char *state_dir = settings_find_state (conf->trust.identity);
	int status = trust_look (&self->trust, &conf->trust, state_dir, clock_now_us (), &error);
	free (state_dir);
	self->roster = self->trust.roster;
	if (status == 0)
		return CMD_OK;
	say ("%s", error.words[0] ? error.words : siaga_strerror (status));
	return CMD_CONFIG;
}

static int
s_find_roster (struct playbook *self)
{
	struct settings_conf conf;
	struct roster_bundle bundle;
	int status;
	if (self->roster_path) {
		status = roster_read (self->roster_path, &bundle, &self->roster);
		if (status == CMD_OK)
			roster_bundle_finish (&bundle);
		return status;
	}
	status = settings_conf_load (&conf, self->common.conf);
	if (status)
		return status;
	status = s_look (self, &conf);
	settings_conf_finish (&conf);
	return status;
}

static const char *
s_system_at (const void *arg, size_t i)
{
	const struct siaga_roster *roster = arg;
	return i < roster->system_count ? roster->systems[i].name : NULL;
}

static const char *
s_category_at (const void *arg, size_t i)
{
	(void) arg;
	return siaga_category_at (i);
}

static int
s_unknown (const char *what, const char *word, const char *meant)
{
	say ("%s: no such %s%s%s%s", word, what, meant ? ", did you mean " : "", meant ? meant : "",
	     meant ? "?" : "");
	return CMD_USAGE;
}

static bool
s_is_category (struct siaga_text category)
{
	const char *known;
	for (size_t i = 0; (known = siaga_category_at (i)) != NULL; i++)
		if (siaga_category_in (siaga_text (known), category))
			return true;
	return false;
}

/* What is asked about must be there: a wrong name would get the answer for anything else. */
static int
s_check_question (const struct playbook *self)
{
	const struct siaga_header *header = &self->header;
	const char *system = header->system.data, *category = header->category.data;
	if (self->table)
		return CMD_OK;
	if (*system && !siaga_roster_system (self->roster, header->system))
		return s_unknown ("system of the roster", system,
				  conf_did_you_mean (system, s_system_at, self->roster));
	if (!*category || !s_is_category (header->category))
		return s_unknown ("category", category,
				  conf_did_you_mean (category, s_category_at, NULL));
	return CMD_OK;
}

static int
s_run (struct playbook *self)
{
	int status = s_find_roster (self);
	if (status)
		return status;
	status = s_check_question (self);
	if (!self->has_tlp)
		self->header.tlp = self->roster->play_defaults.expected_tlp;
	if (self->at_us == 0)
		self->at_us = clock_now_us ();
	output_init (&self->output, self->common.format, NULL);
	if (!status)
		status = self->table ? playbook_table (self) : playbook_answer (self);
	if (!status)
		status = output_flush (&self->output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

int
cmd_playbook (int argc, char **argv)
{
	struct playbook self = {.header.severity = SIAGA_SEVERITY_MEDIUM};
	int status = s_parse (&self, argc, argv);
	if (status)
		return status;
	if (self.common.help)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	status = s_run (&self);
	if (self.roster_path)
		siaga_roster_destroy (&self.roster);
	trust_finish (&self.trust);
	return status;
}
