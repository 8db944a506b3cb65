/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga drill start`: publishes a scenario's injects when their time has come. Interrupted it goes on where it was: the
 * ids of all entries are on the disk before the first is published, and one that the outbox or the log has is not
 * published again.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/drill_play.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/file.h"
#include "siaga/error.h"

#define READ_SLACK_US (UINT64_C (3600) * 1000000) /* between our clock and the hub's */

/* --- the scenario ------------------------------------------------------------------------------------------ */

static int
s_parse (struct drill_play *self, const char *text)
{
	struct conf_error error;
	const char *name = self->state.file_name;
	int failed = scenario_parse (&self->scenario, name, text, strlen (text), &error);
	self->parsed = failed == 0;
	if (!failed)
		failed = scenario_check (&self->scenario, name,
					 self->command->settings.trust.roster, &error);
	if (!failed)
		return CMD_OK;
	say ("%s", failed == SIAGA_ENOMEM ? "out of memory" : error.words);
	return failed == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_DATA;
}

static int
s_read_file (const char *path, char **text_p)
{
	uint8_t *data = NULL;
	size_t size = 0;
	int error = file_read (path, SCENARIO_MAX, &data, &size);
	if (!error && !siaga_utf8_is_valid ((struct siaga_text){(const char *) data, size})) {
		say ("%s: not UTF-8", path);
		free (data);
		return CMD_DATA;
	}
	*text_p = (char *) data;
	if (!error)
		return CMD_OK;
	say ("%s: %s", path, say_file_error (error));
	return error == SIAGA_ENOTFOUND ? CMD_NOINPUT : error == SIAGA_ELIMIT ? CMD_DATA : CMD_IO;
}

/* Every entry is made once before any is published: what cannot be sent is known at the start. */
static int
s_try_all (struct drill_play *self)
{
	char words[DRILL_WORDS];
	struct drill_origin origin = drill_play_origin (self);
	struct drill_entry *entry = malloc (sizeof *entry);
	int error = entry ? 0 : SIAGA_ENOMEM;
	for (size_t i = 0; i < self->scenario.injects.count && !error; i++) {
		error = drill_make_inject (entry, &origin, &self->scenario, i, self->state.ids[i],
					   &self->state.opening.ref, words);
		if (error)
			say ("%s:%u: injects[%zu].%s", self->state.file_name,
			     scenario_inject (&self->scenario, i)->line, i, words);
	}
	free (entry);
	return !error ? CMD_OK : error == SIAGA_EROLE ? CMD_NOPERM : CMD_DATA;
}

static int
s_prepare (struct drill_play *self, char *text)
{
	char words[DRILL_WORDS];
	uint8_t id[SIAGA_ID_BYTES];
	struct drill_origin origin = drill_play_origin (self);
	memset (&self->state, 0, sizeof self->state);
	self->state.text = text;
	self->state.file_name = strdup (self->command->scenario_path);
	int status = self->state.file_name ? s_parse (self, text) : CMD_INTERNAL;
	if (status)
		return status;
	self->state.started_us = origin.now_us;
	self->state.inject_count = self->scenario.injects.count;
	for (size_t i = 0; i < self->state.inject_count; i++)
		drill_id_new (self->state.ids[i], origin.now_us);
	drill_id_new (id, origin.now_us);
	int error = drill_make_opening (&self->state.opening, &origin, &self->scenario, id, words);
	if (!error)
		return s_try_all (self);
	say ("%s: %s", self->state.file_name, words);
	return error == SIAGA_EROLE ? CMD_NOPERM : CMD_DATA;
}

/* --- what has been sent ------------------------------------------------------------------------------------ */

static int
s_learn_sent (struct drill_play *self)
{
	struct drill drill;
	struct drill_command *command = self->command;
	struct drill_reading reading = {
		.settings = &command->settings,
		.common = &command->common,
		.since_us = self->state.started_us > READ_SLACK_US
				    ? self->state.started_us - READ_SLACK_US
				    : 0,
	};
	int status = publish_flush (&command->settings, &command->common, SESSION_TIMEOUT_MS);
	drill_init (&drill, self->state.opening.ref.id, command->settings.trust.roster);
	if (!status)
		status = drill_read (&drill, &reading);
	for (size_t i = 0; i < self->state.inject_count; i++)
		self->sent[i] = drill_find (&drill, self->state.ids[i]) != NULL;
	bool opened = drill.found;
	if (!status && drill.ended_us > 0) {
		say ("that drill has ended");
		status = CMD_REFUSED;
	}
	drill_finish (&drill);
	bool held = true;
	if (!status && !opened)
		status = drill_is_held (command, self->state.opening.ref.id, &held);
	if (!status && !held)
		status = drill_publish (command, &self->state.opening, 1);
	return status;
}

/* --- which drill ------------------------------------------------------------------------------------------- */

static int
s_begin (struct drill_play *self, char *text)
{
	if (!text) {
		say ("there is no drill to go on with: --scenario FILE");
		return CMD_USAGE;
	}
	drill_state_finish (&self->state);
	int status = s_prepare (self, text);
	if (!status)
		status = drill_state_save (&self->state, &self->command->settings);
	if (!status)
		status = drill_publish (self->command, &self->state.opening, 1);
	self->queued = status == CMD_QUEUED;
	return status == CMD_QUEUED ? CMD_OK : status;
}

static int
s_go_on (struct drill_play *self)
{
	int status = s_parse (self, self->state.text);
	if (!status && self->scenario.injects.count != self->state.inject_count)
		status = CMD_CONFIG;
	if (!status)
		status = s_learn_sent (self);
	if (status == CMD_QUEUED) {
		self->queued = true;
		status = CMD_OK;
	}
	return status;
}

/* Takes the text. */
static int
s_choose (struct drill_play *self, char *text)
{
	int status = drill_state_load (&self->state, &self->command->settings);
	if (status && status != CMD_NOTFOUND) {
		free (text);
		return status;
	}
	if (status == CMD_NOTFOUND || self->state.ended)
		return s_begin (self, text);
	bool same = !text || strcmp (text, self->state.text) == 0;
	free (text);
	if (!same) {
		say ("the drill of %s has not ended: siaga drill end", self->state.file_name);
		return CMD_REFUSED;
	}
	return s_go_on (self);
}

static int
s_check (struct drill_play *self, char *text)
{
	char at[DRILL_SPAN_TEXT];
	struct output *output = &self->command->output;
	int status = text ? s_prepare (self, text) : CMD_USAGE;
	if (!text)
		say ("--check needs --scenario FILE");
	for (size_t i = 0; i < self->scenario.injects.count && !status; i++) {
		const struct scenario_inject *inject = scenario_inject (&self->scenario, i);
		drill_span (at, inject->at_us);
		output_printf (output, "+%-8s %-8s %-10s %-8s ", at,
			       siaga_name_of (&siaga_severity_names, (unsigned) inject->severity),
			       inject->system ? inject->system : "-",
			       inject->lead ? inject->lead : "-");
		output_escaped (output, siaga_text (inject->title));
		status = output_text (output, "\n");
	}
	if (!status)
		status = output_flush (output);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}

static void
s_block_signals (void)
{
	sigset_t set;
	sigemptyset (&set);
	sigaddset (&set, SIGINT);
	sigaddset (&set, SIGTERM);
	sigaddset (&set, SIGHUP);
	sigprocmask (SIG_BLOCK, &set, NULL);
}

static int
s_run (struct drill_play *self, char *text)
{
	int lock = drill_state_lock (&self->command->settings, true);
	if (lock < 0) {
		say ("another siaga of yours runs a drill");
		free (text);
		return CMD_REFUSED;
	}
	s_block_signals ();
	int status = s_choose (self, text);
	if (!status)
		status = drill_play_run (self);
	close (lock);
	return status;
}

int
drill_start (struct drill_command *command)
{
	struct drill_play *self = calloc (1, sizeof *self);
	char *text = NULL;
	if (!self)
		return CMD_INTERNAL;
	self->command = command;
	int status = command->scenario_path ? s_read_file (command->scenario_path, &text) : CMD_OK;
	if (!status)
		status = command->check ? s_check (self, text) : s_run (self, text);
	if (self->parsed)
		scenario_finish (&self->scenario);
	drill_state_finish (&self->state);
	free (self);
	return status;
}
