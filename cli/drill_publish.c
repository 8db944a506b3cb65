/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the entries of a drill get out, once each. See drill_verbs.h.
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/drill_verbs.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/say_hub.h"
#include "cli/session.h"
#include "common/clock.h"
#include "siaga/error.h"

#define LOCK_WAIT_MS 20000
#define LOCK_STEP_MS 50

static void
s_pause (void)
{
	struct timespec time = {.tv_nsec = LOCK_STEP_MS * 1000000L};
	nanosleep (&time, NULL);
}

int
drill_lock_publishing (struct drill_command *self)
{
	uint64_t deadline_ms = clock_mono_ms () + LOCK_WAIT_MS;
	int lock = drill_state_lock (&self->settings, false);
	while (lock < 0 && clock_mono_ms () < deadline_ms) {
		s_pause ();
		lock = drill_state_lock (&self->settings, false);
	}
	if (lock < 0)
		say ("another siaga of yours is publishing an inject and did not finish in time");
	return lock;
}

int
drill_is_held (struct drill_command *self, const uint8_t id[SIAGA_ID_BYTES], bool *held)
{
	uint64_t deadline_ms = clock_mono_ms () + LOCK_WAIT_MS, number;
	char words[256] = "";
	struct outbox *outbox = NULL;
	int error = publish_open (&self->settings, false, &outbox, words);
	while (error == SIAGA_ELOCKED && clock_mono_ms () < deadline_ms) {
		s_pause ();
		error = publish_open (&self->settings, false, &outbox, words);
	}
	if (error) {
		say ("outbox: %s", words[0] ? words : siaga_strerror (error));
		return CMD_IO;
	}
	int found = outbox_find (outbox, id, &number);
	outbox_close (&outbox);
	*held = found != SIAGA_ENOTFOUND;
	if (found != SIAGA_EIO && found != SIAGA_EDISK && found != SIAGA_ENOMEM)
		return CMD_OK;
	say ("outbox: %s", siaga_strerror (found));
	return found == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_IO;
}

int
drill_publish (struct drill_command *self, const struct drill_entry *entries, size_t count)
{
	struct publish_item items[DRILL_PUBLISH_MAX] = {0};
	struct publish_options options = {
		.settings = &self->settings,
		.address = self->common.address,
		.no_queue = self->no_queue,
		.timeout_ms =
			self->common.has_timeout ? self->common.timeout_ms : SESSION_TIMEOUT_MS,
	};
	for (size_t i = 0; i < count; i++) {
		memcpy (items[i].id, entries[i].ref.id, SIAGA_ID_BYTES);
		items[i].entry = (struct siaga_bytes){entries[i].data, entries[i].size};
	}
	int status = publish_run (&options, items, count);
	if (status == CMD_QUEUED)
		say_no_hub (self->settings.trust.roster, "queued, goes with your next command");
	if (status == CMD_UNAVAILABLE)
		say_no_hub (self->settings.trust.roster, "not published, and not queued");
	for (size_t i = 0; i < count && !status; i++)
		if (items[i].fate == PUBLISH_REFUSED)
			status = CMD_REFUSED;
	return status;
}

int
drill_none (const struct drill_command *self)
{
	say ("%s runs no drill here: name one by its number or id",
	     self->settings.trust.principal->name);
	return CMD_NOTFOUND;
}

int
drill_command_read (struct drill_command *self, struct drill *drill)
{
	char id[SIAGA_UUID_TEXT];
	struct drill_state *state;
	*drill = (struct drill){0};
	if (self->operand)
		return drill_read_named (drill, &self->settings, &self->common, self->operand);
	state = calloc (1, sizeof *state);
	int status = state ? drill_state_load (state, &self->settings) : CMD_INTERNAL;
	if (status == CMD_NOTFOUND)
		drill_none (self);
	if (!status) {
		siaga_uuid_text (id, state->opening.ref.id);
		status = drill_read_named (drill, &self->settings, &self->common, id);
	}
	if (state)
		drill_state_finish (state);
	free (state);
	return status;
}
