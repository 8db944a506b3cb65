/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample entries, keys and batches for tests and vectors: fixed to the last byte. Everything borrowed is
 * a literal, so the records may be copied and changed freely.
 */
#ifndef SIAGA_TESTS_MAKE_ENTRY_H
#define SIAGA_TESTS_MAKE_ENTRY_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "siaga/batch.h"
#include "siaga/entry.h"
#include "siaga/error.h"
#include "siaga/keys.h"

#define MAKE_NETWORK "pemilu-2024"
#define MAKE_ORIGIN "bssn/soc-1"
#define MAKE_TIME_US UINT64_C (1795507200000000)

/* The key pair of the seed 00 01 … 1f. */
static inline void
make_keys (uint8_t sign[SIAGA_KEY_BYTES], uint8_t sign_secret[64])
{
	uint8_t seed[crypto_sign_SEEDBYTES];
	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t) i;
	if (siaga_crypto_init () || crypto_sign_seed_keypair (sign, sign_secret, seed))
		abort ();
}

/* size bytes: first, first + 1 … */
static inline void
make_run (uint8_t *out, size_t size, uint8_t first)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t) (first + i);
}

static inline void
make_id (uint8_t id[SIAGA_ID_BYTES], uint8_t first)
{
	uint8_t random[10];
	make_run (random, sizeof random, first);
	siaga_uuid_make (id, MAKE_TIME_US / 1000, random);
}

/* The smallest alert: nothing optional. */
static inline void
make_alert (struct siaga_header *header, struct siaga_body *body)
{
	memset (header, 0, sizeof *header);
	memset (body, 0, sizeof *body);
	make_id (header->id, 0x00);
	header->origin = siaga_text (MAKE_ORIGIN);
	header->created_us = MAKE_TIME_US;
	header->category = siaga_text ("intrusion-attempts/brute-force");
	body->title = siaga_text ("Brute force");
}

/* A response to the alert whose leaf hash is a run from 0xa0. */
static inline void
make_response (struct siaga_header *header, struct siaga_body *body)
{
	memset (header, 0, sizeof *header);
	memset (body, 0, sizeof *body);
	make_id (header->id, 0x10);
	header->origin = siaga_text ("polri/dewi");
	header->kind = SIAGA_KIND_RESPONSE;
	header->action = SIAGA_ACTION_RESOLVE;
	header->created_us = MAKE_TIME_US + 60000000;
	header->ref_count = 1;
	make_id (header->refs[0].id, 0x00);
	make_run (header->refs[0].leaf, SIAGA_HASH_BYTES, 0xa0);
	header->tlp = SIAGA_TLP_AMBER;
	body->description = siaga_text ("Alamat diblokir");
	body->outcome = SIAGA_OUTCOME_TRUE_POSITIVE;
}

/* The void that begins a new epoch. */
static inline void
make_void (struct siaga_header *header, struct siaga_body *body)
{
	memset (header, 0, sizeof *header);
	memset (body, 0, sizeof *body);
	make_id (header->id, 0x20);
	header->origin = siaga_text (MAKE_ORIGIN);
	header->kind = SIAGA_KIND_VOID;
	header->status = SIAGA_STATUS_SYSTEM;
	header->created_us = MAKE_TIME_US;
	body->description = siaga_text ("restored from a backup");
	body->has_previous = true;
	make_run (body->previous_epoch, SIAGA_EPOCH_BYTES, 0xe0);
	body->previous_oseq = 41;
}

static inline struct siaga_endpoint
make_endpoint (void)
{
	struct siaga_endpoint endpoint = {
		.ip = siaga_text ("203.0.113.7"),
		.port = 50022,
		.host = siaga_text ("scan.example.net"),
		.user = siaga_text ("admin"),
		.url = siaga_text ("https://sirekap.example/login"),
		.hash = siaga_text ("sha256:00ff"),
		.mac = siaga_text ("00:00:5e:00:53:01"),
		.email = siaga_text ("a@example.net"),
		.file = siaga_text ("/tmp/x"),
		.process = siaga_text ("sshd"),
	};
	return endpoint;
}

