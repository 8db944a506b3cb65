/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between rules_conf.c and rules_conf_check.c: checkers of whole groups.
 */
#ifndef AGENT_RULES_CONF_CHECK_H
#define AGENT_RULES_CONF_CHECK_H

#include "agent/rules_conf.h"

bool
when_conf_check (const void *value, char reason[CONF_REASON_MAX]);

/* A text to look for: not empty. */
bool
when_conf_check_text (const void *value, char reason[CONF_REASON_MAX]);

#endif
