/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See proof.h. The hub is believed nothing: what it answers goes through the same check as a file from anywhere.
 */
#include "cli/proof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/say.h"
#include "common/file.h"
#include "siaga/error.h"

/* The number of the one delivery's entry: the batch's index 0, or that and the index of the single form. */
static int
s_number_of (struct siaga_bytes deliveries, const struct siaga_query *query, uint64_t *number)
{
	struct siaga_batch *batch = malloc (sizeof *batch);
	struct siaga_delivery delivery;
	struct siaga_reader reader;

	if (!batch)
		return SIAGA_ENOMEM;
	siaga_reader_init (&reader, deliveries.data, deliveries.size);
	int error = siaga_deliveries_begin (&reader) == 1 ? 0 : SIAGA_EMALFORMED;
	siaga_delivery_read (&reader, &delivery);
	if (!error)
		error = siaga_reader_end (&reader);
	if (!error)
		error = siaga_batch_read (delivery.batch, batch);
	if (query->has_number)
		*number = query->number;
	for (uint32_t i = 0; !error && !query->has_number && i < batch->slot_count; i++)
		if (batch->slots[i].entry.size > 0)
			*number = delivery.number +
				  (batch->form == SIAGA_BATCH_SINGLE ? batch->index : i);
	free (batch);
	return error;
}

static int
s_malformed (int error)
{
	say ("the hub's answer is malformed: %s", siaga_strerror (error));
	return error == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_REFUSED;
}

int
proof_fetch (struct proof *self, struct settings *settings, const struct options_common *common,
	     const struct siaga_query *query)
{
	struct siaga_query ask = *query;

	memset (self, 0, sizeof *self);
	ask.what = SIAGA_QUERY_ENTRY;
	int status = ask_run (settings, common, &ask, &self->entry);
	if (status)
		return status;
	self->bundle.deliveries = answer_bytes (&self->entry.answer);
	ask = (struct siaga_query){.what = SIAGA_QUERY_PROOF, .has_number = true};
	int error = s_number_of (self->bundle.deliveries, query, &ask.number);
	if (error)
		return s_malformed (error);
	status = ask_run (settings, common, &ask, &self->path);
	if (status)
		return status;
	error = bundle_take_proof (&self->bundle, answer_bytes (&self->path.answer), ask.number);
	if (error)
		return s_malformed (error);
	/* The roster is as new as the hub's: the session saw to that. */
	const struct roster_bundle *roster = &settings->trust.bundle;
	self->bundle.roster = (struct siaga_bytes){roster->text, roster->size};
	for (size_t i = 0; i < roster->signature_count && i < ROSTER_SIGNATURES_MAX; i++)
		self->bundle.signatures[self->bundle.signature_count++] = roster->signatures[i];
	return CMD_OK;
}

int
proof_load (struct proof *self, const char *path)
{
	size_t size;

	memset (self, 0, sizeof *self);
	int error = file_read (path, BUNDLE_BYTES_MAX, &self->file, &size);
	if (error && error != SIAGA_ELIMIT) {
		say ("%s: %s", path, say_file_error (error));
		return CMD_NOINPUT;
	}
	if (!error)
		error = bundle_read ((struct siaga_bytes){self->file, size}, &self->bundle);
	if (error) {
		say ("%s: not a bundle: %s", path, siaga_strerror (error));
		return CMD_DATA;
	}
	return CMD_OK;
}

void
proof_finish (struct proof *self)
{
	answer_finish (&self->entry.answer);
	answer_finish (&self->path.answer);
	free (self->file);
	self->file = NULL;
}

static void
s_say_proved (const struct bundle_proof *proof)
{
	char id[SIAGA_UUID_TEXT], log_id[2 * SIAGA_LOG_ID_BYTES + 1], accepted[SIAGA_TIME_TEXT];

	siaga_uuid_text (id, proof->id);
	siaga_hex (log_id, proof->checkpoint.log_id, SIAGA_LOG_ID_BYTES);
	siaga_time_text (accepted, proof->accepted_us);
	printf ("proved: entry %" PRIu64
		", %s, signed by %s and accepted at %s, is in the log %s as "
		"signed by %s at %" PRIu64 " entries (roster %" PRIu64 ")\n",
		proof->number, id, proof->origin, accepted, log_id, proof->roster->hub,
		proof->checkpoint.size, proof->roster->serial);
}

int
proof_check (const struct proof *self, const struct settings *settings,
	     const struct siaga_query *query, bool quiet)
{
	struct bundle_proof proof;
	struct conf_error error = {""};

	int status =
		bundle_verify (&self->bundle, &settings->trust.roots, NULL, NULL, &proof, &error);
	if (status) {
		say ("NOT PROVED: %s", error.words);
		return status == SIAGA_ENOMEM ? CMD_INTERNAL : CMD_REFUSED;
	}
	bool is_it =
		!query || (query->has_uuid ? memcmp (query->uuid, proof.id, sizeof proof.id) == 0
					   : query->number == proof.number);
	if (!is_it)
		say ("NOT PROVED: the hub answered with another entry");
	else if (!quiet)
		s_say_proved (&proof);
	bundle_proof_finish (&proof);
	return is_it ? CMD_OK : CMD_REFUSED;
}
