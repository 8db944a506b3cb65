/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of PROTOCOL.md section 4.1, and the conditions of its cells. The table's test reads it from that page.
 */
#include "siaga/life.h"

#include "siaga/error.h"

static const char *const names[SIAGA_LIFE_STATES] = {
	[SIAGA_LIFE_NEW] = "new",
	[SIAGA_LIFE_ACKNOWLEDGED] = "acknowledged",
	[SIAGA_LIFE_IN_PROGRESS] = "in progress",
	[SIAGA_LIFE_RESOLVED] = "resolved",
	[SIAGA_LIFE_CANCELLED] = "cancelled",
	[SIAGA_LIFE_REOPENED] = "reopened",
};
const struct siaga_names siaga_life_names = {names, SIAGA_LIFE_STATES};

#define NEW SIAGA_LIFE_NEW
#define ACK SIAGA_LIFE_ACKNOWLEDGED
#define WIP SIAGA_LIFE_IN_PROGRESS
#define RES SIAGA_LIFE_RESOLVED
#define CAN SIAGA_LIFE_CANCELLED
#define REO SIAGA_LIFE_REOPENED
#define NO SIAGA_LIFE_STATES /* refused */

/* clang-format off */
static const uint8_t s_next[SIAGA_DEED_KINDS][SIAGA_LIFE_STATES] = {
	/*                            new  ack  wip  res  can  reo */
	[SIAGA_ACTION_NONE] =        { NO,  NO,  NO,  NO,  NO,  NO},
	[SIAGA_ACTION_ACKNOWLEDGE] = {ACK, ACK, WIP,  NO,  NO, ACK},
	[SIAGA_ACTION_TAKE] =        {WIP, WIP, WIP,  NO,  NO, WIP},
	[SIAGA_ACTION_ASSIST] =      {ACK, ACK, WIP,  NO,  NO, ACK},
	[SIAGA_ACTION_HANDOVER] =    { NO,  NO, WIP,  NO,  NO,  NO},
	[SIAGA_ACTION_COMMENT] =     {NEW, ACK, WIP, RES, CAN, REO},
	[SIAGA_ACTION_RESOLVE] =     { NO,  NO, RES,  NO,  NO,  NO},
	[SIAGA_ACTION_REOPEN] =      { NO,  NO,  NO, REO, REO,  NO},
	[SIAGA_DEED_UPDATE] =        {NEW, ACK, WIP, RES, CAN, REO},
	[SIAGA_DEED_CANCEL] =        {CAN, CAN, CAN,  NO,  NO, CAN},
};
/* clang-format on */

/* Names on the wire are bounded; what is longer does not come from there, and is cut. */
static void
s_copy (char *to, size_t capacity, struct siaga_text text)
{
	size_t size = text.size < capacity ? text.size : capacity - 1;

	if (size > 0)
		memcpy (to, text.data, size);
	to[size] = '\0';
}

void
siaga_life_begin (struct siaga_life *self, const struct siaga_header *alert, uint64_t accepted_us)
{
	memset (self, 0, sizeof *self);
	self->since_us = accepted_us;
	self->severity = alert->severity;
	s_copy (self->origin, sizeof self->origin, alert->origin);
}

int
siaga_deed_read (struct siaga_deed *deed, const struct siaga_header *header,
		 const struct siaga_body *body)
{
	memset (deed, 0, sizeof *deed);
	deed->origin = header->origin;
	switch (header->kind) {
	case SIAGA_KIND_RESPONSE:
		deed->what = header->action;
		break;
	case SIAGA_KIND_UPDATE:
		deed->what = SIAGA_DEED_UPDATE;
		deed->has_severity = true;
		deed->severity = header->severity;
		return 0;
	case SIAGA_KIND_CANCEL:
		deed->what = SIAGA_DEED_CANCEL;
		return 0;
	default:
		return SIAGA_ENOTFOUND;
	}
	deed->member = body->member;
	deed->outcome = body->outcome;
	if (deed->what == SIAGA_ACTION_HANDOVER && deed->member.size == 0)
		return SIAGA_EMALFORMED;
	if (deed->what != SIAGA_ACTION_RESOLVE)
		return 0;
	if (deed->outcome == SIAGA_OUTCOME_NONE)
		return SIAGA_EMALFORMED;
	bool names_another = header->ref_count > 1 &&
			     memcmp (header->refs[0].id, header->refs[1].id, SIAGA_ID_BYTES) != 0;
	return deed->outcome != SIAGA_OUTCOME_DUPLICATE || names_another ? 0 : SIAGA_EMALFORMED;
}

static bool
s_is_lead (const struct siaga_life *self, struct siaga_text principal)
{
	return self->lead[0] != '\0' && siaga_text_is (siaga_member_of (principal), self->lead);
}

bool
siaga_life_assists (const struct siaga_life *self, struct siaga_text member)
{
	for (size_t i = 0; i < self->assist_count; i++)
		if (siaga_text_equal (siaga_member_of (siaga_text (self->assists[i].principal)),
				      member))
			return true;
	return false;
}

