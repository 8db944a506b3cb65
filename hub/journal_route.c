/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routing columns (journal_route.h).
 */
#include "hub/journal_route.h"

struct journal_route
journal_route_of (const struct siaga_header *header)
{
	return (struct journal_route){
		.id = header->id,
		.kind = header->kind,
		.action = header->action,
		.status = header->status,
		.severity = header->severity,
		.certainty = header->certainty,
		.tlp = header->tlp,
		.category = header->category,
		.system = header->system,
		.refs = header->refs,
		.ref_count = header->ref_count,
	};
}
