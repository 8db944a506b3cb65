/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular expression (PCRE2, UTF-8) over bytes that strangers choose. What it may cost is bounded twice: by
 * PCRE2's match limit at each place it tries, and by the processor time of all searches for one event, so
 * that neither a pattern nor a text that were made for it can hold the agent up.
 */
#ifndef AGENT_PATTERN_H
#define AGENT_PATTERN_H

#include "siaga/bytes.h"

#define PATTERN_TEXT_MAX 1024 /* bytes of a pattern */
#define PATTERN_SUBJECT_MAX 8192
#define PATTERN_GROUPS_MAX 64 /* those behind have no values */
#define PATTERN_REASON 192    /* bytes for what is wrong with one, with NUL */

struct pattern;

/* What searches need and share: memory, and what is left of the time. */
struct pattern_work;

enum pattern_result {
	PATTERN_NO = 0,
	PATTERN_YES = 1,
	PATTERN_GAVE_UP = -1, /* out of time, over the limit, or the text is not UTF-8 */
};

/* 0; SIAGA_EFORMAT and the reason; SIAGA_ENOMEM. */
int
pattern_new (struct pattern **self_p, const char *text, char reason[PATTERN_REASON]);

void
pattern_destroy (struct pattern **self_p);

/* Can it match where there is nothing? */
bool
pattern_matches_empty (const struct pattern *self);

/* NULL when out of memory. */
struct pattern_work *
pattern_work_new (void);

void
pattern_work_destroy (struct pattern_work **self_p);

/* The time begins anew: another event. */
void
pattern_work_begin (struct pattern_work *self);

/* The first match that is not empty from byte `from` on: its place from *start to *end. The owner keeps `text`
   short: some KiB. */
enum pattern_result
pattern_find (const struct pattern *self, struct pattern_work *work, struct siaga_text text,
	      size_t from, size_t *start, size_t *end);

/* Does it match anywhere in the first PATTERN_SUBJECT_MAX bytes, perhaps with nothing? */
enum pattern_result
pattern_test (const struct pattern *self, struct pattern_work *work, struct siaga_text text);

/* Its named groups. */
size_t
pattern_group_count (const struct pattern *self);
const char *
pattern_group_name (const struct pattern *self, size_t index);

/* After a search that said yes: what the group holds of `text`, the same one; empty when it took no part. */
struct siaga_text
pattern_group (const struct pattern *self, const struct pattern_work *work, struct siaga_text text,
	       size_t index);

#endif
