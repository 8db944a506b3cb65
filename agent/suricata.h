/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of Suricata's eve.json to the records of an alert: a pure function. Reading the file is
 * source_eve.c's work, giving the alert its id intake.c's.
 *
 * Who can send traffic past a sensor writes part of what stands here (host names, URLs, user
 * agents), so every value is taken only when it has the type and shape expected, cleaned and cut to
 * its limit; what does not fit is left out and never stops the alert.
 */
#ifndef AGENT_SURICATA_H
#define AGENT_SURICATA_H

#include "common/alert_json.h"
#include "siaga/entry.h"

struct suricata_options {
	const struct alert_defaults
		*defaults; /* status, system, tlp, audience; borrowed by the header */
	bool keep_raw;
	bool keep_payload; /* leave payload, packet and bodies in `raw` */
};

/* The texts of one mapped alert; about 16 KiB, to be used again for the next. */
struct suricata_storage {
	size_t used;
	char text[16384];
};

/* May this line be an alert? True for every line Suricata writes for one, false for nearly all
   others, without parsing. */
bool
suricata_may_be_alert (struct siaga_text line);

/*
 * Maps a line. Of the header id, origin and created_us stay zero. Texts are borrowed from `storage`
 * and the defaults. Returns 0; SIAGA_ENOTFOUND for an event that is no alert; SIAGA_EFORMAT for
 * what is not JSON or an alert without signature and id; SIAGA_ENOMEM. `words` gets the reason
 * then.
 */
int
suricata_map (struct siaga_text line, const struct suricata_options *options,
	      struct siaga_header *header, struct siaga_body *body,
	      struct suricata_storage *storage, char words[ALERT_JSON_WORDS]);

/* The RSIT category of one of Suricata's classifications, by its description (`alert.category`) in
   any case of letters; intrusion-attempts/ids-alert for others. Static text. */
struct siaga_text
suricata_category (const char *description);

/* The i-th classification of the table, NULL past its end: for tests. */
const char *
suricata_category_at (size_t index);

#endif
