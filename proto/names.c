/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enumerations' names (names.h), as they stand in JSON, on the command line and in the manuals.
 */
#include "siaga/names.h"
#include "siaga/error.h"

#define NAMES(list)                                                                                \
	{                                                                                          \
		list, sizeof (list) / sizeof *(list)                                               \
	}

static const char *const kinds[] = {
	[SIAGA_KIND_ALERT] = "alert",	[SIAGA_KIND_UPDATE] = "update",
	[SIAGA_KIND_CANCEL] = "cancel", [SIAGA_KIND_RESPONSE] = "response",
	[SIAGA_KIND_VOID] = "void",	[SIAGA_KIND_SYSTEM] = "system",
	[SIAGA_KIND_ROSTER] = "roster",
};

static const char *const actions[] = {
	[SIAGA_ACTION_NONE] = "none",	      [SIAGA_ACTION_ACKNOWLEDGE] = "acknowledge",
	[SIAGA_ACTION_TAKE] = "take",	      [SIAGA_ACTION_ASSIST] = "assist",
	[SIAGA_ACTION_HANDOVER] = "handover", [SIAGA_ACTION_COMMENT] = "comment",
	[SIAGA_ACTION_RESOLVE] = "resolve",   [SIAGA_ACTION_REOPEN] = "reopen",
};

static const char *const statuses[] = {
	[SIAGA_STATUS_ACTUAL] = "actual",
	[SIAGA_STATUS_EXERCISE] = "exercise",
	[SIAGA_STATUS_TEST] = "test",
	[SIAGA_STATUS_SYSTEM] = "system",
};

static const char *const severities[] = {
	[SIAGA_SEVERITY_INFO] = "info",		[SIAGA_SEVERITY_LOW] = "low",
	[SIAGA_SEVERITY_MEDIUM] = "medium",	[SIAGA_SEVERITY_HIGH] = "high",
	[SIAGA_SEVERITY_CRITICAL] = "critical",
};

static const char *const certainties[] = {
	[SIAGA_CERTAINTY_UNKNOWN] = "unknown",	 [SIAGA_CERTAINTY_UNLIKELY] = "unlikely",
	[SIAGA_CERTAINTY_POSSIBLE] = "possible", [SIAGA_CERTAINTY_LIKELY] = "likely",
	[SIAGA_CERTAINTY_OBSERVED] = "observed",
};

static const char *const tlps[] = {
	[SIAGA_TLP_CLEAR] = "clear", [SIAGA_TLP_GREEN] = "green",
	[SIAGA_TLP_AMBER] = "amber", [SIAGA_TLP_AMBER_STRICT] = "amber+strict",
	[SIAGA_TLP_RED] = "red",
};

static const char *const outcomes[] = {
	[SIAGA_OUTCOME_NONE] = "none",
	[SIAGA_OUTCOME_TRUE_POSITIVE] = "true-positive",
	[SIAGA_OUTCOME_FALSE_POSITIVE] = "false-positive",
	[SIAGA_OUTCOME_BENIGN] = "benign",
	[SIAGA_OUTCOME_DUPLICATE] = "duplicate",
};

const struct siaga_names siaga_kind_names = NAMES (kinds);
const struct siaga_names siaga_action_names = NAMES (actions);
const struct siaga_names siaga_status_names = NAMES (statuses);
const struct siaga_names siaga_severity_names = NAMES (severities);
const struct siaga_names siaga_certainty_names = NAMES (certainties);
const struct siaga_names siaga_tlp_names = NAMES (tlps);
const struct siaga_names siaga_outcome_names = NAMES (outcomes);

const char *
siaga_name_of (const struct siaga_names *names, unsigned value)
{
	return value < names->count ? names->names[value] : "unknown";
}

int
siaga_name_value (const struct siaga_names *names, struct siaga_text name)
{
	for (size_t i = 0; i < names->count; i++)
		if (siaga_text_is (name, names->names[i]))
			return (int) i;
	return SIAGA_ENOTFOUND;
}
