/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkers that several programs' configurations need: the shapes of names and of the hub's
 * addresses.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/conf.h"

static bool
s_say (bool good, char reason[CONF_REASON_MAX], const char *value, const char *words)
{
	if (!good)
		snprintf (reason, CONF_REASON_MAX, "\"%.80s\" %s", value, words);
	return good;
}

bool
conf_check_network (const void *value, char reason[CONF_REASON_MAX])
{
	return s_say (siaga_network_is_valid (siaga_text (value)), reason, value,
		      "is not a network's name: small letters, digits, '.' and '-', at most 64");
}

bool
conf_check_principal (const void *value, char reason[CONF_REASON_MAX])
{
	return s_say (siaga_principal_is_valid (siaga_text (value)), reason, value,
		      "is not a principal's name like \"bssn/soc-1\"");
}

bool
conf_check_member (const void *value, char reason[CONF_REASON_MAX])
{
	return s_say (
		siaga_member_is_valid (siaga_text (value)), reason, value,
		"is not a member's name: small letters, digits and '-', a letter first, at most 32");
}

bool
conf_check_system (const void *value, char reason[CONF_REASON_MAX])
{
	return s_say (
		siaga_system_is_valid (siaga_text (value)), reason, value,
		"is not a system's name: small letters, digits and '-', a letter first, at most 32");
}

/* A port from 1 to 65535, without sign or leading zero? */
static bool
s_is_port (const char *text)
{
	size_t digits = strspn (text, "0123456789");

	return digits > 0 && digits <= 5 && text[digits] == '\0' && text[0] != '0' &&
	       atoi (text) <= 65535;
}

static bool
s_is_address (const char *text)
{
	static const char host[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	size_t size;

	if (strncmp (text, "tcp://", 6) != 0)
		return false;
	text += 6;
	if (text[0] == '[') {
		size = strspn (text + 1, "0123456789abcdefABCDEF:.");
		return size >= 2 && text[size + 1] == ']' && text[size + 2] == ':' &&
		       s_is_port (text + size + 3);
	}
	size = strspn (text, host);
	return size > 0 && size <= 253 && text[size] == ':' && s_is_port (text + size + 1);
}

bool
conf_check_address (const void *value, char reason[CONF_REASON_MAX])
{
	return s_say (s_is_address (value), reason, value,
		      "is not an address like \"tcp://hub.kpu.go.id:7766\"");
}

bool
conf_check_tlp (const void *value, char reason[CONF_REASON_MAX])
{
	if (siaga_name_value (&siaga_tlp_names, siaga_text (value)) >= 0)
		return true;
	snprintf (reason, CONF_REASON_MAX,
		  "unknown value \"%.64s\": one of clear, green, amber, amber+strict, red",
		  (const char *) value);
	return false;
}
