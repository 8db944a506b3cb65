/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core without processes: a journal in memory, a roster of four members, and the test in the gate's place.
 * Connections are numbers; what the core sends them is taken from its queue.
 */
#ifndef SIAGA_TESTS_HUB_FIXTURE_H
#define SIAGA_TESTS_HUB_FIXTURE_H

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#ifndef HUB_FIXTURE_ALONE /* a fuzz target: no cmocka, what must hold aborts */
#include <cmocka.h>
#else
#define assert_true(what) ((what) ? (void) 0 : abort ())
#define assert_non_null(what) assert_true (what)
#define assert_int_equal(a, b) assert_true ((a) == (b))
#define fail_msg(...) abort ()
#endif

#include <sodium.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "roster_fixture.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

#define HUB_GENERATION 7
#define HUB_ENTRIES_MAX 128

static const char hub_roster[] =
	"network = \"pemilu-2024\";\n"
	"serial = 7;\n"
	"issued = \"2000-01-01T00:00:00Z\";\n"
	"expires = \"2100-01-01T00:00:00Z\";\n"
	"grace = \"14d\";\n"
	"hub = { principal = \"kpu/hub\"; addresses = [\"tcp://127.0.0.1:7766\"]; };\n"
	"members = (\n"
	"  { name = \"kpu\"; clearance = \"red\"; },\n"
	"  { name = \"bssn\"; clearance = \"red\"; },\n"
	"  { name = \"polri\"; clearance = \"red\"; },\n"
	"  { name = \"brin\"; clearance = \"green\"; }\n"
	");\n"
	"principals = (\n"
	"  { name = \"kpu/hub\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/hub@\"; }); },\n"
	"  { name = \"kpu/ops\"; roles = [\"operate\"]; keys = ({ card = \"@kpu/ops@\"; }); },\n"
	"  { name = \"bssn/soc-1\"; roles = [\"publish\", \"read\"];\n"
	"    keys = ({ card = \"@bssn/soc-1@\"; },\n"
	"      { card = \"@bssn/soc-1:old@\"; until = \"2001-01-01T00:00:00Z\"; }); },\n"
	"  { name = \"polri/dewi\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@polri/dewi@\"; }); },\n"
	"  { name = \"brin/rina\"; roles = [\"respond\", \"read\"]; keys = ({ card = \"@brin/rina@\"; }); }\n"
	");\n"
	"systems = ({ name = \"sirekap\"; owner = \"kpu\"; });\n"
	"playbook = ({ lead = \"kpu\"; });\n";

struct hub {
	struct trust trust;
	struct core *core;
	struct siaga_message in; /* the last one taken; borrows from frame */
	uint8_t frame[SIAGA_MESSAGE_MAX];
	size_t frame_size;
	bool was_cut[64]; /* by connection, since it was opened */
};

/* One publisher's lane, and what it published last. */
struct hub_lane {
	uint64_t conn;
	const struct siaga_identity *identity;
	uint8_t epoch[SIAGA_EPOCH_BYTES];
	uint64_t oseq;
	size_t count; /* entries of the batch being made, and their bytes: */
	struct siaga_bytes entries[HUB_ENTRIES_MAX];
	uint8_t room[HUB_ENTRIES_MAX][1024];
	uint8_t batch[SIAGA_BATCH_MAX];
	size_t batch_size;
};

static inline void
hub_gate_says (struct hub *hub, enum packet_type type, uint64_t conn, const uint8_t *key,
	       struct siaga_bytes payload)
{
	struct packet packet = {.type = type, .generation = HUB_GENERATION, .conn = conn};

	if (key)
		memcpy (packet.key, key, sizeof packet.key);
	core_on_packet (hub->core, &packet, payload);
}

static inline struct siaga_roster *
hub_parse (const char *roster)
{
	static char text[FIXTURE_TEXT_MAX];
	struct siaga_roster *parsed;
	struct conf_error error = {""};

	assert_int_equal (siaga_crypto_init (), 0);
	fixture_expand (text, roster);
	if (roster_parse ("roster", fixture_bytes (text), &parsed, &error) != 0)
		fail_msg ("%s", error.words);
	return parsed;
}

/* With this roster, which is consumed. */
static inline struct hub *
hub_new_with (struct siaga_roster *roster)
{
	struct hub *hub = calloc (1, sizeof *hub);
	struct journal *writing, *reading;

	assert_non_null (hub);
	log_open ("test", LOG_TO_NOTHING, -2);
	hub->trust.roster = roster;
	hub->trust.identity = (struct siaga_identity *) fixture_identity ("kpu/hub");
	assert_int_equal (journal_open_memory (&writing), 0);
	assert_int_equal (journal_memory_reader (writing, &reading), 0);
	assert_int_equal (core_new (&hub->core, &hub->trust, &writing, &reading), 0);
	core_start (hub->core);
	hub_gate_says (hub, PACKET_GATE_UP, 0, NULL, NO_BYTES);
	return hub;
}

