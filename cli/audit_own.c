/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See audit_own.h. The hub's time of acceptance is in the log's leaf and not in the outbox, so each entry is asked for.
 */
#include "cli/audit_own.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/publish.h"
#include "cli/say.h"
#include "common/reader.h"
#include "siaga/error.h"

/* What the hub has under an id. */
struct held {
	unsigned count;
	uint64_t number;
	uint8_t leaf[SIAGA_HASH_BYTES];
	uint8_t log_leaf[SIAGA_HASH_BYTES];
};

static void
own_on_entry (void *arg, const struct reader_entry *entry)
{
	struct held *held = arg;

	held->count++;
	held->number = entry->number;
	memcpy (held->leaf, entry->leaf, sizeof held->leaf);
	memcpy (held->log_leaf, entry->log_leaf, sizeof held->log_leaf);
}

static void
own_on_bad (void *arg, uint64_t number, int error, const char *words)
{
	(void) arg;
	(void) number;
	(void) error;
	(void) words; /* then there is no entry, which is said */
}

static int
s_read_answer (struct audit_own *self, const struct asked *asked, struct held *held)
{
	static const struct reader_events events = {own_on_entry, own_on_bad};
	struct reader *reader = reader_new (self->settings->trust.roster, &events, held);

	if (!reader)
		return CMD_INTERNAL;
	reader_take (reader, answer_bytes (&asked->answer), 0);
	reader_destroy (&reader);
	return CMD_OK;
}

static void
s_judge (struct audit_own *self, const char *id, const uint8_t *leaf, const struct held *held)
{
	if (held->count != 1 || memcmp (held->leaf, leaf, SIAGA_HASH_BYTES) != 0) {
		self->wrong++;
		say ("our entry %s was acknowledged, and the hub does not have it as it was signed",
		     id);
	} else if (held->number >= self->checkpoint->size) {
		self->later++;
	} else if (memcmp (self->leaves + held->number * SIAGA_HASH_BYTES, held->log_leaf,
			   SIAGA_HASH_BYTES) != 0) {
		self->wrong++;
		say ("our entry %s is not in the log at %" PRIu64, id, held->number);
	} else {
		self->found++;
	}
}

static int
s_check_entry (struct audit_own *self, const struct siaga_slot *slot)
{
	struct siaga_query query = {.what = SIAGA_QUERY_ENTRY, .has_uuid = true};
	struct siaga_header header;
	struct siaga_bytes body;
	struct held held = {0};
	struct asked asked;
	char id[SIAGA_UUID_TEXT];

	if (siaga_header_read (slot->entry, &header, &body) != 0)
		return CMD_INTERNAL;
	memcpy (query.uuid, header.id, sizeof query.uuid);
	siaga_uuid_text (id, header.id);
	int status = ask_run (self->settings, self->common, &query, &asked);
	if (status && status != CMD_REFUSED)
		return status;
	if (!status) {
		status = s_read_answer (self, &asked, &held);
		answer_finish (&asked.answer);
	} else {
		status = CMD_OK; /* "no such entry": it counts */
	}
	if (!status)
		s_judge (self, id, slot->leaf, &held);
	return status;
}

/* The batches that are acknowledged, one after the other. */
static int
s_check_batches (struct audit_own *self, struct outbox *outbox, struct siaga_batch *batch)
{
	uint64_t after = 0, first = 0;
	int status = CMD_OK;

	while (!status && after < outbox_acked_oseq (outbox)) {
		uint8_t *data;
		size_t size;
		uint32_t count;
		if (outbox_batch_after (outbox, after, &data, &size, &first, &count) != 0 ||
		    first > outbox_acked_oseq (outbox))
			return status;
		if (siaga_batch_read ((struct siaga_bytes){data, size}, batch) != 0)
			status = CMD_INTERNAL;
		for (uint32_t i = 0; !status && i < batch->slot_count; i++)
			status = s_check_entry (self, &batch->slots[i]);
		after = first;
		free (data);
	}
	return status;
}

int
audit_own_run (struct audit_own *self)
{
	struct outbox *outbox = NULL;
	struct siaga_batch *batch = malloc (sizeof *batch);
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	struct outbox_counts counts;
	char words[256] = "";
	int status = CMD_OK;

	/* Only one that is there is opened: an audit makes none. */
	int error = batch ? publish_count (self->settings, &counts) : SIAGA_ENOMEM;
	if (!error)
		error = publish_open (self->settings, false, &outbox, words);
	if (error && error != SIAGA_ENOTFOUND) {
		say ("the outbox cannot be looked at: %s",
		     words[0] ? words : siaga_strerror (error));
		status = CMD_IO;
	} else if (!error && outbox_get_log_id (outbox, log_id) == 0 &&
		   memcmp (log_id, self->checkpoint->log_id, sizeof log_id) == 0) {
		status = s_check_batches (self, outbox, batch);
	}
	outbox_close (&outbox);
	free (batch);
	return status;
}