/* Once for each person, so that nobody makes a story longer by it than there are people. */
static int
s_judge_acknowledge (const struct siaga_life *self, const struct siaga_deed *deed)
{
	for (size_t i = 0; i < self->acknowledged_count; i++)
		if (siaga_text_is (deed->origin, self->acknowledged[i].principal))
			return SIAGA_ESTATE;
	return self->acknowledged_count < SIAGA_LIFE_PARTIES_MAX ? 0 : SIAGA_ELIMIT;
}

/* Once for each member, and not by the one that leads. */
static int
s_judge_assist (const struct siaga_life *self, const struct siaga_deed *deed)
{
	if (s_is_lead (self, deed->origin) ||
	    siaga_life_assists (self, siaga_member_of (deed->origin)))
		return SIAGA_ESTATE;
	return self->assist_count < SIAGA_LIFE_PARTIES_MAX ? 0 : SIAGA_ELIMIT;
}

/* By the member that leads, or that whose alert it is: a lead that fell silent must not hold it for good. */
static int
s_judge_handover (const struct siaga_life *self, const struct siaga_deed *deed)
{
	bool is_origins = siaga_text_equal (siaga_member_of (deed->origin),
					    siaga_member_of (siaga_text (self->origin)));

	if (siaga_text_is (deed->member, self->lead))
		return SIAGA_ESTATE;
	return is_origins || s_is_lead (self, deed->origin) ? 0 : SIAGA_ESTATE;
}

int
siaga_life_judge (const struct siaga_life *self, const struct siaga_deed *deed)
{
	if (deed->what >= SIAGA_DEED_KINDS || s_next[deed->what][self->state] == NO)
		return SIAGA_ESTATE;
	switch (deed->what) {
	case SIAGA_ACTION_ACKNOWLEDGE:
		return s_judge_acknowledge (self, deed);
	case SIAGA_ACTION_TAKE: /* of what was handed over, and nobody has in hand */
		if (self->state != SIAGA_LIFE_IN_PROGRESS)
			return 0;
		return s_is_lead (self, deed->origin) && self->person[0] == '\0' ? 0 : SIAGA_ESTATE;
	case SIAGA_ACTION_ASSIST:
		return s_judge_assist (self, deed);
	case SIAGA_ACTION_HANDOVER:
		return s_judge_handover (self, deed);
	case SIAGA_ACTION_RESOLVE:
		return s_is_lead (self, deed->origin) ? 0 : SIAGA_ESTATE;
	default:
		return 0;
	}
}

static void
s_add_party (struct siaga_party *parties, size_t *count, struct siaga_text principal,
	     uint64_t accepted_us)
{
	struct siaga_party *party = &parties[(*count)++];

	s_copy (party->principal, sizeof party->principal, principal);
	party->since_us = accepted_us;
}

/* Who leads does not assist. */
static void
s_set_lead (struct siaga_life *self, struct siaga_text member, struct siaga_text person,
	    uint64_t accepted_us)
{
	size_t kept = 0;

	s_copy (self->lead, sizeof self->lead, member);
	s_copy (self->person, sizeof self->person, person);
	self->lead_since_us = accepted_us;
	for (size_t i = 0; i < self->assist_count; i++)
		if (!s_is_lead (self, siaga_text (self->assists[i].principal)))
			self->assists[kept++] = self->assists[i];
	self->assist_count = kept;
}

/* It begins anew: nobody has it. */
static void
s_reopen (struct siaga_life *self)
{
	self->lead[0] = self->person[0] = '\0';
	self->lead_since_us = 0;
	self->outcome = SIAGA_OUTCOME_NONE;
	self->assist_count = self->acknowledged_count = 0;
}

static void
s_do (struct siaga_life *self, const struct siaga_deed *deed, uint64_t accepted_us)
{
	const struct siaga_text nobody = {NULL, 0};

	switch (deed->what) {
	case SIAGA_ACTION_ACKNOWLEDGE:
		s_add_party (self->acknowledged, &self->acknowledged_count, deed->origin,
			     accepted_us);
		break;
	case SIAGA_ACTION_TAKE:
		s_set_lead (self, siaga_member_of (deed->origin), deed->origin, accepted_us);
		break;
	case SIAGA_ACTION_ASSIST:
		s_add_party (self->assists, &self->assist_count, deed->origin, accepted_us);
		break;
	case SIAGA_ACTION_HANDOVER:
		s_set_lead (self, deed->member, nobody, accepted_us);
		break;
	case SIAGA_ACTION_RESOLVE:
		self->outcome = deed->outcome;
		break;
	case SIAGA_ACTION_REOPEN:
		s_reopen (self);
		break;
	case SIAGA_DEED_UPDATE:
		if (deed->has_severity)
			self->severity = deed->severity;
		break;
	default:
		break;
	}
}

int
siaga_life_apply (struct siaga_life *self, const struct siaga_deed *deed, uint64_t accepted_us)
{
	int error = siaga_life_judge (self, deed);

	if (error)
		return error;
	enum siaga_life_state next = (enum siaga_life_state) s_next[deed->what][self->state];
	s_do (self, deed, accepted_us);
	if (next != self->state)
		self->since_us = accepted_us;
	self->state = next;
	return 0;
}

bool
siaga_life_is_over (const struct siaga_life *self)
{
	return self->state == SIAGA_LIFE_RESOLVED || self->state == SIAGA_LIFE_CANCELLED;
}
