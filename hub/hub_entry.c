/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub itself says in the log, in its own lane: that a roster came into force, here, and what presence_say.c
 * has to say. The lane's epoch is made from the log id, so a log has one lane of the hub, and the next oseq is what
 * the journal holds + 1.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"

#define LOOK_BACK_MAX 4096 /* entries of the hub's lane looked at for the newest about a roster */

static void
s_lane_epoch (struct core *self, uint8_t epoch[SIAGA_EPOCH_BYTES])
{
	memcpy (epoch, self->journal->ops->log_id (self->journal), SIAGA_EPOCH_BYTES);
}

/* The hub's entry of an oseq: is it about a roster, and which? 0, SIAGA_ENOTFOUND (about something else), or an
   error of the journal. */
static int
s_read_roster_entry (struct core *self, uint64_t oseq, struct siaga_body *body)
{
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	struct siaga_header header;
	const struct record *record;
	struct journal_mark mark;

	s_lane_epoch (self, epoch);
	int error = self->journal->ops->batch_at (
		self->journal, siaga_text (self->trust->roster->hub), epoch, oseq, &mark);
	if (!error)
		error = record_cache_get (self->cache, mark.number, &record);
	if (!error)
		error = siaga_entry_read (record->batch->slots[mark.number - record->number].entry,
					  &header, body);
	if (error)
		return error;
	return header.kind == SIAGA_KIND_ROSTER ? 0 : SIAGA_ENOTFOUND;
}

static bool
s_is_in_force (struct core *self, const struct siaga_body *body)
{
	const struct siaga_roster *roster = self->trust->roster;

	return body->roster_serial == roster->serial &&
	       body->roster_hash.size == SIAGA_HASH_BYTES &&
	       memcmp (body->roster_hash.data, roster->sha256, SIAGA_HASH_BYTES) == 0;
}

/* Is the newest entry about a roster, from `last` back, about the one in force? */
static bool
s_is_logged (struct core *self, uint64_t last)
{
	struct siaga_body body;

	for (uint64_t oseq = last; oseq > 0 && last - oseq < LOOK_BACK_MAX; oseq--)
		if (s_read_roster_entry (self, oseq, &body) == 0)
			return s_is_in_force (self, &body);
	return false;
}

static int
s_write_roster_entry (struct core *self, struct siaga_writer *writer, char title[SIAGA_TITLE_MAX])
{
	const struct siaga_roster *roster = self->trust->roster;
	struct siaga_header header = {
		.origin = siaga_text (roster->hub),
		.kind = SIAGA_KIND_ROSTER,
		.status = SIAGA_STATUS_SYSTEM,
		.created_us = clock_now_us (),
		.severity = SIAGA_SEVERITY_INFO,
		.certainty = SIAGA_CERTAINTY_OBSERVED,
		.tlp = SIAGA_TLP_GREEN,
	};
	struct siaga_body body = {.roster_serial = roster->serial};
	uint8_t random[10];

	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header.id, header.created_us / 1000, random);
	snprintf (title, SIAGA_TITLE_MAX, "roster %" PRIu64 " in force", roster->serial);
	body.title = siaga_text (title);
	body.roster_hash.data = roster->sha256;
	body.roster_hash.size = SIAGA_HASH_BYTES;
	return siaga_entry_write (writer, &header, &body);
}

int
hub_lane_batch (struct core *self, const struct siaga_bytes *entries, size_t count, uint64_t oseq,
		struct journal_job *job)
{
	struct siaga_batch_head head = {
		.network = siaga_text (self->trust->roster->network),
		.origin = siaga_text (self->trust->roster->hub),
		.first_oseq = oseq,
	};
	struct siaga_body body;
	struct siaga_writer writer;

	s_lane_epoch (self, head.epoch);
	siaga_key_id (head.key_id, self->trust->identity->card.sign);
	job->data = malloc (SIAGA_BATCH_MAX);
	job->headers = calloc (count, sizeof *job->headers);
	if (!job->data || !job->headers)
		return SIAGA_ENOMEM;
	siaga_writer_init (&writer, job->data, SIAGA_BATCH_MAX);
	int error = siaga_batch_make (&writer, &head, entries, count,
				      self->trust->identity->sign_secret);
	if (error)
		return error;
	job->size = writer.size;
	error = siaga_batch_read ((struct siaga_bytes){job->data, job->size}, &job->batch);
	for (size_t i = 0; !error && i < count; i++)
		error = siaga_entry_read (job->batch.slots[i].entry, &job->headers[i], &body);
	return error;
}

int
core_say_own (struct core *self, struct siaga_bytes entry, uint64_t oseq)
{
	struct journal_job *job = journal_job_new ();

	if (!job)
		return SIAGA_ENOMEM;
	int error = hub_lane_batch (self, &entry, 1, oseq, job);
	if (!error)
		core_submit (self, &job);
	journal_job_destroy (&job);
	return error;
}

static int
s_say_roster (struct core *self, uint64_t oseq)
{
	char title[SIAGA_TITLE_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, self->frame, sizeof self->frame);
	int error = s_write_roster_entry (self, &writer, title);
	return error ? error
		     : core_say_own (self, (struct siaga_bytes){writer.data, writer.size}, oseq);
}

int
hub_lane_next (struct core *self, uint64_t *oseq)
{
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	struct journal_mark mark;

	s_lane_epoch (self, epoch);
	int error = self->journal->ops->mark (self->journal, siaga_text (self->trust->roster->hub),
					      epoch, &mark);
	if (error && error != SIAGA_ENOTFOUND)
		return error;
	*oseq = error ? 1 : mark.oseq + 1;
	return 0;
}

/* 0 also when nothing is to be said. */
static int
s_log_roster (struct core *self)
{
	uint64_t next;
	int error = hub_lane_next (self, &next);

	if (error)
		return error;
	if (s_is_logged (self, next - 1))
		return 0;
	error = s_say_roster (self, next);
	self->roster_busy = error == 0;
	return error;
}

void
core_log_roster (struct core *self)
{
	self->roster_due = true;
	if (self->roster_busy || self->parked)
		return;
	/* What a new log says of the former one stands before all else; the roster follows it. */
	self->roster_busy = core_log_former (self);
	if (self->roster_busy)
		return;
	self->roster_due = false;
	int error = s_log_roster (self);
	if (error == SIAGA_EIO)
		core_fail (self, EX_IOERR, "journal-read", siaga_strerror (error));
	else if (error)
		log_error ("hub-entry", "the roster's entry cannot be made: %s",
			   siaga_strerror (error));
}

void
core_on_own_entry (struct core *self, const struct journal_result *result)
{
	self->roster_busy = false;
	if (result->code == SIAGA_EDISK || result->code == SIAGA_ENOMEM)
		self->roster_due = true;
	presence_on_logged (self->presence, result);
	escalation_on_logged (self->escalation, result);
	if (result->code)
		log_error ("hub-entry", "the hub's own entry was not taken: %s",
			   siaga_strerror (result->code));
}
