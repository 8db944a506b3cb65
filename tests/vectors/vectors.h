/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The test vectors: named bytes made from the samples of tests/unit, and the text of the JSON files that
 * hold them. Used by make_vectors.c, which writes the files, and by unit/test_vectors.c, which compares.
 */
#ifndef SIAGA_TESTS_VECTORS_H
#define SIAGA_TESTS_VECTORS_H

#include <stdio.h>

#include "../unit/make_checkpoint.h"
#include "../unit/make_message.h"

#define VECTORS_MAX 64

struct vector {
	const char *file; /* without .json */
	const char *name;
	const char *about;
	uint8_t *bytes;
	size_t size;
};

struct vectors {
	size_t count;
	struct vector items[VECTORS_MAX];
};

static const char *const vector_files[] = {"keys", "entry",   "batch",
					   "log",  "message", "checkpoint"};
#define VECTOR_FILES (sizeof vector_files / sizeof *vector_files)

static inline void
vectors_add (struct vectors *self, const char *file, const char *name, const char *about,
	     struct siaga_bytes bytes)
{
	uint8_t *copy = malloc (bytes.size);
	if (!copy || self->count == VECTORS_MAX)
		abort ();
	memcpy (copy, bytes.data, bytes.size);
	self->items[self->count++] = (struct vector){file, name, about, copy, bytes.size};
}

static inline struct siaga_bytes
vectors_get (const struct vectors *self, const char *file, const char *name)
{
	for (size_t i = 0; i < self->count; i++)
		if (strcmp (self->items[i].file, file) == 0 &&
		    strcmp (self->items[i].name, name) == 0)
			return (struct siaga_bytes){self->items[i].bytes, self->items[i].size};
	abort ();
}

static inline void
vectors_add_keys (struct vectors *self)
{
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64], id[SIAGA_KEY_ID_BYTES];
	make_keys (sign, sign_secret);
	siaga_key_id (id, sign);
	vectors_add (self, "keys", "seed", "the Ed25519 seed that signs every vector",
		     (struct siaga_bytes){sign_secret, 32});
	vectors_add (self, "keys", "public", "its public key",
		     (struct siaga_bytes){sign, sizeof sign});
	vectors_add (self, "keys", "key-id", "the first 8 bytes of SHA-256 over the public key",
		     (struct siaga_bytes){id, sizeof id});
}

static inline void
vectors_add_entries (struct vectors *self)
{
	uint8_t buffer[SIAGA_ENTRY_MAX];
	struct siaga_header header;
	struct siaga_body body;

	make_alert (&header, &body);
	vectors_add (self, "entry", "smallest-alert",
		     "bssn/soc-1, created 2026-11-24T08:00:00Z, intrusion-attempts/brute-force, "
		     "all else zero; title: Brute force",
		     make_entry (buffer, sizeof buffer, &header, &body));
	make_full_header (&header);
	make_full_body (&body);
	vectors_add (
		self, "entry", "full-alert",
		"every header field an alert can have (one ref; exercise; detected 5 s before created; expires "
		"24 h after; high; likely; sirekap; amber; audience kpu, polri) and every body field",
		make_entry (buffer, sizeof buffer, &header, &body));
	make_response (&header, &body);
	vectors_add (self, "entry", "response", "polri/dewi resolves smallest-alert: true positive",
		     make_entry (buffer, sizeof buffer, &header, &body));
	make_void (&header, &body);
	vectors_add (self, "entry", "void",
		     "begins a new epoch after oseq 41 of epoch e0e1e2e3e4e5e6e7",
		     make_entry (buffer, sizeof buffer, &header, &body));
}

static inline void
vectors_add_forms (struct vectors *self, const struct siaga_batch *batch)
{
	static const char *const names[] = {"three-single-0", "three-single-1", "three-single-2"};
	static const bool shown[] = {true, false, true};
	uint8_t buffer[SIAGA_BATCH_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, buffer, sizeof buffer);
	if (siaga_batch_write_full (&writer, batch, shown))
		abort ();
	vectors_add (self, "batch", "three-hidden", "three-full with only the leaf hash of index 1",
		     (struct siaga_bytes){buffer, writer.size});
	for (uint32_t i = 0; i < 3; i++) {
		siaga_writer_init (&writer, buffer, sizeof buffer);
		if (siaga_batch_write_single (&writer, batch, i))
			abort ();
		vectors_add (self, "batch", names[i], "one entry of three-full in the single form",
			     (struct siaga_bytes){buffer, writer.size});
	}
}

