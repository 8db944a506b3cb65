/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a session: the table of PROTOCOL.md section 6 cell by cell, the checks of HELLO, and who
 * replaces whom.
 */
#include "hub_fixture.h"

/* --- the table ------------------------------------------------------------------------------------------ */

static void
test_lifecycle_allows_exactly_the_cells_of_the_protocol (void **state)
{
	static const struct {
		enum session_state state;
		enum siaga_message_type type;
		enum session_verb verb;
	} allowed[] = {
		{SESSION_NEW, SIAGA_KNOCK, SESSION_KNOCK},
		{SESSION_NEW, SIAGA_BYE, SESSION_BYE},
		{SESSION_CHALLENGED, SIAGA_HELLO, SESSION_HELLO},
		{SESSION_CHALLENGED, SIAGA_BYE, SESSION_BYE},
		{SESSION_OPEN, SIAGA_PUBLISH, SESSION_PUBLISH},
		{SESSION_OPEN, SIAGA_SUBSCRIBE, SESSION_SUBSCRIBE},
		{SESSION_OPEN, SIAGA_CREDIT, SESSION_CREDIT},
		{SESSION_OPEN, SIAGA_STATUS, SESSION_STATUS},
		{SESSION_OPEN, SIAGA_QUERY, SESSION_QUERY},
		{SESSION_OPEN, SIAGA_BYE, SESSION_BYE},
	};
	const size_t count = sizeof allowed / sizeof *allowed;

	(void) state;
	for (int from = 0; from < SESSION_STATES; from++)
		for (int type = 0; type <= SIAGA_BYE + 1; type++) {
			enum session_verb expected = SESSION_REFUSE;
			for (size_t i = 0; i < count; i++)
				if ((int) allowed[i].state == from && (int) allowed[i].type == type)
					expected = allowed[i].verb;
			assert_int_equal (session_verb (from, type), expected);
		}
}

/* A message of each type that a client can encode, sent in each state: what is not in the table is answered
   REFUSED grammar, and the connection is cut. */
static void
test_message_outside_the_table_is_refused_and_cut (void **state)
{
	static const enum siaga_message_type types[] = {
		SIAGA_KNOCK, SIAGA_PUBLISH, SIAGA_SUBSCRIBE, SIAGA_CREDIT, SIAGA_STATUS,
		SIAGA_QUERY, SIAGA_ACK,	    SIAGA_PONG,	     SIAGA_RESULT,
	};
	struct hub *hub = hub_new ();

	(void) state;
	for (int from = 0; from < SESSION_STATES; from++)
		for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
			if (session_verb (from, types[i]) != SESSION_REFUSE)
				continue;
			if (from == SESSION_OPEN)
				hub_open (hub, 1, "polri/dewi", NULL);
			else if (from == SESSION_CHALLENGED)
				hub_knock (hub, 1, "polri/dewi");
			else
				hub_gate_says (hub, PACKET_OPEN, 1,
					       fixture_identity ("polri/dewi")->card.transport,
					       NO_BYTES);
			hub->was_cut[1] = false;
			struct siaga_message *message = hub_message (types[i]);
			if (types[i] == SIAGA_RESULT)
				message->result.part = message->result.of = 1;
			if (types[i] == SIAGA_QUERY)
				message->query.what = SIAGA_QUERY_STATUS;
			if (types[i] == SIAGA_KNOCK)
				message->knock.min_version = message->knock.max_version = 1;
			hub_says (hub, 1, message);
			int type;
			while ((type = hub_take (hub, 1)) && type != SIAGA_REFUSED)
				continue;
			assert_int_equal (type, SIAGA_REFUSED);
			assert_int_equal (hub->in.refused.what, types[i]);
			assert_true (hub_is_cut (hub, 1));
		}
	assert_int_equal (session_table_count (hub->core->sessions), 0);
	hub_destroy (&hub);
}

