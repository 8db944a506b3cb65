/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a session's messages: one function for each type, found by a table. HELLO and WELCOME are in
 * hello.c; batches inside messages stay bytes.
 */
#include "siaga/wire.h"
#include "fields.h"
#include "hello.h"
#include "siaga/names.h"
#include "wire_keys.h"

static void
s_read_knock (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_knock *knock = &message->knock;
	struct siaga_text word = siaga_reader_text (reader, sizeof KNOCK_WORD - 1);

	knock->min_version = some_number (reader, NUMBER_MAX);
	knock->max_version = some_number (reader, NUMBER_MAX);
	require (reader,
		 siaga_text_is (word, KNOCK_WORD) && knock->min_version <= knock->max_version);
}

static void
s_read_challenge (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_challenge *challenge = &message->challenge;

	challenge->version = some_number (reader, NUMBER_MAX);
	challenge->network = some_text (reader, SIAGA_NETWORK_MAX);
	siaga_reader_fixed (reader, challenge->nonce, SIAGA_NONCE_BYTES);
	require (reader, siaga_network_is_valid (challenge->network));
}

static void
s_read_hello (struct siaga_reader *reader, struct siaga_message *message)
{
	siaga_hello_read (reader, &message->hello);
}

static void
s_read_welcome (struct siaga_reader *reader, struct siaga_message *message)
{
	siaga_welcome_read (reader, &message->welcome);
}

/* A code travels as a positive number. */
static int
s_read_code (struct siaga_reader *reader)
{
	return -(int) siaga_reader_uint_max (reader, SIAGA_WIRE_CODE_MAX);
}

static void
s_read_refused_epoch (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_refused *refused = at;
	siaga_reader_fixed (reader, refused->epoch, (size_t) max);
	refused->has_epoch = true;
}

static void
s_read_refused_bad (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_refused *refused = at;
	refused->bad_count = some_array (reader, (size_t) max);
	for (size_t i = 0; i < refused->bad_count; i++) {
		struct siaga_bad *bad = &refused->bad[i];
		siaga_reader_array_of (reader, 2);
		bad->index = (uint32_t) siaga_reader_uint_max (reader, SIAGA_BATCH_ENTRIES_MAX - 1);
		bad->code = s_read_code (reader);
		require (reader, bad->code != 0);
	}
}

#define REFUSED(name, max)                                                                         \
	{                                                                                          \
		read_number, offsetof (struct siaga_refused, name), max                            \
	}

static const struct field refused_fields[REFUSED_KEYS_END] = {
	[REFUSED_RETRY] = REFUSED (retry_ms, NUMBER_MAX),
	[REFUSED_EPOCH] = {s_read_refused_epoch, 0, SIAGA_EPOCH_BYTES},
	[REFUSED_FIRST] = REFUSED (first_oseq, SIAGA_OSEQ_MAX),
	[REFUSED_EXPECTED] = REFUSED (expected_oseq, SIAGA_OSEQ_MAX),
	[REFUSED_BAD] = {s_read_refused_bad, 0, SIAGA_BAD_MAX},
	[REFUSED_ID] = REFUSED (id, UINT64_MAX),
};

/* A detail that is not understood can not be passed over. */
static void
s_read_map (struct siaga_reader *reader, const struct field *fields, size_t end, void *record)
{
	struct siaga_map map;
	uint64_t key;

	siaga_reader_map (reader, MAP_PAIRS_MAX, &map);
	while (siaga_reader_key (reader, &map, &key))
		if (!field_read (reader, fields, end, key, record))
			siaga_reader_fail (reader, SIAGA_EUPGRADE);
}

static void
s_read_refused (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_refused *refused = &message->refused;

	refused->bad = message->bad;
	refused->what = (enum siaga_message_type) siaga_reader_uint_max (reader, UINT8_MAX);
	refused->code = s_read_code (reader);
	refused->words = siaga_reader_text (reader, SIAGA_WORDS_MAX);
	require (reader, refused->code != 0);
	s_read_map (reader, refused_fields, REFUSED_KEYS_END, refused);
}

static struct siaga_bytes
s_read_batch (struct siaga_reader *reader)
{
	struct siaga_bytes batch = siaga_reader_bytes (reader, SIAGA_BATCH_MAX);
	require (reader, batch.size > 0);
	return batch;
}

static void
s_read_publish (struct siaga_reader *reader, struct siaga_message *message)
{
	message->publish.batch = s_read_batch (reader);
}

static void
s_read_ack (struct siaga_reader *reader, struct siaga_message *message)
{
	siaga_reader_fixed (reader, message->ack.epoch, SIAGA_EPOCH_BYTES);
	message->ack.oseq = some_number (reader, SIAGA_OSEQ_MAX);
	message->ack.number = siaga_reader_uint_max (reader, NUMBER_MAX);
}

static void
s_read_cursor (struct siaga_reader *reader, struct siaga_cursor *cursor)
{
	siaga_reader_array_of (reader, 3);
	cursor->has_log = optional_fixed (reader, cursor->log_id, SIAGA_LOG_ID_BYTES);
	cursor->next = siaga_reader_uint_max (reader, NUMBER_MAX);
	cursor->has_mark = optional_fixed (reader, cursor->mark, SIAGA_HASH_BYTES);
	require (reader, !cursor->has_mark || cursor->next > 0);
}

