/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of a session, one body frame each (PROTOCOL.md section 6): a CBOR array whose first item is
 * the message's type. Reading borrows from the frame.
 */
#ifndef SIAGA_WIRE_H
#define SIAGA_WIRE_H

#include "siaga/filter.h"

enum siaga_message_type {
	SIAGA_KNOCK = 1,
	SIAGA_CHALLENGE = 2,
	SIAGA_HELLO = 3,
	SIAGA_WELCOME = 4,
	SIAGA_REFUSED = 5,
	SIAGA_PUBLISH = 6,
	SIAGA_ACK = 7,
	SIAGA_SUBSCRIBE = 8,
	SIAGA_DELIVER = 9,
	SIAGA_CREDIT = 10,
	SIAGA_STATUS = 11,
	SIAGA_PONG = 12,
	SIAGA_QUERY = 13,
	SIAGA_RESULT = 14,
	SIAGA_ROSTER = 15,
	SIAGA_CHECKPOINT = 16,
	SIAGA_BYE = 17,
};

/* C: [1, "siaga", min version, max version] */
struct siaga_knock {
	uint64_t min_version;
	uint64_t max_version;
};

/* H: [2, version, network, nonce] */
struct siaga_challenge {
	uint64_t version;
	struct siaga_text network;
	uint8_t nonce[SIAGA_NONCE_BYTES];
};

/* C: [3, signed bstr, signature]; signed = [network, hub nonce, own nonce, principal, key id, transport key,
   software, roster serial, epoch (8 bytes, or empty: publishes nothing), last oseq cut] */
struct siaga_hello {
	struct siaga_bytes signed_bytes;
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
	struct siaga_text network;
	uint8_t hub_nonce[SIAGA_NONCE_BYTES];
	uint8_t nonce[SIAGA_NONCE_BYTES];
	struct siaga_text principal;
	uint8_t key_id[SIAGA_KEY_ID_BYTES];
	uint8_t transport[SIAGA_KEY_BYTES];
	struct siaga_text software;
	uint64_t roster_serial;
	bool has_epoch;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t last_oseq; /* last cut in this epoch; 0: none */
};

/* H: [4, signed bstr, signature]; signed = [network, hub nonce, client's nonce, log id, roster serial,
   last oseq held for the epoch, hash of the head of the batch that holds it (32 bytes, or empty when 0),
   head (next log number), checkpoint (text; empty)] */
struct siaga_welcome {
	struct siaga_bytes signed_bytes;
	uint8_t signature[SIAGA_SIGNATURE_BYTES];
	struct siaga_text network;
	uint8_t hub_nonce[SIAGA_NONCE_BYTES];
	uint8_t nonce[SIAGA_NONCE_BYTES];
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	uint64_t roster_serial;
	uint64_t held_oseq;
	bool has_held;
	uint8_t held_hash[SIAGA_HASH_BYTES]; /* siaga_head_hash () */
	uint64_t head;
	struct siaga_text checkpoint;
};

/* One entry of a batch that can never be taken. */
struct siaga_bad {
	uint32_t index;
	int code; /* negative SIAGA_E… */
};

/* H: [5, refused type, code, words, {1: retry ms, 2: epoch, 3: first oseq, 4: expected oseq,
   5: [[index, code], …], 6: subscription or query id}] */
struct siaga_refused {
	enum siaga_message_type what; /* the refused message's type */
	int code;		      /* negative SIAGA_E… */
	struct siaga_text words;
	uint64_t retry_ms; /* 0: never */
	bool has_epoch;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t first_oseq;
	uint64_t expected_oseq;
	size_t bad_count;
	struct siaga_bad *bad; /* writing: the caller's; reading: see siaga_message */
	uint64_t id;
};

/* C: [6, batch bstr] */
struct siaga_publish {
	struct siaga_bytes batch;
};

/* H: [7, epoch, oseq, number]: durable up to and including oseq, whose log number is `number` */
struct siaga_ack {
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq;
	uint64_t number;
};

