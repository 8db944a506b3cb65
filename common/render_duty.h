/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reader's own playbook says of an alert: who leads, who supports, what to do first, by when. The same for
 * lists, for `show` and for pipes.
 */
#ifndef COMMON_RENDER_DUTY_H
#define COMMON_RENDER_DUTY_H

#include <jansson.h>

#include "common/render_text.h"
#include "siaga/roster.h"

/* Adds lead, support, inform, first_action, contact, phase, ack_by, take_by, resolve_by, report_by and unseen_by, each where
   there is something to say; only report_by where no rule fits. `roster` may be NULL. False when out of memory. */
bool
render_duty_json (json_t *object, const struct siaga_roster *roster,
		  const struct siaga_header *header, uint64_t accepted_us);

/* "lead: kpu  support: bssn  acknowledge by 12:31:07 WIB  report to BSSN by 2026-11-25 12:16:07 WIB  first: Call", the caller's to free () and to escape; ""
   where no rule fits; NULL when out of memory. `roster` may be NULL. */
char *
render_duty_words (const struct siaga_roster *roster, const struct siaga_header *header,
		   uint64_t accepted_us, const struct render_style *style);

/* "bssn, +62 21 5550 0202, siaga@bssn.example", cut to the room there is; the name alone where nothing else is known. */
#define RENDER_CONTACT_TEXT (SIAGA_MEMBER_MAX + 2 * SIAGA_CONTACT_MAX + 8)
void
render_contact (char out[RENDER_CONTACT_TEXT], const struct siaga_member *member);

/* Whom to call when the hub does not answer: the contact of the member that runs it; "" where there is none. */
void
render_hub_contact (char out[RENDER_CONTACT_TEXT], const struct siaga_roster *roster);

#endif
