/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a response can be judged without the log: that it has what its action needs, and that whoever an alert is
 * handed over to is in the roster and may see it. The roster belongs to this thread; the writer's gets the
 * answers with the batch.
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
	return siaga_roster_member (self->trust->roster, deed.member) ? 0 : SIAGA_EREF;
}

/* A response carries its alert's TLP and audience: what they hide of it they hide of the alert. */
static bool
s_is_hidden_from_next (struct core *self, struct siaga_bytes entry)
{
	struct siaga_header header;
	struct siaga_body body;

	if (siaga_entry_read (entry, &header, &body) != 0)
		return true;
	const struct siaga_member *member = siaga_roster_member (self->trust->roster, body.member);
	header.origin = (struct siaga_text){NULL, 0}; /* not because it is its own */
	return !member || !siaga_may_see (member, &header);
}

void
core_mark_hidden (struct core *self, const struct journal_job *job, struct ingest_tag *tag)
{
	for (uint32_t i = 0; i < job->batch.slot_count; i++)
		if (job->headers[i].action == SIAGA_ACTION_HANDOVER &&
		    s_is_hidden_from_next (self, job->batch.slots[i].entry))
			tag->hidden[i / 8] |= (uint8_t) (1u << i % 8);
}
