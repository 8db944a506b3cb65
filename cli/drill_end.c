/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga drill end` and `siaga drill status`. The end is a cancel of the opening by the person who runs the drill, and of
 * every inject that is not over, so that none stays in anybody's list.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/drill_verbs.h"
#include "cli/publish.h"
#include "cli/respond.h"
#include "cli/say.h"
#include "cli/session.h"
#include "common/clock.h"
#include "common/handle.h"

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

/* --- status ------------------------------------------------------------------------------------------------ */

static json_t *
s_inject_json (const struct drill_inject *inject)
{
	char id[SIAGA_UUID_TEXT], handle[HANDLE_TEXT], accepted[SIAGA_TIME_TEXT];
	siaga_uuid_text (id, inject->ref.id);
	handle_write (handle, inject->ref.id);
	siaga_time_text (accepted, inject->accepted_us);
	return json_pack ("{s:I, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o}", "number",
			  (json_int_t) inject->number, "id", id, "handle", handle, "accepted",
			  accepted, "status", "exercise", "exercise", 1, "title", inject->title,
			  "lead", inject->terms.lead, "life", respond_life_json (&inject->life));
}

static int
s_show_inject (struct drill_command *self, const struct drill *drill, size_t index)
{
	struct output *output = &self->output;
	const struct drill_inject *inject = &drill->injects[index];
	char clock[RENDER_CLOCK_TEXT], handle[HANDLE_TEXT];
	if (output->json) {
		json_t *object = s_inject_json (inject);
		int status = object ? output_json (output, object) : CMD_INTERNAL;
		json_decref (object);
		return status;
	}
	handle_write (handle, inject->ref.id);
	render_clock (clock, inject->accepted_us, &output->style);
	output_printf (output, "#%-6" PRIu64 "  %s  %s  *** EXERCISE *** ", inject->number, handle,
		       clock);
	output_escaped (output, siaga_text (inject->title));
	output_printf (output, "\n         ");
	respond_life_text (output, &inject->life);
	return output_text (output, "\n");
}

static int
s_show_head (struct drill_command *self, const struct drill *drill)
{
	struct output *output = &self->output;
	char begin[RENDER_CLOCK_TEXT], end[RENDER_CLOCK_TEXT] = "";
	if (output->json)
		return CMD_OK;
	output->style.dates = true;
	render_clock (begin, drill->accepted_us, &output->style);
	if (drill->ended_us)
		render_clock (end, drill->ended_us, &output->style);
	output_printf (output, "*** EXERCISE *** #%" PRIu64 " ", drill->number);
	output_escaped (output, siaga_text (drill->title));
	output_printf (output, "\n         %s, since %s, %s%s, %zu injects sent\n", drill->origin,
		       begin, *end ? "ended " : "not ended", end, drill->inject_count);
	return CMD_OK;
}

int
drill_status (struct drill_command *self)
{
	struct drill drill;
	int status = drill_command_read (self, &drill);
	if (!status)
		status = s_show_head (self, &drill);
	for (size_t i = 0; i < drill.inject_count && !status; i++)
		status = s_show_inject (self, &drill, i);
	if (!status)
		status = output_flush (&self->output);
	drill_finish (&drill);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}
