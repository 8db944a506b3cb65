/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QUERY (PROTOCOL.md section 6.7): who may ask what, and what is looked for. The answers go out by result.c.
 */
#include <stdlib.h>
#include <sysexits.h>

#include "hub/core_private.h"
#include "siaga/error.h"

#define ROSTER_OVERHEAD 64

/* The log number asked for, by number or by id: 0, SIAGA_ENOTFOUND, SIAGA_EIO. */
static int
s_find_number (struct core *self, const struct siaga_query *query, uint64_t *number)
{
	if (query->has_uuid)
		return self->journal->ops->find (self->journal, query->uuid, number);
	if (query->number >= self->head)
		return SIAGA_ENOTFOUND;
	*number = query->number;
	return 0;
}

/* The entry asked for, when the asker may see it; otherwise SIAGA_ENOTFOUND as if it were not there. */
static int
s_find_entry (struct core *self, const struct session *session, const struct siaga_query *query,
	      uint64_t *number, const struct siaga_header **header)
{
	const struct record *record;
	uint64_t found = 0;

	int error = s_find_number (self, query, &found);
	if (!error)
		error = record_cache_get (self->cache, found, &record);
	if (error)
		return error;
	if (found < record->number)
		return SIAGA_ENOTFOUND;
	const struct siaga_header *it = &record->headers[found - record->number];
	if (!siaga_may_see (session->principal->member, it))
		return SIAGA_ENOTFOUND;
	*number = found;
	*header = it;
	return 0;
}

/* The numbers of those that refer to an entry go behind its own: how many there are then, or an error. */
static int
s_find_story (struct core *self, const uint8_t id[SIAGA_ID_BYTES], uint64_t *numbers)
{
	int count = self->journal->ops->referring (self->journal, id, numbers + 1,
						   HUB_STORY_ENTRIES_MAX - 1);

	if (count < 0)
		return count;
	return count == HUB_STORY_ENTRIES_MAX - 1 ? SIAGA_ELIMIT : count + 1;
}

int
query_find (struct core *self, const struct session *session, const struct siaga_query *query,
	    uint64_t **numbers_p, size_t *count, unsigned *work)
{
	bool is_story = query->what == SIAGA_QUERY_STORY;
	const struct siaga_header *header;
	uint64_t number;

	*work = HUB_WORK_OF_RECORD + SIAGA_BATCH_ENTRIES_MAX + (is_story ? HUB_WORK_OF_STORY : 0);
	int error = s_find_entry (self, session, query, &number, &header);
	if (error)
		return error;
	uint64_t *numbers = malloc ((is_story ? HUB_STORY_ENTRIES_MAX : 1) * sizeof *numbers);
	if (!numbers)
		return SIAGA_ENOMEM;
	numbers[0] = number;
	int found = is_story ? s_find_story (self, header->id, numbers) : 1;
	if (found < 0) {
		free (numbers);
		return found;
	}
	*numbers_p = numbers;
	*count = (size_t) found;
	return 0;
}

static int
s_on_entries (struct core *self, struct session *session, const struct siaga_query *query)
{
	if (query->has_number == query->has_uuid)
		return SIAGA_EGRAMMAR;
	result_ask (self, session, query);
	return 0;
}

static int
s_on_hub_status (struct core *self, struct session *session, const struct siaga_query *query)
{
	uint8_t *data;
	size_t size;

	int error = status_write (self, session, &data, &size);
	if (!error)
		result_send (self, session, query->id, &data, size);
	return error;
}

/* Everybody in the roster may have it: whoever may connect is in it. */
static int
s_on_roster (struct core *self, struct session *session, const struct siaga_query *query)
{
	const struct roster_bundle *bundle = &self->trust->bundle;
	size_t capacity = bundle->size + ROSTER_OVERHEAD;
	struct siaga_writer writer;

	for (size_t i = 0; i < bundle->signature_count; i++)
		capacity += bundle->signatures[i].size + ROSTER_OVERHEAD;
	uint8_t *data = malloc (capacity);
	if (!data)
		return SIAGA_ENOMEM;
	siaga_writer_init (&writer, data, capacity);
	siaga_writer_array (&writer, 2);
	siaga_writer_bytes (&writer, bundle->text, bundle->size);
	siaga_writer_array (&writer, bundle->signature_count);
	for (size_t i = 0; i < bundle->signature_count; i++)
		siaga_writer_text (&writer, bundle->signatures[i]);
	if (writer.error) {
		free (data);
		return writer.error;
	}
	result_send (self, session, query->id, &data, writer.size);
	return 0;
}

static const struct {
	unsigned roles; /* one of them is needed; 0: none */
	int (*answer) (struct core *self, struct session *session, const struct siaga_query *query);
} s_queries[] = {
	[SIAGA_QUERY_ENTRY] = {SIAGA_ROLE_READ, s_on_entries},
	[SIAGA_QUERY_STATUS] = {SIAGA_ROLE_READ | SIAGA_ROLE_OPERATE, s_on_hub_status},
	[SIAGA_QUERY_STORY] = {SIAGA_ROLE_READ, s_on_entries},
	[SIAGA_QUERY_ROSTER] = {0, s_on_roster},
	[SIAGA_QUERY_LEAVES] = {0, query_leaves},
	[SIAGA_QUERY_PROOF] = {0, query_proof},
	[SIAGA_QUERY_CHECKPOINT] = {0, query_checkpoint},
};

void
core_on_query (struct core *self, struct session *session, const struct siaga_message *message)
{
	const struct siaga_query *query = &message->query;
	int error = 0;

	if (query->what >= sizeof s_queries / sizeof *s_queries || !s_queries[query->what].answer) {
		core_refuse (self, session, SIAGA_QUERY, SIAGA_EUPGRADE, NULL, query->id);
		return;
	}
	if (s_queries[query->what].roles != 0 &&
	    (session->principal->roles & s_queries[query->what].roles) == 0)
		error = SIAGA_EROLE;
	if (!error && !result_has_room (self, session, query->id))
		return;
	if (!error)
		error = s_queries[query->what].answer (self, session, query);
	if (error == SIAGA_EIO)
		core_fail (self, EX_IOERR, "journal-read", siaga_strerror (error));
	else if (error == SIAGA_EGRAMMAR)
		core_refuse_and_cut (self, &session, SIAGA_QUERY, error, NULL);
	else if (error == SIAGA_ENOMEM || error == SIAGA_ELATER)
		core_refuse_later (self, session, SIAGA_QUERY, SIAGA_ELATER, query->id,
				   HUB_RETRY_MS);
	else if (error)
		core_refuse (self, session, SIAGA_QUERY, error, NULL, query->id);
}