static void
test_noise_is_refused_as_malformed_and_cut (void **state)
{
	static const uint8_t noise[] = {0xff, 0x00, 0x17};
	struct hub *hub = hub_new ();

	(void) state;
	hub_open (hub, 1, "polri/dewi", NULL);
	hub_gate_says (hub, PACKET_MESSAGE, 1, NULL, (struct siaga_bytes){noise, sizeof noise});
	assert_int_equal (hub_take (hub, 1), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_EMALFORMED);
	assert_true (hub_is_cut (hub, 1));
	hub_destroy (&hub);
}

static void
test_bye_ends_a_session_in_any_state (void **state)
{
	struct hub *hub = hub_new ();

	(void) state;
	for (int from = 0; from < SESSION_STATES; from++) {
		if (from == SESSION_OPEN)
			hub_open (hub, 1, "polri/dewi", NULL);
		else if (from == SESSION_CHALLENGED)
			hub_knock (hub, 1, "polri/dewi");
		else
			hub_gate_says (hub, PACKET_OPEN, 1,
				       fixture_identity ("polri/dewi")->card.transport, NO_BYTES);
		hub_says (hub, 1, hub_message (SIAGA_BYE));
		assert_int_equal (session_table_count (hub->core->sessions), 0);
	}
	hub_destroy (&hub);
}

/* --- HELLO ------------------------------------------------------------------------------------------------ */

/* Says a HELLO changed by `spoil` over polri/dewi's connection, signed by `signer`: the refusal's code. */
static int
refusal_of (struct hub *hub, const char *signer, void (*spoil) (struct siaga_hello *hello))
{
	hub_knock (hub, 1, "polri/dewi");
	assert_int_equal (hub_take (hub, 1), SIAGA_CHALLENGE);
	struct siaga_hello hello = hub_hello (hub, "polri/dewi", NULL);
	if (spoil)
		spoil (&hello);
	hub_says_hello (hub, 1, signer, &hello);
	assert_int_equal (hub_take (hub, 1), SIAGA_REFUSED);
	int code = hub->in.refused.code;
	assert_true (hub_is_cut (hub, 1));
	return code;
}

static void
spoil_network (struct siaga_hello *hello)
{
	hello->network = siaga_text ("pemilu-2019");
}

static void
spoil_nonce (struct siaga_hello *hello)
{
	hello->hub_nonce[31] ^= 1;
}

static void
spoil_principal (struct siaga_hello *hello)
{
	hello->principal = siaga_text ("brin/rina");
}

static void
spoil_transport (struct siaga_hello *hello)
{
	hello->transport[0] ^= 1;
}

static void
spoil_key_id (struct siaga_hello *hello)
{
	hello->key_id[0] ^= 1;
}

static void
test_hello_is_checked_in_every_field (void **state)
{
	struct hub *hub = hub_new ();

	(void) state;
	assert_int_equal (refusal_of (hub, "polri/dewi", spoil_network), SIAGA_ENETWORK);
	assert_int_equal (refusal_of (hub, "polri/dewi", spoil_nonce), SIAGA_EREPLAY);
	assert_int_equal (refusal_of (hub, "polri/dewi", spoil_principal), SIAGA_EUNKNOWN);
	assert_int_equal (refusal_of (hub, "polri/dewi", spoil_transport), SIAGA_EUNKNOWN);
	assert_int_equal (refusal_of (hub, "polri/dewi", spoil_key_id), SIAGA_EUNKNOWN);
	assert_int_equal (refusal_of (hub, "brin/rina", NULL), SIAGA_ESIGNATURE);
	hub_destroy (&hub);
}

static void
test_hello_with_a_retired_key_is_refused (void **state)
{
	struct hub *hub = hub_new ();

	(void) state;
	hub_knock (hub, 1, "bssn/soc-1:old");
	assert_int_equal (hub_take (hub, 1), SIAGA_CHALLENGE);
	struct siaga_hello hello = hub_hello (hub, "bssn/soc-1:old", NULL);
	hub_says_hello (hub, 1, "bssn/soc-1:old", &hello);
	assert_int_equal (hub_take (hub, 1), SIAGA_REFUSED);
	assert_int_equal (hub->in.refused.code, SIAGA_EREVOKED);
	assert_true (hub_is_cut (hub, 1));
	hub_destroy (&hub);
}

