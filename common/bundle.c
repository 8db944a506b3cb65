/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles (bundle.h). The order of the checks is that of trust: roots, roster, hub, origin, tree.
 */
#include "common/bundle.h"

#include <stdio.h>
#include <stdlib.h>

#include "siaga/error.h"
#include "siaga/merkle.h"

#define MAGIC "siaga-bundle-1"
#define DELIVERIES_MAX (SIAGA_MESSAGE_MAX + 64)

int
bundle_write (struct siaga_writer *writer, const struct bundle *self)
{
	siaga_writer_array (writer, 6);
	siaga_writer_text (writer, siaga_text (MAGIC));
	siaga_writer_bytes (writer, self->roster.data, self->roster.size);
	siaga_writer_array (writer, self->signature_count);
	for (size_t i = 0; i < self->signature_count; i++)
		siaga_writer_text (writer, self->signatures[i]);
	siaga_writer_text (writer, self->note);
	siaga_writer_bytes (writer, self->deliveries.data, self->deliveries.size);
	siaga_writer_array (writer, self->path_length);
	for (size_t i = 0; i < self->path_length; i++)
		siaga_writer_bytes (writer, self->path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
	return writer->error;
}

static void
s_read_path (struct siaga_reader *reader, struct bundle *self)
{
	self->path_length = siaga_reader_array (reader, SIAGA_LOG_PATH_MAX);
	for (size_t i = 0; i < self->path_length && !reader->error; i++)
		siaga_reader_fixed (reader, self->path + i * SIAGA_HASH_BYTES, SIAGA_HASH_BYTES);
}

int
bundle_read (struct siaga_bytes bytes, struct bundle *self)
{
	struct siaga_reader reader;

	memset (self, 0, sizeof *self);
	siaga_reader_init (&reader, bytes.data, bytes.size);
	siaga_reader_array_of (&reader, 6);
	struct siaga_text magic = siaga_reader_text (&reader, sizeof MAGIC);
	if (reader.error || !siaga_text_is (magic, MAGIC))
		return SIAGA_EFORMAT;
	self->roster = siaga_reader_bytes (&reader, SIAGA_ROSTER_MAX);
	self->signature_count = siaga_reader_array (&reader, ROSTER_SIGNATURES_MAX);
	for (size_t i = 0; i < self->signature_count && !reader.error; i++)
		self->signatures[i] = siaga_reader_text (&reader, ROSTER_SIGNATURE_TEXT_MAX);
	self->note = siaga_reader_text (&reader, SIAGA_CHECKPOINT_MAX);
	self->deliveries = siaga_reader_bytes (&reader, DELIVERIES_MAX);
	s_read_path (&reader, self);
	return siaga_reader_end (&reader);
}

int
bundle_take_proof (struct bundle *self, struct siaga_bytes answer, uint64_t number)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, answer.data, answer.size);
	siaga_reader_array_of (&reader, 3);
	self->note = siaga_reader_text (&reader, SIAGA_CHECKPOINT_MAX);
	uint64_t said = siaga_reader_uint (&reader);
	s_read_path (&reader, self);
	int error = siaga_reader_end (&reader);
	return error ? error : said == number ? 0 : SIAGA_EMALFORMED;
}

int
bundle_check_note (const struct siaga_roster *roster, struct siaga_text note, uint64_t at_us,
		   struct siaga_checkpoint *checkpoint)
{
	const struct siaga_principal *hub =
		siaga_roster_principal (roster, siaga_text (roster->hub));
	int error = SIAGA_EUNKNOWN;

	for (size_t i = 0; hub && i < hub->key_count && error == SIAGA_EUNKNOWN; i++) {
		error = siaga_checkpoint_verify (note, siaga_text (roster->network),
						 hub->keys[i].card.sign, checkpoint);
		if (!error)
			error = siaga_roster_key_check (&hub->keys[i], at_us);
	}
	return error;
}

/* --- the one entry of the delivery -------------------------------------------------------------------- */

struct found {
	void (*on_entry) (void *arg, const struct reader_entry *entry);
	void *arg;
	struct bundle_proof *proof;
	uint8_t log_leaf[SIAGA_HASH_BYTES];
	unsigned count;
	int error;
	struct conf_error *words;
};

