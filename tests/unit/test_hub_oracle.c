/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What brin/rina, cleared for green, can learn of an entry that is not for her. The verdicts, by DESIGN section 4
 * ("that something exists may show; nothing else may"):
 *
 *	contents and routing fields    nothing: whatever a hidden entry says, what she is sent differs in hashes alone
 *	refs, queries                  the answer is that of an entry that does not exist, byte for byte
 *	a story                        what is hidden of it leaves no trace
 *	an id used again               `known`: it exists. She has to know its 74 random bits to ask.
 *	a cursor's mark                says whether a guess of log leaf is right: of the very bytes and the moment of
 *	                               acceptance; she was sent that hash anyway, and can test guesses at home
 */
#include "hub_fixture.h"
#include "siaga/merkle.h"

#define MESSAGES_MAX 64

static struct hub *s_hub;
static struct hub_lane s_lane, s_rina;

static void
open_all (void)
{
	s_hub = hub_new ();
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_lane_open (s_hub, &s_rina, 3, "brin/rina");
}

static int
begin (void **state)
{
	(void) state;
	open_all ();
	return 0;
}

static int
end (void **state)
{
	(void) state;
	hub_destroy (&s_hub);
	return 0;
}

static struct siaga_header
secret (void)
{
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_RED);

	header.audience_count = 1;
	header.audience[0] = siaga_text ("polri");
	return header;
}

static struct siaga_ref
publish_one (struct siaga_header header, const char *title)
{
	struct siaga_ref ref = hub_add (&s_lane, &header, title);

	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
	return ref;
}

/* --- contents and routing fields ----------------------------------------------------------------------------- */

/* Of one DELIVER: all that is not a hash or a signature. */
struct trace {
	uint64_t through;
	size_t deliveries;
	size_t size;
	uint64_t numbers[MESSAGES_MAX];
	size_t shown[MESSAGES_MAX]; /* entries of each, and where: */
	uint64_t places[MESSAGES_MAX];
};

struct traces {
	size_t count;
	struct trace of[MESSAGES_MAX];
};

static void
trace_one (struct trace *trace)
{
	static struct siaga_batch batch;
	struct siaga_bytes items = s_hub->in.deliver.items;
	struct siaga_reader reader;
	struct siaga_delivery delivery;

	memset (trace, 0, sizeof *trace);
	trace->through = s_hub->in.deliver.through;
	trace->size = s_hub->frame_size;
	siaga_reader_init (&reader, items.data, items.size);
	trace->deliveries = siaga_deliveries_begin (&reader);
	for (size_t i = 0; i < trace->deliveries; i++) {
		siaga_delivery_read (&reader, &delivery);
		assert_int_equal (siaga_batch_read (delivery.batch, &batch), 0);
		trace->numbers[i] = delivery.number;
		for (uint32_t k = 0; k < batch.slot_count; k++) {
			if (batch.slots[k].entry.size == 0)
				continue;
			trace->shown[i]++;
			trace->places[i] = trace->places[i] * 64 + batch.index + k;
		}
	}
}

/* A log in which some entries are hidden, those with these settings; what rina is sent of it, live and by each of
   the filters in replay. */
static void
trace_log (const struct siaga_header *like, const char *title, struct traces *traces)
{
	struct siaga_filter filters[5] = {0};

	filters[1].min_severity = SIAGA_SEVERITY_CRITICAL;
	filters[2].categories = (struct siaga_filter_list){1, {siaga_text ("fraud")}};
	filters[3].origins = (struct siaga_filter_list){1, {siaga_text ("bssn")}};
	filters[4].statuses = 1u << SIAGA_STATUS_TEST;
	open_all ();
	traces->count = 0;
	hub_subscribe (s_hub, 3, NULL, 0, SIAGA_CREDIT_MAX);
	for (int i = 0; i < 12; i++) {
		for (int k = 0; k < 1 + i % 4; k++) {
			struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
			if ((i + k) % 3 == 0) {
				struct siaga_header hidden = *like;
				hidden.origin = header.origin;
				memcpy (hidden.id, header.id, sizeof hidden.id);
				hidden.created_us = header.created_us;
				header = hidden;
			}
			hub_add (&s_lane, &header, (i + k) % 3 == 0 ? title : "for everybody");
		}
		hub_publish_only (s_hub, &s_lane);
		hub_settle (s_hub);
		while (hub_take (s_hub, 3) == SIAGA_DELIVER)
			trace_one (&traces->of[traces->count++]);
	}
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		hub_subscribe (s_hub, 3, &filters[i], 0, SIAGA_CREDIT_MAX);
		while (hub_take (s_hub, 3) == SIAGA_DELIVER)
			trace_one (&traces->of[traces->count++]);
	}
	hub_destroy (&s_hub);
}

