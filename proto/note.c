/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes (note.h). The signature covers the text with its last line feed, as plain Ed25519: what keeps it
 * apart from Siaga's own signatures is that their first line ("siaga/1 WHAT NETWORK") has spaces and the first
 * line of a checkpoint has none.
 */
#include "note.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>

#include "base64.h"
#include "sha256.h"
#include "siaga/error.h"
#include "siaga/keys.h"

#define DASH "\xE2\x80\x94 "
#define DASH_BYTES 4
#define TYPE_ED25519 0x01
#define KEY_HASH_BYTES 4
#define SIGNED_BYTES (KEY_HASH_BYTES + SIAGA_SIGNATURE_BYTES)
#define NAME_MAX_BYTES 256

/* The first 4 bytes of SHA-256 over name, line feed, type and key. */
static void
s_key_hash (uint8_t hash[SIAGA_HASH_BYTES], struct siaga_text name, const uint8_t *sign)
{
	uint8_t bytes[NAME_MAX_BYTES + 2 + SIAGA_KEY_BYTES];

	assert (name.size > 0 && name.size <= NAME_MAX_BYTES);
	memcpy (bytes, name.data, name.size);
	bytes[name.size] = '\n';
	bytes[name.size + 1] = TYPE_ED25519;
	memcpy (bytes + name.size + 2, sign, SIAGA_KEY_BYTES);
	siaga_sha256 (hash, bytes, name.size + 2 + SIAGA_KEY_BYTES);
}

/* Takes one line, without its line feed, off the front: false when there is no whole one. */
static bool
s_take_line (struct siaga_text *rest, struct siaga_text *line)
{
	const char *end = rest->size ? memchr (rest->data, '\n', rest->size) : NULL;

	if (!end)
		return false;
	*line = (struct siaga_text){rest->data, (size_t) (end - rest->data)};
	rest->data = end + 1;
	rest->size -= line->size + 1;
	return true;
}

int
note_split (struct siaga_text note, struct siaga_text *text, struct siaga_text *signatures)
{
	/* The last blank line: a text may have others. */
	for (size_t at = note.size; at >= 2; at--) {
		if (note.data[at - 1] != '\n' || note.data[at - 2] != '\n')
			continue;
		*text = (struct siaga_text){note.data, at - 1};
		*signatures = (struct siaga_text){note.data + at, note.size - at};
		bool ends = signatures->size > 0 && note.data[note.size - 1] == '\n';
		return ends && text->size > 1 ? 0 : SIAGA_EMALFORMED;
	}
	return SIAGA_EMALFORMED;
}

/* The name and the base64 of a signature line. */
static int
s_read_line (struct siaga_text line, struct siaga_text *name, struct siaga_text *base64)
{
	if (line.size <= DASH_BYTES || memcmp (line.data, DASH, DASH_BYTES) != 0)
		return SIAGA_EMALFORMED;
	line.data += DASH_BYTES;
	line.size -= DASH_BYTES;
	const char *space = memchr (line.data, ' ', line.size);
	if (!space || space == line.data)
		return SIAGA_EMALFORMED;
	*name = (struct siaga_text){line.data, (size_t) (space - line.data)};
	*base64 = (struct siaga_text){space + 1, line.size - name->size - 1};
	return base64->size > 0 ? 0 : SIAGA_EMALFORMED;
}

int
note_verify (struct siaga_text note, struct siaga_text name, const uint8_t sign[SIAGA_KEY_BYTES])
{
	struct siaga_text text, rest, line, signer, base64;
	uint8_t hash[SIAGA_HASH_BYTES], bytes[SIGNED_BYTES];
	int result = SIAGA_EUNKNOWN;

	if (note_split (note, &text, &rest) != 0)
		return SIAGA_EMALFORMED;
	s_key_hash (hash, name, sign);
	for (size_t count = 0; rest.size > 0; count++) {
		if (count == NOTE_SIGNATURES_MAX || !s_take_line (&rest, &line) ||
		    s_read_line (line, &signer, &base64) != 0)
			return SIAGA_EMALFORMED;
		if (result != SIAGA_EUNKNOWN || !siaga_text_equal (signer, name) ||
		    base64_exactly (base64, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL) !=
			    0 ||
		    memcmp (bytes, hash, KEY_HASH_BYTES) != 0)
			continue;
		result = siaga_ed25519_verify (
			bytes + KEY_HASH_BYTES,
			(struct siaga_bytes){(const uint8_t *) text.data, text.size}, sign);
	}
	return result;
}

size_t
note_sign (char *note, size_t size, struct siaga_text name, const uint8_t sign_secret[64])
{
	uint8_t hash[SIAGA_HASH_BYTES], bytes[SIGNED_BYTES];
	char base64[NOTE_SIGNATURE_MAX];

	assert (size > 0 && note[size - 1] == '\n');
	s_key_hash (hash, name, sign_secret + 32);
	memcpy (bytes, hash, KEY_HASH_BYTES);
	crypto_sign_detached (bytes + KEY_HASH_BYTES, NULL, (const uint8_t *) note, size,
			      sign_secret);
	sodium_bin2base64 (base64, sizeof base64, bytes, sizeof bytes,
			   sodium_base64_VARIANT_ORIGINAL);
	return size + (size_t) snprintf (note + size, NOTE_SIGNATURE_MAX + name.size + 1,
					 "\n" DASH "%.*s %s\n", (int) name.size, name.data, base64);
}
