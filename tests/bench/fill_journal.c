/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a hub's journal long, without agent and hub: real events, signed in batches by the agent's identity in an epoch
 * of their own, appended by the journal's own code.
 *
 *	fill_journal JOURNAL NETWORK IDENTITY COUNT
 */
#include <sodium.h>
#include <stdlib.h>

#include "common/identity_file.h"
#include "eve_event.h"
#include "hub/journal.h"
#include "siaga/error.h"
#include "siaga/keys.h"

#define ENTRIES_A_BATCH 150
#define BATCHES_A_GROUP 8
#define ID_RANDOM_BYTES 10
#define ENTRIES_A_LINE 8 /* of another id each: parsing is not what is wanted here */

struct maker {
	const char *network;
	struct siaga_identity *identity;
	struct journal *journal;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t made;
	char line[EVE_LINE_MAX];
	struct event event;
	struct alert_defaults defaults;
};

/* What a batch is made in, and read again. */
struct room {
	uint8_t entries[SIAGA_BATCH_MAX];
	uint8_t bytes[SIAGA_BATCH_MAX];
	struct siaga_bytes parts[ENTRIES_A_BATCH];
	struct siaga_header headers[ENTRIES_A_BATCH];
	struct siaga_batch batch;
};

static int
s_make_entry (struct maker *self, struct siaga_writer *writer)
{
	uint8_t random[ID_RANDOM_BYTES];
	struct siaga_header *header = &self->event.header;
	int error = 0;

	if (self->made % ENTRIES_A_LINE == 0)
		error = eve_event (&self->event, &self->defaults, self->made, self->line);
	eve_event_system (&self->event, self->made++);
	header->created_us = eve_now_us ();
	header->origin = siaga_text (self->identity->card.principal);
	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header->id, header->created_us / 1000, random);
	return error ? error : siaga_entry_write (writer, header, &self->event.body);
}

static int
s_sign (struct maker *self, struct room *room, uint64_t first_oseq, size_t count,
	struct journal_batch *out)
{
	struct siaga_writer writer;
	struct siaga_bytes body;
	struct siaga_batch_head head = {
		.network = siaga_text (self->network),
		.origin = siaga_text (self->identity->card.principal),
		.first_oseq = first_oseq,
	};

	siaga_key_id (head.key_id, self->identity->card.sign);
	memcpy (head.epoch, self->epoch, SIAGA_EPOCH_BYTES);
	siaga_writer_init (&writer, room->bytes, sizeof room->bytes);
	int error =
		siaga_batch_make (&writer, &head, room->parts, count, self->identity->sign_secret);
	struct siaga_bytes bytes = {room->bytes, writer.size};
	if (!error)
		error = siaga_batch_read (bytes, &room->batch);
	for (size_t i = 0; !error && i < count; i++)
		error = siaga_header_read (room->batch.slots[i].entry, &room->headers[i], &body);
	*out = (struct journal_batch){
		.batch = &room->batch, .bytes = bytes, .headers = room->headers};
	return error;
}

/* As many as there is room for, at most `count`. */
static int
s_make_batch (struct maker *self, struct room *room, size_t count, struct journal_batch *out)
{
	uint64_t first_oseq = self->made + 1;
	size_t used = 0;
	int error = 0;

	for (size_t i = 0; !error && i < count; i++) {
		struct siaga_writer writer;
		siaga_writer_init (&writer, room->entries + used, sizeof room->entries - used);
		error = s_make_entry (self, &writer);
		room->parts[i] = (struct siaga_bytes){room->entries + used, writer.size};
		used += writer.size;
	}
	return error ? error : s_sign (self, room, first_oseq, count, out);
}

static int
s_fill (struct maker *self, uint64_t count)
{
	struct journal_batch batches[BATCHES_A_GROUP];
	struct room *rooms = calloc (BATCHES_A_GROUP, sizeof *rooms);
	int error = rooms ? 0 : SIAGA_ENOMEM;

	while (!error && self->made < count) {
		size_t group = 0;
		for (; !error && group < BATCHES_A_GROUP && self->made < count; group++) {
			uint64_t left = count - self->made;
			error = s_make_batch (self, &rooms[group],
					      left < ENTRIES_A_BATCH ? (size_t) left
								     : ENTRIES_A_BATCH,
					      &batches[group]);
		}
		if (!error)
			error = self->journal->ops->append (self->journal, batches, group,
							    eve_now_us ());
	}
	free (rooms);
	return error;
}

int
main (int argc, char **argv)
{
	static struct maker self;
	struct conf_error conf_error = {0};
	char words[256] = "";

	if (argc != 5 || siaga_crypto_init () != 0) {
		fprintf (stderr, "usage: fill_journal JOURNAL NETWORK IDENTITY COUNT\n");
		return 64;
	}
	self.network = argv[2];
	randombytes_buf (self.epoch, sizeof self.epoch);
	alert_defaults_init (&self.defaults);
	int error = identity_load (argv[3], NULL, NULL, &self.identity, &conf_error);
	if (!error)
		error = journal_open_sqlite (&self.journal, argv[1], self.network, JOURNAL_WRITE,
					     words);
	if (!error)
		error = s_fill (&self, strtoull (argv[4], NULL, 10));
	if (error)
		fprintf (stderr, "fill_journal: %s %s%s\n", siaga_strerror (error), words,
			 conf_error.words);
	if (self.journal)
		self.journal->ops->close (&self.journal);
	event_clear (&self.event);
	siaga_identity_destroy (&self.identity);
	return error ? 70 : 0;
}
