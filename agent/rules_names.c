/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in the rules that the roster does not have: perhaps not yet, so they are said and nothing more.
 */
#include "agent/rules_names.h"

#include "common/log.h"

static void
s_check_system (const struct siaga_roster *roster, const char *way, size_t index,
		const char *system)
{
	if (system && !siaga_roster_system (roster, siaga_text (system)))
		log_warn ("conf-system", "%s[%zu].system: \"%s\" is not in the roster", way, index,
			  system);
}

void
rules_names_check (const struct rules_conf *conf, const struct siaga_roster *roster)
{
	const struct rule_conf *rules = conf->rules.items;
	const struct network_conf *networks = conf->networks.items;
	for (size_t i = 0; i < conf->networks.count; i++)
		s_check_system (roster, "networks", i, networks[i].system);
	for (size_t i = 0; i < conf->rules.count; i++) {
		const struct conf_strings *audience = &rules[i].set.audience;
		s_check_system (roster, "rules", i, rules[i].set.system);
		for (size_t j = 0; j < audience->count; j++)
			if (!siaga_roster_member (roster, siaga_text (audience->items[j])))
				log_warn ("conf-audience",
					  "rules[%zu].set.audience: \"%s\" is not in the roster", i,
					  audience->items[j]);
	}
}
