/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classifications of Suricata's classification.config, as the Emerging Threats rules ship it,
 * and Snort's few more, as the categories of the Reference Security Incident Taxonomy. Both name
 * what a rule's author saw in traffic: where it is not known whether the attempt got through, the
 * category is that of an attempt.
 */
#include "agent/suricata.h"

#include <strings.h>

#include "agent/map.h"

#define FALLBACK "intrusion-attempts/ids-alert"

static const struct {
	const char *description;
	const char *category;
} s_table[] = {
	{"Not Suspicious Traffic", "other/other"},
	{"Unknown Traffic", "other/undetermined"},
	{"Potentially Bad Traffic", "intrusion-attempts/ids-alert"},
	{"Attempted Information Leak", "information-gathering/scanner"},
	{"Information Leak", "information-content-security/data-leak"},
	{"Large Scale Information Leak", "information-content-security/data-leak"},
	{"Attempted Denial of Service", "availability/dos"},
	{"Denial of Service", "availability/dos"},
	{"Attempted User Privilege Gain", "intrusion-attempts/exploit"},
	{"Unsuccessful User Privilege Gain", "intrusion-attempts/exploit"},
	{"Successful User Privilege Gain", "intrusions/unprivileged-account-compromise"},
	{"Attempted Administrator Privilege Gain", "intrusion-attempts/exploit"},
	{"Successful Administrator Privilege Gain", "intrusions/privileged-account-compromise"},
	{"Decode of an RPC Query", "information-gathering/scanner"},
	{"Executable code was detected", "intrusion-attempts/exploit"},
	{"A suspicious string was detected", "intrusion-attempts/ids-alert"},
	{"A suspicious filename was detected", "intrusion-attempts/ids-alert"},
	{"An attempted login using a suspicious username was detected",
	 "intrusion-attempts/brute-force"},
	{"A system call was detected", "intrusion-attempts/exploit"},
	{"A TCP connection was detected", "other/other"},
	{"A Network Trojan was detected", "malicious-code/infected-system"},
	{"A client was using an unusual port", "intrusion-attempts/ids-alert"},
	{"Detection of a Network Scan", "information-gathering/scanner"},
	{"Detection of a Denial of Service Attack", "availability/dos"},
	{"Detection of a non-standard protocol or event", "intrusion-attempts/ids-alert"},
	{"Generic Protocol Command Decode", "intrusion-attempts/ids-alert"},
	{"access to a potentially vulnerable web application", "intrusion-attempts/ids-alert"},
	{"Web Application Attack", "intrusion-attempts/exploit"},
	{"Misc activity", "intrusion-attempts/ids-alert"},
	{"Misc Attack", "intrusion-attempts/ids-alert"},
	{"Generic ICMP event", "information-gathering/scanner"},
	{"Inappropriate Content was Detected", "abusive-content/harmful-speech"},
	{"Potential Corporate Privacy Violation", "other/other"},
	{"Attempt to login by a default username and password", "intrusion-attempts/brute-force"},
	{"Targeted Malicious Activity was Detected", "malicious-code/infected-system"},
	{"Exploit Kit Activity Detected", "malicious-code/malware-distribution"},
	{"Device Retrieving External IP Address Detected", "intrusion-attempts/ids-alert"},
	{"Domain Observed Used for C2 Detected", "malicious-code/c2-server"},
	{"Possibly Unwanted Program Detected", "malicious-code/infected-system"},
	{"Successful Credential Theft Detected", "fraud/phishing"},
	{"Possible Social Engineering Attempted", "information-gathering/social-engineering"},
	{"Crypto Currency Mining Activity Detected", "fraud/unauthorised-use-of-resources"},
	{"Malware Command and Control Activity Detected", "malicious-code/c2-server"},
	{"Known malware command and control traffic", "malicious-code/c2-server"},
	{"Known malicious file or file based exploit", "malicious-code/malware-distribution"},
	{"Known client side exploit attempt", "intrusion-attempts/exploit"},
	{"Sensitive Data was Transmitted Across the Network",
	 "information-content-security/data-leak"},
	{"Sensitive Data", "information-content-security/data-leak"},
};

#define TABLE_SIZE (sizeof s_table / sizeof *s_table)

struct siaga_text
suricata_category (const char *description)
{
	for (size_t i = 0; i < TABLE_SIZE; i++)
		if (strcasecmp (s_table[i].description, description) == 0)
			return siaga_text (s_table[i].category);
	return siaga_text (FALLBACK);
}

/* The names of the Emerging Threats and GPL rules begin with what they look for: where a classification says nothing
   ("Misc activity", "Potentially Bad Traffic"), that says more. */
static const struct map_row s_rule_names[] = {
	{"ET SCAN *", "information-gathering/scanner", -1},
	{"GPL SCAN *", "information-gathering/scanner", -1},
	{"ET DOS *", "availability/dos", -1},
	{"ET EXPLOIT*", "intrusion-attempts/exploit", -1},
	{"GPL EXPLOIT *", "intrusion-attempts/exploit", -1},
	{"ET WEB_SERVER *", "intrusion-attempts/exploit", -1},
	{"ET WEB_SPECIFIC_APPS *", "intrusion-attempts/exploit", -1},
	{"ET ATTACK_RESPONSE *", "intrusions/system-compromise", -1},
	{"GPL ATTACK_RESPONSE *", "intrusions/system-compromise", -1},
	{"ET CNC *", "malicious-code/c2-server", -1},
	{"ET PHISHING *", "fraud/phishing", -1},
	{"ET TROJAN *", "malicious-code/infected-system", -1},
	{"ET WORM *", "malicious-code/infected-system", -1},
	{"ET COINMINER *", "fraud/unauthorised-use-of-resources", -1},
};

struct siaga_text
suricata_category_of_rule (const char *description, const char *signature)
{
	struct siaga_text category = suricata_category (description);
	if (!siaga_text_is (category, FALLBACK))
		return category;
	const struct map_row *row = map_find (
		s_rule_names, sizeof s_rule_names / sizeof *s_rule_names, siaga_text (signature));
	return row ? siaga_text (row->category) : category;
}

const char *
suricata_category_at (size_t index)
{
	return index < TABLE_SIZE ? s_table[index].description : NULL;
}
