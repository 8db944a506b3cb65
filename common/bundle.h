/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle (PROTOCOL.md section 6.10): one entry of the log with all that proves it to who has nothing but the root keys.
 */
#ifndef COMMON_BUNDLE_H
#define COMMON_BUNDLE_H

#include "common/reader.h"
#include "common/roster_file.h"
#include "siaga/checkpoint.h"

#define BUNDLE_BYTES_MAX (2 << 20) /* a roster with its signatures, and 64 KiB of batch */

/* Everything is borrowed. */
struct bundle {
	struct siaga_bytes roster; /* roster.conf, as signed */
	size_t signature_count;
	struct siaga_text signatures[ROSTER_SIGNATURES_MAX];
	struct siaga_text note;
	struct siaga_bytes deliveries; /* the answer to an entry query */
	size_t path_length;
	uint8_t path[SIAGA_LOG_PATH_MAX * SIAGA_HASH_BYTES];
};

/* What a bundle proves. Borrowed from the bundle until it is finished. */
struct bundle_proof {
	struct siaga_roster *roster; /* owned */
	struct siaga_checkpoint checkpoint;
	uint64_t number;
	uint64_t accepted_us;
	uint8_t id[SIAGA_ID_BYTES];
	char origin[SIAGA_PRINCIPAL_MAX + 1];
};

/* 0 or SIAGA_ELIMIT. */
int
bundle_write (struct siaga_writer *writer, const struct bundle *self);

/* 0, SIAGA_EMALFORMED, SIAGA_ELIMIT, SIAGA_EFORMAT (no bundle at all). */
int
bundle_read (struct siaga_bytes bytes, struct bundle *self);

/* Takes the note and the path out of the answer to a proof query for that number: 0, SIAGA_EMALFORMED. */
int
bundle_take_proof (struct bundle *self, struct siaga_bytes answer, uint64_t number);

/* Everything, from the pinned roots on. `on_entry` (may be NULL) gets the entry. 0, or why not, with words:
   SIAGA_EUNSIGNED and the others of roster_open (), SIAGA_EREVOKED, SIAGA_EUNKNOWN, SIAGA_ESIGNATURE, SIAGA_EROOT,
   SIAGA_EMALFORMED … After success bundle_proof_finish () is the caller's. */
int
bundle_verify (const struct bundle *self, const struct trust_roots *roots,
	       void (*on_entry) (void *arg, const struct reader_entry *entry), void *arg,
	       struct bundle_proof *proof, struct conf_error *error);

void
bundle_proof_finish (struct bundle_proof *self);

/* Is the note signed by a key that the roster gives the hub, and that was good at that time? 0, SIAGA_EUNKNOWN,
   SIAGA_EREVOKED, SIAGA_ESIGNATURE, SIAGA_ENETWORK, SIAGA_EMALFORMED. */
int
bundle_check_note (const struct siaga_roster *roster, struct siaga_text note, uint64_t at_us,
		   struct siaga_checkpoint *checkpoint);

#endif
