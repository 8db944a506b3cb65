/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader gets: the right form of each batch, only what it may see, live as in replay, as far as its
 * credit goes.
 */
#include "hub_fixture.h"

static struct siaga_batch s_batch;

/* What came of a DELIVER, or of several. */
struct seen {
	size_t delivers;
	size_t deliveries;
	size_t shown; /* entries with their bytes */
	size_t full, single;
	uint64_t through;
	char titles[1024]; /* of what was shown, a letter each by convention */
	struct siaga_bytes last;
};

static void
see_entry (struct seen *seen, struct siaga_bytes entry)
{
	struct siaga_header header;
	struct siaga_body body;

	assert_int_equal (siaga_entry_read (entry, &header, &body), 0);
	if (header.kind != SIAGA_KIND_ALERT)
		return;
	strncat (seen->titles, body.title.data, body.title.size);
	seen->shown++;
}

static void
see_items (struct seen *seen, struct siaga_bytes items)
{
	struct siaga_reader reader;
	struct siaga_delivery delivery;

	siaga_reader_init (&reader, items.data, items.size);
	for (size_t left = siaga_deliveries_begin (&reader); left > 0; left--) {
		siaga_delivery_read (&reader, &delivery);
		assert_int_equal (reader.error, 0);
		assert_int_equal (siaga_batch_read (delivery.batch, &s_batch), 0);
		assert_int_equal (
			siaga_batch_verify (
				&s_batch, siaga_text ("pemilu-2024"),
				fixture_identity (siaga_text_is (s_batch.head.origin, "kpu/hub")
							  ? "kpu/hub"
							  : "bssn/soc-1")
					->card.sign),
			0);
		seen->deliveries++;
		seen->full += s_batch.form == SIAGA_BATCH_FULL;
		seen->single += s_batch.form == SIAGA_BATCH_SINGLE;
		seen->last = delivery.batch;
		for (uint32_t i = 0; i < s_batch.slot_count; i++)
			if (s_batch.slots[i].entry.size > 0)
				see_entry (seen, s_batch.slots[i].entry);
	}
	assert_int_equal (siaga_reader_end (&reader), 0);
}

/* Takes every DELIVER that is there. */
static struct seen
see (struct hub *hub, uint64_t conn)
{
	struct seen seen = {.delivers = 0};
	int type;

	while ((type = hub_take (hub, conn))) {
		assert_int_equal (type, SIAGA_DELIVER);
		seen.delivers++;
		seen.through = hub->in.deliver.through;
		see_items (&seen, hub->in.deliver.items);
	}
	return seen;
}

/* A batch of one letter alerts: a capital is red for polri, "x" red for nobody else, others green. */
static void
publish (struct hub *hub, struct hub_lane *lane, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		const char title[2] = {*letters, '\0'};
		bool is_secret = *letters >= 'A' && *letters <= 'Z';
		struct siaga_header header =
			hub_header (lane, is_secret ? SIAGA_TLP_RED : SIAGA_TLP_GREEN);
		header.audience_count = is_secret;
		header.audience[0] = siaga_text ("polri");
		hub_add (lane, &header, title);
	}
	assert_int_equal (hub_publish (hub, lane), SIAGA_ACK);
	assert_int_equal (hub->in.ack.oseq, lane->oseq);
}

#define LETTERS_20 "abcdefghijklmnopqrst"

static struct hub *s_hub;
static struct hub_lane s_lane;

/* bssn/soc-1 publishes over 1; polri/dewi is 2, brin/rina is 3. Number 0 is the roster's entry. */
static int
begin (void **state)
{
	(void) state;
	s_hub = hub_new ();
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_open (s_hub, 3, "brin/rina", NULL);
	return 0;
}

static int
end (void **state)
{
	(void) state;
	hub_destroy (&s_hub);
	return 0;
}

/* --- forms ---------------------------------------------------------------------------------------------------- */

static void
test_batch_that_may_be_seen_whole_goes_out_as_it_came (void **state)
{
	(void) state;
	publish (s_hub, &s_lane, "aBc");
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_CREDIT_MAX);
	struct seen seen = see (s_hub, 2);
	assert_int_equal (seen.deliveries, 1);
	assert_int_equal (seen.last.size, s_lane.batch_size);
	assert_memory_equal (seen.last.data, s_lane.batch, s_lane.batch_size);
}

static void
test_few_hidden_entries_become_leaf_hashes_in_the_full_form (void **state)
{
	(void) state;
	publish (s_hub, &s_lane, "aBcd");
	hub_subscribe (s_hub, 3, NULL, 1, SIAGA_CREDIT_MAX);
	struct seen seen = see (s_hub, 3);
	assert_int_equal (seen.full, 1);
	assert_int_equal (seen.single, 0);
	assert_string_equal (seen.titles, "acd");
	assert_true (seen.last.size < s_lane.batch_size);
}

