/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub takes, and what it says to the rest: who signed, who may say that, what may be referred to.
 */
#include "hub_fixture.h"

static struct hub *s_hub;
static struct hub_lane s_soc;  /* bssn/soc-1, publishes */
static struct hub_lane s_dewi; /* polri/dewi, responds; cleared for red */
static struct hub_lane s_rina; /* brin/rina, responds; cleared for green */

static int
begin (void **state)
{
	(void) state;
	s_hub = hub_new ();
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_soc, 1, "bssn/soc-1");
	hub_lane_open (s_hub, &s_dewi, 2, "polri/dewi");
	hub_lane_open (s_hub, &s_rina, 3, "brin/rina");
	return 0;
}

static int
end (void **state)
{
	(void) state;
	hub_destroy (&s_hub);
	return 0;
}

/* The refusal of what the lane added: its code, with hub->in to look at; 0 when acknowledged. */
static int
publish (struct hub_lane *lane)
{
	uint64_t oseq = lane->oseq;
	int type = hub_publish (s_hub, lane);

	if (type == SIAGA_ACK)
		return 0;
	assert_int_equal (type, SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.what, SIAGA_PUBLISH);
	lane->oseq = oseq;
	return s_hub->in.refused.code;
}

/* Of a batch that was refused for entries in it: the code of the one at `index`, or 0. */
static int
bad_code (uint32_t index)
{
	assert_int_equal (s_hub->in.refused.code, SIAGA_EMALFORMED);
	for (size_t i = 0; i < s_hub->in.refused.bad_count; i++)
		if (s_hub->in.refused.bad[i].index == index)
			return s_hub->in.refused.bad[i].code;
	return 0;
}

static struct siaga_ref
publish_alert (enum siaga_tlp tlp)
{
	struct siaga_header header = hub_header (&s_soc, tlp);
	struct siaga_ref ref = hub_add (&s_soc, &header, "alert");

	assert_int_equal (publish (&s_soc), 0);
	return ref;
}

static struct siaga_header
response (const struct hub_lane *lane, const struct siaga_ref *ref, enum siaga_tlp tlp)
{
	struct siaga_header header = hub_header (lane, tlp);

	header.kind = SIAGA_KIND_RESPONSE;
	header.action = SIAGA_ACTION_ACKNOWLEDGE;
	header.category = siaga_text (NULL);
	header.ref_count = 1;
	header.refs[0] = *ref;
	return header;
}

static int
respond (struct hub_lane *lane, const struct siaga_ref *ref, enum siaga_tlp tlp)
{
	struct siaga_header header = response (lane, ref, tlp);

	hub_add (lane, &header, "");
	return publish (lane) == 0 ? 0 : bad_code (0);
}

/* --- the roster's entry ------------------------------------------------------------------------------------- */

static void
test_log_begins_with_the_roster_in_force_and_says_it_once (void **state)
{
	(void) state;
	assert_int_equal (s_hub->core->head, 1);
	core_log_roster (s_hub->core);
	hub_settle (s_hub);
	assert_int_equal (s_hub->core->head, 1);
	s_hub->trust.roster->serial = 8;
	core_log_roster (s_hub->core);
	core_log_roster (s_hub->core); /* while the first is on its way */
	hub_settle (s_hub);
	assert_int_equal (s_hub->core->head, 2);
}

/* --- sequence --------------------------------------------------------------------------------------------- */

static void
test_ack_names_the_last_entry (void **state)
{
	(void) state;
	for (int i = 0; i < 3; i++) {
		struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);
		hub_add (&s_soc, &header, "a");
	}
	assert_int_equal (publish (&s_soc), 0);
	assert_int_equal (s_hub->in.ack.oseq, 3);
	assert_int_equal (s_hub->in.ack.number, 3); /* 0 is the roster's */
	assert_memory_equal (s_hub->in.ack.epoch, s_soc.epoch, sizeof s_soc.epoch);
}

static void
test_welcome_says_what_is_held (void **state)
{
	uint8_t hash[SIAGA_HASH_BYTES];
	static struct siaga_batch batch;

	(void) state;
	publish_alert (SIAGA_TLP_GREEN);
	publish_alert (SIAGA_TLP_GREEN);
	struct siaga_bytes bytes = {s_soc.batch, s_soc.batch_size};
	assert_int_equal (siaga_batch_read (bytes, &batch), 0);
	siaga_head_hash (hash, batch.head_bytes);
	hub_open (s_hub, 4, "bssn/soc-1", s_soc.epoch);
	assert_int_equal (s_hub->in.welcome.held_oseq, 2);
	assert_true (s_hub->in.welcome.has_held);
	assert_memory_equal (s_hub->in.welcome.held_hash, hash, sizeof hash);
	assert_int_equal (s_hub->in.welcome.head, 3);
}

