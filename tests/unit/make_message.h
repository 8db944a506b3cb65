/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample messages for tests and vectors: of each type an ordinary one and one with everything at its
 * limit. What they borrow is static.
 */
#ifndef SIAGA_TESTS_MAKE_MESSAGE_H
#define SIAGA_TESTS_MAKE_MESSAGE_H

#include "make_entry.h"
#include "siaga/wire.h"

#define MAKE_WORDS_MAX 65536

/* Bytes that make valid text of any length. */
static inline const char *
make_words (void)
{
	static char words[MAKE_WORDS_MAX];
	memset (words, 'w', sizeof words);
	return words;
}

static inline struct siaga_text
make_long_text (size_t size)
{
	return (struct siaga_text){make_words (), size};
}

static inline struct siaga_bytes
make_long_bytes (size_t size)
{
	return (struct siaga_bytes){(const uint8_t *) make_words (), size};
}

static inline void
make_hello (struct siaga_hello *hello)
{
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	memset (hello, 0, sizeof *hello);
	make_keys (sign, sign_secret);
	hello->network = siaga_text (MAKE_NETWORK);
	make_run (hello->hub_nonce, SIAGA_NONCE_BYTES, 0x40);
	make_run (hello->nonce, SIAGA_NONCE_BYTES, 0x80);
	hello->principal = siaga_text (MAKE_ORIGIN);
	siaga_key_id (hello->key_id, sign);
	make_run (hello->transport, SIAGA_KEY_BYTES, 0xc0);
	hello->software = siaga_text ("siaga 0.1.0");
	hello->roster_serial = 7;
	hello->has_epoch = true;
	make_run (hello->epoch, SIAGA_EPOCH_BYTES, 0xe0);
	hello->last_oseq = 41;
}

static inline void
make_welcome (struct siaga_welcome *welcome)
{
	memset (welcome, 0, sizeof *welcome);
	welcome->network = siaga_text (MAKE_NETWORK);
	make_run (welcome->hub_nonce, SIAGA_NONCE_BYTES, 0x40);
	make_run (welcome->nonce, SIAGA_NONCE_BYTES, 0x80);
	make_run (welcome->log_id, SIAGA_LOG_ID_BYTES, 0x10);
	welcome->roster_serial = 7;
	welcome->held_oseq = 40;
	welcome->has_held = true;
	make_run (welcome->held_hash, SIAGA_HASH_BYTES, 0xa0);
	welcome->head = 4711;
}

/* [[number, accepted, batch], …] with `count` batches of `size` bytes. */
static inline struct siaga_bytes
make_deliveries (size_t count, size_t size)
{
	static uint8_t buffer[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, count);
	for (size_t i = 0; i < count; i++) {
		struct siaga_delivery delivery = {212 + i, MAKE_TIME_US, make_long_bytes (size)};
		siaga_delivery_write (&writer, &delivery);
	}
	if (writer.error)
		abort ();
	return (struct siaga_bytes){buffer, writer.size};
}

/* `count` sources with names of `size` bytes. */
static inline struct siaga_bytes
make_sources (size_t count, size_t size, const char *error)
{
	static uint8_t buffer[SIAGA_SOURCES_BYTES_MAX];
	static char name[SIAGA_SOURCE_NAME_MAX];
	struct siaga_writer writer;
	memset (name, 's', sizeof name);
	siaga_writer_init (&writer, buffer, sizeof buffer);
	siaga_writer_array (&writer, count);
	for (size_t i = 0; i < count; i++) {
		struct siaga_source source = {{name, size}, MAKE_TIME_US, MAKE_TIME_US,
					      4000 + i,	    200 + i,	  siaga_text (error)};
		siaga_source_write (&writer, &source);
	}
	if (writer.error)
		abort ();
	return (struct siaga_bytes){buffer, writer.size};
}

static inline void
make_subscribe (struct siaga_subscribe *subscribe)
{
	subscribe->id = 1;
	subscribe->filter.min_severity = SIAGA_SEVERITY_HIGH;
	subscribe->filter.origins.count = 1;
	subscribe->filter.origins.items[0] = siaga_text ("bssn");
	subscribe->cursor.has_log = true;
	make_run (subscribe->cursor.log_id, SIAGA_LOG_ID_BYTES, 0x10);
	subscribe->cursor.next = 212;
	subscribe->cursor.has_mark = true;
	make_run (subscribe->cursor.mark, SIAGA_HASH_BYTES, 0xa0);
	subscribe->credit = 262144;
}