static void
test_one_of_many_goes_out_in_the_single_form (void **state)
{
	(void) state;
	publish (s_hub, &s_lane, "ABCDEFGHIJKLMnOPQRSTUVWXYZ");
	hub_subscribe (s_hub, 3, NULL, 1, SIAGA_CREDIT_MAX);
	struct seen seen = see (s_hub, 3);
	assert_int_equal (seen.full, 0);
	assert_int_equal (seen.single, 1);
	assert_string_equal (seen.titles, "n");
	assert_int_equal (seen.through, 27);
}

static void
test_smaller_form_is_chosen_for_every_count (void **state)
{
	struct siaga_writer writer;
	bool shown[20];

	(void) state;
	for (size_t hidden = 1; hidden < 20; hidden++) {
		char letters[] = LETTERS_20;
		for (size_t i = 0; i < hidden; i++)
			letters[i] = (char) (letters[i] - 'a' + 'A');
		publish (s_hub, &s_lane, letters);
		hub_open (s_hub, 3, "brin/rina", NULL); /* without what it was sent live */
		hub_subscribe (s_hub, 3, NULL, s_hub->core->head - 20, SIAGA_CREDIT_MAX);
		assert_int_equal (hub_take (s_hub, 3), SIAGA_DELIVER);
		size_t sent = s_hub->in.deliver.items.size;
		/* Both forms, by hand. */
		static uint8_t room[SIAGA_MESSAGE_MAX];
		struct siaga_bytes bytes = {s_lane.batch, s_lane.batch_size};
		assert_int_equal (siaga_batch_read (bytes, &s_batch), 0);
		for (size_t i = 0; i < 20; i++)
			shown[i] = i >= hidden;
		siaga_writer_init (&writer, room, sizeof room);
		assert_int_equal (siaga_batch_write_full (&writer, &s_batch, shown), 0);
		size_t full = writer.size;
		size_t singles = 0;
		for (uint32_t i = (uint32_t) hidden; i < 20; i++) {
			siaga_writer_init (&writer, room, sizeof room);
			assert_int_equal (siaga_batch_write_single (&writer, &s_batch, i), 0);
			singles += writer.size;
		}
		size_t smaller = full < singles ? full : singles;
		assert_in_range (sent, smaller,
				 smaller + (20 - hidden + 1) * SIAGA_DELIVERY_OVERHEAD);
	}
}

static void
test_reader_that_begins_inside_a_batch_does_not_see_its_beginning (void **state)
{
	(void) state;
	publish (s_hub, &s_lane, "abcd");
	hub_subscribe (s_hub, 2, NULL, 3, SIAGA_CREDIT_MAX);
	struct seen seen = see (s_hub, 2);
	assert_string_equal (seen.titles, "cd");
	assert_int_equal (seen.through, 5);
}

/* --- need to know ------------------------------------------------------------------------------------------------ */

static void
test_need_to_know_is_the_same_live_and_in_replay (void **state)
{
	struct seen live = {.delivers = 0}, replay;

	(void) state;
	hub_subscribe (s_hub, 3, NULL, 0, SIAGA_CREDIT_MAX);
	see (s_hub, 3);
	const char *batches[] = {"aB", "C", "d", "EFGHIJKLMNOPQRSTUVWXYz"};
	hub_open (s_hub, 4, "brin/rina", NULL);
	for (size_t i = 0; i < 4; i++) {
		publish (s_hub, &s_lane,
			 batches[i]); /* control goes first: the ACK was all it took */
		struct seen now = see (s_hub, 3);
		strcat (live.titles, now.titles);
		live.through = now.delivers > 0 ? now.through : live.through;
	}
	hub_subscribe (s_hub, 4, NULL, 1, SIAGA_CREDIT_MAX);
	replay = see (s_hub, 4);
	assert_string_equal (live.titles, "adz");
	assert_string_equal (replay.titles, "adz");
	assert_int_equal (live.through, replay.through);
}

/* Live: the DELIVER that a commit causes. */
static void
test_hidden_entry_never_leaves_live (void **state)
{
	(void) state;
	hub_subscribe (s_hub, 3, NULL, 1, SIAGA_CREDIT_MAX);
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_CREDIT_MAX);
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_RED);
	header.audience_count = 1;
	header.audience[0] = siaga_text ("polri");
	hub_add (&s_lane, &header, "THE-SECRET");
	header = hub_header (&s_lane, SIAGA_TLP_GREEN);
	hub_add (&s_lane, &header, "open");
	hub_publish_only (s_hub, &s_lane);
	hub_settle (s_hub);

	struct packet packet;
	struct siaga_bytes payload;
	bool polri_got_it = false;
	while (packet_queue_first (core_out (s_hub->core), &packet, &payload)) {
		bool has_it = memmem (payload.data, payload.size, "THE-SECRET", 10) != NULL;
		if (packet.type == PACKET_SEND && packet.conn == 3)
			assert_false (has_it);
		if (packet.type == PACKET_SEND && packet.conn == 2)
			polri_got_it = polri_got_it || has_it;
		packet_queue_drop_first (core_out (s_hub->core));
	}
	assert_true (polri_got_it);
}

