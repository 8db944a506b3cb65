/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See render_duty.h. What a member may not see is said beside its name: it can not do its part then, and whoever
 * reads this has to.
 */
#include "common/render_duty.h"

#include <stdio.h>
#include <stdlib.h>

void
render_contact (char out[RENDER_CONTACT_TEXT], const struct siaga_member *member)
{
	snprintf (out, RENDER_CONTACT_TEXT, "%s%s%s%s%s", member->name,
		  member->duty_phone ? ", " : "", member->duty_phone ? member->duty_phone : "",
		  member->mail ? ", " : "", member->mail ? member->mail : "");
}

void
render_hub_contact (char out[RENDER_CONTACT_TEXT], const struct siaga_roster *roster)
{
	const struct siaga_member *member =
		roster ? siaga_roster_member (roster, siaga_member_of (siaga_text (roster->hub)))
		       : NULL;
	out[0] = '\0';
	if (member && (member->duty_phone || member->mail))
		render_contact (out, member);
}

static bool
s_is_alert (const struct siaga_header *header)
{
	return header->kind == SIAGA_KIND_ALERT || header->kind == SIAGA_KIND_UPDATE;
}

static bool
s_find (const struct siaga_roster *roster, const struct siaga_header *header, uint64_t accepted_us,
	struct siaga_duty *duty)
{
	return roster && s_is_alert (header) &&
	       siaga_roster_duty (roster, header, accepted_us, duty);
}

static bool
s_may_see (const struct siaga_roster *roster, const struct siaga_header *header, const char *name)
{
	const struct siaga_member *member = siaga_roster_member (roster, siaga_text (name));
	return !member || siaga_may_see (member, header);
}

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
	bool good = array != NULL;
	for (size_t i = 0; i < count && good; i++)
		good = json_array_append_new (array, json_string (names[i])) == 0;
	if (good && count > 0)
		return s_set (object, name, array);
	json_decref (array);
	return good;
}

static bool
s_set_by (json_t *object, const char *name, uint64_t accepted_us, uint64_t within_us)
{
	char text[SIAGA_TIME_TEXT];
	if (within_us == 0)
		return true;
	siaga_time_text (text, accepted_us + within_us);
	return s_set (object, name, json_string (text));
}

static bool
s_set_contact (json_t *object, const struct siaga_roster *roster, const struct siaga_play *play)
{
	char text[RENDER_CONTACT_TEXT];
	const struct siaga_member *lead = siaga_roster_member (roster, siaga_text (play->lead));
	if (play->contact)
		return s_set_text (object, "contact", play->contact);
	if (!lead || (!lead->duty_phone && !lead->mail))
		return true;
	render_contact (text, lead);
	return s_set_text (object, "contact", text);
}

/* Those with a part who may not see the alert. */
static bool
s_set_unseen (json_t *object, const struct siaga_roster *roster, const struct siaga_header *header,
	      const struct siaga_play *play)
{
	json_t *array = json_array ();
	bool good = array != NULL;
	if (good && !s_may_see (roster, header, play->lead))
		good = json_array_append_new (array, json_string (play->lead)) == 0;
	for (size_t i = 0; i < play->support_count && good; i++)
		if (!s_may_see (roster, header, play->support[i]))
			good = json_array_append_new (array, json_string (play->support[i])) == 0;
	if (good && json_array_size (array) > 0)
		return s_set (object, "unseen_by", array);
	json_decref (array);
	return good;
}

static bool
s_set_report (json_t *object, const struct siaga_roster *roster, const struct siaga_header *header,
	      uint64_t accepted_us)
{
	bool asked = roster && s_is_alert (header);
	return s_set_by (object, "report_by", 0,
			 asked ? siaga_report_due_us (roster, header, accepted_us) : 0);
}

bool
render_duty_json (json_t *object, const struct siaga_roster *roster,
		  const struct siaga_header *header, uint64_t accepted_us)
{
	struct siaga_duty duty;
	if (!s_find (roster, header, accepted_us, &duty))
		return s_set_report (object, roster, header, accepted_us);
	const struct siaga_play *play = duty.play;
	return s_set_text (object, "lead", play->lead) &&
	       s_set_names (object, "support", play->support, play->support_count) &&
	       s_set_names (object, "inform", play->inform, play->inform_count) &&
	       s_set_text (object, "first_action", siaga_play_first_action (play, play->lead)) &&
	       s_set_contact (object, roster, play) &&
	       s_set_text (object, "phase", duty.phase ? duty.phase->name : NULL) &&
	       s_set_by (object, "ack_by", accepted_us, duty.acknowledge_within_us) &&
	       s_set_by (object, "take_by", accepted_us, duty.take_within_us) &&
	       s_set_by (object, "resolve_by", accepted_us, duty.resolve_within_us) &&
	       s_set_report (object, roster, header, accepted_us) &&
	       s_set_unseen (object, roster, header, play);
}

static void
s_write_member (FILE *out, const struct siaga_roster *roster, const struct siaga_header *header,
		const char *name)
{
	fprintf (out, "%s%s", name, s_may_see (roster, header, name) ? "" : " (may not see it)");
}

/* It is due on another day: with the date. */
static void
s_write_report (FILE *out, const struct siaga_roster *roster, const struct siaga_header *header,
		uint64_t accepted_us, const struct render_style *style)
{
	uint64_t due_us = siaga_report_due_us (roster, header, accepted_us);
	struct render_style dated = *style;
	char clock[RENDER_CLOCK_TEXT];
	dated.dates = true;
	render_clock (clock, due_us, &dated);
	if (due_us > 0)
		fprintf (out, "  report to BSSN by %s", clock);
}

static void
s_write (FILE *out, const struct siaga_roster *roster, const struct siaga_header *header,
	 uint64_t accepted_us, const struct render_style *style, const struct siaga_duty *duty)
{
	const struct siaga_play *play = duty->play;
	const char *first = siaga_play_first_action (play, play->lead);
	char clock[RENDER_CLOCK_TEXT];
	fputs ("lead: ", out);
	s_write_member (out, roster, header, play->lead);
	for (size_t i = 0; i < play->support_count; i++) {
		fputs (i ? ", " : "  support: ", out);
		s_write_member (out, roster, header, play->support[i]);
	}
	if (duty->acknowledge_within_us) {
		render_clock (clock, accepted_us + duty->acknowledge_within_us, style);
		fprintf (out, "  acknowledge by %s", clock);
	}
	s_write_report (out, roster, header, accepted_us, style);
	if (first)
		fprintf (out, "  first: %s", first);
}

char *
render_duty_words (const struct siaga_roster *roster, const struct siaga_header *header,
		   uint64_t accepted_us, const struct render_style *style)
{
	struct siaga_duty duty;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream (&text, &size);
	if (!out)
		return NULL;
	if (s_find (roster, header, accepted_us, &duty))
		s_write (out, roster, header, accepted_us, style, &duty);
	if (fclose (out) == 0)
		return text;
	free (text);
	return NULL;
}