static void
test_repetition_is_acknowledged_again_and_conflict_and_hole_are_refused (void **state)
{
	(void) state;
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);
	publish_alert (SIAGA_TLP_GREEN);
	message->publish.batch = (struct siaga_bytes){s_soc.batch, s_soc.batch_size};
	hub_says (s_hub, 1, message);
	hub_settle (s_hub);
	assert_int_equal (hub_take (s_hub, 1), SIAGA_ACK);
	assert_int_equal (s_hub->core->head, 2);

	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);
	s_soc.oseq = 0;
	hub_add (&s_soc, &header, "another");
	assert_int_equal (publish (&s_soc), SIAGA_ECONFLICT);
	assert_int_equal (s_hub->in.refused.first_oseq, 1);
	s_soc.oseq = 4;
	header = hub_header (&s_soc, SIAGA_TLP_GREEN);
	hub_add (&s_soc, &header, "too far");
	assert_int_equal (publish (&s_soc), SIAGA_EHOLE);
	assert_int_equal (s_hub->in.refused.expected_oseq, 2);
	assert_false (hub_is_cut (s_hub, 1));
}

/* --- signers ------------------------------------------------------------------------------------------------ */

static void
test_batch_of_another_principal_costs_the_session (void **state)
{
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);

	(void) state;
	hub_add (&s_soc, &header, "a");
	message->publish.batch = hub_batch (&s_soc, 1);
	hub_says (s_hub, 2, message);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ESIGNER);
	assert_true (hub_is_cut (s_hub, 2));
}

static void
test_batch_with_a_bad_signature_costs_the_session (void **state)
{
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);
	static struct siaga_batch batch;

	(void) state;
	hub_add (&s_soc, &header, "a");
	message->publish.batch = hub_batch (&s_soc, 1);
	assert_int_equal (siaga_batch_read (message->publish.batch, &batch), 0);
	uint8_t *signature = memmem (s_soc.batch, s_soc.batch_size, batch.signature, 64);
	signature[0] ^= 1;
	hub_says (s_hub, 1, message);
	assert_int_equal (hub_take (s_hub, 1), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ESIGNATURE);
	assert_true (hub_is_cut (s_hub, 1));
}

static void
test_batch_of_an_epoch_not_announced_costs_the_session (void **state)
{
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);

	(void) state;
	s_soc.epoch[0] ^= 1;
	hub_add (&s_soc, &header, "a");
	assert_int_equal (publish (&s_soc), SIAGA_EGRAMMAR);
	assert_true (hub_is_cut (s_hub, 1));
}

static void
test_batch_with_a_hidden_slot_is_malformed (void **state)
{
	struct siaga_message *message = hub_message (SIAGA_PUBLISH);
	static struct siaga_batch batch;
	static uint8_t bytes[SIAGA_BATCH_MAX];
	const bool shown[2] = {true, false};
	struct siaga_writer writer;

	(void) state;
	for (int i = 0; i < 2; i++) {
		struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);
		hub_add (&s_soc, &header, "a");
	}
	assert_int_equal (siaga_batch_read (hub_batch (&s_soc, 1), &batch), 0);
	siaga_writer_init (&writer, bytes, sizeof bytes);
	assert_int_equal (siaga_batch_write_full (&writer, &batch, shown), 0);
	message->publish.batch = (struct siaga_bytes){bytes, writer.size};
	hub_says (s_hub, 1, message);
	assert_int_equal (hub_take (s_hub, 1), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EMALFORMED);
	assert_true (hub_is_cut (s_hub, 1));
}

/* --- entries ---------------------------------------------------------------------------------------------------- */

static void
test_entries_that_can_never_be_taken_are_all_listed (void **state)
{
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);

	(void) state;
	hub_add (&s_soc, &header, "good");
	header = hub_header (&s_soc, SIAGA_TLP_GREEN);
	header.origin = siaga_text ("bssn/soc-2");
	hub_add (&s_soc, &header, "another's");
	header = hub_header (&s_soc, SIAGA_TLP_GREEN);
	header.kind = SIAGA_KIND_SYSTEM;
	hub_add (&s_soc, &header, "the hub's");
	static const uint8_t rubbish[] = {0x82, 0xa0, 0x41, 0x00};
	s_soc.entries[s_soc.count++] = (struct siaga_bytes){rubbish, sizeof rubbish};
	assert_int_equal (publish (&s_soc), SIAGA_EMALFORMED);
	assert_int_equal (s_hub->in.refused.bad_count, 3);
	assert_int_equal (bad_code (0), 0);
	assert_int_equal (bad_code (1), SIAGA_EORIGIN);
	assert_int_equal (bad_code (2), SIAGA_EROLE);
	assert_int_equal (bad_code (3), SIAGA_EMALFORMED);
	assert_int_equal (s_hub->core->head, 1);
	assert_false (hub_is_cut (s_hub, 1));
}

