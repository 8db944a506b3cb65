/* SPDX-License-Identifier: Apache-2.0 */
/*
 * common/link.h against a hub in the same loop: the handshake, every way it can fail, silence, loss, and
 * destruction from inside callbacks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/clock.h"
#include "common/link_private.h"
#include "fake_hub.h"

/* What a test's link has told. */
struct seen {
	struct link *link;
	unsigned opened;
	unsigned down;
	unsigned messages;
	unsigned hellos;
	unsigned statuses;
	int error;
	char words[512];
	uint64_t retry_ms;
	uint8_t log_id[SIAGA_LOG_ID_BYTES];
	enum siaga_message_type last;
	const char *destroy_in; /* the callback that destroys the link … */
	const char *restart_in; /* … or restarts it */
};

static struct fake_loop s_loop;
static struct fake_world s_world;
static struct fake_hub *s_hub;
static struct seen s_seen;

static const struct link_patience s_patience = {
	.handshake_ms = 5000,
	.status_ms = 5000,
	.silence_ms = 15000,
	.retry_min_ms = 10,
	.retry_max_ms = 100,
	.steady_ms = 10000,
};

static void
s_act (const char *callback)
{
	if (s_seen.destroy_in && strcmp (s_seen.destroy_in, callback) == 0)
		link_destroy (&s_seen.link);
	else if (s_seen.restart_in && strcmp (s_seen.restart_in, callback) == 0) {
		s_seen.restart_in = NULL;
		link_restart (s_seen.link, SIAGA_EAGAIN, "because the test says so");
	}
	fake_loop_kick (&s_loop);
}

static void
s_on_hello (void *arg, struct siaga_hello *hello)
{
	(void) arg;
	s_seen.hellos++;
	hello->has_epoch = true;
	memset (hello->epoch, 0xe0, sizeof hello->epoch);
	hello->last_oseq = 41;
	s_act ("hello");
}

static void
s_on_open (void *arg, const struct siaga_welcome *welcome)
{
	(void) arg;
	s_seen.opened++;
	memcpy (s_seen.log_id, welcome->log_id, sizeof s_seen.log_id);
	s_act ("open");
}

static void
s_on_message (void *arg, const struct siaga_message *message)
{
	(void) arg;
	s_seen.messages++;
	s_seen.last = message->type;
	s_act ("message");
}

static void
s_on_down (void *arg, int error, const char *words, uint64_t retry_ms)
{
	(void) arg;
	s_seen.down++;
	s_seen.error = error;
	s_seen.retry_ms = retry_ms;
	snprintf (s_seen.words, sizeof s_seen.words, "%s", words);
	s_act ("down");
}

static void
s_on_status (void *arg, struct siaga_status_message *status)
{
	(void) arg;
	s_seen.statuses++;
	status->waiting = 5;
	s_act ("status");
}

static const struct link_events s_events = {
	.on_hello = s_on_hello,
	.on_open = s_on_open,
	.on_message = s_on_message,
	.on_down = s_on_down,
	.on_status = s_on_status,
};

static int
s_setup (void **state)
{
	(void) state;
	memset (&s_seen, 0, sizeof s_seen);
	fake_loop_init (&s_loop);
	fake_world_init (&s_world);
	s_hub = fake_hub_new (&s_loop, &s_world);
	return 0;
}

static int
s_teardown (void **state)
{
	(void) state;
	link_destroy (&s_seen.link);
	fake_hub_destroy (&s_hub);
	fake_world_finish (&s_world);
	fake_loop_finish (&s_loop);
	return 0;
}

static void
s_start_with (const struct link_patience *patience, const char *address, bool once)
{
	struct link_options options = {
		.loop = s_loop.loop,
		.trust = &s_world.trust,
		.software = "siaga-test 0.1",
		.address = address,
		.once = once,
	};
	s_seen.link = link_new (&options, &s_events, NULL);
	assert_non_null (s_seen.link);
	link_set_patience (s_seen.link, patience);
}

static void
s_start (void)
{
	s_start_with (&s_patience, NULL, false);
}

/* The first failure has that error and words; the link then opens when the hub behaves. */
static void
s_expect_down (int error, const char *words)
{
	RUN_UNTIL (&s_loop, s_seen.down > 0);
	assert_int_equal (s_seen.error, error);
	if (!strstr (s_seen.words, words) || !strstr (s_seen.words, "tcp://127."))
		fail_msg ("%s", s_seen.words);
	assert_string_equal (link_last_error (s_seen.link), s_seen.words);
	assert_true (s_seen.retry_ms > 0);
	assert_false (link_is_open (s_seen.link));
}

