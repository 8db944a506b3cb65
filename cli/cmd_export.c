/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga export`: one entry as a file that proves it to who has nothing but the root keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/alert.h"
#include "cli/cmd.h"
#include "cli/proof.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "common/file.h"
#include "siaga/error.h"

enum export_option {
	EXPORT_OUT = OPTIONS_OWN,
};

static const struct option s_options[] = {
	OPTIONS_COMMON, {"out", required_argument, NULL, EXPORT_OUT}, {0}};

static const char s_help[] =
	"Usage: siaga export [OPTION...] NUMBER|ID|HANDLE [> FILE]\n"
	"Writes an entry with all that proves it: the roster, the hub's checkpoint, and the path\n"
	"between them. Anybody who may see the entry can check it with siaga verify FILE.\n"
	"\n"
	"  --out FILE           a new file instead of standard output\n"
	"  --timeout DURATION   how long to wait for the hub (10s)\n"
	"  --hub ADDRESS        instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE    configuration; -q, --quiet; -h, --help\n";

struct export
{
	struct options_common common;
	struct settings settings;
	struct alert_name name;
	const char *out;
	struct proof proof;
};

static int
export_take (void *arg, int option, const char *text)
{
	struct export *self = arg;
	if (option != EXPORT_OUT)
		return -1;
	self->out = text;
	return CMD_OK;
}

static int
s_check (struct export *self, const char *operand)
{
	if (self->out || !isatty (STDOUT_FILENO))
		return alert_name_parse (&self->name, operand);
	say ("a bundle is no text: give it a file (siaga export %s > FILE)", operand);
	return CMD_USAGE;
}

static int
s_put (const struct export *self, const void *data, size_t size)
{
	if (!self->out) {
		if (fwrite (data, 1, size, stdout) == size && fflush (stdout) == 0)
			return CMD_OK;
		say ("standard output cannot be written");
		return CMD_IO;
	}
	int error = file_write_new (self->out, 0644, data, size);
	if (!error)
		return CMD_OK;
	say ("%s: %s", self->out, say_file_error (error));
	return CMD_CANTCREAT;
}

static int
s_write (const struct export *self)
{
	struct siaga_writer writer;
	uint8_t *data = malloc (BUNDLE_BYTES_MAX);

	if (!data)
		return CMD_INTERNAL;
	siaga_writer_init (&writer, data, BUNDLE_BYTES_MAX);
	int status = bundle_write (&writer, &self->proof.bundle) ? CMD_INTERNAL
								 : s_put (self, data, writer.size);
	free (data);
	return status;
}

int
cmd_export (int argc, char **argv)
{
	struct export self = {0};
	struct verb verb = {
		.name = "export",
		.help = s_help,
		.options = s_options,
		.operand = "log number, id or handle",
		.common = &self.common,
		.take = export_take,
		.self = &self,
	};
	int status = verb_parse (&verb, argc, argv);

	if (!status && !self.common.help)
		status = s_check (&self, argv[optind]);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = alert_name_resolve (&self.name, &self.settings, &self.common);
	if (!status)
		status = proof_fetch (&self.proof, &self.settings, &self.common, &self.name.query);
	/* Nothing leaves that would not be believed. */
	if (!status)
		status = proof_check (&self.proof, &self.settings, &self.name.query, true);
	if (!status)
		status = s_write (&self);
	proof_finish (&self.proof);
	settings_finish (&self.settings);
	return status;
}
