/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifies minisign signatures (https://jedisct1.github.io/minisign/): both kinds, legacy "Ed" over the
 * file and "ED" over its BLAKE2b-512, and the global signature that covers the trusted comment.
 */
#ifndef SIAGA_MINISIG_H
#define SIAGA_MINISIG_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

struct siaga_minisig_key {
	uint8_t key_id[8];
	uint8_t key[SIAGA_KEY_BYTES];
};

struct siaga_minisig {
	uint8_t kind[2]; /* "Ed" or "ED" */
	uint8_t key_id[8];
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
	uint8_t global_signature[SIAGA_SIGNATURE_BYTES];
	char trusted_comment[1024]; /* without its prefix */
};

/* A public key as base64 ("RWQ…"), or a whole .pub file: 0, SIAGA_EFORMAT, SIAGA_EWEAKKEY. */
int
siaga_minisig_key_read (struct siaga_text text, struct siaga_minisig_key *key);

/* The text of a .minisig file: 0 or SIAGA_EFORMAT. */
int
siaga_minisig_read (struct siaga_text text, struct siaga_minisig *sig);

/* Checks signature and trusted comment over `data`: 0, SIAGA_EUNKNOWN (another key), SIAGA_ESIGNATURE. */
int
siaga_minisig_verify (const struct siaga_minisig *sig, const struct siaga_minisig_key *key,
		      struct siaga_bytes data);

#endif