/* The hub's answer to a KNOCK of a peer that speaks `min` to `max`. */
static int
answer_to_knock (struct hub *hub, uint64_t conn, uint64_t min, uint64_t max)
{
	struct siaga_message *message = hub_message (SIAGA_KNOCK);

	hub_gate_says (hub, PACKET_OPEN, conn, fixture_identity ("polri/dewi")->card.transport,
		       NO_BYTES);
	message->knock.min_version = min;
	message->knock.max_version = max;
	hub_says (hub, conn, message);
	return hub_take (hub, conn);
}

static void
test_knock_without_our_version_is_refused (void **state)
{
	struct hub *hub = hub_new ();

	(void) state;
	for (uint64_t max = 2; max <= 9; max += 7) { /* a peer of [2], and of [2, 9] */
		assert_int_equal (answer_to_knock (hub, max, 2, max), SIAGA_REFUSED);
		assert_int_equal (hub->in.refused.code, SIAGA_EVERSION);
		assert_true (hub_is_cut (hub, max));
	}
	hub_destroy (&hub);
}

/* One that is ahead of the hub, and still speaks what the hub does. */
static void
test_knock_with_a_newer_version_too_gets_ours (void **state)
{
	struct hub *hub = hub_new ();

	(void) state;
	assert_int_equal (answer_to_knock (hub, 1, 1, 2), SIAGA_CHALLENGE);
	assert_int_equal (hub->in.challenge.version, 1);
	struct siaga_hello hello = hub_hello (hub, "polri/dewi", NULL);
	hub_says_hello (hub, 1, "polri/dewi", &hello);
	assert_int_equal (hub_take (hub, 1), SIAGA_WELCOME);
	hub_destroy (&hub);
}

static void
test_newest_uplink_of_an_epoch_wins (void **state)
{
	uint8_t epoch[SIAGA_EPOCH_BYTES] = {1}, other[SIAGA_EPOCH_BYTES] = {2};
	struct hub *hub = hub_new ();

	(void) state;
	hub_open (hub, 1, "bssn/soc-1", epoch);
	hub_open (hub, 2, "bssn/soc-1", other);
	hub_open (hub, 3, "bssn/soc-1", NULL);
	assert_false (hub->was_cut[1]);
	hub_knock (hub, 4, "bssn/soc-1");
	assert_int_equal (hub_take (hub, 4), SIAGA_CHALLENGE);
	struct siaga_hello hello = hub_hello (hub, "bssn/soc-1", epoch);
	hub_says_hello (hub, 4, "bssn/soc-1", &hello);
	assert_int_equal (hub_take (hub, 1), SIAGA_BYE);
	assert_int_equal (hub->in.bye.code, SIAGA_EREPLACED);
	assert_int_equal (hub_take (hub, 4), SIAGA_WELCOME);
	assert_true (hub->was_cut[1]);
	assert_false (hub->was_cut[2] || hub->was_cut[3]);
	hub_destroy (&hub);
}

static void
test_sessions_of_a_principal_are_bounded (void **state)
{
	struct hub *hub = hub_new ();

	(void) state;
	for (uint64_t conn = 100; conn < 100 + HUB_SESSIONS_PER_PRINCIPAL_MAX; conn++) {
		hub_gate_says (hub, PACKET_OPEN, conn,
			       fixture_identity ("polri/dewi")->card.transport, NO_BYTES);
		struct session *session = session_table_find (hub->core->sessions, conn);
		session->principal =
			siaga_roster_principal (hub->trust.roster, siaga_text ("polri/dewi"));
		session->state = SESSION_OPEN;
		session->account = account_hold (&hub->core->accounts, "polri/dewi");
		session->account->sessions++;
	}
	assert_int_equal (refusal_of (hub, "polri/dewi", NULL), SIAGA_ELIMIT);
	hub_open (hub, 2, "brin/rina", NULL);
	hub_destroy (&hub);
}

