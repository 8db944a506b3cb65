/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an alert in words, and why it does not allow what somebody wants. See respond.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/respond.h"
#include "cli/say.h"

/* Who leads, for people: the person where there is one. */
static const char *
s_leader (const struct siaga_life *life)
{
	return life->person[0] ? life->person : life->lead;
}

static bool
s_leads (const struct siaga_life *life, const struct siaga_deed *deed)
{
	return life->lead[0] && siaga_text_is (siaga_member_of (deed->origin), life->lead);
}

static int
s_over (const struct alert *alert, const char *since)
{
	const struct siaga_life *life = &alert->life;
	if (life->state == SIAGA_LIFE_CANCELLED)
		say ("%s was cancelled by %s, who published it, at %s; if it is real: siaga reopen %s",
		     alert->handle, life->origin, since, alert->handle);
	else
		say ("%s was resolved (%s) by %s at %s; if it is not over: siaga reopen %s",
		     alert->handle, siaga_name_of (&siaga_outcome_names, life->outcome), life->lead,
		     since, alert->handle);
	return CMD_OVER;
}

static void
s_refuse_take (const struct alert *alert, const struct siaga_deed *deed, const char *since)
{
	const struct siaga_life *life = &alert->life;
	if (siaga_text_is (deed->origin, life->person))
		say ("you lead %s already, since %s", alert->handle, since);
	else if (life->person[0])
		say ("%s leads %s since %s; to help: siaga assist %s", life->person, alert->handle,
		     since, alert->handle);
	else
		say ("%s was handed over to %s at %s, which takes it next; to help: siaga assist %s",
		     alert->handle, life->lead, since, alert->handle);
}

static void
s_refuse_assist (const struct alert *alert, const struct siaga_deed *deed)
{
	const struct siaga_life *life = &alert->life;
	struct siaga_text member = siaga_member_of (deed->origin);
	say ("%.*s %s %s already", (int) member.size, member.data,
	     s_leads (life, deed) ? "leads" : "assists with", alert->handle);
}

static void
s_refuse_lead (const struct alert *alert, const struct siaga_deed *deed, const char *since)
{
	const struct siaga_life *life = &alert->life;
	bool handover = deed->what == SIAGA_ACTION_HANDOVER;
	struct siaga_text origins = siaga_member_of (siaga_text (life->origin));
	if (!life->lead[0])
		say ("nobody leads %s yet; first: siaga take %s", alert->handle, alert->handle);
	else if (handover && siaga_text_is (deed->member, life->lead))
		say ("%s leads %s already, since %s", life->lead, alert->handle, since);
	else if (handover && !siaga_text_is (origins, life->lead))
		say ("%s leads %s since %s: only %s, and %.*s whose alert it is, can hand it over",
		     s_leader (life), alert->handle, since, life->lead, (int) origins.size,
		     origins.data);
	else
		say ("%s leads %s since %s: only %s can %s", s_leader (life), alert->handle, since,
		     life->lead, handover ? "hand it over" : "resolve it");
}

int
respond_refuse (const struct alert *alert, const struct siaga_deed *deed,
		const struct render_style *style)
{
	const struct siaga_life *life = &alert->life;
	char since[RENDER_CLOCK_TEXT], lead_since[RENDER_CLOCK_TEXT];
	render_clock (since, life->since_us, style);
	render_clock (lead_since, life->lead_since_us, style);
	if (siaga_life_is_over (life))
		return s_over (alert, since);
	switch (deed->what) {
	case SIAGA_ACTION_TAKE:
		s_refuse_take (alert, deed, lead_since);
		break;
	case SIAGA_ACTION_ACKNOWLEDGE:
		say ("you have acknowledged %s already", alert->handle);
		break;
	case SIAGA_ACTION_ASSIST:
		s_refuse_assist (alert, deed);
		break;
	case SIAGA_ACTION_HANDOVER:
	case SIAGA_ACTION_RESOLVE:
		s_refuse_lead (alert, deed, lead_since);
		break;
	default:
		say ("%s is open: %s", alert->handle,
		     siaga_name_of (&siaga_life_names, life->state));
		break;
	}
	return CMD_STATE;
}

/* --- the life ------------------------------------------------------------------------------------------- */

static json_t *
s_time (uint64_t time_us)
{
	char text[SIAGA_TIME_TEXT];
	siaga_time_text (text, time_us);
	return json_string (text);
}

static json_t *
s_parties (const struct siaga_party *parties, size_t count)
{
	json_t *array = json_array ();
	for (size_t i = 0; i < count; i++)
		json_array_append_new (array,
				       json_pack ("{s:s, s:o}", "principal", parties[i].principal,
						  "since", s_time (parties[i].since_us)));
	return array;
}

json_t *
respond_life_json (const struct siaga_life *life)
{
	json_t *object = json_pack ("{s:s, s:o, s:s}", "state",
				    siaga_name_of (&siaga_life_names, life->state), "since",
				    s_time (life->since_us), "severity",
				    siaga_name_of (&siaga_severity_names, life->severity));
	if (object && life->lead[0]) {
		json_object_set_new (object, "lead", json_string (life->lead));
		if (life->person[0])
			json_object_set_new (object, "person", json_string (life->person));
		json_object_set_new (object, "lead_since", s_time (life->lead_since_us));
	}
	if (object && life->assist_count > 0)
		json_object_set_new (object, "assist",
				     s_parties (life->assists, life->assist_count));
	if (object && life->acknowledged_count > 0)
		json_object_set_new (object, "acknowledged",
				     s_parties (life->acknowledged, life->acknowledged_count));
	if (object && life->outcome != SIAGA_OUTCOME_NONE)
		json_object_set_new (
			object, "outcome",
			json_string (siaga_name_of (&siaga_outcome_names, life->outcome)));
	return object;
}

static void
s_assistants (struct output *output, const struct siaga_life *life)
{
	for (size_t i = 0; i < life->assist_count; i++) {
		struct siaga_text member =
			siaga_member_of (siaga_text (life->assists[i].principal));
		output_printf (output, "%s%.*s", i ? ", " : "; assists: ", (int) member.size,
			       member.data);
	}
}

void
respond_life_text (struct output *output, const struct siaga_life *life)
{
	char since[RENDER_CLOCK_TEXT];
	render_clock (since, life->since_us, &output->style);
	output_printf (output, "%s", siaga_name_of (&siaga_life_names, life->state));
	if (life->outcome != SIAGA_OUTCOME_NONE)
		output_printf (output, " (%s)",
			       siaga_name_of (&siaga_outcome_names, life->outcome));
	output_printf (output, " since %s", since);
	if (life->lead[0] && !siaga_life_is_over (life)) {
		render_clock (since, life->lead_since_us, &output->style);
		output_printf (output, "; %s %s since %s", s_leader (life),
			       life->person[0] ? "leads"
					       : "was handed it, nobody of it has it yet,",
			       since);
	} else if (life->lead[0]) {
		output_printf (output, "; led by %s", s_leader (life));
	}
	s_assistants (output, life);
}
