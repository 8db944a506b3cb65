/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enumerations of an entry and their names, and the spelling of ids, times and hashes as text.
 * The numbers travel on the wire and never change their meaning (PROTOCOL.md section 4).
 */
#ifndef SIAGA_NAMES_H
#define SIAGA_NAMES_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

enum siaga_kind {
	SIAGA_KIND_ALERT = 0,
	SIAGA_KIND_UPDATE = 1,
	SIAGA_KIND_CANCEL = 2,
	SIAGA_KIND_RESPONSE = 3,
	SIAGA_KIND_VOID = 4, /* holds a place in its origin's sequence and says why */
	SIAGA_KIND_SYSTEM = 5,
	SIAGA_KIND_ROSTER = 6,
};

enum siaga_action {
	SIAGA_ACTION_NONE = 0, /* not a response */
	SIAGA_ACTION_ACKNOWLEDGE = 1,
	SIAGA_ACTION_TAKE = 2,
	SIAGA_ACTION_ASSIST = 3,
	SIAGA_ACTION_HANDOVER = 4,
	SIAGA_ACTION_COMMENT = 5,
	SIAGA_ACTION_RESOLVE = 6,
	SIAGA_ACTION_REOPEN = 7,
};

/* CAP 1.2 section 3.2.1 (msgType is `kind`) */
enum siaga_status {
	SIAGA_STATUS_ACTUAL = 0,
	SIAGA_STATUS_EXERCISE = 1,
	SIAGA_STATUS_TEST = 2,
	SIAGA_STATUS_SYSTEM = 3,
};

enum siaga_severity {
	SIAGA_SEVERITY_INFO = 0,
	SIAGA_SEVERITY_LOW = 1,
	SIAGA_SEVERITY_MEDIUM = 2,
	SIAGA_SEVERITY_HIGH = 3,
	SIAGA_SEVERITY_CRITICAL = 4,
};

/* CAP 1.2 section 3.2.2 */
enum siaga_certainty {
	SIAGA_CERTAINTY_UNKNOWN = 0,
	SIAGA_CERTAINTY_UNLIKELY = 1,
	SIAGA_CERTAINTY_POSSIBLE = 2,
	SIAGA_CERTAINTY_LIKELY = 3,
	SIAGA_CERTAINTY_OBSERVED = 4,
};

/* FIRST TLP 2.0, least to most restricted */
enum siaga_tlp {
	SIAGA_TLP_CLEAR = 0,
	SIAGA_TLP_GREEN = 1,
	SIAGA_TLP_AMBER = 2,
	SIAGA_TLP_AMBER_STRICT = 3,
	SIAGA_TLP_RED = 4,
};

enum siaga_outcome {
	SIAGA_OUTCOME_NONE = 0,
	SIAGA_OUTCOME_TRUE_POSITIVE = 1,
	SIAGA_OUTCOME_FALSE_POSITIVE = 2,
	SIAGA_OUTCOME_BENIGN = 3,
	SIAGA_OUTCOME_DUPLICATE = 4,
};

/* A list of names: names[value] is the name; `count` of them. */
struct siaga_names {
	const char *const *names;
	size_t count;
};

extern const struct siaga_names siaga_kind_names;
extern const struct siaga_names siaga_action_names; /* "none", "acknowledge", … */
extern const struct siaga_names siaga_status_names;
extern const struct siaga_names siaga_severity_names;
extern const struct siaga_names siaga_certainty_names;
extern const struct siaga_names siaga_tlp_names; /* "clear" … "amber+strict", "red" */
extern const struct siaga_names siaga_outcome_names;

/* The name of a value; "unknown" for one out of range. */
const char *
siaga_name_of (const struct siaga_names *names, unsigned value);

/* The value of a name, or SIAGA_ENOTFOUND. */
int
siaga_name_value (const struct siaga_names *names, struct siaga_text name);

/* Is it an RSIT category `class/type` of ENISA's taxonomy (FIELD.md)? */
bool
siaga_category_is_valid (struct siaga_text category);

/* The i-th known category, or NULL past the end: for help and completion. */
const char *
siaga_category_at (size_t index);

/* Does `category` lie in `prefix` (equal, or prefix is its class)? */
bool
siaga_category_in (struct siaga_text category, struct siaga_text prefix);

/* Shapes of names (limits.h): 1 to max characters of the allowed set. */
bool
siaga_network_is_valid (struct siaga_text name);
bool
siaga_member_is_valid (struct siaga_text name);
bool
siaga_principal_is_valid (struct siaga_text name);
bool
siaga_system_is_valid (struct siaga_text name);

/* The member part of a principal's name; empty when there is no '/'. */
struct siaga_text
siaga_member_of (struct siaga_text principal);

#define SIAGA_UUID_TEXT 37 /* characters with the final NUL */
#define SIAGA_TIME_TEXT 28 /* 2026-11-24T08:00:00.123456Z and NUL */

/* A UUIDv7 from milliseconds since 1970 and 10 bytes of randomness (or of a hash). */
void
siaga_uuid_make (uint8_t id[SIAGA_ID_BYTES], uint64_t time_ms, const uint8_t random[10]);

/* Version 7 and variant bits in their places? */
bool
siaga_uuid_is_v7 (const uint8_t id[SIAGA_ID_BYTES]);

/* Lower-case hex in five groups (RFC 9562 section 4). */
void
siaga_uuid_text (char out[SIAGA_UUID_TEXT], const uint8_t id[SIAGA_ID_BYTES]);

/* 0 or SIAGA_EMALFORMED; takes upper and lower case. */
int
siaga_uuid_parse (uint8_t id[SIAGA_ID_BYTES], struct siaga_text text);

/* Microseconds since 1970 as RFC 3339 in UTC with six digits of fraction; what lies beyond 9999 as its last
   moment. */
void
siaga_time_text (char out[SIAGA_TIME_TEXT], uint64_t time_us);

/* RFC 3339, also with an offset without a colon (+0200, Suricata) and 0 to 9 digits of fraction
   (cut to microseconds): 0 or SIAGA_EMALFORMED. Years 1970 to 9999. */
int
siaga_time_parse (uint64_t *time_us, struct siaga_text text);

/* "90s", "15m", "24h", "7d", "2w" to microseconds: 0 or SIAGA_EMALFORMED. */
int
siaga_duration_parse (uint64_t *duration_us, struct siaga_text text);

/* Lower-case hex; `out` has room for 2 * size + 1. */
void
siaga_hex (char *out, const void *data, size_t size);

/* Exactly 2 * size hex digits: 0 or SIAGA_EMALFORMED. */
int
siaga_hex_parse (uint8_t *out, size_t size, struct siaga_text text);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL? */
bool
siaga_utf8_is_valid (struct siaga_text text);

/* Decodes the character that a text (not empty) begins with. Returns its bytes and sets *code; 0, with *code
   untouched, when it is not well-formed as above. NUL is a character here. */
size_t
siaga_utf8_decode (struct siaga_text text, uint32_t *code);

/* Copies bytes from outside to valid UTF-8: each malformed byte and NUL becomes U+FFFD; cut at a
   character's end to at most `capacity` - 1 bytes; NUL-terminated. Returns the bytes written. */
size_t
siaga_utf8_clean (char *out, size_t capacity, const void *data, size_t size);

#endif
