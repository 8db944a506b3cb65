/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed checkpoints of the log (PROTOCOL.md section 5): C2SP tlog-checkpoint in a C2SP signed-note, so that
 * other people's tools check them too. Pure functions of bytes.
 *
 *	siaga/pemilu-2024/<log id in hex>
 *	4711
 *	<base64 of the root>
 *
 *	— siaga/pemilu-2024/<log id in hex> <base64 of 4 bytes of key hash, 64 of signature>
 */
#ifndef SIAGA_CHECKPOINT_H
#define SIAGA_CHECKPOINT_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

/* What the hub states: the log's first `size` leaves have this root. */
struct siaga_checkpoint {
	char network[SIAGA_NETWORK_MAX + 1];
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	uint64_t size;
	uint8_t root[SIAGA_HASH_BYTES];
};

/* Signs and writes the note; *size gets its length without the final NUL. The network must be valid: that is
   our own mistake (assert). */
void
siaga_checkpoint_write (const struct siaga_checkpoint *self, const uint8_t sign_secret[64],
			char note[SIAGA_CHECKPOINT_MAX], size_t *size);

/* Reads what a note states; whether anybody signed it is not looked at. 0, SIAGA_EMALFORMED, or
   SIAGA_ELIMIT (longer than SIAGA_CHECKPOINT_MAX). */
int
siaga_checkpoint_read (struct siaga_text note, struct siaga_checkpoint *self);

/* The same, and is it signed by this key? SIAGA_ENETWORK when it is another network's, SIAGA_EUNKNOWN when no
   line is this key's, SIAGA_ESIGNATURE when one is and does not verify. */
int
siaga_checkpoint_verify (struct siaga_text note, struct siaga_text network,
			 const uint8_t sign[SIAGA_KEY_BYTES], struct siaga_checkpoint *self);

#endif
