/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checkpoint as in tests/vectors/checkpoint.json.
 */
#ifndef SIAGA_TESTS_MAKE_CHECKPOINT_H
#define SIAGA_TESTS_MAKE_CHECKPOINT_H

#include "make_entry.h"
#include "siaga/checkpoint.h"

static inline void
make_checkpoint (struct siaga_checkpoint *checkpoint)
{
	memset (checkpoint, 0, sizeof *checkpoint);
	memcpy (checkpoint->network, MAKE_NETWORK, sizeof MAKE_NETWORK);
	make_run (checkpoint->log_id, sizeof checkpoint->log_id, 0x10);
	checkpoint->size = 4711;
	make_run (checkpoint->root, sizeof checkpoint->root, 0x60);
}

/* Signed by the key of keys.json. */
static inline struct siaga_text
make_checkpoint_note (char note[SIAGA_CHECKPOINT_MAX])
{
	struct siaga_checkpoint checkpoint;
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	size_t size;

	make_keys (sign, sign_secret);
	make_checkpoint (&checkpoint);
	siaga_checkpoint_write (&checkpoint, sign_secret, note, &size);
	return (struct siaga_text){note, size};
}

#endif
