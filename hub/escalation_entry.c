/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry that says what was missed of an alert (PROTOCOL.md section 6.9): who is told, in which words. It carries the
 * alert's TLP and status, and an audience of members that may see the alert.
 */
#include <stdarg.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/handle.h"
#include "hub/escalation_private.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define NAMES_MAX 512
#define WORDS_MAX 2048
#define QUOTED_MAX 380 /* bytes of the alert's title */

/* Words being put together; what does not fit is cut. */
struct words {
	char text[WORDS_MAX];
	size_t size;
};

/* One being made; all is borrowed from here and from the alert's bytes. */
struct making {
	const struct siaga_roster *roster;
	const struct followed *followed;
	const struct escalation_said *said;
	struct siaga_header alert;
	struct siaga_body alert_body;
	struct siaga_duty duty;
	struct siaga_header header;
	struct siaga_body body;
	bool is_told[SIAGA_MEMBERS_MAX]; /* by the roster's order */
	bool is_skipped[SIAGA_MEMBERS_MAX];
	bool is_everyone;
	char quoted[QUOTED_MAX + 1];
	char title[SIAGA_TITLE_MAX];
	char rule[32];
	struct words description;
	struct words instruction;
};

static void __attribute__ ((format (printf, 2, 3)))
s_add (struct words *words, const char *format, ...)
{
	char room[WORDS_MAX];
	va_list args;

	va_start (args, format);
	vsnprintf (room, sizeof room, format, args);
	va_end (args);
	/* A name or a word of the roster may be cut in the middle of a character. */
	words->size += siaga_utf8_clean (words->text + words->size,
					 sizeof words->text - words->size, room, strlen (room));
}

/* --- to whom -------------------------------------------------------------------------------------------- */

static void
s_tell (struct making *self, const struct siaga_member *member)
{
	if (member && siaga_may_see (member, &self->alert))
		self->is_told[member - self->roster->members] = true;
}

static void
s_tell_step (struct making *self, uint32_t step)
{
	const struct siaga_member *members[SIAGA_MEMBERS_MAX], *skipped;
	size_t count =
		siaga_duty_step (self->roster, &self->alert, &self->duty, step, members, &skipped);

	for (size_t i = 0; i < count; i++)
		s_tell (self, members[i]);
	if (skipped)
		self->is_skipped[skipped - self->roster->members] = true;
	if (step < self->duty.chain_count && strcmp (self->duty.chain[step], SIAGA_EVERYONE) == 0)
		self->is_everyone = true;
}

/* Who has it or should, whose it is, and who looks after the whole. */
static void
s_tell_concerned (struct making *self)
{
	const struct siaga_roster *roster = self->roster;
	const struct siaga_play *play = self->duty.play;

	s_tell (self, siaga_roster_member (roster, siaga_text (play->lead)));
	s_tell (self, siaga_roster_member (roster, siaga_text (self->followed->lead)));
	s_tell (self, siaga_roster_member (roster, siaga_member_of (self->alert.origin)));
	for (size_t i = 0; i < roster->member_count; i++)
		if (siaga_roster_operates (roster, &roster->members[i]))
			s_tell (self, &roster->members[i]);
}

/* All who may see the alert: its own audience says so, however many they are. */
static void
s_address_everyone (struct making *self)
{
	struct siaga_header *header = &self->header;
	struct siaga_text origin = siaga_member_of (self->alert.origin);
	bool is_in = self->alert.audience_count == 0;

	for (size_t i = 0; i < self->alert.audience_count; i++) {
		header->audience[i] = self->alert.audience[i];
		is_in = is_in || siaga_text_equal (origin, header->audience[i]);
	}
	header->audience_count = self->alert.audience_count;
	if (!is_in)
		s_tell (self, siaga_roster_member (self->roster, origin));
}

/* Nobody to tell: SIAGA_ENOTFOUND. */
static int
s_address (struct making *self)
{
	struct siaga_header *header = &self->header;

	if (self->said->what != FOLLOWED_STEP || !self->followed->has_chain)
		s_tell_concerned (self);
	for (uint32_t i = self->followed->step;
	     self->said->what == FOLLOWED_STEP && i <= self->said->last; i++)
		s_tell_step (self, i);
	if (self->is_everyone) {
		memset (self->is_told, 0, sizeof self->is_told);
		s_address_everyone (self);
		if (self->alert.audience_count == 0)
			return 0;
	}
	for (size_t i = 0; i < self->roster->member_count; i++)
		if (self->is_told[i])
			presence_add_audience (header, siaga_text (self->roster->members[i].name));
	return header->audience_count > 0 ? 0 : SIAGA_ENOTFOUND;
}