static inline struct hub *
hub_new (void)
{
	return hub_new_with (hub_parse (hub_roster));
}

/* Another roster comes into force. */
static inline void
hub_adopt (struct hub *hub, const char *roster)
{
	struct siaga_roster *old = hub->trust.roster;

	hub->trust.roster = hub_parse (roster);
	core_on_roster (hub->core);
	siaga_roster_destroy (&old);
}

static inline void
hub_destroy (struct hub **hub_p)
{
	core_destroy (&(*hub_p)->core);
	siaga_roster_destroy (&(*hub_p)->trust.roster);
	free (*hub_p);
	*hub_p = NULL;
}

/* Lets the writer finish. A fuzzing engine interrupts with its alarms. */
static inline void
hub_wait_jobs (struct hub *hub)
{
	struct pollfd results = {.fd = core_results_fd (hub->core), .events = POLLIN};
	int ready;

	while (hub->core->jobs > 0) {
		do
			ready = poll (&results, 1, 30000);
		while (ready < 0 && errno == EINTR);
		assert_int_equal (ready, 1);
		core_on_results (hub->core);
	}
}

/* The same, and lets the core do what there is to do. */
static inline void
hub_settle (struct hub *hub)
{
	hub_wait_jobs (hub);
	while (core_work (hub->core))
		continue;
	assert_int_equal (core_status (hub->core), 0);
}

/* The next message for a connection into hub->in: its type, or 0. Others' are dropped, cuts are noted. */
static inline int
hub_take (struct hub *hub, uint64_t conn)
{
	struct packet packet;
	struct siaga_bytes payload;
	bool found = false;

	while (!found && packet_queue_first (core_out (hub->core), &packet, &payload)) {
		if (packet.type == PACKET_CUT && packet.conn < 64)
			hub->was_cut[packet.conn] = true;
		found = packet.type == PACKET_SEND && packet.conn == conn;
		if (found)
			memcpy (hub->frame, payload.data, payload.size);
		hub->frame_size = payload.size;
		packet_queue_drop_first (core_out (hub->core));
	}
	if (!found)
		return 0;
	struct siaga_bytes frame = {hub->frame, hub->frame_size};
	assert_int_equal (siaga_message_read (frame, &hub->in), 0);
	return (int) hub->in.type;
}

/* Has the core cut it? Takes whatever is queued. */
static inline bool
hub_is_cut (struct hub *hub, uint64_t conn)
{
	while (hub_take (hub, conn))
		continue;
	return hub->was_cut[conn];
}

static inline void
hub_says (struct hub *hub, uint64_t conn, const struct siaga_message *message)
{
	static uint8_t frame[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, frame, sizeof frame);
	assert_int_equal (siaga_message_write (&writer, message), 0);
	hub_gate_says (hub, PACKET_MESSAGE, conn, NULL, (struct siaga_bytes){frame, writer.size});
}

/* A message to be filled in. */
static inline struct siaga_message *
hub_message (enum siaga_message_type type)
{
	static struct siaga_message message;

	memset (&message, 0, sizeof message);
	message.type = type;
	return &message;
}

static inline void
hub_knock (struct hub *hub, uint64_t conn, const char *principal)
{
	struct siaga_message *message = hub_message (SIAGA_KNOCK);

	while (hub_take (hub, conn)) /* of its life before */
		continue;
	hub->was_cut[conn] = false;
	hub_gate_says (hub, PACKET_OPEN, conn, fixture_identity (principal)->card.transport,
		       NO_BYTES);
	message->knock.min_version = message->knock.max_version = SIAGA_PROTOCOL_VERSION;
	hub_says (hub, conn, message);
}

/* A truthful HELLO after the CHALLENGE just taken. */
static inline struct siaga_hello
hub_hello (struct hub *hub, const char *principal, const uint8_t *epoch)
{
	const struct siaga_identity *identity = fixture_identity (principal);
	struct siaga_hello hello = {
		.network = siaga_text ("pemilu-2024"),
		.principal = siaga_text (identity->card.principal),
		.software = siaga_text ("test"),
		.roster_serial = 7,
		.has_epoch = epoch != NULL,
	};

	assert_int_equal (hub->in.type, SIAGA_CHALLENGE);
	memcpy (hello.hub_nonce, hub->in.challenge.nonce, sizeof hello.hub_nonce);
	randombytes_buf (hello.nonce, sizeof hello.nonce);
	memcpy (hello.transport, identity->card.transport, sizeof hello.transport);
	siaga_key_id (hello.key_id, identity->card.sign);
	if (epoch)
		memcpy (hello.epoch, epoch, sizeof hello.epoch);
	return hello;
}

