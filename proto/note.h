/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C2SP signed notes (c2sp.org/signed-note): text, a blank line, and lines that sign the text. Only Ed25519
 * signatures (type 0x01) are made and checked; lines of keys one does not know are passed over.
 */
#ifndef PROTO_NOTE_H
#define PROTO_NOTE_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define NOTE_SIGNATURES_MAX 16 /* lines looked at */

/* The text (with its last line feed) and the signature lines of a note: 0 or SIAGA_EMALFORMED. Borrowed. */
int
note_split (struct siaga_text note, struct siaga_text *text, struct siaga_text *signatures);

/* Is there a line of this key under this name, and does it verify? 0, SIAGA_EMALFORMED, SIAGA_EUNKNOWN (no line is
   this key's), SIAGA_ESIGNATURE. */
int
note_verify (struct siaga_text note, struct siaga_text name, const uint8_t sign[SIAGA_KEY_BYTES]);

/* Appends the blank line and the signature to the text in `note`, `size` bytes ending in a line feed, with room
   for NOTE_SIGNATURE_MAX and the name more, and a NUL: the new size. */
#define NOTE_SIGNATURE_MAX 112
size_t
note_sign (char *note, size_t size, struct siaga_text name, const uint8_t sign_secret[64]);

#endif