static void
test_nothing_but_hashes_depends_on_what_a_hidden_entry_says (void **state)
{
	static struct traces one, other;
	struct siaga_header like;

	(void) state;
	open_all ();
	like = secret ();
	hub_destroy (&s_hub);
	trace_log (&like, "short", &one);

	like.severity = SIAGA_SEVERITY_CRITICAL;
	like.certainty = SIAGA_CERTAINTY_OBSERVED;
	like.category = siaga_text ("fraud/phishing");
	like.status = SIAGA_STATUS_TEST;
	like.tlp = SIAGA_TLP_AMBER;
	like.audience_count = 0;
	like.system = siaga_text ("sirekap");
	like.expires_us = UINT64_C (1) << 52;
	trace_log (&like, "a title of another length altogether", &other);

	assert_true (one.count > 5);
	assert_int_equal (one.count, other.count);
	for (size_t i = 0; i < one.count; i++)
		assert_memory_equal (&one.of[i], &other.of[i], sizeof one.of[i]);
	open_all (); /* for end () */
}

/* --- refs, ids, marks ------------------------------------------------------------------------------------------ */

static int
respond_to (const struct siaga_ref *ref, enum siaga_tlp tlp, const char *audience)
{
	struct siaga_header header = hub_header (&s_rina, tlp);

	header.kind = SIAGA_KIND_RESPONSE;
	header.action = SIAGA_ACTION_COMMENT;
	header.category = siaga_text (NULL);
	header.refs[header.ref_count++] = *ref;
	header.audience_count = audience != NULL;
	header.audience[0] = siaga_text (audience);
	s_rina.count = 0;
	hub_add (&s_rina, &header, "?");
	int type = hub_publish (s_hub, &s_rina);
	if (type == SIAGA_REFUSED)
		s_rina.oseq--;
	return type;
}

static void
test_refusal_of_a_ref_is_the_same_for_hidden_and_unknown (void **state)
{
	static uint8_t frame[SIAGA_MESSAGE_MAX];
	struct siaga_ref hidden = publish_one (secret (), "secret"), unknown;

	(void) state;
	randombytes_buf (&unknown, sizeof unknown);
	unknown.id[6] = 0x70 | (unknown.id[6] & 15);
	unknown.id[8] = 0x80 | (unknown.id[8] & 63);
	/* With the right bytes, with others, with the right TLP and audience. */
	assert_int_equal (respond_to (&unknown, SIAGA_TLP_RED, "polri"), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.bad[0].code, SIAGA_EREF);
	size_t size = s_hub->frame_size;
	memcpy (frame, s_hub->frame, size);
	assert_int_equal (respond_to (&hidden, SIAGA_TLP_RED, "polri"), SIAGA_REFUSED);
	assert_int_equal (s_hub->frame_size, size);
	assert_memory_equal (s_hub->frame, frame, size);
	assert_int_equal (respond_to (&hidden, SIAGA_TLP_GREEN, NULL), SIAGA_REFUSED);
	assert_memory_equal (s_hub->frame, frame, size);
	hidden.leaf[0] ^= 1;
	assert_int_equal (respond_to (&hidden, SIAGA_TLP_RED, "polri"), SIAGA_REFUSED);
	assert_memory_equal (s_hub->frame, frame, size);
}

