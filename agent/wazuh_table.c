/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The groups of the rules that Wazuh 4 ships, the telling ones first: a rule has several, and "syslog" or "windows"
 * say nothing. MITRE's tactics only speak where no group does: a login that went well is one of "Initial Access" too.
 */
#include "agent/wazuh_table.h"

static const struct map_row s_groups[] = {
	/* What got through, or is on the way to. */
	{"logs_cleared", "intrusions/system-compromise", -1},
	{"rootcheck", "malicious-code/infected-system", -1},
	{"rootkit*", "malicious-code/infected-system", -1},
	{"virus", "malicious-code/infected-system", -1},
	{"malware", "malicious-code/infected-system", -1},
	{"windows_defender", "malicious-code/infected-system", -1},
	{"clamd", "malicious-code/infected-system", -1},
	{"virustotal", "malicious-code/infected-system", -1},
	{"yara", "malicious-code/infected-system", -1},
	{"ransomware", "malicious-code/infected-system", -1},
	{"phishing", "fraud/phishing", -1},
	{"spam", "abusive-content/spam", -1},
	{"smbd_denied", "intrusion-attempts/ids-alert", -1},
	/* Attacks by kind. */
	{"sql_injection", "intrusion-attempts/exploit", -1},
	{"sqlinjection", "intrusion-attempts/exploit", -1},
	{"shellshock", "intrusion-attempts/exploit", -1},
	{"exploit_attempt", "intrusion-attempts/exploit", -1},
	{"attack", "intrusion-attempts/exploit", -1},
	{"web_scan", "information-gathering/scanner", -1},
	{"recon", "information-gathering/scanner", -1},
	{"multiple_drops", "information-gathering/scanner", -1},
	{"fts", "intrusion-attempts/ids-alert", -1},
	{"authentication_failures", "intrusion-attempts/brute-force", -1},
	{"authentication_failed", "intrusion-attempts/brute-force", -1},
	{"win_authentication_failed", "intrusion-attempts/brute-force", -1},
	{"invalid_login", "intrusion-attempts/brute-force", -1},
	{"login_denied", "intrusion-attempts/brute-force", -1},
	{"fail2ban*", "intrusion-attempts/brute-force", -1},
	{"dos", "availability/dos", -1},
	{"ids", "intrusion-attempts/ids-alert", -1},
	{"suricata", "intrusion-attempts/ids-alert", -1},
	{"snort", "intrusion-attempts/ids-alert", -1},
	{"zeek", "intrusion-attempts/ids-alert", -1},
	/* What is seen of hosts. */
	{"vulnerability-detector", "vulnerable/vulnerable-system", -1},
	{"sca", "vulnerable/vulnerable-system", -1},
	{"oscap", "vulnerable/vulnerable-system", -1},
	{"ciscat", "vulnerable/vulnerable-system", -1},
	{"syscheck*", "information-content-security/unauthorised-information-modification", -1},
	{"audit_watch_write", "information-content-security/unauthorised-information-modification",
	 -1},
	{"audit_watch_read", "information-content-security/unauthorised-information-access", -1},
	{"policy_violation", "fraud/unauthorised-use-of-resources", -1},
	{"policy_changed", "intrusions/system-compromise", -1},
	{"adduser", "intrusions/unprivileged-account-compromise", -1},
	{"account_changed", "intrusions/unprivileged-account-compromise", -1},
	{"privilege_escalation", "intrusions/privileged-account-compromise", -1},
	{"access_denied", "intrusion-attempts/ids-alert", -1},
	{"service_availability", "availability/outage", -1},
	{"service_problem", "availability/outage", -1},
	{"system_shutdown", "availability/outage", -1},
	{"system_error", "availability/misconfiguration", -1},
	/* Everyday. */
	{"authentication_success", "other/other", -1},
	{"sudo", "other/other", -1},
	{"config_changed", "other/other", -1},
	{"ossec", "other/other", -1},
};

static const struct map_row s_tactics[] = {
	{"Exfiltration", "information-content-security/data-leak", -1},
	{"Command and Control", "malicious-code/c2-server", -1},
	{"Impact", "availability/sabotage", -1},
	{"Lateral Movement", "intrusions/system-compromise", -1},
	{"Privilege Escalation", "intrusions/privileged-account-compromise", -1},
	{"Credential Access", "intrusion-attempts/brute-force", -1},
	{"Persistence", "intrusions/system-compromise", -1},
	{"Defense Evasion", "intrusions/system-compromise", -1},
	{"Collection", "information-content-security/unauthorised-information-access", -1},
	{"Execution", "intrusion-attempts/exploit", -1},
	{"Initial Access", "intrusion-attempts/exploit", -1},
	{"Discovery", "information-gathering/scanner", -1},
	{"Reconnaissance", "information-gathering/scanner", -1},
	{"Resource Development", "intrusion-attempts/ids-alert", -1},
};

#define GROUPS (sizeof s_groups / sizeof *s_groups)
#define TACTICS (sizeof s_tactics / sizeof *s_tactics)
#define WORDS_MAX 64 /* looked at of one rule */

enum siaga_severity
wazuh_severity (int64_t level)
{
	if (level >= 15)
		return SIAGA_SEVERITY_CRITICAL;
	if (level >= 12)
		return SIAGA_SEVERITY_HIGH;
	if (level >= 7)
		return SIAGA_SEVERITY_MEDIUM;
	return level >= 4 ? SIAGA_SEVERITY_LOW : SIAGA_SEVERITY_INFO;
}

/* The first row that fits any of the words. */
static const struct map_row *
s_best (const struct map_row *rows, size_t count, const json_t *words)
{
	const struct map_row *best = NULL;
	size_t size = json_array_size (words);
	for (size_t i = 0; i < size && i < WORDS_MAX; i++) {
		struct siaga_text word = map_peek (json_array_get (words, i));
		const struct map_row *row = word.size ? map_find (rows, count, word) : NULL;
		if (row && (!best || row < best))
			best = row;
	}
	return best;
}

const char *
wazuh_category (const json_t *rule)
{
	const struct map_row *row = s_best (s_groups, GROUPS, json_object_get (rule, "groups"));
	if (!row)
		row = s_best (s_tactics, TACTICS,
			      json_object_get (json_object_get (rule, "mitre"), "tactic"));
	return row ? row->category : "intrusion-attempts/ids-alert";
}

const struct map_row *
wazuh_row_at (size_t index)
{
	if (index < GROUPS)
		return &s_groups[index];
	return index < GROUPS + TACTICS ? &s_tactics[index - GROUPS] : NULL;
}
