/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The routing columns of an entry, derived from its signed bytes here and nowhere else: what the journal
 * indexes, and what it checks its index against when it is opened.
 */
#ifndef SIAGA_HUB_JOURNAL_ROUTE_H
#define SIAGA_HUB_JOURNAL_ROUTE_H

#include "siaga/entry.h"

/* Borrows from the header it was made of. */
struct journal_route {
	const uint8_t *id; /* SIAGA_ID_BYTES */
	unsigned kind;
	unsigned action;
	unsigned status;
	unsigned severity;
	unsigned certainty;
	unsigned tlp;
	struct siaga_text category;
	struct siaga_text system;
	const struct siaga_ref *refs;
	size_t ref_count;
};

struct journal_route
journal_route_of (const struct siaga_header *header);

#endif
