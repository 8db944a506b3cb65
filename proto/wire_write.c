/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a session's messages: one function for each type, found by a table. HELLO and WELCOME need a
 * signature and are written by hello.c.
 */
#include "siaga/wire.h"
#include "pairs.h"
#include "siaga/error.h"
#include "wire_keys.h"

#include <assert.h>

static void
s_write_knock (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_text (writer, siaga_text (KNOCK_WORD));
	siaga_writer_uint (writer, message->knock.min_version);
	siaga_writer_uint (writer, message->knock.max_version);
}

static void
s_write_challenge (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->challenge.version);
	siaga_writer_text (writer, message->challenge.network);
	siaga_writer_bytes (writer, message->challenge.nonce, SIAGA_NONCE_BYTES);
}

/* A positive number; what is only ours to know travels as `internal`. */
static void
s_write_code (struct siaga_writer *writer, int code)
{
	if (code > 0 || code < -SIAGA_WIRE_CODE_MAX)
		code = SIAGA_EINTERNAL;
	siaga_writer_uint (writer, (uint64_t) -code);
}

static void
s_write_bad (struct pairs *pairs, const struct siaga_refused *refused)
{
	if (!refused->bad_count || !pairs_key (pairs, REFUSED_BAD))
		return;
	siaga_writer_array (pairs->writer, refused->bad_count);
	for (size_t i = 0; i < refused->bad_count; i++) {
		siaga_writer_array (pairs->writer, 2);
		siaga_writer_uint (pairs->writer, refused->bad[i].index);
		s_write_code (pairs->writer, refused->bad[i].code);
	}
}

static void
s_write_refused_map (struct pairs *pairs, const void *record)
{
	const struct siaga_refused *refused = record;

	pairs_some_uint (pairs, REFUSED_RETRY, refused->retry_ms);
	if (refused->has_epoch)
		pairs_bytes (pairs, REFUSED_EPOCH, refused->epoch, SIAGA_EPOCH_BYTES);
	pairs_some_uint (pairs, REFUSED_FIRST, refused->first_oseq);
	pairs_some_uint (pairs, REFUSED_EXPECTED, refused->expected_oseq);
	s_write_bad (pairs, refused);
	pairs_some_uint (pairs, REFUSED_ID, refused->id);
}

static void
s_write_refused (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->refused.what);
	s_write_code (writer, message->refused.code);
	siaga_writer_text (writer, message->refused.words);
	pairs_write (writer, s_write_refused_map, &message->refused);
}

static void
s_write_publish (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_bytes (writer, message->publish.batch.data, message->publish.batch.size);
}

static void
s_write_ack (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_bytes (writer, message->ack.epoch, SIAGA_EPOCH_BYTES);
	siaga_writer_uint (writer, message->ack.oseq);
	siaga_writer_uint (writer, message->ack.number);
}

static void
s_write_cursor (struct siaga_writer *writer, const struct siaga_cursor *cursor)
{
	siaga_writer_array (writer, 3);
	siaga_writer_bytes (writer, cursor->log_id, cursor->has_log ? SIAGA_LOG_ID_BYTES : 0);
	siaga_writer_uint (writer, cursor->next);
	siaga_writer_bytes (writer, cursor->mark, cursor->has_mark ? SIAGA_HASH_BYTES : 0);
}

static void
s_write_subscribe (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->subscribe.id);
	siaga_filter_write (writer, &message->subscribe.filter);
	s_write_cursor (writer, &message->subscribe.cursor);
	siaga_writer_uint (writer, message->subscribe.credit);
}

void
siaga_delivery_write (struct siaga_writer *writer, const struct siaga_delivery *delivery)
{
	siaga_writer_array (writer, 3);
	siaga_writer_uint (writer, delivery->number);
	siaga_writer_uint (writer, delivery->accepted_us);
	siaga_writer_bytes (writer, delivery->batch.data, delivery->batch.size);
}

static void
s_write_deliver (struct siaga_writer *writer, const struct siaga_message *message)
{
	const struct siaga_deliver *deliver = &message->deliver;

	siaga_writer_uint (writer, deliver->id);
	siaga_writer_uint (writer, deliver->through);
	siaga_writer_bytes (writer, deliver->mark, deliver->has_mark ? SIAGA_HASH_BYTES : 0);
	if (deliver->items.size)
		siaga_writer_raw (writer, deliver->items);
	else
		siaga_writer_array (writer, 0);
}

static void
s_write_credit (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->credit.id);
	siaga_writer_uint (writer, message->credit.more);
	siaga_writer_uint (writer, message->credit.through);
}

/* At most `max` bytes, cut at a character's end. */
static struct siaga_text
s_cut (struct siaga_text text, size_t max)
{
	if (text.size <= max)
		return text;
	while (max > 0 && ((unsigned char) text.data[max] & 0xc0) == 0x80)
		max--;
	text.size = max;
	return text;
}

void
siaga_source_write (struct siaga_writer *writer, const struct siaga_source *source)
{
	siaga_writer_array (writer, 6);
	siaga_writer_text (writer, s_cut (source->name, SIAGA_SOURCE_NAME_MAX));
	siaga_writer_uint (writer, source->last_line_us);
	siaga_writer_uint (writer, source->last_alert_us);
	siaga_writer_uint (writer, source->lines);
	siaga_writer_uint (writer, source->alerts);
	siaga_writer_text (writer, s_cut (source->error, SIAGA_SOURCE_ERROR_MAX));
}

