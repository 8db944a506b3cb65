/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes, names and stores. Knows nothing of where alerts come from.
 */
#include "agent/intake.h"

#include <sodium.h>
#include <stdlib.h>

#include "agent/damper.h"
#include "agent/loss.h"
#include "common/alert_json.h"
#include "common/clock.h"
#include "siaga/error.h"

#define ID_KEY_NOTE "id-key" /* of the outbox */
#define ID_RANDOM_BYTES 10   /* of a UUIDv7, as siaga_uuid_make () takes them */

struct intake {
	struct outbox *outbox;
	struct uplink *uplink; /* may be NULL */
	const char *principal;
	uint8_t id_key[crypto_generichash_KEYBYTES];
	struct damper *damper; /* may be NULL */
	struct loss *loss;     /* may be NULL */
	void (*on_commit) (void *arg);
	void *arg;
	size_t added; /* in this transaction */
	bool is_idle; /* the uplink, when it began: what is added goes out at once */
	enum intake_result result;
	size_t size; /* of the entry in the buffer */
	uint8_t buffer[SIAGA_ENTRY_MAX];
};

/* Whoever knows a line but for what was redacted of it must not find that out by trying: what ids are made of takes a
   secret. It is the same on another machine with this identity. */
static void
s_make_id_key (uint8_t key[crypto_generichash_KEYBYTES], const struct siaga_identity *identity)
{
	static const char words[] = "siaga-agent entry ids";

	crypto_generichash (key, crypto_generichash_KEYBYTES, (const uint8_t *) words, sizeof words,
			    identity->sign_secret, sizeof identity->sign_secret);
}

/* The outbox keeps it: a line that is read again after the agent got new keys has the id it had. */
static int
s_keep_id_key (struct intake *self, const struct siaga_identity *identity)
{
	size_t size = 0;
	int error = outbox_note_get (self->outbox, ID_KEY_NOTE, self->id_key, sizeof self->id_key,
				     &size);
	if (error == 0 && size == sizeof self->id_key)
		return 0;
	if (error != 0 && error != SIAGA_ENOTFOUND)
		return error;
	s_make_id_key (self->id_key, identity);
	return outbox_note_set (self->outbox, ID_KEY_NOTE,
				(struct siaga_bytes){self->id_key, sizeof self->id_key});
}

struct intake *
intake_new (struct outbox *outbox, const struct siaga_identity *identity)
{
	struct intake *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->outbox = outbox;
	self->principal = identity->card.principal;
	if (s_keep_id_key (self, identity) != 0)
		intake_destroy (&self);
	return self;
}

void
intake_destroy (struct intake **self_p)
{
	if (*self_p)
		sodium_memzero ((*self_p)->id_key, sizeof (*self_p)->id_key);
	free (*self_p);
	*self_p = NULL;
}

void
intake_set_uplink (struct intake *self, struct uplink *uplink)
{
	self->uplink = uplink;
}

void
intake_set_damper (struct intake *self, struct damper *damper)
{
	self->damper = damper;
}

void
intake_set_loss (struct intake *self, struct loss *loss)
{
	self->loss = loss;
}

void
intake_on_commit (struct intake *self, void (*on_commit) (void *arg), void *arg)
{
	self->on_commit = on_commit;
	self->arg = arg;
}

int
intake_begin (struct intake *self)
{
	self->added = 0;
	self->is_idle = self->uplink && uplink_is_ready (self->uplink);
	return outbox_begin (self->outbox);
}

/* Sizes and numbers of fixed size, in this machine's byte order: no two inputs run together to the same bytes. */
void
intake_make_id (const struct intake *self, uint8_t id[SIAGA_ID_BYTES], uint64_t time_us,
		const struct siaga_bytes *parts, size_t count)
{
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES_MIN];

	crypto_generichash_init (&state, self->id_key, sizeof self->id_key, sizeof hash);
	for (size_t i = 0; i < count; i++) {
		uint64_t size = parts[i].size;
		crypto_generichash_update (&state, (const uint8_t *) &size, sizeof size);
		if (size > 0)
			crypto_generichash_update (&state, parts[i].data, parts[i].size);
	}
	crypto_generichash_final (&state, hash, sizeof hash);
	siaga_uuid_make (id, time_us / 1000, hash);
}

static struct siaga_bytes
s_bytes_of (const char *text)
{
	return (struct siaga_bytes){(const uint8_t *) text, strlen (text)};
}

static void
s_complete (struct intake *self, struct siaga_header *header, const struct intake_origin *origin)
{
	header->created_us = clock_now_us ();
	header->origin = siaga_text (self->principal);
	alert_audience_join (header);
	if (!origin) {
		uint8_t random[ID_RANDOM_BYTES];
		randombytes_buf (random, sizeof random);
		siaga_uuid_make (header->id, header->created_us / 1000, random);
		return;
	}
	uint64_t numbers[2] = {origin->inode, origin->offset};
	struct siaga_bytes parts[] = {
		s_bytes_of (self->principal),
		s_bytes_of (origin->source),
		{(const uint8_t *) numbers, sizeof numbers},
		{(const uint8_t *) origin->line.data, origin->line.size},
	};
	intake_make_id (self, header->id,
			header->detected_us ? header->detected_us : header->created_us, parts,
			sizeof parts / sizeof *parts);
}