/* A peer's own number for a subscription or a query: 1 or more, so that a refusal can name it. */
static uint64_t
s_read_own_id (struct siaga_reader *reader)
{
	uint64_t id = siaga_reader_uint (reader);
	if (id == 0)
		siaga_reader_fail (reader, SIAGA_EMALFORMED);
	return id;
}

static void
s_read_subscribe (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_subscribe *subscribe = &message->subscribe;

	subscribe->id = s_read_own_id (reader);
	siaga_filter_read (reader, &subscribe->filter);
	s_read_cursor (reader, &subscribe->cursor);
	subscribe->credit = siaga_reader_uint_max (reader, SIAGA_CREDIT_MAX);
}

size_t
siaga_deliveries_begin (struct siaga_reader *reader)
{
	return siaga_reader_array (reader, SIAGA_DELIVERIES_MAX);
}

void
siaga_delivery_read (struct siaga_reader *reader, struct siaga_delivery *delivery)
{
	siaga_reader_array_of (reader, 3);
	delivery->number = siaga_reader_uint_max (reader, NUMBER_MAX);
	delivery->accepted_us = siaga_reader_uint_max (reader, NUMBER_MAX);
	delivery->batch = s_read_batch (reader);
}

/* Goes over the deliveries once, so that who reads them later meets no error. */
static struct siaga_bytes
s_read_deliveries (struct siaga_reader *reader)
{
	struct siaga_delivery delivery;
	size_t start = reader->at;
	size_t count = siaga_deliveries_begin (reader);

	for (size_t i = 0; i < count && !reader->error; i++)
		siaga_delivery_read (reader, &delivery);
	if (reader->error)
		return (struct siaga_bytes){NULL, 0};
	return (struct siaga_bytes){reader->data + start, reader->at - start};
}

static void
s_read_deliver (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_deliver *deliver = &message->deliver;

	deliver->id = siaga_reader_uint (reader);
	deliver->through = siaga_reader_uint_max (reader, NUMBER_MAX);
	deliver->has_mark = optional_fixed (reader, deliver->mark, SIAGA_HASH_BYTES);
	require (reader, deliver->has_mark == (deliver->through > 0));
	deliver->items = s_read_deliveries (reader);
}

static void
s_read_credit (struct siaga_reader *reader, struct siaga_message *message)
{
	message->credit.id = siaga_reader_uint (reader);
	message->credit.more = siaga_reader_uint_max (reader, SIAGA_CREDIT_MAX);
	message->credit.through = siaga_reader_uint_max (reader, NUMBER_MAX);
}

size_t
siaga_sources_begin (struct siaga_reader *reader)
{
	return siaga_reader_array (reader, SIAGA_SOURCES_MAX);
}

void
siaga_source_read (struct siaga_reader *reader, struct siaga_source *source)
{
	siaga_reader_array_of (reader, 6);
	source->name = some_text (reader, SIAGA_SOURCE_NAME_MAX);
	source->last_line_us = siaga_reader_uint_max (reader, NUMBER_MAX);
	source->last_alert_us = siaga_reader_uint_max (reader, NUMBER_MAX);
	source->lines = siaga_reader_uint_max (reader, NUMBER_MAX);
	source->alerts = siaga_reader_uint_max (reader, NUMBER_MAX);
	source->error = siaga_reader_text (reader, SIAGA_SOURCE_ERROR_MAX);
}

/* As the deliveries: who reads them later meets no error. */
static void
s_read_sources (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_source source;
	size_t start = reader->at;
	size_t count = siaga_sources_begin (reader);

	require (reader, count > 0);
	for (size_t i = 0; i < count && !reader->error; i++)
		siaga_source_read (reader, &source);
	if (!reader->error && reader->at - start > max)
		siaga_reader_fail (reader, SIAGA_ELIMIT);
	if (!reader->error)
		*(struct siaga_bytes *) at =
			(struct siaga_bytes){reader->data + start, reader->at - start};
}

#define STATUS(name)                                                                               \
	{                                                                                          \
		read_number, offsetof (struct siaga_status_message, name), NUMBER_MAX              \
	}

static const struct field status_fields[STATUS_KEYS_END] = {
	[STATUS_NOW] = STATUS (now_us),
	[STATUS_STARTED] = STATUS (started_us),
	[STATUS_WAITING] = STATUS (waiting),
	[STATUS_WAITING_BYTES] = STATUS (waiting_bytes),
	[STATUS_OLDEST] = STATUS (oldest_us),
	[STATUS_IN_FLIGHT] = STATUS (in_flight),
	[STATUS_SOURCES] = {s_read_sources, offsetof (struct siaga_status_message, sources),
			    SIAGA_SOURCES_BYTES_MAX},
	[STATUS_LOST] = STATUS (lost),
	[STATUS_DISK_FREE] = STATUS (disk_free),
	[STATUS_ASIDE] = STATUS (aside),
};