static inline void
hub_says_hello (struct hub *hub, uint64_t conn, const char *principal,
		const struct siaga_hello *hello)
{
	static uint8_t frame[SIAGA_MESSAGE_MAX];
	struct siaga_writer writer;

	siaga_writer_init (&writer, frame, sizeof frame);
	assert_int_equal (
		siaga_hello_write (&writer, hello, fixture_identity (principal)->sign_secret), 0);
	hub_gate_says (hub, PACKET_MESSAGE, conn, NULL, (struct siaga_bytes){frame, writer.size});
}

/* From OPEN to WELCOME, which stands in hub->in. */
static inline void
hub_open (struct hub *hub, uint64_t conn, const char *principal, const uint8_t *epoch)
{
	hub_knock (hub, conn, principal);
	assert_int_equal (hub_take (hub, conn), SIAGA_CHALLENGE);
	struct siaga_hello hello = hub_hello (hub, principal, epoch);
	hub_says_hello (hub, conn, principal, &hello);
	assert_int_equal (hub_take (hub, conn), SIAGA_WELCOME);
	assert_int_equal (siaga_welcome_verify (&hub->in.welcome, siaga_text ("pemilu-2024"),
						hub->trust.identity->card.sign),
			  0);
}

static inline void
hub_lane_open (struct hub *hub, struct hub_lane *lane, uint64_t conn, const char *principal)
{
	memset (lane, 0, sizeof *lane);
	lane->conn = conn;
	lane->identity = fixture_identity (principal);
	randombytes_buf (lane->epoch, sizeof lane->epoch);
	hub_open (hub, conn, principal, lane->epoch);
}

/* A small alert of the lane's principal. */
static inline struct siaga_header
hub_header (const struct hub_lane *lane, enum siaga_tlp tlp)
{
	static uint64_t now_ms = 1795507200000;
	struct siaga_header header = {
		.origin = siaga_text (lane->identity->card.principal),
		.created_us = now_ms * 1000,
		.severity = SIAGA_SEVERITY_HIGH,
		.category = siaga_text ("intrusion-attempts/brute-force"),
		.tlp = tlp,
	};
	uint8_t random[10];

	randombytes_buf (random, sizeof random);
	siaga_uuid_make (header.id, now_ms++, random);
	return header;
}

/* Puts an entry into the batch being made; its ref is what others may refer to it by. */
static inline struct siaga_ref
hub_add (struct hub_lane *lane, const struct siaga_header *header, const char *title)
{
	static struct siaga_body body;
	struct siaga_writer writer;
	struct siaga_ref ref;

	memset (&body, 0, sizeof body);
	if (header->kind == SIAGA_KIND_RESPONSE)
		body.description = siaga_text (title);
	else
		body.title = siaga_text (title);
	siaga_writer_init (&writer, lane->room[lane->count], sizeof lane->room[0]);
	assert_int_equal (siaga_entry_write (&writer, header, &body), 0);
	lane->entries[lane->count++] = (struct siaga_bytes){writer.data, writer.size};
	memcpy (ref.id, header->id, sizeof ref.id);
	siaga_merkle_leaf (ref.leaf, writer.data, writer.size);
	return ref;
}

/* Signs what was added as the lane's batch at `first_oseq`. */
static inline struct siaga_bytes
hub_batch (struct hub_lane *lane, uint64_t first_oseq)
{
	struct siaga_batch_head head = {
		.network = siaga_text ("pemilu-2024"),
		.origin = siaga_text (lane->identity->card.principal),
		.first_oseq = first_oseq,
	};
	struct siaga_writer writer;

	siaga_key_id (head.key_id, lane->identity->card.sign);
	memcpy (head.epoch, lane->epoch, sizeof head.epoch);
	siaga_writer_init (&writer, lane->batch, sizeof lane->batch);
	assert_int_equal (siaga_batch_make (&writer, &head, lane->entries, lane->count,
					    lane->identity->sign_secret),
			  0);
	lane->batch_size = writer.size;
	return (struct siaga_bytes){lane->batch, writer.size};
}

/* Publishes what was added, without waiting. */
static inline void
hub_publish_only (struct hub *hub, struct hub_lane *lane)
{
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);

	message->publish.batch = hub_batch (lane, lane->oseq + 1);
	hub_says (hub, lane->conn, message);
	lane->oseq += lane->count;
	lane->count = 0;
}

/* The same, and takes the answer, which stands in hub->in; its type. */
static inline int
hub_publish (struct hub *hub, struct hub_lane *lane)
{
	hub_publish_only (hub, lane);
	hub_settle (hub);
	return hub_take (hub, lane->conn);
}

static inline void
hub_subscribe (struct hub *hub, uint64_t conn, const struct siaga_filter *filter, uint64_t next,
	       uint64_t credit)
{
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);

	message->subscribe.id = 1;
	message->subscribe.cursor.next = next;
	message->subscribe.credit = credit;
	if (filter)
		message->subscribe.filter = *filter;
	hub_says (hub, conn, message);
	hub_settle (hub);
}

#endif
