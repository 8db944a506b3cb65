/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names in rules and networks against the roster.
 */
#ifndef AGENT_RULES_NAMES_H
#define AGENT_RULES_NAMES_H

#include "agent/rules_conf.h"
#include "siaga/roster.h"

/* Warns of each system and member that the roster does not know. */
void
rules_names_check (const struct rules_conf *conf, const struct siaga_roster *roster);

#endif