static void
bundle_on_entry (void *arg, const struct reader_entry *entry)
{
	struct found *self = arg;
	struct bundle_proof *proof = self->proof;

	self->count++;
	proof->number = entry->number;
	proof->accepted_us = entry->accepted_us;
	memcpy (proof->id, entry->header->id, sizeof proof->id);
	memcpy (self->log_leaf, entry->log_leaf, sizeof self->log_leaf);
	snprintf (proof->origin, sizeof proof->origin, "%.*s", (int) entry->header->origin.size,
		  entry->header->origin.data);
	if (self->on_entry)
		self->on_entry (self->arg, entry);
}

static void
bundle_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	struct found *self = arg;

	self->error = error;
	snprintf (self->words->words, sizeof self->words->words, "entry %llu: %.400s",
		  (unsigned long long) number, words);
}

static int
s_verify_entry (const struct bundle *self, struct found *found)
{
	static const struct reader_events events = {bundle_on_entry, bundle_on_bad};
	struct reader *reader = reader_new (found->proof->roster, &events, found);

	if (!reader)
		return SIAGA_ENOMEM;
	int error = reader_take (reader, self->deliveries, 0);
	reader_destroy (&reader);
	if (!error)
		error = found->error;
	return error ? error : found->count == 1 ? 0 : SIAGA_EMALFORMED;
}

/* --- all of it ----------------------------------------------------------------------------------------- */

/* When the hub accepted it, as the delivery says: what everything is judged at. */
static int
s_accepted (const struct bundle *self, uint64_t *accepted_us)
{
	struct siaga_reader reader;
	struct siaga_delivery delivery;

	siaga_reader_init (&reader, self->deliveries.data, self->deliveries.size);
	if (siaga_deliveries_begin (&reader) != 1 || reader.error)
		return SIAGA_EMALFORMED;
	siaga_delivery_read (&reader, &delivery);
	*accepted_us = delivery.accepted_us;
	return siaga_reader_end (&reader);
}

static int
s_open_roster (const struct bundle *self, const struct trust_roots *roots, uint64_t at_us,
	       struct siaga_roster **roster_p, struct conf_error *error)
{
	struct roster_bundle copy = {0};

	int status =
		roster_bundle_copy (&copy, self->roster, self->signatures, self->signature_count);
	if (!status)
		status = roster_open ("the bundle's roster", &copy, roots, at_us, true, roster_p,
				      error);
	roster_bundle_finish (&copy);
	return status;
}

static int
s_verify (const struct bundle *self, const struct trust_roots *roots, struct found *found)
{
	struct bundle_proof *proof = found->proof;
	struct siaga_checkpoint *checkpoint = &proof->checkpoint;
	const char *what = "its delivery";
	uint64_t at_us;

	int status = s_accepted (self, &at_us);
	if (!status) {
		what = "the roster";
		status = s_open_roster (self, roots, at_us, &proof->roster, found->words);
	}
	if (!status) {
		what = "the checkpoint";
		status = bundle_check_note (proof->roster, self->note, at_us, checkpoint);
	}
	if (!status) {
		what = "the entry";
		status = s_verify_entry (self, found);
	}
	if (!status) {
		what = "the path to the checkpoint's root";
		status = siaga_merkle_verify (found->log_leaf, proof->number, checkpoint->size,
					      self->path, self->path_length, checkpoint->root);
	}
	if (status && !found->words->words[0])
		snprintf (found->words->words, sizeof found->words->words, "%s: %s", what,
			  siaga_strerror (status));
	return status;
}

int
bundle_verify (const struct bundle *self, const struct trust_roots *roots,
	       void (*on_entry) (void *arg, const struct reader_entry *entry), void *arg,
	       struct bundle_proof *proof, struct conf_error *error)
{
	struct found found = {.on_entry = on_entry, .arg = arg, .proof = proof, .words = error};

	memset (proof, 0, sizeof *proof);
	error->words[0] = '\0';
	int status = s_verify (self, roots, &found);
	if (status)
		bundle_proof_finish (proof);
	return status;
}

void
bundle_proof_finish (struct bundle_proof *self)
{
	siaga_roster_destroy (&self->roster);
}
