/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer that comes in numbered parts, put together (PROTOCOL.md section 6.7).
 */
#ifndef COMMON_ANSWER_H
#define COMMON_ANSWER_H

#include "common/roster_file.h"
#include "siaga/wire.h"

/* Embedded; all zero is an answer of which nothing has come. */
struct answer {
	uint8_t *data;
	size_t size;
	uint64_t parts; /* come so far */
};

void
answer_finish (struct answer *self);

/* Adds a part: 1 when the answer is whole, 0 when more must come, or SIAGA_EGRAMMAR (out of order),
   SIAGA_ELIMIT (beyond SIAGA_RESULT_MAX), SIAGA_ENOMEM. */
int
answer_add (struct answer *self, const struct siaga_result *result);

struct siaga_bytes
answer_bytes (const struct answer *self);

/* The answer to QUERY_ROSTER: [roster.conf bytes, [minisig text, …]], borrowed from `answer`. 0, SIAGA_EMALFORMED,
   SIAGA_ELIMIT. */
int
answer_roster (struct siaga_bytes answer, struct siaga_bytes *text,
	       struct siaga_text signatures[ROSTER_SIGNATURES_MAX], size_t *count);

#endif