static void
test_reader_without_the_role_is_refused (void **state)
{
	(void) state;
	hub_open (s_hub, 5, "kpu/ops", NULL);
	hub_subscribe (s_hub, 5, NULL, 0, SIAGA_CREDIT_MAX);
	assert_int_equal (hub_take (s_hub, 5), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EROLE);
}

/* --- filters, cursors ----------------------------------------------------------------------------------------------- */

static void
test_filter_that_takes_nothing_still_moves_the_reader (void **state)
{
	struct siaga_filter filter = {.min_severity = SIAGA_SEVERITY_CRITICAL};

	(void) state;
	publish (s_hub, &s_lane, "abc");
	hub_subscribe (s_hub, 2, &filter, 0, SIAGA_CREDIT_MAX);
	struct seen seen = see (s_hub, 2);
	assert_int_equal (seen.delivers, 1);
	assert_int_equal (seen.deliveries, 0);
	assert_int_equal (seen.through, 4);
}

static void
test_filter_keeps_its_texts (void **state)
{
	struct siaga_filter filter = {.origins = {1, {{"bssn/soc-1", 10}}}};

	(void) state;
	filter.categories.count = 2;
	filter.categories.items[0] = siaga_text ("fraud");
	filter.categories.items[1] = siaga_text ("intrusion-attempts");
	hub_subscribe (s_hub, 2, &filter, 0, SIAGA_CREDIT_MAX);
	see (s_hub, 2);
	hub_message (SIAGA_BYE); /* overwrites what was sent */
	struct siaga_header header = hub_header (&s_lane, SIAGA_TLP_GREEN);
	hub_add (&s_lane, &header, "a");
	hub_publish_only (s_hub, &s_lane);
	hub_settle (s_hub);
	assert_string_equal (see (s_hub, 2).titles, "a");
}

static int
cursor_refusal (const uint8_t *log_id, uint64_t next, const uint8_t *mark)
{
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);
	struct siaga_cursor *cursor = &message->subscribe.cursor;

	message->subscribe.id = 1;
	message->subscribe.credit = SIAGA_CREDIT_MAX;
	cursor->next = next;
	cursor->has_log = log_id != NULL;
	cursor->has_mark = mark != NULL;
	if (log_id)
		memcpy (cursor->log_id, log_id, sizeof cursor->log_id);
	if (mark)
		memcpy (cursor->mark, mark, sizeof cursor->mark);
	hub_says (s_hub, 2, message);
	hub_settle (s_hub);
	return hub_take (s_hub, 2) == SIAGA_REFUSED ? s_hub->in.refused.code : 0;
}

static void
test_cursor_of_another_log_is_refused (void **state)
{
	struct journal *journal = s_hub->core->journal;
	uint8_t other[SIAGA_LOG_ID_BYTES] = {0};
	uint8_t mark[SIAGA_HASH_BYTES];

	(void) state;
	publish (s_hub, &s_lane, "abc");
	assert_int_equal (journal->ops->leaf (journal, 2, mark), 0);
	assert_int_equal (cursor_refusal (journal->ops->log_id (journal), 3, mark), 0);
	assert_int_equal (cursor_refusal (other, 3, mark), SIAGA_ECURSOR);
	assert_int_equal (cursor_refusal (NULL, 4, NULL), 0);
	assert_int_equal (cursor_refusal (NULL, 5, NULL), SIAGA_ECURSOR);
	assert_int_equal (cursor_refusal (NULL, 2, mark), SIAGA_ECURSOR);
}

static void
test_mark_is_the_log_leaf_before_through (void **state)
{
	struct journal *journal = s_hub->core->journal;
	uint8_t mark[SIAGA_HASH_BYTES];

	(void) state;
	publish (s_hub, &s_lane, "abc");
	for (uint64_t next = 0; next <= 4; next += 4) {
		hub_subscribe (s_hub, 2, NULL, next, SIAGA_CREDIT_MAX);
		assert_int_equal (hub_take (s_hub, 2), SIAGA_DELIVER);
		assert_int_equal (s_hub->in.deliver.through, 4);
		assert_int_equal (journal->ops->leaf (journal, 3, mark), 0);
		assert_memory_equal (s_hub->in.deliver.mark, mark, sizeof mark);
	}
}

/* --- credit --------------------------------------------------------------------------------------------------------- */

