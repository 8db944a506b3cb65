/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate's ROUTER on its own: that strangers stay outside whatever becomes of the handler, that the proof of it
 * notices when they do not (PITFALLS 3), whose a message is (9, 10), and that nobody is waited for (16).
 *
 * One ROUTER for all tests, in this order: libzmq frees the names of sockets when it likes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/gate_private.h"
#include "hub/gate_test.h"
#include "hub/hub_limits.h"
#include "siaga/error.h"

#define PATIENCE_MS 10000
#define ZAP_ENFORCE_DOMAIN 93 /* see gate_router.c */

static struct gate_router *s_router;
static struct gate_zap *s_zap;
static uint8_t s_secret[SIAGA_KEY_BYTES], s_public[SIAGA_KEY_BYTES];
static char s_endpoint[128];
static uint64_t s_admission;

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
	gate_zap_destroy (&s_zap);
	gate_router_destroy (&s_router);
	return 0;
}

/* --- strangers -------------------------------------------------------------------------------------------- */

static void
test_router_without_a_handler_admits_nobody (void **state)
{
	(void) state;
	assert_int_equal (gate_test_stranger (s_router, NULL, s_public), 0);
}

static void
test_router_that_does_not_insist_on_a_handler_is_found_out (void **state)
{
	void *handle = zsock_resolve (gate_router_socket (s_router));
	int value = 0;

	(void) state;
	assert_int_equal (zmq_setsockopt (handle, ZAP_ENFORCE_DOMAIN, &value, sizeof value), 0);
	assert_int_equal (gate_test_stranger (s_router, NULL, s_public), SIAGA_EUNKNOWN);
	value = 1;
	assert_int_equal (zmq_setsockopt (handle, ZAP_ENFORCE_DOMAIN, &value, sizeof value), 0);
	assert_int_equal (gate_test_stranger (s_router, NULL, s_public), 0);
}

/* A handler that lets everybody in. */
static void
admit_all (zsock_t *pipe, void *arg)
{
	zsock_t *handler = zsock_new (ZMQ_REP);
	zpoller_t *poller = zpoller_new (pipe, handler, NULL);

	(void) arg;
	int bound = zmq_bind (zsock_resolve (handler), "inproc://zeromq.zap.01");
	zsock_signal (pipe, bound == 0 ? 0 : 1);
	while (zpoller_wait (poller, -1) == handler) {
		zmsg_t *question = zmsg_recv (handler);
		zframe_t *id = zmsg_first (question) ? zmsg_next (question) : NULL;
		zmsg_t *answer = zmsg_new ();
		zmsg_addstr (answer, "1.0");
		zmsg_addmem (answer, zframe_data (id), zframe_size (id));
		zmsg_addstr (answer, "200");
		zmsg_addstr (answer, "OK");
		zmsg_addstr (answer, "anybody");
		zmsg_addmem (answer, "", 0);
		zmsg_send (&answer, handler);
		zmsg_destroy (&question);
	}
	zpoller_destroy (&poller);
	zsock_destroy (&handler);
}

static void
test_handler_that_admits_everybody_is_found_out (void **state)
{
	zactor_t *handler = zactor_new (admit_all, NULL);

	(void) state;
	assert_non_null (handler);
	assert_int_equal (gate_test_stranger (s_router, NULL, s_public), SIAGA_EUNKNOWN);
	zactor_destroy (&handler);
}

static void
test_handler_with_an_empty_list_admits_nobody (void **state)
{
	struct zap_keys none = {.known = false};
	uint64_t end_ms = clock_mono_ms () + PATIENCE_MS;

	(void) state;
	while (!s_zap && clock_mono_ms () < end_ms) { /* until the other's name is free */
		s_zap = gate_zap_new ();
		zmq_poll (NULL, 0, s_zap ? 0 : 1);
	}
	assert_non_null (s_zap);
	zap_keys_seal (&none);
	gate_zap_put (s_zap, &none);
	assert_int_equal (gate_test_stranger (s_router, s_zap, s_public), 0);
}

/* --- peers --------------------------------------------------------------------------------------------------- */

struct dealer {
	zsock_t *socket;
	uint8_t rid[GATE_RID_BYTES];
	uint8_t key[SIAGA_KEY_BYTES];
	uint64_t admission;
};

