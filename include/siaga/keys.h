/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities and cards (PROTOCOL.md section 2): a principal's three key pairs, and their public half as
 * one line of text. Pure functions of bytes; reading and writing files is common/identity_file.h.
 */
#ifndef SIAGA_KEYS_H
#define SIAGA_KEYS_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

/* A card:  siaga-card-1 <principal> <base64url of sign | transport | seal | signature>
   base64url without padding (RFC 4648 section 5). The signature is Ed25519 over
   "siaga/1 card\n" <principal> "\n" sign transport seal. */
struct siaga_card {
	char principal[SIAGA_PRINCIPAL_MAX + 1];
	uint8_t sign[SIAGA_KEY_BYTES];	    /* Ed25519 */
	uint8_t transport[SIAGA_KEY_BYTES]; /* CURVE25519 of CurveZMQ */
	uint8_t seal[SIAGA_KEY_BYTES];	    /* X25519 */
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
};

/* A secret identity. Lives in sodium_malloc () memory, locked where the system lets us. */
struct siaga_identity {
	struct siaga_card card;
	uint8_t sign_secret[64]; /* libsodium's Ed25519 secret key */
	uint8_t transport_secret[SIAGA_KEY_BYTES];
	uint8_t seal_secret[SIAGA_KEY_BYTES];
};

/* New random keys for a principal, or NULL when out of memory or the name is not valid. */
struct siaga_identity *
siaga_identity_new (struct siaga_text principal);

/* Wipes and frees; NULL is fine. */
void
siaga_identity_destroy (struct siaga_identity **self_p);

/* The text of an identity file (PROTOCOL.md does not cover it: it never travels), at most
   SIAGA_IDENTITY_TEXT_MAX characters with NUL. With a passphrase the secrets are encrypted
   (Argon2id + XSalsa20-Poly1305); NULL or "" leaves them plain. The caller wipes `out` (sodium_memzero).
   Returns 0, SIAGA_ELIMIT (capacity), SIAGA_ENOMEM (Argon2id's memory). */
#define SIAGA_IDENTITY_TEXT_MAX 2048
int
siaga_identity_write (const struct siaga_identity *self, const char *passphrase, char *out,
		      size_t capacity);

/* Does this identity file's text need a passphrase? */
bool
siaga_identity_is_locked (struct siaga_text text);

/* Reads an identity: SIAGA_EFORMAT (also when secrets and card do not belong together),
   SIAGA_EPASSPHRASE, SIAGA_ESIGNATURE and SIAGA_EWEAKKEY (its card), SIAGA_ENOMEM. The caller wipes
   `text`. */
int
siaga_identity_read (struct siaga_text text, const char *passphrase,
		     struct siaga_identity **self_p);

/* The card's line without a newline; `out` has room for SIAGA_CARD_MAX. */
void
siaga_card_write (const struct siaga_card *card, char out[SIAGA_CARD_MAX]);

/* Reads a line: SIAGA_EFORMAT, SIAGA_ESIGNATURE (its own), SIAGA_EWEAKKEY. Trailing white space is
   tolerated. */
int
siaga_card_read (struct siaga_text line, struct siaga_card *card);

/* "ABCD-EFGH-IJKL-MNOP": the first 10 bytes of SHA-256 over sign | transport | seal in base32. */
#define SIAGA_FINGERPRINT_TEXT 20
void
siaga_card_fingerprint (const struct siaga_card *card, char out[SIAGA_FINGERPRINT_TEXT]);

/* The first SIAGA_KEY_ID_BYTES of SHA-256 over an Ed25519 public key. */
void
siaga_key_id (uint8_t key_id[SIAGA_KEY_ID_BYTES], const uint8_t sign[SIAGA_KEY_BYTES]);

/* The most bytes that siaga_sign () and siaga_verify () take, with their prefix: enough for every message
   of the protocol. */
#define SIAGA_SIGNED_MAX 8192

/* Ed25519 over "siaga/1 <what> <network>\n" and the bytes (PROTOCOL.md section 2); `network` empty
   leaves out the space and the name. Signing more than SIAGA_SIGNED_MAX is our own mistake (assert). */
void
siaga_sign (uint8_t signature[SIAGA_SIGNATURE_BYTES], const char *what, struct siaga_text network,
	    struct siaga_bytes bytes, const uint8_t sign_secret[64]);

/* 0 or SIAGA_ESIGNATURE (also for more than SIAGA_SIGNED_MAX bytes). */
int
siaga_verify (const uint8_t signature[SIAGA_SIGNATURE_BYTES], const char *what,
	      struct siaga_text network, struct siaga_bytes bytes,
	      const uint8_t sign[SIAGA_KEY_BYTES]);

/* Plain Ed25519 (RFC 8032) over the bytes as they are, strict about S and small-order points: what
   siaga_verify () rests on. 0 or SIAGA_ESIGNATURE. */
int
siaga_ed25519_verify (const uint8_t signature[SIAGA_SIGNATURE_BYTES], struct siaga_bytes bytes,
		      const uint8_t sign[SIAGA_KEY_BYTES]);

/* Are these keys of full order and canonical? 0 or SIAGA_EWEAKKEY. The first is for Ed25519 keys
   (crypto_core_ed25519_is_valid_point), the second for CURVE25519 and X25519 keys. */
int
siaga_ed25519_check (const uint8_t sign[SIAGA_KEY_BYTES]);
int
siaga_x25519_check (const uint8_t key[SIAGA_KEY_BYTES]);

/* Sets libsodium up (once, any thread): 0 or SIAGA_EINTERNAL. Call before anything else here. */
int
siaga_crypto_init (void);

#endif