/* --- time, generations -------------------------------------------------------------------------------------- */

static uint64_t s_now_ms = 1000;

static uint64_t
now_us (void *context)
{
	(void) context;
	return UINT64_C (1795507200000000) + s_now_ms * 1000;
}

static uint64_t
mono_ms (void *context)
{
	(void) context;
	return s_now_ms;
}

static void
test_handshake_has_ten_seconds (void **state)
{
	static const struct clock_source source = {now_us, mono_ms, NULL};

	(void) state;
	clock_set (&source);
	struct hub *hub = hub_new ();
	hub_settle (hub); /* the writer's thread reads the clock too */
	hub_open (hub, 1, "polri/dewi", NULL);
	hub_knock (hub, 2, "brin/rina");
	s_now_ms += SIAGA_HANDSHAKE_MAX_MS - 1;
	core_on_tick (hub->core);
	assert_false (hub_is_cut (hub, 2));
	s_now_ms += 1;
	core_on_tick (hub->core);
	assert_true (hub_is_cut (hub, 2));
	assert_false (hub->was_cut[1]);
	hub_destroy (&hub);
	clock_set (NULL);
}

static void
test_packets_of_another_generation_are_ignored (void **state)
{
	struct hub *hub = hub_new ();
	struct packet packet = {.type = PACKET_OPEN, .generation = HUB_GENERATION - 1, .conn = 1};

	(void) state;
	core_on_packet (hub->core, &packet, NO_BYTES);
	assert_int_equal (session_table_count (hub->core->sessions), 0);
	hub_destroy (&hub);
}

static void
test_new_gate_ends_all_sessions_and_gets_the_keys (void **state)
{
	struct hub *hub = hub_new ();
	struct packet packet = {.type = PACKET_GATE_UP, .generation = HUB_GENERATION + 1};
	struct siaga_bytes payload;
	size_t keys = 0;

	(void) state;
	hub_open (hub, 1, "polri/dewi", NULL);
	core_on_packet (hub->core, &packet, NO_BYTES);
	assert_int_equal (session_table_count (hub->core->sessions), 0);
	assert_true (packet_queue_first (core_out (hub->core), &packet, &payload));
	assert_int_equal (packet.type, PACKET_KEYS_BEGIN);
	while (packet_queue_first (core_out (hub->core), &packet, &payload)) {
		assert_int_equal (packet.generation, HUB_GENERATION + 1);
		if (packet.type == PACKET_KEYS)
			keys += payload.size / SIAGA_KEY_BYTES;
		packet_queue_drop_first (core_out (hub->core));
	}
	assert_int_equal (packet.type, PACKET_KEYS_END);
	assert_int_equal (keys, 5); /* not the retired one */
	hub_destroy (&hub);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_lifecycle_allows_exactly_the_cells_of_the_protocol),
		cmocka_unit_test (test_message_outside_the_table_is_refused_and_cut),
		cmocka_unit_test (test_noise_is_refused_as_malformed_and_cut),
		cmocka_unit_test (test_bye_ends_a_session_in_any_state),
		cmocka_unit_test (test_hello_is_checked_in_every_field),
		cmocka_unit_test (test_hello_with_a_retired_key_is_refused),
		cmocka_unit_test (test_knock_without_our_version_is_refused),
		cmocka_unit_test (test_knock_with_a_newer_version_too_gets_ours),
		cmocka_unit_test (test_newest_uplink_of_an_epoch_wins),
		cmocka_unit_test (test_sessions_of_a_principal_are_bounded),
		cmocka_unit_test (test_handshake_has_ten_seconds),
		cmocka_unit_test (test_packets_of_another_generation_are_ignored),
		cmocka_unit_test (test_new_gate_ends_all_sessions_and_gets_the_keys),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
