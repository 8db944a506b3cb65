/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jails that fail2ban ships, by what their names have in them; most are about passwords.
 */
#include "agent/jail.h"

#include "agent/map.h"

static const struct map_row s_parts[] = {
	{"dos", "availability/dos", -1},
	{"flood", "availability/dos", -1},
	{"limit-req", "availability/dos", -1},
	{"botsearch", "information-gathering/scanner", -1},
	{"badbots", "information-gathering/scanner", -1},
	{"scan", "information-gathering/scanner", -1},
	{"noscript", "information-gathering/scanner", -1},
	{"nohome", "information-gathering/scanner", -1},
	{"overflows", "intrusion-attempts/exploit", -1},
	{"shellshock", "intrusion-attempts/exploit", -1},
	{"url-fopen", "intrusion-attempts/exploit", -1},
	{"modsecurity", "intrusion-attempts/exploit", -1},
	{"spam", "abusive-content/spam", -1},
};

const char *
jail_category (struct siaga_text jail)
{
	const struct map_row *row = map_find_part (s_parts, sizeof s_parts / sizeof *s_parts, jail);
	return row ? row->category : "intrusion-attempts/brute-force";
}