/* An alert with every header field that an alert can have. */
static inline void
make_full_header (struct siaga_header *header)
{
	struct siaga_body body;
	make_alert (header, &body);
	header->ref_count = 1;
	make_id (header->refs[0].id, 0x30);
	make_run (header->refs[0].leaf, SIAGA_HASH_BYTES, 0x40);
	header->status = SIAGA_STATUS_EXERCISE;
	header->detected_us = MAKE_TIME_US - 5000000;
	header->expires_us = MAKE_TIME_US + UINT64_C (86400000000);
	header->severity = SIAGA_SEVERITY_HIGH;
	header->certainty = SIAGA_CERTAINTY_LIKELY;
	header->system = siaga_text ("sirekap");
	header->tlp = SIAGA_TLP_AMBER;
	header->audience_count = 2;
	header->audience[0] = siaga_text ("kpu");
	header->audience[1] = siaga_text ("polri");
}

/* Every body field, whether or not one entry would ever have them all. */
static inline void
make_full_body (struct siaga_body *body)
{
	memset (body, 0, sizeof *body);
	body->title = siaga_text ("Brute force terhadap Sirekap \xe2\x80\x93 SSH");
	body->description = siaga_text ("500 failed logins in 60 s");
	body->instruction = siaga_text ("Block the source");
	body->source_count = 2;
	body->source[0] = make_endpoint ();
	body->source[1].ip = siaga_text ("2001:db8::1");
	body->target_count = 1;
	body->target[0].host = siaga_text ("sirekap-web-1");
	body->target[0].port = 22;
	body->detector.tool = siaga_text ("suricata");
	body->detector.rule_id = siaga_text ("2001219");
	body->detector.rule = siaga_text ("ET SCAN Potential SSH Scan");
	body->detector.native_severity = siaga_text ("2");
	body->count = 500;
	body->first_seen_us = MAKE_TIME_US - 60000000;
	body->last_seen_us = MAKE_TIME_US;
	body->raw = siaga_text ("{\"event_type\":\"alert\"}");
	body->outcome = SIAGA_OUTCOME_BENIGN;
	body->member = siaga_text ("brin");
	body->has_previous = true;
	make_run (body->previous_epoch, SIAGA_EPOCH_BYTES, 0xe0);
	body->previous_oseq = SIAGA_OSEQ_MAX;
	body->roster_serial = 7;
	body->roster_hash =
		(struct siaga_bytes){(const uint8_t *) "0123456789abcdef0123456789abcdef", 32};
}

/* Encodes into `out`; aborts when the records are no entry. */
static inline struct siaga_bytes
make_entry (uint8_t *out, size_t capacity, const struct siaga_header *header,
	    const struct siaga_body *body)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, out, capacity);
	if (siaga_entry_write (&writer, header, body))
		abort ();
	return (struct siaga_bytes){out, writer.size};
}

/* A small alert that differs from others by its number. */
static inline struct siaga_bytes
make_numbered_entry (uint8_t *out, size_t capacity, uint8_t number)
{
	struct siaga_header header;
	struct siaga_body body;
	make_alert (&header, &body);
	make_id (header.id, number);
	header.severity = number % 5;
	return make_entry (out, capacity, &header, &body);
}

static inline void
make_head (struct siaga_batch_head *head, uint64_t first_oseq)
{
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	memset (head, 0, sizeof *head);
	make_keys (sign, sign_secret);
	head->network = siaga_text (MAKE_NETWORK);
	head->origin = siaga_text (MAKE_ORIGIN);
	siaga_key_id (head->key_id, sign);
	make_run (head->epoch, SIAGA_EPOCH_BYTES, 0xe0);
	head->first_oseq = first_oseq;
}

/* A signed full batch; aborts when it does not fit. */
static inline struct siaga_bytes
make_batch (uint8_t *out, size_t capacity, uint64_t first_oseq, const struct siaga_bytes *entries,
	    size_t count)
{
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	struct siaga_batch_head head;
	struct siaga_writer writer;
	make_keys (sign, sign_secret);
	make_head (&head, first_oseq);
	siaga_writer_init (&writer, out, capacity);
	if (siaga_batch_make (&writer, &head, entries, count, sign_secret))
		abort ();
	return (struct siaga_bytes){out, writer.size};
}

#endif
