/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another roster comes into force while sessions are open: who is out, who is in, and what those who stay may no
 * longer have.
 */
#include "hub_fixture.h"

static struct hub *s_hub;
static struct hub_lane s_lane;

static int
begin (void **state)
{
	(void) state;
	s_hub = hub_new ();
	hub_settle (s_hub);
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	hub_open (s_hub, 2, "polri/dewi", NULL);
	return 0;
}

static int
end (void **state)
{
	(void) state;
	clock_set (NULL);
	hub_destroy (&s_hub);
	return 0;
}

/* The fixture's roster with one passage replaced, as serial 8, comes into force. */
static void
adopt (const char *find, const char *replacement)
{
	static char whole[sizeof hub_roster + 1024];
	const char *at = strstr (hub_roster, find);

	assert_non_null (at);
	snprintf (whole, sizeof whole, "%.*s%s%s", (int) (at - hub_roster), hub_roster, replacement,
		  at + strlen (find));
	memcpy (strstr (whole, "serial = 7"), "serial = 8", 10);
	hub_adopt (s_hub, whole);
}

/* The next message for a connection that is not a ROSTER notice. */
static int
take (uint64_t conn)
{
	int type;

	while ((type = hub_take (s_hub, conn)) == SIAGA_ROSTER)
		continue;
	return type;
}

/* Is this key among those the gate is told to admit? Takes all that waits. */
static bool
is_admitted (const char *principal)
{
	const uint8_t *key = fixture_identity (principal)->card.transport;
	struct packet packet;
	struct siaga_bytes payload;
	bool found = false;

	while (packet_queue_first (core_out (s_hub->core), &packet, &payload)) {
		if (packet.type == PACKET_KEYS_BEGIN)
			found = false;
		for (size_t at = 0; packet.type == PACKET_KEYS && at < payload.size;
		     at += SIAGA_KEY_BYTES)
			found = found || memcmp (payload.data + at, key, SIAGA_KEY_BYTES) == 0;
		packet_queue_drop_first (core_out (s_hub->core));
	}
	return found;
}

static void
publish (enum siaga_tlp tlp)
{
	struct siaga_header header = hub_header (&s_lane, tlp);

	hub_add (&s_lane, &header, "x");
	assert_int_equal (hub_publish (s_hub, &s_lane), SIAGA_ACK);
}

static void
ask (uint64_t conn, uint64_t id, enum siaga_query_what what)
{
	struct siaga_message *message = hub_message (SIAGA_QUERY);

	message->query.id = id;
	message->query.what = what;
	message->query.has_number = what == SIAGA_QUERY_ENTRY;
	message->query.number = 1;
	hub_says (s_hub, conn, message);
}

#define DEWI                                                                                       \
	"{ name = \"polri/dewi\"; roles = [\"respond\", \"read\"]; keys = ({ card = "              \
	"\"@polri/dewi@\"; }); }"

static void
test_everybody_is_told (void **state)
{
	(void) state;
	adopt ("owner", "owner");
	for (uint64_t conn = 1; conn <= 2; conn++) {
		assert_int_equal (hub_take (s_hub, conn), SIAGA_ROSTER);
		assert_int_equal (s_hub->in.roster.serial, 8);
		assert_memory_equal (s_hub->in.roster.sha256, s_hub->trust.roster->sha256,
				     SIAGA_HASH_BYTES);
		adopt ("owner", "owner");
	}
	assert_false (s_hub->was_cut[1] || s_hub->was_cut[2]);
	hub_settle (s_hub);
}

static void
test_who_is_gone_is_told_and_cut_and_kept_out (void **state)
{
	(void) state;
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_CREDIT_MAX);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_DELIVER);
	adopt ("  " DEWI ",\n", "");
	assert_int_equal (hub_take (s_hub, 2), SIAGA_BYE);
	assert_int_equal (s_hub->in.bye.code, SIAGA_EREVOKED);
	assert_true (hub_is_cut (s_hub, 2));
	publish (SIAGA_TLP_GREEN);
	assert_int_equal (hub_take (s_hub, 2), 0);
	adopt ("  " DEWI ",\n", "");
	assert_false (is_admitted ("polri/dewi"));
	/* A gate that lets it in all the same: */
	hub_knock (s_hub, 2, "polri/dewi");
	assert_int_equal (take (2), SIAGA_CHALLENGE);
	struct siaga_hello hello = hub_hello (s_hub, "polri/dewi", NULL);
	hub_says_hello (s_hub, 2, "polri/dewi", &hello);
	assert_int_equal (take (2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EUNKNOWN);
}

