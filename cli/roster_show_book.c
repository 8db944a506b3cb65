/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siaga roster show: the playbook's part of it, as it stands in the file. What follows from it is `siaga playbook`'s.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "cli/roster_verbs.h"
#include "common/escape.h"

static void
s_print_text (const char *what, const char *text)
{
	if (text == NULL)
		return;
	printf ("    %s: ", what);
	escape_write (stdout, siaga_text (text));
	putchar ('\n');
}

static void
s_print_within (const char *what, uint64_t within_us)
{
	uint64_t minutes = within_us / UINT64_C (60000000);

	if (within_us == 0)
		return;
	if (minutes > 0 && minutes % 1440 == 0)
		printf ("  %s %" PRIu64 "d", what, minutes / 1440);
	else if (minutes > 0 && minutes % 60 == 0)
		printf ("  %s %" PRIu64 "h", what, minutes / 60);
	else
		printf ("  %s %" PRIu64 "m", what, minutes);
}

static void
s_print_names (const char *what, const siaga_member_name *names, size_t count)
{
	if (count > 0)
		printf ("  %s ", what);
	for (size_t i = 0; i < count; i++)
		printf ("%s%s", i > 0 ? "," : "", names[i]);
}

static void
s_print_terms (const struct siaga_terms *terms)
{
	s_print_within ("acknowledge within", terms->acknowledge_within_us);
	s_print_within ("take within", terms->take_within_us);
	s_print_within ("resolve within", terms->resolve_within_us);
	s_print_names ("escalation", terms->chain, terms->chain_count);
	s_print_within ("every", terms->escalate_every_us);
	putchar ('\n');
}

static void
s_print_during (const struct siaga_roster *roster, const struct siaga_term_set *set)
{
	for (size_t i = 0; i < set->during_count; i++) {
		printf ("    during %s:", roster->phases[set->during[i].phase].name);
		s_print_terms (&set->during[i].terms);
	}
}

static void
s_print_conditions (const struct siaga_play *play)
{
	printf ("  %s%s%s from %s", play->category[0] != '\0' ? play->category : "anything",
		play->system[0] != '\0' ? " on " : "", play->system,
		siaga_name_of (&siaga_severity_names, play->min_severity));
	if (play->has_max_tlp)
		printf (" up to TLP %s", siaga_name_of (&siaga_tlp_names, play->max_tlp));
	for (unsigned i = 0; i < siaga_status_names.count; i++)
		if ((play->statuses & 1U << i) != 0)
			printf (" %s", siaga_name_of (&siaga_status_names, i));
}

static void
s_print_play (const struct siaga_roster *roster, const struct siaga_play *play)
{
	s_print_conditions (play);
	printf (":  lead %s", play->lead);
	s_print_names ("support", play->support, play->support_count);
	s_print_names ("inform", play->inform, play->inform_count);
	s_print_terms (&play->terms.always);
	s_print_during (roster, &play->terms);
	s_print_text ("first action", play->first_action);
	for (size_t i = 0; i < play->step_count; i++)
		s_print_text (play->steps[i].member, play->steps[i].action);
	s_print_text ("contact", play->contact);
}

void
roster_show_book_text (const struct siaga_roster *roster)
{
	char from[SIAGA_TIME_TEXT], until[SIAGA_TIME_TEXT];

	if (roster->phase_count > 0)
		printf ("\nphases\n");
	for (size_t i = 0; i < roster->phase_count; i++) {
		siaga_time_text (from, roster->phases[i].from_us);
		siaga_time_text (until, roster->phases[i].until_us);
		printf ("  %-16s %.19sZ to %.19sZ\n", roster->phases[i].name, from, until);
	}
	if (roster->play_count == 0)
		return;
	printf ("\nplaybook (the first that fits)\n  defaults:");
	s_print_terms (&roster->play_defaults.terms.always);
	s_print_during (roster, &roster->play_defaults.terms);
	for (size_t i = 0; i < roster->play_count; i++)
		s_print_play (roster, &roster->plays[i]);
}

static json_t *
s_json_names (const siaga_member_name *names, size_t count)
{
	json_t *list = json_array ();

	for (size_t i = 0; i < count; i++)
		json_array_append_new (list, json_string (names[i]));
	return list;
}

static void
s_set_seconds (json_t *object, const char *key, uint64_t duration_us)
{
	if (duration_us != 0)
		json_object_set_new (object, key,
				     json_integer ((json_int_t) (duration_us / 1000000)));
}