/* --- words ---------------------------------------------------------------------------------------------- */

static void
s_names (const struct making *self, const bool *which, char out[NAMES_MAX])
{
	size_t size = 0;

	out[0] = '\0';
	for (size_t i = 0; i < self->roster->member_count; i++)
		if (which[i] && size + SIAGA_MEMBER_MAX + 3 < NAMES_MAX)
			size += (size_t) snprintf (out + size, NAMES_MAX - size, "%s%s",
						   size > 0 ? ", " : "",
						   self->roster->members[i].name);
}

static const char *
s_loudly (const struct making *self)
{
	const struct followed *it = self->followed;
	bool is_acknowledged = it->state == SIAGA_LIFE_ACKNOWLEDGED;

	if (self->said->what == FOLLOWED_TAKE)
		return "NOT TAKEN IN TIME";
	if (self->said->what == FOLLOWED_RESOLVE)
		return "NOT RESOLVED IN TIME";
	if (it->has_chain && self->said->last + 1 == it->steps && it->steps > 1)
		return "NOBODY HAS TAKEN THIS";
	if (self->said->last > 0)
		return is_acknowledged ? "STILL NOT TAKEN" : "STILL NOT ANSWERED";
	return is_acknowledged ? "Not taken" : "Not answered";
}

/* The alert's title comes last, as it may be long. */
static void
s_write_title (struct making *self)
{
	const struct followed *it = self->followed;
	struct siaga_text title =
		self->alert.sealed.size > 0 ? siaga_text ("(sealed)") : self->alert_body.title;
	char step[64] = "";

	siaga_utf8_clean (self->quoted, sizeof self->quoted, title.size ? title.data : "",
			  title.size);
	if (self->said->what == FOLLOWED_STEP && it->has_chain)
		snprintf (step, sizeof step, " (escalation %u of %u)", self->said->last + 1,
			  it->steps);
	snprintf (self->title, sizeof self->title, "%s%s: %s", s_loudly (self), step, self->quoted);
	self->body.title = siaga_text (self->title);
}

static void
s_write_step (struct making *self)
{
	const struct followed *it = self->followed;
	struct words *out = &self->description;
	char names[NAMES_MAX];

	if (!it->has_chain)
		return;
	s_names (self, self->is_told, names);
	s_add (out, " This is step %u of %u: it goes to %s.", self->said->last + 1, it->steps,
	       self->is_everyone ? "everyone who may see it" : names);
	if (self->said->last > it->step)
		s_add (out,
		       " Steps %u to %u are said together: the hub was not running when they"
		       " were due.",
		       it->step + 1, self->said->last + 1);
	s_names (self, self->is_skipped, names);
	if (names[0])
		s_add (out,
		       " Passed over, as it may not see the alert: %s; instead the alert's origin"
		       " and the operators are told.",
		       names);
}

static void
s_write_description (struct making *self)
{
	const struct followed *it = self->followed;
	struct words *out = &self->description;
	char since[SIAGA_TIME_TEXT], due[SIAGA_TIME_TEXT];
	const char *lead = self->duty.play->lead;
	uint64_t within_ms = self->said->what == FOLLOWED_TAKE	    ? it->take_ms
			     : self->said->what == FOLLOWED_RESOLVE ? it->resolve_ms
								    : it->acknowledge_ms;

	presence_seconds_text (since, it->opened_us);
	presence_seconds_text (due, it->opened_us + within_ms * 1000);
	s_add (out, "Open since %s. ", since);
	if (self->said->what == FOLLOWED_RESOLVE && it->lead[0])
		s_add (out, "%s has it; it was to be resolved by %s.", it->lead, due);
	else if (self->said->what == FOLLOWED_RESOLVE)
		s_add (out, "It was to be resolved by %s, and nobody has taken it.", due);
	else if (self->said->what == FOLLOWED_TAKE)
		s_add (out, "%s leads by the playbook; it was to be taken by %s.", lead, due);
	else if (it->state == SIAGA_LIFE_ACKNOWLEDGED)
		s_add (out,
		       "It was acknowledged, and nobody has taken it; %s leads by the"
		       " playbook.",
		       lead);
	else
		s_add (out,
		       "%s leads by the playbook and was to acknowledge it by %s; nobody has"
		       " answered.",
		       lead, due);
	if (self->said->what == FOLLOWED_STEP)
		s_write_step (self);
	self->body.description = (struct siaga_text){out->text, out->size};
}

