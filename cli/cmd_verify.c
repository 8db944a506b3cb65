/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga verify`: proves one entry, from the hub or from an exported file, or audits the whole log.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/audit.h"
#include "cli/alert.h"
#include "cli/cmd.h"
#include "cli/proof.h"
#include "cli/say.h"
#include "cli/verb.h"

enum verify_option {
	VERIFY_AUDIT = OPTIONS_OWN,
};

static const struct option s_options[] = {
	OPTIONS_COMMON, {"audit", no_argument, NULL, VERIFY_AUDIT}, {0}};

static const char s_help[] =
	"Usage: siaga verify [OPTION...] NUMBER|ID|HANDLE|FILE\n"
	"       siaga verify [OPTION...] --audit [OUT-FILE]\n"
	"Proves that an entry stands in the log as its origin signed it and as the hub signed the log.\n"
	"A FILE made by siaga export is checked without the hub.\n"
	"\n"
	"  --audit              fetch the hashes of the whole log, compute the root that the hub signed,\n"
	"                       and find each line of a siaga watch --out file at its number\n"
	"  --timeout DURATION   how long to wait for the hub (10s)\n"
	"  --hub ADDRESS        instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE    configuration; -q, --quiet; -h, --help\n";

struct verify {
	struct options_common common;
	struct settings settings;
	bool audit;
	const char *operand;
	bool is_file;
	struct alert_name name;
	struct proof proof;
};

static int
verify_take (void *arg, int option, const char *text)
{
	struct verify *self = arg;
	(void) text;
	if (option != VERIFY_AUDIT)
		return -1;
	self->audit = true;
	return CMD_OK;
}

static int
s_check (struct verify *self, const struct verb *verb, const char *operand)
{
	self->operand = operand;
	if (self->audit)
		return CMD_OK;
	if (!operand)
		return verb_usage (verb);
	self->is_file = access (operand, F_OK) == 0;
	return self->is_file ? CMD_OK : alert_name_parse (&self->name, operand);
}

static int
s_prove (struct verify *self)
{
	int status = self->is_file
			     ? proof_load (&self->proof, self->operand)
			     : alert_name_resolve (&self->name, &self->settings, &self->common);

	if (!status && !self->is_file)
		status = proof_fetch (&self->proof, &self->settings, &self->common,
				      &self->name.query);
	if (!status)
		status = proof_check (&self->proof, &self->settings,
				      self->is_file ? NULL : &self->name.query, self->common.quiet);
	proof_finish (&self->proof);
	return status;
}

int
cmd_verify (int argc, char **argv)
{
	struct verify self = {0};
	struct verb verb = {
		.name = "verify",
		.help = s_help,
		.options = s_options,
		.operand = "log number, id, handle or file",
		.is_optional = true,
		.common = &self.common,
		.take = verify_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);

	if (!status && !self.common.help)
		status = s_check (&self, &verb, argv[optind]);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = self.audit ? audit_run (&self.settings, &self.common, self.operand)
			    : s_prove (&self);
	if (fflush (stdout) == EOF)
		status = CMD_IO;
	settings_finish (&self.settings);
	return status;
}