/* Where a reader is in a log: the next number it wants and, as proof that it is the same log, the log leaf
   hash of number next - 1 (has_mark false: none known; always so when next is 0). */
struct siaga_cursor {
	bool has_log; /* false: whichever log the hub has */
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	uint64_t next;
	bool has_mark;
	uint8_t mark[SIAGA_HASH_BYTES];
};

/* C: [8, id, filter, [log id (16 bytes or empty), next, mark (32 bytes or empty)], credit bytes] */
struct siaga_subscribe {
	uint64_t id;
	struct siaga_filter filter;
	struct siaga_cursor cursor;
	uint64_t credit;
};

/* In a DELIVER or a RESULT: one batch in any form. number is that of the batch's index 0. */
struct siaga_delivery {
	uint64_t number;
	uint64_t accepted_us;
	struct siaga_bytes batch;
};

/* H: [9, id, through, mark (32 bytes or empty when through is 0), [[number, accepted, batch bstr], …]] */
struct siaga_deliver {
	uint64_t id;
	uint64_t through; /* the reader's next number is now at least this */
	bool has_mark;
	uint8_t mark[SIAGA_HASH_BYTES]; /* log leaf hash of through - 1 */
	struct siaga_bytes items;	/* the encoded array: siaga_deliveries_… */
};

/* C: [10, id, more bytes, through] */
struct siaga_credit {
	uint64_t id;
	uint64_t more;
	uint64_t through;
};

/* One source of an agent, as its heartbeat tells: [name, last line, last alert, lines, alerts, error]. Times in
   microseconds since 1970, 0: none yet; lines and alerts since the agent's start; error empty: none. */
struct siaga_source {
	struct siaga_text name;
	uint64_t last_line_us;
	uint64_t last_alert_us;
	uint64_t lines;
	uint64_t alerts;
	struct siaga_text error;
};

/* C: [11, {1: now, 2: started, 3: waiting entries, 4: waiting bytes, 5: oldest waiting entry's time,
   6: batches in flight, 7: [source, …], 8: lines lost, ever, 9: free bytes on the disk of the state,
   10: entries set aside}]; keys from 11 on are skipped. Times in microseconds since 1970. */
struct siaga_status_message {
	uint64_t now_us;
	uint64_t started_us;
	uint64_t waiting;
	uint64_t waiting_bytes;
	uint64_t oldest_us;
	uint64_t in_flight;
	struct siaga_bytes sources; /* the encoded array: siaga_sources_…; empty: none told */
	uint64_t lost;
	uint64_t disk_free;
	uint64_t aside;
};

/* H: [12, now, head, roster serial] */
struct siaga_pong {
	uint64_t now_us;
	uint64_t head;
	uint64_t roster_serial;
};

enum siaga_query_what {
	SIAGA_QUERY_ENTRY = 1,	/* by number or by id: the answer is a delivery list of one */
	SIAGA_QUERY_STATUS = 2, /* the answer is a CBOR map, PROTOCOL.md section 6.8 */
	SIAGA_QUERY_STORY = 3,	/* by id: the alert and every entry that refers to it */
	SIAGA_QUERY_ROSTER = 4, /* [roster.conf bstr, [minisig text, …]] */
	SIAGA_QUERY_LEAVES =
		5,	       /* by number: the log's leaf hashes from there on, laid end to end */
	SIAGA_QUERY_PROOF = 6, /* by number: [checkpoint note, number, [hash, …]] */
	SIAGA_QUERY_CHECKPOINT = 7, /* the note */
};

/* C: [13, id, what, {1: number, 2: uuid}] */
struct siaga_query {
	uint64_t id;
	uint64_t what;
	bool has_number;
	uint64_t number;
	bool has_uuid;
	uint8_t uuid[SIAGA_ID_BYTES];
};

