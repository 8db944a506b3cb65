/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert of Suricata's, wherever it stands: in a line of its own eve.json (parser_eve.c), or as the `data` of a
 * Wazuh alert (parser_wazuh.c), where its numbers are strings.
 */
#ifndef AGENT_SURICATA_H
#define AGENT_SURICATA_H

#include "agent/event.h"

/* May this line be an alert? True for every line Suricata writes for one, false for nearly all others, without
   parsing. */
bool
suricata_may_be_alert (struct siaga_text line);

bool
suricata_is_alert (const json_t *eve);

/* Fills header and body but for `raw`, after map_begin (). 0, or SIAGA_EFORMAT for one without signature and
   signature_id. */
int
suricata_map (struct event *event, const json_t *eve);

/* The RSIT category of one of Suricata's classifications, by its description (`alert.category`) in any case of
   letters; intrusion-attempts/ids-alert for others. Static text. */
struct siaga_text
suricata_category (const char *description);

/* The same, where the rule's own name ("ET SCAN …") says more than a classification that says nothing ("Misc
   activity"). */
struct siaga_text
suricata_category_of_rule (const char *description, const char *signature);

/* The i-th classification of the table, NULL past its end: for tests. */
const char *
suricata_category_at (size_t index);

#endif