static void
test_reader_may_not_publish_an_alert (void **state)
{
	struct siaga_header header = hub_header (&s_dewi, SIAGA_TLP_GREEN);

	(void) state;
	hub_add (&s_dewi, &header, "a");
	publish (&s_dewi);
	assert_int_equal (bad_code (0), SIAGA_EROLE);
}

/* --- refs --------------------------------------------------------------------------------------------------------- */

static void
test_response_to_a_visible_alert_is_taken (void **state)
{
	(void) state;
	struct siaga_ref ref = publish_alert (SIAGA_TLP_GREEN);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_TLP_GREEN), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_TLP_GREEN), 0);
}

static void
test_response_to_a_hidden_alert_is_as_to_an_unknown_one (void **state)
{
	char words[SIAGA_WORDS_MAX + 1];
	struct siaga_ref ref = publish_alert (SIAGA_TLP_RED);

	(void) state;
	assert_int_equal (respond (&s_rina, &ref, SIAGA_TLP_RED), SIAGA_EREF);
	snprintf (words, sizeof words, "%.*s", (int) s_hub->in.refused.words.size,
		  s_hub->in.refused.words.data);
	randombytes_buf (ref.id + 10, 4);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_TLP_RED), SIAGA_EREF);
	assert_true (siaga_text_is (s_hub->in.refused.words, words));
}

static void
test_response_carries_its_alerts_tlp_and_status_and_names_its_very_bytes (void **state)
{
	(void) state;
	struct siaga_ref ref = publish_alert (SIAGA_TLP_GREEN);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_TLP_CLEAR), SIAGA_EREF);
	struct siaga_header header = response (&s_dewi, &ref, SIAGA_TLP_GREEN);
	header.status = SIAGA_STATUS_EXERCISE;
	hub_add (&s_dewi, &header, "");
	assert_int_equal (publish (&s_dewi), SIAGA_EMALFORMED);
	assert_int_equal (bad_code (0), SIAGA_EREF);
	ref.leaf[0] ^= 1;
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_TLP_GREEN), SIAGA_EREF);
}

static void
test_response_to_a_response_is_refused (void **state)
{
	(void) state;
	struct siaga_ref ref = publish_alert (SIAGA_TLP_GREEN);
	struct siaga_header header = response (&s_dewi, &ref, SIAGA_TLP_GREEN);
	ref = hub_add (&s_dewi, &header, "");
	assert_int_equal (publish (&s_dewi), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_TLP_GREEN), SIAGA_EREF);
}

static struct siaga_header
update (const struct siaga_ref *ref)
{
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);

	header.kind = SIAGA_KIND_UPDATE;
	header.ref_count = 1;
	header.refs[0] = *ref;
	return header;
}

static void
test_update_may_travel_with_its_alert (void **state)
{
	struct siaga_header header = hub_header (&s_soc, SIAGA_TLP_GREEN);

	(void) state;
	struct siaga_ref ref = hub_add (&s_soc, &header, "alert");
	header = update (&ref);
	hub_add (&s_soc, &header, "in the same batch");
	hub_publish_only (s_hub, &s_soc);
	header = update (&ref);
	hub_add (&s_soc, &header, "right behind it");
	hub_publish_only (s_hub, &s_soc);
	hub_settle (s_hub);
	assert_int_equal (hub_take (s_hub, 1), SIAGA_ACK);
	assert_int_equal (s_hub->in.ack.oseq, 2);
	assert_int_equal (hub_take (s_hub, 1), SIAGA_ACK);
	assert_int_equal (s_hub->in.ack.oseq, 3);
}

static void
test_update_of_anothers_alert_is_refused (void **state)
{
	(void) state;
	struct siaga_ref ref = {{0}, {0}};
	/* The hub's own roster entry: seen by bssn, but neither an alert nor its own. */
	const struct record *record;
	assert_int_equal (record_cache_get (s_hub->core->cache, 0, &record), 0);
	memcpy (ref.id, record->headers[0].id, sizeof ref.id);
	memcpy (ref.leaf, record->batch->slots[0].leaf, sizeof ref.leaf);
	struct siaga_header header = update (&ref);
	hub_add (&s_soc, &header, "a");
	assert_int_equal (publish (&s_soc), SIAGA_EMALFORMED);
	assert_int_equal (bad_code (0), SIAGA_EREF);
}

/* --- queries -------------------------------------------------------------------------------------------------------- */

static int
ask (uint64_t conn, enum siaga_query_what what, uint64_t number, const uint8_t *uuid)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);

	message->query.id = 5;
	message->query.what = what;
	message->query.has_number = !uuid && what != SIAGA_QUERY_STATUS;
	message->query.number = number;
	message->query.has_uuid = uuid != NULL;
	if (uuid)
		memcpy (message->query.uuid, uuid, SIAGA_ID_BYTES);
	hub_says (s_hub, conn, message);
	hub_settle (s_hub);
	return hub_take (s_hub, conn);
}

