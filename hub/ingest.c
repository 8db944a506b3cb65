/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBLISH and its answers (PROTOCOL.md sections 6.4 and 7). A batch that was not made by the session's own
 * principal, or not made well, costs the session; entries that can never be taken are listed; what depends
 * on the newest state of the log is judged by the writer.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "common/clock.h"
#include "hub/core_private.h"
#include "siaga/error.h"

/* REFUSED for a batch: which one it was is said, the rest is the caller's. */
static struct siaga_refused *
s_refused_batch (struct core *self, int code, const uint8_t epoch[SIAGA_EPOCH_BYTES],
		 uint64_t first_oseq)
{
	struct siaga_refused *refused = &core_reply (self, SIAGA_REFUSED)->refused;

	refused->what = SIAGA_PUBLISH;
	refused->code = code;
	refused->words = siaga_text (siaga_strerror (code));
	refused->has_epoch = true;
	memcpy (refused->epoch, epoch, SIAGA_EPOCH_BYTES);
	refused->first_oseq = first_oseq;
	return refused;
}

/* A copy of the batch as a job, read: the job borrows only from itself. */
static int
s_make_job (struct siaga_bytes bytes, struct journal_job **job_p)
{
	struct journal_job *job = journal_job_new ();
	int error = job ? 0 : SIAGA_ENOMEM;

	if (!error && !(job->data = malloc (bytes.size + 1)))
		error = SIAGA_ENOMEM;
	if (!error) {
		memcpy (job->data, bytes.data, bytes.size);
		job->size = bytes.size;
		error = siaga_batch_read ((struct siaga_bytes){job->data, job->size}, &job->batch);
	}
	if (!error && job->batch.form != SIAGA_BATCH_FULL)
		error = SIAGA_EMALFORMED;
	for (uint32_t i = 0; !error && i < job->batch.slot_count; i++)
		if (job->batch.slots[i].entry.size == 0)
			error = SIAGA_EMALFORMED;
	if (error)
		journal_job_destroy (&job);
	else
		*job_p = job;
	return error;
}

/* Signed by the session's principal, with a key that counts, for this network, in the epoch announced? */
static int
s_check_signer (struct core *self, const struct session *session, const struct siaga_batch *batch)
{
	const struct siaga_roster *roster = self->trust->roster;
	const struct siaga_principal *principal;
	const struct siaga_roster_key *key;

	if (!siaga_text_is (batch->head.network, roster->network))
		return SIAGA_ENETWORK;
	if (!siaga_text_is (batch->head.origin, session->principal->name))
		return SIAGA_ESIGNER;
	int error = siaga_roster_signer (roster, batch->head.origin, batch->head.key_id,
					 clock_now_us (), &principal, &key);
	if (!error)
		error = siaga_batch_verify (batch, siaga_text (roster->network), key->card.sign);
	if (!error && memcmp (batch->head.epoch, session->epoch, SIAGA_EPOCH_BYTES) != 0)
		error = SIAGA_EGRAMMAR;
	return error;
}

/* Reads every entry; those that can never be taken are listed with zeroed headers. */
static int
s_read_entries (struct core *self, const struct session *session, struct journal_job *job)
{
	struct siaga_body body;

	job->headers = calloc (job->batch.slot_count, sizeof *job->headers);
	if (!job->headers)
		return SIAGA_ENOMEM;
	for (uint32_t i = 0; i < job->batch.slot_count; i++) {
		struct siaga_header *header = &job->headers[i];
		int error = siaga_entry_read (job->batch.slots[i].entry, header, &body);
		if (!error)
			error = siaga_may_say (self->trust->roster, session->principal, header);
		if (!error)
			error = core_check_deed (self, header, &body);
		if (!error)
			continue;
		memset (header, 0, sizeof *header);
		self->bad[job->bad_count++] = (struct siaga_bad){.index = i, .code = error};
	}
	if (job->bad_count == 0)
		return 0;
	job->bad = malloc (job->bad_count * sizeof *job->bad);
	if (!job->bad)
		return SIAGA_ENOMEM;
	memcpy (job->bad, self->bad, job->bad_count * sizeof *job->bad);
	return 0;
}

/* What a batch takes of the writer's memory and time. */
static size_t
s_cost_of (const struct journal_job *job)
{
	size_t refs = 0;

	for (uint32_t i = 0; i < job->batch.slot_count; i++)
		refs += job->headers[i].ref_count;
	return sizeof *job + job->size + job->batch.slot_count * sizeof *job->headers +
	       refs * HUB_PENDING_OF_REF;
}

static int
s_tag_job (struct core *self, const struct session *session, struct journal_job *job)
{
	struct ingest_tag *tag = calloc (1, sizeof *tag);

	if (!tag)
		return SIAGA_ENOMEM;
	job->tag = tag;
	job->session = session->conn;
	tag->member = *session->principal->member;
	tag->member.title = NULL;
	tag->account = account_hold (&self->accounts, session->account->name);
	if (!tag->account)
		return SIAGA_ENOMEM;
	tag->cost = s_cost_of (job);
	tag->account->pending_bytes += tag->cost;
	tag->account->member->pending_bytes += tag->cost;
	return 0;
}

void
core_untag_job (struct core *self, struct journal_job *job)
{
	struct ingest_tag *tag = job->tag;

	if (tag && tag->account) {
		tag->account->pending_bytes -= tag->cost;
		tag->account->member->pending_bytes -= tag->cost;
	}
	if (tag)
		account_release (&self->accounts, &tag->account);
	free (tag);
	job->tag = NULL;
}

