/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may connect: the answers to libzmq's questions (ZAP, RFC 27) from a sorted list of transport keys
 * that the core gave. CURVE only; the User-Id is the key and the admission's number, in hex. This is the
 * pure part; the socket on inproc://zeromq.zap.01 is gate_zap.c's.
 */
#ifndef SIAGA_HUB_ZAP_H
#define SIAGA_HUB_ZAP_H

#include "siaga/bytes.h"
#include "siaga/limits.h"

#define ZAP_DOMAIN "siaga"
#define ZAP_FRAMES 7 /* version, request id, domain, address, identity, mechanism, credentials */
#define ZAP_ADMISSION_BYTES 8 /* of its number */
#define ZAP_USER_ID_BYTES (2 * (SIAGA_KEY_BYTES + ZAP_ADMISSION_BYTES))

/* The transport keys to admit. Filled once, then only read, until the next list takes its place. */
struct zap_keys {
	bool known; /* false: there is no list yet, nobody is admitted */
	size_t count;
	size_t capacity;
	uint8_t (*keys)[SIAGA_KEY_BYTES]; /* ascending, once sealed */
};

/* Frees the list; nobody is admitted then. */
void
zap_keys_finish (struct zap_keys *self);

/* Adds keys laid end to end: 0, SIAGA_ELIMIT (more than HUB_KEYS_MAX), SIAGA_ENOMEM. */
int
zap_keys_add (struct zap_keys *self, struct siaga_bytes keys);

/* Sorts: from now on the list answers. */
void
zap_keys_seal (struct zap_keys *self);

bool
zap_keys_have (const struct zap_keys *self, const uint8_t key[SIAGA_KEY_BYTES]);

struct zap_answer {
	const char
		*status; /* "200", "300" while there is no list, "400", "500" (not a ZAP request) */
	const char *text;
	char user_id[ZAP_USER_ID_BYTES + 1]; /* empty unless admitted */
};

/* Judges a request of `count` frames; `admission` tells this handshake from all others. */
void
zap_judge (const struct zap_keys *keys, uint64_t admission, const struct siaga_bytes *frames,
	   size_t count, struct zap_answer *answer);

/* What a User-Id says: 0, or SIAGA_EMALFORMED (also for NULL). */
int
zap_user_id_parse (const char *user_id, uint8_t key[SIAGA_KEY_BYTES], uint64_t *admission);

#endif
