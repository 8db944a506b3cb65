/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a running program tells of itself as JSON (--status, `siaga status`): making it and reading it for people.
 */
#ifndef COMMON_FACTS_H
#define COMMON_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* An RFC 3339 text, or null for 0; the caller's. */
json_t *
facts_time (uint64_t time_us);

/* The named string, borrowed; "-" where there is none. */
const char *
facts_text (const json_t *object, const char *name);

/* The named integer; 0 where there is none. */
long long
facts_number (const json_t *object, const char *name);

/* Is there a string of that name? Is there a true one? */
bool
facts_is_said (const json_t *object, const char *name);
bool
facts_is_true (const json_t *object, const char *name);

#endif