static inline void
make_refused (struct siaga_message *message)
{
	struct siaga_refused *refused = &message->refused;
	refused->what = SIAGA_PUBLISH;
	refused->code = SIAGA_EMALFORMED;
	refused->words = siaga_text ("2 entries can never be taken");
	refused->has_epoch = true;
	make_run (refused->epoch, SIAGA_EPOCH_BYTES, 0xe0);
	refused->first_oseq = 5;
	refused->bad_count = 2;
	refused->bad = message->bad;
	message->bad[0] = (struct siaga_bad){0, SIAGA_EMALFORMED};
	message->bad[1] = (struct siaga_bad){2, SIAGA_EKNOWN};
}

/* An ordinary message of a type; HELLO and WELCOME: see make_hello (), make_welcome (). */
static inline void
make_message (struct siaga_message *message, enum siaga_message_type type)
{
	memset (message, 0, sizeof *message);
	message->type = type;
	switch (type) {
	case SIAGA_KNOCK:
		message->knock = (struct siaga_knock){1, 1};
		break;
	case SIAGA_CHALLENGE:
		message->challenge.version = 1;
		message->challenge.network = siaga_text (MAKE_NETWORK);
		make_run (message->challenge.nonce, SIAGA_NONCE_BYTES, 0x40);
		break;
	case SIAGA_HELLO:
		make_hello (&message->hello);
		break;
	case SIAGA_WELCOME:
		make_welcome (&message->welcome);
		break;
	case SIAGA_REFUSED:
		make_refused (message);
		break;
	case SIAGA_PUBLISH:
		message->publish.batch = make_long_bytes (8);
		break;
	case SIAGA_ACK:
		make_run (message->ack.epoch, SIAGA_EPOCH_BYTES, 0xe0);
		message->ack.oseq = 41;
		message->ack.number = 4711;
		break;
	case SIAGA_SUBSCRIBE:
		make_subscribe (&message->subscribe);
		break;
	case SIAGA_DELIVER:
		message->deliver =
			(struct siaga_deliver){1, 214, true, {0}, make_deliveries (2, 8)};
		make_run (message->deliver.mark, SIAGA_HASH_BYTES, 0xa0);
		break;
	case SIAGA_CREDIT:
		message->credit = (struct siaga_credit){1, 4096, 214};
		break;
	case SIAGA_STATUS:
		message->status = (struct siaga_status_message){
			MAKE_TIME_US, 1, 2, 3, 4, 5, make_sources (2, 8, ""), 6, 7, 8};
		break;
	case SIAGA_PONG:
		message->pong = (struct siaga_pong){MAKE_TIME_US, 4711, 7};
		break;
	case SIAGA_QUERY:
		message->query.id = 3;
		message->query.what = SIAGA_QUERY_STORY;
		message->query.has_uuid = true;
		make_id (message->query.uuid, 0x00);
		break;
	case SIAGA_RESULT:
		message->result = (struct siaga_result){3, 1, 2, make_long_bytes (8)};
		break;
	case SIAGA_ROSTER:
		message->roster.serial = 8;
		make_run (message->roster.sha256, SIAGA_HASH_BYTES, 0xa0);
		break;
	case SIAGA_CHECKPOINT:
		message->checkpoint.note = siaga_text ("note\n");
		break;
	case SIAGA_BYE:
		message->bye = (struct siaga_bye){SIAGA_EREPLACED,
						  siaga_text ("a newer session took over")};
		break;
	}
}

static inline void
make_extreme_refused (struct siaga_message *message)
{
	struct siaga_refused *refused = &message->refused;
	refused->what = UINT8_MAX;
	refused->code = -SIAGA_WIRE_CODE_MAX;
	refused->words = make_long_text (SIAGA_WORDS_MAX);
	refused->retry_ms = refused->first_oseq = refused->expected_oseq = SIAGA_OSEQ_MAX;
	refused->has_epoch = true;
	refused->bad_count = SIAGA_BAD_MAX;
	for (uint32_t i = 0; i < SIAGA_BAD_MAX; i++)
		refused->bad[i] = (struct siaga_bad){i, -SIAGA_WIRE_CODE_MAX};
	refused->id = UINT64_MAX;
}

static inline void
make_extreme_filter (struct siaga_filter *filter)
{
	filter->min_severity = SIAGA_SEVERITY_CRITICAL;
	filter->min_certainty = SIAGA_CERTAINTY_OBSERVED;
	filter->statuses = 15;
	filter->kinds = 127;
	filter->accepted_from_us = SIAGA_OSEQ_MAX;
	filter->categories.count = filter->systems.count = filter->origins.count =
		SIAGA_FILTER_ITEMS_MAX;
	for (size_t i = 0; i < SIAGA_FILTER_ITEMS_MAX; i++) {
		filter->categories.items[i] = make_long_text (SIAGA_CATEGORY_MAX);
		filter->systems.items[i] = make_long_text (SIAGA_SYSTEM_MAX);
		filter->origins.items[i] = make_long_text (SIAGA_MEMBER_MAX);
	}
}

