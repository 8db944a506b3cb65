/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga show`: one entry with everything it says, and what was said about it; of an alert also how it stands.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "cli/publish.h"
#include "cli/respond.h"
#include "cli/say.h"
#include "cli/session.h"
#include "cli/verb.h"
#include "common/reader.h"
#include "common/render_json.h"
#include "common/render_story.h"

static const struct option s_options[] = {OPTIONS_COMMON, {0}};

static const char s_help[] =
	"Usage: siaga show [OPTION...] NUMBER|ID|HANDLE\n"
	"Shows an alert with every field, how it stands, and its whole story.\n"
	"\n"
	"  --timeout DURATION   how long to wait for the hub (10s)\n"
	"  --format text|json   without: text on a terminal, JSON lines elsewhere\n"
	"  --hub ADDRESS        instead of the roster's: tcp://HOST:PORT\n"
	"  -c, --config FILE    configuration; -q, --quiet; -h, --help\n";

struct show {
	struct options_common common;
	struct settings settings;
	struct output output;
	struct alert_name name;
	struct asked asked;
	struct alert alert; /* the entry shown, and its life */
	uint64_t shown;
	int status;
};

/* The answer is what was asked for (alert_read ()), and then what refers to it: a hub could answer with other entries. */
static bool
s_belongs (struct show *self, const struct reader_entry *entry)
{
	const struct siaga_header *header = entry->header;
	if (self->shown == 0)
		return entry->number == self->alert.number;
	for (size_t i = 0; i < header->ref_count; i++)
		if (memcmp (&header->refs[i], &self->alert.ref, sizeof self->alert.ref) == 0)
			return true;
	return false;
}

static bool
s_has_life (const struct show *self)
{
	return self->shown == 0 && self->alert.header.kind == SIAGA_KIND_ALERT;
}

static int
s_show_json (struct show *self, json_t *object)
{
	if (s_has_life (self) &&
	    json_object_set_new (object, "life", respond_life_json (&self->alert.life)))
		return CMD_INTERNAL;
	return output_json (&self->output, object);
}

/* The alert with every field and how it stands; then its story, a line for each that answered. */
static int
s_show_text (struct show *self, const struct reader_entry *entry, const json_t *object)
{
	char *text = self->shown == 0 ? render_text_fields (object, &self->output.style)
				      : render_story (entry, &self->output.style);
	int status = text ? output_text (&self->output, text) : CMD_INTERNAL;
	free (text);
	if (status || !s_has_life (self))
		return status;
	output_printf (&self->output, "handle        %s\nstate         ", self->alert.handle);
	respond_life_text (&self->output, &self->alert.life);
	return output_text (&self->output, "\n\n");
}

static void
show_on_entry (void *arg, const struct reader_entry *entry)
{
	struct show *self = arg;
	if (self->status || !s_belongs (self, entry))
		return;
	json_t *object = render_json (entry, self->asked.log_id, self->settings.trust.roster);
	if (!object)
		self->status = CMD_INTERNAL;
	else
		self->status = self->output.json ? s_show_json (self, object)
						 : s_show_text (self, entry, object);
	self->shown++;
	json_decref (object);
}

/* Said when the life was derived. */
static void
show_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	(void) arg;
	(void) number;
	(void) error;
	(void) words;
}

static const struct reader_events s_reader_events = {show_on_entry, show_on_bad};

static int
s_show_answer (struct show *self)
{
	int status = alert_read (&self->alert, &self->settings, &self->name, &self->asked);
	struct reader *reader =
		status ? NULL : reader_new (self->settings.trust.roster, &s_reader_events, self);
	if (!reader)
		return status ? status : CMD_INTERNAL;
	reader_take (reader, answer_bytes (&self->asked.answer), 0);
	reader_destroy (&reader);
	if (!self->status)
		self->status = output_flush (&self->output);
	if (self->status)
		return self->status == OUTPUT_CLOSED ? CMD_OK : self->status;
	return self->alert.bad ? CMD_REFUSED : CMD_OK;
}

int
cmd_show (int argc, char **argv)
{
	struct show self = {0};
	struct verb verb = {
		.name = "show",
		.help = s_help,
		.options = s_options,
		.operand = "log number, id or handle",
		.common = &self.common,
	};
	int status = verb_parse (&verb, argc, argv);
	if (!status && !self.common.help)
		status = alert_name_parse (&self.name, argv[optind]);
	status = verb_begin (&verb, status, &self.settings);
	if (status != VERB_GO)
		return status;
	status = publish_flush (&self.settings, &self.common, SESSION_TIMEOUT_MS);
	output_init (&self.output, self.common.format, &self.settings);
	self.output.style.dates = true;
	if (!status)
		status = alert_name_resolve (&self.name, &self.settings, &self.common);
	if (!status)
		status = alert_ask (&self.settings, &self.common, &self.name, &self.asked);
	if (!status)
		status = s_show_answer (&self);
	alert_finish (&self.alert);
	answer_finish (&self.asked.answer);
	settings_finish (&self.settings);
	return status == CMD_NOTFOUND ? CMD_REFUSED : status;
}