/* H: [14, id, part, of, payload bstr]; the payloads of all parts laid end to end are the answer */
struct siaga_result {
	uint64_t id;
	uint64_t part; /* 1 … of */
	uint64_t of;
	struct siaga_bytes payload;
};

/* H: [15, serial, sha256]: a newer roster is in force; ask for it */
struct siaga_roster_notice {
	uint64_t serial;
	uint8_t sha256[SIAGA_HASH_BYTES];
};

/* H: [16, note text]: a signed checkpoint */
struct siaga_checkpoint_message {
	struct siaga_text note;
};

/* both: [17, code, words]; code 0: done */
struct siaga_bye {
	int code;
	struct siaga_text words;
};

struct siaga_message {
	enum siaga_message_type type;
	union {
		struct siaga_knock knock;
		struct siaga_challenge challenge;
		struct siaga_hello hello;
		struct siaga_welcome welcome;
		struct siaga_refused refused;
		struct siaga_publish publish;
		struct siaga_ack ack;
		struct siaga_subscribe subscribe;
		struct siaga_deliver deliver;
		struct siaga_credit credit;
		struct siaga_status_message status;
		struct siaga_pong pong;
		struct siaga_query query;
		struct siaga_result result;
		struct siaga_roster_notice roster;
		struct siaga_checkpoint_message checkpoint;
		struct siaga_bye bye;
	};
	struct siaga_bad bad[SIAGA_BAD_MAX]; /* where refused.bad points after reading */
};

/* Reads one message, wholly consumed: 0, SIAGA_EMALFORMED, SIAGA_ELIMIT, SIAGA_EGRAMMAR (unknown type),
   SIAGA_EUPGRADE. Signatures are not checked. */
int
siaga_message_read (struct siaga_bytes frame, struct siaga_message *message);

/* Writes any message but HELLO and WELCOME, which need a signature: siaga_hello_write (),
   siaga_welcome_write (). Returns 0 or SIAGA_ELIMIT. */
int
siaga_message_write (struct siaga_writer *writer, const struct siaga_message *message);

/* Sign and write; signed_bytes and signature of the record are ignored. 0 or SIAGA_ELIMIT. */
int
siaga_hello_write (struct siaga_writer *writer, const struct siaga_hello *hello,
		   const uint8_t sign_secret[64]);
int
siaga_welcome_write (struct siaga_writer *writer, const struct siaga_welcome *welcome,
		     const uint8_t sign_secret[64]);

/* Check the signature with the verifier's own network: 0, SIAGA_ENETWORK, SIAGA_ESIGNATURE. */
int
siaga_hello_verify (const struct siaga_hello *hello, struct siaga_text network,
		    const uint8_t sign[SIAGA_KEY_BYTES]);
int
siaga_welcome_verify (const struct siaga_welcome *welcome, struct siaga_text network,
		      const uint8_t sign[SIAGA_KEY_BYTES]);

/* The items of a DELIVER, or the payload of an ENTRY or STORY result: an array of [number, accepted, batch].
   Init the reader with items.data/size, read the head for the count, then each. */
size_t
siaga_deliveries_begin (struct siaga_reader *reader);
void
siaga_delivery_read (struct siaga_reader *reader, struct siaga_delivery *delivery);
void
siaga_delivery_write (struct siaga_writer *writer, const struct siaga_delivery *delivery);

/* The sources of a STATUS, as the deliveries above. Texts are cut to their limits, at a character's end. */
size_t
siaga_sources_begin (struct siaga_reader *reader);
void
siaga_source_read (struct siaga_reader *reader, struct siaga_source *source);
void
siaga_source_write (struct siaga_writer *writer, const struct siaga_source *source);

/* Bytes [number, accepted, batch] adds to the batch's own at most. */
#define SIAGA_DELIVERY_OVERHEAD 24

/* "HELLO", …; "unknown" for what is no type. */
const char *
siaga_message_name (enum siaga_message_type type);

#endif
