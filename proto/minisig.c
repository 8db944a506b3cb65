/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying minisign signatures, written from the format's description
 * (https://jedisct1.github.io/minisign/, "Signature format"):
 *
 *	untrusted comment: <anything>
 *	base64 (kind | key id | Ed25519 signature)
 *	trusted comment: <what the global signature covers too>
 *	base64 (Ed25519 signature of signature | trusted comment)
 *
 * Making signatures is left to the stock minisign. What a trusted comment must say is
 * roster_file.h's.
 */
#include "siaga/minisig.h"
#include "base64.h"
#include "cut.h"
#include "siaga/error.h"
#include "siaga/keys.h"

#include <sodium.h>

#define UNTRUSTED "untrusted comment:"
#define TRUSTED "trusted comment: "
#define KEY_BYTES (2 + 8 + SIAGA_KEY_BYTES)
#define SIG_BYTES (2 + 8 + SIAGA_SIGNATURE_BYTES)
#define VARIANT sodium_base64_VARIANT_ORIGINAL
#define COMMENT_MAX (sizeof ((struct siaga_minisig *) 0)->trusted_comment - 1)

int
siaga_minisig_key_read (struct siaga_text text, struct siaga_minisig_key *key)
{
	uint8_t bytes[KEY_BYTES];
	struct siaga_text line = cut_line (&text);

	if (cut_word (&line, UNTRUSTED))
		line = cut_line (&text);
	if (base64_exactly (line, bytes, sizeof bytes, VARIANT) != 0 ||
	    cut_line (&text).size != 0 || text.size != 0 || memcmp (bytes, "Ed", 2) != 0)
		return SIAGA_EFORMAT;
	if (siaga_ed25519_check (bytes + 10) != 0)
		return SIAGA_EWEAKKEY;
	memcpy (key->key_id, bytes + 2, 8);
	memcpy (key->key, bytes + 10, SIAGA_KEY_BYTES);
	return 0;
}

static int
s_minisig_read_signature (struct siaga_text line, struct siaga_minisig *sig)
{
	uint8_t bytes[SIG_BYTES];

	if (base64_exactly (line, bytes, sizeof bytes, VARIANT) != 0)
		return SIAGA_EFORMAT;
	if (memcmp (bytes, "Ed", 2) != 0 && memcmp (bytes, "ED", 2) != 0)
		return SIAGA_EFORMAT;
	memcpy (sig->kind, bytes, 2);
	memcpy (sig->key_id, bytes + 2, 8);
	memcpy (sig->signature, bytes + 10, SIAGA_SIGNATURE_BYTES);
	return 0;
}

static int
s_minisig_read_comment (struct siaga_text line, struct siaga_minisig *sig)
{
	if (!cut_word (&line, TRUSTED) || line.size > COMMENT_MAX ||
	    memchr (line.data, '\0', line.size) != NULL)
		return SIAGA_EFORMAT;
	memset (sig->trusted_comment, 0, sizeof sig->trusted_comment);
	memcpy (sig->trusted_comment, line.data, line.size);
	return 0;
}

int
siaga_minisig_read (struct siaga_text text, struct siaga_minisig *sig)
{
	struct siaga_text first = cut_line (&text);
	struct siaga_minisig read;

	if (!cut_word (&first, UNTRUSTED) ||
	    s_minisig_read_signature (cut_line (&text), &read) != 0 ||
	    s_minisig_read_comment (cut_line (&text), &read) != 0 ||
	    base64_exactly (cut_line (&text), read.global_signature, SIAGA_SIGNATURE_BYTES,
			    VARIANT) != 0 ||
	    text.size != 0)
		return SIAGA_EFORMAT;
	*sig = read;
	return 0;
}

static int
s_minisig_verify_global (const struct siaga_minisig *sig, const struct siaga_minisig_key *key)
{
	uint8_t bytes[SIAGA_SIGNATURE_BYTES + COMMENT_MAX];
	size_t comment = strlen (sig->trusted_comment);

	memcpy (bytes, sig->signature, SIAGA_SIGNATURE_BYTES);
	memcpy (bytes + SIAGA_SIGNATURE_BYTES, sig->trusted_comment, comment);
	return siaga_ed25519_verify (sig->global_signature,
				     (struct siaga_bytes){bytes, SIAGA_SIGNATURE_BYTES + comment},
				     key->key);
}

int
siaga_minisig_verify (const struct siaga_minisig *sig, const struct siaga_minisig_key *key,
		      struct siaga_bytes data)
{
	uint8_t hash[crypto_generichash_BYTES_MAX];
	int error;

	if (memcmp (sig->key_id, key->key_id, sizeof sig->key_id) != 0)
		return SIAGA_EUNKNOWN;
	if (sig->kind[1] == 'D') {
		crypto_generichash (hash, sizeof hash, data.data, data.size, NULL, 0);
		data = (struct siaga_bytes){hash, sizeof hash};
	}
	error = siaga_ed25519_verify (sig->signature, data, key->key);
	return error != 0 ? error : s_minisig_verify_global (sig, key);
}