/* The verdict on `known` at the head of this file: existence, and nothing else. */
static void
test_id_used_again_is_known_whether_hidden_or_not (void **state)
{
	static uint8_t frame[SIAGA_MESSAGE_MAX];
	struct siaga_ref hidden = publish_one (secret (), "secret");
	struct siaga_ref shown = publish_one (hub_header (&s_lane, SIAGA_TLP_GREEN), "shown");
	const struct siaga_ref *refs[2] = {&shown, &hidden};
	size_t size = 0;

	(void) state;
	for (int i = 0; i < 2; i++) {
		struct siaga_header header = hub_header (&s_rina, SIAGA_TLP_GREEN);
		header.kind = SIAGA_KIND_RESPONSE;
		header.action = SIAGA_ACTION_COMMENT;
		header.category = siaga_text (NULL);
		header.refs[header.ref_count++] = shown;
		memcpy (header.id, refs[i]->id, sizeof header.id);
		hub_add (&s_rina, &header, "?");
		assert_int_equal (hub_publish (s_hub, &s_rina), SIAGA_REFUSED);
		assert_int_equal (s_hub->in.refused.bad_count, 1);
		assert_int_equal (s_hub->in.refused.bad[0].code, SIAGA_EKNOWN);
		s_rina.oseq--;
		if (i == 0)
			memcpy (frame, s_hub->frame, size = s_hub->frame_size);
	}
	assert_int_equal (s_hub->frame_size, size);
	assert_memory_equal (s_hub->frame, frame, size);
}

static int
subscribe_with (uint64_t next, const uint8_t mark[SIAGA_HASH_BYTES])
{
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);

	message->subscribe.id = 1;
	message->subscribe.credit = SIAGA_CREDIT_MAX;
	message->subscribe.cursor.next = next;
	message->subscribe.cursor.has_mark = true;
	memcpy (message->subscribe.cursor.mark, mark, SIAGA_HASH_BYTES);
	hub_says (s_hub, 3, message);
	hub_settle (s_hub);
	return hub_take (s_hub, 3);
}

/* The verdict on marks at the head of this file. */
static void
test_mark_of_a_hidden_entry_tells_what_was_told_before (void **state)
{
	uint8_t told[SIAGA_HASH_BYTES], guess[SIAGA_HASH_BYTES];

	(void) state;
	struct siaga_ref hidden = publish_one (secret (), "secret");
	hub_subscribe (s_hub, 3, NULL, 1, SIAGA_CREDIT_MAX);
	assert_int_equal (hub_take (s_hub, 3), SIAGA_DELIVER);
	assert_int_equal (s_hub->in.deliver.through, 2);
	memcpy (told, s_hub->in.deliver.mark, sizeof told);

	/* Even who knows the entry's bytes has to know when it was accepted, to the microsecond. */
	siaga_log_leaf (guess, s_hub->core->last_accepted_us - 1, hidden.leaf);
	assert_int_equal (subscribe_with (2, guess), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ECURSOR);
	siaga_log_leaf (guess, s_hub->core->last_accepted_us, hidden.leaf);
	assert_memory_equal (guess, told, sizeof told);
	assert_int_equal (subscribe_with (2, guess), SIAGA_DELIVER);
}

/* --- stories --------------------------------------------------------------------------------------------------- */

static size_t
ask_story (uint64_t conn, const uint8_t *uuid)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);
	struct siaga_reader reader;

	message->query.id = 5;
	message->query.what = SIAGA_QUERY_STORY;
	message->query.has_uuid = true;
	memcpy (message->query.uuid, uuid, SIAGA_ID_BYTES);
	hub_says (s_hub, conn, message);
	hub_settle (s_hub);
	assert_int_equal (hub_take (s_hub, conn), SIAGA_RESULT);
	struct siaga_bytes payload = s_hub->in.result.payload;
	siaga_reader_init (&reader, payload.data, payload.size);
	return siaga_deliveries_begin (&reader);
}