static void
s_expect_recovery (void)
{
	unsigned before = s_seen.opened;
	s_hub->hook = NULL;
	RUN_UNTIL (&s_loop, s_seen.opened > before);
	assert_true (link_is_open (s_seen.link));
}

static void
test_link_opens_a_session_and_beats (void **state)
{
	(void) state;
	struct link_patience patience = s_patience;
	patience.status_ms = 20;
	s_start_with (&patience, NULL, false);
	assert_int_equal (link_send (s_seen.link, "x", 1), SIAGA_EAGAIN);
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	assert_true (link_is_open (s_seen.link));
	assert_string_equal (link_last_error (s_seen.link), "");
	assert_memory_equal (s_seen.log_id, s_hub->log_id, SIAGA_LOG_ID_BYTES);
	assert_string_equal (s_hub->software, "siaga-test 0.1");
	assert_true (s_hub->hello.has_epoch);
	assert_int_equal (s_hub->hello.last_oseq, 41);
	assert_int_equal (s_hub->peer_size, 16);
	assert_int_not_equal (s_hub->peer[0], 0);
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_STATUS] >= 3);
	assert_int_equal (s_hub->status.waiting, 5);
	assert_true (s_hub->status.now_us > UINT64_C (1700000000000000));
	assert_int_equal (s_seen.messages, 0); /* PONG is the link's own business */
	assert_int_equal (s_seen.down, 0);
}

static void
test_link_passes_messages_on_and_says_bye (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	struct siaga_message query = {.type = SIAGA_QUERY};
	query.query.id = 1;
	query.query.what = SIAGA_QUERY_STATUS;
	assert_int_equal (link_send_message (s_seen.link, &query), 0);
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_QUERY] == 1);
	struct siaga_message result = {.type = SIAGA_RESULT};
	result.result = (struct siaga_result){
		.id = 1, .part = 1, .of = 1, .payload = {(uint8_t *) "\xa0", 1}};
	fake_hub_send (s_hub, &result);
	RUN_UNTIL (&s_loop, s_seen.messages == 1);
	assert_int_equal (s_seen.last, SIAGA_RESULT);
	link_destroy (&s_seen.link);
	assert_null (s_seen.link);
	RUN_UNTIL (&s_loop, s_hub->seen[SIAGA_BYE] == 1);
}

static void
test_link_refused_key_is_told_and_tried_again (void **state)
{
	(void) state;
	s_hub->zap_status = "400";
	s_start ();
	s_expect_down (SIAGA_EUNKNOWN,
		       "the hub does not admit this key (not in its roster, or revoked)");
	RUN_UNTIL (&s_loop, s_seen.down >= 3);
	s_hub->zap_status = "200";
	s_expect_recovery ();
}

static void
test_link_without_a_hub_tries_until_there_is_one (void **state)
{
	(void) state;
	fake_hub_down (s_hub);
	s_start ();
	s_expect_down (SIAGA_EIO, "cannot connect");
	RUN_UNTIL (&s_loop, s_seen.down >= 3);
	fake_hub_up (s_hub);
	s_expect_recovery ();
}

static void
test_link_finds_the_way_back_when_the_hub_restarts (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	uint8_t before[16], after[16];
	memcpy (before, s_hub->peer, sizeof before);
	fake_hub_down (s_hub);
	s_expect_down (SIAGA_EIO, "the connection was lost");
	fake_hub_up (s_hub);
	s_expect_recovery ();
	memcpy (after, s_hub->peer, sizeof after);
	assert_int_equal (s_hub->peer_size, 16);
	assert_memory_not_equal (before, after, sizeof before);
}

static void
test_link_gives_up_a_hub_with_another_key (void **state)
{
	(void) state;
	struct siaga_identity *other = siaga_identity_new (siaga_text (FAKE_HUB));
	fake_hub_down (s_hub);
	s_hub->identity = other;
	fake_hub_up (s_hub);
	s_start ();
	s_expect_down (SIAGA_EIO, "hub key");
	siaga_identity_destroy (&other);
	s_hub->identity = s_world.hub;
}

