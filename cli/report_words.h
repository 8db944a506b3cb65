/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of the report in its languages.
 */
#ifndef CLI_REPORT_WORDS_H
#define CLI_REPORT_WORDS_H

#include "cli/report.h"

enum report_word {
	REPORT_TITLE,
	REPORT_LAW,
	REPORT_EXERCISE,
	REPORT_TEST,
	REPORT_CONTACT,
	REPORT_AGENCY,
	REPORT_PERSON,
	REPORT_PHONE,
	REPORT_MAIL,
	REPORT_WRITTEN,
	REPORT_DESCRIPTION,
	REPORT_WHAT,
	REPORT_DETAILS,
	REPORT_CATEGORY,
	REPORT_SYSTEM,
	REPORT_VITAL,
	REPORT_SEVERITY,
	REPORT_DETECTED,
	REPORT_ORIGIN,
	REPORT_TLP,
	REPORT_SOURCE,
	REPORT_TARGET,
	REPORT_DETECTOR,
	REPORT_COUNT,
	REPORT_SEALED,
	REPORT_CHRONOLOGY,
	REPORT_WHEN,
	REPORT_WHO,
	REPORT_EVENT,
	REPORT_NUMBER,
	REPORT_IMPACT,
	REPORT_BLANK,
	REPORT_CLOCK,
	REPORT_FOUND,
	REPORT_DUE,
	REPORT_LEFT,
	REPORT_OVERDUE,
	REPORT_NOT_WANTED,
	REPORT_NOT_VITAL,
	REPORT_EVIDENCE,
	REPORT_EVIDENCE_WORDS,
	REPORT_LOG,
	REPORT_ID,
	REPORT_WORDS
};

const char *
report_word (enum report_language language, enum report_word word);

/* What an entry did, by its kind and action as in its JSON; "high" and such; an outcome. The word itself when it is not
   known. */
const char *
report_event_word (enum report_language language, const char *kind, const char *action);
const char *
report_severity_word (enum report_language language, const char *severity);
const char *
report_outcome_word (enum report_language language, const char *outcome);

#endif