static int
s_encode (struct intake *self, const struct siaga_header *header, const struct siaga_body *body,
	  struct siaga_bytes *entry)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->buffer, sizeof self->buffer);
	int rc = siaga_entry_write (&writer, header, body);
	self->size = writer.size;
	*entry = (struct siaga_bytes){self->buffer, writer.size};
	return rc;
}

/* Without `raw` where it would be too large. */
static int
s_encode_fitting (struct intake *self, const struct siaga_header *header, struct siaga_body *body,
		  struct siaga_bytes *entry)
{
	int rc = s_encode (self, header, body, entry);
	if (rc != SIAGA_ELIMIT || body->raw.size == 0)
		return rc;
	body->raw = (struct siaga_text){NULL, 0};
	return s_encode (self, header, body, entry);
}

/* Stores it, dropping for it what is of a severity less than `below`. */
static int
s_store (struct intake *self, struct siaga_bytes entry, unsigned below, uint64_t lines)
{
	int rc = outbox_add_lines (self->outbox, entry, lines);
	if (rc == SIAGA_EFULL && self->loss) {
		rc = loss_make_room (self->loss, entry.size, below);
		if (!rc)
			rc = outbox_add_lines (self->outbox, entry, lines);
	}
	if (rc == SIAGA_EEXISTS) {
		self->result = INTAKE_KNOWN;
		return 0;
	}
	if (!rc) {
		self->result = INTAKE_ADDED;
		self->added++;
	}
	return rc;
}

int
intake_add (struct intake *self, struct siaga_header *header, struct siaga_body *body,
	    const struct intake_origin *origin)
{
	struct siaga_bytes entry;
	uint64_t lines = body->count ? body->count : 1;
	s_complete (self, header, origin);
	int rc = s_encode_fitting (self, header, body, &entry);
	if (!rc)
		rc = s_store (self, entry, header->severity + (origin ? 1u : 0u), lines);
	if (rc != SIAGA_EFULL || !origin || !self->loss)
		return rc;
	self->result = INTAKE_LOST;
	loss_add (self->loss, header->severity, lines);
	return 0;
}

enum intake_result
intake_result (const struct intake *self)
{
	return self->result;
}

int
intake_put (struct intake *self, struct siaga_header *header, struct siaga_body *body,
	    uint64_t lines)
{
	struct siaga_bytes entry;
	header->created_us = clock_now_us ();
	header->origin = siaga_text (self->principal);
	alert_audience_join (header);
	int rc = s_encode_fitting (self, header, body, &entry);
	return rc ? rc : s_store (self, entry, header->severity + 1u, lines);
}

int
intake_put_report (struct intake *self, struct siaga_header *header, struct siaga_body *body)
{
	struct siaga_bytes entry;
	header->created_us = clock_now_us ();
	header->origin = siaga_text (self->principal);
	alert_audience_join (header);
	int rc = s_encode_fitting (self, header, body, &entry);
	if (!rc)
		rc = outbox_add_report (self->outbox, entry);
	if (!rc)
		self->added++;
	return rc;
}

struct siaga_bytes
intake_entry (const struct intake *self)
{
	return (struct siaga_bytes){self->buffer, self->size};
}

void
intake_lost (struct intake *self, enum siaga_severity severity, uint64_t lines)
{
	if (self->loss)
		loss_add (self->loss, severity, lines);
}

int
intake_set_position (struct intake *self, const char *source, const char *position)
{
	return outbox_set_position (self->outbox, source, position);
}

int
intake_get_position (struct intake *self, const char *source, char **position_p)
{
	return outbox_get_position (self->outbox, source, position_p);
}

int
intake_each_position (struct intake *self, const char *prefix,
		      int (*each) (void *arg, struct siaga_text source), void *arg)
{
	return outbox_each_position (self->outbox, prefix, each, arg);
}

static int
s_cut (struct intake *self)
{
	uint64_t first_oseq;
	if (self->added == 0 || !self->is_idle)
		return 0;
	int rc = outbox_cut (self->outbox, &first_oseq);
	return rc == SIAGA_ENOTFOUND ? 0 : rc;
}

int
intake_commit (struct intake *self)
{
	int rc = self->damper ? damper_flush (self->damper) : 0;
	if (!rc && self->loss)
		rc = loss_flush (self->loss);
	if (!rc)
		rc = s_cut (self);
	if (!rc)
		rc = outbox_commit (self->outbox);
	if (rc)
		return rc;
	if (self->damper)
		damper_committed (self->damper);
	if (self->loss)
		loss_committed (self->loss);
	if (self->on_commit)
		self->on_commit (self->arg);
	if (self->added > 0 && self->uplink)
		uplink_kick (self->uplink);
	return 0;
}

void
intake_rollback (struct intake *self)
{
	outbox_rollback (self->outbox);
	if (self->damper)
		damper_rollback (self->damper);
	if (self->loss)
		loss_rollback (self->loss);
}

const char *
intake_error (const struct intake *self)
{
	return outbox_error (self->outbox);
}