void
core_drop_job (struct core *self, struct journal_job **job_p)
{
	if (*job_p)
		core_untag_job (self, *job_p);
	journal_job_destroy (job_p);
}

void
core_submit (struct core *self, struct journal_job **job_p)
{
	if (journal_writer_submit (self->writer, job_p) == 0) {
		self->jobs++;
		return;
	}
	self->parked = *job_p;
	*job_p = NULL;
}

/* A roster whose grace is over lets nobody say anything; whoever waits loses nothing. */
static bool
s_has_roster (struct core *self, struct session *session)
{
	if (roster_age_check (self->trust->roster, clock_now_us (), true) == 0)
		return true;
	core_refuse_later (self, session, SIAGA_PUBLISH, SIAGA_EROSTER, 0, HUB_RETRY_ROSTER_MS);
	return false;
}

/* Before the disk is full: what is here goes on being delivered, and there is room to recover. */
static bool
s_has_disk (struct core *self, struct session *session)
{
	if (!self->disk_is_low)
		return true;
	core_refuse_later (self, session, SIAGA_PUBLISH, SIAGA_EDISK, 0, HUB_RETRY_MS);
	return false;
}

/* No principal or member may fill the way into the journal: the others would wait for it. */
static bool
s_has_room (struct core *self, struct session *session)
{
	if (session->account->pending_bytes < HUB_PENDING_PER_PRINCIPAL_BYTES &&
	    session->account->member->pending_bytes < HUB_PENDING_PER_MEMBER_BYTES)
		return true;
	core_refuse_later (self, session, SIAGA_PUBLISH, SIAGA_EQUOTA, 0, HUB_RETRY_QUOTA_MS);
	return false;
}

void
core_on_publish (struct core *self, struct session *session, const struct siaga_message *message)
{
	struct journal_job *job = NULL;

	if (!session->has_epoch) {
		core_refuse_and_cut (self, &session, SIAGA_PUBLISH, SIAGA_EGRAMMAR,
				     "this session announced no epoch");
		return;
	}
	if (session->in_flight >= SIAGA_WINDOW_MAX) {
		core_refuse_and_cut (self, &session, SIAGA_PUBLISH, SIAGA_ELIMIT,
				     "too many batches without an answer");
		return;
	}
	if (self->draining) {
		core_refuse_later (self, session, SIAGA_PUBLISH, SIAGA_ELATER, 0, HUB_RETRY_MS);
		return;
	}
	if (!s_has_disk (self, session) || !s_has_roster (self, session) ||
	    !s_has_room (self, session) || !core_has_quota (self, &session))
		return;
	int error = s_make_job (message->publish.batch, &job);
	if (!error)
		core_take_quota (self, session, job->batch.slot_count, job->size);
	if (!error)
		error = s_check_signer (self, session, &job->batch);
	if (!error)
		error = s_read_entries (self, session, job);
	if (!error)
		error = s_tag_job (self, session, job);
	if (!error) {
		session->in_flight++;
		core_submit (self, &job);
		return;
	}
	core_drop_job (self, &job);
	if (error == SIAGA_ENOMEM)
		core_refuse_later (self, session, SIAGA_PUBLISH, SIAGA_ELATER, 0, HUB_RETRY_MS);
	else
		core_refuse_and_cut (self, &session, SIAGA_PUBLISH, error, NULL);
}

/* --- the answers ------------------------------------------------------------------------------------ */

static void
s_say_ack (struct core *self, const struct session *session, const struct journal_job *job)
{
	struct siaga_ack *ack = &core_reply (self, SIAGA_ACK)->ack;

	memcpy (ack->epoch, job->batch.head.epoch, sizeof ack->epoch);
	ack->oseq = job->result.oseq;
	ack->number = job->result.number;
	core_say (self, session);
}

static void
s_say_refused (struct core *self, struct session *session, const struct journal_job *job)
{
	int code = job->result.code == SIAGA_ENOMEM ? SIAGA_ELATER : job->result.code;
	struct siaga_refused *refused =
		s_refused_batch (self, code, job->batch.head.epoch, job->batch.head.first_oseq);

	if (code == SIAGA_EDISK || code == SIAGA_ELATER)
		refused->retry_ms = HUB_RETRY_MS;
	if (code == SIAGA_EHOLE)
		refused->expected_oseq = job->result.expected_oseq;
	if (code == SIAGA_EMALFORMED) {
		refused->bad = job->bad;
		refused->bad_count = job->bad_count;
	}
	core_complain (self, session, "PUBLISH", code, siaga_strerror (code));
	core_say (self, session);
}

static void
s_count_in (struct core *self, const struct journal_result *result)
{
	if (result->code != 0 || result->repeated)
		return;
	if (result->number >= self->head)
		self->head = result->number + 1;
	self->last_accepted_us = result->accepted_us;
}

void
core_on_published (struct core *self, struct journal_job *job)
{
	struct session *session = session_table_find (self->sessions, job->session);

	self->jobs--;
	if (session)
		session->in_flight--;
	s_count_in (self, &job->result);
	if (job->result.code == 0 && !job->result.repeated) {
		presence_on_published (self->presence, job);
		escalation_on_published (self->escalation, job);
		metrics_on_published (&self->metrics, job);
	}
	if (job->result.code == SIAGA_EIO)
		core_fail (self, EX_IOERR, "journal-failed",
			   "the journal could not be written: starting again");
	else if (job->session == 0)
		core_on_own_entry (self, &job->result);
	else if (session && job->result.code == 0)
		s_say_ack (self, session, job);
	else if (session)
		s_say_refused (self, session, job);
}