static void
s_write_status_map (struct pairs *pairs, const void *record)
{
	const struct siaga_status_message *status = record;

	pairs_some_uint (pairs, STATUS_NOW, status->now_us);
	pairs_some_uint (pairs, STATUS_STARTED, status->started_us);
	pairs_some_uint (pairs, STATUS_WAITING, status->waiting);
	pairs_some_uint (pairs, STATUS_WAITING_BYTES, status->waiting_bytes);
	pairs_some_uint (pairs, STATUS_OLDEST, status->oldest_us);
	pairs_some_uint (pairs, STATUS_IN_FLIGHT, status->in_flight);
	if (status->sources.size > 0 && pairs_key (pairs, STATUS_SOURCES))
		siaga_writer_raw (pairs->writer, status->sources);
	pairs_some_uint (pairs, STATUS_LOST, status->lost);
	pairs_some_uint (pairs, STATUS_DISK_FREE, status->disk_free);
	pairs_some_uint (pairs, STATUS_ASIDE, status->aside);
}

static void
s_write_status (struct siaga_writer *writer, const struct siaga_message *message)
{
	pairs_write (writer, s_write_status_map, &message->status);
}

static void
s_write_pong (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->pong.now_us);
	siaga_writer_uint (writer, message->pong.head);
	siaga_writer_uint (writer, message->pong.roster_serial);
}

static void
s_write_query_map (struct pairs *pairs, const void *record)
{
	const struct siaga_query *query = record;

	if (query->has_number)
		pairs_uint (pairs, QUERY_NUMBER, query->number);
	if (query->has_uuid)
		pairs_bytes (pairs, QUERY_UUID, query->uuid, SIAGA_ID_BYTES);
}

static void
s_write_query (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->query.id);
	siaga_writer_uint (writer, message->query.what);
	pairs_write (writer, s_write_query_map, &message->query);
}

static void
s_write_result (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->result.id);
	siaga_writer_uint (writer, message->result.part);
	siaga_writer_uint (writer, message->result.of);
	siaga_writer_bytes (writer, message->result.payload.data, message->result.payload.size);
}

static void
s_write_roster (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_uint (writer, message->roster.serial);
	siaga_writer_bytes (writer, message->roster.sha256, SIAGA_HASH_BYTES);
}

static void
s_write_checkpoint (struct siaga_writer *writer, const struct siaga_message *message)
{
	siaga_writer_text (writer, message->checkpoint.note);
}

static void
s_write_bye (struct siaga_writer *writer, const struct siaga_message *message)
{
	s_write_code (writer, message->bye.code);
	siaga_writer_text (writer, message->bye.words);
}

/* By type: its name, how to write it, and how many items its array has. */
static const struct {
	const char *name;
	void (*write) (struct siaga_writer *writer, const struct siaga_message *message);
	size_t items;
} kinds[] = {
	[SIAGA_KNOCK] = {"KNOCK", s_write_knock, 4},
	[SIAGA_CHALLENGE] = {"CHALLENGE", s_write_challenge, 4},
	[SIAGA_HELLO] = {"HELLO", NULL, 3},
	[SIAGA_WELCOME] = {"WELCOME", NULL, 3},
	[SIAGA_REFUSED] = {"REFUSED", s_write_refused, 5},
	[SIAGA_PUBLISH] = {"PUBLISH", s_write_publish, 2},
	[SIAGA_ACK] = {"ACK", s_write_ack, 4},
	[SIAGA_SUBSCRIBE] = {"SUBSCRIBE", s_write_subscribe, 5},
	[SIAGA_DELIVER] = {"DELIVER", s_write_deliver, 5},
	[SIAGA_CREDIT] = {"CREDIT", s_write_credit, 4},
	[SIAGA_STATUS] = {"STATUS", s_write_status, 2},
	[SIAGA_PONG] = {"PONG", s_write_pong, 4},
	[SIAGA_QUERY] = {"QUERY", s_write_query, 4},
	[SIAGA_RESULT] = {"RESULT", s_write_result, 5},
	[SIAGA_ROSTER] = {"ROSTER", s_write_roster, 3},
	[SIAGA_CHECKPOINT] = {"CHECKPOINT", s_write_checkpoint, 2},
	[SIAGA_BYE] = {"BYE", s_write_bye, 3},
};

#define KINDS_END (sizeof kinds / sizeof *kinds)

int
siaga_message_write (struct siaga_writer *writer, const struct siaga_message *message)
{
	size_t start = writer->size;

	assert (message->type < KINDS_END && kinds[message->type].write);
	siaga_writer_array (writer, kinds[message->type].items);
	siaga_writer_uint (writer, message->type);
	kinds[message->type].write (writer, message);
	if (!writer->error && writer->size - start > SIAGA_MESSAGE_MAX)
		writer->error = SIAGA_ELIMIT;
	return writer->error;
}

const char *
siaga_message_name (enum siaga_message_type type)
{
	const char *name = (size_t) type < KINDS_END ? kinds[type].name : NULL;
	return name ? name : "unknown";
}
