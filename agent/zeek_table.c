/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The notices of Zeek's own scripts, and of packages many sensors have, as categories of the RSIT and severities: Zeek
 * gives none. First match; the more special stand first.
 */
#include "agent/zeek_table.h"

#define INFO SIAGA_SEVERITY_INFO
#define LOW SIAGA_SEVERITY_LOW
#define MEDIUM SIAGA_SEVERITY_MEDIUM
#define HIGH SIAGA_SEVERITY_HIGH
#define CRITICAL SIAGA_SEVERITY_CRITICAL

static const struct map_row s_rows[] = {
	/* Scans and what precedes an attack. */
	{"Scan::*", "information-gathering/scanner", LOW},
	{"Traceroute::Detected", "information-gathering/scanner", INFO},
	{"ICMP_Scan::*", "information-gathering/scanner", LOW},
	{"SIP::*", "information-gathering/scanner", LOW},
	/* Passwords. */
	{"SSH::Login_By_Password_Guesser", "intrusions/unprivileged-account-compromise", HIGH},
	{"SSH::Password_Guessing", "intrusion-attempts/brute-force", MEDIUM},
	{"SSH::Watched_Country_Login", "intrusions/unprivileged-account-compromise", MEDIUM},
	{"SSH::Interesting_Hostname_Login", "intrusions/unprivileged-account-compromise", MEDIUM},
	{"FTP::Bruteforcing", "intrusion-attempts/brute-force", MEDIUM},
	{"FTP::Site_Exec_Success", "intrusions/system-compromise", HIGH},
	{"RDP::*", "intrusion-attempts/brute-force", MEDIUM},
	/* Attacks. */
	{"HTTP::SQL_Injection_Victim", "intrusion-attempts/exploit", HIGH},
	{"HTTP::SQL_Injection_Attacker", "intrusion-attempts/exploit", HIGH},
	{"Heartbleed::SSL_Heartbeat_Attack_Success", "information-content-security/data-leak",
	 CRITICAL},
	{"Heartbleed::*", "intrusion-attempts/exploit", HIGH},
	{"CVE_2021_44228::LOG4J_SUCCESS", "intrusions/system-compromise", CRITICAL},
	{"CVE_*", "intrusion-attempts/exploit", HIGH},
	{"CVE20*", "intrusion-attempts/exploit", HIGH},
	{"Zerologon::Zerologon_Password_Change", "intrusions/privileged-account-compromise",
	 CRITICAL},
	{"Zerologon::*", "intrusion-attempts/exploit", HIGH},
	{"EternalSafety::DoublePulsar", "malicious-code/infected-system", CRITICAL},
	{"EternalSafety::EternalBlue", "intrusion-attempts/exploit", CRITICAL},
	{"EternalSafety::*", "intrusion-attempts/exploit", HIGH},
	{"ATTACK::Lateral_Movement*", "intrusions/system-compromise", HIGH},
	{"ATTACK::Execution", "intrusions/system-compromise", HIGH},
	{"ATTACK::Credential_Access", "intrusion-attempts/brute-force", HIGH},
	{"ATTACK::Discovery", "information-gathering/scanner", MEDIUM},
	{"ATTACK::*", "intrusions/system-compromise", HIGH},
	{"Signatures::*", "intrusion-attempts/ids-alert", MEDIUM},
	{"Intel::Notice", "intrusion-attempts/ids-alert", HIGH},
	/* Malicious code. */
	{"TeamCymruMalwareHashRegistry::Match", "malicious-code/malware-distribution", HIGH},
	{"MalwareHash*", "malicious-code/malware-distribution", HIGH},
	{"Bro_Detect_*", "malicious-code/infected-system", HIGH},
	{"CobaltStrike::*", "malicious-code/c2-server", CRITICAL},
	/* Mail. */
	{"SMTP::Blocklist*", "abusive-content/spam", LOW},
	{"SMTP::Suspicious_Origination", "abusive-content/spam", LOW},
	{"Phish::*", "fraud/phishing", HIGH},
	/* What is weak. */
	{"SSL::Weak_Key", "vulnerable/weak-crypto", LOW},
	{"SSL::Weak_Cipher", "vulnerable/weak-crypto", LOW},
	{"SSL::Old_Version", "vulnerable/weak-crypto", LOW},
	{"SSL::Certificate_Expires_Soon", "vulnerable/weak-crypto", INFO},
	{"SSL::*", "vulnerable/weak-crypto", LOW},
	{"Software::Vulnerable_Version", "vulnerable/vulnerable-system", MEDIUM},
	{"Software::*", "other/other", INFO},
	{"DNS::External_Name", "vulnerable/information-disclosure", LOW},
	{"ProtocolDetector::*", "intrusion-attempts/ids-alert", LOW},
	{"Known::*", "other/other", INFO},
	/* Traffic that is not as it should be. */
	{"Conn::Retransmission_Inconsistency", "intrusion-attempts/ids-alert", MEDIUM},
	{"Conn::*", "other/undetermined", INFO},
	{"Weird::*", "intrusion-attempts/ids-alert", LOW},
	/* The sensor itself. */
	{"CaptureLoss::*", "availability/misconfiguration", LOW},
	{"PacketFilter::*", "availability/misconfiguration", LOW},
	{"Pcap*", "availability/misconfiguration", LOW},
};

static const struct map_row s_other = {"", "intrusion-attempts/ids-alert", MEDIUM};

const struct map_row *
zeek_row (struct siaga_text note)
{
	const struct map_row *row = map_find (s_rows, sizeof s_rows / sizeof *s_rows, note);
	return row ? row : &s_other;
}

const struct map_row *
zeek_row_at (size_t index)
{
	return index < sizeof s_rows / sizeof *s_rows ? &s_rows[index] : NULL;
}