static void
test_key_that_is_retired_or_untrusted_ends_its_session_alone (void **state)
{
	static const char *const ways[] = {"until", "untrusted_from"};
	char changed[512];

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		snprintf (changed, sizeof changed,
			  "card = \"@polri/dewi@\"; %s = \"2001-01-01T00:00:00Z\"; }, "
			  "{ card = \"@polri/dewi:2@\";",
			  ways[i]);
		adopt ("card = \"@polri/dewi@\";", changed);
		assert_true (hub_is_cut (s_hub, 2));
		assert_false (s_hub->was_cut[1]);
		adopt ("card = \"@polri/dewi@\";", changed);
		assert_true (is_admitted ("polri/dewi:2"));
		hub_open (s_hub, 3, "polri/dewi:2", NULL);
		adopt ("owner", "owner"); /* the second card never was */
		assert_true (hub_is_cut (s_hub, 3));
		hub_open (s_hub, 2, "polri/dewi", NULL);
	}
}

static uint64_t s_time_us = UINT64_C (1795507200000000);

static uint64_t
now_us (void *context)
{
	(void) context;
	return __atomic_load_n (&s_time_us, __ATOMIC_RELAXED);
}

static uint64_t
mono_ms (void *context)
{
	return now_us (context) / 1000;
}

/* 2026-11-24T08:00:00Z, and a minute later. */
static void
test_key_whose_time_comes_is_out_without_another_roster (void **state)
{
	static const struct clock_source source = {now_us, mono_ms, NULL};

	(void) state;
	clock_set (&source);
	adopt ("card = \"@polri/dewi@\";",
	       "card = \"@polri/dewi@\"; until = \"2026-11-24T08:01:00Z\";");
	hub_settle (s_hub);
	core_on_tick (s_hub->core);
	assert_false (s_hub->was_cut[2]);
	assert_true (is_admitted ("polri/dewi"));
	core_on_tick (s_hub->core);
	assert_false (is_admitted ("polri/dewi")); /* nothing new to be told */
	__atomic_add_fetch (&s_time_us, 60 * UINT64_C (1000000), __ATOMIC_RELAXED);
	for (uint64_t conn = 1; conn <= 2; conn++) /* the others are not silent */
		session_table_find (s_hub->core->sessions, conn)->quiet_ticks = 0;
	core_on_tick (s_hub->core);
	assert_int_equal (hub_take (s_hub, 2), SIAGA_BYE);
	assert_int_equal (s_hub->in.bye.code, SIAGA_EREVOKED);
	struct packet packet;
	struct siaga_bytes payload;
	size_t keys = 0;
	while (packet_queue_first (core_out (s_hub->core), &packet, &payload)) {
		s_hub->was_cut[2] |= packet.type == PACKET_CUT && packet.conn == 2;
		if (packet.type == PACKET_KEYS)
			keys += payload.size / SIAGA_KEY_BYTES;
		packet_queue_drop_first (core_out (s_hub->core));
	}
	assert_true (s_hub->was_cut[2]);
	assert_int_equal (keys, 4);
	clock_set (NULL);
}

static void
test_both_cards_of_an_overlap_have_sessions (void **state)
{
	(void) state;
	adopt ("card = \"@polri/dewi@\";",
	       "card = \"@polri/dewi@\"; }, { card = \"@polri/dewi:2@\";");
	hub_open (s_hub, 3, "polri/dewi:2", NULL);
	hub_subscribe (s_hub, 2, NULL, 0, SIAGA_CREDIT_MAX);
	assert_int_equal (take (2), SIAGA_DELIVER);
	hub_subscribe (s_hub, 3, NULL, 0, SIAGA_CREDIT_MAX);
	assert_int_equal (take (3), SIAGA_DELIVER);
	assert_false (s_hub->was_cut[2]);
}

static void
test_who_is_new_gets_in (void **state)
{
	(void) state;
	adopt ("  " DEWI ",\n", "  " DEWI ",\n"
				"  { name = \"polri/budi\"; roles = [\"read\"]; keys = ({ card = "
				"\"@polri/budi@\"; }); },\n");
	assert_true (is_admitted ("polri/budi"));
	hub_open (s_hub, 3, "polri/budi", NULL);
	hub_subscribe (s_hub, 3, NULL, 0, SIAGA_CREDIT_MAX);
	assert_int_equal (take (3), SIAGA_DELIVER);
}