/* Connects with a key of its own, which is put on the list, and says a word. */
static void
dealer_open (struct dealer *self, int read_max)
{
	struct zap_keys keys = {.known = false};
	uint8_t secret[SIAGA_KEY_BYTES];
	int none = 0;

	crypto_box_keypair (self->key, secret);
	randombytes_buf (self->rid, sizeof self->rid);
	self->rid[0] |= 1;
	self->admission = 0;
	assert_int_equal (zap_keys_add (&keys, (struct siaga_bytes){self->key, sizeof self->key}),
			  0);
	zap_keys_seal (&keys);
	gate_zap_put (s_zap, &keys);
	self->socket = zsock_new (ZMQ_DEALER);
	void *handle = zsock_resolve (self->socket);
	zmq_setsockopt (handle, ZMQ_LINGER, &none, sizeof none);
	zmq_setsockopt (handle, ZMQ_RCVHWM, &read_max, sizeof read_max);
	zmq_setsockopt (handle, ZMQ_ROUTING_ID, self->rid, sizeof self->rid);
	zmq_setsockopt (handle, ZMQ_CURVE_SERVERKEY, s_public, SIAGA_KEY_BYTES);
	zmq_setsockopt (handle, ZMQ_CURVE_PUBLICKEY, self->key, SIAGA_KEY_BYTES);
	zmq_setsockopt (handle, ZMQ_CURVE_SECRETKEY, secret, SIAGA_KEY_BYTES);
	assert_int_equal (zmq_connect (handle, s_endpoint), 0);
	assert_int_equal (zmq_send (handle, "word", 4, 0), 4);
}

/* Answers the handler's questions until a message is there. */
static void
await_message (struct gate_message *message)
{
	zmq_pollitem_t items[2] = {
		{zsock_resolve (gate_zap_socket (s_zap)), 0, ZMQ_POLLIN, 0},
		{zsock_resolve (gate_router_socket (s_router)), 0, ZMQ_POLLIN, 0},
	};

	while (gate_router_receive (s_router, message) != 0) {
		assert_true (zmq_poll (items, 2, PATIENCE_MS) > 0);
		if (items[0].revents & ZMQ_POLLIN)
			gate_zap_answer (s_zap, ++s_admission);
	}
}

static void
dealer_meet (struct dealer *self, int read_max)
{
	struct gate_message message;

	dealer_open (self, read_max);
	await_message (&message);
	self->admission = message.admission;
	assert_true (message.has_key);
	assert_memory_equal (message.key, self->key, sizeof self->key);
	assert_int_equal (message.rid_size, sizeof self->rid);
	assert_memory_equal (message.rid, self->rid, sizeof self->rid);
	assert_true (message.fd > 2);
	assert_false (message.is_train);
	gate_message_finish (&message);
}

static bool
yes (void *arg)
{
	(void) arg;
	return true;
}

static bool
no (void *arg)
{
	(void) arg;
	return false;
}

static void
test_message_names_the_handshake_it_came_by (void **state)
{
	struct dealer one, other;

	(void) state;
	dealer_meet (&one, 10);
	dealer_meet (&other, 10);
	assert_int_equal (other.admission, one.admission + 1);
	zsock_destroy (&one.socket);
	zsock_destroy (&other.socket);
}

static void
test_message_for_somebody_else_becomes_an_empty_frame (void **state)
{
	struct siaga_bytes body = {(const uint8_t *) "secret", 6};
	char got[16];
	struct dealer dealer;

	(void) state;
	dealer_meet (&dealer, 10);
	assert_int_equal (gate_router_send (s_router, dealer.rid, body, no, NULL), SIAGA_ENOTFOUND);
	assert_int_equal (gate_router_send (s_router, dealer.rid, body, yes, NULL), 0);
	void *handle = zsock_resolve (dealer.socket);
	assert_int_equal (zmq_recv (handle, got, sizeof got, 0), 0);
	assert_int_equal (zmq_recv (handle, got, sizeof got, 0), 6);
	dealer.rid[1] ^= 1;
	assert_int_equal (gate_router_send (s_router, dealer.rid, body, yes, NULL),
			  SIAGA_ENOTFOUND);
	zsock_destroy (&dealer.socket);
}

/* Its queue fills up, others' do not, and nobody waits. */
static void
test_peer_that_does_not_read_is_not_waited_for (void **state)
{
	static uint8_t bytes[4096];
	struct siaga_bytes body = {bytes, sizeof bytes};
	struct dealer deaf, honest;
	size_t count = 0;
	int error = 0;

	(void) state;
	dealer_meet (&deaf, 1);
	dealer_meet (&honest, 10);
	uint64_t start_ms = clock_mono_ms ();
	while (!error && count < 100000) {
		error = gate_router_send (s_router, deaf.rid, body, yes, NULL);
		count++;
	}
	assert_int_equal (error, SIAGA_EAGAIN);
	assert_true (count > GATE_SEND_HWM);
	assert_true (clock_mono_ms () - start_ms < PATIENCE_MS);
	assert_int_equal (gate_router_send (s_router, honest.rid, body, yes, NULL), 0);
	assert_int_equal (zmq_recv (zsock_resolve (honest.socket), bytes, sizeof bytes, 0),
			  sizeof bytes);
	zsock_destroy (&deaf.socket);
	zsock_destroy (&honest.socket);
}

/* --- descriptors ------------------------------------------------------------------------------------------- */