/* Keys from the table's end on belong to a later agent and are passed over. */
static void
s_read_status (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_map map;
	uint64_t key;

	siaga_reader_map (reader, MAP_PAIRS_MAX, &map);
	while (siaga_reader_key (reader, &map, &key)) {
		require (reader, key > 0);
		if (!field_read (reader, status_fields, STATUS_KEYS_END, key, &message->status))
			siaga_reader_skip (reader);
	}
	require (reader, message->status.now_us > 0);
}

static void
s_read_pong (struct siaga_reader *reader, struct siaga_message *message)
{
	message->pong.now_us = siaga_reader_uint_max (reader, NUMBER_MAX);
	message->pong.head = siaga_reader_uint_max (reader, NUMBER_MAX);
	message->pong.roster_serial = siaga_reader_uint_max (reader, NUMBER_MAX);
}

static void
s_read_query_number (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_query *query = at;
	query->number = siaga_reader_uint_max (reader, max);
	query->has_number = true;
}

static void
s_read_query_uuid (struct siaga_reader *reader, void *at, uint64_t max)
{
	struct siaga_query *query = at;
	siaga_reader_fixed (reader, query->uuid, (size_t) max);
	query->has_uuid = true;
}

static const struct field query_fields[QUERY_KEYS_END] = {
	[QUERY_NUMBER] = {s_read_query_number, 0, NUMBER_MAX},
	[QUERY_UUID] = {s_read_query_uuid, 0, SIAGA_ID_BYTES},
};

static void
s_read_query (struct siaga_reader *reader, struct siaga_message *message)
{
	message->query.id = s_read_own_id (reader);
	message->query.what = some_number (reader, NUMBER_MAX);
	s_read_map (reader, query_fields, QUERY_KEYS_END, &message->query);
}

static void
s_read_result (struct siaga_reader *reader, struct siaga_message *message)
{
	struct siaga_result *result = &message->result;

	result->id = siaga_reader_uint (reader);
	result->part = some_number (reader, SIAGA_PARTS_MAX);
	result->of = some_number (reader, SIAGA_PARTS_MAX);
	result->payload = siaga_reader_bytes (reader, SIAGA_MESSAGE_MAX);
	require (reader, result->part <= result->of);
}

static void
s_read_roster (struct siaga_reader *reader, struct siaga_message *message)
{
	message->roster.serial = some_number (reader, NUMBER_MAX);
	siaga_reader_fixed (reader, message->roster.sha256, SIAGA_HASH_BYTES);
}

static void
s_read_checkpoint (struct siaga_reader *reader, struct siaga_message *message)
{
	message->checkpoint.note = some_text (reader, SIAGA_CHECKPOINT_MAX);
}

static void
s_read_bye (struct siaga_reader *reader, struct siaga_message *message)
{
	message->bye.code = s_read_code (reader);
	message->bye.words = siaga_reader_text (reader, SIAGA_WORDS_MAX);
}

/* By type: how to read it, and how many items its array has. */
static const struct {
	void (*read) (struct siaga_reader *reader, struct siaga_message *message);
	size_t items;
} kinds[] = {
	[SIAGA_KNOCK] = {s_read_knock, 4},     [SIAGA_CHALLENGE] = {s_read_challenge, 4},
	[SIAGA_HELLO] = {s_read_hello, 3},     [SIAGA_WELCOME] = {s_read_welcome, 3},
	[SIAGA_REFUSED] = {s_read_refused, 5}, [SIAGA_PUBLISH] = {s_read_publish, 2},
	[SIAGA_ACK] = {s_read_ack, 4},	       [SIAGA_SUBSCRIBE] = {s_read_subscribe, 5},
	[SIAGA_DELIVER] = {s_read_deliver, 5}, [SIAGA_CREDIT] = {s_read_credit, 4},
	[SIAGA_STATUS] = {s_read_status, 2},   [SIAGA_PONG] = {s_read_pong, 4},
	[SIAGA_QUERY] = {s_read_query, 4},     [SIAGA_RESULT] = {s_read_result, 5},
	[SIAGA_ROSTER] = {s_read_roster, 3},   [SIAGA_CHECKPOINT] = {s_read_checkpoint, 2},
	[SIAGA_BYE] = {s_read_bye, 3},
};

int
siaga_message_read (struct siaga_bytes frame, struct siaga_message *message)
{
	struct siaga_reader reader;

	if (frame.size > SIAGA_MESSAGE_MAX)
		return SIAGA_ELIMIT;
	siaga_reader_init (&reader, frame.data, frame.size);
	size_t items = some_array (&reader, MAP_PAIRS_MAX);
	uint64_t type = siaga_reader_uint (&reader);
	if (reader.error)
		return reader.error;
	if (type >= sizeof kinds / sizeof *kinds || !kinds[type].read)
		return SIAGA_EGRAMMAR;
	if (items != kinds[type].items)
		return SIAGA_EMALFORMED;
	memset (message, 0, offsetof (struct siaga_message, bad));
	message->type = (enum siaga_message_type) type;
	kinds[type].read (&reader, message);
	return siaga_reader_end (&reader);
}