static void
test_link_without_a_live_hub_key_says_so (void **state)
{
	(void) state;
	s_world.keys[0].until_us = 1;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.error, SIAGA_EREVOKED);
	assert_non_null (strstr (s_seen.words, "no live key for the hub kpu/hub"));
	s_world.keys[0].until_us = 0;
	s_expect_recovery ();
}

static void
test_link_refuses_another_network (void **state)
{
	(void) state;
	s_hub->network = "latihan";
	s_start ();
	s_expect_down (SIAGA_ENETWORK, "another network (latihan)");
	assert_int_equal (s_hub->seen[SIAGA_HELLO], 0);
	s_hub->network = FAKE_NETWORK;
	s_expect_recovery ();
}

static bool
s_hook_forged_welcome (struct fake_hub *hub, const struct siaga_message *message)
{
	struct siaga_welcome welcome;
	if (message->type != SIAGA_HELLO)
		return false;
	fake_hub_take_hello (hub, &message->hello);
	fake_hub_fill_welcome (hub, &welcome);
	fake_hub_send_welcome (hub, &welcome, hub->world->client);
	return true;
}

static bool
s_hook_replayed_welcome (struct fake_hub *hub, const struct siaga_message *message)
{
	struct siaga_welcome welcome;
	if (message->type != SIAGA_HELLO)
		return false;
	fake_hub_take_hello (hub, &message->hello);
	fake_hub_fill_welcome (hub, &welcome);
	welcome.nonce[0] ^= 1;
	fake_hub_send_welcome (hub, &welcome, hub->world->hub);
	return true;
}

static bool
s_hook_refuse_hello (struct fake_hub *hub, const struct siaga_message *message)
{
	if (message->type != SIAGA_HELLO)
		return false;
	hub->out.type = SIAGA_REFUSED;
	hub->out.refused = (struct siaga_refused){.what = SIAGA_HELLO,
						  .code = SIAGA_EREVOKED,
						  .words = siaga_text ("pergi\x1b[2J\n")};
	fake_hub_send (hub, &hub->out);
	return true;
}

static bool
s_hook_ignore (struct fake_hub *hub, const struct siaga_message *message)
{
	(void) hub;
	(void) message;
	return true;
}

static bool
s_hook_no_welcome (struct fake_hub *hub, const struct siaga_message *message)
{
	(void) hub;
	return message->type == SIAGA_HELLO;
}

static bool
s_hook_early_ack (struct fake_hub *hub, const struct siaga_message *message)
{
	(void) message;
	hub->out.type = SIAGA_ACK;
	memset (&hub->out.ack, 0, sizeof hub->out.ack);
	hub->out.ack.oseq = 1;
	fake_hub_send (hub, &hub->out);
	return true;
}

static void
test_link_refuses_a_welcome_the_hub_did_not_sign (void **state)
{
	(void) state;
	s_hub->hook = s_hook_forged_welcome;
	s_start ();
	s_expect_down (SIAGA_ESIGNATURE, "not signed by the roster's hub");
	s_expect_recovery ();
}

static void
test_link_refuses_a_replayed_welcome (void **state)
{
	(void) state;
	s_hub->hook = s_hook_replayed_welcome;
	s_start ();
	s_expect_down (SIAGA_EREPLAY, "another session");
	s_expect_recovery ();
}

static void
test_link_shows_the_hubs_words_without_obeying_them (void **state)
{
	(void) state;
	s_hub->hook = s_hook_refuse_hello;
	s_start ();
	s_expect_down (SIAGA_EREVOKED, "pergi?[2J?");
	s_expect_recovery ();
}

static void
test_link_gives_a_handshake_only_so_long (void **state)
{
	(void) state;
	struct link_patience patience = s_patience;
	patience.handshake_ms = 200;
	s_hub->hook = s_hook_no_welcome;
	s_start_with (&patience, NULL, false);
	s_expect_down (SIAGA_EAGAIN, "did not finish the handshake");
	assert_int_equal (s_seen.opened, 0);
	patience.handshake_ms = 5000;
	link_set_patience (s_seen.link, &patience);
	s_expect_recovery ();
}

