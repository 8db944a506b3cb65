/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The categories: ENISA's Reference Security Incident Taxonomy as `class/type`, in its own order. What
 * a category means for the work (who leads) is the roster's playbook.
 */
#include "siaga/names.h"

static const char *const categories[] = {
	"abusive-content/spam",
	"abusive-content/harmful-speech",
	"abusive-content/violence",
	"malicious-code/infected-system",
	"malicious-code/c2-server",
	"malicious-code/malware-distribution",
	"malicious-code/malware-configuration",
	"information-gathering/scanner",
	"information-gathering/sniffing",
	"information-gathering/social-engineering",
	"intrusion-attempts/ids-alert",
	"intrusion-attempts/brute-force",
	"intrusion-attempts/exploit",
	"intrusions/privileged-account-compromise",
	"intrusions/unprivileged-account-compromise",
	"intrusions/application-compromise",
	"intrusions/system-compromise",
	"intrusions/burglary",
	"availability/dos",
	"availability/ddos",
	"availability/misconfiguration",
	"availability/sabotage",
	"availability/outage",
	"information-content-security/unauthorised-information-access",
	"information-content-security/unauthorised-information-modification",
	"information-content-security/data-loss",
	"information-content-security/data-leak",
	"fraud/unauthorised-use-of-resources",
	"fraud/copyright",
	"fraud/masquerade",
	"fraud/phishing",
	"vulnerable/weak-crypto",
	"vulnerable/ddos-amplifier",
	"vulnerable/potentially-unwanted-accessible",
	"vulnerable/information-disclosure",
	"vulnerable/vulnerable-system",
	"other/other",
	"other/undetermined",
	"test/test",
};

const char *
siaga_category_at (size_t index)
{
	return index < sizeof categories / sizeof *categories ? categories[index] : NULL;
}

bool
siaga_category_is_valid (struct siaga_text category)
{
	for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
		if (siaga_text_is (category, categories[i]))
			return true;
	return false;
}

bool
siaga_category_in (struct siaga_text category, struct siaga_text prefix)
{
	if (category.size <= prefix.size)
		return siaga_text_equal (category, prefix);
	if (category.data[prefix.size] != '/')
		return false;
	category.size = prefix.size;
	return siaga_text_equal (category, prefix);
}
