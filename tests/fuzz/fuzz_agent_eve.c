/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a line of eve.json: what is mapped makes a valid entry, once without its raw text at
 * the latest.
 */
#include <stdlib.h>

#include "agent/suricata.h"
#include "siaga/error.h"

static void
s_check (struct siaga_header *header, struct siaga_body *body)
{
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_writer writer;
	siaga_uuid_make (header->id, 1, (const uint8_t *) "0123456789");
	header->origin = siaga_text ("bssn/soc-1");
	siaga_writer_init (&writer, buffer, sizeof buffer);
	int rc = siaga_entry_write (&writer, header, body);
	if (rc == SIAGA_ELIMIT) {
		body->raw = siaga_text (NULL);
		siaga_writer_init (&writer, buffer, sizeof buffer);
		rc = siaga_entry_write (&writer, header, body);
	}
	if (rc)
		abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static struct suricata_storage storage;
	struct alert_defaults defaults;
	struct siaga_text line = {(const char *) data, size};
	struct siaga_header header;
	struct siaga_body body;
	char words[ALERT_JSON_WORDS];

	alert_defaults_init (&defaults);
	suricata_may_be_alert (line);
	for (int payload = 0; payload < 2; payload++) {
		struct suricata_options options = {&defaults, true, payload};
		if (suricata_map (line, &options, &header, &body, &storage, words) == 0)
			s_check (&header, &body);
		else if (!siaga_utf8_is_valid (siaga_text (words)))
			abort ();
	}
	return 0;
}
