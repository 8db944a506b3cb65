/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A principal's secret identity: making one, and its text.
 *
 *	# Siaga identity of bssn/soc-1. Secret: …
 *	siaga-identity-1
 *	card siaga-card-1 bssn/soc-1 …
 *	secret plain <base64url of 104 bytes>
 *	secret locked <opslimit> <memlimit> <base64url of salt | nonce | box>
 *
 * The 104 bytes are the Ed25519 seed, the two CURVE25519 secrets, and a check: the first 8 bytes of
 * SHA-256 over the card's line and those 96 bytes, so that damage anywhere is noticed. Files, modes
 * and the asking for passphrases are common/identity_file.h.
 */
#include "base64.h"
#include "card.h"
#include "cut.h"
#include "siaga/error.h"
#include "siaga/names.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define IDENTITY_WORD "siaga-identity-1"
#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

#define SECRETS_BYTES (3 * SIAGA_KEY_BYTES)
#define CHECK_BYTES 8
#define PLAIN_BYTES (SECRETS_BYTES + CHECK_BYTES)
#define SALT_BYTES crypto_pwhash_argon2id_SALTBYTES
#define NONCE_BYTES crypto_secretbox_NONCEBYTES
#define BOX_BYTES (crypto_secretbox_MACBYTES + PLAIN_BYTES)
#define LOCKED_BYTES (SALT_BYTES + NONCE_BYTES + BOX_BYTES)

/* Argon2id's cost: about 0.2 s and 64 MiB; a file that asks for more than the maxima is refused. */
#define OPSLIMIT 3
#define MEMLIMIT (UINT64_C (64) << 20)
#define OPSLIMIT_MAX 16
#define MEMLIMIT_MAX (UINT64_C (512) << 20)

/* What of an identity passes through the stack and must be wiped. */
struct secrets {
	uint8_t plain[PLAIN_BYTES];
	uint8_t key[crypto_secretbox_KEYBYTES];
};

/* The parts of an identity's text, borrowed. */
struct identity_text {
	struct siaga_text card;
	struct siaga_text secret; /* after "plain " or "locked " */
	bool locked;
};

struct siaga_identity *
siaga_identity_new (struct siaga_text principal)
{
	struct siaga_identity *self;

	if (!siaga_principal_is_valid (principal) || (self = sodium_malloc (sizeof *self)) == NULL)
		return NULL;
	memset (self, 0, sizeof *self);
	memcpy (self->card.principal, principal.data, principal.size);
	crypto_sign_keypair (self->card.sign, self->sign_secret);
	crypto_box_keypair (self->card.transport, self->transport_secret);
	crypto_box_keypair (self->card.seal, self->seal_secret);
	card_sign (&self->card, self->sign_secret);
	return self;
}

void
siaga_identity_destroy (struct siaga_identity **self_p)
{
	sodium_free (*self_p);
	*self_p = NULL;
}

/* The check over card and secrets, to the end of `plain`. */
static void
s_secrets_check (const uint8_t *plain, struct siaga_text card, uint8_t check[CHECK_BYTES])
{
	crypto_hash_sha256_state state;
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init (&state);
	crypto_hash_sha256_update (&state, (const uint8_t *) card.data, card.size);
	crypto_hash_sha256_update (&state, plain, SECRETS_BYTES);
	crypto_hash_sha256_final (&state, hash);
	memcpy (check, hash, CHECK_BYTES);
	sodium_memzero (&state, sizeof state);
}

