/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to queries, sent in parts as the gate takes them. A story is gathered from the log first, a bounded
 * number of batches in each turn. Few answers are under way at a time, so what they hold is bounded.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "hub/core_private.h"
#include "siaga/error.h"

/* Of an array's head in front of gathered deliveries. */
#define ARRAY_HEAD_MAX 9

struct result {
	TAILQ_ENTRY (result) link;
	struct session *session;
	uint64_t id;
	uint8_t *data; /* the answer begins at `start` */
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
	result->session->result_count--;
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

/* A place in the list, or NULL after telling the asker to come back. */
static struct result *
s_result_begin (struct core *self, struct session *session, uint64_t id)
{
	struct result *result = NULL;

	if (self->result_count < HUB_RESULTS_MAX &&
	    session->result_count < HUB_RESULTS_PER_SESSION_MAX)
		result = calloc (1, sizeof *result);
	if (!result) {
		core_refuse_later (self, session, SIAGA_QUERY, SIAGA_ELATER, id, HUB_RETRY_MS);
		return NULL;
	}
	result->session = session;
	result->id = id;
	TAILQ_INSERT_TAIL (&self->results, result, link);
	self->result_count++;
	session->result_count++;
	return result;
}

void
result_send (struct core *self, struct session *session, uint64_t id, uint8_t **data_p, size_t size)
{
	struct result *result = s_result_begin (self, session, id);

	if (result) {
		result->data = *data_p;
		result->size = size;
	} else {
		free (*data_p);
	}
	*data_p = NULL;
}

void
result_gather (struct core *self, struct session *session, uint64_t id, uint64_t **numbers_p,
	       size_t count)
{
	struct result *result = s_result_begin (self, session, id);

	if (result) {
		result->numbers = *numbers_p;
		result->number_count = count;
		result->start = ARRAY_HEAD_MAX;
	} else {
		free (*numbers_p);
	}
	*numbers_p = NULL;
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
s_gather_one (struct core *self, struct result *result, uint64_t number)
{
	const struct record *record;
	struct siaga_writer writer;

	int error = record_cache_get (self->cache, number, &record);
	if (error || number < record->number)
		return error ? error : SIAGA_EIO;
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
}

static void
s_gather_refuse (struct core *self, struct result *result, int error)
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

static void
s_gather (struct core *self, struct result *result)
{
	for (unsigned i = 0;
	     i < HUB_RECORDS_PER_DELIVER && result->next_number < result->number_count; i++) {
		int error = s_gather_one (self, result, result->numbers[result->next_number++]);
		if (error) {
			s_gather_refuse (self, result, error);
			return;
		}
	}
	if (result->next_number < result->number_count)
		return;
	if (result->deliveries == 0)
		s_gather_refuse (self, result, SIAGA_ENOTFOUND);
	else
		s_gather_end (result);
}

/* --- sending -------------------------------------------------------------------------------------------- */

static void
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
		return;
	}
	core_send (self, result->session, PACKET_BULK,
		   (struct siaga_bytes){writer.data, writer.size});
	result->sent += size;
	if (result->sent == result->size)
		s_result_end (self, result);
}

bool
result_work (struct core *self)
{
	struct result *next;

	for (struct result *result = TAILQ_FIRST (&self->results);
	     result && self->out.bytes[PACKET_BULK] < HUB_BULK_BYTES; result = next) {
		next = TAILQ_NEXT (result, link);
		if (result->numbers)
			s_gather (self, result);
		else
			s_send_part (self, result);
	}
	return !TAILQ_EMPTY (&self->results);
}