static void
give (uint64_t more)
{
	struct siaga_message *message = hub_message (SIAGA_CREDIT);

	message->credit.id = 1;
	message->credit.more = more;
	hub_says (s_hub, 2, message);
	hub_settle (s_hub);
}

static void
test_nothing_is_sent_without_credit (void **state)
{
	(void) state;
	for (int i = 0; i < 40; i++)
		publish (s_hub, &s_lane, LETTERS_20);
	hub_subscribe (s_hub, 2, NULL, 0, 0);
	assert_int_equal (see (s_hub, 2).delivers, 0);
	give (1); /* overdraws by one message */
	struct seen seen = see (s_hub, 2);
	assert_int_equal (seen.delivers, 1);
	assert_in_range (seen.through, 1, s_hub->core->head - 1);
	give (1);
	assert_int_equal (see (s_hub, 2).delivers, 0);
	give (SIAGA_CREDIT_MAX / 2);
	assert_int_equal (see (s_hub, 2).through, s_hub->core->head);
}

static void
test_small_message_costs_the_least_price (void **state)
{
	(void) state;
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_DELIVER_COST_MIN + 1);
	assert_int_equal (see (s_hub, 2).delivers, 1); /* at the head already: says so */
	struct subscription *subscription =
		session_table_find (s_hub->core->sessions, 2)->subscriptions[0];
	assert_int_equal (subscription->credit, 1);
}

static void
test_too_much_credit_is_refused_and_cut (void **state)
{
	(void) state;
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_CREDIT_MAX);
	see (s_hub, 2);
	give (SIAGA_DELIVER_COST_MIN + 1);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELIMIT);
	assert_true (hub_is_cut (s_hub, 2));
	hub_subscribe (s_hub, 3, NULL, 1, SIAGA_CREDIT_MAX + 1);
	assert_int_equal (hub_take (s_hub, 3), SIAGA_REFUSED);
	assert_true (hub_is_cut (s_hub, 3));
}

static void
test_deliveries_wait_for_room_in_the_queue (void **state)
{
	(void) state;
	for (int i = 0; i < 200; i++)
		publish (s_hub, &s_lane, LETTERS_20 LETTERS_20);
	struct siaga_message *message = hub_message (SIAGA_SUBSCRIBE);
	message->subscribe.id = 1;
	message->subscribe.credit = SIAGA_CREDIT_MAX;
	hub_says (s_hub, 2, message);
	while (core_work (s_hub->core))
		continue;
	assert_in_range (core_out (s_hub->core)->bytes[PACKET_BULK], HUB_BULK_BYTES,
			 HUB_BULK_BYTES + PACKET_BYTES_MAX);
	hub_take (s_hub, 2);
	assert_true (s_hub->in.deliver.through < s_hub->core->head);
}

/* It cannot be. If it were, a reader must not be led past it. */
static void
test_batch_that_fits_no_message_ends_the_session (void **state)
{
	static uint8_t large[SIAGA_MESSAGE_MAX];
	const struct record *record;

	(void) state;
	publish (s_hub, &s_lane, "a");
	assert_int_equal (record_cache_get (s_hub->core->cache, 1, &record), 0);
	struct siaga_bytes bytes = record->bytes;
	((struct record *) record)->bytes = (struct siaga_bytes){large, sizeof large};
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_CREDIT_MAX);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EINTERNAL);
	assert_true (hub_is_cut (s_hub, 2));
	((struct record *) record)->bytes = bytes;
	hub_subscribe (s_hub, 3, NULL, 1, SIAGA_CREDIT_MAX);
	assert_string_equal (see (s_hub, 3).titles, "a");
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		TEST (test_batch_that_may_be_seen_whole_goes_out_as_it_came),
		TEST (test_few_hidden_entries_become_leaf_hashes_in_the_full_form),
		TEST (test_one_of_many_goes_out_in_the_single_form),
		TEST (test_smaller_form_is_chosen_for_every_count),
		TEST (test_reader_that_begins_inside_a_batch_does_not_see_its_beginning),
		TEST (test_need_to_know_is_the_same_live_and_in_replay),
		TEST (test_hidden_entry_never_leaves_live),
		TEST (test_reader_without_the_role_is_refused),
		TEST (test_filter_that_takes_nothing_still_moves_the_reader),
		TEST (test_filter_keeps_its_texts),
		TEST (test_cursor_of_another_log_is_refused),
		TEST (test_mark_is_the_log_leaf_before_through),
		TEST (test_nothing_is_sent_without_credit),
		TEST (test_small_message_costs_the_least_price),
		TEST (test_too_much_credit_is_refused_and_cut),
		TEST (test_deliveries_wait_for_room_in_the_queue),
		TEST (test_batch_that_fits_no_message_ends_the_session),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