#define DESCRIPTORS 64

static struct gate *
gate_half_new (size_t descriptors)
{
	struct gate *gate = calloc (1, sizeof *gate);

	assert_non_null (gate);
	gate->links = calloc (GATE_DESCRIPTORS_MAX, sizeof *gate->links);
	gate->table = gate_table_new ();
	assert_non_null (gate->links);
	assert_non_null (gate->table);
	gate_links_limit (gate, descriptors);
	return gate;
}

static void
gate_half_destroy (struct gate **gate_p)
{
	gate_table_destroy (&(*gate_p)->table);
	free ((*gate_p)->links);
	free (*gate_p);
	*gate_p = NULL;
}

static void
test_descriptor_used_again_is_another_connection (void **state)
{
	struct gate *gate = gate_half_new (1024);

	(void) state;
	gate_link_begin (gate, 7);
	uint64_t first = ++gate->count; /* its handshake is admitted */
	assert_true (gate_link_is_of (gate, 7, first));
	gate_link_end (gate, 7);
	assert_false (gate_link_is_of (gate, 7, first));
	gate_link_begin (gate, 7);
	assert_false (gate_link_is_of (gate, 7, first)); /* a message read late */
	uint64_t second = ++gate->count;
	assert_true (gate_link_is_of (gate, 7, second));
	assert_false (gate_link_is_of (gate, 7, first));
	gate_half_destroy (&gate);
}

static bool
is_shut (int fd)
{
	char byte;

	return recv (fd, &byte, 1, MSG_DONTWAIT) == 0;
}

static void
test_oldest_that_said_nothing_makes_room_for_the_newest (void **state)
{
	struct gate *gate = gate_half_new (GATE_DESCRIPTORS_OWN + DESCRIPTORS);
	int pairs[DESCRIPTORS][2];
	size_t max = gate->stranger_max;

	(void) state;
	assert_in_range (max, 1, DESCRIPTORS / 2);
	assert_true (gate->conn_max + max <= DESCRIPTORS);
	for (size_t i = 0; i < DESCRIPTORS; i++)
		assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM, 0, pairs[i]), 0);
	for (size_t i = 0; i < max; i++)
		gate_link_begin (gate, pairs[i][0]);
	gate_link_took (gate, pairs[1][0], 10); /* has said a word */
	gate_link_begin (gate, pairs[max][0]);
	assert_false (is_shut (pairs[0][1]));
	gate_link_begin (gate, pairs[max + 1][0]);
	assert_true (is_shut (pairs[0][1]));
	gate_link_begin (gate, pairs[max + 2][0]);
	assert_false (is_shut (pairs[1][1]));
	assert_true (is_shut (pairs[2][1]));
	assert_false (is_shut (pairs[3][1]));
	assert_int_equal (gate->stranger_count, max);
	for (size_t i = 0; i < DESCRIPTORS; i++) {
		close (pairs[i][0]);
		close (pairs[i][1]);
	}
	gate_half_destroy (&gate);
}

/* --- the table --------------------------------------------------------------------------------------------- */

static void
test_table_counts_the_connections_of_a_key (void **state)
{
	struct gate_table *table = gate_table_new ();
	uint8_t rid[GATE_RID_BYTES] = {1}, key[SIAGA_KEY_BYTES] = {1};
	struct gate_conn *conns[6];

	(void) state;
	for (uint8_t i = 0; i < 6; i++) {
		rid[1] = i;
		key[1] = i % 2;
		conns[i] = gate_table_add (table, 100 + i, rid, key, 10 + i);
		assert_non_null (conns[i]);
	}
	assert_int_equal (gate_table_count_of (table, key), 3);
	gate_table_remove (table, &conns[1]);
	assert_int_equal (gate_table_count_of (table, key), 2);
	key[1] = 0;
	assert_int_equal (gate_table_count_of (table, key), 3);
	key[1] = 2;
	assert_int_equal (gate_table_count_of (table, key), 0);
	gate_table_destroy (&table);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_router_without_a_handler_admits_nobody),
		cmocka_unit_test (test_router_that_does_not_insist_on_a_handler_is_found_out),
		cmocka_unit_test (test_handler_that_admits_everybody_is_found_out),
		cmocka_unit_test (test_handler_with_an_empty_list_admits_nobody),
		cmocka_unit_test (test_message_names_the_handshake_it_came_by),
		cmocka_unit_test (test_message_for_somebody_else_becomes_an_empty_frame),
		cmocka_unit_test (test_peer_that_does_not_read_is_not_waited_for),
		cmocka_unit_test (test_descriptor_used_again_is_another_connection),
		cmocka_unit_test (test_oldest_that_said_nothing_makes_room_for_the_newest),
		cmocka_unit_test (test_table_counts_the_connections_of_a_key),
	};

	return cmocka_run_group_tests (tests, set_up, tear_down);
}
