/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table, and a matcher that tries the longest text for a name first: whoever logs in as "x from 192.0.2.1 port 1"
 * must not choose the address that is told.
 */
#include "agent/syslog_known.h"

#define TEXT_MAX 256 /* bytes of a captured text */
#define TITLE_ROOM 1024

#define SCANNER "information-gathering/scanner"
#define BRUTE "intrusion-attempts/brute-force"
#define MISUSE "fraud/unauthorised-use-of-resources"

/* clang-format off */
static const struct syslog_known s_table[] = {
	{"sshd*", "sshd-unknown-user", "Failed %m for invalid user %u from %i port %p",
	 "SSH login failed for unknown user %u from %i", BRUTE, SIAGA_SEVERITY_LOW},
	{"sshd*", "sshd-failed", "Failed %m for %u from %i port %p",
	 "SSH login failed for %u from %i", BRUTE, SIAGA_SEVERITY_LOW},
	{"sshd*", "sshd-accepted", "Accepted %m for %u from %i port %p",
	 "SSH login of %u from %i", "other/other", SIAGA_SEVERITY_INFO},
	{"sshd*", "sshd-unknown-user", "Invalid user %u from %i",
	 "SSH login tried as unknown user %u from %i", BRUTE, SIAGA_SEVERITY_LOW},
	{"sshd*", "sshd-too-many", "error: maximum authentication attempts exceeded for invalid user %u from %i port %p",
	 "Too many failed SSH logins as unknown user %u from %i", BRUTE, SIAGA_SEVERITY_MEDIUM},
	{"sshd*", "sshd-too-many", "error: maximum authentication attempts exceeded for %u from %i port %p",
	 "Too many failed SSH logins as %u from %i", BRUTE, SIAGA_SEVERITY_MEDIUM},
	{"sshd*", "sshd-not-allowed", "User %u from %i not allowed because",
	 "SSH login of %u from %i is not allowed", BRUTE, SIAGA_SEVERITY_LOW},
	{"sshd*", "sshd-scan", "Did not receive identification string from %i",
	 "SSH port looked at from %i", SCANNER, SIAGA_SEVERITY_INFO},
	{"sshd*", "sshd-scan", "Unable to negotiate with %i port %p",
	 "SSH port looked at from %i", SCANNER, SIAGA_SEVERITY_INFO},
	{"sudo", "sudo-password", "%u : %n incorrect password attempt",
	 "Wrong password for sudo by %u", BRUTE, SIAGA_SEVERITY_LOW},
	{"sudo", "sudo-not-in-sudoers", "%u : user NOT in sudoers",
	 "%u may not use sudo and tried", MISUSE, SIAGA_SEVERITY_MEDIUM},
	{"sudo", "sudo-not-allowed", "%u : command not allowed",
	 "%u tried a command that sudo does not allow", MISUSE, SIAGA_SEVERITY_MEDIUM},
	{"su", "su-failed", "FAILED SU (to %v) %u on",
	 "%u failed to become %v with su", BRUTE, SIAGA_SEVERITY_LOW},
	{"fail2ban*", "fail2ban-ban", "NOTICE [%j] Ban %i",
	 "Fail2ban banned %i from %j", NULL, SIAGA_SEVERITY_LOW},
	{"fail2ban*", "fail2ban-ban", "WARNING [%j] Ban %i",
	 "Fail2ban banned %i from %j", NULL, SIAGA_SEVERITY_LOW},
	{"fail2ban*", "fail2ban-ban", "[%j] Ban %i",
	 "Fail2ban banned %i from %j", NULL, SIAGA_SEVERITY_LOW},
};
/* clang-format on */

#define TABLE_SIZE (sizeof s_table / sizeof *s_table)

static bool
s_is_of (char letter, char c)
{
	bool digit = c >= '0' && c <= '9';
	bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	switch (letter) {
	case 'i':
		return hex || c == ':' || c == '.';
	case 'n':
	case 'p':
		return digit;
	default:
		return c != ' ' && c != ']' && c != '[';
	}
}

static bool
s_is_address (struct siaga_text text)
{
	char copy[ALERT_IP_TEXT], canonical[ALERT_IP_TEXT];
	if (text.size >= sizeof copy)
		return false;
	memcpy (copy, text.data, text.size);
	copy[text.size] = '\0';
	return alert_ip (canonical, copy);
}

static bool
s_match (struct syslog_match *match, const char *pattern, struct siaga_text text);

/* The rest of the pattern behind a capture of so many bytes. */
static bool
s_capture (struct syslog_match *match, const char *pattern, struct siaga_text text, size_t size)
{
	struct siaga_text rest = {text.data + size, text.size - size};
	if (size == 0 || !s_match (match, pattern + 2, rest))
		return false;
	match->captured[pattern[1] - 'a'] = (struct siaga_text){text.data, size};
	return true;
}

static bool
s_match_capture (struct syslog_match *match, const char *pattern, struct siaga_text text)
{
	char letter = pattern[1];
	size_t size = 0;
	if (letter != 'u' && letter != 'v') {
		while (size < text.size && s_is_of (letter, text.data[size]))
			size++;
		if (letter == 'i' && size > 0 &&
		    !s_is_address ((struct siaga_text){text.data, size}))
			return false;
		return s_capture (match, pattern, text, size);
	}
	for (size = text.size < TEXT_MAX ? text.size : TEXT_MAX; size > 0; size--)
		if (s_capture (match, pattern, text, size))
			return true;
	return false;
}

/* Does the text begin as the pattern says? */
static bool
s_match (struct syslog_match *match, const char *pattern, struct siaga_text text)
{
	for (; *pattern; pattern++) {
		if (*pattern == '%')
			return s_match_capture (match, pattern, text);
		if (text.size == 0 || text.data[0] != *pattern)
			return false;
		do {
			text.data++;
			text.size--;
		} while (*pattern == ' ' && text.size > 0 && text.data[0] == ' ');
	}
	return true;
}

bool
syslog_known_find (struct syslog_match *match, struct siaga_text program, struct siaga_text message)
{
	while (message.size > 0 && message.data[0] == ' ') {
		message.data++;
		message.size--;
	}
	for (size_t i = 0; program.size > 0 && i < TABLE_SIZE; i++) {
		const struct map_row row = {s_table[i].program, NULL, -1};
		*match = (struct syslog_match){.known = &s_table[i]};
		if (map_find (&row, 1, program) && s_match (match, s_table[i].message, message))
			return true;
	}
	match->known = NULL;
	return false;
}

struct siaga_text
syslog_match_text (const struct syslog_match *match, char letter)
{
	return match->captured[letter - 'a'];
}

struct siaga_text
syslog_match_title (const struct syslog_match *match, struct event *event)
{
	char title[TITLE_ROOM];
	size_t size = 0;
	for (const char *at = match->known->title; *at; at++) {
		struct siaga_text piece = {at, 1};
		if (*at == '%')
			piece = syslog_match_text (match, *++at);
		if (piece.size > sizeof title - size)
			piece.size = sizeof title - size;
		memcpy (title + size, piece.data, piece.size);
		size += piece.size;
	}
	return event_keep (event, title, size, SIAGA_TITLE_MAX);
}

const struct syslog_known *
syslog_known_at (size_t index)
{
	return index < TABLE_SIZE ? &s_table[index] : NULL;
}
