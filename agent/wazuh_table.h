/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Wazuh's rules mean: their groups, MITRE's tactics, and levels.
 */
#ifndef AGENT_WAZUH_TABLE_H
#define AGENT_WAZUH_TABLE_H

#include <jansson.h>

#include "agent/map.h"

/* Levels 0-3 info, 4-6 low, 7-11 medium, 12-14 high, 15 and more critical. */
enum siaga_severity
wazuh_severity (int64_t level);

/* The RSIT category of a rule {groups[], mitre.tactic[]}; of many groups the one that says most. Static text. */
const char *
wazuh_category (const json_t *rule);

/* The i-th row of the groups' table and then of the tactics', NULL past the end: for tests. */
const struct map_row *
wazuh_row_at (size_t index);

#endif
