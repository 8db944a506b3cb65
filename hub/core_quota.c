/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quotas at work: who is over one is told when to come back, nothing consumed. Who does not wait, whatever it is
 * told, costs itself its session.
 */
#include "common/clock.h"
#include "hub/core_private.h"
#include "siaga/error.h"

void
core_set_quota (struct core *self, const struct quota_conf *quota)
{
	self->quota = quota;
}

bool
core_has_quota (struct core *self, struct session **session_p)
{
	const struct account *account = (*session_p)->account;
	uint64_t now_ms = clock_mono_ms ();
	uint64_t wait_ms = quota_wait_ms (&account->quota, now_ms);
	uint64_t member_ms = quota_wait_ms (&account->member->quota, now_ms);

	if (wait_ms < member_ms)
		wait_ms = member_ms;
	if (wait_ms == 0)
		return true;
	if (wait_ms > HUB_RETRY_QUOTA_MAX_MS)
		wait_ms = HUB_RETRY_QUOTA_MAX_MS;
	presence_on_quota (self->presence, (*session_p)->principal->name);
	if (session_is_pushing (&(*session_p)->to_publish, wait_ms, HUB_QUOTA_PUSHES_MAX))
		core_refuse_and_cut (self, session_p, SIAGA_PUBLISH, SIAGA_EQUOTA,
				     "over the quota, and does not wait");
	else
		core_refuse_later (self, *session_p, SIAGA_PUBLISH, SIAGA_EQUOTA, 0, wait_ms);
	return false;
}

void
core_take_quota (struct core *self, const struct session *session, uint64_t entries, uint64_t bytes)
{
	struct account *account = session->account;
	uint64_t now_ms = clock_mono_ms ();

	if (!self->quota)
		return;
	quota_take (&account->quota, &self->quota->principal, now_ms, entries, bytes);
	quota_take (&account->member->quota, quota_of_member (self->quota, account->member->name),
		    now_ms, entries, bytes);
}