static int
s_secrets_key (struct secrets *secrets, const char *passphrase, const uint8_t *salt,
	       uint64_t opslimit, uint64_t memlimit)
{
	return crypto_pwhash_argon2id (secrets->key, sizeof secrets->key, passphrase,
				       strlen (passphrase), salt, opslimit, (size_t) memlimit,
				       crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0
		       ? 0
		       : SIAGA_ENOMEM;
}

/* Encrypts the secrets and writes "locked …". */
static int
s_secrets_lock (struct secrets *secrets, const char *passphrase, char *out, size_t capacity)
{
	uint8_t locked[LOCKED_BYTES];
	int length;

	randombytes_buf (locked, SALT_BYTES + NONCE_BYTES);
	if (s_secrets_key (secrets, passphrase, locked, OPSLIMIT, MEMLIMIT) != 0)
		return SIAGA_ENOMEM;
	crypto_secretbox_easy (locked + SALT_BYTES + NONCE_BYTES, secrets->plain, PLAIN_BYTES,
			       locked + SALT_BYTES, secrets->key);
	length = snprintf (out, capacity, "locked %d %ju ", OPSLIMIT, (uintmax_t) MEMLIMIT);
	sodium_bin2base64 (out + length, capacity - (size_t) length, locked, sizeof locked,
			   VARIANT);
	return 0;
}

static void
s_secrets_fill (struct secrets *secrets, const struct siaga_identity *self, const char *card)
{
	memcpy (secrets->plain, self->sign_secret,
		SIAGA_KEY_BYTES); /* the seed is the first half */
	memcpy (secrets->plain + SIAGA_KEY_BYTES, self->transport_secret, SIAGA_KEY_BYTES);
	memcpy (secrets->plain + 2 * SIAGA_KEY_BYTES, self->seal_secret, SIAGA_KEY_BYTES);
	s_secrets_check (secrets->plain, siaga_text (card), secrets->plain + SECRETS_BYTES);
}

int
siaga_identity_write (const struct siaga_identity *self, const char *passphrase, char *out,
		      size_t capacity)
{
	struct secrets secrets;
	char card[SIAGA_CARD_MAX];
	char secret[512] = "plain ";
	int length, error = 0;

	siaga_card_write (&self->card, card);
	s_secrets_fill (&secrets, self, card);
	if (passphrase != NULL && *passphrase != '\0')
		error = s_secrets_lock (&secrets, passphrase, secret, sizeof secret);
	else
		sodium_bin2base64 (secret + strlen (secret), sizeof secret - strlen (secret),
				   secrets.plain, PLAIN_BYTES, VARIANT);
	if (error == 0) {
		length = snprintf (
			out, capacity,
			"# Siaga identity of %s. Secret: only its owner may read this file.\n" IDENTITY_WORD
			"\ncard %s\nsecret %s\n",
			self->card.principal, card, secret);
		error = length < 0 || (size_t) length >= capacity ? SIAGA_ELIMIT : 0;
	}
	sodium_memzero (&secrets, sizeof secrets);
	sodium_memzero (secret, sizeof secret);
	return error;
}

/* Cuts the next line that is neither empty nor a comment off `text`; false at the end. */
static bool
s_next_line (struct siaga_text *text, struct siaga_text *line)
{
	while (text->size > 0) {
		*line = cut_line (text);
		if (line->size > 0 && line->data[0] != '#')
			return true;
	}
	return false;
}

static int
s_identity_split (struct siaga_text text, struct identity_text *parts)
{
	struct siaga_text line;

	if (text.size >= SIAGA_IDENTITY_TEXT_MAX || !s_next_line (&text, &line) ||
	    !siaga_text_is (line, IDENTITY_WORD))
		return SIAGA_EFORMAT;
	if (!s_next_line (&text, &parts->card) || !cut_word (&parts->card, "card "))
		return SIAGA_EFORMAT;
	if (!s_next_line (&text, &parts->secret) || !cut_word (&parts->secret, "secret "))
		return SIAGA_EFORMAT;
	parts->locked = cut_word (&parts->secret, "locked ");
	if (!parts->locked && !cut_word (&parts->secret, "plain "))
		return SIAGA_EFORMAT;
	return s_next_line (&text, &line) ? SIAGA_EFORMAT : 0;
}

bool
siaga_identity_is_locked (struct siaga_text text)
{
	struct identity_text parts;

	return s_identity_split (text, &parts) == 0 && parts.locked;
}

/* Cuts a decimal number and its space off the front; 0 when there is none within 1 … max. */
static uint64_t
s_take_number (struct siaga_text *text, uint64_t max)
{
	uint64_t value = 0;
	size_t at = 0;

	for (; at < text->size && at < 18 && text->data[at] >= '0' && text->data[at] <= '9'; at++)
		value = value * 10 + (uint64_t) (text->data[at] - '0');
	if (at == 0 || at >= text->size || text->data[at] != ' ' || text->data[0] == '0' ||
	    value > max)
		return 0;
	text->data += at + 1;
	text->size -= at + 1;
	return value;
}

static int
s_secrets_unlock (struct secrets *secrets, struct siaga_text secret, const char *passphrase)
{
	uint8_t locked[LOCKED_BYTES];
	uint64_t opslimit = s_take_number (&secret, OPSLIMIT_MAX);
	uint64_t memlimit = s_take_number (&secret, MEMLIMIT_MAX);

	if (opslimit == 0 || memlimit < crypto_pwhash_argon2id_MEMLIMIT_MIN ||
	    base64_exactly (secret, locked, sizeof locked, VARIANT) != 0)
		return SIAGA_EFORMAT;
	if (passphrase == NULL || *passphrase == '\0')
		return SIAGA_EPASSPHRASE;
	if (s_secrets_key (secrets, passphrase, locked, opslimit, memlimit) != 0)
		return SIAGA_ENOMEM;
	return crypto_secretbox_open_easy (secrets->plain, locked + SALT_BYTES + NONCE_BYTES,
					   BOX_BYTES, locked + SALT_BYTES, secrets->key) == 0
		       ? 0
		       : SIAGA_EPASSPHRASE;
}

/* Makes the key pairs from the secrets; they must be the card's. */
static int
s_identity_fill (struct siaga_identity *self, const struct secrets *secrets)
{
	uint8_t sign[SIAGA_KEY_BYTES], transport[SIAGA_KEY_BYTES], seal[SIAGA_KEY_BYTES];

	crypto_sign_seed_keypair (sign, self->sign_secret, secrets->plain);
	memcpy (self->transport_secret, secrets->plain + SIAGA_KEY_BYTES, SIAGA_KEY_BYTES);
	memcpy (self->seal_secret, secrets->plain + 2 * SIAGA_KEY_BYTES, SIAGA_KEY_BYTES);
	crypto_scalarmult_base (transport, self->transport_secret);
	crypto_scalarmult_base (seal, self->seal_secret);
	if (memcmp (sign, self->card.sign, SIAGA_KEY_BYTES) != 0 ||
	    memcmp (transport, self->card.transport, SIAGA_KEY_BYTES) != 0 ||
	    memcmp (seal, self->card.seal, SIAGA_KEY_BYTES) != 0)
		return SIAGA_EFORMAT;
	return 0;
}

static int
s_secrets_read (struct secrets *secrets, const struct identity_text *parts, const char *passphrase)
{
	uint8_t check[CHECK_BYTES];
	int error = parts->locked
			    ? s_secrets_unlock (secrets, parts->secret, passphrase)
			    : base64_exactly (parts->secret, secrets->plain, PLAIN_BYTES, VARIANT);

	if (error != 0)
		return error;
	s_secrets_check (secrets->plain, parts->card, check);
	return sodium_memcmp (check, secrets->plain + SECRETS_BYTES, CHECK_BYTES) == 0
		       ? 0
		       : SIAGA_EFORMAT;
}

int
siaga_identity_read (struct siaga_text text, const char *passphrase, struct siaga_identity **self_p)
{
	struct siaga_identity *self;
	struct identity_text parts;
	struct secrets secrets;
	struct siaga_card card;
	int error = s_identity_split (text, &parts);

	if (error == 0)
		error = siaga_card_read (parts.card, &card);
	if (error != 0)
		return error;
	self = sodium_malloc (sizeof *self);
	if (self == NULL)
		return SIAGA_ENOMEM;
	self->card = card;
	error = s_secrets_read (&secrets, &parts, passphrase);
	if (error == 0)
		error = s_identity_fill (self, &secrets);
	sodium_memzero (&secrets, sizeof secrets);
	if (error == 0)
		*self_p = self;
	else
		siaga_identity_destroy (&self);
	return error;
}
