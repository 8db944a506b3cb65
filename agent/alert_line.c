/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parse, check against the clock, add.
 */
#include "agent/alert_line.h"

#include <stdio.h>

#include "common/clock.h"
#include "siaga/error.h"

bool
alert_line_is_blank (struct siaga_text line)
{
	for (size_t i = 0; i < line.size; i++)
		if (!strchr (" \t\r\v\f", line.data[i]) || line.data[i] == '\0')
			return false;
	return true;
}

static int
s_say (int error, char words[ALERT_JSON_WORDS], const char *what)
{
	snprintf (words, ALERT_JSON_WORDS, "%s: %s", what, siaga_strerror (error));
	return error;
}

static int
s_add (struct intake *intake, struct siaga_header *header, struct siaga_body *body, bool *is_bad,
       char words[ALERT_JSON_WORDS])
{
	if (header->expires_us > 0 && header->expires_us <= clock_now_us ()) {
		*is_bad = true;
		snprintf (words, ALERT_JSON_WORDS, "expires: must be in the future");
		return SIAGA_EFORMAT;
	}
	int rc = intake_add (intake, header, body, NULL);
	*is_bad = rc == SIAGA_EMALFORMED || rc == SIAGA_ELIMIT;
	return rc ? s_say (rc, words, *is_bad ? "alert" : "outbox") : 0;
}

int
alert_line_add (struct intake *intake, const struct alert_defaults *defaults,
		struct siaga_text line, uint8_t id[SIAGA_ID_BYTES], bool *is_bad,
		char words[ALERT_JSON_WORDS])
{
	struct siaga_header header;
	struct siaga_body body;
	struct alert_storage storage;
	int rc = alert_json_parse (line, defaults, &header, &body, &storage, words);
	*is_bad = rc && rc != SIAGA_ENOMEM;
	if (!rc)
		rc = s_add (intake, &header, &body, is_bad, words);
	if (!rc)
		memcpy (id, header.id, SIAGA_ID_BYTES);
	alert_storage_finish (&storage);
	return rc;
}