/* Everything at its limit, for those types that have one. */
static inline void
make_extreme_message (struct siaga_message *message, enum siaga_message_type type)
{
	const uint64_t max = SIAGA_OSEQ_MAX;
	make_message (message, type);
	switch (type) {
	case SIAGA_KNOCK:
		message->knock = (struct siaga_knock){1, max};
		break;
	case SIAGA_CHALLENGE:
		message->challenge.version = max;
		message->challenge.network = make_long_text (SIAGA_NETWORK_MAX);
		break;
	case SIAGA_REFUSED:
		make_extreme_refused (message);
		break;
	case SIAGA_PUBLISH:
		message->publish.batch = make_long_bytes (SIAGA_BATCH_MAX);
		break;
	case SIAGA_ACK:
		message->ack.oseq = message->ack.number = max;
		break;
	case SIAGA_SUBSCRIBE:
		message->subscribe.id = UINT64_MAX;
		make_extreme_filter (&message->subscribe.filter);
		message->subscribe.cursor.next = max;
		message->subscribe.credit = SIAGA_CREDIT_MAX;
		break;
	case SIAGA_DELIVER:
		message->deliver.id = UINT64_MAX;
		message->deliver.through = max;
		message->deliver.items = make_deliveries (1, SIAGA_BATCH_MAX);
		break;
	case SIAGA_CREDIT:
		message->credit = (struct siaga_credit){UINT64_MAX, SIAGA_CREDIT_MAX, max};
		break;
	case SIAGA_STATUS:
		message->status = (struct siaga_status_message){
			max,
			max,
			max,
			max,
			max,
			max,
			make_sources (SIAGA_SOURCES_MAX, SIAGA_SOURCE_NAME_MAX,
				      "what is wrong with this source"),
			max,
			max,
			max};
		break;
	case SIAGA_PONG:
		message->pong = (struct siaga_pong){max, max, max};
		break;
	case SIAGA_QUERY:
		message->query.id = UINT64_MAX;
		message->query.what = max;
		message->query.has_number = true;
		message->query.number = max;
		break;
	case SIAGA_RESULT:
		message->result =
			(struct siaga_result){UINT64_MAX, SIAGA_PARTS_MAX, SIAGA_PARTS_MAX,
					      make_long_bytes (SIAGA_MESSAGE_MAX - 64)};
		break;
	case SIAGA_ROSTER:
		message->roster.serial = max;
		break;
	case SIAGA_CHECKPOINT:
		message->checkpoint.note = make_long_text (SIAGA_CHECKPOINT_MAX);
		break;
	case SIAGA_BYE:
		message->bye =
			(struct siaga_bye){-SIAGA_WIRE_CODE_MAX, make_long_text (SIAGA_WORDS_MAX)};
		break;
	case SIAGA_HELLO:
		message->hello.network = make_long_text (SIAGA_NETWORK_MAX);
		message->hello.software = make_long_text (SIAGA_SOFTWARE_MAX);
		message->hello.roster_serial = message->hello.last_oseq = max;
		break;
	case SIAGA_WELCOME:
		message->welcome.network = make_long_text (SIAGA_NETWORK_MAX);
		message->welcome.roster_serial = message->welcome.held_oseq =
			message->welcome.head = max;
		message->welcome.checkpoint = make_long_text (SIAGA_CHECKPOINT_MAX);
		break;
	}
}

/* Encodes any message, signing with the sample key where it takes a signature. */
static inline struct siaga_bytes
make_frame (uint8_t *out, size_t capacity, const struct siaga_message *message)
{
	uint8_t sign[SIAGA_KEY_BYTES], sign_secret[64];
	struct siaga_writer writer;
	int rc;
	make_keys (sign, sign_secret);
	siaga_writer_init (&writer, out, capacity);
	if (message->type == SIAGA_HELLO)
		rc = siaga_hello_write (&writer, &message->hello, sign_secret);
	else if (message->type == SIAGA_WELCOME)
		rc = siaga_welcome_write (&writer, &message->welcome, sign_secret);
	else
		rc = siaga_message_write (&writer, message);
	if (rc)
		abort ();
	return (struct siaga_bytes){out, writer.size};
}

#endif
