/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of an endpoint's members.
 */
#include "agent/endpoint.h"

#define MEMBER(name)                                                                               \
	{                                                                                          \
#name, offsetof(struct siaga_endpoint, name), false, false                         \
	}

/* clang-format off */
static const struct endpoint_member s_members[] = {
	{"ip", offsetof (struct siaga_endpoint, ip), false, true},
	{"port", offsetof (struct siaga_endpoint, port), true, false},
	MEMBER (host), MEMBER (user), MEMBER (url), MEMBER (hash), MEMBER (mac), MEMBER (email),
	MEMBER (file), MEMBER (process),
};
/* clang-format on */

bool
endpoint_place_parse (struct endpoint_place *self, const char *text)
{
	bool is_target = strncmp (text, "target.", 7) == 0;
	if (!is_target && strncmp (text, "source.", 7) != 0)
		return false;
	for (size_t i = 0; i < sizeof s_members / sizeof *s_members; i++)
		if (strcmp (s_members[i].name, text + 7) == 0) {
			*self = (struct endpoint_place){&s_members[i], is_target};
			return true;
		}
	return false;
}