static void
test_link_refuses_messages_out_of_turn (void **state)
{
	(void) state;
	s_hub->hook = s_hook_early_ack;
	s_start ();
	s_expect_down (SIAGA_EGRAMMAR, "during the handshake");
	s_expect_recovery ();
	struct siaga_message knock = {.type = SIAGA_KNOCK};
	knock.knock = (struct siaga_knock){1, 1};
	fake_hub_send (s_hub, &knock);
	RUN_UNTIL (&s_loop, s_seen.down == 2);
	assert_int_equal (s_seen.error, SIAGA_EGRAMMAR);
	s_expect_recovery ();
}

static void
test_link_refuses_what_is_no_message (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	fake_hub_send_frame (s_hub, "\xff\xff", 2, 0);
	s_expect_down (SIAGA_EGRAMMAR, "not a message");
	s_expect_recovery ();
	fake_hub_send_frame (s_hub, "", 0, ZMQ_SNDMORE);
	zmq_send (zsock_resolve (s_hub->router), "more", 4, ZMQ_DONTWAIT);
	RUN_UNTIL (&s_loop, s_seen.down == 2);
	assert_int_equal (s_seen.error, SIAGA_EGRAMMAR);
	s_expect_recovery ();
}

static void
test_link_bye_ends_the_session_with_its_code (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	struct siaga_message bye = {.type = SIAGA_BYE};
	bye.bye = (struct siaga_bye){SIAGA_EREPLACED, siaga_text ("a newer one")};
	fake_hub_send (s_hub, &bye);
	s_expect_down (SIAGA_EREPLACED, "a newer one");
	s_expect_recovery ();
}

static void
test_link_hears_the_last_words_before_a_cut (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop,
		   s_hub->seen[SIAGA_STATUS] == 1); /* unread bytes would make TCP drop the rest */
	struct siaga_message bye = {.type = SIAGA_BYE};
	bye.bye = (struct siaga_bye){SIAGA_EREVOKED, siaga_text ("revoked")};
	fake_hub_send (s_hub, &bye);
	zsock_set_linger (s_hub->router, 1000);
	fake_hub_down (s_hub);
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.error, SIAGA_EREVOKED);
	fake_hub_up (s_hub);
	s_expect_recovery ();
}

static void
test_link_silence_ends_a_session (void **state)
{
	(void) state;
	struct link_patience patience = s_patience;
	patience.status_ms = 50;
	patience.silence_ms = 250;
	s_start_with (&patience, NULL, false);
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	fake_loop_run (&s_loop, 500); /* PONGs are life */
	assert_int_equal (s_seen.down, 0);
	s_hub->hook = s_hook_ignore;
	s_expect_down (SIAGA_EAGAIN, "has said nothing for");
	s_hub->hook = NULL;
	s_expect_recovery ();
}

static void
test_link_rotates_addresses_and_stays_with_the_good_one (void **state)
{
	(void) state;
	char dead[] = "tcp://127.0.0.1:1";
	s_world.addresses[0] = dead;
	s_world.addresses[1] = s_hub->address;
	s_world.roster.address_count = 2;
	s_start ();
	s_expect_down (SIAGA_EIO, dead);
	s_expect_recovery ();
	assert_int_equal (s_seen.down, 1);
	fake_hub_send_frame (s_hub, "\xff", 1, 0);
	RUN_UNTIL (&s_loop, s_seen.down == 2);
	s_expect_recovery ();
	assert_int_equal (s_seen.down, 2);
}

static void
test_link_own_address_overrides_the_rosters (void **state)
{
	(void) state;
	char dead[] = "tcp://127.0.0.1:1";
	s_world.addresses[0] = dead;
	s_start_with (&s_patience, s_hub->address, false);
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	assert_int_equal (s_seen.down, 0);
}

static void
test_link_once_tries_each_address_and_ends (void **state)
{
	(void) state;
	char dead[] = "tcp://127.0.0.1:1", nonsense[] = "nonsense";
	s_world.addresses[0] = dead;
	s_world.addresses[1] = nonsense;
	s_world.roster.address_count = 2;
	s_start_with (&s_patience, NULL, true);
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.retry_ms, 0);
	assert_int_equal (s_seen.error, SIAGA_EUSAGE);
	fake_loop_run (&s_loop, 200);
	assert_int_equal (s_seen.down, 1);
	link_destroy (&s_seen.link);
	memset (&s_seen, 0, sizeof s_seen);
	s_world.addresses[1] = s_hub->address;
	s_start_with (&s_patience, NULL, true);
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	assert_int_equal (s_seen.down, 0);
	fake_hub_down (s_hub);
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	assert_int_equal (s_seen.retry_ms, 0);
	fake_hub_up (s_hub);
}