static inline void
vectors_add_batches (struct vectors *self)
{
	static struct siaga_batch batch;
	uint8_t buffer[SIAGA_BATCH_MAX], numbered[3][512], hash[SIAGA_HASH_BYTES];
	struct siaga_bytes entries[3];
	struct siaga_bytes full = vectors_get (self, "entry", "full-alert");

	vectors_add (self, "batch", "one-full", "full-alert alone: epoch e0e1e2e3e4e5e6e7, oseq 1",
		     make_batch (buffer, sizeof buffer, 1, &full, 1));
	for (uint8_t i = 0; i < 3; i++)
		entries[i] = make_numbered_entry (numbered[i], sizeof numbered[i], i);
	full = make_batch (buffer, sizeof buffer, 2, entries, 3);
	vectors_add (self, "batch", "three-full", "three small alerts: oseq 2, 3 and 4", full);
	if (siaga_batch_read (full, &batch))
		abort ();
	siaga_head_hash (hash, batch.head_bytes);
	vectors_add (self, "batch", "three-head",
		     "the head in all of three-…: what the signature covers, "
		     "after siaga/1 batch pemilu-2024 and a line feed",
		     batch.head_bytes);
	vectors_add (self, "batch", "three-head-hash", "SHA-256 over three-head, as in WELCOME",
		     (struct siaga_bytes){hash, sizeof hash});
	vectors_add_forms (self, &batch);
	vectors_add (self, "log", "batch-leaf", "the leaf hash of index 0 in three-full",
		     (struct siaga_bytes){batch.slots[0].leaf, SIAGA_HASH_BYTES});
	siaga_log_leaf (hash, MAKE_TIME_US, batch.slots[0].leaf);
	vectors_add (self, "log", "log-leaf",
		     "the log's leaf hash of batch-leaf accepted at 1795507200000000",
		     (struct siaga_bytes){hash, sizeof hash});
}

static inline void
vectors_add_messages (struct vectors *self)
{
	static struct siaga_message message;
	static uint8_t buffer[SIAGA_MESSAGE_MAX];

	for (unsigned type = SIAGA_KNOCK; type <= SIAGA_BYE; type++) {
		const char *about = "the batches and payloads inside are only placeholders";
		if (type == SIAGA_HELLO || type == SIAGA_WELCOME)
			about = "hub's nonce 4041…5f, peer's nonce 8081…9f; signed by the key of keys.json";
		make_message (&message, type);
		vectors_add (self, "message", siaga_message_name (type), about,
			     make_frame (buffer, sizeof buffer, &message));
	}
}

static inline void
vectors_add_checkpoint (struct vectors *self)
{
	char note[SIAGA_CHECKPOINT_MAX];
	struct siaga_text text = make_checkpoint_note (note);

	vectors_add (self, "checkpoint", "note",
		     "log 1011…1f, size 4711, root 6061…7f; signed by the key of keys.json",
		     (struct siaga_bytes){(const uint8_t *) text.data, text.size});
}

static inline struct vectors *
vectors_new (void)
{
	struct vectors *self = calloc (1, sizeof *self);
	if (!self)
		abort ();
	vectors_add_keys (self);
	vectors_add_entries (self);
	vectors_add_batches (self);
	vectors_add_messages (self);
	vectors_add_checkpoint (self);
	return self;
}

static inline void
vectors_destroy (struct vectors **self_p)
{
	struct vectors *self = *self_p;
	if (!self)
		return;
	for (size_t i = 0; i < self->count; i++)
		free (self->items[i].bytes);
	free (self);
	*self_p = NULL;
}

/* One file's JSON; names and words need no escapes. */
static inline void
vectors_print (const struct vectors *self, const char *file, FILE *out)
{
	const char *separator = "";
	fputs ("{", out);
	for (size_t i = 0; i < self->count; i++) {
		const struct vector *vector = &self->items[i];
		if (strcmp (vector->file, file) != 0)
			continue;
		fprintf (out, "%s\n\t\"%s\": {\n\t\t\"about\": \"%s\",\n\t\t\"hex\": \"", separator,
			 vector->name, vector->about);
		for (size_t at = 0; at < vector->size; at++)
			fprintf (out, "%02x", vector->bytes[at]);
		fputs ("\"\n\t}", out);
		separator = ",";
	}
	fputs ("\n}\n", out);
}

#endif
