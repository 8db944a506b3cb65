/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a response can be judged without the log: that it has what its action needs, and that whoever an alert is
 * handed over to is in the roster and may see it: a response carries its alert's TLP and audience. The roster belongs to
 * the core's thread.
 */
#include "hub/core_private.h"
#include "siaga/error.h"

int
core_check_deed (struct core *self, const struct siaga_header *header,
		 const struct siaga_body *body)
{
	struct siaga_deed deed;

	int error = siaga_deed_read (&deed, header, body);
	if (error)
		return error == SIAGA_ENOTFOUND ? 0 : error;
	if (deed.what != SIAGA_ACTION_HANDOVER)
		return 0;
	const struct siaga_member *member = siaga_roster_member (self->trust->roster, deed.member);
	return member && siaga_may_see (member, header) ? 0 : SIAGA_EREF;
}
