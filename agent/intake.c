/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes, names and stores. Knows nothing of where alerts come from.
 */
#include "agent/intake.h"

#include <sodium.h>
#include <stdlib.h>

#include "common/clock.h"
#include "siaga/error.h"

#define ID_RANDOM_BYTES 10 /* of a UUIDv7, as siaga_uuid_make () takes them */

struct intake {
	struct outbox *outbox;
	struct uplink *uplink; /* may be NULL */
	const char *principal;
	size_t added; /* in this transaction */
	uint8_t buffer[SIAGA_ENTRY_MAX];
};

struct intake *
intake_new (struct outbox *outbox, const char *principal)
{
	struct intake *self = calloc (1, sizeof *self);
	if (!self)
		return NULL;
	self->outbox = outbox;
	self->principal = principal;
	return self;
}

void
intake_destroy (struct intake **self_p)
{
	free (*self_p);
	*self_p = NULL;
}

void
intake_set_uplink (struct intake *self, struct uplink *uplink)
{
	self->uplink = uplink;
}

int
intake_begin (struct intake *self)
{
	self->added = 0;
	return outbox_begin (self->outbox);
}

/* Texts with their NUL and numbers of fixed size: no two inputs run together to the same bytes. */
static void
s_hash_origin (uint8_t random[ID_RANDOM_BYTES], const char *principal,
	       const struct intake_origin *origin)
{
	crypto_generichash_state state;
	uint8_t hash[crypto_generichash_BYTES_MIN];
	uint64_t numbers[2] = {origin->inode, origin->offset}; /* in this machine's byte order */

	crypto_generichash_init (&state, NULL, 0, sizeof hash);
	crypto_generichash_update (&state, (const uint8_t *) principal, strlen (principal) + 1);
	crypto_generichash_update (&state, (const uint8_t *) origin->source,
				   strlen (origin->source) + 1);
	crypto_generichash_update (&state, (const uint8_t *) numbers, sizeof numbers);
	crypto_generichash_update (&state, (const uint8_t *) origin->line.data, origin->line.size);
	crypto_generichash_final (&state, hash, sizeof hash);
	memcpy (random, hash, ID_RANDOM_BYTES);
}

static void
s_complete (struct intake *self, struct siaga_header *header, const struct intake_origin *origin)
{
	uint8_t random[ID_RANDOM_BYTES];
	header->created_us = clock_now_us ();
	uint64_t time_us = header->created_us;
	if (origin) {
		s_hash_origin (random, self->principal, origin);
		time_us = header->detected_us ? header->detected_us : header->created_us;
	} else {
		randombytes_buf (random, sizeof random);
	}
	siaga_uuid_make (header->id, time_us / 1000, random);
	header->origin = siaga_text (self->principal);
}

static int
s_encode (struct intake *self, const struct siaga_header *header, const struct siaga_body *body,
	  struct siaga_bytes *entry)
{
	struct siaga_writer writer;
	siaga_writer_init (&writer, self->buffer, sizeof self->buffer);
	int rc = siaga_entry_write (&writer, header, body);
	*entry = (struct siaga_bytes){self->buffer, writer.size};
	return rc;
}

int
intake_add (struct intake *self, struct siaga_header *header, struct siaga_body *body,
	    const struct intake_origin *origin)
{
	struct siaga_bytes entry;
	s_complete (self, header, origin);
	int rc = s_encode (self, header, body, &entry);
	if (rc == SIAGA_ELIMIT && body->raw.size > 0) {
		body->raw = (struct siaga_text){NULL, 0};
		rc = s_encode (self, header, body, &entry);
	}
	if (!rc)
		rc = outbox_add (self->outbox, entry);
	if (rc == SIAGA_EEXISTS)
		return 0;
	if (!rc)
		self->added++;
	return rc;
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
intake_commit (struct intake *self)
{
	int rc = 0;
	if (self->added > 0 && self->uplink && uplink_is_ready (self->uplink)) {
		uint64_t first_oseq;
		rc = outbox_cut (self->outbox, &first_oseq);
		if (rc == SIAGA_ENOTFOUND)
			rc = 0;
	}
	if (!rc)
		rc = outbox_commit (self->outbox);
	if (!rc && self->added > 0 && self->uplink)
		uplink_kick (self->uplink);
	return rc;
}

void
intake_rollback (struct intake *self)
{
	outbox_rollback (self->outbox);
}

const char *
intake_error (const struct intake *self)
{
	return outbox_error (self->outbox);
}
