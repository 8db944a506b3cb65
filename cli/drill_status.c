/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga drill status`: how each inject stands, and which are to come.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/drill_verbs.h"
#include "cli/respond.h"
#include "common/handle.h"

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

/* --- what is to come --------------------------------------------------------------------------------------- */

static int
s_show_one_to_come (struct drill_command *self, const struct scenario *scenario, size_t index)
{
	struct output *output = &self->output;
	const struct scenario_inject *inject = scenario_inject (scenario, index);
	char at[DRILL_SPAN_TEXT];
	drill_span (at, inject->at_us);
	if (output->json) {
		json_t *object =
			json_pack ("{s:I, s:b, s:I, s:s, s:s}", "inject", (json_int_t) index + 1,
				   "sent", 0, "at_s", (json_int_t) (inject->at_us / 1000000),
				   "status", "exercise", "title", inject->title);
		int status = object ? output_json (output, object) : CMD_INTERNAL;
		json_decref (object);
		return status;
	}
	output_printf (output, "%zu/%zu      not sent, planned %s after the start: ", index + 1,
		       scenario->injects.count, at);
	output_escaped (output, siaga_text (inject->title));
	return output_text (output, "\n");
}

/* Of this person's drill, while it goes on; whoever else looks at it is not to know. */
static int
s_show_to_come (struct drill_command *self, const struct drill *drill)
{
	struct drill_state *state = calloc (1, sizeof *state);
	struct scenario scenario;
	struct conf_error error;
	int status = state ? drill_state_load (state, &self->settings) : CMD_INTERNAL;
	if (!status && !state->ended &&
	    memcmp (state->opening.ref.id, drill->id, SIAGA_ID_BYTES) == 0 &&
	    !scenario_parse (&scenario, state->file_name, state->text, strlen (state->text),
			     &error)) {
		for (size_t i = 0; i < state->inject_count && i < scenario.injects.count && !status;
		     i++)
			if (!drill_find (drill, state->ids[i]))
				status = s_show_one_to_come (self, &scenario, i);
		scenario_finish (&scenario);
	}
	if (state)
		drill_state_finish (state);
	free (state);
	return status == CMD_NOTFOUND ? CMD_OK : status;
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
		status = s_show_to_come (self, &drill);
	if (!status)
		status = output_flush (&self->output);
	drill_finish (&drill);
	return status == OUTPUT_CLOSED ? CMD_OK : status;
}
