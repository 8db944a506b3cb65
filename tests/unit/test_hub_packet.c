/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets go whole, only in their direction, and control before bulk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hub/packet_queue.h"
#include "siaga/error.h"

static uint8_t buffer[PACKET_BYTES_MAX];
static uint8_t large[SIAGA_MESSAGE_MAX];

static void
test_packet_arrives_as_it_was_sent (void **state)
{
	struct packet sent = {.type = PACKET_MESSAGE, .generation = 3, .conn = UINT64_MAX};
	struct packet got;
	struct siaga_bytes payload;
	int fds[2];

	(void) state;
	memset (sent.key, 0xa5, sizeof sent.key);
	memset (large, 0x5a, sizeof large);
	assert_int_equal (packet_pair (fds), 0);
	assert_int_equal (packet_send (fds[1], &sent, (struct siaga_bytes){large, sizeof large}),
			  0);
	assert_int_equal (packet_receive (fds[0], PACKET_FROM_GATE, buffer, &got, &payload), 0);
	assert_memory_equal (&got, &sent, sizeof sent);
	assert_int_equal (payload.size, sizeof large);
	assert_memory_equal (payload.data, large, sizeof large);
	assert_int_equal (packet_receive (fds[0], PACKET_FROM_GATE, buffer, &got, &payload),
			  SIAGA_EAGAIN);
	close (fds[0]);
	close (fds[1]);
}

static void
test_packet_of_the_other_side_is_refused (void **state)
{
	struct packet packet = {.type = 0};

	(void) state;
	for (packet.type = 0; packet.type < PACKET_TYPES + 2; packet.type++) {
		bool from_gate = packet_is_valid (&packet, PACKET_FROM_GATE, 0);
		bool from_core = packet_is_valid (&packet, PACKET_FROM_CORE, 0);
		assert_int_equal (from_gate,
				  packet.type >= PACKET_GATE_UP && packet.type <= PACKET_READY);
		assert_int_equal (from_core,
				  packet.type >= PACKET_CORE_UP && packet.type <= PACKET_CUT);
	}
}

static void
test_packet_payload_has_the_size_its_type_allows (void **state)
{
	struct packet packet = {.type = PACKET_KEYS};

	(void) state;
	assert_true (packet_is_valid (&packet, PACKET_FROM_CORE, 64));
	assert_false (packet_is_valid (&packet, PACKET_FROM_CORE, 65));
	assert_false (packet_is_valid (&packet, PACKET_FROM_CORE, 32 * 1501));
	packet.type = PACKET_CUT;
	assert_false (packet_is_valid (&packet, PACKET_FROM_CORE, 1));
	packet.type = PACKET_SEND;
	assert_false (packet_is_valid (&packet, PACKET_FROM_CORE, SIAGA_MESSAGE_MAX + 1));
}

static void
test_packet_too_short_or_too_long_is_dropped (void **state)
{
	static uint8_t bytes[PACKET_BYTES_MAX + 1] = {PACKET_SEND};
	struct packet packet;
	struct siaga_bytes payload;
	int fds[2];

	(void) state;
	assert_int_equal (packet_pair (fds), 0);
	assert_true (send (fds[1], bytes, sizeof packet - 1, 0) > 0);
	assert_true (send (fds[1], bytes, sizeof bytes, 0) > 0);
	assert_int_equal (packet_receive (fds[0], PACKET_FROM_CORE, buffer, &packet, &payload),
			  SIAGA_EMALFORMED);
	assert_int_equal (packet_receive (fds[0], PACKET_FROM_CORE, buffer, &packet, &payload),
			  SIAGA_EMALFORMED);
	close (fds[1]);
	assert_int_equal (packet_receive (fds[0], PACKET_FROM_CORE, buffer, &packet, &payload),
			  SIAGA_EIO);
	close (fds[0]);
}

static void
test_queue_sends_control_before_bulk (void **state)
{
	struct packet packet = {.type = PACKET_SEND};
	struct packet_queue queue;
	struct siaga_bytes payload = {NULL, 0};

	(void) state;
	packet_queue_init (&queue);
	packet.conn = 1;
	packet_queue_push (&queue, PACKET_BULK, &packet, payload);
	packet.conn = 2;
	packet_queue_push (&queue, PACKET_CONTROL, &packet, payload);
	packet.conn = 3;
	packet_queue_push (&queue, PACKET_CONTROL, &packet, payload);
	for (uint64_t expected = 2; expected != 4; expected = expected == 3 ? 1 : expected + 1) {
		assert_true (packet_queue_first (&queue, &packet, &payload));
		assert_int_equal (packet.conn, expected);
		packet_queue_drop_first (&queue);
		if (expected == 1)
			break;
	}
	assert_true (packet_queue_is_empty (&queue));
	assert_int_equal (queue.bytes[PACKET_CONTROL] + queue.bytes[PACKET_BULK], 0);
	packet_queue_finish (&queue);
}

/* A reader that does not read: the queue keeps the rest in order, and nothing blocks. */
static void
test_queue_waits_for_room_and_loses_nothing (void **state)
{
	struct packet packet = {.type = PACKET_MESSAGE};
	struct packet_queue queue;
	struct siaga_bytes payload = {large, sizeof large};
	const uint64_t count = 500;
	uint64_t got = 0;
	int fds[2];

	(void) state;
	assert_int_equal (packet_pair (fds), 0);
	packet_queue_init (&queue);
	for (packet.conn = 0; packet.conn < count; packet.conn++)
		packet_queue_push (&queue, PACKET_CONTROL, &packet, payload);
	assert_int_equal (packet_queue_flush (&queue, fds[1]), SIAGA_EAGAIN);
	while (got < count) {
		int error = packet_receive (fds[0], PACKET_FROM_GATE, buffer, &packet, &payload);
		if (error == SIAGA_EAGAIN) {
			packet_queue_flush (&queue, fds[1]);
			continue;
		}
		assert_int_equal (error, 0);
		assert_int_equal (packet.conn, got++);
	}
	assert_int_equal (packet_queue_flush (&queue, fds[1]), 0);
	packet_queue_finish (&queue);
	close (fds[0]);
	close (fds[1]);
}

int
main (void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test (test_packet_arrives_as_it_was_sent),
		cmocka_unit_test (test_packet_of_the_other_side_is_refused),
		cmocka_unit_test (test_packet_payload_has_the_size_its_type_allows),
		cmocka_unit_test (test_packet_too_short_or_too_long_is_dropped),
		cmocka_unit_test (test_queue_sends_control_before_bulk),
		cmocka_unit_test (test_queue_waits_for_room_and_loses_nothing),
	};

	return cmocka_run_group_tests (tests, NULL, NULL);
}
