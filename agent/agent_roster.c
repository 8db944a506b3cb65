/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A newer roster from the hub: asked for when the hub tells of one, verified as any other, and put in force while
 * everything goes on.
 */
#include <inttypes.h>

#include "agent/agent.h"
#include "common/clock.h"
#include "common/log.h"
#include "siaga/error.h"

#define ROSTER_QUERY 1 /* the only query an agent has under way */

void
agent_forget_roster_answer (struct agent *self)
{
	answer_finish (&self->roster_answer);
	self->roster_asked = false;
}

void
agent_on_roster_serial (struct agent *self, uint64_t serial)
{
	struct siaga_message message = {.type = SIAGA_QUERY};
	if (serial <= self->trust.roster->serial || serial == self->refused_serial ||
	    self->roster_asked)
		return;
	message.query.id = ROSTER_QUERY;
	message.query.what = SIAGA_QUERY_ROSTER;
	answer_finish (&self->roster_answer);
	self->asked_serial = serial;
	self->roster_asked = link_send_message (uplink_link (self->uplink), &message) == 0;
}

void
agent_roster_changed (struct agent *self, struct siaga_roster *old)
{
	siaga_roster_destroy (&old);
	uplink_on_roster (self->uplink);
	agent_check_names (&self->conf, &self->trust);
	log_info ("roster", "roster %" PRIu64 " is in force", self->trust.roster->serial);
	link_restart (uplink_link (self->uplink), SIAGA_EAGAIN, "another roster is in force here");
}

static void
s_take (struct agent *self)
{
	struct siaga_bytes text;
	struct siaga_text signatures[ROSTER_SIGNATURES_MAX];
	size_t count = 0;
	struct siaga_roster *old = NULL;
	struct conf_error error = {"malformed"};
	int rc = answer_roster (answer_bytes (&self->roster_answer), &text, signatures, &count);
	if (!rc)
		rc = trust_take (&self->trust, text, signatures, count, clock_now_us (), &old,
				 &error);
	agent_forget_roster_answer (self);
	if (rc) {
		self->refused_serial = self->asked_serial;
		log_error ("roster-refused", "the hub's roster was not taken: %s", error.words);
	}
	if (old)
		agent_roster_changed (self, old);
}

bool
agent_on_roster_message (struct agent *self, const struct siaga_message *message)
{
	if (!self->roster_asked)
		return false;
	if (message->type == SIAGA_REFUSED && message->refused.what == SIAGA_QUERY) {
		agent_forget_roster_answer (self);
		return true;
	}
	if (message->type != SIAGA_RESULT || message->result.id != ROSTER_QUERY)
		return false;
	int whole = answer_add (&self->roster_answer, &message->result);
	if (whole < 0)
		agent_forget_roster_answer (self);
	else if (whole > 0)
		s_take (self);
	return true;
}