static void
test_who_loses_read_loses_subscriptions_and_answers_but_not_the_session (void **state)
{
	(void) state;
	publish (SIAGA_TLP_GREEN);
	hub_subscribe (s_hub, 2, NULL, 1, SIAGA_CREDIT_MAX);
	assert_int_equal (take (2), SIAGA_DELIVER);
	ask (2, 11, SIAGA_QUERY_ENTRY);
	ask (2, 12, SIAGA_QUERY_ROSTER);
	adopt ("\"respond\", \"read\"]; keys = ({ card = \"@polri",
	       "\"respond\"]; keys = ({ card = \"@polri");
	assert_int_equal (take (2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.what, SIAGA_SUBSCRIBE);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EROLE);
	assert_int_equal (s_hub->in.refused.id, 1);
	assert_int_equal (take (2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.what, SIAGA_QUERY);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EROLE);
	assert_int_equal (s_hub->in.refused.id, 11);
	publish (SIAGA_TLP_GREEN);
	hub_settle (s_hub);
	/* The roster is everybody's; nothing else comes. */
	assert_int_equal (take (2), SIAGA_RESULT);
	assert_int_equal (s_hub->in.result.id, 12);
	assert_int_equal (take (2), 0);
	hub_subscribe (s_hub, 2, NULL, 0, SIAGA_CREDIT_MAX);
	assert_int_equal (take (2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_EROLE);
	assert_false (s_hub->was_cut[2]);
}

static void
test_lowered_clearance_counts_from_the_next_entry_and_for_answers_under_way (void **state)
{
	(void) state;
	publish (SIAGA_TLP_AMBER); /* number 1 */
	hub_subscribe (s_hub, 2, NULL, 2, SIAGA_CREDIT_MAX);
	assert_int_equal (take (2), SIAGA_DELIVER);
	ask (2, 11, SIAGA_QUERY_ENTRY);
	adopt ("\"polri\"; clearance = \"red\"", "\"polri\"; clearance = \"green\"");
	assert_int_equal (take (2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.what, SIAGA_QUERY);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ELATER);
	ask (2, 12, SIAGA_QUERY_ENTRY);
	hub_settle (s_hub);
	assert_int_equal (take (2), SIAGA_REFUSED);
	assert_int_equal (s_hub->in.refused.code, SIAGA_ENOTFOUND);
	while (take (2)) /* the entry about the roster */
		continue;
	struct siaga_header amber = hub_header (&s_lane, SIAGA_TLP_AMBER);
	hub_add (&s_lane, &amber, "not for polri any more");
	hub_publish_only (s_hub, &s_lane);
	hub_settle (s_hub);
	assert_int_equal (take (2), 0);
	struct siaga_header green = hub_header (&s_lane, SIAGA_TLP_GREEN);
	hub_add (&s_lane, &green, "for polri");
	hub_publish_only (s_hub, &s_lane);
	hub_settle (s_hub);
	assert_int_equal (take (2), SIAGA_DELIVER);
}

static void
test_key_of_another_principal_ends_the_session (void **state)
{
	(void) state;
	/* The card is bound to its name, so only a roster with another card under that transport key could do it:
	   the session knows whose it was. */
	struct session *session = session_table_find (s_hub->core->sessions, 2);
	memcpy (session->key, fixture_identity ("brin/rina")->card.transport, SIAGA_KEY_BYTES);
	adopt ("owner", "owner");
	assert_true (hub_is_cut (s_hub, 2));
}

static void
test_handshake_under_way_ends_when_its_key_goes (void **state)
{
	(void) state;
	hub_knock (s_hub, 3, "brin/rina");
	adopt (",\n  { name = \"brin/rina\"; roles = [\"respond\", \"read\"]; keys = ({ card = "
	       "\"@brin/rina@\"; }); }",
	       "");
	assert_true (hub_is_cut (s_hub, 3));
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, begin, end)
		TEST (test_everybody_is_told),
		TEST (test_who_is_gone_is_told_and_cut_and_kept_out),
		TEST (test_key_that_is_retired_or_untrusted_ends_its_session_alone),
		TEST (test_key_whose_time_comes_is_out_without_another_roster),
		TEST (test_both_cards_of_an_overlap_have_sessions),
		TEST (test_who_is_new_gets_in),
		TEST (test_who_loses_read_loses_subscriptions_and_answers_but_not_the_session),
		TEST (test_lowered_clearance_counts_from_the_next_entry_and_for_answers_under_way),
		TEST (test_key_of_another_principal_ends_the_session),
		TEST (test_handshake_under_way_ends_when_its_key_goes),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
