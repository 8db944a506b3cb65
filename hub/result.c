/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to queries, sent in parts as the gate takes them. Entries are looked up and gathered from the log first,
 * step by step, so that nobody waits long for somebody else's story. Few answers are under way at a time, of each
 * principal and of all, so what they hold is bounded.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "hub/core_private.h"
#include "siaga/error.h"

/* Of an array's head in front of gathered deliveries. */
#define ARRAY_HEAD_MAX 9

enum result_stage {
	RESULT_ASKED,
	RESULT_GATHERING,
	RESULT_SENDING,
};

struct result {
	TAILQ_ENTRY (result) link;
	struct session *session;
	uint64_t id;
	enum result_stage stage;
	struct siaga_query query; /* asked */
	uint8_t *data;		  /* the answer begins at `start` */
	size_t start;
	size_t size;
	size_t sent;
	uint64_t part;
	/* While gathering: */
	uint64_t *numbers;
	size_t number_count;
	size_t next_number;
	size_t deliveries;
	size_t capacity;
};

static void
s_result_end (struct core *self, struct result *result)
{
	TAILQ_REMOVE (&self->results, result, link);
	self->result_count--;
	result->session->account->results--;
	result->session->account->member->results--;
	free (result->numbers);
	free (result->data);
	free (result);
}

void
result_forget (struct core *self, const struct session *session)
{
	struct result *next;

	for (struct result *result = TAILQ_FIRST (&self->results); result; result = next) {
		next = TAILQ_NEXT (result, link);
		if (result->session == session)
			s_result_end (self, result);
	}
}

void
result_take_back (struct core *self, struct session *session, int code)
{
	struct result *next;

	for (struct result *result = TAILQ_FIRST (&self->results); result; result = next) {
		uint64_t id = result->id;
		next = TAILQ_NEXT (result, link);
		/* What was not asked of the log is about the hub, or everybody's. */
		if (result->session != session || result->query.what == 0)
			continue;
		s_result_end (self, result);
		if (code == SIAGA_ELATER)
			core_refuse_later (self, session, SIAGA_QUERY, code, id, HUB_RETRY_MS);
		else
			core_refuse (self, session, SIAGA_QUERY, code, NULL, id);
	}
}

bool
result_has_room (struct core *self, struct session *session, uint64_t id)
{
	if (self->result_count < HUB_RESULTS_MAX &&
	    session->account->results < HUB_RESULTS_PER_PRINCIPAL_MAX &&
	    session->account->member->results < HUB_RESULTS_PER_MEMBER_MAX)
		return true;
	if (session_is_pushing (&session->to_ask, HUB_RETRY_MS, HUB_QUERY_PUSHES_MAX))
		core_refuse_and_cut (self, &session, SIAGA_QUERY, SIAGA_ELATER,
				     "told to ask later, and does not wait");
	else
		core_refuse_later (self, session, SIAGA_QUERY, SIAGA_ELATER, id, HUB_RETRY_MS);
	return false;
}

/* A place in the list, or NULL after telling the asker to come back. */
static struct result *
s_result_begin (struct core *self, struct session *session, uint64_t id)
{
	struct result *result = calloc (1, sizeof *result);

	if (!result) {
		core_refuse_later (self, session, SIAGA_QUERY, SIAGA_ELATER, id, HUB_RETRY_MS);
		return NULL;
	}
	result->session = session;
	result->id = id;
	TAILQ_INSERT_TAIL (&self->results, result, link);
	self->result_count++;
	session->account->results++;
	session->account->member->results++;
	return result;
}

void
result_send (struct core *self, struct session *session, uint64_t id, uint8_t **data_p, size_t size)
{
	struct result *result = s_result_begin (self, session, id);

	if (result) {
		result->stage = RESULT_SENDING;
		result->data = *data_p;
		result->size = size;
	} else {
		free (*data_p);
	}
	*data_p = NULL;
}

void
result_ask (struct core *self, struct session *session, const struct siaga_query *query)
{
	struct result *result = s_result_begin (self, session, query->id);

	if (result)
		result->query = *query;
}

/* --- gathering ----------------------------------------------------------------------------------------- */

static int
s_make_room (struct result *result)
{
	size_t needed = result->start + result->size + SIAGA_MESSAGE_MAX;

	if (needed <= result->capacity)
		return 0;
	uint8_t *grown = realloc (result->data, needed * 2);
	if (!grown)
		return SIAGA_ENOMEM;
	result->data = grown;
	result->capacity = needed * 2;
	return 0;
}

