/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga playbook SYSTEM CATEGORY`: who does what if …, with the telephone numbers.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/playbook.h"
#include "cli/say.h"
#include "common/render_duty.h"

#define LABEL_COLUMNS 13
#define NAME_COLUMNS 12

static bool
s_set (json_t *object, const char *name, json_t *value)
{
	return json_object_set_new (object, name, value) == 0;
}

static bool
s_set_text (json_t *object, const char *name, const char *text)
{
	return !text || !*text || s_set (object, name, json_string (text));
}

static bool
s_set_names (json_t *object, const char *name, const siaga_member_name *names, size_t count)
{
	json_t *array = json_array ();
	for (size_t i = 0; i < count; i++)
		json_array_append_new (array, json_string (names[i]));
	return s_set (object, name, array);
}

static bool
s_set_seconds (json_t *object, const char *name, uint64_t duration_us)
{
	return duration_us == 0 ||
	       s_set (object, name, json_integer ((json_int_t) (duration_us / 1000000)));
}

static json_t *
s_steps (const struct siaga_play *play)
{
	json_t *array = json_array ();
	for (size_t i = 0; i < play->step_count; i++)
		json_array_append_new (array,
				       json_pack ("{s:s, s:s}", "member", play->steps[i].member,
						  "action", play->steps[i].action));
	return array;
}

static json_t *
s_chain (const struct siaga_duty *duty)
{
	json_t *array = json_array ();
	for (size_t i = 0; i < duty->chain_count; i++)
		json_array_append_new (
			array, json_pack ("{s:s, s:I}", "to", duty->chain[i], "after_s",
					  (json_int_t) (siaga_duty_step_us (duty, i) / 1000000)));
	return array;
}

bool
playbook_duty_json (json_t *object, const struct siaga_roster *roster,
		    const struct siaga_duty *duty)
{
	const struct siaga_play *play = duty->play;
	char contact[RENDER_CONTACT_TEXT] = "";
	const struct siaga_member *lead = siaga_roster_member (roster, siaga_text (play->lead));
	if (lead)
		render_contact (contact, lead);
	return s_set_text (object, "lead", play->lead) &&
	       s_set_names (object, "support", play->support, play->support_count) &&
	       s_set_names (object, "inform", play->inform, play->inform_count) &&
	       s_set_text (object, "first_action", siaga_play_first_action (play, play->lead)) &&
	       s_set (object, "steps", s_steps (play)) &&
	       s_set_text (object, "contact", play->contact ? play->contact : contact) &&
	       s_set_text (object, "phase", duty->phase ? duty->phase->name : NULL) &&
	       s_set_seconds (object, "acknowledge_within_s", duty->acknowledge_within_us) &&
	       s_set_seconds (object, "take_within_s", duty->take_within_us) &&
	       s_set_seconds (object, "resolve_within_s", duty->resolve_within_us) &&
	       s_set (object, "escalation", s_chain (duty));
}

/* Who has a part, once each, in the order of the rule. */
struct parts {
	size_t count;
	const struct siaga_member *members[SIAGA_MEMBERS_MAX];
};

static void
s_add_part (struct parts *parts, const struct siaga_roster *roster, const char *name)
{
	const struct siaga_member *member = siaga_roster_member (roster, siaga_text (name));
	for (size_t i = 0; i < parts->count; i++)
		if (parts->members[i] == member)
			return;
	if (member && parts->count < SIAGA_MEMBERS_MAX)
		parts->members[parts->count++] = member;
}

static struct parts
s_parts (const struct siaga_roster *roster, const struct siaga_duty *duty)
{
	const struct siaga_play *play = duty->play;
	struct parts parts = {.count = 0};
	s_add_part (&parts, roster, play->lead);
	for (size_t i = 0; i < play->support_count; i++)
		s_add_part (&parts, roster, play->support[i]);
	for (size_t i = 0; i < play->step_count; i++)
		s_add_part (&parts, roster, play->steps[i].member);
	for (size_t i = 0; i < play->inform_count; i++)
		s_add_part (&parts, roster, play->inform[i]);
	for (size_t i = 0; i < duty->chain_count; i++)
		s_add_part (&parts, roster, duty->chain[i]);
	return parts;
}

static json_t *
s_contacts (const struct siaga_roster *roster, const struct siaga_duty *duty)
{
	struct parts parts = s_parts (roster, duty);
	json_t *array = json_array ();
	for (size_t i = 0; i < parts.count; i++) {
		json_t *item = json_object ();
		s_set_text (item, "member", parts.members[i]->name);
		s_set_text (item, "title", parts.members[i]->title);
		s_set_text (item, "duty_phone", parts.members[i]->duty_phone);
		s_set_text (item, "mail", parts.members[i]->mail);
		json_array_append_new (array, item);
	}
	return array;
}

static json_t *
s_unseen (const struct playbook *self, const struct siaga_duty *duty)
{
	struct parts parts = s_parts (self->roster, duty);
	json_t *array = json_array ();
	for (size_t i = 0; i < parts.count; i++)
		if (!siaga_may_see (parts.members[i], &self->header))
			json_array_append_new (array, json_string (parts.members[i]->name));
	return array;
}

static int
s_answer_json (struct playbook *self, const struct siaga_duty *duty)
{
	const struct siaga_header *header = &self->header;
	json_t *object = json_object ();
	bool good = s_set_text (object, "system", header->system.data) &&
		    s_set_text (object, "category", header->category.data) &&
		    s_set_text (object, "severity",
				siaga_name_of (&siaga_severity_names, header->severity)) &&
		    s_set_text (object, "status",
				siaga_name_of (&siaga_status_names, header->status)) &&
		    s_set_text (object, "tlp", siaga_name_of (&siaga_tlp_names, header->tlp)) &&
		    playbook_duty_json (object, self->roster, duty) &&
		    s_set (object, "contacts", s_contacts (self->roster, duty)) &&
		    s_set (object, "unseen_by", s_unseen (self, duty));
	int status = good ? output_json (&self->output, object) : CMD_INTERNAL;
	json_decref (object);
	return status;
}

static void
s_label (struct playbook *self, const char *label)
{
	output_padded (&self->output, label, LABEL_COLUMNS);
}

static void
s_line (struct playbook *self, const char *text)
{
	output_escaped (&self->output, siaga_text (text));
	output_printf (&self->output, "\n");
}

static bool
s_sees (const struct playbook *self, const char *name)
{
	const struct siaga_member *member = siaga_roster_member (self->roster, siaga_text (name));
	return !member || siaga_may_see (member, &self->header);
}

static void
s_member (struct playbook *self, const char *label, const char *name)
{
	const struct siaga_member *member = siaga_roster_member (self->roster, siaga_text (name));
	char contact[RENDER_CONTACT_TEXT] = "";
	s_label (self, label);
	output_padded (&self->output, name, NAME_COLUMNS);
	if (member && (member->duty_phone || member->mail)) {
		render_contact (contact, member);
		output_escaped (&self->output, siaga_text (contact + strlen (name) + 2));
	}
	if (!s_sees (self, name))
		output_printf (&self->output, "  (may not see it)");
	output_printf (&self->output, "\n");
}

static void
s_members (struct playbook *self, const char *label, const siaga_member_name *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s_member (self, i ? "" : label, names[i]);
}

static void
s_duration (char out[32], uint64_t duration_us)
{
	static const struct {
		uint64_t seconds;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	uint64_t seconds = duration_us / 1000000;
	size_t i = 0;
	while (i < 3 && (seconds < units[i].seconds || seconds % units[i].seconds != 0))
		i++;
	snprintf (out, 32, "%" PRIu64 "%c", seconds / units[i].seconds, units[i].unit);
}

static void
s_within (struct playbook *self, const char *label, uint64_t within_us)
{
	char text[32];
	if (within_us == 0)
		return;
	s_duration (text, within_us);
	s_label (self, label);
	output_printf (&self->output, "within %s\n", text);
}

static void
s_terms (struct playbook *self, const struct siaga_duty *duty)
{
	char text[32];
	s_within (self, "acknowledge", duty->acknowledge_within_us);
	s_within (self, "take", duty->take_within_us);
	s_within (self, "resolve", duty->resolve_within_us);
	for (size_t i = 0; i < duty->chain_count; i++) {
		s_label (self, i ? "" : "escalation");
		s_duration (text, siaga_duty_step_us (duty, i));
		output_padded (&self->output, duty->chain[i], NAME_COLUMNS);
		output_printf (&self->output, "after %s without an answer%s\n", text,
			       s_sees (self, duty->chain[i]) ? ""
							     : "  (may not see it: passed over)");
	}
}

static void
s_actions (struct playbook *self, const struct siaga_play *play)
{
	if (play->first_action) {
		s_label (self, "first action");
		s_line (self, play->first_action);
	}
	for (size_t i = 0; i < play->step_count; i++) {
		s_label (self, i ? "" : "first steps");
		output_padded (&self->output, play->steps[i].member, NAME_COLUMNS);
		s_line (self, play->steps[i].action);
	}
}

static int
s_answer_text (struct playbook *self, const struct siaga_duty *duty)
{
	const struct siaga_header *header = &self->header;
	const struct siaga_play *play = duty->play;
	s_label (self, "if");
	output_printf (&self->output, "%s%s%s, severity %s, TLP %s, %s\n", header->category.data,
		       header->system.size ? " on " : "",
		       header->system.size ? header->system.data : "",
		       siaga_name_of (&siaga_severity_names, header->severity),
		       siaga_name_of (&siaga_tlp_names, header->tlp),
		       siaga_name_of (&siaga_status_names, header->status));
	if (duty->phase) {
		s_label (self, "phase");
		s_line (self, duty->phase->title ? duty->phase->title : duty->phase->name);
	}
	s_member (self, "lead", play->lead);
	s_members (self, "support", play->support, play->support_count);
	s_members (self, "inform", play->inform, play->inform_count);
	if (play->contact) {
		s_label (self, "contact");
		s_line (self, play->contact);
	}
	s_terms (self, duty);
	s_actions (self, play);
	return 0;
}

int
playbook_answer (struct playbook *self)
{
	struct siaga_duty duty;
	if (!siaga_roster_duty (self->roster, &self->header, self->at_us, &duty)) {
		say ("no rule of the playbook fits: nobody leads");
		return CMD_REFUSED;
	}
	return self->output.json ? s_answer_json (self, &duty) : s_answer_text (self, &duty);
}
