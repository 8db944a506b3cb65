/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shapes of names (limits.h). The sets are written out: the C locale's isalpha () is no part of a
 * protocol.
 */
#include "siaga/names.h"

static bool
s_is_lower (char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
s_is_digit (char c)
{
	return c >= '0' && c <= '9';
}

/* 1 to `max` of [a-z0-9-] and, when `dots`, of '.'. */
static bool
s_is_name (struct siaga_text name, size_t max, bool dots)
{
	if (name.size < 1 || name.size > max)
		return false;
	for (size_t i = 0; i < name.size; i++) {
		char c = name.data[i];

		if (!s_is_lower (c) && !s_is_digit (c) && c != '-' && !(dots && c == '.'))
			return false;
	}
	return true;
}

bool
siaga_network_is_valid (struct siaga_text name)
{
	return s_is_name (name, SIAGA_NETWORK_MAX, true);
}

bool
siaga_member_is_valid (struct siaga_text name)
{
	return s_is_name (name, SIAGA_MEMBER_MAX, false) && s_is_lower (name.data[0]);
}

bool
siaga_system_is_valid (struct siaga_text name)
{
	return s_is_name (name, SIAGA_SYSTEM_MAX, false) && s_is_lower (name.data[0]);
}

struct siaga_text
siaga_member_of (struct siaga_text principal)
{
	for (size_t i = 0; i < principal.size; i++)
		if (principal.data[i] == '/')
			return (struct siaga_text){principal.data, i};
	return (struct siaga_text){NULL, 0};
}

bool
siaga_principal_is_valid (struct siaga_text name)
{
	struct siaga_text member = siaga_member_of (name);
	struct siaga_text own;

	if (name.size > SIAGA_PRINCIPAL_MAX || !siaga_member_is_valid (member))
		return false;
	own.data = name.data + member.size + 1;
	own.size = name.size - member.size - 1;
	return siaga_member_is_valid (own);
}
