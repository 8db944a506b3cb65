/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ZAP handler that is broken admits nobody: whatever it answers that is not the answer to the question, who knocks
 * stays outside (PITFALLS 3). Handlers that are not there, or admit everybody, are test_hub_gate.c's: the gate looks for
 * both before it listens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/gate_router.h"

#define PATIENCE_MS 10000
#define HANG_MS 200 /* of nothing happening */
#define FRAMES_MAX 8
#define HANDSHAKES                                                                                 \
	(ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |                    \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

static struct gate_router *s_router;
static uint8_t s_secret[SIAGA_KEY_BYTES], s_public[SIAGA_KEY_BYTES];
static char s_endpoint[128];

/* "ID" is the question's; a good answer is "1.0", "ID", "200", "OK", "somebody", "". */
struct broken {
	const char *what;
	const char *frames[FRAMES_MAX + 1];
};

static const struct broken answers[] = {
	{"an empty message", {""}},
	{"one frame", {"200"}},
	{"no metadata", {"1.0", "ID", "200", "OK", "somebody"}},
	{"a frame too many", {"1.0", "ID", "200", "OK", "somebody", "", ""}},
	{"another version", {"2.0", "ID", "200", "OK", "somebody", ""}},
	{"somebody else's request", {"1.0", "ID2", "200", "OK", "somebody", ""}},
	{"no request", {"1.0", "", "200", "OK", "somebody", ""}},
	{"no status", {"1.0", "ID", "", "OK", "somebody", ""}},
	{"a status of words", {"1.0", "ID", "yes", "OK", "somebody", ""}},
	{"a status that is none", {"1.0", "ID", "100", "OK", "somebody", ""}},
	{"a longer status", {"1.0", "ID", "2000", "OK", "somebody", ""}},
	{"metadata that are none", {"1.0", "ID", "200", "OK", "somebody", "\xff\xff"}},
	{"the frames in another order", {"200", "OK", "somebody", "", "1.0", "ID"}},
	/* These may leave the handshake hanging, until libzmq gives it up. */
	{"not yet", {"1.0", "ID", "300", "OK", "somebody", ""}},
	{"nothing", {NULL}},
};

#define HANGING 2 /* the last ones */
#define ANSWERS (sizeof answers / sizeof *answers)

static void
answer (zsock_t *handler, const struct broken *broken)
{
	zmsg_t *question = zmsg_recv (handler);
	zframe_t *id = zmsg_first (question) ? zmsg_next (question) : NULL;
	zmsg_t *reply = zmsg_new ();

	for (size_t i = 0; broken->frames[i]; i++)
		if (strcmp (broken->frames[i], "ID") == 0)
			zmsg_addmem (reply, zframe_data (id), zframe_size (id));
		else
			zmsg_addstr (reply, broken->frames[i]);
	if (broken->frames[0])
		zmsg_send (&reply, handler);
	zmsg_destroy (&reply);
	zmsg_destroy (&question);
}

/* Binds once the name of the handler before it is free. */
static zsock_t *
bind_handler (void)
{
	uint64_t end_ms = clock_mono_ms () + PATIENCE_MS;
	zsock_t *handler = zsock_new (ZMQ_REP);

	while (zmq_bind (zsock_resolve (handler), "inproc://zeromq.zap.01") != 0) {
		if (clock_mono_ms () > end_ms) {
			zsock_destroy (&handler);
			return NULL;
		}
		zmq_poll (NULL, 0, 1);
	}
	return handler;
}

static void
handle (zsock_t *pipe, void *arg)
{
	zsock_t *handler = bind_handler ();
	zpoller_t *poller = zpoller_new (pipe, handler, NULL);

	zsock_signal (pipe, handler ? 0 : 1);
	while (zpoller_wait (poller, -1) == handler)
		answer (handler, arg);
	zpoller_destroy (&poller);
	zsock_destroy (&handler);
}

/* Connects with a random key and says a word: how its handshake ended, 0 when it has not within the time. */
static uint16_t
knock (int patience_ms)
{
	uint8_t secret[SIAGA_KEY_BYTES], key[SIAGA_KEY_BYTES], raw[6] = {0};
	zsock_t *dealer = zsock_new (ZMQ_DEALER), *monitor = zsock_new (ZMQ_PAIR);
	void *handle = zsock_resolve (dealer);
	zmq_pollitem_t item = {zsock_resolve (monitor), 0, ZMQ_POLLIN, 0};
	static unsigned count;
	char events[64];
	int linger = 0;
	uint16_t type;

	crypto_box_keypair (key, secret);
	snprintf (events, sizeof events, "inproc://broken-%u", count++);
	zmq_setsockopt (handle, ZMQ_LINGER, &linger, sizeof linger);
	zmq_setsockopt (handle, ZMQ_CURVE_SERVERKEY, s_public, SIAGA_KEY_BYTES);
	zmq_setsockopt (handle, ZMQ_CURVE_PUBLICKEY, key, sizeof key);
	zmq_setsockopt (handle, ZMQ_CURVE_SECRETKEY, secret, sizeof secret);
	assert_int_equal (zmq_socket_monitor (handle, events, HANDSHAKES), 0);
	assert_int_equal (zmq_connect (item.socket, events), 0);
	assert_int_equal (zmq_connect (handle, s_endpoint), 0);
	assert_int_equal (zmq_send (handle, "word", 4, 0), 4);
	if (zmq_poll (&item, 1, patience_ms) > 0)
		assert_int_equal (zmq_recv (item.socket, raw, sizeof raw, 0), sizeof raw);
	zmq_socket_monitor (handle, NULL, 0);
	zsock_destroy (&monitor);
	zsock_destroy (&dealer);
	memcpy (&type, raw, sizeof type);
	return type;
}

static void
test_whatever_a_broken_handler_answers_nobody_is_admitted (void **state)
{
	struct gate_message message;

	(void) state;
	for (size_t i = 0; i < ANSWERS; i++) {
		bool hangs = i >= ANSWERS - HANGING;
		zactor_t *handler = zactor_new (handle, (void *) &answers[i]);
		assert_non_null (handler);
		uint16_t type = knock (hangs ? HANG_MS : PATIENCE_MS);
		if (type != ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL && (type != 0 || !hangs))
			fail_msg ("%s: event %u", answers[i].what, type);
		assert_int_not_equal (gate_router_receive (s_router, &message), 0);
		zactor_destroy (&handler);
	}
}

/* So that the test above could see an admission. */
static void
test_good_answer_admits (void **state)
{
	static const struct broken good = {"good", {"1.0", "ID", "200", "OK", "somebody", ""}};
	zactor_t *handler = zactor_new (handle, (void *) &good);

	(void) state;
	assert_non_null (handler);
	assert_int_equal (knock (PATIENCE_MS), ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
	zactor_destroy (&handler);
}

static int
set_up (void **state)
{
	(void) state;
	log_open ("test", LOG_TO_NOTHING, -2);
	if (sodium_init () < 0)
		return -1;
	crypto_box_keypair (s_public, s_secret);
	s_router = gate_router_new (s_secret, false);
	return s_router && gate_router_bind (s_router, "tcp://127.0.0.1:*", s_endpoint,
					     sizeof s_endpoint) == 0
		       ? 0
		       : -1;
}

static int
tear_down (void **state)
{
	(void) state;
	gate_router_destroy (&s_router);
	return 0;
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_whatever_a_broken_handler_answers_nobody_is_admitted),
		cmocka_unit_test (test_good_answer_admits),
	};

	return cmocka_run_group_tests (tests, set_up, tear_down);
}
