/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga show`: one entry with everything it says, and what was said about it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/proof.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/reader.h"
#include "common/render_json.h"
#include "siaga/error.h"

static const struct option s_options[] = {OPTIONS_COMMON, {0}};

static const char s_help[] =
	"Usage: siaga show [OPTION...] NUMBER|ID\n"
	"Shows an entry with every field, and all that refers to it.\n"
	"\n"
	"  --timeout DURATION   how long to wait for the hub (10s)\n"
	"  --format text|json   without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS        instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE    configuration; -q, --quiet; -h, --help\n";

struct show {
	struct options_common common;
	struct settings settings;
	struct output output;
	struct siaga_query query;
	struct asked asked;
	struct siaga_ref asked_ref; /* to the first entry shown */
	uint64_t shown;
	bool bad;
	int status;
};

/* The answer must be what was asked for, and then what refers to it: a hub could answer with other entries. */
static bool
s_belongs (struct show *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	if (self->shown == 0) {
		memcpy (self->asked_ref.id, header->id, SIAGA_ID_BYTES);
		memcpy (self->asked_ref.leaf, entry->leaf, SIAGA_HASH_BYTES);
		return self->query.has_number
			       ? entry->number == self->query.number
			       : memcmp (header->id, self->query.uuid, SIAGA_ID_BYTES) == 0;
	}
	for (size_t i = 0; i < header->ref_count; i++)
		if (memcmp (&header->refs[i], &self->asked_ref, sizeof self->asked_ref) == 0)
			return true;
	return false;
}

static void
show_on_entry (void *arg, const struct reader_entry *entry)
{
	struct show *self = arg;
	if (self->status || !s_belongs (self, entry))
		return;
	json_t *object = render_json (entry, self->asked.log_id, self->settings.trust.roster);
	char *text = NULL;
	if (!object) {
		self->status = CMD_INTERNAL;
	} else if (self->output.json) {
		self->status = output_json (&self->output, object);
	} else {
		text = render_text_fields (object, &self->output.style);
		if (self->shown > 0)
			self->status = output_text (&self->output, "\n");
		if (!self->status)
			self->status = text ? output_text (&self->output, text) : CMD_INTERNAL;
	}
	self->shown++;
	free (text);
	json_decref (object);
}

static void
show_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	struct show *self = arg;
	(void) error;
	self->bad = true;
	say ("UNVERIFIED entry %" PRIu64 " is not shown: %s", number, words);
}

static const struct reader_events s_reader_events = {show_on_entry, show_on_bad};

static int
s_show_answer (struct show *self)
{
	struct reader *reader = reader_new (self->settings.trust.roster, &s_reader_events, self);
	if (!reader)
		return CMD_INTERNAL;
	int error = reader_take (reader, answer_bytes (&self->asked.answer), 0);
	reader_destroy (&reader);
	if (!self->status)
		self->status = output_flush (&self->output);
	if (self->status)
		return self->status == OUTPUT_CLOSED ? CMD_OK : self->status;
	if (error)
		say ("the hub's answer is malformed");
	else if (self->shown == 0 && !self->bad)
		say ("no such entry, or not for you");
	return error || self->bad || self->shown == 0 ? CMD_REFUSED : CMD_OK;
}

static int
s_parse (struct show *self, int argc, char **argv)
{
	int option;
	int status = CMD_OK;
	while (!status &&
	       (option = getopt_long (argc, argv, OPTIONS_COMMON_SHORT, s_options, NULL)) != -1)
		status = options_take_common (&self->common, option, optarg);
	if (status || self->common.help)
		return status;
	if (optind + 1 != argc) {
		say ("show takes one log number or id (siaga show --help)");
		return CMD_USAGE;
	}
	self->query.what = SIAGA_QUERY_STORY;
	return proof_parse_id (argv[optind], &self->query);
}

int
cmd_show (int argc, char **argv)
{
	struct show self = {0};
	int status = s_parse (&self, argc, argv);
	if (status)
		return status;
	if (self.common.help)
		return fputs (s_help, stdout) == EOF ? CMD_IO : CMD_OK;
	status = settings_load (&self.settings, self.common.conf);
	if (status)
		return status;
	status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	output_init (&self.output, self.common.format, &self.settings);
	if (!status)
		status = ask_run (&self.settings, &self.common, &self.query, &self.asked);
	if (!status)
		status = s_show_answer (&self);
	answer_finish (&self.asked.answer);
	settings_finish (&self.settings);
	return status;
}
