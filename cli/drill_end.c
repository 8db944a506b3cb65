/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga drill end`. The end is a cancel of the opening by the person who runs the drill, and of
 * every inject that is not over, so that none stays in anybody's list.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/drill_verbs.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/clock.h"

/* Makes the cancels; how many, or 0. */
static size_t
s_make_cancels (struct drill_command *self, const struct drill_state *state,
		const struct drill *drill, struct drill_entry *entries)
{
	struct drill_origin origin = {self->settings.trust.roster, self->settings.trust.principal,
				      clock_now_us ()};
	char words[DRILL_WORDS];
	size_t count = 0;
	for (size_t i = 0; i < drill->inject_count; i++) {
		const struct drill_inject *inject = &drill->injects[i];
		struct siaga_bytes bytes = {inject->entry, inject->size};
		if (!siaga_life_is_over (&inject->life) &&
		    !drill_make_cancel (&entries[count], &origin, bytes, &inject->ref, words))
			count++;
	}
	struct siaga_bytes opening = {state->opening.data, state->opening.size};
	if (!drill_make_cancel (&entries[count], &origin, opening, &state->opening.ref, words))
		count++;
	return count;
}

static int
s_cancel (struct drill_command *self, const struct drill_state *state, const struct drill *drill)
{
	struct drill_entry *entries = calloc (DRILL_PUBLISH_MAX, sizeof *entries);
	size_t count = entries ? s_make_cancels (self, state, drill, entries) : 0;
	int status = count ? drill_publish (self, entries, count) : CMD_INTERNAL;
	free (entries);
	if (status && status != CMD_QUEUED)
		return status;
	output_printf (&self->output, "ended: %zu of %zu injects were sent, %zu not over\n",
		       drill->inject_count, state->inject_count, count - 1);
	int written = output_flush (&self->output);
	return written > 0 ? written : status;
}

/* With the lock held and no more injects coming. */
static int
s_end (struct drill_command *self, const struct drill_state *state)
{
	struct drill drill;
	char id[SIAGA_UUID_TEXT];
	siaga_uuid_text (id, state->opening.ref.id);
	int status = publish_flush (&self->settings, &self->common, SESSION_TIMEOUT_MS);
	drill_init (&drill, state->opening.ref.id, self->settings.trust.roster);
	struct drill_reading reading = {
		.settings = &self->settings,
		.common = &self->common,
		.since_us = state->started_us > UINT64_C (3600000000)
				    ? state->started_us - UINT64_C (3600000000)
				    : 0,
	};
	if (!status)
		status = drill_read (&drill, &reading);
	if (status)
		say ("no more injects are sent; say siaga drill end again when the hub answers");
	else if (drill.ended_us > 0)
		say ("the drill has ended");
	else if (!drill.found)
		say ("the hub has nothing of the drill");
	else
		status = s_cancel (self, state, &drill);
	drill_finish (&drill);
	return status;
}

int
drill_end (struct drill_command *self)
{
	struct drill_state *state = calloc (1, sizeof *state);
	int status = state ? drill_state_load (state, &self->settings) : CMD_INTERNAL;
	int lock = -1;
	if (status == CMD_NOTFOUND)
		drill_none (self);
	if (!status) {
		lock = drill_lock_publishing (self);
		status = lock < 0 ? CMD_UNAVAILABLE : CMD_OK;
	}
	if (!status) {
		state->ended = true;
		status = drill_state_save (state, &self->settings);
	}
	if (!status)
		status = s_end (self, state);
	if (lock >= 0)
		close (lock);
	if (state)
		drill_state_finish (state);
	free (state);
	return status;
}