static void
test_story_shows_no_trace_of_what_is_hidden_of_it (void **state)
{
	struct siaga_ref alert = publish_one (hub_header (&s_lane, SIAGA_TLP_GREEN), "shown");
	static uint8_t before[SIAGA_MESSAGE_MAX];

	(void) state;
	assert_int_equal (ask_story (3, alert.id), 1);
	size_t size = s_hub->frame_size;
	memcpy (before, s_hub->frame, size);
	/* The origin says more of it to polri alone. */
	struct siaga_header update = secret ();
	update.kind = SIAGA_KIND_UPDATE;
	update.refs[update.ref_count++] = alert;
	publish_one (update, "the rest of it");
	assert_int_equal (ask_story (2, alert.id), 2);
	assert_int_equal (ask_story (3, alert.id), 1);
	assert_int_equal (s_hub->frame_size, size);
	assert_memory_equal (s_hub->frame, before, size);
}

/* --- queries ----------------------------------------------------------------------------------------------------- */

/* Every query for something hidden, then for something that is not there: rina's answers must be one answer. */
static void
answer_to (struct siaga_query query, uint8_t frame[SIAGA_MESSAGE_MAX], size_t *size)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);

	message->query = query;
	message->query.id = 5;
	hub_says (s_hub, 3, message);
	hub_settle (s_hub);
	assert_int_equal (hub_take (s_hub, 3), SIAGA_REFUSED);
	memcpy (frame, s_hub->frame, *size = s_hub->frame_size);
	assert_int_equal (hub_take (s_hub, 3), 0);
}

static struct siaga_header
random_secret (void)
{
	struct siaga_header header =
		hub_header (&s_lane, SIAGA_TLP_AMBER + randombytes_uniform (3));
	static const char *const members[] = {"bssn", "kpu", "polri"};

	header.severity = randombytes_uniform (SIAGA_SEVERITY_CRITICAL + 1);
	header.status = randombytes_uniform (SIAGA_STATUS_TEST + 1);
	header.audience_count = randombytes_uniform (4);
	for (size_t i = 0; i < header.audience_count; i++)
		header.audience[i] = siaga_text (members[i]);
	return header;
}

static void
test_every_query_for_what_is_hidden_is_answered_as_for_what_is_not_there (void **state)
{
	static uint8_t hidden[SIAGA_MESSAGE_MAX], unknown[SIAGA_MESSAGE_MAX];
	size_t hidden_size, unknown_size;

	(void) state;
	for (int round = 0; round < 100; round++) {
		struct siaga_ref ref = publish_one (random_secret (), "secret");
		uint64_t number = s_hub->core->head - 1;
		for (int i = 0; i < 4; i++) {
			struct siaga_query query = {.what = i % 2 ? SIAGA_QUERY_STORY
								  : SIAGA_QUERY_ENTRY,
						    .has_uuid = i < 2,
						    .has_number = i >= 2};
			if (query.has_uuid)
				memcpy (query.uuid, ref.id, sizeof query.uuid);
			else
				query.number = number;
			answer_to (query, hidden, &hidden_size);
			if (query.has_uuid)
				randombytes_buf (query.uuid + 9, sizeof query.uuid - 9);
			else
				query.number =
					round % 2 ? number + 1 + (unsigned) round : SIAGA_OSEQ_MAX;
			answer_to (query, unknown, &unknown_size);
			assert_int_equal (hidden_size, unknown_size);
			assert_memory_equal (hidden, unknown, hidden_size);
		}
	}
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		cmocka_unit_test_teardown (
			test_nothing_but_hashes_depends_on_what_a_hidden_entry_says, end),
		TEST (test_refusal_of_a_ref_is_the_same_for_hidden_and_unknown),
		TEST (test_id_used_again_is_known_whether_hidden_or_not),
		TEST (test_mark_of_a_hidden_entry_tells_what_was_told_before),
		TEST (test_story_shows_no_trace_of_what_is_hidden_of_it),
		TEST (test_every_query_for_what_is_hidden_is_answered_as_for_what_is_not_there),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