/* Adds the entry of one number, if the asker may see it. */
static int
s_gather_one (struct core *self, struct result *result, uint64_t number, unsigned *work)
{
	const struct record *record;
	struct siaga_writer writer;

	int error = record_cache_get (self->cache, number, &record);
	if (error)
		return error;
	if (number < record->number) /* dropped since it was found */
		return 0;
	*work += HUB_WORK_OF_RECORD + record->count;
	uint32_t index = (uint32_t) (number - record->number);
	if (!siaga_may_see (result->session->principal->member, &record->headers[index]))
		return 0;
	error = s_make_room (result);
	if (error)
		return error;
	siaga_writer_init (&writer, result->data + result->start + result->size, SIAGA_MESSAGE_MAX);
	error = deliver_entry (self, &writer, record, index);
	if (error)
		return error;
	result->size += writer.size;
	result->deliveries++;
	return result->size > SIAGA_RESULT_MAX - ARRAY_HEAD_MAX ? SIAGA_ELIMIT : 0;
}

/* Puts the array's head in front: the answer is whole. */
static void
s_gather_end (struct result *result)
{
	uint8_t head[ARRAY_HEAD_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, head, sizeof head);
	siaga_writer_array (&writer, result->deliveries);
	result->start -= writer.size;
	result->size += writer.size;
	memcpy (result->data + result->start, head, writer.size);
	free (result->numbers);
	result->numbers = NULL;
	result->stage = RESULT_SENDING;
}

static void
s_refuse (struct core *self, struct result *result, int error)
{
	struct session *session = result->session;
	uint64_t id = result->id;

	s_result_end (self, result);
	if (error == SIAGA_EIO)
		core_fail (self, EX_IOERR, "journal-read", siaga_strerror (error));
	else if (error == SIAGA_ENOMEM)
		core_refuse_later (self, session, SIAGA_QUERY, SIAGA_ELATER, id, HUB_RETRY_MS);
	else
		core_refuse (self, session, SIAGA_QUERY, error, NULL, id);
}

/* A stage's step; returns the work done, in entries. */
static unsigned
s_find (struct core *self, struct result *result)
{
	unsigned work = 0;

	int error = query_find (self, result->session, &result->query, &result->numbers,
				&result->number_count, &work);
	if (error) {
		s_refuse (self, result, error);
		return work;
	}
	result->stage = RESULT_GATHERING;
	result->start = ARRAY_HEAD_MAX;
	return work;
}

static unsigned
s_gather (struct core *self, struct result *result)
{
	unsigned work = 0;
	int error = 0;

	while (!error && work < HUB_WORK_PER_STEP && result->next_number < result->number_count)
		error = s_gather_one (self, result, result->numbers[result->next_number++], &work);
	if (!error && result->next_number < result->number_count)
		return work;
	if (!error && result->deliveries == 0)
		error = SIAGA_ENOTFOUND;
	if (error)
		s_refuse (self, result, error);
	else
		s_gather_end (result);
	return work;
}

/* --- sending -------------------------------------------------------------------------------------------- */

static unsigned
s_send_part (struct core *self, struct result *result)
{
	struct siaga_message *message = core_reply (self, SIAGA_RESULT);
	size_t left = result->size - result->sent;
	size_t size = left < HUB_RESULT_PART_BYTES ? left : HUB_RESULT_PART_BYTES;
	struct siaga_writer writer;

	message->result.id = result->id;
	message->result.part = ++result->part;
	message->result.of = (result->size + HUB_RESULT_PART_BYTES - 1) / HUB_RESULT_PART_BYTES;
	message->result.payload.data = result->data + result->start + result->sent;
	message->result.payload.size = size;
	siaga_writer_init (&writer, self->frame, sizeof self->frame);
	if (siaga_message_write (&writer, message) != 0) {
		core_fail (self, EX_SOFTWARE, "result-too-large",
			   "a part of an answer does not fit");
		return HUB_WORK_PER_ANSWERS;
	}
	core_send (self, result->session, PACKET_BULK,
		   (struct siaga_bytes){writer.data, writer.size});
	result->sent += size;
	if (result->sent == result->size)
		s_result_end (self, result);
	return HUB_WORK_OF_RECORD;
}

/* Who had a step goes to the end. */
void
result_work (struct core *self)
{
	static unsigned (*const steps[]) (struct core *, struct result *) = {
		[RESULT_ASKED] = s_find,
		[RESULT_GATHERING] = s_gather,
		[RESULT_SENDING] = s_send_part,
	};
	unsigned left = HUB_WORK_PER_ANSWERS;
	struct result *result;

	for (unsigned turns = self->result_count;
	     turns > 0 && left > 0 && self->out.bytes[PACKET_BULK] < HUB_BULK_BYTES &&
	     (result = TAILQ_FIRST (&self->results));
	     turns--) {
		TAILQ_REMOVE (&self->results, result, link);
		TAILQ_INSERT_TAIL (&self->results, result, link);
		unsigned done = steps[result->stage](self, result);
		left -= done < left ? done : left;
	}
}
