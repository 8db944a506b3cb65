/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See followed.h.
 */
#include "hub/followed.h"

bool
followed_concerns (const struct siaga_duty *duty)
{
	return duty->acknowledge_within_us > 0 || duty->take_within_us > 0 ||
	       duty->resolve_within_us > 0;
}

static bool
s_is_led (const struct followed *self)
{
	return self->state == SIAGA_LIFE_IN_PROGRESS;
}

static bool
s_is_over (const struct followed *self)
{
	return self->state == SIAGA_LIFE_RESOLVED || self->state == SIAGA_LIFE_CANCELLED;
}

static uint64_t
s_step_ms (const struct followed *self, uint32_t step)
{
	return self->opened_ms + self->acknowledge_ms + (step + self->holds) * self->every_ms;
}

/* Where nobody follows who leads, an acknowledgement is all that is asked for. */
static bool
s_has_step (const struct followed *self)
{
	if (s_is_led (self) || self->step >= self->steps)
		return false;
	return self->has_chain || self->state != SIAGA_LIFE_ACKNOWLEDGED;
}

static bool
s_has_take (const struct followed *self)
{
	return !s_is_led (self) && self->take_ms > 0 && !self->take_said;
}

static bool
s_has_resolve (const struct followed *self)
{
	return self->resolve_ms > 0 && !self->resolve_said;
}

/* A led one goes on however old it is. */
static bool
s_can_expire (const struct followed *self)
{
	return self->over_ms > 0 && !s_is_led (self);
}

static uint64_t
s_earlier (uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
s_set_due (struct followed *self)
{
	uint64_t due_ms = UINT64_MAX;

	if (s_has_step (self))
		due_ms = s_step_ms (self, self->step);
	if (s_has_take (self))
		due_ms = s_earlier (due_ms, self->opened_ms + self->take_ms);
	if (s_has_resolve (self))
		due_ms = s_earlier (due_ms, self->opened_ms + self->resolve_ms);
	if (s_is_over (self) || (due_ms == UINT64_MAX && !self->is_late))
		due_ms = 0; /* nothing more to wait for: it ends */
	else if (s_can_expire (self))
		due_ms = s_earlier (due_ms, self->over_ms);
	self->due_ms = due_ms;
}

void
followed_set_duty (struct followed *self, const struct siaga_duty *duty)
{
	self->acknowledge_ms = duty->acknowledge_within_us / 1000;
	self->take_ms = duty->take_within_us / 1000;
	self->resolve_ms = duty->resolve_within_us / 1000;
	self->every_ms = duty->escalate_every_us / 1000;
	self->has_chain = duty->chain_count > 0;
	self->steps = self->has_chain ? (uint32_t) duty->chain_count : self->acknowledge_ms > 0;
	s_set_due (self);
}

void
followed_open (struct followed *self, uint64_t at_us, uint64_t at_ms)
{
	self->opened_us = at_us;
	self->opened_ms = at_ms;
	self->lead[0] = '\0';
	self->step = self->holds = 0;
	self->is_held = self->take_said = self->resolve_said = false;
	s_set_due (self);
}

/* The step that is next waits once longer, and those behind it with it, so nobody in the chain is left out. */
static void
s_hold (struct followed *self)
{
	if (!s_is_led (self))
		self->state = SIAGA_LIFE_ACKNOWLEDGED;
	if (self->is_held || !self->has_chain || self->step >= self->steps)
		return;
	self->is_held = true;
	self->holds++;
}

static void
s_lead (struct followed *self, struct siaga_text member)
{
	size_t size = member.size < sizeof self->lead ? member.size : sizeof self->lead - 1;

	self->state = SIAGA_LIFE_IN_PROGRESS;
	memcpy (self->lead, member.data, size);
	self->lead[size] = '\0';
}

/* Only what the hub took is in the log, so the table of siaga/life.h need not be asked again. */
void
followed_apply (struct followed *self, const struct siaga_deed *deed, uint64_t at_us,
		uint64_t at_ms)
{
	switch (deed->what) {
	case SIAGA_ACTION_ACKNOWLEDGE:
	case SIAGA_ACTION_ASSIST:
		s_hold (self);
		break;
	case SIAGA_ACTION_TAKE:
		s_lead (self, siaga_member_of (deed->origin));
		break;
	case SIAGA_ACTION_HANDOVER:
		s_lead (self, deed->member);
		break;
	case SIAGA_ACTION_RESOLVE:
		self->state = SIAGA_LIFE_RESOLVED;
		break;
	case SIAGA_DEED_CANCEL:
		self->state = SIAGA_LIFE_CANCELLED;
		break;
	case SIAGA_ACTION_REOPEN:
		self->state = SIAGA_LIFE_REOPENED;
		followed_open (self, at_us, at_ms);
		break;
	case SIAGA_DEED_UPDATE:
		if (deed->has_severity)
			self->severity = deed->severity;
		break;
	default:
		break;
	}
	s_set_due (self);
}

enum followed_what
followed_due (const struct followed *self, uint64_t now_ms, uint32_t *last)
{
	if (now_ms < self->due_ms)
		return FOLLOWED_NOTHING;
	if (self->due_ms == 0 || (s_can_expire (self) && now_ms >= self->over_ms))
		return FOLLOWED_END;
	if (s_has_step (self) && now_ms >= s_step_ms (self, self->step)) {
		*last = self->step;
		while (*last + 1 < self->steps && now_ms >= s_step_ms (self, *last + 1))
			(*last)++;
		return FOLLOWED_STEP;
	}
	if (s_has_take (self) && now_ms >= self->opened_ms + self->take_ms)
		return FOLLOWED_TAKE;
	return FOLLOWED_RESOLVE;
}

void
followed_said (struct followed *self, enum followed_what what, uint32_t last)
{
	if (what == FOLLOWED_STEP) {
		self->step = last + 1;
		self->is_held = false;
	}
	if (what == FOLLOWED_TAKE)
		self->take_said = true;
	if (what == FOLLOWED_RESOLVE)
		self->resolve_said = true;
	s_set_due (self);
}
