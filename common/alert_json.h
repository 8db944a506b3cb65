/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert as people and their programs write it: one JSON object with the names of siaga/entry.h,
 * for the agent's socket and standard input and for `siaga send`.
 *
 *	{"title": "Web site defaced", "severity": "high", "category": "intrusions/application-compromise",
 *	 "target": [{"host": "www.kpu.example", "port": 443}], "detected": "2026-11-24T08:00:00Z"}
 *
 * `title` is required. Others: description, instruction, severity, certainty, category, system,
 * tlp, audience[], status, detected, expires, source[] and target[] {ip, port, host, user, url,
 * hash, mac, email, file, process}, detector {tool, rule_id, rule, native_severity}, count,
 * first_seen, last_seen, raw. Times are RFC 3339. A name not in this list is an error, so that a
 * misspelt one is not silently lost.
 */
#ifndef SIAGA_COMMON_ALERT_JSON_H
#define SIAGA_COMMON_ALERT_JSON_H

#include "siaga/entry.h"

#define ALERT_JSON_WORDS 256 /* bytes for words with the final NUL */

/* What an alert gets where its JSON is silent. Texts are borrowed by the header made from it. */
struct alert_defaults {
	enum siaga_status status;
	enum siaga_severity severity;
	enum siaga_certainty certainty;
	enum siaga_tlp tlp;
	struct siaga_text category;
	struct siaga_text system; /* may be empty */
	size_t audience_count;
	struct siaga_text audience[SIAGA_AUDIENCE_MAX]; /* strictly ascending */
};

/* The memory that header and body of one parsed alert borrow from; its inside is alert_json.c's. */
struct alert_storage {
	void *root;
};

/* actual, medium, unknown, amber, other/undetermined, no system, no audience. */
void
alert_defaults_init (struct alert_defaults *self);

/* The header of an alert that says nothing more. */
void
alert_defaults_apply (const struct alert_defaults *self, struct siaga_header *header);

/*
 * Reads one JSON object (white space around it is fine; nothing else is) into the records of an
 * alert. The header's id, origin and created_us stay zero: they are the caller's to fill in. Texts
 * live in `storage`, which the caller finishes with alert_storage_finish () after use, also after a
 * failure; it need not be initialised before. An IP address is rewritten in its canonical form (RFC
 * 5952), the audience is sorted.
 *
 * Returns 0; SIAGA_EFORMAT (not a JSON object, an unknown name, a value of the wrong type or
 * outside its list), SIAGA_ELIMIT (too long or too many), SIAGA_ENOMEM; then `words` says "field:
 * why", or "line 1, column 9: why" for broken JSON.
 */
int
alert_json_parse (struct siaga_text text, const struct alert_defaults *defaults,
		  struct siaga_header *header, struct siaga_body *body,
		  struct alert_storage *storage, char words[ALERT_JSON_WORDS]);

void
alert_storage_finish (struct alert_storage *self);

/* The two halves of alert_json_parse (), for who looks at the object in between. The object is the caller's, texts of
   the alert are borrowed from it, and addresses in it are rewritten. The same errors. */
struct json_t;
int
alert_json_load (struct siaga_text text, struct json_t **object_p, char words[ALERT_JSON_WORDS]);
int
alert_json_map (struct json_t *object, const struct alert_defaults *defaults,
		struct siaga_header *header, struct siaga_body *body, char words[ALERT_JSON_WORDS]);

#define ALERT_IP_TEXT 46 /* characters of an address with the final NUL */

/* The canonical spelling (RFC 5952) of an IPv4 or IPv6 address; false, and nothing written, when
   `text` (may be NULL) is none. */
bool
alert_ip (char out[ALERT_IP_TEXT], const char *text);

/* Sorts an audience and drops doubles; returns how many are left. */
size_t
alert_audience_sort (struct siaga_text *audience, size_t count);

/* Whoever names an audience wants to see its answers too, which carry the same audience: the origin's own member, which sees
   the alert in any case, joins it where there is room. */
void
alert_audience_join (struct siaga_header *header);

#endif