static void
s_set_terms (json_t *object, const struct siaga_terms *terms)
{
	s_set_seconds (object, "acknowledge_within_s", terms->acknowledge_within_us);
	s_set_seconds (object, "take_within_s", terms->take_within_us);
	s_set_seconds (object, "resolve_within_s", terms->resolve_within_us);
	s_set_seconds (object, "escalate_every_s", terms->escalate_every_us);
	if (terms->chain_count > 0)
		json_object_set_new (object, "escalation",
				     s_json_names (terms->chain, terms->chain_count));
}

static void
s_set_term_set (json_t *object, const struct siaga_roster *roster, const struct siaga_term_set *set)
{
	json_t *list = json_array ();

	s_set_terms (object, &set->always);
	for (size_t i = 0; i < set->during_count; i++) {
		json_t *item =
			json_pack ("{s:s}", "phase", roster->phases[set->during[i].phase].name);

		s_set_terms (item, &set->during[i].terms);
		json_array_append_new (list, item);
	}
	if (set->during_count > 0)
		json_object_set (object, "during", list);
	json_decref (list);
}

static const char *
s_or_null (const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static json_t *
s_json_statuses (unsigned statuses)
{
	json_t *list = statuses != 0 ? json_array () : NULL;

	for (unsigned i = 0; i < siaga_status_names.count; i++)
		if ((statuses & 1U << i) != 0)
			json_array_append_new (
				list, json_string (siaga_name_of (&siaga_status_names, i)));
	return list;
}

static json_t *
s_json_steps (const struct siaga_play *play)
{
	json_t *list = json_array ();

	for (size_t i = 0; i < play->step_count; i++)
		json_array_append_new (list,
				       json_pack ("{s:s, s:s}", "member", play->steps[i].member,
						  "action", play->steps[i].action));
	return list;
}

static json_t *
s_json_play (const struct siaga_roster *roster, const struct siaga_play *play)
{
	json_t *object = json_pack (
		"{s:s*, s:s*, s:s, s:s*, s:o*, s:s, s:o, s:o, s:s*, s:o, s:s*}", "category",
		s_or_null (play->category), "system", s_or_null (play->system), "min_severity",
		siaga_name_of (&siaga_severity_names, play->min_severity), "max_tlp",
		play->has_max_tlp ? siaga_name_of (&siaga_tlp_names, play->max_tlp) : NULL,
		"status", s_json_statuses (play->statuses), "lead", play->lead, "support",
		s_json_names (play->support, play->support_count), "inform",
		s_json_names (play->inform, play->inform_count), "first_action", play->first_action,
		"steps", s_json_steps (play), "contact", play->contact);

	s_set_term_set (object, roster, &play->terms);
	return object;
}

static json_t *
s_json_phases (const struct siaga_roster *roster)
{
	char from[SIAGA_TIME_TEXT], until[SIAGA_TIME_TEXT];
	json_t *list = json_array ();

	for (size_t i = 0; i < roster->phase_count; i++) {
		siaga_time_text (from, roster->phases[i].from_us);
		siaga_time_text (until, roster->phases[i].until_us);
		json_array_append_new (list, json_pack ("{s:s, s:s*, s:s, s:s}", "name",
							roster->phases[i].name, "title",
							roster->phases[i].title, "from", from,
							"until", until));
	}
	return list;
}

void
roster_show_book_json (json_t *object, const struct siaga_roster *roster)
{
	json_t *plays = json_array (), *defaults = json_object ();

	json_object_set_new (
		defaults, "expected_tlp",
		json_string (siaga_name_of (&siaga_tlp_names, roster->play_defaults.expected_tlp)));
	if (roster->play_defaults.deadlines_from > SIAGA_SEVERITY_INFO)
		json_object_set_new (
			defaults, "deadlines_from",
			json_string (siaga_name_of (&siaga_severity_names,
						    roster->play_defaults.deadlines_from)));
	s_set_term_set (defaults, roster, &roster->play_defaults.terms);
	for (size_t i = 0; i < roster->play_count; i++)
		json_array_append_new (plays, s_json_play (roster, &roster->plays[i]));
	json_object_set_new (object, "phases", s_json_phases (roster));
	json_object_set_new (object, "playbook_defaults", defaults);
	json_object_set_new (object, "playbook", plays);
}
