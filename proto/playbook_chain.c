/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom each step of an escalation goes to. Nothing leaks by escalating: who may not see the alert is passed over,
 * and its place is taken by who raised it and by those who see the hub's state and may see the alert too.
 */
#include "siaga/playbook.h"
#include "siaga/roster.h"

uint64_t
siaga_duty_step_us (const struct siaga_duty *duty, size_t step)
{
	return duty->acknowledge_within_us + step * duty->escalate_every_us;
}

bool
siaga_roster_operates (const struct siaga_roster *roster, const struct siaga_member *member)
{
	for (size_t i = 0; i < roster->principal_count; i++)
		if (roster->principals[i].member == member &&
		    (roster->principals[i].roles & SIAGA_ROLE_OPERATE) != 0)
			return true;
	return false;
}

size_t
siaga_duty_step (const struct siaga_roster *roster, const struct siaga_header *header,
		 const struct siaga_duty *duty, size_t step,
		 const struct siaga_member *members[SIAGA_MEMBERS_MAX],
		 const struct siaga_member **skipped)
{
	struct siaga_text origin = siaga_member_of (header->origin);
	const struct siaga_member *to;
	bool everyone;
	size_t count = 0;

	*skipped = NULL;
	if (step >= duty->chain_count)
		return 0;
	everyone = strcmp (duty->chain[step], SIAGA_EVERYONE) == 0;
	to = siaga_roster_member (roster, siaga_text (duty->chain[step]));
	if (to != NULL && !siaga_may_see (to, header))
		*skipped = to;
	for (size_t i = 0; i < roster->member_count; i++) {
		const struct siaga_member *member = &roster->members[i];
		bool wanted = *skipped != NULL ? siaga_text_is (origin, member->name) ||
							 siaga_roster_operates (roster, member)
					       : everyone || member == to;

		if (wanted && siaga_may_see (member, header))
			members[count++] = member;
	}
	return count;
}
