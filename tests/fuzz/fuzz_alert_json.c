/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an alert in JSON: what is taken makes an entry or is over its size; what is not,
 * says why in UTF-8.
 */
#include <stdlib.h>

#include "common/alert_json.h"
#include "siaga/error.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	struct alert_defaults defaults;
	struct alert_storage storage;
	struct siaga_text text = {(const char *) data, size};
	struct siaga_header header;
	struct siaga_body body;
	char words[ALERT_JSON_WORDS];

	alert_defaults_init (&defaults);
	int rc = alert_json_parse (text, &defaults, &header, &body, &storage, words);
	if (rc && (!words[0] || !siaga_utf8_is_valid (siaga_text (words))))
		abort ();
	if (!rc) {
		siaga_uuid_make (header.id, 1, (const uint8_t *) "0123456789");
		header.origin = siaga_text ("bssn/soc-1");
		if (header.expires_us <= 1)
			header.expires_us = 0; /* the caller's to compare with `created` */
		siaga_writer_init (&writer, buffer, sizeof buffer);
		rc = siaga_entry_write (&writer, &header, &body);
		if (rc && rc != SIAGA_ELIMIT)
			abort ();
	}
	alert_storage_finish (&storage);
	return 0;
}
