/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may say what and who may see what: the rules the hub and every reader judge
 * entries by. Pure questions of a roster and a header; signatures are checked before.
 */
#include "siaga/error.h"
#include "siaga/roster.h"

/* The roles of which one is enough to say that kind; 0: nobody but the hub. */
static unsigned
s_roles_for (enum siaga_kind kind)
{
	switch (kind) {
	case SIAGA_KIND_ALERT:
	case SIAGA_KIND_UPDATE:
	case SIAGA_KIND_CANCEL:
		return SIAGA_ROLE_PUBLISH;
	case SIAGA_KIND_RESPONSE:
		return SIAGA_ROLE_RESPOND;
	case SIAGA_KIND_VOID: /* holds a place in the sequence of whoever has one */
		return SIAGA_ROLE_PUBLISH | SIAGA_ROLE_RESPOND;
	case SIAGA_KIND_SYSTEM:
	case SIAGA_KIND_ROSTER:
		break;
	}
	return 0;
}

int
siaga_may_say (const struct siaga_roster *self, const struct siaga_principal *principal,
	       const struct siaga_header *header)
{
	bool is_hub = strcmp (principal->name, self->hub) == 0;
	bool is_hubs = header->kind == SIAGA_KIND_SYSTEM || header->kind == SIAGA_KIND_ROSTER;

	if (!siaga_text_is (header->origin, principal->name))
		return SIAGA_EORIGIN;
	if (is_hub || is_hubs)
		return is_hub && is_hubs ? 0 : SIAGA_EROLE;
	return (principal->roles & s_roles_for (header->kind)) != 0 ? 0 : SIAGA_EROLE;
}

bool
siaga_may_see (const struct siaga_member *member, const struct siaga_header *header)
{
	/* The hub's member sees no more of an alert by its escalation than of the alert. */
	if (!siaga_header_is_escalation (header) &&
	    siaga_text_is (siaga_member_of (header->origin), member->name))
		return true;
	if (member->clearance < header->tlp)
		return false;
	for (size_t i = 0; i < header->audience_count; i++)
		if (siaga_text_is (header->audience[i], member->name))
			return true;
	return header->audience_count == 0;
}