static void
test_link_restart_opens_another_session (void **state)
{
	(void) state;
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	link_restart (s_seen.link, SIAGA_ECONFLICT, "a new epoch begins");
	assert_false (link_is_open (s_seen.link));
	assert_int_equal (s_seen.down, 0); /* told from the loop */
	s_expect_down (SIAGA_ECONFLICT, "a new epoch begins");
	s_expect_recovery ();
	static const char *const callbacks[] = {"open", "status", "down"};
	for (size_t i = 0; i < sizeof callbacks / sizeof *callbacks; i++) {
		s_seen.restart_in = callbacks[i];
		link_restart (s_seen.link, SIAGA_EAGAIN, "again");
		RUN_UNTIL (&s_loop, s_seen.restart_in == NULL);
		s_expect_recovery ();
	}
}

/* Lets the link live until it destroys itself in that callback. */
static void
s_destroy_in (const char *callback, bool bad_hub)
{
	memset (&s_seen, 0, sizeof s_seen);
	s_seen.destroy_in = callback;
	s_hub->zap_status = bad_hub ? "400" : "200";
	s_start ();
	if (strcmp (callback, "message") == 0) {
		RUN_UNTIL (&s_loop, s_seen.opened == 1);
		struct siaga_message note = {.type = SIAGA_ROSTER};
		note.roster.serial = 8;
		fake_hub_send (s_hub, &note);
		fake_hub_send (s_hub, &note);
	}
	RUN_UNTIL (&s_loop, s_seen.link == NULL);
	fake_loop_run (&s_loop, 20);
	s_hub->zap_status = "200";
}

static void
test_link_may_be_destroyed_in_any_callback (void **state)
{
	(void) state;
	s_destroy_in ("hello", false);
	s_destroy_in ("open", false);
	s_destroy_in ("status", false);
	s_destroy_in ("message", false);
	assert_int_equal (s_seen.messages, 1);
	s_destroy_in ("down", true);
}

static void
test_link_may_be_destroyed_in_any_state (void **state)
{
	(void) state;
	s_start ();
	link_destroy (&s_seen.link); /* connecting */
	fake_loop_run (&s_loop, 20);
	fake_hub_down (s_hub);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.down == 1);
	link_destroy (&s_seen.link); /* waiting */
	fake_hub_up (s_hub);
	s_start ();
	RUN_UNTIL (&s_loop, s_seen.opened == 1);
	link_restart (s_seen.link, SIAGA_EAGAIN, "failed");
	link_destroy (&s_seen.link); /* failed */
	fake_loop_run (&s_loop, 20);
	assert_int_equal (s_seen.down, 1);
	link_destroy (&s_seen.link); /* gone */
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
	const struct CMUnitTest tests[] = {
		TEST (test_link_opens_a_session_and_beats),
		TEST (test_link_passes_messages_on_and_says_bye),
		TEST (test_link_refused_key_is_told_and_tried_again),
		TEST (test_link_without_a_hub_tries_until_there_is_one),
		TEST (test_link_finds_the_way_back_when_the_hub_restarts),
		TEST (test_link_gives_up_a_hub_with_another_key),
		TEST (test_link_without_a_live_hub_key_says_so),
		TEST (test_link_refuses_another_network),
		TEST (test_link_refuses_a_welcome_the_hub_did_not_sign),
		TEST (test_link_refuses_a_replayed_welcome),
		TEST (test_link_shows_the_hubs_words_without_obeying_them),
		TEST (test_link_gives_a_handshake_only_so_long),
		TEST (test_link_refuses_messages_out_of_turn),
		TEST (test_link_refuses_what_is_no_message),
		TEST (test_link_bye_ends_the_session_with_its_code),
		TEST (test_link_hears_the_last_words_before_a_cut),
		TEST (test_link_silence_ends_a_session),
		TEST (test_link_rotates_addresses_and_stays_with_the_good_one),
		TEST (test_link_own_address_overrides_the_rosters),
		TEST (test_link_once_tries_each_address_and_ends),
		TEST (test_link_restart_opens_another_session),
		TEST (test_link_may_be_destroyed_in_any_callback),
		TEST (test_link_may_be_destroyed_in_any_state),
	};
	zsys_init ();
	zsys_handler_set (NULL);
	return cmocka_run_group_tests (tests, NULL, NULL);
}