static void
s_write_instruction (struct making *self)
{
	struct words *out = &self->instruction;
	const struct siaga_play *play = self->duty.play;
	const char *name = self->followed->lead[0] ? self->followed->lead : play->lead;
	const struct siaga_member *lead = siaga_roster_member (self->roster, siaga_text (name));
	const char *contact = strcmp (name, play->lead) == 0 ? play->contact : NULL;
	const char *first = siaga_play_first_action (play, play->lead);
	char handle[HANDLE_TEXT];

	handle_write (handle, self->alert.id);
	if (!contact && lead)
		contact = lead->duty_phone ? lead->duty_phone : lead->mail;
	if (self->said->what == FOLLOWED_RESOLVE && self->followed->lead[0])
		s_add (out, "See how it stands (siaga show %s) and ask %s", handle, name);
	else
		s_add (out, "Take it (siaga take %s), or reach %s", handle, name);
	s_add (out, "%s%s.", contact ? ": " : "", contact ? contact : "");
	if (first && self->said->what != FOLLOWED_RESOLVE)
		s_add (out, " First: %.1500s", first);
	self->body.instruction = (struct siaga_text){out->text, out->size};
}

/* --- the entry ------------------------------------------------------------------------------------------ */

static enum siaga_severity
s_severity (const struct making *self)
{
	unsigned louder = self->said->what == FOLLOWED_STEP ? self->said->last + 1 : 0;
	unsigned severity = self->followed->severity + louder;

	return severity < SIAGA_SEVERITY_CRITICAL ? (enum siaga_severity) severity
						  : SIAGA_SEVERITY_CRITICAL;
}

static void
s_fill_header (struct making *self)
{
	struct siaga_header *header = &self->header;
	uint8_t random[10];

	header->origin = siaga_text (self->roster->hub);
	header->kind = SIAGA_KIND_SYSTEM;
	header->status = self->alert.status;
	header->created_us = clock_now_us ();
	header->severity = s_severity (self);
	header->certainty = SIAGA_CERTAINTY_OBSERVED;
	header->category = self->alert.category;
	header->system = self->alert.system;
	header->tlp = self->alert.tlp;
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header->id, header->created_us / 1000, random);
}

static void
s_fill_body (struct making *self)
{
	static const char *const kinds[] = {
		[FOLLOWED_STEP] = "escalation",
		[FOLLOWED_TAKE] = "take-overdue",
		[FOLLOWED_RESOLVE] = "resolve-overdue",
	};
	struct siaga_body *body = &self->body;
	const struct followed *it = self->followed;

	body->detector.tool = siaga_text ("siaga-hub");
	body->detector.rule_id = siaga_text (self->said->what == FOLLOWED_STEP && !it->has_chain
						     ? "acknowledge-overdue"
						     : kinds[self->said->what]);
	snprintf (self->rule, sizeof self->rule, "%u/%u", self->said->last + 1, it->steps);
	if (self->said->what == FOLLOWED_STEP && it->has_chain)
		body->detector.rule = siaga_text (self->rule);
	body->first_seen_us = it->opened_us;
	s_write_title (self);
	s_write_description (self);
	s_write_instruction (self);
}

int
escalation_write (struct escalation *self, struct siaga_writer *writer,
		  const struct followed *followed, const struct escalation_said *said)
{
	static struct making making; /* of the core's thread */
	struct siaga_bytes bytes;
	struct siaga_header *header = &making.header;
	uint64_t accepted_us;

	memset (&making, 0, sizeof making);
	making.roster = self->core->trust->roster;
	making.followed = followed;
	making.said = said;
	int error = escalation_read (self, followed->number, &making.alert, &bytes, &accepted_us);
	if (!error)
		error = siaga_entry_read (bytes, &making.alert, &making.alert_body);
	if (error)
		return error;
	making.alert.severity = followed->severity;
	if (!siaga_roster_duty (making.roster, &making.alert, accepted_us, &making.duty))
		return SIAGA_ENOTFOUND;
	s_fill_header (&making);
	error = s_address (&making);
	if (error)
		return error;
	header->ref_count = 1;
	memcpy (header->refs[0].id, making.alert.id, SIAGA_ID_BYTES);
	siaga_merkle_leaf (header->refs[0].leaf, bytes.data, bytes.size);
	s_fill_body (&making);
	return siaga_entry_write (writer, header, &making.body);
}
