/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything a journal holds, checked against itself and the roster: for siaga-hub --verify.
 */
#ifndef SIAGA_HUB_JOURNAL_VERIFY_H
#define SIAGA_HUB_JOURNAL_VERIFY_H

#include "hub/journal.h"
#include "siaga/roster.h"

struct journal_report {
	uint64_t head;
	uint64_t first; /* the first number whose bytes are there */
	uint64_t batches;
	uint64_t refs;
	uint64_t lanes;
	uint8_t root[SIAGA_HASH_BYTES];
};

/* Of a journal opened to read: each batch's hashes, signature and columns, every tile, the marks and the counts, all as
   of one moment, which a running hub does not disturb. 0, SIAGA_EFORMAT with words, SIAGA_ENOMEM, SIAGA_EIO. */
int
journal_verify (struct journal *reader, const struct siaga_roster *roster,
		struct journal_report *report, char words[256]);

/* Bytes that cannot be read at all are no sound journal either: SIAGA_EFORMAT for them, where a journal was opened or
   read with SIAGA_EIO and these words; any other error as it is. */
int
journal_verify_error (int error, const char *words);

#endif