static size_t
answer_count (void)
{
	struct siaga_reader reader;

	siaga_reader_init (&reader, s_hub->in.result.payload.data, s_hub->in.result.payload.size);
	return siaga_deliveries_begin (&reader);
}

static void
test_hidden_entry_is_not_found_like_an_unknown_one (void **state)
{
	static uint8_t hidden[SIAGA_MESSAGE_MAX];
	struct siaga_ref ref = publish_alert (SIAGA_TLP_RED);

	(void) state;
	assert_int_equal (ask (2, SIAGA_QUERY_ENTRY, 1, NULL), SIAGA_RESULT);
	assert_int_equal (answer_count (), 1);
	for (int what = SIAGA_QUERY_ENTRY; what <= SIAGA_QUERY_STORY; what += 2) {
		assert_int_equal (ask (3, what, 0, ref.id), SIAGA_REFUSED);
		assert_int_equal (s_hub->in.refused.code, SIAGA_ENOTFOUND);
		size_t size = s_hub->frame_size;
		memcpy (hidden, s_hub->frame, size);
		uint8_t unknown[SIAGA_ID_BYTES];
		memcpy (unknown, ref.id, sizeof unknown);
		unknown[15] ^= 1;
		assert_int_equal (ask (3, what, 0, unknown), SIAGA_REFUSED);
		assert_int_equal (s_hub->frame_size, size);
		assert_memory_equal (s_hub->frame, hidden, size);
		assert_int_equal (ask (3, what, 1, NULL), SIAGA_REFUSED);
		assert_memory_equal (s_hub->frame, hidden, size);
		assert_int_equal (ask (3, what, 999, NULL), SIAGA_REFUSED);
		assert_memory_equal (s_hub->frame, hidden, size);
	}
}

static void
test_story_is_the_alert_and_what_refers_to_it (void **state)
{
	(void) state;
	struct siaga_ref ref = publish_alert (SIAGA_TLP_GREEN);
	publish_alert (SIAGA_TLP_GREEN);
	assert_int_equal (respond (&s_dewi, &ref, SIAGA_TLP_GREEN), 0);
	assert_int_equal (respond (&s_rina, &ref, SIAGA_TLP_GREEN), 0);
	assert_int_equal (ask (3, SIAGA_QUERY_STORY, 0, ref.id), SIAGA_RESULT);
	assert_int_equal (answer_count (), 3);
}

static void
test_status_shows_others_sessions_to_operators_only (void **state)
{
	(void) state;
	hub_open (s_hub, 5, "kpu/ops", NULL);
	assert_int_equal (ask (5, SIAGA_QUERY_STATUS, 0, NULL), SIAGA_RESULT);
	assert_non_null (memmem (s_hub->frame, s_hub->frame_size, "polri/dewi", 10));
	assert_int_equal (ask (3, SIAGA_QUERY_STATUS, 0, NULL), SIAGA_RESULT);
	assert_null (memmem (s_hub->frame, s_hub->frame_size, "polri/dewi", 10));
	assert_non_null (memmem (s_hub->frame, s_hub->frame_size, "brin/rina", 9));
	assert_int_equal (ask (5, SIAGA_QUERY_ENTRY, 0, NULL), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EROLE);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		TEST (test_log_begins_with_the_roster_in_force_and_says_it_once),
		TEST (test_ack_names_the_last_entry),
		TEST (test_welcome_says_what_is_held),
		TEST (test_repetition_is_acknowledged_again_and_conflict_and_hole_are_refused),
		TEST (test_batch_of_another_principal_costs_the_session),
		TEST (test_batch_with_a_bad_signature_costs_the_session),
		TEST (test_batch_of_an_epoch_not_announced_costs_the_session),
		TEST (test_batch_with_a_hidden_slot_is_malformed),
		TEST (test_entries_that_can_never_be_taken_are_all_listed),
		TEST (test_reader_may_not_publish_an_alert),
		TEST (test_response_to_a_visible_alert_is_taken),
		TEST (test_response_to_a_hidden_alert_is_as_to_an_unknown_one),
		TEST (test_response_carries_its_alerts_tlp_and_status_and_names_its_very_bytes),
		TEST (test_response_to_a_response_is_refused),
		TEST (test_update_may_travel_with_its_alert),
		TEST (test_update_of_anothers_alert_is_refused),
		TEST (test_hidden_entry_is_not_found_like_an_unknown_one),
		TEST (test_story_is_the_alert_and_what_refers_to_it),
		TEST (test_status_shows_others_sessions_to_operators_only),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
