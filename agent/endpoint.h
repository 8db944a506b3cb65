/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places in the endpoints of an alert by name: "source.ip", "target.host", as rules write them.
 */
#ifndef AGENT_ENDPOINT_H
#define AGENT_ENDPOINT_H

#include "siaga/entry.h"

struct endpoint_member {
	const char *name;
	size_t offset; /* in struct siaga_endpoint */
	bool is_port;
	bool is_ip;
};

struct endpoint_place {
	const struct endpoint_member *member; /* NULL: none */
	bool is_target;
};

/* False, and nothing written, for what is no place. */
bool
endpoint_place_parse (struct endpoint_place *self, const char *text);

/* The text of a member that is no port. */
static inline struct siaga_text *
endpoint_text (struct siaga_endpoint *endpoint, const struct endpoint_member *member)
{
	return (struct siaga_text *) ((char *) endpoint + member->offset);
}

#endif
